//! The coordinate field, integers mod p = 2^256 - 2^32 - 977, lazily reduced.
//!
//! A `Fe` is any integer below 2^256 that is congruent to the value meant. *Canonical* means below p; only
//! canonical values are stored in points, compared or encoded. Since 2^256 = FOLD (mod p) and FOLD has 33 bits,
//! a product is reduced by two short multiplications.

use crate::invert;
use crate::limbs::{self, Limbs};
use std::ops::{Add, Mul, Neg, Sub};

/// The field prime.
pub const P: Limbs = [0xFFFF_FFFE_FFFF_FC2F, u64::MAX, u64::MAX, u64::MAX];
/// 2^256 - p.
const FOLD: u64 = 0x1_0000_03D1;

/// A field element below 2^256, not necessarily canonical.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(transparent)]
pub struct Fe(pub Limbs);

impl Fe {
    pub const ZERO: Fe = Fe([0; 4]);
    pub const ONE: Fe = Fe([1, 0, 0, 0]);
    /// The constant of the curve equation y^2 = x^3 + 7.
    pub const SEVEN: Fe = Fe([7, 0, 0, 0]);

    /// The same value below p. Cost: one comparison that practically never holds.
    #[inline(always)]
    pub fn canonical(self) -> Fe {
        if self.0[3] & self.0[2] & self.0[1] == u64::MAX && self.0[0] >= P[0] {
            return Fe([self.0[0] - P[0], 0, 0, 0]);
        }
        self
    }

    /// Whether the value is 0 mod p.
    #[inline(always)]
    pub fn is_zero(self) -> bool {
        self.canonical() == Fe::ZERO
    }

    #[inline(always)]
    pub fn square(self) -> Fe {
        reduce(&limbs::square(&self.0))
    }

    fn squared_times(self, count: usize) -> Fe {
        (0..count).fold(self, |value, _| value.square())
    }

    /// self^(2^2 - 1), self^(2^22 - 1), self^(2^223 - 1).
    fn ladder(self) -> (Fe, Fe, Fe) {
        let raise = |low: Fe, high: Fe, count| high.squared_times(count) * low;
        let x2 = raise(self, self, 1);
        let x3 = raise(self, x2, 1);
        let x6 = raise(x3, x3, 3);
        let x9 = raise(x3, x6, 3);
        let x11 = raise(x2, x9, 2);
        let x22 = raise(x11, x11, 11);
        let x44 = raise(x22, x22, 22);
        let x88 = raise(x44, x44, 44);
        let x176 = raise(x88, x88, 88);
        let x220 = raise(x44, x176, 44);
        (x2, x22, raise(x3, x220, 3))
    }

    /// The inverse, canonical, and zero of zero. Timing: depends on the value.
    #[inline]
    pub fn invert(self) -> Fe {
        Fe(invert::invert(&self.0))
    }

    /// self^((p+1)/4): a canonical square root, or None where there is none.
    pub fn sqrt(self) -> Option<Fe> {
        let (x2, x22, x223) = self.ladder();
        let t = x223.squared_times(23) * x22;
        let root = (t.squared_times(6) * x2).squared_times(2).canonical();
        (root.square().canonical() == self.canonical()).then_some(root)
    }
}

impl Add for Fe {
    type Output = Fe;

    #[inline(always)]
    fn add(self, rhs: Fe) -> Fe {
        let (sum, carry) = limbs::add(&self.0, &rhs.0);
        let (sum, carry) = limbs::add(&sum, &[if carry { FOLD } else { 0 }, 0, 0, 0]);
        // Twice only when both operands were within FOLD of 2^256; then the rest is below 2^34.
        Fe(limbs::add(&sum, &[if carry { FOLD } else { 0 }, 0, 0, 0]).0)
    }
}

impl Sub for Fe {
    type Output = Fe;

    /// Requires: `rhs` canonical, so adding p once makes a negative difference positive.
    #[inline(always)]
    fn sub(self, rhs: Fe) -> Fe {
        debug_assert!(limbs::is_below(&rhs.0, &P));
        let (difference, borrow) = limbs::subtract(&self.0, &rhs.0);
        Fe(limbs::subtract(&difference, &[if borrow { FOLD } else { 0 }, 0, 0, 0]).0)
    }
}

impl Mul for Fe {
    type Output = Fe;

    #[inline(always)]
    fn mul(self, rhs: Fe) -> Fe {
        reduce(&limbs::multiply(&self.0, &rhs.0))
    }
}

impl Neg for Fe {
    type Output = Fe;

    /// `p - self`. Requires: canonical and not zero. Ensures: canonical.
    #[inline(always)]
    fn neg(self) -> Fe {
        Fe(limbs::subtract(&P, &self.0).0)
    }
}

/// A value below 2^256 that is congruent to the 512-bit `t` mod p.
#[inline(always)]
fn reduce(t: &[u64; 8]) -> Fe {
    let mut carry = 0;
    let r0 = limbs::multiply_add(t[0], t[4], FOLD, &mut carry);
    let r1 = limbs::multiply_add(t[1], t[5], FOLD, &mut carry);
    let r2 = limbs::multiply_add(t[2], t[6], FOLD, &mut carry);
    let r3 = limbs::multiply_add(t[3], t[7], FOLD, &mut carry);
    let top = carry as u128 * FOLD as u128;
    let (r, carry) = limbs::add(&[r0, r1, r2, r3], &[top as u64, (top >> 64) as u64, 0, 0]);
    // A carry leaves less than 2^68, so that folding it in cannot carry again.
    Fe(limbs::add(&r, &[if carry { FOLD } else { 0 }, 0, 0, 0]).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values at the edges of the lazy range, where a lost carry would show.
    const EDGES: [Limbs; 8] = [
        [0; 4],
        [1, 0, 0, 0],
        [P[0] - 1, P[1], P[2], P[3]],
        P,
        [P[0] + 1, P[1], P[2], P[3]],
        [u64::MAX; 4],
        [0, 0, 0, 1 << 63],
        [0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210, 7, 0xDEAD_BEEF],
    ];

    /// Reduces 512 bits one bit at a time: slow, and with nothing in common with `reduce`.
    fn slow_reduce(t: &[u64; 8]) -> Limbs {
        let mut r = [0u64; 4];
        for bit in (0..512).rev() {
            let (doubled, carry) = limbs::add(&r, &r);
            r = doubled;
            r[0] |= t[bit / 64] >> (bit % 64) & 1;
            if carry || !limbs::is_below(&r, &P) {
                r = limbs::subtract(&r, &P).0;
            }
        }
        r
    }

    #[test]
    fn arithmetic_at_the_edges() {
        for a in EDGES {
            for b in EDGES {
                let product = limbs::multiply(&a, &b);
                assert_eq!((Fe(a) * Fe(b)).canonical().0, slow_reduce(&product));
                let (sum, carry) = limbs::add(&a, &b);
                let wide = [sum[0], sum[1], sum[2], sum[3], carry as u64, 0, 0, 0];
                assert_eq!((Fe(a) + Fe(b)).canonical().0, slow_reduce(&wide));
                let b = Fe(b).canonical();
                assert_eq!((Fe(a) - b + b).canonical(), Fe(a).canonical());
            }
        }
    }

    #[test]
    fn inverses_of_many() {
        let mut a = Fe([0x0123_4567_89AB_CDEF, 5, 0xFEDC_BA98_7654_3210, 1 << 62]);
        for i in 0..10_000u64 {
            assert_eq!((a * a.invert()).canonical(), Fe::ONE);
            a = a.square() + Fe([i, 0, 0, 0]);
        }
        for bit in 0..256 {
            let mut power = [0; 4];
            power[bit / 64] = 1 << (bit % 64);
            for a in [Fe(power), -Fe(power).canonical()] {
                assert_eq!((a * a.invert()).canonical(), Fe::ONE, "bit {bit}");
            }
        }
    }

    #[test]
    fn inverses_and_roots() {
        for a in EDGES.map(Fe) {
            let expected = if a.is_zero() { Fe::ZERO } else { Fe::ONE };
            assert_eq!((a * a.invert()).canonical(), expected);
            assert_eq!(a.invert(), a.invert().canonical());
            let root = a.square().sqrt().expect("a square has a root");
            assert!(root == a.canonical() || (root + a).is_zero());
        }
        assert_eq!(Fe::SEVEN.sqrt(), None, "no point has x = 0");
    }
}
