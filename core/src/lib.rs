//! Bulk arithmetic for solvent.
pub mod batch;
pub mod commit;
pub mod error;
pub mod field;
pub mod limbs;
pub mod multiply_sum;
pub mod point;
pub mod rows;
pub mod scalar;
pub mod stop;
pub mod sum;
pub mod table;
