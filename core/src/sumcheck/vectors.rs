//! Bound rows in the form of the AVX-512 kernel, eight elements at a time.
//!
//! A number stands as 2^260 times its value mod n, sixteen times the portable Montgomery form: the scales bring that
//! factor in, final rows go out without it, and weighted sums lose it by themselves.

use super::Pieces;
use super::dense::rows_per_task;
use super::plan::Slots;
use crate::error::Result;
use crate::ifma::Token;
use crate::ifma::dense::{Octet, Shape, Sums, bind_pairs, pack, pack_products, sum_pairs, unpack};
use crate::memory;
use crate::scalar::Scalar;
use crate::stop::Stop;
use rayon::prelude::*;

/// Rows of octets; octets of even positions come first.
pub struct Vectors {
    token: Token,
    octets: Vec<Octet>,
    /// Where the next binding goes: the memory of the one before.
    spare: Vec<Octet>,
    shape: Shape,
    width: usize,
    evens: usize,
    /// What elements are multiplied by when they come in, an octet for each octet of a row.
    scales: Vec<Octet>,
}

impl Vectors {
    /// `scales` has one for each slot.
    pub fn zero(token: Token, rows: usize, slots: &Slots, scales: &[Scalar]) -> Vectors {
        let (width, evens) = (slots.width(), slots.evens());
        let shape =
            Shape { octets: evens.div_ceil(8) + (width - evens).div_ceil(8), evens: evens.div_ceil(8) };
        let octets = memory::filled(Octet::default(), rows * shape.octets);
        // A product of portable forms over 2^260 is 2^252 times the value; 2^8 are missing.
        let (even, odd) = scales.split_at(evens);
        let octet = |scales: &[Scalar]| {
            let mut numbers = [[0; 4]; 8];
            numbers.iter_mut().zip(scales).for_each(|(number, scale)| *number = (*scale * power_of_2(8)).0);
            pack(token, &numbers)
        };
        let scales = even.chunks(8).chain(odd.chunks(8)).map(octet).collect();
        Vectors { token, octets, spare: vec![], shape, width, evens, scales }
    }

    /// See `Dense::fill`.
    pub fn fill(&mut self, write: impl Fn(usize, &mut [Scalar]) + Sync, stop: &Stop) -> Result<()> {
        let (token, width, evens, shape) = (self.token, self.width, self.evens, self.shape);
        let scales = self.scales.split_at(shape.evens);
        let block = rows_per_task(width);
        let blocks = self.octets.par_chunks_mut(block * shape.octets).enumerate();
        blocks.try_for_each_init(Vec::new, |scalars: &mut Vec<Scalar>, (i, octets)| {
            stop.check()?;
            scalars.clear();
            scalars.resize(octets.len() / shape.octets * width, Scalar::ZERO);
            write(i * block, scalars);
            for (octets, scalars) in octets.chunks_exact_mut(shape.octets).zip(scalars.chunks_exact(width)) {
                let (even, odd) = octets.split_at_mut(shape.evens);
                pack_products(token, &scalars[..evens], scales.0, even);
                pack_products(token, &scalars[evens..], scales.1, odd);
            }
            stop.advance(scalars.len());
            memory::wipe(scalars);
            Ok(())
        })
    }

    /// See `Dense::round`.
    pub fn round(&self, weights: &[Scalar], y: Scalar, stop: &Stop) -> Result<Pieces> {
        let block = rows_per_task(self.width);
        let tasks = self.octets.par_chunks(2 * self.shape.octets * block).zip(weights.par_chunks(block));
        let sums = tasks
            .map(|(rows, weights)| {
                stop.check()?;
                Ok(sum_pairs(self.token, rows, self.shape, weights))
            })
            .try_reduce(Sums::default, |p, q| Ok(p.plus(&q)))?;
        let [b, c] = [sums.ud, sums.dd].map(|[even, odd]| even + y * odd);
        Ok((b + b, c))
    }

    /// See `Dense::bind`.
    pub fn bind(&mut self, r: Scalar, stop: &Stop) -> Result<()> {
        let half = self.octets.len() / 2;
        if self.spare.len() < half {
            self.spare = memory::filled(Octet::default(), half);
        }
        self.spare.truncate(half);
        let block = self.shape.octets * rows_per_task(self.width);
        let (token, shape, r) = (self.token, self.shape, r * power_of_2(4));
        let tasks = self.spare.par_chunks_mut(block).zip(self.octets.par_chunks(2 * block));
        tasks.try_for_each(|(bound, rows)| {
            stop.check()?;
            bind_pairs(token, rows, shape, r, bound);
            Ok(())
        })?;
        std::mem::swap(&mut self.octets, &mut self.spare);
        Ok(())
    }

    /// See `Dense::first_row`.
    pub fn first_row(&self) -> Vec<Scalar> {
        let (even, odd) = self.octets[..self.shape.octets].split_at(self.shape.evens);
        let scalars = |octets: &[Octet]| octets.iter().flat_map(|octet| unpack(self.token, octet)).collect();
        let (mut row, mut odd): (Vec<Scalar>, Vec<Scalar>) = (scalars(even), scalars(odd));
        row.truncate(self.evens);
        row.append(&mut odd);
        row.truncate(self.width);
        let inverse = power_of_2(4).invert();
        row.iter().map(|element| *element * inverse).collect()
    }
}

fn power_of_2(exponent: u32) -> Scalar {
    Scalar::from_limbs(&[1 << exponent, 0, 0, 0])
}

impl Drop for Vectors {
    fn drop(&mut self) {
        memory::wipe(&mut self.octets);
        memory::wipe(&mut self.spare);
    }
}
