//! Points of y^2 = x^3 + 7: affine for storage, Jacobian for short running sums.

use crate::field::{Fe, P};
use crate::limbs;
use zeroize::DefaultIsZeroes;

/// An affine point with canonical coordinates, one cache line; `(0, 0)` stands for the identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(C, align(64))]
pub struct Affine {
    pub x: Fe,
    pub y: Fe,
}

impl DefaultIsZeroes for Affine {}

impl Affine {
    pub const IDENTITY: Affine = Affine { x: Fe::ZERO, y: Fe::ZERO };

    /// No point of the curve has y = 0, so y alone tells.
    #[inline(always)]
    pub fn is_identity(&self) -> bool {
        self.y == Fe::ZERO
    }

    /// The inverse; the identity stays what it is.
    #[inline(always)]
    pub fn negate(&self) -> Affine {
        if self.is_identity() { *self } else { Affine { x: self.x, y: -self.y } }
    }

    /// Reads `x || y`, 64 bytes, reducing coordinates mod p; whether the point is on the curve is not checked.
    #[inline]
    pub fn from_bytes(bytes: &[u8]) -> Affine {
        let read = |half: &[u8]| Fe(limbs::from_bytes(half)).canonical();
        Affine { x: read(&bytes[..32]), y: read(&bytes[32..64]) }
    }

    /// Reads `x || y`; None where a coordinate is p or more, or the point is off the curve.
    pub fn from_bytes_checked(bytes: &[u8]) -> Option<Affine> {
        let (x, y) = (limbs::from_bytes(&bytes[..32]), limbs::from_bytes(&bytes[32..64]));
        let in_range = limbs::is_below(&x, &P) && limbs::is_below(&y, &P);
        let point = Affine { x: Fe(x), y: Fe(y) };
        (in_range && point.is_on_curve()).then_some(point)
    }

    /// Writes `x || y`, 64 bytes.
    #[inline]
    pub fn to_bytes(&self, out: &mut [u8]) {
        limbs::to_bytes(&self.x.0, &mut out[..32]);
        limbs::to_bytes(&self.y.0, &mut out[32..64]);
    }

    fn is_on_curve(&self) -> bool {
        self.y.square().canonical() == curve_at(self.x).canonical()
    }

    /// The point with this x and an even y, if there is one. Requires: x canonical.
    pub fn with_even_y(x: Fe) -> Option<Affine> {
        Some(Affine::even(x, curve_at(x).sqrt()?))
    }

    /// The point with an even y if `root` is a root of `square`, x^3 + 7; all canonical.
    pub fn with_root(x: Fe, square: Fe, root: Fe) -> Option<Affine> {
        (root.square().canonical() == square).then(|| Affine::even(x, root))
    }

    fn even(x: Fe, y: Fe) -> Affine {
        Affine { x, y: if y.0[0] & 1 == 0 { y } else { -y } }
    }

    pub fn double(&self) -> Affine {
        Jacobian::from(self).double().to_affine()
    }
}

/// x^3 + 7.
pub fn curve_at(x: Fe) -> Fe {
    x.square() * x + Fe::SEVEN
}

/// (X/Z^2, Y/Z^3); the identity has Z = 0. Coordinates canonical.
#[derive(Clone, Copy, Debug)]
pub struct Jacobian {
    x: Fe,
    y: Fe,
    z: Fe,
}

impl From<&Affine> for Jacobian {
    fn from(point: &Affine) -> Jacobian {
        if point.is_identity() { Jacobian::IDENTITY } else { Jacobian { x: point.x, y: point.y, z: Fe::ONE } }
    }
}

impl Jacobian {
    pub const IDENTITY: Jacobian = Jacobian { x: Fe::ONE, y: Fe::ONE, z: Fe::ZERO };

    /// Cost: 2 multiplications, 5 squarings. Complete: no point has order 2.
    pub fn double(&self) -> Jacobian {
        let a = self.x.square().canonical();
        let b = self.y.square().canonical();
        let c = b.square().canonical();
        let half_d = (self.x + b).square() - a - c;
        let d = (half_d + half_d).canonical();
        let e = a + a + a;
        let x = (e.square() - d - d).canonical();
        let c2 = c + c;
        let c4 = c2 + c2;
        let y = (e * (d - x) - (c4 + c4).canonical()).canonical();
        let half_z = self.y * self.z;
        Jacobian { x, y, z: (half_z + half_z).canonical() }
    }

    /// Complete: handles equal, opposite and identity. Cost: 12 multiplications, 4 squarings.
    pub fn add(&self, rhs: &Jacobian) -> Jacobian {
        if self.z.is_zero() {
            return *rhs;
        }
        if rhs.z.is_zero() {
            return *self;
        }
        let (z1, z2) = (self.z.square(), rhs.z.square());
        let u1 = (self.x * z2).canonical();
        let s1 = (self.y * rhs.z * z2).canonical();
        let h = (rhs.x * z1 - u1).canonical();
        let r = (rhs.y * self.z * z1 - s1).canonical();
        if h == Fe::ZERO {
            return if r == Fe::ZERO { self.double() } else { Jacobian::IDENTITY };
        }
        let h2 = h.square();
        let h3 = (h * h2).canonical();
        let v = (u1 * h2).canonical();
        let x = (r.square() - h3 - v - v).canonical();
        let y = (r * (v - x) - (s1 * h3).canonical()).canonical();
        Jacobian { x, y, z: (self.z * rhs.z * h).canonical() }
    }

    /// `self + point`; complete.
    pub fn add_affine(&self, point: &Affine) -> Jacobian {
        self.add(&Jacobian::from(point))
    }

    /// Doubled `count` times.
    pub fn shifted(&self, count: usize) -> Jacobian {
        (0..count).fold(*self, |point, _| point.double())
    }

    /// Cost: one inversion.
    pub fn to_affine(&self) -> Affine {
        self.scaled(self.z.invert())
    }

    /// The affine form, given 1/Z; the identity where Z is zero.
    fn scaled(&self, inverse: Fe) -> Affine {
        if self.z.is_zero() {
            return Affine::IDENTITY;
        }
        let square = inverse.square();
        let x = (self.x * square).canonical();
        Affine { x, y: (self.y * square * inverse).canonical() }
    }
}

/// Affine forms of many points for one inversion.
pub fn normalise(points: &[Jacobian]) -> Vec<Affine> {
    let z_of = |point: &Jacobian| if point.z.is_zero() { Fe::ONE } else { point.z };
    let mut prefixes = Vec::with_capacity(points.len());
    let mut product = Fe::ONE;
    for point in points {
        prefixes.push(product);
        product = product * z_of(point);
    }
    let mut inverse = product.invert();
    let mut affine = vec![Affine::IDENTITY; points.len()];
    for (i, point) in points.iter().enumerate().rev() {
        affine[i] = point.scaled(inverse * prefixes[i]);
        inverse = inverse * z_of(point);
    }
    affine
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use k256::elliptic_curve::sec1::ToEncodedPoint;
    use k256::{ProjectivePoint, Scalar};

    /// `k * G` by k256, for small k of either sign.
    pub fn oracle(k: i64) -> Affine {
        let scalar = Scalar::from(k.unsigned_abs());
        from_k256(ProjectivePoint::GENERATOR * if k < 0 { -scalar } else { scalar })
    }

    pub fn from_k256(point: ProjectivePoint) -> Affine {
        match point.to_affine().to_encoded_point(false).as_bytes() {
            [4, coordinates @ ..] => Affine::from_bytes_checked(coordinates).expect("on the curve"),
            _ => Affine::IDENTITY,
        }
    }

    #[test]
    fn jacobian_sums_of_all_small_multiples() {
        for i in -8..=8 {
            let a = Jacobian::from(&oracle(i)).add_affine(&oracle(3)).add_affine(&oracle(-3));
            assert_eq!(a.double().to_affine(), oracle(2 * i));
            for j in -8..=8 {
                assert_eq!(a.add_affine(&oracle(j)).to_affine(), oracle(i + j));
                let b = Jacobian::from(&oracle(j + 5)).add_affine(&oracle(-5));
                assert_eq!(a.add(&b).to_affine(), oracle(i + j));
            }
        }
    }

    #[test]
    fn normalising_many_keeps_identities() {
        let points: Vec<Jacobian> = (-3..=3).map(|k| Jacobian::from(&oracle(k)).double()).collect();
        assert_eq!(normalise(&points), (-3..=3).map(|k| oracle(2 * k)).collect::<Vec<_>>());
    }

    #[test]
    fn checked_reading_refuses_what_is_no_point() {
        let mut bytes = [0; 64];
        oracle(1).to_bytes(&mut bytes);
        assert_eq!(Affine::from_bytes_checked(&bytes), Some(oracle(1)));
        bytes[63] ^= 1;
        assert_eq!(Affine::from_bytes_checked(&bytes), None);
        assert_eq!(Affine::from_bytes_checked(&[0; 64]), None);
        assert_eq!(Affine::from_bytes_checked(&[0xFF; 64]), None);
    }

    #[test]
    fn even_roots() {
        let g = oracle(1);
        let even = Affine::with_even_y(g.x).expect("G has this x");
        assert!(even == g || even == g.negate());
        assert_eq!(even.y.0[0] & 1, 0);
        assert_eq!(Affine::with_even_y(Fe::ZERO), None);
    }
}
