//! Sums of runs of points: the one primitive under commitments, bucket sums and bucket weights.
//!
//! Every run is added up pairwise, round by round, and each round's additions (of all runs together) share one
//! inversion. While pairing, identities are dropped and opposite points cancelled, so the kernel meets neither;
//! equal points it doubles. An addition removes one term, whatever the points are: n terms never cost more
//! than n - 1 additions, and nothing is ever computed twice.

use crate::batch::{Pair, Scratch, Term, add_pairs};
use crate::point::Affine;
use zeroize::Zeroize;

/// A run that is not added up yet.
#[derive(Clone, Copy)]
struct Run {
    /// Where its terms end; they start where the run before ends.
    end: u32,
    /// Where its sum goes.
    target: u32,
}

/// Adds up runs; keeps its memory between calls and wipes it when dropped.
#[derive(Default)]
pub struct Summer {
    scratch: Scratch,
    pairs: Vec<Pair>,
    runs: Vec<Run>,
    next_runs: Vec<Run>,
    sums: Vec<Affine>,
    next_sums: Vec<Affine>,
    /// Additions done so far: what the bound above is tested with.
    pub additions: u64,
}

impl Summer {
    /// `out[i]` = sum of `terms[ends[i-1]..ends[i]]`; of no terms, the identity.
    ///
    /// Requires: `ends` rising to `terms.len()`, as many as `out`; every index within `points`. Points: canonical
    /// coordinates, on the curve or the identity. Cost: at most one addition per term and one inversion per
    /// doubling of the longest run. Working set: about 130 bytes a term; best kept in the second-level cache.
    pub fn sum(&mut self, points: &[Affine], terms: &[Term], ends: &[u32], out: &mut [Affine]) {
        debug_assert_eq!(ends.len(), out.len());
        self.runs.clear();
        self.runs.extend(ends.iter().enumerate().map(|(i, &end)| Run { end, target: i as u32 }));
        self.sums.clear();
        self.sums.resize(terms.len().div_ceil(2) + ends.len(), Affine::IDENTITY);
        self.round(points, |i| terms[i], out);
        std::mem::swap(&mut self.sums, &mut self.next_sums);
        while !self.runs.is_empty() {
            let sums = std::mem::take(&mut self.next_sums);
            let room = sums.len() / 2 + self.runs.len();
            self.sums.resize(room.max(self.sums.len()), Affine::IDENTITY);
            self.round(&sums, |i| Term::new(i, false), out);
            self.next_sums = std::mem::replace(&mut self.sums, sums);
        }
    }

    /// One round: terms `0..` of the runs are paired and added into `self.sums`; runs of at most one term go to
    /// `out` and leave the list.
    #[inline(always)]
    fn round(&mut self, points: &[Affine], term: impl Fn(usize) -> Term, out: &mut [Affine]) {
        self.pairs.clear();
        self.next_runs.clear();
        let (mut position, mut slot) = (0, 0u32);
        for run in &self.runs {
            let first_slot = slot;
            let mut waiting = None;
            for i in position..run.end as usize {
                let b = term(i);
                if points[b.index()].is_identity() {
                    continue;
                }
                let Some(a) = waiting.take() else {
                    waiting = Some(b);
                    continue;
                };
                if !are_opposite(points, a, b) {
                    self.pairs.push(Pair { a, b, slot });
                    slot += 1;
                }
            }
            position = run.end as usize;
            if slot == first_slot {
                out[run.target as usize] = waiting.map_or(Affine::IDENTITY, |term| term.point(points));
                continue;
            }
            if let Some(term) = waiting {
                self.sums[slot as usize] = term.point(points);
                slot += 1;
            }
            self.next_runs.push(Run { end: slot, target: run.target });
        }
        add_pairs(points, &self.pairs, &mut self.sums, &mut self.scratch);
        self.additions += self.pairs.len() as u64;
        std::mem::swap(&mut self.runs, &mut self.next_runs);
    }
}

/// Whether the two terms add up to the identity. Requires: neither is the identity.
#[inline(always)]
fn are_opposite(points: &[Affine], a: Term, b: Term) -> bool {
    points[a.index()].x == points[b.index()].x && a.point(points).y != b.point(points).y
}

impl Drop for Summer {
    fn drop(&mut self) {
        self.sums.zeroize();
        self.next_sums.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    fn sum_of(multiples: &[i64]) -> (Affine, u64) {
        let points = small_multiples();
        let terms: Vec<Term> = multiples.iter().map(|k| Term::new((k.abs() + 8) as usize, *k < 0)).collect();
        let (mut out, mut summer) = ([Affine::default()], Summer::default());
        summer.sum(points, &terms, &[terms.len() as u32], &mut out);
        (out[0], summer.additions)
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
        let mut out = vec![oracle(1); ends.len()];
        let mut summer = Summer::default();
        for _ in 0..2 {
            summer.sum(points, &terms, &ends, &mut out);
            assert_eq!(out, expected);
        }
    }
}
