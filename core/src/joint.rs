//! `a_i * B + b_i * P_i` for many i: one base B for all, a point and two scalars each.
//!
//! One pass of 256 doublings serves both products of an i; a digit of eight bits of a_i goes with two of four bits of
//! b_i. The multiples of B are made once, those of P_i for each i. Sums of some hundred i share one inversion.

use crate::error::{Error, Result, count_records, expect_length};
use crate::limbs::{self, Limbs};
use crate::point::{Affine, Jacobian, normalise};
use crate::stop::Stop;
use rayon::prelude::*;

/// Sums between two looks at the stop flag, and sharing an inversion.
const BLOCK: usize = 64;

/// Writes 64 bytes per i to `out`; the identity is 64 zero bytes.
///
/// Refuses points that are not on the curve (Error::Point). Scalars may be any integers below 2^256. Cost: 256 doublings,
/// 96 additions and 14 for multiples per i, whatever the points. Timing: depends on digits being zero; for public data.
pub fn sums_with_base(
    base: &[u8],
    points: &[u8],
    base_scalars: &[u8],
    point_scalars: &[u8],
    out: &mut [u8],
    stop: &Stop,
) -> Result<()> {
    let count = count_records("points", points.len(), 64)?;
    expect_length("base", base.len(), 64)?;
    expect_length("scalars of the base", base_scalars.len(), 32 * count)?;
    expect_length("scalars of the points", point_scalars.len(), 32 * count)?;
    expect_length("output", out.len(), 64 * count)?;
    let base = Affine::from_bytes_checked(base).ok_or_else(|| Error::Input("the base is no point".into()))?;
    let of_base = multiples::<256>(&base);
    stop.expect(count);
    let blocks = out.par_chunks_mut(64 * BLOCK).enumerate();
    let failures = blocks.filter_map(|(block, out)| {
        let sum = |i: usize| -> Result<Jacobian> {
            let point = Affine::from_bytes_checked(&points[64 * i..64 * i + 64]).ok_or(Error::Point(i))?;
            let scalar = |scalars: &[u8]| limbs::from_bytes(&scalars[32 * i..32 * i + 32]);
            Ok(joint_sum(&of_base, &scalar(base_scalars), &multiples::<16>(&point), &scalar(point_scalars)))
        };
        let first = block * BLOCK;
        let sums = stop.check().and_then(|()| (first..first + out.len() / 64).map(sum).collect());
        stop.advance(out.len() / 64);
        let write = |sums: Vec<Jacobian>| {
            normalise(&sums).iter().zip(out.chunks_exact_mut(64)).for_each(|(sum, out)| sum.to_bytes(out));
        };
        sums.map(write).err()
    });
    // Of several bad points the first is reported.
    failures.min_by_key(|error| if let Error::Point(i) = error { *i } else { usize::MAX }).map_or(Ok(()), Err)
}

/// 0, 1, ... N-1 times the point.
fn multiples<const N: usize>(point: &Affine) -> [Jacobian; N] {
    let mut multiples = [Jacobian::IDENTITY; N];
    for i in 1..N {
        multiples[i] =
            if i % 2 == 0 { multiples[i / 2].double() } else { multiples[i - 1].add_affine(point) };
    }
    multiples
}

fn joint_sum(of_base: &[Jacobian; 256], a: &Limbs, of_point: &[Jacobian; 16], b: &Limbs) -> Jacobian {
    (0..64).rev().fold(Jacobian::IDENTITY, |total, nibble| {
        let total = total.shifted(4).add(&of_point[limbs::window(b, 4 * nibble, 4)]);
        if nibble % 2 == 1 {
            return total;
        }
        total.add(&of_base[limbs::window(a, 4 * nibble, 8)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::point::tests::{from_k256, oracle};
    use k256::elliptic_curve::PrimeField;
    use k256::{ProjectivePoint, Scalar};

    fn bytes(points: &[Affine]) -> Vec<u8> {
        let mut out = vec![0; 64 * points.len()];
        points.iter().zip(out.chunks_mut(64)).for_each(|(p, out)| p.to_bytes(out));
        out
    }

    fn packed(scalars: &[Scalar]) -> Vec<u8> {
        scalars.iter().flat_map(|s| s.to_repr()).collect()
    }

    #[test]
    fn sums_agree_with_k256() {
        let edges = [Scalar::ZERO, Scalar::ONE, -Scalar::ONE, Scalar::from_repr([0x9D; 32].into()).unwrap()];
        let (mut multiples, mut a, mut b, mut expected) = (vec![], vec![], vec![], vec![]);
        for m in [-8i64, -1, 1, 5] {
            for x in edges {
                for y in edges {
                    let signed = Scalar::from(m.unsigned_abs());
                    let total = x + y * if m < 0 { -signed } else { signed };
                    multiples.push(oracle(m));
                    a.push(x);
                    b.push(y);
                    expected.push(from_k256(ProjectivePoint::GENERATOR * total));
                }
            }
        }
        let mut out = vec![0; 64 * expected.len()];
        let points = bytes(&multiples);
        let run = |points: &[u8], out: &mut [u8]| {
            sums_with_base(&bytes(&[oracle(1)]), points, &packed(&a), &packed(&b), out, &Stop::default())
        };
        run(&points, &mut out).unwrap();
        assert_eq!(out, bytes(&expected));
        let mut wrong = points.clone();
        wrong[64 * 7] ^= 1;
        wrong[64 * 40] ^= 1;
        assert_eq!(run(&wrong, &mut out), Err(Error::Point(7)));
        assert!(matches!(run(&points[64..], &mut out), Err(Error::Input(_))));
    }
}
