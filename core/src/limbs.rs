//! 256-bit integers as four 64-bit limbs, least significant first: what both moduli are built from.

/// Four limbs, least significant first.
pub type Limbs = [u64; 4];

/// `t + a*b + carry`; the high half becomes the new carry. Cannot overflow.
#[inline(always)]
pub fn multiply_add(t: u64, a: u64, b: u64, carry: &mut u64) -> u64 {
    let r = t as u128 + a as u128 * b as u128 + *carry as u128;
    *carry = (r >> 64) as u64;
    r as u64
}

/// Sum and carry.
#[inline(always)]
pub fn add(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (r0, c) = a[0].carrying_add(b[0], false);
    let (r1, c) = a[1].carrying_add(b[1], c);
    let (r2, c) = a[2].carrying_add(b[2], c);
    let (r3, c) = a[3].carrying_add(b[3], c);
    ([r0, r1, r2, r3], c)
}

/// Difference and borrow.
#[inline(always)]
pub fn subtract(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (r0, c) = a[0].borrowing_sub(b[0], false);
    let (r1, c) = a[1].borrowing_sub(b[1], c);
    let (r2, c) = a[2].borrowing_sub(b[2], c);
    let (r3, c) = a[3].borrowing_sub(b[3], c);
    ([r0, r1, r2, r3], c)
}

/// `a` where `condition` holds, else `b`; no branch.
#[inline(always)]
pub fn select(condition: bool, a: &Limbs, b: &Limbs) -> Limbs {
    let mask = (condition as u64).wrapping_neg();
    std::array::from_fn(|i| (a[i] & mask) | (b[i] & !mask))
}

/// Whether `a < b`.
#[inline(always)]
pub fn is_below(a: &Limbs, b: &Limbs) -> bool {
    subtract(a, b).1
}

/// The 512-bit product.
#[inline(always)]
pub fn multiply(a: &Limbs, b: &Limbs) -> [u64; 8] {
    let mut t = [0u64; 8];
    for i in 0..4 {
        let mut carry = 0;
        for j in 0..4 {
            t[i + j] = multiply_add(t[i + j], a[j], b[i], &mut carry);
        }
        t[i + 4] = carry;
    }
    t
}

/// The 512-bit square: six products doubled by shifting, then the four squares.
#[inline(always)]
pub fn square(a: &Limbs) -> [u64; 8] {
    let mut t = [0u64; 8];
    let mut carry = 0;
    t[1] = multiply_add(0, a[0], a[1], &mut carry);
    t[2] = multiply_add(0, a[0], a[2], &mut carry);
    t[3] = multiply_add(0, a[0], a[3], &mut carry);
    t[4] = carry;
    carry = 0;
    t[3] = multiply_add(t[3], a[1], a[2], &mut carry);
    t[4] = multiply_add(t[4], a[1], a[3], &mut carry);
    t[5] = carry;
    carry = 0;
    t[5] = multiply_add(t[5], a[2], a[3], &mut carry);
    t[6] = carry;
    t[7] = t[6] >> 63;
    for i in (2..7).rev() {
        t[i] = (t[i] << 1) | (t[i - 1] >> 63);
    }
    t[1] <<= 1;
    let mut carry = false;
    for i in 0..4 {
        let product = a[i] as u128 * a[i] as u128;
        (t[2 * i], carry) = t[2 * i].carrying_add(product as u64, carry);
        (t[2 * i + 1], carry) = t[2 * i + 1].carrying_add((product >> 64) as u64, carry);
    }
    t
}

/// Reads 32 big-endian bytes. Requires: `bytes.len() == 32`.
#[inline(always)]
pub fn from_bytes(bytes: &[u8]) -> Limbs {
    let mut limbs = [0u64; 4];
    for (limb, chunk) in limbs.iter_mut().rev().zip(bytes.chunks_exact(8)) {
        *limb = chunk.iter().fold(0, |value, &byte| value << 8 | byte as u64);
    }
    limbs
}

/// Writes 32 big-endian bytes. Requires: `out.len() == 32`.
#[inline(always)]
pub fn to_bytes(a: &Limbs, out: &mut [u8]) {
    for (limb, chunk) in a.iter().rev().zip(out.chunks_exact_mut(8)) {
        chunk.copy_from_slice(&limb.to_be_bytes());
    }
}

/// The `width` bits that start at bit `low`; bits past the end are zero. Requires: `width < 64`.
#[inline(always)]
pub fn window(a: &Limbs, low: usize, width: usize) -> usize {
    let (limb, shift) = (low / 64, low % 64);
    let here = a.get(limb).map_or(0, |x| x >> shift);
    let next = if shift + width > 64 { a.get(limb + 1).map_or(0, |x| x << (64 - shift)) } else { 0 };
    (here | next) as usize & ((1 << width) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_products() {
        for a in [[0; 4], [1, 0, 0, 0], [u64::MAX; 4], [3, u64::MAX, 1 << 63, 7]] {
            assert_eq!(square(&a), multiply(&a, &a));
        }
    }

    #[test]
    fn bytes_round_trip_and_are_big_endian() {
        let a = [4, 3, 2, 1];
        let mut bytes = [0; 32];
        to_bytes(&a, &mut bytes);
        assert_eq!((bytes[7], bytes[31]), (1, 4));
        assert_eq!(from_bytes(&bytes), a);
    }

    #[test]
    fn windows_cross_limbs_and_end() {
        let a = [1 << 63, 0b101, 0, 1 << 63];
        assert_eq!(window(&a, 63, 4), 0b1011);
        assert_eq!(window(&a, 255, 13), 1);
        assert_eq!(window(&a, 260, 13), 0);
    }
}
