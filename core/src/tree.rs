//! Leaves and levels of a Merkle sum tree, and what else is done with records of points and ids.

use crate::error::{Error, Result, count_records, expect_length};
use crate::field::{Fe, P};
use crate::hash::{BLOCK, Messages, Tag, fill_hashes, fill_records};
use crate::kernel::Kernel;
use crate::limbs;
use crate::point::Affine;
use crate::roots::even_points;
use crate::stop::Stop;
use crate::sum::{Summer, Term};
use rayon::prelude::*;

/// Checks records of 96 bytes `x || y || id` and splits them. Error::Point names the first that is no point.
pub fn read_leaves(leaves: &[u8], points: &mut [u8], ids: &mut [u8], stop: &Stop) -> Result<()> {
    let count = count_records("leaves", leaves.len(), 96)?;
    expect_length("points", points.len(), 64 * count)?;
    expect_length("ids", ids.len(), 32 * count)?;
    let blocks = points.par_chunks_mut(64 * BLOCK).zip(ids.par_chunks_mut(32 * BLOCK)).enumerate();
    let failures = blocks.filter_map(|(block, (points, ids))| {
        stop.check().err().or_else(|| read_block(leaves, block * BLOCK, points, ids).err())
    });
    failures.min_by_key(first_record).map_or(Ok(()), Err)
}

fn read_block(leaves: &[u8], first: usize, points: &mut [u8], ids: &mut [u8]) -> Result<()> {
    let outputs = points.chunks_exact_mut(64).zip(ids.chunks_exact_mut(32));
    for (i, (record, (point, id))) in leaves[96 * first..].chunks_exact(96).zip(outputs).enumerate() {
        Affine::from_bytes_checked(record).ok_or(Error::Point(first + i))?;
        point.copy_from_slice(&record[..64]);
        id.copy_from_slice(&record[64..]);
    }
    Ok(())
}

/// The 33 compressed bytes of a 64-byte point.
#[inline]
pub fn compressed(point: &[u8]) -> [u8; 33] {
    let mut out = [0; 33];
    out[0] = 2 + (point[63] & 1);
    out[1..].copy_from_slice(&point[..32]);
    out
}

/// 33 bytes per point.
pub fn compress(points: &[u8], out: &mut [u8], stop: &Stop) -> Result<()> {
    let count = count_records("points", points.len(), 64)?;
    expect_length("output", out.len(), 33 * count)?;
    fill_records(out, 33, stop, |i, record| record.copy_from_slice(&compressed(&points[64 * i..64 * i + 64])))
}

/// 64 bytes per compressed point; Error::Point for the first record that is none.
pub fn decompress(points: &[u8], out: &mut [u8], stop: &Stop) -> Result<()> {
    let count = count_records("points", points.len(), 33)?;
    expect_length("output", out.len(), 64 * count)?;
    let blocks = points.par_chunks(33 * BLOCK).zip(out.par_chunks_mut(64 * BLOCK)).enumerate();
    let failures = blocks.filter_map(|(block, (points, out))| {
        stop.check().err().or_else(|| decompress_block(points, block * BLOCK, out).err())
    });
    failures.min_by_key(first_record).map_or(Ok(()), Err)
}

/// Records of 33 bytes, the parity of y and x, as points. A wrong prefix and an x that is too large read as 0, where the
/// curve has no point.
fn decompress_block(records: &[u8], first: usize, out: &mut [u8]) -> Result<()> {
    let xs: Vec<Fe> = records.chunks_exact(33).map(|record| x_of(record).unwrap_or(Fe::ZERO)).collect();
    let points = even_points(Kernel::default(), &xs);
    let records = records.chunks_exact(33).zip(out.chunks_exact_mut(64));
    for (i, ((record, out), even)) in records.zip(points).enumerate() {
        let even = even.ok_or(Error::Point(first + i))?;
        if record[0] == 2 { even } else { even.negate() }.to_bytes(out);
    }
    Ok(())
}

fn x_of(record: &[u8]) -> Option<Fe> {
    let x = limbs::from_bytes(&record[1..]);
    (matches!(record[0], 2 | 3) && limbs::is_below(&x, &P)).then_some(Fe(x))
}

/// Stopped or not, the error of the first record is the one to report.
fn first_record(error: &Error) -> usize {
    if let Error::Point(i) = error { *i } else { usize::MAX }
}

/// `tagged(ctx || u64(j) || compressed point || id)` for j = start, start+1, ...
pub fn leaf_hashes(
    tag: &Tag,
    ctx: &[u8],
    start: u64,
    points: &[u8],
    ids: &[u8],
    out: &mut [u8],
    stop: &Stop,
) -> Result<()> {
    let count = count_records("points", points.len(), 64)?;
    expect_length("ids", ids.len(), 32 * count)?;
    expect_length("output", out.len(), 32 * count)?;
    let push = |i: usize, messages: &mut Messages| {
        let position = start.wrapping_add(i as u64).to_be_bytes();
        let point = compressed(&points[64 * i..64 * i + 64]);
        messages.push([ctx, &position, &point, &ids[32 * i..32 * i + 32]]);
    };
    fill_hashes((tag, 1), (out, 32), stop, push, |hash, record| record.copy_from_slice(&hash[0]))
}

/// Nodes of the level above `count` nodes.
pub fn level_size(count: usize) -> usize {
    count.div_ceil(2)
}

/// The level above: points of neighbours added, hashes joined; an odd last node moves up as it is.
///
/// Error::Identity when a sum is the identity.
pub fn tree_level(
    tag: &Tag,
    points: &[u8],
    hashes: &[u8],
    out_points: &mut [u8],
    out_hashes: &mut [u8],
    stop: &Stop,
) -> Result<()> {
    let count = count_records("points", points.len(), 64)?;
    expect_length("hashes", hashes.len(), 32 * count)?;
    let (pairs, above) = (count / 2, level_size(count));
    expect_length("output points", out_points.len(), 64 * above)?;
    expect_length("output hashes", out_hashes.len(), 32 * above)?;
    let (sums, odd_point) = out_points.split_at_mut(64 * pairs);
    let (joined, odd_hash) = out_hashes.split_at_mut(32 * pairs);
    odd_point.copy_from_slice(&points[128 * pairs..]);
    odd_hash.copy_from_slice(&hashes[64 * pairs..]);
    let push = |i: usize, messages: &mut Messages| {
        let (points, hashes) = (&points[128 * i..128 * i + 128], &hashes[64 * i..64 * i + 64]);
        let (left, right) = (compressed(&points[..64]), compressed(&points[64..]));
        messages.push([&left, &hashes[..32], &right, &hashes[32..]]);
    };
    fill_hashes((tag, 1), (joined, 32), stop, push, |hash, record| record.copy_from_slice(&hash[0]))?;
    let blocks = sums.par_chunks_mut(64 * BLOCK).zip(points.par_chunks(128 * BLOCK));
    blocks.try_for_each_init(Summer::default, |summer, (out, nodes)| {
        stop.check()?;
        add_neighbours(summer, nodes, out)
    })
}

/// Adds points two by two; a last one without a neighbour is left alone.
fn add_neighbours(summer: &mut Summer, nodes: &[u8], out: &mut [u8]) -> Result<()> {
    let points: Vec<Affine> = nodes.chunks_exact(64).map(Affine::from_bytes).collect();
    let count = out.len() / 64;
    let terms: Vec<Term> = (0..2 * count).map(|i| Term::new(i, false)).collect();
    let ends: Vec<u32> = (1..=count as u32).map(|i| 2 * i).collect();
    let mut sums = vec![Affine::IDENTITY; count];
    summer.sum(&points, &terms, &ends, &mut sums);
    for (sum, out) in sums.iter().zip(out.chunks_exact_mut(64)) {
        if sum.is_identity() {
            return Err(Error::Identity);
        }
        sum.to_bytes(out);
    }
    Ok(())
}

/// The first position j of an id that stands before at some i, as (i, j); the least i.
///
/// Cost: one sort, whatever the ids.
pub fn first_duplicate(ids: &[u8], stop: &Stop) -> Result<Option<(usize, usize)>> {
    count_records("ids", ids.len(), 32)?;
    let id = |i: usize| &ids[32 * i..32 * i + 32];
    let mut order: Vec<(u64, usize)> = ids
        .as_chunks::<32>()
        .0
        .iter()
        .enumerate()
        .map(|(i, id)| (id[..8].iter().fold(0, |head, &byte| head << 8 | byte as u64), i))
        .collect();
    stop.check()?;
    order.par_sort_unstable_by(|(a_head, a), (b_head, b)| {
        a_head.cmp(b_head).then_with(|| id(*a).cmp(id(*b))).then(a.cmp(b))
    });
    stop.check()?;
    let repeats = order.windows(2).filter(|w| w[0].0 == w[1].0 && id(w[0].1) == id(w[1].1));
    // Positions rise within equal ids, so the least second position follows its id's first.
    Ok(repeats.map(|w| (w[0].1, w[1].1)).min_by_key(|(_, second)| *second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::point::tests::oracle;

    fn bytes(points: &[Affine]) -> Vec<u8> {
        let mut out = vec![0; 64 * points.len()];
        points.iter().zip(out.chunks_mut(64)).for_each(|(p, out)| p.to_bytes(out));
        out
    }

    #[test]
    fn the_first_bad_leaf_is_named() {
        let mut leaves: Vec<u8> =
            (1..=3000).flat_map(|i| [bytes(&[oracle(i % 7 + 1)]), vec![i as u8; 32]].concat()).collect();
        let (mut points, mut ids) = (vec![0; 64 * 3000], vec![0; 32 * 3000]);
        read_leaves(&leaves, &mut points, &mut ids, &Stop::default()).unwrap();
        assert_eq!((&points[64..128], &ids[32..64]), (&leaves[96..160], &leaves[160..192]));
        for bad in [2900, 1500] {
            leaves[96 * bad] ^= 1;
            let answer = read_leaves(&leaves, &mut points, &mut ids, &Stop::default());
            assert_eq!(answer, Err(Error::Point(bad)));
        }
    }

    #[test]
    fn levels_add_join_and_move_odd_nodes_up() {
        let tag = Tag::new(b"node");
        for count in 0..=17i64 {
            let nodes: Vec<Affine> = (1..=count).map(oracle).collect();
            let hashes: Vec<u8> = (0..32 * count).map(|i| i as u8).collect();
            let above = level_size(nodes.len());
            let (mut points, mut joined) = (vec![0; 64 * above], vec![0; 32 * above]);
            tree_level(&tag, &bytes(&nodes), &hashes, &mut points, &mut joined, &Stop::default()).unwrap();
            let expected = |i: i64| if 2 * i + 1 < count { oracle(4 * i + 3) } else { oracle(count) };
            assert_eq!(points, bytes(&(0..above as i64).map(expected).collect::<Vec<_>>()));
            if count % 2 == 1 {
                assert_eq!(joined[joined.len() - 32..], hashes[hashes.len() - 32..]);
            }
        }
        let opposite = bytes(&[oracle(4), oracle(-4)]);
        let answer = tree_level(&tag, &opposite, &[0; 64], &mut [0; 64], &mut [0; 32], &Stop::default());
        assert_eq!(answer, Err(Error::Identity));
    }

    #[test]
    fn duplicates_are_found_in_order_of_their_second_place() {
        let find = |values: &[u8]| {
            let ids: Vec<u8> = values.iter().flat_map(|v| [[9; 31].as_slice(), &[*v]].concat()).collect();
            first_duplicate(&ids, &Stop::default()).unwrap()
        };
        assert_eq!(find(&[]), None);
        assert_eq!(find(&[1, 2, 3]), None);
        assert_eq!(find(&[1, 2, 3, 2, 1]), Some((1, 3)));
        assert_eq!(find(&[5, 5, 5]), Some((0, 1)));
        assert!(first_duplicate(&[0; 33], &Stop::default()).is_err());
    }
}
