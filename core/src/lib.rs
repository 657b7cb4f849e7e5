//! Bulk arithmetic for solvent.
pub mod batch;
pub mod field;
pub mod limbs;
pub mod point;
pub mod scalar;
pub mod sum;
