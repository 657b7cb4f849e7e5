//! Bulk arithmetic, hashing and sealing for solvent, over buffers.
//!
//! This crate knows no protocol: labels, tags and layouts are arguments, and which values are combined is decided by
//! its callers, above all `verifier/core_engine.py`. What it computes is defined by the reference engine
//! (`verifier/reference`), and tests/parity holds it to that, byte for byte.
//!
//! From the bottom up: `limbs`, `field`, `invert` and `scalar` are the arithmetic; `point` the formulas; `batch` the kernel
//! that adds many pairs of points for one inversion; `sum` adds up runs of points with it, and everything large is a call
//! to `sum`: `table` and `commit`, `multiply_sum`, `tree`. `eq` and `sumcheck` are the prover's scalar work, `sha256`,
//! `hash` and `seal` the bulk hashing and encryption, `joint` sums of two products. `ifma` is the second form of the inner
//! loops, for processors with AVX-512 IFMA; `kernel` chooses. `python` is the border.

#![deny(unsafe_code)]

pub mod batch;
pub mod commit;
pub mod eq;
pub mod error;
pub mod field;
pub mod hash;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod invert;
pub mod joint;
pub mod kernel;
pub mod limbs;
pub mod memory;
pub mod multiply_sum;
pub mod point;
#[cfg(feature = "python")]
mod python;
pub mod roots;
pub mod rows;
pub mod scalar;
pub mod seal;
pub mod sha256;
pub mod stop;
pub mod sum;
pub mod sumcheck;
pub mod table;
pub mod tree;
