//! Vectors between memory and registers: the kernel's only unsafe code, and the change between eight records of four
//! or eight words and vectors of digits.

use crate::limbs::Limbs;
use crate::point::Affine;
use std::arch::x86_64::*;

/// Eight 64-bit lanes.
pub type V = __m512i;
/// Eight numbers in five digits of 52 bits, least significant first.
pub type Digits = [V; 5];

/// The value of 52 set bits.
pub const MASK: u64 = (1 << 52) - 1;

/// The same word in every lane.
#[inline]
#[target_feature(enable = "avx512f")]
pub fn splat(word: u64) -> V {
    _mm512_set1_epi64(word as i64)
}

#[inline]
#[target_feature(enable = "avx512f")]
pub fn zero() -> Digits {
    [_mm512_setzero_si512(); 5]
}

#[inline]
#[target_feature(enable = "avx512f")]
#[allow(unsafe_code)]
pub fn load(words: &[u64; 8]) -> V {
    // SAFETY: the reference covers the 64 bytes that are read; any bits are a vector.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

/// Sixteen big-endian words.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
#[allow(unsafe_code)]
pub fn load_block(bytes: &[u8; 64]) -> V {
    // SAFETY: the reference covers the 64 bytes that are read; any bits are a vector.
    let words = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
    let reversed = _mm512_set4_epi32(0x0C0D_0E0F, 0x0809_0A0B, 0x0405_0607, 0x0001_0203);
    _mm512_shuffle_epi8(words, reversed)
}

#[inline]
#[target_feature(enable = "avx512f")]
#[allow(unsafe_code)]
pub fn load32(words: &[u32; 16]) -> V {
    // SAFETY: the reference covers the 64 bytes that are read; any bits are a vector.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
#[allow(unsafe_code)]
pub fn store32(vector: V, words: &mut [u32; 16]) {
    // SAFETY: the exclusive reference covers the 64 bytes that are written.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), vector) }
}

/// Four words, and zeros above.
#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
#[allow(unsafe_code)]
fn load_limbs(limbs: &Limbs) -> V {
    // SAFETY: the reference covers the 32 bytes that are read; any bits are a vector.
    _mm512_zextsi256_si512(unsafe { _mm256_loadu_si256(limbs.as_ptr().cast()) })
}

#[inline]
#[target_feature(enable = "avx512f")]
#[allow(unsafe_code)]
fn load_point(point: &Affine) -> V {
    const { assert!(size_of::<Affine>() == 64) };
    // SAFETY: a point is eight words without padding (repr(C), asserted above), all of them behind the reference.
    unsafe { _mm512_loadu_si512(std::ptr::from_ref(point).cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
#[allow(unsafe_code)]
fn store_point(vector: V, point: &mut Affine) {
    // SAFETY: as above, with an exclusive reference; any eight words are a value of the type.
    unsafe { _mm512_storeu_si512(std::ptr::from_mut(point).cast(), vector) }
}

#[inline]
#[target_feature(enable = "avx512f")]
#[allow(unsafe_code)]
pub fn store(vector: V, words: &mut [u64; 8]) {
    // SAFETY: the exclusive reference covers the 64 bytes that are written.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), vector) }
}

/// Transposes eight rows of eight words.
#[inline]
#[target_feature(enable = "avx512f")]
fn transposed(r: &[V; 8]) -> [V; 8] {
    let low = |a, b| _mm512_unpacklo_epi64(a, b);
    let high = |a, b| _mm512_unpackhi_epi64(a, b);
    let even = |a, b| _mm512_shuffle_i64x2::<0x88>(a, b);
    let odd = |a, b| _mm512_shuffle_i64x2::<0xDD>(a, b);
    let (a0, a1, a2, a3) = (low(r[0], r[1]), high(r[0], r[1]), low(r[2], r[3]), high(r[2], r[3]));
    let (a4, a5, a6, a7) = (low(r[4], r[5]), high(r[4], r[5]), low(r[6], r[7]), high(r[6], r[7]));
    let (b0, b1, b2, b3) = (even(a0, a2), even(a1, a3), odd(a0, a2), odd(a1, a3));
    let (b4, b5, b6, b7) = (even(a4, a6), even(a5, a7), odd(a4, a6), odd(a5, a7));
    [
        even(b0, b4),
        even(b1, b5),
        even(b2, b6),
        even(b3, b7),
        odd(b0, b4),
        odd(b1, b5),
        odd(b2, b6),
        odd(b3, b7),
    ]
}

/// Words 0..4 of eight numbers, most often the four vectors of a coordinate, cut into digits.
#[inline]
#[target_feature(enable = "avx512f,avx512vbmi2")]
pub fn split(words: &[V; 4]) -> Digits {
    let mask = splat(MASK);
    [
        _mm512_and_si512(words[0], mask),
        _mm512_and_si512(_mm512_shrdi_epi64::<52>(words[0], words[1]), mask),
        _mm512_and_si512(_mm512_shrdi_epi64::<40>(words[1], words[2]), mask),
        _mm512_and_si512(_mm512_shrdi_epi64::<28>(words[2], words[3]), mask),
        _mm512_srli_epi64::<16>(words[3]),
    ]
}

/// The inverse of `split`. Requires: numbers below 2^256, digits below 2^52.
#[inline]
#[target_feature(enable = "avx512f")]
pub fn join(d: &Digits) -> [V; 4] {
    [
        _mm512_or_si512(d[0], _mm512_slli_epi64::<52>(d[1])),
        _mm512_or_si512(_mm512_srli_epi64::<12>(d[1]), _mm512_slli_epi64::<40>(d[2])),
        _mm512_or_si512(_mm512_srli_epi64::<24>(d[2]), _mm512_slli_epi64::<28>(d[3])),
        _mm512_or_si512(_mm512_srli_epi64::<36>(d[3]), _mm512_slli_epi64::<16>(d[4])),
    ]
}

/// The words of eight points: x in the first four vectors, y in the others.
#[inline]
#[target_feature(enable = "avx512f")]
pub fn load_points(points: [&Affine; 8]) -> [V; 8] {
    let mut rows = [_mm512_setzero_si512(); 8];
    for (row, point) in rows.iter_mut().zip(points) {
        *row = load_point(point);
    }
    transposed(&rows)
}

/// Eight points from the words of their coordinates, as vectors to store one by one.
#[inline]
#[target_feature(enable = "avx512f")]
pub fn point_rows(x: &[V; 4], y: &[V; 4]) -> [V; 8] {
    transposed(&[x[0], x[1], x[2], x[3], y[0], y[1], y[2], y[3]])
}

/// Writes one row of `point_rows`.
#[inline]
#[target_feature(enable = "avx512f")]
pub fn write_point(row: V, point: &mut Affine) {
    store_point(row, point);
}

/// The eight numbers as words. Requires: as `join`.
#[target_feature(enable = "avx512f")]
pub fn to_limbs(d: &Digits) -> [Limbs; 8] {
    let words = join(d);
    let mut out = [[0; 4]; 8];
    for (i, vector) in words.iter().enumerate() {
        let mut lanes = [0; 8];
        store(*vector, &mut lanes);
        for (number, lane) in out.iter_mut().zip(lanes) {
            number[i] = lane;
        }
    }
    out
}

/// Eight numbers as digits.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512vbmi2")]
pub fn from_limbs(numbers: &[Limbs; 8]) -> Digits {
    let mut rows = [_mm512_setzero_si512(); 8];
    for (row, number) in rows.iter_mut().zip(numbers) {
        *row = load_limbs(number);
    }
    let [a, b, c, d, ..] = transposed(&rows);
    split(&[a, b, c, d])
}
