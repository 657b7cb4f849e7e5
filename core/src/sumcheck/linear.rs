//! The linear part: with l_i = sum_k coefficient_k p_ik, binding rows binds the numbers l_i just the same.

use super::columns::Columns;
use super::subset::SubsetSums;
use crate::error::Result;
use crate::memory;
use crate::scalar::{ProductSum, Scalar};
use crate::stop::Stop;
use rayon::prelude::*;

/// Entries that are worth a thread.
const BLOCK: usize = 1024;

/// One number per row, padded with zeros to a power of two.
pub struct Linear(Vec<Scalar>);

impl Linear {
    pub fn new(columns: &Columns, variables: usize, coefficients: &[Scalar], stop: &Stop) -> Result<Linear> {
        let mut rows = vec![Scalar::ZERO; 1 << variables];
        for column in columns.iter() {
            stop.check()?;
            let sums = SubsetSums::new(&coefficients[column.offset..column.offset + column.bits]);
            let block = rows.len().div_ceil(rayon::current_num_threads()).max(BLOCK);
            rows.par_chunks_mut(block).enumerate().for_each(|(i, rows)| {
                for cell in column.in_groups(i * block, i * block + rows.len(), 0) {
                    let row = &mut rows[cell.row as usize - i * block];
                    *row = *row + sums.sum(cell.value);
                }
            });
        }
        Ok(Linear(rows))
    }

    /// `sum_i weights_i (l_(2i+1) - l_2i)`: the linear part's b.
    pub fn round(&self, weights: &[Scalar]) -> Scalar {
        let blocks = self.0.par_chunks(2 * BLOCK).zip(weights.par_chunks(BLOCK));
        let sums = blocks.map(|(rows, weights)| {
            let mut sum = ProductSum::default();
            for (pair, weight) in rows.chunks_exact(2).zip(weights) {
                sum.add_product(&(pair[1] - pair[0]), weight);
            }
            sum.reduce()
        });
        sums.reduce(|| Scalar::ZERO, |a, b| a + b)
    }

    pub fn bind(&mut self, r: Scalar) {
        let bound = self.0.par_chunks_exact(2).with_min_len(BLOCK).map(|pair| {
            let rise = pair[1] - pair[0];
            pair[0] + rise * r
        });
        let bound = bound.collect();
        memory::wipe(&mut self.0);
        self.0 = bound;
    }
}

impl Drop for Linear {
    fn drop(&mut self) {
        memory::wipe(&mut self.0);
    }
}
