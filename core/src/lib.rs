//! Bulk arithmetic for solvent.
pub mod batch;
pub mod commit;
pub mod eq;
pub mod error;
pub mod field;
pub mod hash;
pub mod limbs;
pub mod multiply_sum;
pub mod point;
pub mod rows;
pub mod scalar;
pub mod seal;
pub mod stop;
pub mod sum;
pub mod sumcheck;
pub mod table;
pub mod tree;
