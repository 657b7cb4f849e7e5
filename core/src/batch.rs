//! The kernel under everything: many affine additions that share one inversion.
//!
//! This is the one place that does point arithmetic in bulk, and its contract is made for vector units: pairs are
//! neighbours in one slice, identities and opposite points have been sorted out by `sum`, and no two outputs share a
//! slot. The portable form stands here, the AVX-512 IFMA one in `ifma::adder`; an `Adder` does what its kernel says.

use crate::field::Fe;
#[cfg(target_arch = "x86_64")]
use crate::ifma;
use crate::kernel::Kernel;
use crate::point::Affine;

/// One addition: `out[slot] = points[first] + points[first + 1]`.
#[derive(Clone, Copy)]
pub struct Pair {
    pub first: u32,
    pub slot: u32,
}

impl Pair {
    #[inline(always)]
    fn points(self, points: &[Affine]) -> (&Affine, &Affine) {
        (&points[self.first as usize], &points[self.first as usize + 1])
    }
}

/// Adds pairs with one kernel; keeps its memory from batch to batch.
pub struct Adder {
    scratch: Scratch,
    #[cfg(target_arch = "x86_64")]
    vectors: Option<(ifma::Token, ifma::adder::Scratch)>,
}

impl Default for Adder {
    fn default() -> Adder {
        Adder::new(Kernel::default())
    }
}

impl Adder {
    /// Of a kernel that this processor lacks, the portable one is taken.
    pub fn new(kernel: Kernel) -> Adder {
        #[cfg(target_arch = "x86_64")]
        let vectors = match kernel {
            Kernel::Portable => None,
            Kernel::Ifma => ifma::Token::new().map(|token| (token, Default::default())),
        };
        #[cfg(not(target_arch = "x86_64"))]
        let _ = kernel;
        Adder {
            scratch: Scratch::default(),
            #[cfg(target_arch = "x86_64")]
            vectors,
        }
    }

    /// Sets `out[slot]` for every pair.
    ///
    /// Requires: pairs within `points`, slots within `out`, points canonical and on the curve, no identity and no two
    /// opposite points in a pair. Handles equal points (by doubling). Ensures: canonical coordinates, the same with every
    /// kernel. Cost: 5 multiplications and 1 square per pair, 1 square more to double, and one inversion in all; so the
    /// work is bounded by the number of pairs, whoever chose the points. Timing: depends on which points are equal.
    pub fn add_pairs(&mut self, points: &[Affine], pairs: &[Pair], out: &mut [Affine]) {
        if pairs.is_empty() {
            return;
        }
        #[cfg(target_arch = "x86_64")]
        if let Some((token, scratch)) = &mut self.vectors {
            return ifma::adder::add_pairs(*token, points, pairs, out, scratch);
        }
        add_pairs(points, pairs, out, &mut self.scratch);
    }
}

/// Memory of the portable kernel.
#[derive(Default)]
struct Scratch {
    /// What the slope of pair i is divided by.
    divisors: Vec<Fe>,
    /// `divisors[2j] * divisors[2j+1]`.
    couples: Vec<Fe>,
    /// Product of the couples before j.
    prefixes: Vec<Fe>,
}

/// The portable kernel.
#[inline(never)]
fn add_pairs(points: &[Affine], pairs: &[Pair], out: &mut [Affine], scratch: &mut Scratch) {
    let product = multiply_divisors(points, pairs, scratch);
    let mut inverse = product.invert();
    // Backwards, `inverse` is the inverse of the product of couples 0..=j.
    for j in (0..scratch.couples.len()).rev() {
        let couple_inverse = inverse * scratch.prefixes[j];
        inverse = inverse * scratch.couples[j];
        let (first, second) = (scratch.divisors[2 * j], scratch.divisors[2 * j + 1]);
        if let Some(pair) = pairs.get(2 * j + 1) {
            out[pair.slot as usize] = finish(points, pair, couple_inverse * first);
        }
        let pair = &pairs[2 * j];
        out[pair.slot as usize] = finish(points, pair, couple_inverse * second);
    }
}

/// Fills the scratch; returns the product of all divisors. Taking them two by two halves the chain of dependent
/// multiplications and costs none more: 1 per pair here, 2 on the way back.
#[inline(always)]
fn multiply_divisors(points: &[Affine], pairs: &[Pair], scratch: &mut Scratch) -> Fe {
    let Scratch { divisors, couples, prefixes } = scratch;
    divisors.clear();
    couples.clear();
    prefixes.clear();
    let mut product = Fe::ONE;
    for couple in pairs.chunks(2) {
        let first = divisor(points, &couple[0]);
        let second = couple.get(1).map_or(Fe::ONE, |pair| divisor(points, pair));
        let both = first * second;
        divisors.extend([first, second]);
        couples.push(both);
        prefixes.push(product);
        product = product * both;
    }
    product
}

/// `b.x - a.x`, or `2 a.y` where the points are equal. Never zero under the contract of `add_pairs`.
#[inline(always)]
fn divisor(points: &[Affine], pair: &Pair) -> Fe {
    let (a, b) = pair.points(points);
    let difference = b.x - a.x;
    if difference == Fe::ZERO { a.y + a.y } else { difference }
}

/// The sum of a pair, given the inverse of its divisor.
#[inline(always)]
fn finish(points: &[Affine], pair: &Pair, inverse: Fe) -> Affine {
    let (a, b) = pair.points(points);
    let rise = if a.x == b.x {
        let square = a.x.square();
        square + square + square
    } else {
        b.y - a.y
    };
    let slope = rise * inverse;
    let x = (slope.square() - a.x - b.x).canonical();
    let y = (slope * (a.x - x) - a.y).canonical();
    Affine { x, y }
}
