//! The coordinate field mod p = 2^256 - FOLD, eight numbers at a time, lazily reduced.
//!
//! Digits are always below 2^52, which is what the multiplier reads. Three ranges of values are told apart:
//! *canonical* is below p; *close* below 2^256 + 2^215, what a multiplication leaves; *loose* below 2^260, what a
//! multiplication takes. A difference adds 4p so as not to become negative.

use super::lanes::{Digits, MASK, V, splat};
use std::arch::x86_64::*;

/// 2^256 - p.
const FOLD: u64 = 0x1_0000_03D1;
/// 2^260 mod p.
const FOLD_260: u64 = FOLD << 4;
/// Bits of a close number's top digit.
const TOP_MASK: u64 = (1 << 48) - 1;
/// 4p in digits.
const FOUR_P: [u64; 5] = [(1 << 52) - 4 * FOLD, MASK, MASK, MASK, (1 << 50) - 1];

/// Adds the low halves of the products of digits to `c`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn add_low(c: &mut V, a: V, b: V) {
    *c = _mm512_madd52lo_epu64(*c, a, b);
}

/// Adds the high halves of the products of digits to `c`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn add_high(c: &mut V, a: V, b: V) {
    *c = _mm512_madd52hi_epu64(*c, a, b);
}

/// Carries from digit to digit, up to the top one, which keeps what exceeds it. Requires: digits not negative.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn carry(d: &mut Digits) {
    let mask = splat(MASK);
    for i in 0..4 {
        d[i + 1] = _mm512_add_epi64(d[i + 1], _mm512_srli_epi64::<52>(d[i]));
        d[i] = _mm512_and_si512(d[i], mask);
    }
}

/// `carry` for digits that may be negative, of a number that is not.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn carry_signed(d: &mut Digits) {
    let mask = splat(MASK);
    for i in 0..4 {
        d[i + 1] = _mm512_add_epi64(d[i + 1], _mm512_srai_epi64::<52>(d[i]));
        d[i] = _mm512_and_si512(d[i], mask);
    }
}

/// The ten digits of a product, uncarried: each is below 10 * 2^52. Requires: digits below 2^52.
///
/// Low and high halves go to accumulators of their own, which shortens the chains of dependent additions.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn wide_product(a: &Digits, b: &Digits) -> [V; 10] {
    let mut low = [_mm512_setzero_si512(); 10];
    let mut high = [_mm512_setzero_si512(); 10];
    for i in 0..5 {
        for j in 0..5 {
            add_low(&mut low[i + j], a[i], b[j]);
            add_high(&mut high[i + j + 1], a[i], b[j]);
        }
    }
    for (low, high) in low.iter_mut().zip(high) {
        *low = _mm512_add_epi64(*low, high);
    }
    low
}

/// The ten digits of a square: products of two different digits are made once and doubled.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn wide_square(a: &Digits) -> [V; 10] {
    let (mut mixed, mut squares) = ([_mm512_setzero_si512(); 10], [_mm512_setzero_si512(); 10]);
    for i in 0..5 {
        for j in i + 1..5 {
            add_low(&mut mixed[i + j], a[i], a[j]);
            add_high(&mut mixed[i + j + 1], a[i], a[j]);
        }
        add_low(&mut squares[2 * i], a[i], a[i]);
        add_high(&mut squares[2 * i + 1], a[i], a[i]);
    }
    for (square, mixed) in squares.iter_mut().zip(mixed) {
        *square = _mm512_add_epi64(*square, _mm512_add_epi64(mixed, mixed));
    }
    squares
}

/// A close number congruent to ten uncarried digits of a number below 2^520, each digit below 2^60.
///
/// The upper five digits, carried, times 2^260 mod p join the lower five; what then stands above bit 256 is folded in.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn reduce(c: &[V; 10]) -> Digits {
    let mut upper = [c[5], c[6], c[7], c[8], c[9]];
    carry(&mut upper);
    let fold = splat(FOLD_260);
    let mut lower = [c[0], c[1], c[2], c[3], c[4]];
    for i in 0..5 {
        add_low(&mut lower[i], upper[i], fold);
    }
    for i in 0..4 {
        add_high(&mut lower[i + 1], upper[i], fold);
    }
    let mut above = _mm512_setzero_si512(); // of weight 2^260, below 2^37
    add_high(&mut above, upper[4], fold);
    folded(&lower, _mm512_slli_epi64::<4>(above))
}

/// A close number congruent to uncarried digits, each below 2^60, plus `above` * 2^256, `above` below 2^50.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn folded(d: &Digits, above: V) -> Digits {
    let mut d = *d;
    let above = _mm512_add_epi64(above, _mm512_srli_epi64::<48>(d[4]));
    d[4] = _mm512_and_si512(d[4], splat(TOP_MASK));
    let fold = splat(FOLD);
    add_low(&mut d[0], above, fold);
    add_high(&mut d[1], above, fold);
    carry(&mut d);
    d
}

/// A close number congruent to a loose one.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn close(d: &Digits) -> Digits {
    folded(d, _mm512_setzero_si512())
}

/// Requires: loose. Ensures: close. Cost: 62 multiplier instructions, about 110 in all.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn multiply(a: &Digits, b: &Digits) -> Digits {
    reduce(&wide_product(a, b))
}

/// Requires: loose. Ensures: close. Cost: 42 multiplier instructions.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn square(a: &Digits) -> Digits {
    reduce(&wide_square(a))
}

/// `a - b`. Requires: `a` close, `b` close or the sum of two canonical numbers. Ensures: loose.
#[inline]
#[target_feature(enable = "avx512f")]
pub fn subtract(a: &Digits, b: &Digits) -> Digits {
    let mut d = [_mm512_setzero_si512(); 5];
    for i in 0..5 {
        d[i] = _mm512_add_epi64(_mm512_sub_epi64(a[i], b[i]), splat(FOUR_P[i]));
    }
    carry_signed(&mut d);
    d
}

/// `a + b`, uncarried: for `subtract`, and for `carried`. Requires: close.
#[inline]
#[target_feature(enable = "avx512f")]
pub fn add_uncarried(a: &Digits, b: &Digits) -> Digits {
    let mut d = [_mm512_setzero_si512(); 5];
    for i in 0..5 {
        d[i] = _mm512_add_epi64(a[i], b[i]);
    }
    d
}

/// The sum of up to eight close numbers, uncarried, as a loose number.
#[inline]
#[target_feature(enable = "avx512f")]
pub fn carried(d: &Digits) -> Digits {
    let mut d = *d;
    carry(&mut d);
    d
}

/// Requires: close. Ensures: canonical.
#[inline]
#[target_feature(enable = "avx512f")]
pub fn canonical(d: &Digits) -> Digits {
    let mut less = *d; // d - p + 2^256, which reaches bit 256 unless d is below p
    less[0] = _mm512_add_epi64(less[0], splat(FOLD));
    carry(&mut less);
    let reaches = _mm512_cmpgt_epu64_mask(less[4], splat(TOP_MASK));
    less[4] = _mm512_and_si512(less[4], splat(TOP_MASK));
    let mut out = *d;
    for i in 0..5 {
        out[i] = _mm512_mask_blend_epi64(reaches, out[i], less[i]);
    }
    out
}
