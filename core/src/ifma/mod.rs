//! The AVX-512 IFMA kernel: eight numbers at a time, each in five digits of 52 bits.
//!
//! IFMA multiplies 52-bit digits of eight lanes and adds the low or the high half of the products to 64-bit
//! accumulators, so sums of products need no carries until the end. A vector of eight numbers is five registers:
//! digit i of all eight in register i.
//!
//! **Unsafe code.** Everything here is safe Rust over stable intrinsics, but for two things. `lanes` moves vectors
//! from and to memory: whole arrays of 64 bytes behind references. And whoever calls a function of this module
//! from ordinary code must know that the processor has `FEATURES`: only the holders of a `Token` can, and a `Token`
//! is made by asking the processor.

pub mod adder;
pub mod dense;
mod field;
mod lanes;
pub mod roots;
mod scalar;
pub mod sha256;

/// Proof that this processor has every instruction that this module uses.
#[derive(Clone, Copy, Debug)]
pub struct Token(());

impl Token {
    /// Asks the processor; None where it lacks one of the instructions.
    pub fn new() -> Option<Token> {
        is_available().then_some(Token(()))
    }
}

/// Whether this processor has every instruction that this module uses. The answer is kept by the standard library.
pub fn is_available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512ifma")
        && is_x86_feature_detected!("avx512vbmi2")
}
