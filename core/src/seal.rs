//! Sealed rows: each row encrypted under a key of its own with ChaCha20-Poly1305.
//!
//! Per row: key = HKDF-SHA256(account key, salt, info || compressed point); text = blinding || u16 count ||
//! (u16 column, u8 length, value)...; record = the text padded with zeros to the smallest size that holds it and
//! the tag, encrypted under a zero nonce with u64(position) || compressed point as associated data. A key is used
//! once because the salt differs for every book.

use crate::error::{Error, Result, count_records, expect_length};
use crate::hash::BLOCK;
use crate::kernel::Kernel;
use crate::memory;
use crate::rows::Rows;
use crate::sha256::{Bulk, INITIAL, INNER, Keyed, OUTER, Start};
use crate::stop::Stop;
use crate::tree::compressed;
use chacha20poly1305::aead::AeadInPlace;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use rayon::prelude::*;
use zeroize::Zeroize;

const TAG: usize = 16;

/// What all records of a call share.
pub struct Envelope<'a> {
    /// HKDF's salt.
    pub salt: &'a [u8],
    /// HKDF's info, before the point.
    pub info: &'a [u8],
    /// The smallest record; each further size is four times the one before.
    pub smallest: usize,
    /// Position of the first row.
    pub start: u64,
}

/// Records one after the other, and where each ends.
pub struct Records {
    pub data: Vec<u8>,
    pub ends: Vec<u64>,
}

/// Seals every row.
///
/// Requires: 32 bytes per account key and blinding, 64 per point, as many of each as rows. Text buffers and derived keys
/// are wiped.
pub fn seal_rows(
    envelope: &Envelope,
    account_keys: &[u8],
    points: &[u8],
    blindings: &[u8],
    rows: &Rows,
    stop: &Stop,
) -> Result<Records> {
    count_records("account keys", account_keys.len(), 32)?;
    expect_length("account keys", account_keys.len(), 32 * rows.len())?;
    expect_length("points", points.len(), 64 * rows.len())?;
    expect_length("blindings", blindings.len(), 32 * rows.len())?;
    let mut ends = Vec::with_capacity(rows.len());
    let mut total = 0;
    for i in 0..rows.len() {
        total += record_size(envelope.smallest, text_length(rows, i)?) as u64;
        ends.push(total);
    }
    let mut data = vec![0; total as usize];
    let starts: Vec<u64> = std::iter::once(0).chain(ends.iter().copied()).collect();
    let mut records: Vec<(usize, &mut [u8])> = Vec::with_capacity(rows.len());
    let mut rest = data.as_mut_slice();
    for (i, end) in ends.iter().enumerate() {
        let (record, others) = std::mem::take(&mut rest).split_at_mut((end - starts[i]) as usize);
        records.push((i, record));
        rest = others;
    }
    let extract = Keyed::new(envelope.salt, &[]);
    stop.expect(records.len());
    records.par_chunks_mut(BLOCK).try_for_each_init(Keys::default, |keys, block| {
        stop.check()?;
        stop.advance(block.len());
        let first = block[0].0;
        let record_keys =
            keys.derive(envelope, &extract, &account_keys[32 * first..], &points[64 * first..], block.len());
        block.iter_mut().zip(record_keys).try_for_each(|((i, record), key)| {
            write_text(rows, *i, &blindings[32 * *i..32 * *i + 32], record);
            let head = compressed(&points[64 * *i..64 * *i + 64]);
            seal(key, &head, envelope.start.wrapping_add(*i as u64), record)
        })
    })?;
    Ok(Records { data, ends })
}

/// Bytes of a value without leading zeros.
fn value_length(value: u128) -> usize {
    (u128::BITS - value.leading_zeros()).div_ceil(8) as usize
}

fn text_length(rows: &Rows, row: usize) -> Result<usize> {
    let cells = rows.row(row).count();
    if cells > u16::MAX as usize {
        return Err(Error::Input(format!("row {row} has {cells} cells where at most 65535 are right")));
    }
    Ok(32 + 2 + rows.row(row).map(|(_, value)| 3 + value_length(value)).sum::<usize>())
}

fn record_size(smallest: usize, text: usize) -> usize {
    let mut size = smallest.max(TAG);
    while size < text + TAG {
        size *= 4;
    }
    size
}

/// Writes the row's text to the start of a record that is all zero.
fn write_text(rows: &Rows, row: usize, blinding: &[u8], record: &mut [u8]) {
    let mut position = 0;
    let mut put = |bytes: &[u8]| {
        record[position..position + bytes.len()].copy_from_slice(bytes);
        position += bytes.len();
    };
    put(blinding);
    put(&(rows.row(row).count() as u16).to_be_bytes());
    for (column, value) in rows.row(row) {
        let length = value_length(value);
        put(&(column as u16).to_be_bytes());
        put(&[length as u8]);
        put(&value.to_be_bytes()[16 - length..]);
    }
}

/// Derives record keys side by side; keeps its memory, which is wiped.
struct Keys {
    bulk: Bulk,
    keys: Vec<[u8; 32]>,
}

impl Default for Keys {
    fn default() -> Keys {
        Keys { bulk: Bulk::new(Kernel::default()), keys: vec![] }
    }
}

impl Keys {
    /// The keys of `count` records: HKDF-SHA256's first 32 bytes. `extract` is HMAC under the salt, the same for all; the
    /// second HMAC has a key of its own for each, whose two blocks are taken in first.
    fn derive(
        &mut self,
        envelope: &Envelope,
        extract: &Keyed,
        account_keys: &[u8],
        points: &[u8],
        count: usize,
    ) -> &[[u8; 32]] {
        let Keys { bulk, keys } = self;
        let start = Start::one_block();
        account_keys.chunks_exact(32).take(count).for_each(|key| bulk.push(&extract.inner, [key]));
        bulk.digest(|_| extract.inner.state, keys);
        keys.iter().for_each(|inner| bulk.push(&extract.outer, [inner]));
        bulk.digest(|_| extract.outer.state, keys);
        let [mut inner, mut outer] = [INNER, OUTER].map(|pad| {
            for key in keys.iter() {
                let mut block = [pad; 64];
                block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
                bulk.push_block(&block);
                block.zeroize();
            }
            bulk.states(|_| INITIAL)
        });
        for point in points.chunks_exact(64).take(count) {
            bulk.push(&start, [envelope.info, &compressed(point), &[1]]);
        }
        bulk.digest(|i| inner[i], keys);
        keys.iter().for_each(|hash| bulk.push(&start, [hash]));
        bulk.digest(|i| outer[i], keys);
        memory::wipe(&mut inner);
        memory::wipe(&mut outer);
        keys
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        memory::wipe(&mut self.keys);
    }
}

/// Encrypts a record's text in place and appends the tag. On an error nothing readable stays in the record.
fn seal(key: &[u8; 32], head: &[u8; 33], position: u64, record: &mut [u8]) -> Result<()> {
    let mut associated = [0; 41];
    associated[..8].copy_from_slice(&position.to_be_bytes());
    associated[8..].copy_from_slice(head);
    let (text, tag) = record.split_at_mut(record.len() - TAG);
    let cipher = ChaCha20Poly1305::new(key.into());
    match cipher.encrypt_in_place_detached(&Default::default(), &associated, text) {
        Ok(mac) => {
            tag.copy_from_slice(&mac);
            Ok(())
        }
        Err(_) => {
            text.fill(0);
            Err(Error::Input("a record is too long to seal".into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::tests::buffers;
    use hkdf::Hkdf;
    use sha2::Sha256;

    #[test]
    fn records_open_to_their_text_and_sizes_step_by_four() {
        let wide: Vec<(u16, u128)> = (0..40).map(|c| (c, 1 << 100)).collect();
        let (ends, columns, values) = buffers(&[vec![(3, 0x1FF)], wide, vec![]]);
        let rows = Rows::new(&ends, &columns, &values).unwrap();
        let envelope = Envelope { salt: b"salt", info: b"info", smallest: 256, start: 7 };
        let (keys, points, blindings) = ([1; 96], [2; 192], [5; 96]);
        let records = seal_rows(&envelope, &keys, &points, &blindings, &rows, &Stop::default()).unwrap();
        assert_eq!(records.ends, [256, 256 + 1024, 512 + 1024]);
        let mut key = [0; 32];
        let info = [b"info".as_slice(), &[2], &[2; 32]];
        Hkdf::<Sha256>::new(Some(b"salt"), &[1; 32]).expand_multi_info(&info, &mut key).unwrap();
        let associated = [7u64.to_be_bytes().as_slice(), &[2], &[2; 32]].concat();
        let (mut text, tag) = (records.data[..240].to_vec(), &records.data[240..256]);
        ChaCha20Poly1305::new(&key.into())
            .decrypt_in_place_detached(&Default::default(), &associated, &mut text, tag.into())
            .unwrap();
        assert_eq!(text[..41], [[5; 32].as_slice(), &[0, 1, 0, 3, 2, 1, 0xFF], &[0, 0]].concat());
        assert!(seal_rows(&envelope, &keys[1..], &points, &blindings, &rows, &Stop::default()).is_err());
    }
}
