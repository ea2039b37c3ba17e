//! The messages that open a data channel in band (RFC 8832 §5).

use std::time::Duration;

use super::WireError;
use super::tlv::{need, u16_at, u32_at, wire_length};
use crate::{Reliability, limits};

/// A message of the establishment protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenMessage {
    /// Announces a channel.
    Open(Open),
    /// Accepts it.
    Ack,
}

/// What a channel is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Whether messages may arrive in any order.
    pub is_unordered: bool,
    /// When a message may be given up.
    pub reliability: Reliability,
    /// The weight of the channel.
    pub priority: u16,
    /// Its name.
    pub label: String,
    /// Its subprotocol.
    pub protocol: String,
}

impl OpenMessage {
    /// Parses a message.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        match bytes.first() {
            Some(&OPEN) => Open::decode(bytes).map(Self::Open),
            Some(&ACK) => Ok(Self::Ack),
            Some(_) => Err(WireError::Value),
            None => Err(WireError::Truncated),
        }
    }

    /// Writes a message.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Open(open) => open.encode(),
            Self::Ack => vec![ACK],
        }
    }
}

impl Open {
    fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        need(bytes, OPEN_BYTES)?;
        let parameter = u32_at(bytes, 4);
        let reliability = match bytes[1] & !UNORDERED {
            RELIABLE => Reliability::Reliable,
            RETRANSMITS => Reliability::Retransmits(parameter),
            LIFETIME => Reliability::Lifetime(Duration::from_millis(u64::from(parameter))),
            _ => return Err(WireError::Value),
        };
        let label = usize::from(u16_at(bytes, 8));
        let protocol = usize::from(u16_at(bytes, 10));
        if label > limits::LABEL_BYTES || protocol > limits::LABEL_BYTES {
            return Err(WireError::TooLong);
        }
        need(bytes, OPEN_BYTES + label + protocol)?;
        let (label, rest) = bytes[OPEN_BYTES..].split_at(label);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| WireError::Value);
        Ok(Self {
            is_unordered: bytes[1] & UNORDERED != 0,
            reliability,
            priority: u16_at(bytes, 2),
            label: text(label)?,
            protocol: text(&rest[..protocol])?,
        })
    }

    fn encode(&self) -> Vec<u8> {
        let (kind, parameter) = match self.reliability {
            Reliability::Reliable => (RELIABLE, 0),
            Reliability::Retransmits(count) => (RETRANSMITS, count),
            Reliability::Lifetime(time) => {
                let millis = u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
                (LIFETIME, millis)
            }
        };
        let mut out = Vec::with_capacity(OPEN_BYTES + self.label.len() + self.protocol.len());
        out.extend_from_slice(&[OPEN, kind | (u8::from(self.is_unordered) * UNORDERED)]);
        out.extend_from_slice(&self.priority.to_be_bytes());
        out.extend_from_slice(&parameter.to_be_bytes());
        out.extend_from_slice(&wire_length(self.label.len()).to_be_bytes());
        out.extend_from_slice(&wire_length(self.protocol.len()).to_be_bytes());
        out.extend_from_slice(self.label.as_bytes());
        out.extend_from_slice(self.protocol.as_bytes());
        out
    }
}

/// The length of an announcement without its names.
pub const OPEN_BYTES: usize = 12;

const ACK: u8 = 2;
const OPEN: u8 = 3;
const RELIABLE: u8 = 0;
const RETRANSMITS: u8 = 1;
const LIFETIME: u8 = 2;
const UNORDERED: u8 = 0x80;
