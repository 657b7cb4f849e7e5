//! Scalars mod n = 2^256 - C, eight at a time, in Montgomery form with R = 2^260.
//!
//! Digits are always below 2^52. A *folded* number is below 2^256 + 2^146, which is what is stored; a *loose* one below
//! 2^258, what a multiplication takes. The portable form has R = 2^256. Passing from one to the other is a factor of
//! 16, which callers put into numbers that are multiplied anyway.

use super::field::{carry, carry_signed, wide_product};
use super::lanes::{Digits, MASK, V, splat};
use crate::scalar::Scalar;
use std::arch::x86_64::*;

/// n in digits.
const N: [u64; 5] = [0x2_5E8C_D036_4141, 0xE_6AF4_8A03_BBFD, 0xF_FFFF_FEBA_AEDC, MASK, (1 << 48) - 1];
/// -1/n mod 2^52.
const N_INVERSE: u64 = 0xD_FF66_5588_B13F;
/// C = 2^256 mod n in digits.
const C: [u64; 3] = [0xD_A173_2FC9_BEBF, 0x1_950B_75FC_4402, 0x145_5123];

/// A sum of products, unreduced. Each product adds less than 2^56 to a digit: at most `SUM_TERMS` fit.
pub type WideSum = [V; 10];

/// How many products a `WideSum` takes.
pub const SUM_TERMS: usize = 240;

/// Adds a product. Requires: loose.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn add_product(sum: &mut WideSum, a: &Digits, b: &Digits) {
    for i in 0..5 {
        for j in 0..5 {
            sum[i + j] = _mm512_madd52lo_epu64(sum[i + j], a[i], b[j]);
            sum[i + j + 1] = _mm512_madd52hi_epu64(sum[i + j + 1], a[i], b[j]);
        }
    }
}

/// A sum of squares: products of two different digits, which count twice, apart from the squares of digits.
#[derive(Clone, Copy)]
pub struct SquareSum {
    mixed: WideSum,
    squares: WideSum,
}

#[inline]
#[target_feature(enable = "avx512f")]
pub fn no_squares() -> SquareSum {
    SquareSum { mixed: [splat(0); 10], squares: [splat(0); 10] }
}

/// Adds a square. Requires: loose. At most `SUM_TERMS`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn add_square(sum: &mut SquareSum, a: &Digits) {
    for i in 0..5 {
        for j in i + 1..5 {
            sum.mixed[i + j] = _mm512_madd52lo_epu64(sum.mixed[i + j], a[i], a[j]);
            sum.mixed[i + j + 1] = _mm512_madd52hi_epu64(sum.mixed[i + j + 1], a[i], a[j]);
        }
        sum.squares[2 * i] = _mm512_madd52lo_epu64(sum.squares[2 * i], a[i], a[i]);
        sum.squares[2 * i + 1] = _mm512_madd52hi_epu64(sum.squares[2 * i + 1], a[i], a[i]);
    }
}

/// The sum of squares, reduced and folded.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn reduce_squares(sum: &SquareSum) -> Digits {
    let mut joined = sum.squares;
    for (joined, mixed) in joined.iter_mut().zip(sum.mixed) {
        *joined = _mm512_add_epi64(*joined, _mm512_add_epi64(mixed, mixed));
    }
    reduce(&joined)
}

/// A folded number congruent to the sum over 2^260. Five steps of Montgomery's, then what exceeds 2^256 is folded.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn reduce(sum: &WideSum) -> Digits {
    let mut c = *sum;
    let inverse = splat(N_INVERSE);
    for i in 0..5 {
        let q = _mm512_madd52lo_epu64(splat(0), c[i], inverse);
        for j in 0..5 {
            c[i + j] = _mm512_madd52lo_epu64(c[i + j], q, splat(N[j]));
            c[i + j + 1] = _mm512_madd52hi_epu64(c[i + j + 1], q, splat(N[j]));
        }
        c[i + 1] = _mm512_add_epi64(c[i + 1], _mm512_srli_epi64::<52>(c[i]));
    }
    let mut d = [c[5], c[6], c[7], c[8], c[9]];
    carry(&mut d);
    fold(&d)
}

/// A folded number congruent to one whose top digit may exceed 52 bits, but is below 2^63.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn fold(d: &Digits) -> Digits {
    let mut d = *d;
    let above = _mm512_srli_epi64::<48>(d[4]);
    d[4] = _mm512_and_si512(d[4], splat((1 << 48) - 1));
    for j in 0..3 {
        d[j] = _mm512_madd52lo_epu64(d[j], above, splat(C[j]));
        d[j + 1] = _mm512_madd52hi_epu64(d[j + 1], above, splat(C[j]));
    }
    carry(&mut d);
    d
}

/// The product over 2^260, folded. Requires: loose.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn multiply(a: &Digits, b: &Digits) -> Digits {
    reduce(&wide_product(a, b))
}

/// `u + d * r`, folded. Requires: u folded, the others loose.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn multiply_onto(u: &Digits, d: &Digits, r: &Digits) -> Digits {
    let mut sum = multiply(d, r);
    for i in 0..5 {
        sum[i] = _mm512_add_epi64(sum[i], u[i]);
    }
    fold(&sum)
}

/// `a - b`, loose. Requires: folded.
#[inline]
#[target_feature(enable = "avx512f")]
pub fn subtract(a: &Digits, b: &Digits) -> Digits {
    let mut d = *a;
    for i in 0..5 {
        d[i] = _mm512_add_epi64(_mm512_sub_epi64(a[i], b[i]), splat(2 * N[i]));
    }
    carry_signed(&mut d);
    d
}

/// The portable scalar whose Montgomery form is congruent to each lane's number. Requires: folded.
#[target_feature(enable = "avx512f")]
pub fn to_scalars(d: &Digits) -> [Scalar; 8] {
    let mut words = [[0; 8]; 5];
    for (vector, words) in d.iter().zip(&mut words) {
        super::lanes::store(*vector, words);
    }
    std::array::from_fn(|lane| {
        let [a, b, c, d, e] = words.map(|digit| digit[lane]);
        let low = [a | b << 52, b >> 12 | c << 40, c >> 24 | d << 28, d >> 36 | e << 16];
        Scalar::from_montgomery(low, e >> 48)
    })
}
