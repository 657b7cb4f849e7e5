//! Row commitments: the sum of a row's bit generators and its blinding times H.
//!
//! Not constant time: which table entries are read and how many additions a row costs depends on the balances.
//! That is acceptable where the prover runs, on the exchange's own machine (docs/limits.md).

use crate::error::{Error, Result, expect_length};
use crate::point::Affine;
use crate::rows::{Layout, Rows};
use crate::scalar::Scalar;
use crate::stop::Stop;
use crate::sum::{Summer, Term};
use crate::table::{Tables, Widths};
use rayon::prelude::*;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::Zeroize;

/// Terms in one batch: its points and scratch stay in the second-level cache.
const BATCH_TERMS: usize = 4096;

/// Commits rows of one layout; its tables grow with the number of rows it has seen or was told of.
pub struct Committer {
    layout: Layout,
    generators: Vec<Affine>,
    blinding: Affine,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    rows_seen: usize,
    rows_expected: usize,
    tables: Option<Arc<Tables>>,
}

/// One worker's buffers. Digits say what a row holds, so they are wiped.
#[derive(Default)]
struct Worker {
    summer: Summer,
    terms: Vec<Term>,
    ends: Vec<u32>,
    points: Vec<Affine>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.terms.zeroize();
    }
}

impl Committer {
    /// Requires: one generator for each bit of the layout.
    pub fn new(layout: Layout, generators: Vec<Affine>, blinding: Affine) -> Result<Committer> {
        expect_length("bit generators", 64 * generators.len(), 64 * layout.row_bits())?;
        Ok(Committer { layout, generators, blinding, state: Mutex::default() })
    }

    /// Writes 64 bytes per row to `out`.
    ///
    /// Refuses cells that are zero, too wide or in no column; Error::Identity for a sum that is the identity.
    /// Cost: one addition per digit of the blinding and per non-zero window of a non-zero cell.
    pub fn commit(&self, rows: &Rows, blindings: &[u8], out: &mut [u8], stop: &Stop) -> Result<()> {
        expect_length("blindings", blindings.len(), 32 * rows.len())?;
        expect_length("output", out.len(), 64 * rows.len())?;
        self.layout.check(rows)?;
        stop.expect(rows.len());
        let tables = self.tables(|state| state.rows_seen = state.rows_seen.saturating_add(rows.len()));
        let windows = 16usize.div_ceil(tables.widths.bit_window) * 4; // of a cell of 64 bits
        let terms = tables.blind_terms() + rows.cells() * windows / rows.len().max(1);
        let batch = BATCH_TERMS.div_ceil(terms);
        out.par_chunks_mut(64 * batch).enumerate().try_for_each_init(Worker::default, |worker, (i, out)| {
            stop.check()?;
            worker.commit(&tables, rows, i * batch, blindings, out)?;
            stop.advance(out.len() / 64);
            Ok(())
        })
    }

    /// Makes the tables for `rows` rows in all, so that none are made twice when several threads commit.
    pub fn expect(&self, rows: usize) {
        self.tables(|state| state.rows_expected = state.rows_expected.max(rows));
    }

    /// The tables for as many rows as are known of after `count`. They are made without the lock: a worker that waits
    /// for parts of them may meanwhile run another commitment, which takes it.
    fn tables(&self, count: impl FnOnce(&mut State)) -> Arc<Tables> {
        let widths = {
            let mut state = self.lock();
            count(&mut state);
            let rows = state.rows_seen.max(state.rows_expected);
            let widths = Widths::for_rows(rows, self.layout.row_bits());
            match &state.tables {
                Some(tables) if tables.widths == widths => return Arc::clone(tables),
                _ => widths,
            }
        };
        let tables = Arc::new(Tables::new(&self.layout, &self.generators, &self.blinding, widths));
        self.lock().tables = Some(Arc::clone(&tables));
        tables
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    /// Commits the rows from `first` on, as many as `out` holds.
    fn commit(
        &mut self,
        tables: &Tables,
        rows: &Rows,
        first: usize,
        blindings: &[u8],
        out: &mut [u8],
    ) -> Result<()> {
        self.terms.clear();
        self.ends.clear();
        let count = out.len() / 64;
        for i in first..first + count {
            tables.push_blinding(Scalar::from_bytes(&blindings[32 * i..32 * i + 32]), &mut self.terms);
            for (column, value) in rows.row(i) {
                tables.push_cell(column, value, &mut self.terms);
            }
            self.ends.push(self.terms.len() as u32);
        }
        self.points.resize(count, Affine::IDENTITY);
        self.summer.sum(&tables.points, &self.terms, &self.ends, &mut self.points);
        for (point, out) in self.points.iter().zip(out.chunks_exact_mut(64)) {
            if point.is_identity() {
                return Err(Error::Identity);
            }
            point.to_bytes(out);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::point::tests::oracle;
    use crate::rows::tests::buffers;

    /// Bit k of a row stands for 2^k * G and the blinding for G, so commitments are small multiples of G.
    fn committer(bits: &[usize]) -> Committer {
        let layout = Layout::new(bits).unwrap();
        let generators = (0..layout.row_bits()).map(|k| oracle(1 << k)).collect();
        Committer::new(layout, generators, oracle(1)).unwrap()
    }

    fn blindings(values: &[u64]) -> Vec<u8> {
        values.iter().flat_map(|v| [[0; 8], [0; 8], [0; 8], v.to_be_bytes()].concat()).collect()
    }

    #[test]
    fn rows_commit_to_what_their_bits_spell() {
        let committer = committer(&[8, 16]);
        let (ends, columns, values) = buffers(&[vec![(0, 3), (1, 2)], vec![], vec![(1, 0xFFFF)]]);
        let rows = Rows::new(&ends, &columns, &values).unwrap();
        let mut out = [0; 192];
        committer.commit(&rows, &blindings(&[10, 1, 7]), &mut out, &Stop::default()).unwrap();
        let found: Vec<Affine> = out.chunks(64).map(Affine::from_bytes).collect();
        assert_eq!(found, [oracle(3 + 512 + 10), oracle(1), oracle(0xFFFF00 + 7)]);
    }

    #[test]
    fn an_identity_and_wrong_lengths_are_refused() {
        let committer = committer(&[8]);
        let (ends, columns, values) = buffers(&[vec![]]);
        let rows = Rows::new(&ends, &columns, &values).unwrap();
        let (mut out, stop) = ([0; 64], Stop::default());
        assert_eq!(committer.commit(&rows, &[0; 32], &mut out, &stop), Err(Error::Identity));
        assert!(matches!(committer.commit(&rows, &[0; 31], &mut out, &stop), Err(Error::Input(_))));
        stop.request();
        assert_eq!(committer.commit(&rows, &[1; 32], &mut out, &stop), Err(Error::Stopped));
    }
}
