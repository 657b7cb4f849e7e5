//! The operations that keep nothing between calls.

use super::run::{Progress, bytes, bytes_watched, run, run_watched, two_bytes};
use crate::error::{Error, count_records};
use crate::hash::{Packed, Tag, Tails};
use crate::rows::{Rows, read_u64s};
use crate::seal::{Envelope, seal_rows as seal};
use crate::{eq, hash, joint, kernel as kernels, multiply_sum as msm, tree};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

type Bytes<'py> = PyResult<Bound<'py, PyBytes>>;
type TwoBytes<'py> = PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)>;

/// `count` records of `size` bytes, refused where no buffer could hold them.
fn total(count: usize, size: usize) -> PyResult<usize> {
    let fits = count.checked_mul(size).filter(|bytes| *bytes <= isize::MAX as usize);
    Ok(fits.ok_or_else(|| Error::Input(format!("{count} records of {size} bytes are too many")))?)
}

/// The kernel that new work starts with.
#[pyfunction]
fn kernel() -> &'static str {
    kernels::active().name()
}

/// The kernels that can run here, the fastest last.
#[pyfunction]
fn kernels_available() -> Vec<&'static str> {
    kernels::available().into_iter().map(kernels::Kernel::name).collect()
}

/// Chooses the kernel for the whole process: "portable", "ifma", or "auto" for the fastest. Objects that exist keep theirs.
#[pyfunction]
fn set_kernel(name: &str) -> PyResult<&'static str> {
    Ok(kernels::choose(name)?.name())
}

#[pyfunction]
fn read_leaves<'py>(py: Python<'py>, leaves: &[u8]) -> TwoBytes<'py> {
    let count = count_records("leaves", leaves.len(), 96)?;
    two_bytes(py, (64 * count, 32 * count), |points, ids, stop| tree::read_leaves(leaves, points, ids, stop))
}

#[pyfunction]
fn compress<'py>(py: Python<'py>, points: &[u8]) -> Bytes<'py> {
    let count = count_records("points", points.len(), 64)?;
    bytes(py, 33 * count, |out, stop| tree::compress(points, out, stop))
}

#[pyfunction]
fn decompress<'py>(py: Python<'py>, points: &[u8]) -> Bytes<'py> {
    let count = count_records("points", points.len(), 33)?;
    bytes(py, 64 * count, |out, stop| tree::decompress(points, out, stop))
}

#[pyfunction]
fn generators<'py>(py: Python<'py>, tag_prefix: &[u8], labels: Vec<String>) -> Bytes<'py> {
    let length = total(labels.len(), 64)?;
    bytes(py, length, |out, stop| hash::generators(&Tag::new(tag_prefix), &labels, out, stop))
}

#[pyfunction]
#[pyo3(signature = (points, scalars, progress=None))]
fn multiply_sum<'py>(py: Python<'py>, points: &[u8], scalars: &[u8], progress: Progress) -> Bytes<'py> {
    bytes_watched(py, progress, 64, |out, stop| {
        msm::multiply_sum(points, scalars, stop)?.to_bytes(out);
        Ok(())
    })
}

/// `base_scalar_i * base + point_scalar_i * point_i`, 64 bytes each.
#[pyfunction]
#[pyo3(signature = (base, points, base_scalars, point_scalars, progress=None))]
fn sums_with_base<'py>(
    py: Python<'py>,
    base: &[u8],
    points: &[u8],
    base_scalars: &[u8],
    point_scalars: &[u8],
    progress: Progress,
) -> Bytes<'py> {
    let count = count_records("points", points.len(), 64)?;
    bytes_watched(py, progress, 64 * count, |out, stop| {
        joint::sums_with_base(base, points, base_scalars, point_scalars, out, stop)
    })
}

#[pyfunction]
fn eq_table<'py>(py: Python<'py>, challenges: &[u8], count: usize, scale: &[u8]) -> Bytes<'py> {
    let length = total(count, 32)?;
    eq::check_count(challenges, count)?;
    bytes(py, length, |out, stop| eq::eq_table_bytes(challenges, scale, out, stop))
}

#[pyfunction]
fn dot<'py>(py: Python<'py>, left: &[u8], right: &[u8]) -> Bytes<'py> {
    bytes(py, 32, |out, stop| {
        eq::dot(left, right, stop)?.to_bytes(out);
        Ok(())
    })
}

#[pyfunction]
fn leaf_hashes<'py>(
    py: Python<'py>,
    tag_prefix: &[u8],
    ctx: &[u8],
    start: u64,
    points: &[u8],
    ids: &[u8],
) -> Bytes<'py> {
    let count = count_records("points", points.len(), 64)?;
    let tag = Tag::new(tag_prefix);
    bytes(py, 32 * count, |out, stop| tree::leaf_hashes(&tag, ctx, start, points, ids, out, stop))
}

#[pyfunction]
fn tree_level<'py>(py: Python<'py>, tag_prefix: &[u8], points: &[u8], hashes: &[u8]) -> TwoBytes<'py> {
    let above = tree::level_size(count_records("points", points.len(), 64)?);
    let tag = Tag::new(tag_prefix);
    two_bytes(py, (64 * above, 32 * above), |sums, joined, stop| {
        tree::tree_level(&tag, points, hashes, sums, joined, stop)
    })
}

#[pyfunction]
fn first_duplicate(py: Python<'_>, ids: &[u8]) -> PyResult<Option<(usize, usize)>> {
    run(py, |stop| tree::first_duplicate(ids, stop))
}

#[pyfunction]
fn wide_each<'py>(py: Python<'py>, tag_prefix: &[u8], prefix: &[u8], start: u64, count: usize) -> Bytes<'py> {
    let length = total(count, 32)?;
    bytes(py, length, |out, stop| hash::wide_each(&Tag::new(tag_prefix), prefix, start, out, stop))
}

#[pyfunction]
fn hmac_each<'py>(py: Python<'py>, key: &[u8], prefix: &[u8], data: &[u8], ends: &[u8]) -> Bytes<'py> {
    let messages = packed(data, ends)?;
    bytes(py, 32 * messages.len(), |out, stop| hash::hmac_each(key, prefix, &messages, out, stop))
}

/// One tail for all heads.
#[pyfunction]
fn tagged_each<'py>(py: Python<'py>, tag_prefix: &[u8], heads: &[u8], tail: &[u8]) -> Bytes<'py> {
    tagged(py, tag_prefix, heads, Tails::Same(tail))
}

/// A tail for each head.
#[pyfunction]
fn tagged_pairs<'py>(
    py: Python<'py>,
    tag_prefix: &[u8],
    heads: &[u8],
    data: &[u8],
    ends: &[u8],
) -> Bytes<'py> {
    tagged(py, tag_prefix, heads, Tails::Each(packed(data, ends)?))
}

fn tagged<'py>(py: Python<'py>, tag_prefix: &[u8], heads: &[u8], tails: Tails<'_>) -> Bytes<'py> {
    let count = count_records("heads", heads.len(), 32)?;
    let tag = Tag::new(tag_prefix);
    bytes(py, 32 * count, |out, stop| hash::tagged_each(&tag, heads, &tails, out, stop))
}

fn packed<'a>(data: &'a [u8], ends: &[u8]) -> PyResult<Packed<'a>> {
    count_records("ends", ends.len(), 8)?;
    Ok(Packed::new(data, read_u64s(ends))?)
}

/// Sealed rows and where each ends. `label` is (HKDF's info before the point, the smallest record's size); `rows` is (ends,
/// columns, values).
#[pyfunction]
#[pyo3(signature = (label, salt, start, account_keys, points, blindings, rows, progress=None))]
#[allow(clippy::too_many_arguments)] // The Python interface has as many.
fn seal_rows<'py>(
    py: Python<'py>,
    label: (&[u8], usize),
    salt: &[u8],
    start: u64,
    account_keys: &[u8],
    points: &[u8],
    blindings: &[u8],
    rows: (&[u8], &[u8], &[u8]),
    progress: Progress,
) -> TwoBytes<'py> {
    let rows = Rows::new(rows.0, rows.1, rows.2)?;
    let envelope = Envelope { salt, info: label.0, smallest: label.1, start };
    let records =
        run_watched(py, progress, |stop| seal(&envelope, account_keys, points, blindings, &rows, stop))?;
    let ends: Vec<u8> = records.ends.iter().flat_map(|end| end.to_ne_bytes()).collect();
    Ok((PyBytes::new(py, &records.data), PyBytes::new(py, &ends)))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(kernel, module)?)?;
    module.add_function(wrap_pyfunction!(kernels_available, module)?)?;
    module.add_function(wrap_pyfunction!(set_kernel, module)?)?;
    module.add_function(wrap_pyfunction!(read_leaves, module)?)?;
    module.add_function(wrap_pyfunction!(compress, module)?)?;
    module.add_function(wrap_pyfunction!(decompress, module)?)?;
    module.add_function(wrap_pyfunction!(generators, module)?)?;
    module.add_function(wrap_pyfunction!(multiply_sum, module)?)?;
    module.add_function(wrap_pyfunction!(sums_with_base, module)?)?;
    module.add_function(wrap_pyfunction!(eq_table, module)?)?;
    module.add_function(wrap_pyfunction!(dot, module)?)?;
    module.add_function(wrap_pyfunction!(leaf_hashes, module)?)?;
    module.add_function(wrap_pyfunction!(tree_level, module)?)?;
    module.add_function(wrap_pyfunction!(first_duplicate, module)?)?;
    module.add_function(wrap_pyfunction!(wide_each, module)?)?;
    module.add_function(wrap_pyfunction!(hmac_each, module)?)?;
    module.add_function(wrap_pyfunction!(tagged_each, module)?)?;
    module.add_function(wrap_pyfunction!(tagged_pairs, module)?)?;
    module.add_function(wrap_pyfunction!(seal_rows, module)?)
}
