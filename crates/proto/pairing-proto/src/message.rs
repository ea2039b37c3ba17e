use model::limits;
use model::wire::{self, WireError};
use serde::{Deserialize, Serialize};

/// What travels through a nameplate, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// Both ways: the key exchange.
    Pake {
        /// The version of everything that follows.
        version: u16,
        /// The exchange's message.
        element: Vec<u8>,
    },
    /// The claimer's, then the issuer's: proof of the same key.
    Confirmation([u8; 32]),
    /// Instead of what would follow: the other's proof is wrong.
    WrongCode,
    /// Three messages of the Noise handshake, the claimer's first.
    Handshake(Vec<u8>),
    /// A [`Verdict`], encrypted.
    Sealed(Vec<u8>),
}

impl Message {
    /// Reads a message of at most [`limits::PAIRING_MESSAGE_BYTES`]: takes any bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        wire::decode(bytes, limits::PAIRING_MESSAGE_BYTES)
    }

    /// Writes the message.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }
}

/// What a person decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Verdict {
    /// Add.
    Added,
    /// Stop.
    Stopped,
}

impl Verdict {
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        wire::decode(bytes, 1)
    }

    pub(crate) fn encode(self) -> Vec<u8> {
        wire::encode(&self)
    }
}

/// The version that this build speaks.
pub(crate) const VERSION: u16 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_judged_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..1_100)) {
            if let Ok(message) = Message::decode(&bytes) {
                prop_assert_eq!(Message::decode(&message.encode()), Ok(message));
            }
        }
    }

    #[test]
    fn messages_beyond_the_limit_are_refused() {
        let fits = Message::Handshake(vec![0; limits::PAIRING_MESSAGE_BYTES - 3]).encode();
        assert_eq!(fits.len(), limits::PAIRING_MESSAGE_BYTES);
        assert!(Message::decode(&fits).is_ok());
        let long = Message::Handshake(vec![0; limits::PAIRING_MESSAGE_BYTES - 2]).encode();
        assert_eq!(Message::decode(&long), Err(WireError::TooLong));
    }
}
