//! The matrix of inner products that answers the first rounds.
//!
//! For groups q of g = 2^s rows with weights E_q: M[i][j] = sum_q E_q sum_k y^k p_{q,i,k} p_{q,j,k}. A round pairs row u = 2i
//! with v = 2i+1, d = v - u, and every product it needs is an entry of M; binding a variable folds M's rows and
//! columns.

use super::Pieces;
use crate::eq::eq_table;
use crate::scalar::Scalar;
use zeroize::Zeroize;

/// A symmetric matrix of `size` rows, lower triangle only.
pub struct Gram {
    size: usize,
    entries: Vec<Scalar>,
}

/// Where entry (i, j), i <= j, stands among the entries.
#[inline(always)]
pub fn triangle_index(i: usize, j: usize) -> usize {
    j * (j + 1) / 2 + i
}

/// Entries of a triangle of `size` rows.
pub fn triangle_size(size: usize) -> usize {
    size * (size + 1) / 2
}

impl Gram {
    /// Requires: `triangle_size(size)` entries, size a power of two.
    pub fn new(size: usize, entries: Vec<Scalar>) -> Gram {
        debug_assert_eq!(entries.len(), triangle_size(size));
        Gram { size, entries }
    }

    /// Variables that are left.
    pub fn rounds(&self) -> usize {
        self.size.ilog2() as usize
    }

    #[inline(always)]
    fn at(&self, i: usize, j: usize) -> Scalar {
        self.entries[triangle_index(i.min(j), i.max(j))]
    }

    /// (b, c), b = 2 sum e_i <u, d>, c = sum e_i <d, d>, where e is eq over `tau`, the rest of this group's variables.
    pub fn round(&self, tau: &[Scalar]) -> Pieces {
        let pairs = self.size / 2;
        let weights = eq_table(tau, pairs, Scalar::ONE);
        let (mut b, mut c) = (Scalar::ZERO, Scalar::ZERO);
        for (i, weight) in weights.iter().enumerate() {
            let (u, v) = (2 * i, 2 * i + 1);
            let ud = self.at(u, v) - self.at(u, u);
            let vd = self.at(v, v) - self.at(u, v);
            b = b + *weight * ud;
            c = c + *weight * (vd - ud);
        }
        (b + b, c)
    }

    /// Replaces rows 2i, 2i+1 by (1-r) times the one plus r times the other, and columns likewise.
    pub fn bind(&mut self, r: Scalar) {
        let complement = Scalar::ONE - r;
        let [both_low, mixed, both_high] = [complement * complement, complement * r, r * r];
        let size = self.size / 2;
        let mut entries = Vec::with_capacity(triangle_size(size));
        for j in 0..size {
            for i in 0..=j {
                let low = both_low * self.at(2 * i, 2 * j);
                let high = both_high * self.at(2 * i + 1, 2 * j + 1);
                let cross = self.at(2 * i, 2 * j + 1) + self.at(2 * i + 1, 2 * j);
                entries.push(low + high + mixed * cross);
            }
        }
        self.entries.zeroize();
        *self = Gram { size, entries };
    }
}

impl Drop for Gram {
    fn drop(&mut self) {
        self.entries.zeroize();
    }
}
