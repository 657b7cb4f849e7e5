//! Bound rows as plain vectors.
//!
//! Element k of a row is stored as y^floor(k/2) * p_k, even positions before odd ones: then `sum y^k d_k^2` is a bare
//! sum of squares over the evens plus y times one over the odds, each reduced once per row. The rows stand as scalars
//! here, or eight elements at a time in the form of the AVX-512 kernel (`vectors`).

use super::Pieces;
use super::plan::Slots;
#[cfg(target_arch = "x86_64")]
use super::vectors::Vectors;
use crate::error::Result;
#[cfg(target_arch = "x86_64")]
use crate::ifma;
use crate::kernel::Kernel;
use crate::memory;
use crate::scalar::{ProductSum, Scalar};
use crate::stop::Stop;
use rayon::prelude::*;

/// Elements that are worth a thread.
const BLOCK: usize = 2048;

/// Rows in the form of a kernel.
pub enum Dense {
    Words(Words),
    #[cfg(target_arch = "x86_64")]
    Vectors(Vectors),
}

impl Dense {
    /// Rows of zeros, whose elements have these scales. Of a kernel that this processor lacks, the portable one is taken.
    pub fn zero(kernel: Kernel, rows: usize, slots: &Slots, scales: &[Scalar]) -> Dense {
        #[cfg(target_arch = "x86_64")]
        if kernel == Kernel::Ifma
            && let Some(token) = ifma::Token::new()
        {
            return Dense::Vectors(Vectors::zero(token, rows, slots, scales));
        }
        let _ = (kernel, scales);
        Dense::Words(Words::zero(rows, slots))
    }

    /// Whether `fill` multiplies elements by their scales, or they come multiplied.
    pub fn scales_elements(&self) -> bool {
        !matches!(self, Dense::Words(_))
    }

    /// Writes the rows: `write(first, rows)` for blocks of them from row `first` on, which hold zeros.
    pub fn fill(&mut self, write: impl Fn(usize, &mut [Scalar]) + Sync, stop: &Stop) -> Result<()> {
        match self {
            Dense::Words(words) => words.fill(write, stop),
            #[cfg(target_arch = "x86_64")]
            Dense::Vectors(vectors) => vectors.fill(write, stop),
        }
    }

    /// (b, c), b = 2 sum weight <u, d>, c = sum weight <d, d>, over pairs of rows u, v = u + d.
    pub fn round(&self, weights: &[Scalar], y: Scalar, stop: &Stop) -> Result<Pieces> {
        match self {
            Dense::Words(words) => words.round(weights, y, stop),
            #[cfg(target_arch = "x86_64")]
            Dense::Vectors(vectors) => vectors.round(weights, y, stop),
        }
    }

    /// Replaces rows 2i, 2i+1 by row 2i plus r times their difference.
    pub fn bind(&mut self, r: Scalar, stop: &Stop) -> Result<()> {
        match self {
            Dense::Words(words) => words.bind(r, stop),
            #[cfg(target_arch = "x86_64")]
            Dense::Vectors(vectors) => vectors.bind(r, stop),
        }
    }

    /// The elements of the first row.
    pub fn first_row(&self) -> Vec<Scalar> {
        match self {
            Dense::Words(words) => words.elements[..words.width].to_vec(),
            #[cfg(target_arch = "x86_64")]
            Dense::Vectors(vectors) => vectors.first_row(),
        }
    }
}

/// How many rows of `width` elements one task takes.
pub fn rows_per_task(width: usize) -> usize {
    BLOCK.div_ceil(width)
}

/// Rows of `width` elements, the first `evens` of which stand for even positions.
pub struct Words {
    elements: Vec<Scalar>,
    /// Where the next binding goes: the memory of the one before.
    spare: Vec<Scalar>,
    width: usize,
    evens: usize,
}

impl Words {
    fn zero(rows: usize, slots: &Slots) -> Words {
        let elements = memory::filled(Scalar::ZERO, rows * slots.width());
        Words { elements, spare: vec![], width: slots.width(), evens: slots.evens() }
    }

    fn fill(&mut self, write: impl Fn(usize, &mut [Scalar]) + Sync, stop: &Stop) -> Result<()> {
        let block = rows_per_task(self.width);
        self.elements.par_chunks_mut(block * self.width).enumerate().try_for_each(|(i, rows)| {
            stop.check()?;
            write(i * block, rows);
            stop.advance(rows.len());
            Ok(())
        })
    }

    /// (b, c), b = 2 sum weight <u, d>, c = sum weight <d, d>, over pairs of rows u, v = u + d.
    fn round(&self, weights: &[Scalar], y: Scalar, stop: &Stop) -> Result<Pieces> {
        let block = rows_per_task(self.width);
        let tasks = self.elements.par_chunks(2 * self.width * block).zip(weights.par_chunks(block));
        let (b, c) = tasks
            .map(|(rows, weights)| {
                stop.check()?;
                let (mut b, mut c) = (ProductSum::default(), ProductSum::default());
                for (pair, weight) in rows.chunks_exact(2 * self.width).zip(weights) {
                    let (ud, dd) = self.pair_sums(pair, y);
                    b.add_product(&ud, weight);
                    c.add_product(&dd, weight);
                }
                Ok((b.reduce(), c.reduce()))
            })
            .try_reduce(|| (Scalar::ZERO, Scalar::ZERO), |p, q| Ok((p.0 + q.0, p.1 + q.1)))?;
        Ok((b + b, c))
    }

    /// (sum y^k u_k d_k, sum y^k d_k^2) of one pair.
    #[inline(always)]
    fn pair_sums(&self, pair: &[Scalar], y: Scalar) -> Pieces {
        let (u, v) = pair.split_at(self.width);
        let even = products(&u[..self.evens], &v[..self.evens]);
        let odd = products(&u[self.evens..], &v[self.evens..]);
        (even.0 + y * odd.0, even.1 + y * odd.1)
    }

    /// Replaces rows 2i, 2i+1 by row 2i plus r times their difference.
    fn bind(&mut self, r: Scalar, stop: &Stop) -> Result<()> {
        let half = self.elements.len() / 2;
        if self.spare.len() < half {
            self.spare = memory::filled(Scalar::ZERO, half);
        }
        self.spare.truncate(half);
        let block = self.width * rows_per_task(self.width);
        let tasks = self.spare.par_chunks_mut(block).zip(self.elements.par_chunks(2 * block));
        tasks.try_for_each(|(bound, rows)| {
            stop.check()?;
            for (bound, pair) in bound.chunks_exact_mut(self.width).zip(rows.chunks_exact(2 * self.width)) {
                let (u, v) = pair.split_at(self.width);
                for ((out, u), v) in bound.iter_mut().zip(u).zip(v) {
                    let d = *v - *u;
                    *out = if d.is_zero() { *u } else { *u + d * r };
                }
            }
            Ok(())
        })?;
        std::mem::swap(&mut self.elements, &mut self.spare);
        Ok(())
    }
}

/// (sum u d, sum d^2). Equal elements, most of all zeros, add nothing and are skipped.
#[inline(always)]
fn products(u: &[Scalar], v: &[Scalar]) -> Pieces {
    let (mut ud, mut dd) = (ProductSum::default(), ProductSum::default());
    for (u, v) in u.iter().zip(v) {
        let d = *v - *u;
        if !d.is_zero() {
            ud.add_product(u, &d);
            dd.add_square(&d);
        }
    }
    (ud.reduce(), dd.reduce())
}

impl Drop for Words {
    fn drop(&mut self) {
        memory::wipe(&mut self.elements);
        memory::wipe(&mut self.spare);
    }
}
