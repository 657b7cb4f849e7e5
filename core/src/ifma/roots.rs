//! Square roots mod p, 32 numbers at a time.
//!
//! The exponent (p + 1) / 4 is raised to by the same chain as in the portable field. Every step waits for the one before,
//! so four vectors go side by side.

use super::Token;
use super::field::{canonical, multiply, square};
use super::lanes::{self, Digits};
use crate::limbs::Limbs;

/// Vectors side by side.
const VECTORS: usize = 4;
/// Numbers side by side.
pub const SIDE_BY_SIDE: usize = 8 * VECTORS;

type Each = [Digits; VECTORS];

/// `a^((p+1)/4)` of each number below 2^256: a canonical square root where there is one. Cost: 266 multiplications each.
#[allow(unsafe_code)]
pub fn square_roots(_: Token, numbers: &[Limbs; SIDE_BY_SIDE]) -> [Limbs; SIDE_BY_SIDE] {
    // SAFETY: the token says that the processor has the features.
    unsafe { square_roots_here(numbers) }
}

#[target_feature(enable = "avx512f,avx512vl,avx512ifma,avx512vbmi2")]
fn square_roots_here(numbers: &[Limbs; SIDE_BY_SIDE]) -> [Limbs; SIDE_BY_SIDE] {
    let mut a = [lanes::zero(); VECTORS];
    for (vector, numbers) in a.iter_mut().zip(numbers.as_chunks().0) {
        *vector = lanes::from_limbs(numbers);
    }
    let x2 = raise(&a, &a, 1);
    let x3 = raise(&a, &x2, 1);
    let x6 = raise(&x3, &x3, 3);
    let x9 = raise(&x3, &x6, 3);
    let x11 = raise(&x2, &x9, 2);
    let x22 = raise(&x11, &x11, 11);
    let x44 = raise(&x22, &x22, 22);
    let x88 = raise(&x44, &x44, 44);
    let x176 = raise(&x88, &x88, 88);
    let x220 = raise(&x44, &x176, 44);
    let x223 = raise(&x3, &x220, 3);
    let mut root = raise(&x2, &raise(&x22, &x223, 23), 6);
    squared_times(&mut root, 2);
    let mut roots = [[0; 4]; SIDE_BY_SIDE];
    for (vector, roots) in root.iter().zip(roots.as_chunks_mut::<8>().0) {
        *roots = lanes::to_limbs(&canonical(vector));
    }
    roots
}

/// `high^(2^count) * low`, of each vector.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn raise(low: &Each, high: &Each, count: usize) -> Each {
    let mut value = *high;
    squared_times(&mut value, count);
    for (value, low) in value.iter_mut().zip(low) {
        *value = multiply(value, low);
    }
    value
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn squared_times(value: &mut Each, count: usize) {
    for _ in 0..count {
        for vector in value.iter_mut() {
            *vector = square(vector);
        }
    }
}
