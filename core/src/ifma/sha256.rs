//! SHA-256's compression of sixteen messages at a time: word t of all sixteen in one register.

use super::Token;
use super::lanes::{V, load_block, load32, store32};
use crate::sha256::{LANES, State};
use std::arch::x86_64::*;

/// The constants of the 64 rounds.
const K: [u32; 64] = [
    0x428A_2F98,
    0x7137_4491,
    0xB5C0_FBCF,
    0xE9B5_DBA5,
    0x3956_C25B,
    0x59F1_11F1,
    0x923F_82A4,
    0xAB1C_5ED5,
    0xD807_AA98,
    0x1283_5B01,
    0x2431_85BE,
    0x550C_7DC3,
    0x72BE_5D74,
    0x80DE_B1FE,
    0x9BDC_06A7,
    0xC19B_F174,
    0xE49B_69C1,
    0xEFBE_4786,
    0x0FC1_9DC6,
    0x240C_A1CC,
    0x2DE9_2C6F,
    0x4A74_84AA,
    0x5CB0_A9DC,
    0x76F9_88DA,
    0x983E_5152,
    0xA831_C66D,
    0xB003_27C8,
    0xBF59_7FC7,
    0xC6E0_0BF3,
    0xD5A7_9147,
    0x06CA_6351,
    0x1429_2967,
    0x27B7_0A85,
    0x2E1B_2138,
    0x4D2C_6DFC,
    0x5338_0D13,
    0x650A_7354,
    0x766A_0ABB,
    0x81C2_C92E,
    0x9272_2C85,
    0xA2BF_E8A1,
    0xA81A_664B,
    0xC24B_8B70,
    0xC76C_51A3,
    0xD192_E819,
    0xD699_0624,
    0xF40E_3585,
    0x106A_A070,
    0x19A4_C116,
    0x1E37_6C08,
    0x2748_774C,
    0x34B0_BCB5,
    0x391C_0CB3,
    0x4ED8_AA4A,
    0x5B9C_CA4F,
    0x682E_6FF3,
    0x748F_82EE,
    0x78A5_636F,
    0x84C8_7814,
    0x8CC7_0208,
    0x90BE_FFFA,
    0xA450_6CEB,
    0xBEF9_A3F7,
    0xC671_78F2,
];

/// Takes the messages into the states. Requires: messages of equal length, whole blocks of 64 bytes.
///
/// Cost: about 1,700 instructions a block for all sixteen. Timing: depends on the length alone.
#[allow(unsafe_code)]
pub fn compress(_: Token, states: &mut [State; LANES], messages: [&[u8]; LANES]) {
    // SAFETY: the token says that the processor has the features.
    unsafe { compress_here(states, messages) }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn compress_here(states: &mut [State; LANES], messages: [&[u8]; LANES]) {
    let mut state = [_mm512_setzero_si512(); 8];
    for (word, vector) in state.iter_mut().enumerate() {
        let mut lanes = [0; LANES];
        lanes.iter_mut().zip(states.iter()).for_each(|(lane, state)| *lane = state[word]);
        *vector = load32(&lanes);
    }
    let blocks = messages.map(|message| message.as_chunks::<64>().0);
    for block in 0..blocks[0].len() {
        let mut rows = [_mm512_setzero_si512(); 16];
        for (row, blocks) in rows.iter_mut().zip(&blocks) {
            *row = load_block(&blocks[block]);
        }
        one_block(&mut state, transposed(&rows));
    }
    for (word, vector) in state.iter().enumerate() {
        let mut lanes = [0; LANES];
        store32(*vector, &mut lanes);
        states.iter_mut().zip(lanes).for_each(|(state, lane)| state[word] = lane);
    }
}

/// Sixteen rows of sixteen words, exchanged for columns.
#[inline]
#[target_feature(enable = "avx512f")]
fn transposed(r: &[V; 16]) -> [V; 16] {
    let (mut pairs, mut fours, mut out) = (*r, *r, *r);
    for i in 0..8 {
        pairs[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
        pairs[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
    }
    for i in 0..4 {
        for half in 0..2 {
            let (a, b) = (pairs[4 * i + half], pairs[4 * i + half + 2]);
            fours[4 * i + 2 * half] = _mm512_unpacklo_epi64(a, b);
            fours[4 * i + 2 * half + 1] = _mm512_unpackhi_epi64(a, b);
        }
    }
    // Quarter q of fours[4i + k] has column 4q + k of rows 4i..4i+4.
    for k in 0..4 {
        let even = [
            _mm512_shuffle_i32x4::<0x88>(fours[k], fours[4 + k]),
            _mm512_shuffle_i32x4::<0x88>(fours[8 + k], fours[12 + k]),
        ];
        let odd = [
            _mm512_shuffle_i32x4::<0xDD>(fours[k], fours[4 + k]),
            _mm512_shuffle_i32x4::<0xDD>(fours[8 + k], fours[12 + k]),
        ];
        out[k] = _mm512_shuffle_i32x4::<0x88>(even[0], even[1]);
        out[4 + k] = _mm512_shuffle_i32x4::<0x88>(odd[0], odd[1]);
        out[8 + k] = _mm512_shuffle_i32x4::<0xDD>(even[0], even[1]);
        out[12 + k] = _mm512_shuffle_i32x4::<0xDD>(odd[0], odd[1]);
    }
    out
}

/// One block of all sixteen messages. `w` are its words.
#[inline]
#[target_feature(enable = "avx512f")]
fn one_block(state: &mut [V; 8], mut w: [V; 16]) {
    let mut s = *state;
    for (i, k) in K.chunks_exact(16).enumerate() {
        if i > 0 {
            next_words(&mut w);
        }
        eight_rounds(&mut s, [w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]], &k[..8]);
        eight_rounds(&mut s, [w[8], w[9], w[10], w[11], w[12], w[13], w[14], w[15]], &k[8..]);
    }
    for (state, s) in state.iter_mut().zip(s) {
        *state = _mm512_add_epi32(*state, s);
    }
}

/// The next sixteen words.
#[inline]
#[target_feature(enable = "avx512f")]
fn next_words(w: &mut [V; 16]) {
    for i in 0..16 {
        w[i] = next_word(w[i], w[(i + 1) % 16], w[(i + 9) % 16], w[(i + 14) % 16]);
    }
}

/// Eight rounds. Instead of moving the eight words of the state, their names move.
#[inline]
#[target_feature(enable = "avx512f")]
fn eight_rounds(s: &mut [V; 8], w: [V; 8], k: &[u32]) {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *s;
    let input = |i: usize| _mm512_add_epi32(w[i], _mm512_set1_epi32(k[i] as i32));
    round([a, b, c], &mut d, [e, f, g], &mut h, input(0));
    round([h, a, b], &mut c, [d, e, f], &mut g, input(1));
    round([g, h, a], &mut b, [c, d, e], &mut f, input(2));
    round([f, g, h], &mut a, [b, c, d], &mut e, input(3));
    round([e, f, g], &mut h, [a, b, c], &mut d, input(4));
    round([d, e, f], &mut g, [h, a, b], &mut c, input(5));
    round([c, d, e], &mut f, [g, h, a], &mut b, input(6));
    round([b, c, d], &mut e, [f, g, h], &mut a, input(7));
    *s = [a, b, c, d, e, f, g, h];
}

/// Word t from words t-16, t-15, t-7 and t-2.
#[inline]
#[target_feature(enable = "avx512f")]
fn next_word(w16: V, w15: V, w7: V, w2: V) -> V {
    let s0 = xor3(_mm512_ror_epi32::<7>(w15), _mm512_ror_epi32::<18>(w15), _mm512_srli_epi32::<3>(w15));
    let s1 = xor3(_mm512_ror_epi32::<17>(w2), _mm512_ror_epi32::<19>(w2), _mm512_srli_epi32::<10>(w2));
    _mm512_add_epi32(_mm512_add_epi32(w16, s0), _mm512_add_epi32(w7, s1))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn xor3(a: V, b: V, c: V) -> V {
    _mm512_ternarylogic_epi64::<0x96>(a, b, c)
}

/// One round. `input` is the word and the constant.
#[inline]
#[target_feature(enable = "avx512f")]
fn round([a, b, c]: [V; 3], d: &mut V, [e, f, g]: [V; 3], h: &mut V, input: V) {
    let sum1 = xor3(_mm512_ror_epi32::<6>(e), _mm512_ror_epi32::<11>(e), _mm512_ror_epi32::<25>(e));
    let choice = _mm512_ternarylogic_epi64::<0xCA>(e, f, g);
    let t1 = _mm512_add_epi32(_mm512_add_epi32(input, *h), _mm512_add_epi32(sum1, choice));
    let sum0 = xor3(_mm512_ror_epi32::<2>(a), _mm512_ror_epi32::<13>(a), _mm512_ror_epi32::<22>(a));
    let majority = _mm512_ternarylogic_epi64::<0xE8>(a, b, c);
    *d = _mm512_add_epi32(*d, t1);
    *h = _mm512_add_epi32(t1, _mm512_add_epi32(sum0, majority));
}
