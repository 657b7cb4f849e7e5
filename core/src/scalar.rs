//! Scalars, integers mod the group order n, in Montgomery form.
//!
//! A `Scalar` holds `value * 2^256 mod n`, always below n. n = 2^256 - C with a C of 129 bits, so one step of
//! Montgomery's reduction, `t + q*n`, is a subtraction of `q*C` and an addition of q four limbs higher: three
//! word products instead of five. Sums of many products are kept wide and reduced once.

use crate::limbs::{self, Limbs};
use k256::elliptic_curve::PrimeField;
use std::ops::{Add, Mul, Neg, Sub};
use zeroize::DefaultIsZeroes;

/// The group order.
pub const N: Limbs = [0xBFD2_5E8C_D036_4141, 0xBAAE_DCE6_AF48_A03B, 0xFFFF_FFFF_FFFF_FFFE, u64::MAX];
/// Low limbs of C = 2^256 - n; its third limb is 1.
const C: [u64; 2] = [0x402D_A173_2FC9_BEBF, 0x4551_2319_50B7_5FC4];
/// 1/C mod 2^64, which is -1/n mod 2^64.
const C_INVERSE: u64 = 0x4B0D_FF66_5588_B13F;
/// 2^512 mod n.
const R_SQUARED: Limbs =
    [0x896C_F214_67D7_D140, 0x7414_96C2_0E7C_F878, 0xE697_F5E4_5BCD_07C6, 0x9D67_1CD5_81C6_9BC5];

/// A scalar in Montgomery form, below n.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(transparent)]
pub struct Scalar(pub Limbs);

impl DefaultIsZeroes for Scalar {}

impl Scalar {
    pub const ZERO: Scalar = Scalar([0; 4]);
    pub const ONE: Scalar = Scalar([C[0], C[1], 1, 0]);

    /// Any integer below 2^256.
    #[inline]
    pub fn from_limbs(value: &Limbs) -> Scalar {
        Scalar(montgomery(&limbs::multiply(value, &R_SQUARED)))
    }

    /// The integer below n.
    #[inline]
    pub fn to_limbs(self) -> Limbs {
        let [a, b, c, d] = self.0;
        montgomery(&[a, b, c, d, 0, 0, 0, 0])
    }

    /// The scalar whose Montgomery form is congruent to `low + top * 2^256`. Requires: top at most 1.
    #[inline]
    pub fn from_montgomery(low: Limbs, top: u64) -> Scalar {
        Scalar(fold(low, top))
    }

    /// 32 big-endian bytes, reduced mod n.
    #[inline]
    pub fn from_bytes(bytes: &[u8]) -> Scalar {
        Scalar::from_limbs(&limbs::from_bytes(bytes))
    }

    /// 64 big-endian bytes in two halves, reduced mod n.
    pub fn from_wide_bytes(high: &[u8; 32], low: &[u8; 32]) -> Scalar {
        Scalar::from_bytes(high) * Scalar(R_SQUARED) + Scalar::from_bytes(low)
    }

    pub fn to_bytes(self, out: &mut [u8]) {
        limbs::to_bytes(&self.to_limbs(), out);
    }

    #[inline(always)]
    pub fn is_zero(self) -> bool {
        self.0[0] | self.0[1] | self.0[2] | self.0[3] == 0
    }

    /// The inverse; zero of zero.
    pub fn invert(self) -> Scalar {
        let mut bytes = [0; 32];
        self.to_bytes(&mut bytes);
        let value = k256::Scalar::from_repr(bytes.into()).unwrap_or(k256::Scalar::ZERO);
        let inverse = value.invert().unwrap_or(k256::Scalar::ZERO);
        Scalar::from_bytes(&inverse.to_repr())
    }

    /// self^0, self^1, ..., `count` of them.
    pub fn powers(self, count: usize) -> Vec<Scalar> {
        std::iter::successors(Some(Scalar::ONE), |power| Some(*power * self)).take(count).collect()
    }
}

impl Add for Scalar {
    type Output = Scalar;

    #[inline(always)]
    fn add(self, rhs: Scalar) -> Scalar {
        let (sum, carry) = limbs::add(&self.0, &rhs.0);
        Scalar(below_n(sum, carry))
    }
}

impl Sub for Scalar {
    type Output = Scalar;

    #[inline(always)]
    fn sub(self, rhs: Scalar) -> Scalar {
        let (difference, borrow) = limbs::subtract(&self.0, &rhs.0);
        let mask = (borrow as u64).wrapping_neg();
        Scalar(limbs::add(&difference, &N.map(|limb| limb & mask)).0)
    }
}

impl Mul for Scalar {
    type Output = Scalar;

    #[inline(always)]
    fn mul(self, rhs: Scalar) -> Scalar {
        Scalar(montgomery(&limbs::multiply(&self.0, &rhs.0)))
    }
}

impl Neg for Scalar {
    type Output = Scalar;

    #[inline(always)]
    fn neg(self) -> Scalar {
        Scalar::ZERO - self
    }
}

/// `value + carry*2^256` below n. Requires: it is below 2n.
#[inline(always)]
fn below_n(value: Limbs, carry: bool) -> Limbs {
    let (reduced, borrow) = limbs::subtract(&value, &N);
    limbs::select(borrow & !carry, &value, &reduced)
}

/// Four Montgomery steps on limbs 0..=7 of `t`; the quotient's limbs stand in 4..=7, the returned carry above.
#[inline(always)]
fn montgomery_steps(t: &mut [u64]) -> u64 {
    let mut carry = 0u64;
    for i in 0..4 {
        let q = t[i].wrapping_mul(C_INVERSE);
        let mut high = 0;
        limbs::multiply_add(0, q, C[0], &mut high); // its low half equals t[i] and cancels it
        let low = limbs::multiply_add(0, q, C[1], &mut high);
        let (upper, spill) = high.overflowing_add(q);
        let borrow;
        (t[i + 1], borrow) = t[i + 1].borrowing_sub(low, false);
        let borrow_2;
        (t[i + 2], borrow_2) = t[i + 2].borrowing_sub(upper, borrow);
        let borrow_3;
        (t[i + 3], borrow_3) = t[i + 3].borrowing_sub(spill as u64, borrow_2);
        // q = 0 subtracts nothing and so never borrows: q - borrow_3 is not negative.
        let sum = t[i + 4] as u128 + (q - borrow_3 as u64) as u128 + carry as u128;
        t[i + 4] = sum as u64;
        carry = (sum >> 64) as u64;
    }
    carry
}

/// `t / 2^256 mod n`. Requires: t < n * 2^256.
#[inline(always)]
fn montgomery(t: &[u64; 8]) -> Limbs {
    let mut t = *t;
    let carry = montgomery_steps(&mut t);
    below_n([t[4], t[5], t[6], t[7]], carry != 0)
}

/// A sum of scalars, unreduced: 320 bits hold 2^64 of them.
#[derive(Clone, Copy, Default)]
pub struct Sum([u64; 5]);

impl DefaultIsZeroes for Sum {}

impl Sum {
    #[inline(always)]
    pub fn add(&mut self, term: &Scalar) {
        let (low, carry) = limbs::add(&[self.0[0], self.0[1], self.0[2], self.0[3]], &term.0);
        self.0 = [low[0], low[1], low[2], low[3], self.0[4] + carry as u64];
    }

    #[inline(always)]
    pub fn is_zero(&self) -> bool {
        self.0 == [0; 5]
    }

    /// Requires: fewer than 2^62 terms.
    #[inline(always)]
    pub fn reduce(&self) -> Scalar {
        let [a, b, c, d, top] = self.0;
        Scalar(fold([a, b, c, d], top))
    }
}

/// `low + top * 2^256 mod n`, by 2^256 = C (mod n). Requires: top < 2^62.
#[inline(always)]
fn fold(low: Limbs, top: u64) -> Limbs {
    let mut carry = 0;
    let c0 = limbs::multiply_add(0, top, C[0], &mut carry);
    let c1 = limbs::multiply_add(0, top, C[1], &mut carry);
    let (c2, c3) = top.overflowing_add(carry);
    let (sum, carry) = limbs::add(&low, &[c0, c1, c2, c3 as u64]);
    below_n(sum, carry)
}

/// A sum of products of two scalars, unreduced: 576 bits hold 2^60 of them.
#[derive(Clone, Copy, Default)]
pub struct ProductSum([u64; 9]);

impl DefaultIsZeroes for ProductSum {}

impl ProductSum {
    #[inline(always)]
    pub fn add_product(&mut self, a: &Scalar, b: &Scalar) {
        self.add_wide(&limbs::multiply(&a.0, &b.0));
    }

    #[inline(always)]
    pub fn add_square(&mut self, a: &Scalar) {
        self.add_wide(&limbs::square(&a.0));
    }

    #[inline(always)]
    fn add_wide(&mut self, t: &[u64; 8]) {
        let mut carry = false;
        for (limb, term) in self.0.iter_mut().zip(t) {
            (*limb, carry) = limb.carrying_add(*term, carry);
        }
        self.0[8] += carry as u64;
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &ProductSum) {
        let mut carry = false;
        for (limb, term) in self.0.iter_mut().zip(&other.0) {
            (*limb, carry) = limb.carrying_add(*term, carry);
        }
    }

    #[inline]
    pub fn reduce(&self) -> Scalar {
        let mut t = self.0;
        let carry = montgomery_steps(&mut t);
        Scalar(fold([t[4], t[5], t[6], t[7]], t[8] + carry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDGES: [Limbs; 7] = [
        [0; 4],
        [1, 0, 0, 0],
        [2, 0, 0, 0],
        [N[0] - 1, N[1], N[2], N[3]],
        [0, 0, 0, 1 << 63],
        [u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 1],
        [0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210, 7, 0xDEAD_BEEF],
    ];

    fn oracle(limbs: &Limbs) -> k256::Scalar {
        let mut bytes = [0; 32];
        limbs::to_bytes(limbs, &mut bytes);
        k256::Scalar::from_repr(bytes.into()).unwrap()
    }

    fn ours(value: Scalar) -> k256::Scalar {
        oracle(&value.to_limbs())
    }

    #[test]
    fn agrees_with_k256_at_the_edges() {
        for a in EDGES {
            let (x, big_x) = (Scalar::from_limbs(&a), oracle(&a));
            assert_eq!(ours(x), big_x);
            assert_eq!(ours(-x), -big_x);
            assert_eq!(ours(x.invert()), big_x.invert().unwrap_or(k256::Scalar::ZERO));
            for b in EDGES {
                let (y, big_y) = (Scalar::from_limbs(&b), oracle(&b));
                assert_eq!(ours(x + y), big_x + big_y);
                assert_eq!(ours(x - y), big_x - big_y);
                assert_eq!(ours(x * y), big_x * big_y);
            }
        }
    }

    #[test]
    fn integers_from_n_up_are_reduced() {
        assert_eq!(Scalar::from_limbs(&N), Scalar::ZERO);
        let all_ones = Scalar::from_limbs(&[u64::MAX; 4]);
        assert_eq!(all_ones.to_limbs(), [C[0] - 1, C[1], 1, 0]);
        let wide = Scalar::from_wide_bytes(&[0xFF; 32], &[0xFF; 32]);
        let c = Scalar::from_limbs(&[C[0], C[1], 1, 0]);
        assert_eq!(wide, c * c - Scalar::ONE, "2^512 - 1");
    }

    #[test]
    fn lazy_sums_agree_with_reduced_ones() {
        let largest = Scalar([N[0] - 1, N[1], N[2], N[3]]);
        let (mut sum, mut products, mut squares) = (Sum::default(), ProductSum::default(), Scalar::ZERO);
        let mut expected = Scalar::ZERO;
        for _ in 0..1000 {
            sum.add(&largest);
            products.add_product(&largest, &largest);
            products.add_square(&largest);
            expected = expected + largest;
            squares = squares + largest * largest + largest * largest;
        }
        assert_eq!(sum.reduce(), expected);
        assert_eq!(products.reduce(), squares);
        let mut twice = products;
        twice.merge(&products);
        assert_eq!(twice.reduce(), squares + squares);
    }

    #[test]
    fn powers_start_at_one() {
        let y = Scalar::from_limbs(&[3, 0, 0, 0]);
        assert_eq!(y.powers(4).map_last(), [27, 0, 0, 0]);
        assert!(Scalar::ONE.powers(0).is_empty());
    }

    trait MapLast {
        fn map_last(&self) -> Limbs;
    }

    impl MapLast for Vec<Scalar> {
        fn map_last(&self) -> Limbs {
            self.last().unwrap().to_limbs()
        }
    }
}
