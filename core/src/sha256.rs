//! SHA-256 of many messages side by side.
//!
//! One message is a chain of compressions that each wait for the one before; sixteen messages are not. A `Bulk` gathers
//! padded messages and hashes those of equal length together, sixteen at a time with the AVX-512 kernel and one by one
//! (`sha2`, which uses the processor's SHA instructions) with the portable one.

#[cfg(target_arch = "x86_64")]
use crate::ifma;
use crate::kernel::Kernel;
use crate::memory;
use sha2::compress256;
use sha2::digest::generic_array::GenericArray;

/// The state between two blocks of 64 bytes.
pub type State = [u32; 8];

/// The state before the first block.
pub const INITIAL: State =
    [0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19];
const BLOCK: usize = 64;
/// Messages that the AVX-512 kernel takes at a time.
pub const LANES: usize = 16;

/// What all messages of a kind begin with.
#[derive(Clone)]
pub struct Start {
    pub state: State,
    /// Bytes that the state has taken in.
    absorbed: usize,
    /// What did not fill a block.
    rest: Vec<u8>,
}

impl Start {
    pub fn new(prefix: &[u8]) -> Start {
        let whole = prefix.len() / BLOCK * BLOCK;
        let mut state = INITIAL;
        compress(&mut state, &prefix[..whole]);
        Start { state, absorbed: whole, rest: prefix[whole..].to_vec() }
    }

    /// After one block, whose state the caller puts in per message.
    pub fn one_block() -> Start {
        Start { state: INITIAL, absorbed: BLOCK, rest: vec![] }
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.state);
        memory::wipe(&mut self.rest);
    }
}

/// HMAC-SHA256's two starts: the states after the key's inner and outer block.
#[derive(Clone)]
pub struct Keyed {
    pub inner: Start,
    pub outer: Start,
}

impl Keyed {
    /// A key of any length, and what every message begins with.
    pub fn new(key: &[u8], prefix: &[u8]) -> Keyed {
        let mut block = [0; BLOCK];
        if key.len() > BLOCK {
            block[..32].copy_from_slice(&digest(key));
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        let inner = [block.map(|byte| byte ^ INNER).as_slice(), prefix].concat();
        let keyed = Keyed { inner: Start::new(&inner), outer: Start::new(&block.map(|byte| byte ^ OUTER)) };
        memory::wipe(&mut { inner });
        zeroize::Zeroize::zeroize(&mut block);
        keyed
    }
}

/// What a key's bytes are combined with.
pub const INNER: u8 = 0x36;
pub const OUTER: u8 = 0x5C;

fn digest(message: &[u8]) -> [u8; 32] {
    let (mut bulk, mut out) = (Bulk::new(Kernel::Portable), vec![]);
    let start = Start::new(&[]);
    bulk.push(&start, [message]);
    bulk.digest(|_| start.state, &mut out);
    out[0]
}

fn compress(state: &mut State, blocks: &[u8]) {
    for block in blocks.chunks_exact(BLOCK) {
        compress256(state, std::slice::from_ref(GenericArray::from_slice(block)));
    }
}

/// Copies a part to the start of the buffer; returns what is behind it.
#[inline(always)]
fn put<'a>(buffer: &'a mut [u8], part: &[u8]) -> &'a mut [u8] {
    let (here, behind) = buffer.split_at_mut(part.len());
    here.copy_from_slice(part);
    behind
}

/// Messages waiting to be hashed; keeps its memory, and wipes it when dropped.
pub struct Bulk {
    kernel: Kernel,
    /// Padded messages one after the other, and where each ends.
    data: Vec<u8>,
    ends: Vec<usize>,
    states: Vec<State>,
}

impl Bulk {
    pub fn new(kernel: Kernel) -> Bulk {
        Bulk { kernel, data: vec![], ends: vec![], states: vec![] }
    }

    /// Adds the message that begins with `start` and goes on with the parts.
    #[inline(always)] // Parts mostly have constant lengths, which then need no call to be copied.
    pub fn push<const N: usize>(&mut self, start: &Start, parts: [&[u8]; N]) {
        let length = start.rest.len() + parts.iter().map(|part| part.len()).sum::<usize>();
        let first = self.data.len();
        self.data.resize(first + (length + 1 + 8).next_multiple_of(BLOCK), 0);
        let mut rest = &mut self.data[first..];
        if !start.rest.is_empty() {
            rest = put(rest, &start.rest);
        }
        for part in parts {
            rest = put(rest, part);
        }
        let (bits, end) = (8 * (start.absorbed + length) as u64, rest.len());
        rest[0] = 0x80;
        rest[end - 8..].copy_from_slice(&bits.to_be_bytes());
        self.ends.push(self.data.len());
    }

    /// Adds one block as it is, for `states`.
    #[inline]
    pub fn push_block(&mut self, block: &[u8; BLOCK]) {
        self.data.extend_from_slice(block);
        self.ends.push(self.data.len());
    }

    /// The digest of every message, in order; `start(i)` is the state that message i starts with. Nothing waits any more.
    pub fn digest(&mut self, start: impl Fn(usize) -> State, out: &mut Vec<[u8; 32]>) {
        self.run(start);
        out.clear();
        out.extend(self.states.iter().map(|state| {
            let mut bytes = [0; 32];
            for (bytes, word) in bytes.chunks_exact_mut(4).zip(state) {
                bytes.copy_from_slice(&word.to_be_bytes());
            }
            bytes
        }));
    }

    /// The states after every message instead of digests.
    pub fn states(&mut self, start: impl Fn(usize) -> State) -> Vec<State> {
        self.run(start);
        self.states.clone()
    }

    /// Compresses all messages into `self.states`, those of equal length side by side.
    fn run(&mut self, start: impl Fn(usize) -> State) {
        self.states.clear();
        self.states.extend((0..self.ends.len()).map(start));
        let mut left: Vec<usize> = (0..self.ends.len()).collect();
        while let Some(first) = left.first() {
            let length = self.message(*first).len();
            let (same, others): (Vec<usize>, Vec<usize>) =
                left.into_iter().partition(|i| self.message(*i).len() == length);
            same.chunks(LANES).for_each(|group| self.compress_group(group));
            left = others;
        }
        self.data.clear();
        self.ends.clear();
    }

    fn message(&self, i: usize) -> &[u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.data[start..self.ends[i]]
    }

    /// Up to sixteen messages of equal length.
    fn compress_group(&mut self, group: &[usize]) {
        #[cfg(target_arch = "x86_64")]
        if self.kernel == Kernel::Ifma
            && group.len() > LANES / 4
            && let Some(token) = ifma::Token::new()
        {
            // Lanes without a message repeat the last one.
            let lane = |lane: usize| group[lane.min(group.len() - 1)];
            let mut states: [State; LANES] = std::array::from_fn(|i| self.states[lane(i)]);
            let messages: [&[u8]; LANES] = std::array::from_fn(|i| self.message(lane(i)));
            ifma::sha256::compress(token, &mut states, messages);
            group.iter().zip(states).for_each(|(i, state)| self.states[*i] = state);
            return;
        }
        for i in group {
            let mut state = self.states[*i];
            compress(&mut state, self.message(*i));
            self.states[*i] = state;
        }
    }
}

impl Drop for Bulk {
    fn drop(&mut self) {
        memory::wipe(&mut self.data);
        memory::wipe(&mut self.states);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel;
    use hmac::{Hmac, Mac};
    use sha2::{Digest, Sha256};

    fn bytes(count: usize, seed: usize) -> Vec<u8> {
        (0..count).map(|i| (i * 131 + seed * 17 + i * i % 251) as u8).collect()
    }

    #[test]
    fn digests_of_all_lengths_side_by_side() {
        for kernel in kernel::available() {
            let mut bulk = Bulk::new(kernel);
            for prefix in [0, 1, 63, 64, 65, 200] {
                let start = Start::new(&bytes(prefix, 1));
                for count in [1, 4, 5, 16, 17, 40, 200] {
                    // Lengths first alike, then mixed: every way messages can be grouped.
                    for length in [|_: usize| 41, |i: usize| i % 3 * 50, |i: usize| i] {
                        let messages: Vec<Vec<u8>> = (0..count).map(|i| bytes(length(i), i)).collect();
                        messages
                            .iter()
                            .for_each(|m| bulk.push(&start, [&m[..m.len() / 2], &m[m.len() / 2..]]));
                        let mut found = vec![];
                        bulk.digest(|_| start.state, &mut found);
                        let whole =
                            |m: &Vec<u8>| Sha256::digest([bytes(prefix, 1), m.clone()].concat()).into();
                        assert_eq!(found, messages.iter().map(whole).collect::<Vec<[u8; 32]>>());
                    }
                }
            }
        }
    }

    #[test]
    fn keys_of_all_lengths() {
        for length in [0, 1, 32, 63, 64, 65, 130] {
            let key = bytes(length, 3);
            let keyed = Keyed::new(&key, b"prefix");
            let (mut bulk, mut inner, mut outer) = (Bulk::new(Kernel::default()), vec![], vec![]);
            bulk.push(&keyed.inner, [b"message"]);
            bulk.digest(|_| keyed.inner.state, &mut inner);
            bulk.push(&keyed.outer, [&inner[0]]);
            bulk.digest(|_| keyed.outer.state, &mut outer);
            let oracle = <Hmac<Sha256> as Mac>::new_from_slice(&key).unwrap().chain_update(b"prefixmessage");
            assert_eq!(outer[0], <[u8; 32]>::from(oracle.finalize().into_bytes()));
        }
    }
}
