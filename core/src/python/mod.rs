//! The Python border: buffers in, buffers out, every error an exception.
//!
//! Results are written straight into the bytes objects that are handed out, so no copy of a secret stays behind on this
//! side. Lengths are checked by the operations themselves.

mod functions;
mod objects;
mod run;

use crate::error::Error;
use pyo3::create_exception;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

create_exception!(
    solvent_core,
    BadPoint,
    PyValueError,
    "A record holds no point of the curve; args[0] is its number."
);
create_exception!(solvent_core, IdentitySum, PyValueError, "A sum that must not be the identity is.");

impl From<Error> for PyErr {
    fn from(error: Error) -> PyErr {
        match error {
            Error::Input(text) => PyValueError::new_err(text),
            Error::Point(index) => BadPoint::new_err((index,)),
            Error::Identity => IdentitySum::new_err(error.to_string()),
            Error::Stopped => PyRuntimeError::new_err("stopped without a pending signal"),
        }
    }
}

#[pymodule]
fn solvent_core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("BadPoint", module.py().get_type::<BadPoint>())?;
    module.add("IdentitySum", module.py().get_type::<IdentitySum>())?;
    module.add_class::<objects::Committer>()?;
    module.add_class::<objects::RowSumcheck>()?;
    functions::register(module)
}
