//! The sumcheck's bound rows on eight elements at a time (`sumcheck::vectors` owns the memory).
//!
//! A row is a whole number of octets: eight neighbouring elements, digit by digit. Octets of even positions come before
//! those of odd ones; what is missing to a whole octet is congruent to zero and stays so.

use super::lanes::{Digits, load, splat, store};
use super::scalar::{
    SUM_TERMS, WideSum, add_product, add_square, multiply, multiply_onto, no_squares, reduce, reduce_squares,
    subtract, to_scalars,
};
use super::{Token, lanes};
use crate::limbs::Limbs;
use crate::scalar::Scalar;
use std::arch::x86_64::*;

/// Eight elements in digits of 52 bits: digit i of all in array i.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Octet([[u64; 8]; 5]);

impl zeroize::DefaultIsZeroes for Octet {}

/// How a row is laid out: octets in all, and how many of them stand for even positions.
#[derive(Clone, Copy)]
pub struct Shape {
    pub octets: usize,
    pub evens: usize,
}

/// Sums over pairs of rows u, v = u + d, weighted, of even and of odd positions apart: of u·d and of d².
#[derive(Clone, Copy, Default)]
pub struct Sums {
    pub ud: [Scalar; 2],
    pub dd: [Scalar; 2],
}

impl Sums {
    pub fn plus(&self, other: &Sums) -> Sums {
        let add = |a: [Scalar; 2], b: [Scalar; 2]| [a[0] + b[0], a[1] + b[1]];
        Sums { ud: add(self.ud, other.ud), dd: add(self.dd, other.dd) }
    }
}

/// Sums over the pairs of `rows` with a weight each. Requires: `2 * weights.len()` whole rows.
///
/// Cost: 80 multiplier instructions per pair of octets, and about 500 per pair of rows.
#[allow(unsafe_code)]
pub fn sum_pairs(_: Token, rows: &[Octet], shape: Shape, weights: &[Scalar]) -> Sums {
    // SAFETY: the token says that the processor has the features.
    unsafe { sum_pairs_here(rows, shape, weights) }
}

/// Replaces each pair of rows u, v by u + r (v - u). Requires: twice as many octets in `rows` as in `bound`, whole rows.
#[allow(unsafe_code)]
pub fn bind_pairs(_: Token, rows: &[Octet], shape: Shape, r: Scalar, bound: &mut [Octet]) {
    // SAFETY: the token says that the processor has the features.
    unsafe { bind_pairs_here(rows, shape, r, bound) }
}

/// Eight numbers below 2^256 in digits.
#[allow(unsafe_code)]
pub fn pack(_: Token, numbers: &[Limbs; 8]) -> Octet {
    // SAFETY: the token says that the processor has the features.
    unsafe { pack_here(numbers) }
}

/// Writes the products of scalars and scales over 2^260, eight to an octet. What is missing to the last one is zero.
#[allow(unsafe_code)]
pub fn pack_products(_: Token, scalars: &[Scalar], scales: &[Octet], octets: &mut [Octet]) {
    // SAFETY: the token says that the processor has the features.
    unsafe { pack_products_here(scalars, scales, octets) }
}

/// The portable scalars whose Montgomery form is congruent to the numbers.
#[allow(unsafe_code)]
pub fn unpack(_: Token, octet: &Octet) -> [Scalar; 8] {
    // SAFETY: the token says that the processor has the features.
    unsafe { to_scalars(&read(octet)) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn read(octet: &Octet) -> Digits {
    let [a, b, c, d, e] = &octet.0;
    [load(a), load(b), load(c), load(d), load(e)]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn write(digits: &Digits, octet: &mut Octet) {
    for (vector, words) in digits.iter().zip(&mut octet.0) {
        store(*vector, words);
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512vbmi2")]
fn pack_here(numbers: &[Limbs; 8]) -> Octet {
    let mut octet = Octet::default();
    write(&lanes::from_limbs(numbers), &mut octet);
    octet
}

#[target_feature(enable = "avx512f,avx512vl,avx512ifma,avx512vbmi2")]
fn pack_products_here(scalars: &[Scalar], scales: &[Octet], octets: &mut [Octet]) {
    for ((scalars, scale), octet) in scalars.chunks(8).zip(scales).zip(octets) {
        let mut numbers = [[0; 4]; 8];
        for (number, scalar) in numbers.iter_mut().zip(scalars) {
            *number = scalar.0;
        }
        let digits = lanes::from_limbs(&numbers);
        if !are_zero(&digits, &digits) {
            write(&multiply(&digits, &read(scale)), octet);
        }
    }
}

/// Whether both octets are zero in every lane.
#[inline]
#[target_feature(enable = "avx512f")]
fn are_zero(u: &Digits, v: &Digits) -> bool {
    let mut any = _mm512_or_si512(u[0], v[0]);
    for i in 1..5 {
        any = _mm512_or_si512(any, _mm512_or_si512(u[i], v[i]));
    }
    _mm512_test_epi64_mask(any, any) == 0
}

/// The same scalar in every lane, as it stands.
#[inline]
#[target_feature(enable = "avx512f,avx512vbmi2")]
fn everywhere(scalar: Scalar) -> Digits {
    let [a, b, c, d] = scalar.0;
    lanes::split(&[splat(a), splat(b), splat(c), splat(d)])
}

#[target_feature(enable = "avx512f,avx512vl,avx512ifma,avx512vbmi2")]
fn sum_pairs_here(rows: &[Octet], shape: Shape, weights: &[Scalar]) -> Sums {
    let mut total = Sums::default();
    // The weighted sums are wide sums, too, and are reduced before they are full.
    let pairs = rows.chunks_exact(2 * shape.octets);
    for (pairs, weights) in Blocks(pairs).zip(weights.chunks(SUM_TERMS)) {
        let (mut ud, mut dd) = ([[splat(0); 10]; 2], [[splat(0); 10]; 2]);
        for (pair, weight) in pairs.zip(weights) {
            let (u, v) = pair.split_at(shape.octets);
            let weight = everywhere(*weight);
            let (u, v) = (u.split_at(shape.evens), v.split_at(shape.evens));
            add_weighted(u.0, v.0, &weight, &mut ud[0], &mut dd[0]);
            add_weighted(u.1, v.1, &weight, &mut ud[1], &mut dd[1]);
        }
        for parity in 0..2 {
            total.ud[parity] = total.ud[parity] + lane_sum(&ud[parity]);
            total.dd[parity] = total.dd[parity] + lane_sum(&dd[parity]);
        }
    }
    total
}

/// Chunks of `SUM_TERMS` of an iterator that can be cut.
struct Blocks<'a>(std::slice::ChunksExact<'a, Octet>);

impl<'a> Iterator for Blocks<'a> {
    type Item = std::iter::Take<std::slice::ChunksExact<'a, Octet>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.len() == 0 {
            return None;
        }
        let block = self.0.clone().take(SUM_TERMS);
        self.0.nth(SUM_TERMS - 1);
        Some(block)
    }
}

/// Adds weight * sum(u d) and weight * sum(d²) to the wide sums.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn add_weighted(u: &[Octet], v: &[Octet], weight: &Digits, ud: &mut WideSum, dd: &mut WideSum) {
    for (u, v) in u.chunks(SUM_TERMS).zip(v.chunks(SUM_TERMS)) {
        let (mut products, mut squares) = ([splat(0); 10], no_squares());
        let mut any = false;
        for (u, v) in u.iter().zip(v) {
            let (u, v) = (read(u), read(v));
            if !are_zero(&u, &v) {
                let d = subtract(&v, &u);
                add_product(&mut products, &u, &d);
                add_square(&mut squares, &d);
                any = true;
            }
        }
        if any {
            add_product(ud, &reduce(&products), weight);
            add_product(dd, &reduce_squares(&squares), weight);
        }
    }
}

/// The sum of all lanes of a wide sum.
#[target_feature(enable = "avx512f,avx512ifma")]
fn lane_sum(sum: &WideSum) -> Scalar {
    to_scalars(&reduce(sum)).into_iter().fold(Scalar::ZERO, |total, lane| total + lane)
}

#[target_feature(enable = "avx512f,avx512vl,avx512ifma,avx512vbmi2")]
fn bind_pairs_here(rows: &[Octet], shape: Shape, r: Scalar, bound: &mut [Octet]) {
    let r = everywhere(r);
    for (bound, pair) in bound.chunks_exact_mut(shape.octets).zip(rows.chunks_exact(2 * shape.octets)) {
        let (u, v) = pair.split_at(shape.octets);
        for ((out, u), v) in bound.iter_mut().zip(u).zip(v) {
            let (u, v) = (read(u), read(v));
            if are_zero(&u, &v) {
                *out = Octet::default();
            } else {
                write(&multiply_onto(&u, &subtract(&v, &u), &r), out);
            }
        }
    }
}
