//! SHA-256 (FIPS 180-4) of several messages of one length at once, one in each lane of a vector.
//!
//! A round of SHA-256 waits for the round before it, so one message leaves most of a processor idle. Eight
//! messages fill its vectors. There are no vector types here: the loops over lanes are plain arrays, which the
//! compiler turns into vectors where [`avx2`] tells it that it may.

use std::array::from_fn;

use model::Digest;

use crate::chunk::LEAF_BYTES;

/// Messages hashed at once: 32-bit words in a vector of 256 bits.
pub(crate) const LANES: usize = 8;

/// Hashes eight leaves at once, if this processor gains by it.
///
/// With SHA instructions, one leaf after the other is faster.
#[cfg(target_arch = "x86_64")]
pub(crate) fn sums(leaves: &[[u8; LEAF_BYTES]; LANES]) -> Option<[Digest; LANES]> {
    let gains = is_x86_feature_detected!("avx2") && !is_x86_feature_detected!("sha");
    #[expect(
        unsafe_code,
        reason = "the processor was asked for AVX2 in the line above"
    )]
    gains.then(|| unsafe { avx2(leaves) })
}

/// Other processors have SHA instructions, or nothing to gain.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn sums(_: &[[u8; LEAF_BYTES]; LANES]) -> Option<[Digest; LANES]> {
    None
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2(leaves: &[[u8; LEAF_BYTES]; LANES]) -> [Digest; LANES] {
    hash(&from_fn(|lane| leaves[lane].as_slice()))
}

/// Hashes messages of the same length, a multiple of a block.
#[expect(
    clippy::needless_range_loop,
    reason = "the number is that of a block in every lane"
)]
#[inline(always)]
fn hash(messages: &[&[u8]; LANES]) -> [Digest; LANES] {
    let blocks: [&[Block]; LANES] = from_fn(|lane| messages[lane].as_chunks().0);
    let count = blocks[0].len();
    let mut state = START.map(|word| Words([word; LANES]));
    for number in 0..count {
        compress(&mut state, &from_fn(|lane| &blocks[lane][number]));
    }
    compress(&mut state, &[&padding(count); LANES]);
    from_fn(|lane| digest(&state, lane))
}

/// What follows a message of whole blocks: a bit, zeros, and its length in bits.
fn padding(blocks: usize) -> Block {
    let mut block = [0; BLOCK_BYTES];
    block[0] = 0x80;
    let bits = (blocks * BLOCK_BYTES) as u64 * 8;
    block[BLOCK_BYTES - 8..].copy_from_slice(&bits.to_be_bytes());
    block
}

fn digest(state: &State, lane: usize) -> Digest {
    let mut value = [0; 32];
    for (bytes, words) in value.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&words.0[lane].to_be_bytes());
    }
    Digest(value)
}

/// Takes one block of every message into the state (section 6.2.2).
#[inline(always)]
fn compress(state: &mut State, blocks: &[&Block; LANES]) {
    let mut schedule = words_of(blocks);
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (turn, constants) in ROUNDS.as_chunks::<16>().0.iter().enumerate() {
        for (at, constant) in constants.iter().enumerate() {
            if turn > 0 {
                schedule[at] = next_word(&schedule, at);
            }
            let chosen = g.xor(e.and(f.xor(g)));
            let first = h
                .add(e.rotated([6, 11, 25]))
                .add(chosen)
                .add(schedule[at])
                .add(Words([*constant; LANES]));
            let majority = a.and(b).xor(c.and(a.xor(b)));
            let second = a.rotated([2, 13, 22]).add(majority);
            (h, g, f, e) = (g, f, e, d.add(first));
            (d, c, b, a) = (c, b, a, first.add(second));
        }
    }
    for (before, after) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *before = before.add(after);
    }
}

/// The first sixteen words of the message schedule; the lanes are filled one after the other, and only then
/// is the order of bytes turned, for all at once.
#[inline(always)]
fn words_of(blocks: &[&Block; LANES]) -> [Words; 16] {
    let mut words = [Words([0; LANES]); 16];
    for (lane, block) in blocks.iter().enumerate() {
        for (words, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
            words.0[lane] = u32::from_ne_bytes(*bytes);
        }
    }
    words.map(|words| Words(words.0.map(u32::from_be)))
}

/// The word that takes the place of the one sixteen rounds ago.
#[inline(always)]
fn next_word(schedule: &[Words; 16], at: usize) -> Words {
    let fifteen_ago = schedule[(at + 1) % 16];
    let two_ago = schedule[(at + 14) % 16];
    let small_0 = fifteen_ago.rotate(7).xor(fifteen_ago.rotate(18));
    let small_1 = two_ago.rotate(17).xor(two_ago.rotate(19));
    schedule[at]
        .add(small_0.xor(fifteen_ago.shift(3)))
        .add(schedule[(at + 9) % 16])
        .add(small_1.xor(two_ago.shift(10)))
}

/// One word of every message.
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Words([u32; LANES]);

impl Words {
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(from_fn(|lane| self.0[lane].wrapping_add(other.0[lane])))
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(from_fn(|lane| self.0[lane] ^ other.0[lane]))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(from_fn(|lane| self.0[lane] & other.0[lane]))
    }

    #[inline(always)]
    fn rotate(self, bits: u32) -> Self {
        Self(self.0.map(|word| word.rotate_right(bits)))
    }

    #[inline(always)]
    fn shift(self, bits: u32) -> Self {
        Self(self.0.map(|word| word >> bits))
    }

    /// The exclusive or of three rotations.
    #[inline(always)]
    fn rotated(self, bits: [u32; 3]) -> Self {
        let [first, second, third] = bits.map(|bits| self.rotate(bits));
        first.xor(second).xor(third)
    }
}

type State = [Words; 8];
type Block = [u8; BLOCK_BYTES];

const BLOCK_BYTES: usize = 64;

/// The first 32 bits of the fractional parts of the square roots of the first eight primes (section 5.3.3).
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes (section 4.2.2).
#[rustfmt::skip]
const ROUNDS: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_lane_hashes_its_own_message(blocks in 0usize..5, bytes in prop::collection::vec(any::<u8>(), LANES * 5 * 64)) {
            let length = blocks * BLOCK_BYTES;
            let messages: [&[u8]; LANES] = from_fn(|lane| &bytes[lane * length..][..length]);
            let expected = messages.map(Digest::of);
            prop_assert_eq!(hash(&messages), expected);
        }
    }

    #[test]
    fn vectors_change_nothing() {
        let mut leaves = vec![[0; LEAF_BYTES]; LANES];
        for (lane, leaf) in leaves.iter_mut().enumerate() {
            for (at, byte) in leaf.iter_mut().enumerate() {
                *byte = u8::try_from((at * 31 + lane * 7) % 251).unwrap();
            }
        }
        let leaves = <&[_; LANES]>::try_from(leaves.as_slice()).unwrap();
        let expected = from_fn(|lane| Digest::of(&leaves[lane]));
        assert_eq!(hash(&from_fn(|lane| leaves[lane].as_slice())), expected);
        // `None` where the processor has nothing to gain by it.
        assert!(sums(leaves).is_none_or(|sums| sums == expected));
    }
}
