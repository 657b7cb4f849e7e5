//! Sums of runs of points: the one primitive under commitments, bucket sums and bucket weights.
//!
//! The points of all runs are first gathered into one buffer, identities left out. Then every run is added up
//! pairwise, round by round, and each round's additions (of all runs together) share one inversion. While pairing,
//! opposite points are cancelled, so the kernel meets no sum that is the identity; equal points it doubles. An
//! addition removes one term, whatever the points are: n terms never cost more than n - 1 additions, and nothing is
//! ever computed twice.

use crate::batch::{Adder, Pair};
use crate::field::Fe;
use crate::kernel::Kernel;
use crate::memory;
use crate::point::Affine;

/// How many terms ahead a point is asked for.
const PREFETCH: usize = 16;

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
    fn index(self) -> usize {
        (self.0 >> 1) as usize
    }

    /// The point meant, without a branch on the sign. Requires: not the identity.
    #[inline(always)]
    fn signed(self, point: &Affine) -> Affine {
        let mask = ((self.0 & 1) as u64).wrapping_neg();
        let (y, negated) = (point.y.0, (-point.y).0);
        Affine { x: point.x, y: Fe(std::array::from_fn(|i| (y[i] & !mask) | (negated[i] & mask))) }
    }
}

/// A run that is not added up yet.
#[derive(Clone, Copy)]
struct Run {
    /// Where its points end; they start where the run before ends.
    end: u32,
    /// Where its sum goes.
    target: u32,
}

/// Adds up runs; keeps its memory between calls and wipes it when dropped.
#[derive(Default)]
pub struct Summer {
    adder: Adder,
    pairs: Vec<Pair>,
    runs: Vec<Run>,
    next_runs: Vec<Run>,
    points: Vec<Affine>,
    next_points: Vec<Affine>,
    /// Additions done so far: what the bound above is tested with.
    pub additions: u64,
}

impl Summer {
    /// A summer of this kernel; `default` takes the one in use.
    pub fn new(kernel: Kernel) -> Summer {
        let mut summer = Summer::default();
        summer.adder = Adder::new(kernel);
        summer
    }

    /// `out[i]` = sum of `terms[ends[i-1]..ends[i]]`; of no terms, the identity.
    ///
    /// Requires: `ends` rising to `terms.len()`, as many as `out`; every index within `points`. Points: canonical
    /// coordinates, on the curve or the identity. Cost: at most one addition per term and one inversion per
    /// doubling of the longest run. Working set: about 130 bytes a term; best kept in the second-level cache.
    pub fn sum(&mut self, points: &[Affine], terms: &[Term], ends: &[u32], out: &mut [Affine]) {
        debug_assert_eq!(ends.len(), out.len());
        self.gather(points, terms, ends);
        while !self.runs.is_empty() {
            self.pair_up(out);
            self.adder.add_pairs(&self.points, &self.pairs, &mut self.next_points);
            self.additions += self.pairs.len() as u64;
            std::mem::swap(&mut self.runs, &mut self.next_runs);
            std::mem::swap(&mut self.points, &mut self.next_points);
        }
    }

    /// Copies the terms' points, identities left out, to `self.points` and the runs to `self.runs`.
    #[inline(never)]
    fn gather(&mut self, points: &[Affine], terms: &[Term], ends: &[u32]) {
        self.points.clear();
        self.runs.clear();
        let mut start = 0;
        for (target, &end) in ends.iter().enumerate() {
            for (i, term) in terms.iter().enumerate().take(end as usize).skip(start) {
                if let Some(later) = terms.get(i + PREFETCH) {
                    memory::prefetch(&points[later.index()]);
                }
                let point = &points[term.index()];
                if !point.is_identity() {
                    self.points.push(term.signed(point));
                }
            }
            start = end as usize;
            self.runs.push(Run { end: self.points.len() as u32, target: target as u32 });
        }
        self.next_points.resize(self.points.len().max(self.next_points.len()), Affine::IDENTITY);
    }

    /// Pairs neighbours within runs. A point without a neighbour moves on to `next_points` by itself; a run of at most
    /// one point goes to `out` and leaves the list.
    #[inline(never)]
    fn pair_up(&mut self, out: &mut [Affine]) {
        self.pairs.clear();
        self.next_runs.clear();
        let (mut start, mut slot) = (0, 0u32);
        for run in &self.runs {
            let points = &self.points[start as usize..run.end as usize];
            if let [] | [_] = points {
                out[run.target as usize] = points.first().copied().unwrap_or_default();
            } else {
                for (i, pair) in points.chunks_exact(2).enumerate() {
                    if !are_opposite(&pair[0], &pair[1]) {
                        self.pairs.push(Pair { first: start + 2 * i as u32, slot });
                        slot += 1;
                    }
                }
                if let [last] = points.chunks_exact(2).remainder() {
                    self.next_points[slot as usize] = *last;
                    slot += 1;
                }
                self.next_runs.push(Run { end: slot, target: run.target });
            }
            start = run.end;
        }
    }
}

/// Whether the points add up to the identity. Requires: neither is the identity.
#[inline(always)]
fn are_opposite(a: &Affine, b: &Affine) -> bool {
    a.x == b.x && a.y != b.y
}

impl Drop for Summer {
    fn drop(&mut self) {
        memory::wipe(&mut self.points);
        memory::wipe(&mut self.next_points);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel;
    use crate::point::tests::oracle;
    use std::sync::OnceLock;

    /// Index i holds (i - 8) * G.
    fn small_multiples() -> &'static [Affine] {
        static POINTS: OnceLock<Vec<Affine>> = OnceLock::new();
        POINTS.get_or_init(|| (-8..=8).map(oracle).collect())
    }

    /// k * G for |k| <= 40.
    fn multiple(k: i64) -> Affine {
        static POINTS: OnceLock<Vec<Affine>> = OnceLock::new();
        POINTS.get_or_init(|| (-40..=40).map(oracle).collect())[(k + 40) as usize]
    }

    /// The sum and how many additions it took, which every kernel must agree on.
    fn sum_of(multiples: &[i64]) -> (Affine, u64) {
        let terms: Vec<Term> = multiples.iter().map(|k| Term::new((k.abs() + 8) as usize, *k < 0)).collect();
        let sum = |kernel| {
            let (mut out, mut summer) = ([Affine::default()], Summer::new(kernel));
            summer.sum(small_multiples(), &terms, &[terms.len() as u32], &mut out);
            (out[0], summer.additions)
        };
        let sums: Vec<(Affine, u64)> = kernel::available().into_iter().map(sum).collect();
        assert!(sums.iter().all(|other| *other == sums[0]), "kernels differ on {multiples:?}");
        sums[0]
    }

    #[test]
    fn every_pair_and_triple_of_small_multiples() {
        for i in -8..=8i64 {
            assert_eq!(sum_of(&[i]).0, multiple(i));
            for j in -8..=8i64 {
                assert_eq!(sum_of(&[i, j]).0, multiple(i + j));
                for k in -8..=8i64 {
                    assert_eq!(sum_of(&[i, j, k]).0, multiple(i + j + k));
                    assert_eq!(sum_of(&[i, j, k, j, i]).0, multiple(2 * i + 2 * j + k));
                }
            }
        }
    }

    #[test]
    fn hostile_runs_cost_no_more_than_honest_ones() {
        let equal = vec![3; 1000];
        let opposite: Vec<i64> = (0..1000).map(|i| if i % 2 == 0 { 5 } else { -5 }).collect();
        let late: Vec<i64> = (0..1024).map(|i| if i < 512 { 1 } else { -1 }).collect();
        let identities = vec![0; 1000];
        for (run, value, bound) in [(equal, 3000, 999), (opposite, 0, 0), (late, 0, 1023), (identities, 0, 0)]
        {
            let (sum, additions) = sum_of(&run);
            assert_eq!(sum, oracle(value));
            assert!(additions <= bound, "{additions} additions for {} terms", run.len());
        }
    }

    #[test]
    fn runs_of_all_lengths_side_by_side() {
        let points = small_multiples();
        let (mut terms, mut ends, mut expected) = (vec![], vec![], vec![]);
        for length in 0..40usize {
            let multiples = (0..length).map(|i| ((i * 7 + length) % 17) as i64 - 8);
            expected.push(oracle(multiples.clone().sum()));
            terms.extend(multiples.map(|k| Term::new((k + 8) as usize, false)));
            ends.push(terms.len() as u32);
        }
        for kernel in kernel::available() {
            let mut out = vec![oracle(1); ends.len()];
            let mut summer = Summer::new(kernel);
            for _ in 0..2 {
                summer.sum(points, &terms, &ends, &mut out);
                assert_eq!(out, expected);
            }
        }
    }
}
