//! Multi-scalar multiplication: Pippenger's buckets, filled by segmented sums.
//!
//! Digits are signed, so that a window of c bits needs 2^(c-1) buckets: with k <= n/2 (the point is negated where
//! k is larger) and an offset of 2^(c-1) in every window but the top one, digit = window - 2^(c-1), and no digit
//! depends on another.

use crate::error::{Error, Result, count_records, expect_length};
use crate::limbs::{self, Limbs};
use crate::memory;
use crate::point::{Affine, Jacobian};
use crate::scalar::N;
use crate::stop::Stop;
use crate::sum::{Summer, Term};
use rayon::prelude::*;

/// (n - 1) / 2.
const HALF_N: Limbs =
    [0xDFE9_2F46_681B_20A0, 0x5D57_6E73_57A4_501D, 0xFFFF_FFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF];
/// Terms that one segmented sum gets: its points and scratch stay in the second-level cache.
const BLOCK_TERMS: usize = 4096;
/// Below this many points shared doublings beat buckets.
const FEW: usize = 48;

/// `sum(scalar_i * point_i)` of 64-byte points and 32-byte scalars; the identity of nothing.
///
/// Points are not checked to be on the curve; identities, equal and opposite points are fine. Scalars are taken
/// mod n. Cost: at most 256/c + 1 additions per point and 2^c per window, whatever the points and scalars.
/// Timing: variable; for public data.
pub fn multiply_sum(points: &[u8], scalars: &[u8], stop: &Stop) -> Result<Affine> {
    let count = count_records("points", points.len(), 64)?;
    expect_length("scalars", scalars.len(), 32 * count)?;
    if count >= Term::LIMIT {
        return Err(Error::Input(format!("{count} points where at most {} are right", Term::LIMIT)));
    }
    let window = window_bits(count);
    let offset = if count < FEW { [0; 4] } else { digit_offset(window) };
    let (mut signed_points, mut digits) = (memory::with_capacity(count), memory::with_capacity(count));
    let terms = points.par_chunks_exact(64).zip(scalars.par_chunks_exact(32)).with_min_len(1024);
    terms
        .map(|(point, scalar)| {
            let (point, k) = lower_half(Affine::from_bytes(point), limbs::from_bytes(scalar));
            (point, limbs::add(&k, &offset).0)
        })
        .unzip_into_vecs(&mut signed_points, &mut digits);
    let (points, scalars): (Vec<Affine>, Vec<Limbs>) = (signed_points, digits);
    if count < FEW {
        return Ok(shared_doublings(&points, &scalars).to_affine());
    }
    stop.expect(window_count(window) * count);
    let sums: Vec<Jacobian> = (0..window_count(window))
        .into_par_iter()
        .map(|w| window_sum(&points, &scalars, Window { index: w, bits: window }, stop))
        .collect::<Result<_>>()?;
    let joined = sums.iter().rev().fold(Jacobian::IDENTITY, |total, sum| total.shifted(window).add(sum));
    Ok(joined.to_affine())
}

/// The same product with a scalar of at most (n-1)/2.
fn lower_half(point: Affine, scalar: Limbs) -> (Affine, Limbs) {
    let (reduced, borrow) = limbs::subtract(&scalar, &N);
    let k = limbs::select(borrow, &scalar, &reduced);
    if limbs::is_below(&HALF_N, &k) { (point.negate(), limbs::subtract(&N, &k).0) } else { (point, k) }
}

/// Cost: 255 doublings in all, about 14 + 64 additions per point.
fn shared_doublings(points: &[Affine], scalars: &[Limbs]) -> Jacobian {
    let multiples = |point: &Affine| -> Vec<Jacobian> {
        let next = |multiple: &Jacobian| Some(multiple.add_affine(point));
        std::iter::successors(Some(Jacobian::IDENTITY), next).take(16).collect()
    };
    let tables: Vec<Vec<Jacobian>> = points.iter().map(multiples).collect();
    (0..64).rev().fold(Jacobian::IDENTITY, |total, w| {
        let digits = scalars.iter().zip(&tables).map(|(k, table)| &table[limbs::window(k, 4 * w, 4)]);
        digits.fold(total.shifted(4), |total, multiple| total.add(multiple))
    })
}

/// Window width that costs least, measured.
fn window_bits(count: usize) -> usize {
    match count.max(1).ilog2() {
        0..=6 => 5,
        7..=8 => 6,
        9..=10 => 8,
        11..=12 => 9,
        13 => 11,
        14..=15 => 12,
        16 => 13,
        17..=18 => 14,
        _ => 16,
    }
}

fn window_count(window: usize) -> usize {
    256usize.div_ceil(window)
}

/// 2^(window-1) in every window but the top one.
fn digit_offset(window: usize) -> Limbs {
    let mut offset = [0; 4];
    for w in 0..window_count(window) - 1 {
        let bit = w * window + window - 1;
        offset[bit / 64] |= 1 << (bit % 64);
    }
    offset
}

#[derive(Clone, Copy)]
struct Window {
    index: usize,
    bits: usize,
}

impl Window {
    fn half(self) -> usize {
        1 << (self.bits - 1)
    }

    /// The digit's magnitude, 0..=half, and sign.
    #[inline(always)]
    fn digit(self, scalar: &Limbs) -> (usize, bool) {
        let raw = limbs::window(scalar, self.index * self.bits, self.bits);
        if self.index + 1 == window_count(self.bits) {
            return (raw, false);
        }
        (raw.abs_diff(self.half()), raw < self.half())
    }
}

/// `sum(digit_i * point_i)` of one window.
fn window_sum(points: &[Affine], scalars: &[Limbs], window: Window, stop: &Stop) -> Result<Jacobian> {
    stop.check()?;
    let (terms, ends) = sort_by_digit(scalars, window);
    let mut buckets = vec![Affine::IDENTITY; window.half()];
    split_blocks(&terms, &ends, &mut buckets).into_par_iter().try_for_each_init(
        Summer::default,
        |summer, block| {
            stop.check()?;
            summer.sum(points, block.terms, &block.ends, block.buckets);
            stop.advance(block.terms.len());
            Ok(())
        },
    )?;
    stop.check()?;
    Ok(weigh(&buckets))
}

/// The terms in order of their digit's magnitude, zeros left out; bucket d-1 ends at `ends[d-1]`.
fn sort_by_digit(scalars: &[Limbs], window: Window) -> (Vec<Term>, Vec<u32>) {
    let digits: Vec<(u32, bool)> = scalars
        .iter()
        .map(|k| {
            let (magnitude, negative) = window.digit(k);
            (magnitude as u32, negative)
        })
        .collect();
    let mut counts = vec![0u32; window.half() + 1];
    digits.iter().for_each(|(magnitude, _)| counts[*magnitude as usize] += 1);
    counts[0] = 0;
    let (mut next, mut total) = (vec![], 0);
    for count in &counts {
        next.push(total);
        total += count;
    }
    let mut terms = vec![Term::default(); total as usize];
    for (i, (magnitude, negative)) in digits.iter().enumerate().filter(|(_, digit)| digit.0 != 0) {
        let position = &mut next[*magnitude as usize];
        terms[*position as usize] = Term::new(i, *negative);
        *position += 1;
    }
    next.remove(0);
    (terms, next)
}

/// Neighbouring buckets that are summed together.
struct Block<'a> {
    terms: &'a [Term],
    ends: Vec<u32>,
    buckets: &'a mut [Affine],
}

/// Cuts buckets into blocks of about BLOCK_TERMS terms; a larger bucket is a block of its own.
fn split_blocks<'a>(terms: &'a [Term], ends: &[u32], buckets: &'a mut [Affine]) -> Vec<Block<'a>> {
    let (mut blocks, mut rest) = (vec![], buckets);
    let (mut first, mut start) = (0, 0u32);
    while first < ends.len() {
        let fitting = ends[first..].partition_point(|end| (end - start) as usize <= BLOCK_TERMS);
        let last = first + fitting.max(1);
        let (buckets, others) = std::mem::take(&mut rest).split_at_mut(last - first);
        let end = ends[last - 1];
        let terms = &terms[start as usize..end as usize];
        let ends = ends[first..last].iter().map(|end| end - start).collect();
        blocks.push(Block { terms, ends, buckets });
        (rest, first, start) = (others, last, end);
    }
    blocks
}

/// `sum((i+1) * bucket_i)`. With i+1 = high * 2^k + low, buckets of equal high and of equal low are summed by the
/// batch, and only those 2 * 2^(c/2) sums go through running sums.
fn weigh(buckets: &[Affine]) -> Jacobian {
    let count = buckets.len() + 1;
    let k = count.ilog2().div_ceil(2) as usize;
    let (low, high) = (1 << k, count.div_ceil(1 << k));
    let mut summer = Summer::default();
    let mut sum_where = |runs: Vec<Vec<usize>>| {
        let ends: Vec<u32> = runs.iter().scan(0, |end, run| Some(add_to(end, run.len() as u32))).collect();
        let terms: Vec<Term> = runs.iter().flatten().map(|weight| Term::new(weight - 1, false)).collect();
        let mut sums = vec![Affine::IDENTITY; runs.len()];
        summer.sum(buckets, &terms, &ends, &mut sums);
        sums
    };
    let by_high = sum_where((1..high).map(|h| (h * low..((h + 1) * low).min(count)).collect()).collect());
    let by_low = sum_where((1..low).map(|l| (l..count).step_by(low).collect()).collect());
    running_sum(&by_high).shifted(k).add(&running_sum(&by_low))
}

fn add_to(total: &mut u32, value: u32) -> u32 {
    *total += value;
    *total
}

/// `sum((i+1) * point_i)`.
fn running_sum(points: &[Affine]) -> Jacobian {
    let start = (Jacobian::IDENTITY, Jacobian::IDENTITY);
    let (_, total) = points.iter().rev().fold(start, |(running, total), point| {
        let running = running.add_affine(point);
        (running, total.add(&running))
    });
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::point::tests::{from_k256, oracle};
    use k256::elliptic_curve::PrimeField;
    use k256::{ProjectivePoint, Scalar};
    use std::time::{Duration, Instant};

    /// Scalars that look random: multiples of a constant.
    fn scalar(i: u64) -> Scalar {
        let odd = Scalar::from_repr([0x9D; 32].into()).unwrap();
        odd * Scalar::from(i * i + 17)
    }

    fn run(points: &[Affine], scalars: &[Scalar]) -> Affine {
        let mut bytes = vec![0; 64 * points.len()];
        points.iter().zip(bytes.chunks_mut(64)).for_each(|(p, out)| p.to_bytes(out));
        let scalars: Vec<u8> = scalars.iter().flat_map(|s| s.to_repr()).collect();
        multiply_sum(&bytes, &scalars, &Stop::default()).unwrap()
    }

    /// Checks the sum over k_i * (m_i * G) against (sum of k_i * m_i) * G.
    fn check(multiples: &[i64], scalars: &[Scalar]) {
        let small: Vec<Affine> = (-8..=8).map(oracle).collect();
        let points: Vec<Affine> = multiples.iter().map(|m| small[(m + 8) as usize]).collect();
        let weighted = multiples.iter().zip(scalars).map(|(m, k)| {
            let magnitude = *k * Scalar::from(m.unsigned_abs());
            if *m < 0 { -magnitude } else { magnitude }
        });
        let total: Scalar = weighted.sum();
        assert_eq!(run(&points, scalars), from_k256(ProjectivePoint::GENERATOR * total));
    }

    #[test]
    fn sums_of_every_size_with_repeated_and_opposite_points() {
        for count in [0usize, 1, 2, 47, 48, 49, 300, 1100, 5000, 9000] {
            let multiples: Vec<i64> = (0..count).map(|i| (i * 5 % 17) as i64 - 8).collect();
            let scalars: Vec<Scalar> = (0..count as u64).map(scalar).collect();
            check(&multiples, &scalars);
        }
    }

    #[test]
    fn scalars_at_the_edges() {
        let edges = [Scalar::ZERO, Scalar::ONE, -Scalar::ONE, Scalar::from(2u64).invert().unwrap()];
        for count in [1usize, 4, 60, 1000] {
            let multiples: Vec<i64> = (0..count).map(|i| (i / 4 % 17) as i64 - 8).collect();
            let scalars: Vec<Scalar> = (0..count).map(|i| edges[i % 4]).collect();
            check(&multiples, &scalars);
            check(&multiples, &vec![-Scalar::ONE; count]);
        }
    }

    #[test]
    fn hostile_points_cost_about_what_honest_ones_do() {
        let distinct: Vec<Affine> = {
            let mut sum = Jacobian::IDENTITY;
            let g = oracle(1);
            (0..20_000)
                .map(|_| {
                    sum = sum.add_affine(&g);
                    sum.to_affine()
                })
                .collect()
        };
        let honest_scalars: Vec<Scalar> = (0..20_000).map(scalar).collect();
        let equal = vec![distinct[0]; 20_000];
        let opposite: Vec<Affine> =
            (0..20_000).map(|i| if i % 2 == 0 { distinct[5] } else { distinct[5].negate() }).collect();
        let same_scalar = vec![scalar(3); 20_000];
        let time = |points: &[Affine], scalars: &[Scalar]| -> Duration {
            let start = Instant::now();
            run(points, scalars);
            start.elapsed()
        };
        // In turn, so that what else the machine does falls on all of them; the least of each.
        let mut least = [Duration::MAX; 5];
        for _ in 0..7 {
            let times = [
                time(&distinct, &honest_scalars),
                time(&equal, &honest_scalars),
                time(&opposite, &honest_scalars),
                time(&equal, &same_scalar),
                time(&opposite, &same_scalar),
            ];
            least = std::array::from_fn(|i| least[i].min(times[i]));
        }
        let [honest, hostile @ ..] = least;
        assert!(hostile.iter().all(|time| *time < 3 * honest), "hostile {hostile:?}, honest {honest:?}");
    }
}
