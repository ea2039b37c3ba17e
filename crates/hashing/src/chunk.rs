use model::Digest;

use crate::lanes::{self, LANES};
use crate::plain::{PlainSum, sum};

/// The bytes of a chunk are hashed in leaves of this size.
pub const LEAF_BYTES: usize = 64 * 1024;

/// The digest of a chunk (docs/protocol/transfer.md, "The end").
///
/// A chunk of at most [`LEAF_BYTES`] has the SHA-256 of its bytes; a larger one SHA-256 over the SHA-256 of
/// its leaves, which are hashed side by side where the processor can.
pub fn chunk_digest(bytes: &[u8]) -> Digest {
    if bytes.len() <= LEAF_BYTES {
        return sum(bytes);
    }
    let (leaves, rest) = bytes.as_chunks::<LEAF_BYTES>();
    let mut root = PlainSum::default();
    for leaves in leaves.chunks(LANES) {
        let at_once = <&[_; LANES]>::try_from(leaves).ok();
        match at_once.and_then(lanes::sums) {
            Some(sums) => sums.iter().for_each(|sum| root.update(&sum.0)),
            None => leaves.iter().for_each(|leaf| root.update(&sum(leaf).0)),
        }
    }
    if !rest.is_empty() {
        root.update(&sum(rest).0);
    }
    root.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, computed the slow way.
    fn by_hand(bytes: &[u8]) -> Digest {
        let leaves: Vec<_> = bytes
            .chunks(LEAF_BYTES)
            .map(|leaf| Digest::of(leaf).0)
            .collect();
        match *leaves {
            [] => Digest::of(&[]),
            [leaf] => Digest(leaf),
            _ => Digest::of(&leaves.concat()),
        }
    }

    #[test]
    fn a_chunk_hashes_as_documented_at_every_edge() {
        let bytes: Vec<u8> = (0..20 * LEAF_BYTES)
            .map(|at| u8::try_from(at % 251).unwrap())
            .collect();
        for leaves in [0, 1, 2, 7, 8, 9, 15, 16, 17] {
            for more in [0, 1, LEAF_BYTES - 1] {
                let bytes = &bytes[..leaves * LEAF_BYTES + more];
                assert_eq!(
                    chunk_digest(bytes),
                    by_hand(bytes),
                    "{leaves} leaves, {more} more"
                );
            }
        }
    }

    #[test]
    fn a_small_chunk_has_the_plain_sum_of_its_bytes() {
        assert_eq!(chunk_digest(b"abc"), Digest::of(b"abc"));
    }
}
