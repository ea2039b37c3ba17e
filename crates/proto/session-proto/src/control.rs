use std::fmt;

use model::limits::{CONTROL_MESSAGE_BYTES, SDP_BYTES};
use model::wire::{self, WireError};
use serde::{Deserialize, Serialize};

use crate::octets;

/// What two devices say to each other on the control channel.
///
/// All but `Ping` and `Pong` are numbered: they survive the loss of a connection.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ControlMessage {
    /// A message of a transfer, already encoded; at most [`CONTROL_MESSAGE_BYTES`] with its head.
    Transfer(#[serde(with = "octets")] Vec<u8>),
    /// A further connection is offered.
    ConnectionOffer {
        /// Its number, the same on both sides and never used again in this session.
        connection: u32,
        /// The session description, at most [`SDP_BYTES`]; still to be parsed with `model::sdp`.
        sdp: String,
    },
    /// A further connection is accepted.
    ConnectionAnswer {
        /// The number from the offer.
        connection: u32,
        /// The session description, at most [`SDP_BYTES`]; still to be parsed with `model::sdp`.
        sdp: String,
    },
    /// A further connection is not wanted.
    ConnectionRefused {
        /// The number from the offer.
        connection: u32,
    },
    /// Asks for a [`ControlMessage::Pong`]; lost with its connection and dropped when there is none.
    ///
    /// The peer's session answers by itself, its driver never sees it.
    Ping {
        /// Comes back in the answer.
        nonce: u64,
    },
    /// Answers this device's last ping.
    Pong {
        /// The nonce of that ping.
        nonce: u64,
    },
    /// Ends the session; nothing follows.
    Close {
        /// Why.
        reason: CloseReason,
    },
    /// Nothing more is sent on the bulk channel of a connection: a fresh one takes its place.
    ConnectionRetired {
        /// Its number.
        connection: u32,
        /// How many bulk messages this side sent on it in all.
        messages: u64,
    },
    /// A message of a shared folder, already encoded; at most [`CONTROL_MESSAGE_BYTES`] with its head.
    Folder(#[serde(with = "octets")] Vec<u8>),
}

/// Why a device ends a session in good order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CloseReason {
    /// Nothing is left to do.
    Idle,
    /// The program stops.
    Stopping,
    /// A newer session took over.
    Superseded,
    /// The other side broke a rule of a protocol that this session carries.
    Violation,
}

impl ControlMessage {
    /// Writes a numbered message, or refuses one that is longer than the peer would take.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, WireError> {
        let bytes = wire::encode(self);
        if bytes.len() > CONTROL_MESSAGE_BYTES || self.has_long_description() {
            return Err(WireError::TooLong);
        }
        Ok(bytes)
    }

    /// Reads a numbered message; pings are not numbered and refused here.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let message: Self = wire::decode(bytes, CONTROL_MESSAGE_BYTES)?;
        if message.has_long_description() {
            return Err(WireError::TooLong);
        }
        match message {
            Self::Ping { .. } | Self::Pong { .. } => Err(WireError::Malformed),
            Self::Transfer(_)
            | Self::Folder(_)
            | Self::ConnectionOffer { .. }
            | Self::ConnectionAnswer { .. }
            | Self::ConnectionRefused { .. }
            | Self::ConnectionRetired { .. }
            | Self::Close { .. } => Ok(message),
        }
    }

    fn has_long_description(&self) -> bool {
        match self {
            Self::ConnectionOffer { sdp, .. } | Self::ConnectionAnswer { sdp, .. } => {
                sdp.len() > SDP_BYTES
            }
            Self::Transfer(_)
            | Self::Folder(_)
            | Self::ConnectionRefused { .. }
            | Self::ConnectionRetired { .. }
            | Self::Ping { .. }
            | Self::Pong { .. }
            | Self::Close { .. } => false,
        }
    }
}

/// Names the kind only: contents are file names and addresses, which do not belong into logs.
impl fmt::Debug for ControlMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transfer(bytes) => write!(f, "Transfer({} bytes)", bytes.len()),
            Self::Folder(bytes) => write!(f, "Folder({} bytes)", bytes.len()),
            Self::ConnectionOffer { connection, .. } => write!(f, "ConnectionOffer({connection})"),
            Self::ConnectionAnswer { connection, .. } => {
                write!(f, "ConnectionAnswer({connection})")
            }
            Self::ConnectionRefused { connection } => write!(f, "ConnectionRefused({connection})"),
            Self::ConnectionRetired { connection, .. } => {
                write!(f, "ConnectionRetired({connection})")
            }
            Self::Ping { nonce } => write!(f, "Ping({nonce})"),
            Self::Pong { nonce } => write!(f, "Pong({nonce})"),
            Self::Close { reason } => write!(f, "Close({reason:?})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic_and_written_back_alike(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(message) = ControlMessage::decode(&bytes) {
                let again = message.encode().unwrap();
                prop_assert_eq!(ControlMessage::decode(&again).unwrap(), message);
            }
        }
    }

    #[test]
    fn a_message_at_the_limit_passes_and_one_byte_more_does_not() {
        let head = 4; // The kind and a three-byte length.
        let full = ControlMessage::Transfer(vec![7; CONTROL_MESSAGE_BYTES - head]);
        let bytes = full.encode().unwrap();
        assert_eq!(bytes.len(), CONTROL_MESSAGE_BYTES);
        assert_eq!(ControlMessage::decode(&bytes), Ok(full));
        let over = ControlMessage::Transfer(vec![7; CONTROL_MESSAGE_BYTES - head + 1]);
        assert_eq!(over.encode(), Err(WireError::TooLong));
        assert_eq!(
            ControlMessage::decode(&wire::encode(&over)),
            Err(WireError::TooLong)
        );
    }

    #[test]
    fn a_long_description_is_refused_on_both_sides() {
        let offer = ControlMessage::ConnectionOffer {
            connection: 2,
            sdp: "x".repeat(SDP_BYTES + 1),
        };
        assert_eq!(offer.encode(), Err(WireError::TooLong));
        let bytes = wire::encode(&offer);
        assert_eq!(ControlMessage::decode(&bytes), Err(WireError::TooLong));
    }

    #[test]
    fn pings_are_never_numbered() {
        let bytes = wire::encode(&ControlMessage::Ping { nonce: 1 });
        assert_eq!(ControlMessage::decode(&bytes), Err(WireError::Malformed));
    }

    #[test]
    fn contents_are_not_printed() {
        let offer = ControlMessage::ConnectionOffer {
            connection: 2,
            sdp: "candidate 192.0.2.1".into(),
        };
        assert_eq!(format!("{offer:?}"), "ConnectionOffer(2)");
    }
}
