//! Inverses mod p by division steps (Bernstein and Yang), 62 of them at a time on the lowest words.
//!
//! f and g start as p and the value; a division step halves g, after adding an odd multiple of f that makes it even, so
//! that the greatest common divisor stays and g becomes 0. d and e follow so that d·value = f and e·value = g (mod p).
//! Sixty-two steps depend on the lowest 62 bits alone: they are done on single words, and what they did is a 2 x 2
//! matrix that is then applied to the whole numbers.
//!
//! Numbers are five digits of 62 bits, the top one with the sign. Timing: variable; it depends on the value.

use crate::limbs::Limbs;

type Digits = [i64; 5];
const MASK: u64 = u64::MAX >> 2;
/// p = 2^256 - 2^32 - 977.
const P: Digits = [-0x1_0000_03D1, 0, 0, 0, 256];
/// 1/p mod 2^62.
const P_INVERSE: u64 = {
    let p = P[0] as u64;
    let mut inverse = p; // right in the lowest three bits, and each step doubles how many are
    let mut step = 0;
    while step < 5 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(p.wrapping_mul(inverse)));
        step += 1;
    }
    inverse & MASK
};

/// What 62 steps do to (f, g), times 2^62: (f, g) -> (uf + vg, qf + rg).
struct Matrix {
    u: i64,
    v: i64,
    q: i64,
    r: i64,
}

/// The inverse mod p, and zero of zero. Requires: below 2^256. Ensures: canonical.
pub fn invert(value: &Limbs) -> Limbs {
    let (mut d, mut e): (Digits, Digits) = ([0; 5], [1, 0, 0, 0, 0]);
    let (mut f, mut g) = (P, to_digits(value));
    let mut eta = -1;
    while g != [0; 5] {
        let matrix = steps(&mut eta, f[0] as u64, g[0] as u64);
        apply_mod_p(&mut d, &mut e, &matrix);
        apply(&mut f, &mut g, &matrix);
    }
    canonical(d, f[4] < 0)
}

fn to_digits(a: &Limbs) -> Digits {
    [
        (a[0] & MASK) as i64,
        ((a[0] >> 62 | a[1] << 2) & MASK) as i64,
        ((a[1] >> 60 | a[2] << 4) & MASK) as i64,
        ((a[2] >> 58 | a[3] << 6) & MASK) as i64,
        (a[3] >> 56) as i64,
    ]
}

/// Sixty-two division steps on the lowest words. f is odd; runs of zeros in g are taken at once, and so are several
/// additions of f, up to as many steps as no exchange of f and g falls into.
#[inline(always)]
fn steps(eta: &mut i64, f: u64, g: u64) -> Matrix {
    let (mut f, mut g) = (f, g);
    let (mut u, mut v, mut q, mut r) = (1u64, 0u64, 0u64, 1u64);
    let mut left = 62u32;
    loop {
        let zeros = (g | u64::MAX << left).trailing_zeros();
        g >>= zeros;
        (u, v) = (u << zeros, v << zeros);
        *eta -= zeros as i64;
        left -= zeros;
        if left == 0 {
            return Matrix { u: u as i64, v: v as i64, q: q as i64, r: r as i64 };
        }
        if *eta < 0 {
            *eta = -*eta;
            (f, g) = (g, f.wrapping_neg());
            (u, q) = (q, u.wrapping_neg());
            (v, r) = (r, v.wrapping_neg());
        }
        // w·f cancels as many low bits of g as fit, at most six: -1/f is f(f² - 2) mod 2^6.
        let count = (*eta as u64 + 1).min(left as u64).min(6);
        let w =
            f.wrapping_mul(g).wrapping_mul(f.wrapping_mul(f).wrapping_sub(2)) & (u64::MAX >> (64 - count));
        g = g.wrapping_add(f.wrapping_mul(w));
        q = q.wrapping_add(u.wrapping_mul(w));
        r = r.wrapping_add(v.wrapping_mul(w));
    }
}

/// (f, g) times the matrix, exactly divisible by 2^62.
#[inline(always)]
fn apply(f: &mut Digits, g: &mut Digits, m: &Matrix) {
    let (mut next_f, mut next_g) = (0i128, 0i128);
    for i in 0..5 {
        next_f += product(m.u, f[i]) + product(m.v, g[i]);
        next_g += product(m.q, f[i]) + product(m.r, g[i]);
        if i > 0 {
            (f[i - 1], g[i - 1]) = (low(next_f), low(next_g));
        }
        (next_f, next_g) = (next_f >> 62, next_g >> 62);
    }
    (f[4], g[4]) = (next_f as i64, next_g as i64);
}

/// (d, e) times the matrix over 2^62 mod p: the multiple of p is added that makes them divisible. Both stay in (-2p, p).
#[inline(always)]
fn apply_mod_p(d: &mut Digits, e: &mut Digits, m: &Matrix) {
    let (d_sign, e_sign) = (d[4] >> 63, e[4] >> 63);
    let (mut p_d, mut p_e) = ((m.u & d_sign) + (m.v & e_sign), (m.q & d_sign) + (m.r & e_sign));
    let (mut next_d, mut next_e) = (0i128, 0i128);
    for i in 0..5 {
        next_d += product(m.u, d[i]) + product(m.v, e[i]);
        next_e += product(m.q, d[i]) + product(m.r, e[i]);
        if i == 0 {
            p_d -= (P_INVERSE.wrapping_mul(next_d as u64).wrapping_add(p_d as u64) & MASK) as i64;
            p_e -= (P_INVERSE.wrapping_mul(next_e as u64).wrapping_add(p_e as u64) & MASK) as i64;
        }
        next_d += product(P[i], p_d);
        next_e += product(P[i], p_e);
        if i > 0 {
            (d[i - 1], e[i - 1]) = (low(next_d), low(next_e));
        }
        (next_d, next_e) = (next_d >> 62, next_e >> 62);
    }
    (d[4], e[4]) = (next_d as i64, next_e as i64);
}

#[inline(always)]
fn product(a: i64, b: i64) -> i128 {
    a as i128 * b as i128
}

#[inline(always)]
fn low(a: i128) -> i64 {
    (a as u64 & MASK) as i64
}

/// d or -d in 0..p. Requires: d in (-2p, p).
fn canonical(d: Digits, negate: bool) -> Limbs {
    let d = if d[4] < 0 { plus(&d, &P) } else { d };
    let d = if negate { d.map(|digit| -digit) } else { d };
    let d = carried(&d);
    let d = if d[4] < 0 { plus(&d, &P) } else { d }.map(|digit| digit as u64);
    [d[0] | d[1] << 62, d[1] >> 2 | d[2] << 60, d[2] >> 4 | d[3] << 58, d[3] >> 6 | d[4] << 56]
}

fn plus(a: &Digits, b: &Digits) -> Digits {
    carried(&std::array::from_fn(|i| a[i] + b[i]))
}

fn carried(a: &Digits) -> Digits {
    let mut a = *a;
    for i in 0..4 {
        a[i + 1] += a[i] >> 62;
        a[i] &= MASK as i64;
    }
    a
}
