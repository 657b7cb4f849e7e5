//! The operations that keep tables or state between calls.

use super::run::{Progress, bytes, bytes_watched, run, run_watched};
use crate::error::{Error, Result, count_records, expect_length};
use crate::point::Affine;
use crate::rows::{Layout, Rows};
use crate::scalar::Scalar;
use crate::{commit, sumcheck};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Ends, columns and values of sparse rows.
type RowBuffers<'a> = (&'a [u8], &'a [u8], &'a [u8]);

/// Reads points that must be on the curve.
fn read_points(what: &str, data: &[u8]) -> Result<Vec<Affine>> {
    count_records(what, data.len(), 64)?;
    let read = |(i, record)| Affine::from_bytes_checked(record).ok_or(Error::Point(i));
    data.chunks_exact(64).enumerate().map(read).collect()
}

/// Reads 32-byte scalars, reduced mod n.
fn read_scalars(what: &str, data: &[u8]) -> Result<Vec<Scalar>> {
    count_records(what, data.len(), 32)?;
    Ok(data.chunks_exact(32).map(Scalar::from_bytes).collect())
}

fn read_scalar(what: &str, data: &[u8]) -> Result<Scalar> {
    expect_length(what, data.len(), 32)?;
    Ok(Scalar::from_bytes(data))
}

/// Commits rows of one layout.
#[pyclass(frozen)]
pub struct Committer(commit::Committer);

#[pymethods]
impl Committer {
    #[new]
    fn new(generators: &[u8], blinding: &[u8], column_bits: Vec<usize>) -> PyResult<Committer> {
        expect_length("blinding generator", blinding.len(), 64)?;
        let blinding = read_points("blinding generator", blinding)?[0];
        let generators = read_points("bit generators", generators)?;
        Ok(Committer(commit::Committer::new(Layout::new(&column_bits)?, generators, blinding)?))
    }

    /// That many rows are to come: tables are made for them.
    fn expect(&self, py: Python<'_>, rows: usize) -> PyResult<()> {
        run(py, |_| {
            self.0.expect(rows);
            Ok(())
        })
    }

    #[pyo3(signature = (rows, blindings, progress=None))]
    fn commit<'py>(
        &self,
        py: Python<'py>,
        rows: RowBuffers<'_>,
        blindings: &[u8],
        progress: Progress,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let rows = Rows::new(rows.0, rows.1, rows.2)?;
        bytes_watched(py, progress, 64 * rows.len(), |out, stop| self.0.commit(&rows, blindings, out, stop))
    }
}

/// The prover's half of one row sumcheck; gone once a `bind` was interrupted.
#[pyclass]
pub struct RowSumcheck(Option<sumcheck::RowSumcheck>);

impl RowSumcheck {
    fn inner(&self) -> Result<&sumcheck::RowSumcheck> {
        self.0.as_ref().ok_or_else(|| Error::Input("this sumcheck was interrupted; start a new one".into()))
    }
}

#[pymethods]
impl RowSumcheck {
    /// `linear` is (positions, 32 bytes for each).
    #[new]
    #[pyo3(signature = (rows, column_bits, y, tau, linear, progress=None))]
    fn new(
        py: Python<'_>,
        rows: RowBuffers<'_>,
        column_bits: Vec<usize>,
        y: &[u8],
        tau: &[u8],
        linear: (Vec<usize>, &[u8]),
        progress: Progress,
    ) -> PyResult<RowSumcheck> {
        let rows = Rows::new(rows.0, rows.1, rows.2)?;
        let layout = Layout::new(&column_bits)?;
        let (y, tau) = (read_scalar("y", y)?, read_scalars("tau", tau)?);
        expect_length("linear coefficients", linear.1.len(), 32 * linear.0.len())?;
        let coefficients = read_scalars("linear coefficients", linear.1)?;
        let linear: Vec<(usize, Scalar)> = linear.0.into_iter().zip(coefficients).collect();
        let start = |stop: &_| sumcheck::RowSumcheck::new(&rows, &layout, y, &tau, &linear, stop);
        Ok(RowSumcheck(Some(run_watched(py, progress, start)?)))
    }

    /// b and c, 32 bytes each.
    fn round<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let sumcheck = self.inner()?;
        bytes(py, 64, |out, stop| {
            let (b, c) = sumcheck.round(stop)?;
            b.to_bytes(&mut out[..32]);
            c.to_bytes(&mut out[32..]);
            Ok(())
        })
    }

    #[pyo3(signature = (r, progress=None))]
    fn bind(&mut self, py: Python<'_>, r: &[u8], progress: Progress) -> PyResult<()> {
        let r = read_scalar("r", r)?;
        self.inner()?.check_unbound()?;
        let Some(mut sumcheck) = self.0.take() else { return Ok(()) };
        let bound = run_watched(py, progress, move |stop| sumcheck.bind(r, stop).map(|()| sumcheck))?;
        self.0 = Some(bound);
        Ok(())
    }

    /// 32 bytes per bit of a row.
    fn final_row<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let sumcheck = self.inner()?;
        let row = run(py, |_| sumcheck.final_row())?;
        bytes(py, 32 * row.len(), |out, _| {
            row.iter().zip(out.chunks_exact_mut(32)).for_each(|(value, out)| value.to_bytes(out));
            Ok(())
        })
    }
}
