//! FORWARD-TSN and I-FORWARD-TSN (RFC 3758 §3.2, RFC 8260 §2.3.1).

use super::tlv::{need, u16_at, u32_at};
use super::{WireError, chunk};

/// Moves the receiver past messages that were given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardTsn {
    /// The last TSN that will not come any more.
    pub cumulative: u32,
    /// The last message given up of every stream concerned.
    pub skips: Vec<Skip>,
    /// Whether message numbers have 32 bits and unordered ones are named too.
    pub is_interleaved: bool,
}

/// The last message of one stream that was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skip {
    /// The stream.
    pub stream: u16,
    /// Whether the unordered messages are meant.
    pub is_unordered: bool,
    /// The number of the message.
    pub message: u32,
}

impl ForwardTsn {
    pub(crate) fn decode(value: &[u8]) -> Result<Self, WireError> {
        need(value, 4)?;
        if !(value.len() - 4).is_multiple_of(4) {
            return Err(WireError::Length);
        }
        let skips = value[4..].chunks_exact(4).map(|it| Skip {
            stream: u16_at(it, 0),
            is_unordered: false,
            message: u32::from(u16_at(it, 2)),
        });
        Ok(Self {
            cumulative: u32_at(value, 0),
            skips: skips.collect(),
            is_interleaved: false,
        })
    }

    pub(crate) fn decode_interleaved(value: &[u8]) -> Result<Self, WireError> {
        need(value, 4)?;
        if !(value.len() - 4).is_multiple_of(8) {
            return Err(WireError::Length);
        }
        let skips = value[4..].chunks_exact(8).map(|it| Skip {
            stream: u16_at(it, 0),
            is_unordered: u16_at(it, 2) & 1 != 0,
            message: u32_at(it, 4),
        });
        Ok(Self {
            cumulative: u32_at(value, 0),
            skips: skips.collect(),
            is_interleaved: true,
        })
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.cumulative.to_be_bytes());
        for skip in &self.skips {
            out.extend_from_slice(&skip.stream.to_be_bytes());
            if self.is_interleaved {
                out.extend_from_slice(&u16::from(skip.is_unordered).to_be_bytes());
                out.extend_from_slice(&skip.message.to_be_bytes());
            } else {
                let low = crate::sequence::narrow16(u64::from(skip.message));
                out.extend_from_slice(&low.to_be_bytes());
            }
        }
    }

    pub(crate) fn kind(&self) -> u8 {
        if self.is_interleaved {
            chunk::I_FORWARD_TSN
        } else {
            chunk::FORWARD_TSN
        }
    }
}
