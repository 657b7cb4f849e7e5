//! Runs an operation on the thread pool without the GIL, watching for Ctrl-C.

use crate::error::Result;
use crate::stop::Stop;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often signals are looked at, and progress told.
const POLL: Duration = Duration::from_millis(50);

/// A Python function that is called with (done, total) now and then, or None.
pub type Progress = Option<Py<PyAny>>;

/// Runs `work` on all cores. A signal handler that raises, as Ctrl-C does, stops it and is what is raised; a panic becomes
/// a RuntimeError.
pub fn run<T: Send>(py: Python<'_>, work: impl FnOnce(&Stop) -> Result<T> + Send) -> PyResult<T> {
    run_watched(py, None, work)
}

/// `run`, telling `progress` from the calling thread, which has the interpreter's lock only meanwhile. What it raises
/// stops the work and is raised.
pub fn run_watched<T: Send>(
    py: Python<'_>,
    progress: Progress,
    work: impl FnOnce(&Stop) -> Result<T> + Send,
) -> PyResult<T> {
    let pool = pool()?;
    py.detach(|| supervise(&pool, &progress, work))
}

/// Signals first, then news for the callback.
fn look_up(progress: &Progress, stop: &Stop, told: &mut (u64, u64)) -> PyResult<()> {
    Python::attach(|py| {
        py.check_signals()?;
        let now = stop.progress();
        if let Some(callback) = progress.as_ref().filter(|_| now != *told) {
            *told = now;
            callback.call1(py, now)?;
        }
        Ok(())
    })
}

fn supervise<T: Send>(
    pool: &ThreadPool,
    progress: &Progress,
    work: impl FnOnce(&Stop) -> Result<T> + Send,
) -> PyResult<T> {
    let stop = &Stop::default();
    let (sender, receiver) = channel();
    let (mut interrupt, mut told) = (None, (0, 0));
    let outcome = pool.in_place_scope(|scope| {
        scope.spawn(move |_| {
            // Nobody waits any more only if this very frame is unwinding.
            let _ = sender.send(catch_unwind(AssertUnwindSafe(|| work(stop))));
        });
        loop {
            match receiver.recv_timeout(POLL) {
                Ok(outcome) => return outcome.ok(),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) if interrupt.is_none() => {
                    interrupt = look_up(progress, stop, &mut told).err();
                    interrupt.iter().for_each(|_| stop.request());
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    });
    match (interrupt, outcome) {
        (Some(signal), _) => Err(signal),
        (None, Some(result)) => Ok(result?),
        (None, None) => Err(PyRuntimeError::new_err("solvent_core failed; this is a bug, please report it")),
    }
}

/// The process's pool. A child of fork has none of its parent's threads, so it gets a pool of its own.
fn pool() -> PyResult<Arc<ThreadPool>> {
    static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);
    let mut current = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((owner, pool)) = current.take() {
        if owner == process {
            *current = Some((owner, Arc::clone(&pool)));
            return Ok(pool);
        }
        // Dropping it would wait for threads that do not exist here.
        std::mem::forget(pool);
    }
    let pool =
        ThreadPoolBuilder::new().build().map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    let pool = Arc::new(pool);
    *current = Some((process, Arc::clone(&pool)));
    Ok(pool)
}

/// A bytes object of `length` that `fill` writes.
pub fn bytes<'py>(
    py: Python<'py>,
    length: usize,
    fill: impl FnOnce(&mut [u8], &Stop) -> Result<()> + Send,
) -> PyResult<Bound<'py, PyBytes>> {
    bytes_watched(py, None, length, fill)
}

/// `bytes`, telling `progress`.
pub fn bytes_watched<'py>(
    py: Python<'py>,
    progress: Progress,
    length: usize,
    fill: impl FnOnce(&mut [u8], &Stop) -> Result<()> + Send,
) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, length, |out| run_watched(py, progress, |stop| fill(out, stop)))
}

/// Two bytes objects that `fill` writes together.
pub fn two_bytes<'py>(
    py: Python<'py>,
    lengths: (usize, usize),
    fill: impl FnOnce(&mut [u8], &mut [u8], &Stop) -> Result<()> + Send,
) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
    let mut second = None;
    let first = PyBytes::new_with(py, lengths.0, |a| {
        second = Some(PyBytes::new_with(py, lengths.1, |b| run(py, |stop| fill(a, b, stop)))?);
        Ok(())
    })?;
    let second = second.ok_or_else(|| PyRuntimeError::new_err("no second buffer"))?;
    Ok((first, second))
}
