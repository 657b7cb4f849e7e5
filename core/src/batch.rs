//! The kernel under everything: many affine additions that share one inversion.
//!
//! This is the one place that a vector unit would replace. Its contract is made for that: pairs are neighbours in
//! one slice, identities and opposite points have been sorted out by `sum`, and no two outputs share a slot.
//! `kernel()` names the code that runs; a second kernel is chosen there, by run-time detection, and dispatched
//! in `add_pairs`.

use crate::field::Fe;
use crate::point::Affine;

/// The name of the kernel in use.
pub fn kernel() -> &'static str {
    "portable"
}

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

/// Memory reused from batch to batch.
#[derive(Default)]
pub struct Scratch {
    /// What the slope of pair i is divided by.
    divisors: Vec<Fe>,
    /// `divisors[2j] * divisors[2j+1]`.
    couples: Vec<Fe>,
    /// Product of the couples before j.
    prefixes: Vec<Fe>,
}

/// Sets `out[slot]` for every pair.
///
/// Requires: pairs within `points`, slots within `out`, no identity and no two opposite points in a pair. Handles
/// equal points (by doubling). Ensures: canonical coordinates.
/// Cost: 5 multiplications and 1 square per pair, 1 square more to double, and one inversion in all; so the work is
/// bounded by the number of pairs, whoever chose the points. Timing: depends on which points are equal.
#[inline(never)]
pub fn add_pairs(points: &[Affine], pairs: &[Pair], out: &mut [Affine], scratch: &mut Scratch) {
    if pairs.is_empty() {
        return;
    }
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
