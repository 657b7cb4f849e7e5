//! Tagged and keyed hashes in bulk. What is hashed, and under which tag, the caller says.

use crate::error::{Result, count_records, expect_length};
use crate::field::{Fe, P};
use crate::limbs;
use crate::point::Affine;
use crate::rows::check_ends;
use crate::scalar::Scalar;
use crate::stop::Stop;
use hmac::{Hmac, Mac};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

/// Rows that a worker hashes between two looks at the stop flag.
pub const BLOCK: usize = 1024;

/// SHA-256 with the 64 bytes that open a tagged hash already taken in.
#[derive(Clone)]
pub struct Tag(Sha256);

impl Tag {
    pub fn new(prefix: &[u8]) -> Tag {
        Tag(Sha256::new_with_prefix(prefix))
    }

    /// The hash of the parts, one after the other, behind the prefix.
    #[inline]
    pub fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut state = self.0.clone();
        parts.iter().for_each(|part| state.update(part));
        state.finalize().into()
    }
}

/// Byte strings one after the other; string i ends at `ends[i]`.
pub struct Packed<'a> {
    data: &'a [u8],
    ends: Vec<u64>,
}

impl<'a> Packed<'a> {
    /// Refuses ends that do not rise to the length of the data.
    pub fn new(data: &'a [u8], ends: Vec<u64>) -> Result<Packed<'a>> {
        check_ends("ends of items", &ends, data.len())?;
        Ok(Packed { data, ends })
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn item(&self, i: usize) -> &'a [u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        &self.data[start..self.ends[i] as usize]
    }
}

/// Fills records of `size` bytes: `write(i, record)` for each, in blocks, on all cores.
pub fn fill_records(
    out: &mut [u8],
    size: usize,
    stop: &Stop,
    write: impl Fn(usize, &mut [u8]) + Sync,
) -> Result<()> {
    stop.expect(out.len() / size);
    out.par_chunks_mut(size * BLOCK).enumerate().try_for_each(|(block, out)| {
        stop.check()?;
        stop.advance(out.len() / size);
        for (i, record) in out.chunks_exact_mut(size).enumerate() {
            write(block * BLOCK + i, record);
        }
        Ok(())
    })
}

/// 32 bytes for each i = start, start+1, ...: the scalar
/// `tagged(prefix || u64(i) || 0) || tagged(prefix || u64(i) || 1) mod n`. Its intermediate values are wiped.
pub fn wide_each(tag: &Tag, prefix: &[u8], start: u64, out: &mut [u8], stop: &Stop) -> Result<()> {
    count_records("output", out.len(), 32)?;
    fill_records(out, 32, stop, |i, record| {
        let index = start.wrapping_add(i as u64).to_be_bytes();
        let mut wide = [0; 64];
        wide[..32].copy_from_slice(&tag.digest(&[prefix, &index, &[0]]));
        wide[32..].copy_from_slice(&tag.digest(&[prefix, &index, &[1]]));
        let mut scalar = Scalar::from_wide_bytes(&wide);
        scalar.to_bytes(record);
        wide.zeroize();
        scalar.zeroize();
    })
}

/// HMAC-SHA256 of `prefix || message` for each message.
pub fn hmac_each(key: &[u8], prefix: &[u8], messages: &Packed, out: &mut [u8], stop: &Stop) -> Result<()> {
    expect_length("output", out.len(), 32 * messages.len())?;
    let Ok(mut keyed) = <Hmac<Sha256> as Mac>::new_from_slice(key) else {
        unreachable!("HMAC takes keys of any length")
    };
    keyed.update(prefix);
    fill_records(out, 32, stop, |i, record| {
        let code = keyed.clone().chain_update(messages.item(i)).finalize();
        record.copy_from_slice(&code.into_bytes());
    })
}

/// What stands behind each head.
pub enum Tails<'a> {
    Same(&'a [u8]),
    Each(Packed<'a>),
}

/// `tagged(head_i || tail_i)` for heads of 32 bytes.
pub fn tagged_each(tag: &Tag, heads: &[u8], tails: &Tails, out: &mut [u8], stop: &Stop) -> Result<()> {
    let count = count_records("heads", heads.len(), 32)?;
    expect_length("output", out.len(), 32 * count)?;
    if let Tails::Each(packed) = tails {
        expect_length("heads", heads.len(), 32 * packed.len())?;
    }
    fill_records(out, 32, stop, |i, record| {
        let tail = match tails {
            Tails::Same(bytes) => bytes,
            Tails::Each(packed) => packed.item(i),
        };
        record.copy_from_slice(&tag.digest(&[&heads[32 * i..32 * i + 32], tail]));
    })
}

/// 64 bytes per label: the first x = `tagged(label || u32(counter))`, counter = 0, 1, ..., that is below p and on
/// the curve, with its even y.
pub fn generators(tag: &Tag, labels: &[String], out: &mut [u8], stop: &Stop) -> Result<()> {
    expect_length("output", out.len(), 64 * labels.len())?;
    fill_records(out, 64, stop, |i, record| {
        let tries = (0u32..).find_map(|counter| {
            let x = limbs::from_bytes(&tag.digest(&[labels[i].as_bytes(), &counter.to_be_bytes()]));
            limbs::is_below(&x, &P).then(|| Affine::with_even_y(Fe(x)))?
        });
        tries.unwrap_or_default().to_bytes(record);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tagged_hash_is_the_hash_of_everything_in_order() {
        let whole: [u8; 32] = Sha256::digest([[7u8; 64].as_slice(), b"ab", b"", b"c"].concat()).into();
        assert_eq!(Tag::new(&[7; 64]).digest(&[b"ab", b"", b"c"]), whole);
    }

    #[test]
    fn packed_items_and_their_ends() {
        let packed = Packed::new(b"abc", vec![0, 2, 3]).unwrap();
        assert_eq!([packed.item(0), packed.item(1), packed.item(2)], [b"".as_slice(), b"ab", b"c"]);
        assert!(Packed::new(b"abc", vec![2]).is_err());
        assert!(Packed::new(b"abc", vec![4, 3]).is_err());
        assert!(Packed::new(b"", vec![]).unwrap().is_empty());
    }

    #[test]
    fn heads_and_tails_must_be_as_many() {
        let (tag, stop, mut out) = (Tag::new(b""), Stop::default(), [0; 64]);
        let one = Tails::Each(Packed::new(b"x", vec![1]).unwrap());
        assert!(tagged_each(&tag, &[0; 64], &one, &mut out, &stop).is_err());
        assert!(tagged_each(&tag, &[0; 63], &Tails::Same(b""), &mut out, &stop).is_err());
        tagged_each(&tag, &[0; 64], &Tails::Same(b"x"), &mut out, &stop).unwrap();
        assert_eq!(out[..32], tag.digest(&[&[0; 32], b"x"]));
    }
}
