//! What an operation can answer instead of a result.

use std::fmt;

/// Refusals and mistakes; the Python side turns them into exceptions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Error {
    /// A mistake of the caller: a length or index that does not fit. The text names what would.
    Input(String),
    /// Record i holds no point of the curve.
    Point(usize),
    /// A sum that must not be the identity is.
    Identity,
    /// The caller asked for the work to end; whatever was written is incomplete.
    Stopped,
}

pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Input(text) => f.write_str(text),
            Error::Point(index) => write!(f, "record {index} is not a point of the curve"),
            Error::Identity => f.write_str("a sum is the identity"),
            Error::Stopped => f.write_str("stopped"),
        }
    }
}

impl std::error::Error for Error {}

/// Refuses unless `length` is `expected`. `what` is plural: "blindings".
pub fn expect_length(what: &str, length: usize, expected: usize) -> Result<()> {
    if length == expected {
        return Ok(());
    }
    Err(Error::Input(format!("{what}: {length} bytes where {expected} are right")))
}

/// How many records of `size` bytes there are; refuses a rest.
pub fn count_records(what: &str, length: usize, size: usize) -> Result<usize> {
    if length.is_multiple_of(size) {
        return Ok(length / size);
    }
    Err(Error::Input(format!("{what}: {length} bytes are not a whole number of {size}-byte records")))
}
