//! Tagged and keyed hashes in bulk. What is hashed, and under which tag, the caller says.

use crate::error::{Result, count_records, expect_length};
use crate::field::{Fe, P};
use crate::kernel::Kernel;
use crate::limbs;
use crate::point::Affine;
use crate::roots::even_points;
use crate::rows::check_ends;
use crate::scalar::Scalar;
use crate::sha256::{Bulk, Keyed, Start};
use crate::stop::Stop;
use rayon::prelude::*;
use zeroize::Zeroize;

/// Rows that a worker hashes between two looks at the stop flag.
pub const BLOCK: usize = 1024;

/// Messages that are hashed side by side.
const SIDE_BY_SIDE: usize = 128;

/// What opens a tagged hash, taken in.
#[derive(Clone)]
pub struct Tag(Start);

impl Tag {
    pub fn new(prefix: &[u8]) -> Tag {
        Tag(Start::new(prefix))
    }

    /// The hash of the parts, one after the other, behind the prefix. For many, `fill_hashes`.
    pub fn digest<const N: usize>(&self, parts: [&[u8]; N]) -> [u8; 32] {
        let (mut bulk, mut digests) = (Bulk::new(Kernel::Portable), vec![]);
        bulk.push(&self.0, parts);
        bulk.digest(|_| self.0.state, &mut digests);
        digests[0]
    }
}

/// Messages behind a tag, one or more per record.
pub struct Messages<'a> {
    tag: &'a Tag,
    bulk: &'a mut Bulk,
}

impl Messages<'_> {
    /// Adds the parts, one after the other, as a message.
    #[inline(always)]
    pub fn push<const N: usize>(&mut self, parts: [&[u8]; N]) {
        self.bulk.push(&self.tag.0, parts);
    }
}

/// Fills records of `size` bytes from the hashes of their messages, on all cores: `push(i, messages)` adds `each` of them
/// for record i, `write(hashes, record)` makes the record of their hashes.
pub fn fill_hashes(
    (tag, each): (&Tag, usize),
    (out, size): (&mut [u8], usize),
    stop: &Stop,
    push: impl Fn(usize, &mut Messages) + Sync,
    write: impl Fn(&[[u8; 32]], &mut [u8]) + Sync,
) -> Result<()> {
    let fresh = || (Bulk::new(Kernel::default()), vec![]);
    fill_blocks(out, size, stop, fresh, |(bulk, digests), first, out| {
        let count = out.len() / size;
        (first..first + count).for_each(|i| push(i, &mut Messages { tag, bulk }));
        bulk.digest(|_| tag.0.state, digests);
        digests.chunks_exact(each).zip(out.chunks_exact_mut(size)).for_each(|(d, record)| write(d, record));
        digests.zeroize();
    })
}

/// Fills small blocks of records, on all cores: `write(worker, first, block)` from record `first` on.
fn fill_blocks<W>(
    out: &mut [u8],
    size: usize,
    stop: &Stop,
    fresh: impl Fn() -> W + Sync + Send,
    write: impl Fn(&mut W, usize, &mut [u8]) + Sync,
) -> Result<()> {
    stop.expect(out.len() / size);
    out.par_chunks_mut(size * BLOCK).enumerate().try_for_each_init(fresh, |worker, (block, out)| {
        stop.check()?;
        stop.advance(out.len() / size);
        for (i, out) in out.chunks_mut(size * SIDE_BY_SIDE).enumerate() {
            write(worker, block * BLOCK + i * SIDE_BY_SIDE, out);
        }
        Ok(())
    })
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
    let push = |i: usize, messages: &mut Messages| {
        let index = start.wrapping_add(i as u64).to_be_bytes();
        messages.push([prefix, &index, &[0]]);
        messages.push([prefix, &index, &[1]]);
    };
    fill_hashes((tag, 2), (out, 32), stop, push, |halves, record| {
        let mut scalar = Scalar::from_wide_bytes(&halves[0], &halves[1]);
        scalar.to_bytes(record);
        scalar.zeroize();
    })
}

/// HMAC-SHA256 of `prefix || message` for each message.
pub fn hmac_each(key: &[u8], prefix: &[u8], messages: &Packed, out: &mut [u8], stop: &Stop) -> Result<()> {
    expect_length("output", out.len(), 32 * messages.len())?;
    let keyed = Keyed::new(key, prefix);
    let fresh = || (Bulk::new(Kernel::default()), vec![]);
    fill_blocks(out, 32, stop, fresh, |(bulk, digests), first, out| {
        (first..first + out.len() / 32).for_each(|i| bulk.push(&keyed.inner, [messages.item(i)]));
        bulk.digest(|_| keyed.inner.state, digests);
        digests.iter().for_each(|inner| bulk.push(&keyed.outer, [inner]));
        bulk.digest(|_| keyed.outer.state, digests);
        out.as_chunks_mut().0.copy_from_slice(digests);
        digests.zeroize();
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
    let push = |i: usize, messages: &mut Messages| {
        let tail = match tails {
            Tails::Same(bytes) => bytes,
            Tails::Each(packed) => packed.item(i),
        };
        messages.push([&heads[32 * i..32 * i + 32], tail]);
    };
    fill_hashes((tag, 1), (out, 32), stop, push, |hash, record| record.copy_from_slice(&hash[0]))
}

/// 64 bytes per label: the first x = `tagged(label || u32(counter))`, counter = 0, 1, ..., that is below p and on
/// the curve, with its even y.
pub fn generators(tag: &Tag, labels: &[String], out: &mut [u8], stop: &Stop) -> Result<()> {
    expect_length("output", out.len(), 64 * labels.len())?;
    let blocks = labels.par_chunks(SIDE_BY_SIDE).zip(out.par_chunks_mut(64 * SIDE_BY_SIDE));
    blocks.try_for_each(|(labels, out)| {
        stop.check()?;
        let mut missing: Vec<usize> = (0..labels.len()).collect();
        for counter in 0u32.. {
            missing = try_counter(tag, counter, labels, &missing, out);
            if missing.is_empty() {
                break;
            }
        }
        Ok(())
    })
}

/// Writes the labels' points that this counter leads to; returns the labels, of those that are missing, that it does not.
fn try_counter(tag: &Tag, counter: u32, labels: &[String], missing: &[usize], out: &mut [u8]) -> Vec<usize> {
    let x_of = |i: &usize| limbs::from_bytes(&tag.digest([labels[*i].as_bytes(), &counter.to_be_bytes()]));
    // An x that is too large reads as 0, where the curve has no point.
    let xs: Vec<Fe> =
        missing.iter().map(x_of).map(|x| Fe(if limbs::is_below(&x, &P) { x } else { [0; 4] })).collect();
    let points = even_points(Kernel::default(), &xs);
    let write = |(i, point): (&usize, Option<Affine>)| match point {
        Some(point) => {
            point.to_bytes(&mut out[64 * i..64 * i + 64]);
            None
        }
        None => Some(*i),
    };
    missing.iter().zip(points).filter_map(write).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn a_tagged_hash_is_the_hash_of_everything_in_order() {
        let whole: [u8; 32] = Sha256::digest([[7u8; 64].as_slice(), b"ab", b"", b"c"].concat()).into();
        assert_eq!(Tag::new(&[7; 64]).digest([b"ab", b"", b"c"]), whole);
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
        assert_eq!(out[..32], tag.digest([&[0; 32], b"x"]));
    }
}
