use model::limits::CHANNEL_MESSAGE_BYTES;
use model::wire::{self, WireError};
use serde::{Deserialize, Serialize};

use crate::octets;

/// One item of a Noise transport message, which holds a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Frame {
    /// A piece of a control message.
    Data {
        /// Counts the pieces of this direction from 0, over all connections of the session.
        number: u64,
        /// Whether it ends its message.
        last: bool,
        /// The piece.
        #[serde(with = "octets")]
        bytes: Vec<u8>,
    },
    /// Every piece before `next` has arrived.
    Acknowledge { next: u64 },
    /// Asks for a `Pong` at once.
    Ping { nonce: u64 },
    /// Answers a `Ping`.
    Pong { nonce: u64 },
}

/// The most that a data frame adds to its piece: kind, varint number, end mark, varint length.
pub(crate) const DATA_HEAD_BYTES: usize = 1 + 10 + 1 + 3;
/// The most that any other frame takes: kind, varint number.
pub(crate) const SIGN_BYTES: usize = 1 + 10;
/// The most that the number of frames takes before them.
pub(crate) const COUNT_BYTES: usize = 3;

/// Writes the content of one transport message.
pub(crate) fn encode(frames: &[Frame]) -> Vec<u8> {
    wire::encode(&frames)
}

/// Reads the content of one transport message.
pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<Frame>, WireError> {
    wire::decode(bytes, CHANNEL_MESSAGE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_frame() -> impl Strategy<Value = Frame> {
        prop_oneof![
            (
                any::<u64>(),
                any::<bool>(),
                prop::collection::vec(any::<u8>(), 0..300)
            )
                .prop_map(|(number, last, bytes)| Frame::Data {
                    number,
                    last,
                    bytes
                }),
            any::<u64>().prop_map(|next| Frame::Acknowledge { next }),
            any::<u64>().prop_map(|nonce| Frame::Ping { nonce }),
            any::<u64>().prop_map(|nonce| Frame::Pong { nonce }),
        ]
    }

    proptest! {
        #[test]
        fn frames_are_read_as_they_were_written(frames in prop::collection::vec(any_frame(), 0..9)) {
            let bytes = encode(&frames);
            let bound: usize = frames.iter().map(|frame| match frame {
                Frame::Data { bytes, .. } => DATA_HEAD_BYTES + bytes.len(),
                Frame::Acknowledge { .. } | Frame::Ping { .. } | Frame::Pong { .. } => SIGN_BYTES,
            }).sum();
            prop_assert!(bytes.len() <= COUNT_BYTES + bound);
            prop_assert_eq!(decode(&bytes), Ok(frames));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(frames) = decode(&bytes) {
                prop_assert_eq!(decode(&encode(&frames)), Ok(frames));
            }
        }
    }
}
