//! Sparse columns: the inner-product matrix from pairs of non-zero cells, and the bound rows from set bits.

use super::columns::{Cell, Column, by_group, for_each_bit};
use super::dense::Dense;
use super::gram::{Gram, triangle_index, triangle_size};
use super::plan::Slots;
use super::subset::SubsetSums;
use crate::error::Result;
use crate::scalar::{ProductSum, Scalar, Sum};
use crate::stop::Stop;
use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroize;

/// Cells of a column that one task takes; the column's tables are built once per task.
const TASK_CELLS: usize = 8192;

/// The matrix of groups of 2^rounds rows with these weights.
///
/// Cost: one lookup sum and one product per pair of cells that share a column and a group (a cell pairs with itself).
pub fn gram(
    columns: &[&Column],
    rounds: usize,
    powers: &[Scalar],
    weights: &[Scalar],
    stop: &Stop,
) -> Result<Gram> {
    let size = 1 << rounds;
    // As many matrices as tasks run at once: they are too large for one per task.
    let spare: Mutex<Vec<Vec<ProductSum>>> = Mutex::default();
    tasks(columns, rounds).into_par_iter().try_for_each(|(column, cells)| {
        stop.check()?;
        let taken = spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut matrix = taken.unwrap_or_else(|| vec![ProductSum::default(); triangle_size(size)]);
        let sums = SubsetSums::new(&powers[column.offset..column.offset + column.bits]);
        for (group, neighbours) in by_group(cells, rounds) {
            add_pairs(neighbours, size - 1, &sums, &weights[group], &mut matrix);
        }
        spare.lock().unwrap_or_else(PoisonError::into_inner).push(matrix);
        stop.advance(cells.len());
        Ok(())
    })?;
    let mut matrices = spare.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut total = matrices.pop().unwrap_or_else(|| vec![ProductSum::default(); triangle_size(size)]);
    for mut matrix in matrices {
        total.iter_mut().zip(&matrix).for_each(|(sum, other)| sum.merge(other));
        matrix.zeroize();
    }
    let entries = total.par_iter().with_min_len(256).map(ProductSum::reduce).collect();
    total.zeroize();
    Ok(Gram::new(size, entries))
}

/// Columns cut into pieces of some thousand cells, whole groups each.
fn tasks<'a>(columns: &[&'a Column], rounds: usize) -> Vec<(&'a Column, &'a [Cell])> {
    let mut tasks = vec![];
    for column in columns {
        let mut rest = column.cells.as_slice();
        while !rest.is_empty() {
            let last_group = rest[rest.len().min(TASK_CELLS) - 1].row >> rounds;
            let (piece, others) =
                rest.split_at(rest.partition_point(|cell| cell.row >> rounds <= last_group));
            tasks.push((*column, piece));
            rest = others;
        }
    }
    tasks
}

/// Adds weight * <a, b> for all pairs of cells of one column and group.
#[inline(always)]
fn add_pairs(cells: &[Cell], mask: usize, sums: &SubsetSums, weight: &Scalar, matrix: &mut [ProductSum]) {
    for (n, b) in cells.iter().enumerate() {
        for a in &cells[..=n] {
            let common = a.value & b.value;
            if common != 0 {
                let entry = triangle_index(a.row as usize & mask, b.row as usize & mask);
                matrix[entry].add_product(&sums.sum(common), weight);
            }
        }
    }
}

/// Fills in the rows bound in the first `rounds` variables, whose eq table is `bound`; scaled as `dense` wants them.
///
/// Cost: one addition per set bit, one multiplication per non-zero element.
pub fn materialise(
    columns: &[&Column],
    slots: &Slots,
    rounds: usize,
    bound: &[Scalar],
    dense: &mut Dense,
    stop: &Stop,
) -> Result<()> {
    let (width, unscaled) = (slots.width(), dense.scales_elements());
    let write = |first: usize, elements: &mut [Scalar]| {
        let end = first + elements.len() / width;
        let mut sums = vec![Sum::default(); crate::rows::MAX_BITS];
        for (c, column) in columns.iter().enumerate() {
            for (group, cells) in by_group(column.in_groups(first, end, rounds), rounds) {
                let row = &mut elements[(group - first) * width..][..width];
                let used = add_bits(cells, bound, &mut sums);
                for_each_bit(used, |b| {
                    let slot = slots.of(c, b);
                    let sum = std::mem::take(&mut sums[b]).reduce();
                    row[slot] = if unscaled { sum } else { sum * slots.scale(slot) };
                });
            }
        }
        sums.zeroize();
    };
    dense.fill(write, stop)
}

/// Adds each cell's weight to the sums of its set bits; returns the bits set in any.
#[inline(always)]
fn add_bits(cells: &[Cell], bound: &[Scalar], sums: &mut [Sum]) -> u128 {
    let mask = bound.len() - 1;
    let mut used = 0;
    for cell in cells {
        let weight = &bound[cell.row as usize & mask];
        for_each_bit(cell.value, |b| sums[b].add(weight));
        used |= cell.value;
    }
    used
}
