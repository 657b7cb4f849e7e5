//! `batch::add_pairs` on eight pairs at a time.
//!
//! Pairs are taken in vectors of eight and vectors in blocks of four, and each step of the formulas is done for a
//! whole block: the four chains of dependent instructions hide each other's latency. Forward, the divisors of a
//! block are multiplied together in a tree and the blocks in a chain; backward, the inverse is handed down the same
//! way. Eight lanes make eight products; those are joined by the portable field for one inversion.

use super::Token;
use super::field::{add_uncarried, canonical, carried, close, multiply, square, subtract};
use super::lanes::{self, Digits, load_points, point_rows, split, write_point, zero};
use crate::batch::Pair;
use crate::field::Fe;
use crate::point::Affine;
use std::arch::x86_64::*;

/// Lanes of a vector.
const LANES: usize = 8;
/// Vectors of a block.
const VECTORS: usize = 4;
/// Pairs of a block.
const BLOCK: usize = LANES * VECTORS;

/// A value for each vector of a block.
type Each = [Digits; VECTORS];

/// What the way back needs of a block.
#[derive(Clone, Copy)]
struct Block {
    divisor: Each,
    rise: Each,
    x: Each,
    /// Both x added up, uncarried.
    x_sum: Each,
    y: Each,
    /// Products of vectors 0 and 1, 2 and 3, and of all.
    half: [Digits; 2],
    whole: Digits,
    /// Product of the blocks before.
    prefix: Digits,
}

/// Memory reused from batch to batch.
#[derive(Default)]
pub struct Scratch(Vec<Block>);

/// See `batch::add_pairs`, whose contract this has.
#[allow(unsafe_code)]
pub fn add_pairs(_: Token, points: &[Affine], pairs: &[Pair], out: &mut [Affine], scratch: &mut Scratch) {
    // SAFETY: the token says that the processor has the features.
    unsafe { add_pairs_here(points, pairs, out, scratch) }
}

#[target_feature(enable = "avx512f,avx512vl,avx512ifma,avx512vbmi2")]
fn add_pairs_here(points: &[Affine], pairs: &[Pair], out: &mut [Affine], scratch: &mut Scratch) {
    let count = pairs.len().div_ceil(BLOCK);
    if scratch.0.len() < count {
        scratch.0.resize(count, empty());
    }
    let blocks = &mut scratch.0[..count];
    let mut product = lanes::from_limbs(&[[1, 0, 0, 0]; 8]);
    for (pairs, block) in pairs.chunks(BLOCK).zip(blocks.iter_mut()) {
        prepare(points, pairs, block);
        block.prefix = product;
        product = multiply(&product, &block.whole);
    }
    let mut inverse = inverse_of_lanes(&product);
    for (pairs, block) in pairs.chunks(BLOCK).zip(blocks.iter()).rev() {
        let of_whole = multiply(&inverse, &block.prefix);
        inverse = multiply(&inverse, &block.whole);
        let (x, y) = finish(block, &inverses(block, &of_whole));
        for (vector, pairs) in pairs.chunks(LANES).enumerate() {
            write(&x[vector], &y[vector], pairs, out);
        }
    }
}

/// Loads a block's points and multiplies its divisors. Lanes and vectors without a pair repeat the last one.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512ifma,avx512vbmi2")]
fn prepare(points: &[Affine], pairs: &[Pair], block: &mut Block) {
    for vector in 0..VECTORS {
        let mut first = [0; LANES];
        for (lane, first) in first.iter_mut().enumerate() {
            *first = pairs[(LANES * vector + lane).min(pairs.len() - 1)].first as usize;
        }
        load(points, &first, vector, block);
    }
    for h in 0..2 {
        block.half[h] = multiply(&block.divisor[2 * h], &block.divisor[2 * h + 1]);
    }
    block.whole = multiply(&block.half[0], &block.half[1]);
}

#[target_feature(enable = "avx512f")]
fn empty() -> Block {
    let none = [zero(); VECTORS];
    let (half, whole, prefix) = ([zero(); 2], zero(), zero());
    Block { divisor: none, rise: none, x: none, x_sum: none, y: none, half, whole, prefix }
}

/// The coordinates, divisors and rises of the pairs that start at `first`.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512ifma,avx512vbmi2")]
fn load(points: &[Affine], first: &[usize; LANES], vector: usize, block: &mut Block) {
    let (mut left, mut right) = ([&Affine::IDENTITY; LANES], [&Affine::IDENTITY; LANES]);
    for (lane, first) in first.iter().enumerate() {
        let pair = &points[*first..first + 2];
        (left[lane], right[lane]) = (&pair[0], &pair[1]);
    }
    let (a, b) = (load_points(left), load_points(right));
    let (ax, bx) = (split(&[a[0], a[1], a[2], a[3]]), split(&[b[0], b[1], b[2], b[3]]));
    let (ay, by) = (split(&[a[4], a[5], a[6], a[7]]), split(&[b[4], b[5], b[6], b[7]]));
    let mut equal = 0xFF;
    for i in 0..4 {
        equal &= _mm512_cmpeq_epi64_mask(a[i], b[i]);
    }
    block.divisor[vector] = subtract(&bx, &ax);
    block.rise[vector] = subtract(&by, &ay);
    if equal != 0 {
        double(equal, &ax, &ay, &mut block.divisor[vector], &mut block.rise[vector]);
    }
    block.x[vector] = ax;
    block.x_sum[vector] = add_uncarried(&ax, &bx);
    block.y[vector] = ay;
}

/// Puts 2y and 3x^2 into the lanes whose points are equal.
#[cold]
#[inline(never)]
#[target_feature(enable = "avx512f,avx512ifma")]
fn double(equal: u8, x: &Digits, y: &Digits, divisor: &mut Digits, rise: &mut Digits) {
    let twice_y = carried(&add_uncarried(y, y));
    let x2 = square(x);
    let three_x2 = carried(&add_uncarried(&add_uncarried(&x2, &x2), &x2));
    for i in 0..5 {
        divisor[i] = _mm512_mask_blend_epi64(equal, divisor[i], twice_y[i]);
        rise[i] = _mm512_mask_blend_epi64(equal, rise[i], three_x2[i]);
    }
}

/// The inverse of each lane, for one inversion. Requires: no lane is zero.
#[target_feature(enable = "avx512f,avx512vl,avx512ifma,avx512vbmi2")]
fn inverse_of_lanes(product: &Digits) -> Digits {
    let lanes_of = lanes::to_limbs(&canonical(product));
    let (mut prefixes, mut total) = ([Fe::ONE; LANES], Fe::ONE);
    for (prefix, lane) in prefixes.iter_mut().zip(lanes_of) {
        *prefix = total;
        total = total * Fe(lane);
    }
    let (mut inverse, mut inverses) = (total.invert(), [[0; 4]; LANES]);
    for lane in (0..LANES).rev() {
        inverses[lane] = (inverse * prefixes[lane]).0;
        inverse = inverse * Fe(lanes_of[lane]);
    }
    lanes::from_limbs(&inverses)
}

/// The inverse of each vector's divisor, given that of their product.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn inverses(block: &Block, of_whole: &Digits) -> Each {
    let of_half = [multiply(of_whole, &block.half[1]), multiply(of_whole, &block.half[0])];
    let mut inverses = [zero(); VECTORS];
    for vector in 0..VECTORS {
        inverses[vector] = multiply(&of_half[vector / 2], &block.divisor[vector ^ 1]);
    }
    inverses
}

/// The coordinates of the sums, canonical.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn finish(block: &Block, inverses: &Each) -> (Each, Each) {
    let none = [zero(); VECTORS];
    let (mut slope, mut x, mut y) = (none, none, none);
    for v in 0..VECTORS {
        slope[v] = multiply(&block.rise[v], &inverses[v]);
    }
    for v in 0..VECTORS {
        x[v] = close(&subtract(&square(&slope[v]), &block.x_sum[v]));
    }
    for v in 0..VECTORS {
        y[v] = multiply(&slope[v], &subtract(&block.x[v], &x[v]));
    }
    for v in 0..VECTORS {
        y[v] = canonical(&close(&subtract(&y[v], &block.y[v])));
        x[v] = canonical(&x[v]);
    }
    (x, y)
}

/// Writes the sums of a vector's pairs to their slots.
#[inline]
#[target_feature(enable = "avx512f")]
fn write(x: &Digits, y: &Digits, pairs: &[Pair], out: &mut [Affine]) {
    let rows = point_rows(&lanes::join(x), &lanes::join(y));
    for (row, pair) in rows.into_iter().zip(pairs) {
        write_point(row, &mut out[pair.slot as usize]);
    }
}
