//! Sums of coefficients over the set bits of a value, by lookup.

use crate::scalar::{Scalar, Sum};

/// For each byte of a value, the 256 sums of its bits' coefficients.
pub struct SubsetSums(Vec<[Scalar; 256]>);

impl SubsetSums {
    /// Cost: 256 additions per eight coefficients.
    pub fn new(coefficients: &[Scalar]) -> SubsetSums {
        let table = |bits: &[Scalar]| {
            let mut sums = [Scalar::ZERO; 256];
            for m in 1..1usize << bits.len() {
                sums[m] = sums[m & (m - 1)] + bits[m.trailing_zeros() as usize];
            }
            sums
        };
        SubsetSums(coefficients.chunks(8).map(table).collect())
    }

    /// Requires: no bit of `value` past the coefficients. Cost: one addition per byte up to the highest set bit.
    #[inline(always)]
    pub fn sum(&self, value: u128) -> Scalar {
        let mut sum = Sum::default();
        let mut rest = value;
        for table in &self.0 {
            if rest == 0 {
                break;
            }
            sum.add(&table[(rest & 255) as usize]);
            rest >>= 8;
        }
        sum.reduce()
    }
}
