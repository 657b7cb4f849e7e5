//! Full columns: groups of eight rows, in which each bit position is one byte, its *pattern*.
//!
//! A position's inner products depend on the pattern alone, so its groups' weights are first summed by pattern, an
//! addition per group and position, and every product is done once per pattern instead of once per row.

use super::columns::{Cell, Column, by_group};
use super::dense::Dense;
use super::gram::{Gram, triangle_index, triangle_size};
use super::plan::Slots;
use crate::error::Result;
use crate::memory;
use crate::scalar::{Scalar, Sum};
use crate::stop::Stop;
use rayon::prelude::*;

/// Variables that patterns cover.
pub const ROUNDS: usize = 3;
const ROWS: usize = 1 << ROUNDS;
const PATTERNS: usize = 256;
/// Positions whose sums by pattern share the second-level cache (320 kB).
const TILE: usize = 32;
/// Groups between two looks at the stop flag.
const BLOCK: usize = 64;

/// One byte per group and slot: bit i is the bit of row 8 * group + i.
pub struct Patterns {
    bytes: Vec<u8>,
    width: usize,
}

impl Patterns {
    pub fn new(columns: &[&Column], slots: &Slots, groups: usize, stop: &Stop) -> Result<Patterns> {
        let width = slots.width();
        let mut bytes = vec![0; groups * width];
        bytes.par_chunks_mut(width * BLOCK).enumerate().try_for_each(|(i, bytes)| {
            stop.check()?;
            let first = i * BLOCK;
            for (c, column) in columns.iter().enumerate() {
                for (group, cells) in by_group(column.in_groups(first, first + BLOCK, ROUNDS), ROUNDS) {
                    write_group(column, cells, &mut bytes[(group - first) * width..], |b| slots.of(c, b));
                }
            }
            Ok(())
        })?;
        Ok(Patterns { bytes, width })
    }

    fn groups(&self) -> usize {
        self.bytes.len() / self.width
    }

    /// The inner-product matrix of groups of eight rows.
    pub fn gram(&self, slots: &Slots, powers: &[Scalar], weights: &[Scalar], stop: &Stop) -> Result<Gram> {
        let tiles = self.width.div_ceil(TILE);
        let splits = rayon::current_num_threads().div_ceil(tiles);
        let block = self.groups().div_ceil(splits);
        let tasks: Vec<(usize, usize)> = (0..tiles).flat_map(|t| (0..splits).map(move |s| (t, s))).collect();
        let by_pattern = tasks
            .into_par_iter()
            .map(|(tile, split)| {
                stop.check()?;
                let slot_range = tile * TILE..self.width.min((tile + 1) * TILE);
                let group_range = split * block..self.groups().min((split + 1) * block);
                let mut sums = self.sum_by_pattern(slot_range.clone(), group_range, weights);
                let powers: Vec<Scalar> = slot_range.map(|slot| powers[slots.position(slot)]).collect();
                let total = weigh(&sums, &powers);
                memory::wipe(&mut sums);
                Ok(total)
            })
            .try_reduce(|| vec![Scalar::ZERO; PATTERNS], |a, b| Ok(added(&a, &b)))?;
        Ok(gram_of(&by_pattern))
    }

    /// The weights of the groups that show each pattern, per slot: entry 256 * slot + pattern.
    fn sum_by_pattern(
        &self,
        slots: std::ops::Range<usize>,
        groups: std::ops::Range<usize>,
        weights: &[Scalar],
    ) -> Vec<Sum> {
        let mut sums = vec![Sum::default(); slots.len() * PATTERNS];
        for group in groups {
            let row = &self.bytes[group * self.width..][slots.clone()];
            for (slot, &pattern) in row.iter().enumerate() {
                if pattern != 0 {
                    sums[slot * PATTERNS + pattern as usize].add(&weights[group]);
                }
            }
        }
        sums
    }

    /// Fills in the rows bound in three variables, whose eq table is `bound`.
    ///
    /// Cost: one lookup per element; 256 multiplications per slot where `dense` does not scale by itself.
    pub fn materialise(&self, slots: &Slots, bound: &[Scalar], dense: &mut Dense, stop: &Stop) -> Result<()> {
        let unscaled = subset_sums(bound);
        if dense.scales_elements() {
            let write = |first: usize, elements: &mut [Scalar]| {
                for (element, pattern) in elements.iter_mut().zip(&self.bytes[first * self.width..]) {
                    *element = unscaled[*pattern as usize];
                }
            };
            return dense.fill(write, stop);
        }
        let tables: Vec<Vec<Scalar>> = (0..self.width)
            .into_par_iter()
            .map(|slot| unscaled.iter().map(|sum| *sum * slots.scale(slot)).collect())
            .collect();
        let write = |first: usize, elements: &mut [Scalar]| {
            let bytes = self.bytes[first * self.width..].chunks(self.width);
            for (elements, bytes) in elements.chunks_mut(self.width).zip(bytes) {
                for ((element, pattern), table) in elements.iter_mut().zip(bytes).zip(&tables) {
                    *element = table[*pattern as usize];
                }
            }
        };
        dense.fill(write, stop)
    }
}

impl Drop for Patterns {
    fn drop(&mut self) {
        memory::wipe(&mut self.bytes);
    }
}

/// Writes the patterns of one column's cells in one group.
fn write_group(column: &Column, cells: &[Cell], row: &mut [u8], slot_of: impl Fn(usize) -> usize) {
    for byte in 0..column.bits.div_ceil(8) {
        let used = (column.used >> (8 * byte)) as u8;
        if used == 0 {
            continue;
        }
        let mut square = 0u64;
        for cell in cells {
            let bits = (cell.value >> (8 * byte)) as u8;
            square |= (bits as u64) << (8 * (cell.row as usize % ROWS));
        }
        for (bit, pattern) in transposed(square).to_le_bytes().into_iter().enumerate() {
            if used >> bit & 1 == 1 {
                row[slot_of(8 * byte + bit)] = pattern;
            }
        }
    }
}

/// Transposes a square of 8 x 8 bits: bit k of byte i becomes bit i of byte k.
fn transposed(square: u64) -> u64 {
    let mut x = square;
    for (shift, mask) in
        [(7, 0x00AA_00AA_00AA_00AA), (14, 0x0000_CCCC_0000_CCCC), (28, 0x0000_0000_F0F0_F0F0)]
    {
        let swap = (x ^ (x >> shift)) & mask;
        x ^= swap ^ (swap << shift);
    }
    x
}

/// sum over slots of power * sum, for each pattern.
fn weigh(sums: &[Sum], powers: &[Scalar]) -> Vec<Scalar> {
    let mut total = vec![Scalar::ZERO; PATTERNS];
    for (sums, power) in sums.chunks(PATTERNS).zip(powers) {
        for (total, sum) in total.iter_mut().zip(sums).filter(|(_, sum)| !sum.is_zero()) {
            *total = *total + sum.reduce() * *power;
        }
    }
    total
}

fn added(a: &[Scalar], b: &[Scalar]) -> Vec<Scalar> {
    a.iter().zip(b).map(|(a, b)| *a + *b).collect()
}

/// Entry (i, j) sums the patterns in which both bits are set.
fn gram_of(by_pattern: &[Scalar]) -> Gram {
    let mut entries = vec![Scalar::ZERO; triangle_size(ROWS)];
    for j in 0..ROWS {
        for i in 0..=j {
            let both = |m: &usize| m >> i & m >> j & 1 == 1;
            entries[triangle_index(i, j)] =
                (0..PATTERNS).filter(both).fold(Scalar::ZERO, |sum, m| sum + by_pattern[m]);
        }
    }
    Gram::new(ROWS, entries)
}

/// The sum of weights at the set bits of each pattern.
fn subset_sums(weights: &[Scalar]) -> Vec<Scalar> {
    let mut sums = vec![Scalar::ZERO; PATTERNS];
    for m in 1..PATTERNS {
        sums[m] = sums[m & (m - 1)] + weights[m.trailing_zeros() as usize];
    }
    sums
}

#[cfg(test)]
mod tests {
    #[test]
    fn transposing_swaps_rows_and_columns() {
        for i in 0..8 {
            for k in 0..8 {
                assert_eq!(super::transposed(1 << (8 * i + k)), 1 << (8 * k + i));
            }
        }
    }
}
