//! eq tables and dot products over scalars.

use crate::error::{Error, Result, count_records, expect_length};
use crate::hash::fill_records;
use crate::scalar::{ProductSum, Scalar};
use crate::stop::Stop;
use rayon::prelude::*;

/// Entries that are worth a thread.
const BLOCK: usize = 1024;

/// scale * eq(r, i) for i < count, bit t of i going with challenge t; with fewer challenges than bits, those bits are 0.
///
/// Requires: count <= 2^challenges. Cost: about one multiplication per entry.
pub fn eq_table(challenges: &[Scalar], count: usize, scale: Scalar) -> Vec<Scalar> {
    let mut table = Vec::with_capacity(count);
    table.push(scale);
    for r in challenges {
        let half = table.len();
        let upper = half.min(count.saturating_sub(half));
        table.resize(half + upper, Scalar::ZERO);
        let (low, high) = table.split_at_mut(half);
        low.par_iter().with_min_len(BLOCK).zip(high.par_iter_mut()).for_each(|(l, h)| *h = *l * *r);
        low.par_iter_mut().with_min_len(BLOCK).enumerate().for_each(|(i, l)| {
            // Where the upper entry is cut off, it is worked out all the same.
            *l = *l - high.get(i).map_or_else(|| *l * *r, |h| *h);
        });
    }
    table.truncate(count);
    table
}

/// Refuses more entries than the challenges, 32 bytes each, number.
pub fn check_count(challenges: &[u8], count: usize) -> Result<()> {
    let variables = count_records("challenges", challenges.len(), 32)?;
    if variables < usize::BITS as usize && count > 1 << variables {
        return Err(Error::Input(format!("{count} entries where at most 2^{variables} are right")));
    }
    Ok(())
}

/// The table's entries as 32 bytes each.
pub fn eq_table_bytes(challenges: &[u8], scale: &[u8], out: &mut [u8], stop: &Stop) -> Result<()> {
    let count = count_records("output", out.len(), 32)?;
    check_count(challenges, count)?;
    expect_length("scale", scale.len(), 32)?;
    let challenges: Vec<Scalar> = challenges.chunks_exact(32).map(Scalar::from_bytes).collect();
    let table = eq_table(&challenges, count, Scalar::from_bytes(scale));
    fill_records(out, 32, stop, |i, record| table[i].to_bytes(record))
}

/// `sum(left_i * right_i)` of two equally long lists of 32-byte scalars.
pub fn dot(left: &[u8], right: &[u8], stop: &Stop) -> Result<Scalar> {
    count_records("scalars", left.len(), 32)?;
    expect_length("right scalars", right.len(), left.len())?;
    let blocks = left.par_chunks(32 * BLOCK).zip(right.par_chunks(32 * BLOCK));
    blocks
        .map(|(left, right)| {
            stop.check()?;
            let mut sum = ProductSum::default();
            for (a, b) in left.chunks_exact(32).zip(right.chunks_exact(32)) {
                sum.add_product(&Scalar::from_bytes(a), &Scalar::from_bytes(b));
            }
            Ok(sum.reduce())
        })
        .try_reduce(|| Scalar::ZERO, |a, b| Ok(a + b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(value: u64) -> Scalar {
        Scalar::from_limbs(&[value, 0, 0, 0])
    }

    #[test]
    fn every_prefix_of_a_table() {
        let challenges = [scalar(5), -scalar(7), scalar(11), Scalar::ZERO];
        for variables in 0..=challenges.len() {
            let challenges = &challenges[..variables];
            let entry = |i: usize| {
                let factor = |(t, r): (usize, &Scalar)| {
                    if i >> t & 1 == 1 { *r } else { Scalar::ONE - *r }
                };
                challenges
                    .iter()
                    .enumerate()
                    .map(factor)
                    .fold(Scalar::ONE, |product, factor| product * factor)
            };
            for count in 0..=1 << variables {
                for scale in [Scalar::ONE, scalar(3)] {
                    let scaled: Vec<Scalar> = (0..count).map(|i| scale * entry(i)).collect();
                    assert_eq!(eq_table(challenges, count, scale), scaled);
                }
            }
        }
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        let stop = Stop::default();
        assert!(eq_table_bytes(&[0; 32], &[0; 32], &mut [0; 96], &stop).is_err());
        assert!(eq_table_bytes(&[0; 31], &[0; 32], &mut [0; 32], &stop).is_err());
        assert!(dot(&[0; 32], &[0; 64], &stop).is_err());
        assert_eq!(dot(&[], &[], &stop), Ok(Scalar::ZERO));
    }
}
