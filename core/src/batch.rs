//! The kernel under everything: many affine additions that share one inversion.
//!
//! This is the one place that a vector unit would replace. Its contract is made for that: pairs come as indices
//! into one slice, equal and opposite points have been sorted out by `sum`, and no two outputs share a slot.
//! `kernel()` names the code that runs; a second kernel is chosen there, by run-time detection, and dispatched
//! in `add_pairs`.

use crate::field::Fe;
use crate::point::Affine;
use std::ops::Add;

/// The name of the kernel in use.
pub fn kernel() -> &'static str {
    "portable"
}

/// A point of a slice, or its inverse: index and sign in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Term(u32);

impl zeroize::DefaultIsZeroes for Term {}

impl Term {
    /// How many points a slice can have.
    pub const LIMIT: usize = 1 << 31;

    /// Requires: `index < LIMIT`.
    #[inline(always)]
    pub fn new(index: usize, negative: bool) -> Term {
        debug_assert!(index < Term::LIMIT);
        Term((index as u32) << 1 | negative as u32)
    }

    #[inline(always)]
    pub fn index(self) -> usize {
        (self.0 >> 1) as usize
    }

    #[inline(always)]
    fn is_negative(self) -> bool {
        self.0 & 1 == 1
    }

    /// The point meant, sign applied.
    #[inline(always)]
    pub fn point(self, points: &[Affine]) -> Affine {
        let point = points[self.index()];
        if self.is_negative() { point.negate() } else { point }
    }

    /// The y meant, without a branch on the sign. Requires: not the identity.
    #[inline(always)]
    fn y(self, point: &Affine) -> Fe {
        let mask = ((self.0 & 1) as u64).wrapping_neg();
        let (y, negated) = (point.y.0, point.y.negate().0);
        Fe(std::array::from_fn(|i| (y[i] & !mask) | (negated[i] & mask)))
    }
}

/// One addition: `out[slot] = a + b`.
#[derive(Clone, Copy)]
pub struct Pair {
    pub a: Term,
    pub b: Term,
    pub slot: u32,
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

/// Sets `out[slot] = a + b` for every pair.
///
/// Requires: indices within `points`, slots within `out`, no identity and no two opposite points in a pair.
/// Handles equal points (by doubling). Ensures: canonical coordinates.
/// Cost: 5 multiplications and 1 square per pair, 1 square more to double, and one inversion in all; so the work is
/// bounded by the number of pairs, whoever chose the points. Timing: depends on which points are equal.
pub fn add_pairs(points: &[Affine], pairs: &[Pair], out: &mut [Affine], scratch: &mut Scratch) {
    if pairs.is_empty() {
        return;
    }
    let product = multiply_divisors(points, pairs, scratch);
    let mut inverse = product.invert();
    // Backwards, `inverse` is the inverse of the product of couples 0..=j.
    for j in (0..scratch.couples.len()).rev() {
        let couple_inverse = inverse.multiply(scratch.prefixes[j]);
        inverse = inverse.multiply(scratch.couples[j]);
        let (first, second) = (scratch.divisors[2 * j], scratch.divisors[2 * j + 1]);
        if let Some(pair) = pairs.get(2 * j + 1) {
            out[pair.slot as usize] = finish(points, pair, couple_inverse.multiply(first));
        }
        let pair = &pairs[2 * j];
        out[pair.slot as usize] = finish(points, pair, couple_inverse.multiply(second));
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
        let both = first.multiply(second);
        divisors.extend([first, second]);
        couples.push(both);
        prefixes.push(product);
        product = product.multiply(both);
    }
    product
}

/// `b.x - a.x`, or `2 a.y` where the points are equal. Never zero under the contract of `add_pairs`.
#[inline(always)]
fn divisor(points: &[Affine], pair: &Pair) -> Fe {
    let (a, b) = (&points[pair.a.index()], &points[pair.b.index()]);
    let difference = b.x.subtract(a.x);
    if difference == Fe::ZERO {
        let y = pair.a.y(a);
        return y.add(y);
    }
    difference
}

/// The sum of a pair, given the inverse of its divisor.
#[inline(always)]
fn finish(points: &[Affine], pair: &Pair, inverse: Fe) -> Affine {
    let (a, b) = (&points[pair.a.index()], &points[pair.b.index()]);
    let (ay, by) = (pair.a.y(a), pair.b.y(b));
    let rise = if a.x == b.x {
        let square = a.x.square();
        square.add(square).add(square)
    } else {
        by.subtract(ay)
    };
    let slope = rise.multiply(inverse);
    let x = slope.square().subtract(a.x).subtract(b.x).canonical();
    let y = slope.multiply(a.x.subtract(x)).subtract(ay).canonical();
    Affine { x, y }
}
