//! What goes over the wire: packets and chunks (RFC 9260 §3 and its extensions), and the messages that
//! open data channels (RFC 8832).
//!
//! Everything is parsed at this door. A [`Chunk`] owns what it says; payload is a slice of the packet.

mod chunk;
mod data;
mod forward;
mod init;
mod open;
mod packet;
mod reconfig;
mod sack;
mod tlv;

pub use chunk::{Chunk, WriteError};
pub use data::{Data, Place};
pub use forward::{ForwardTsn, Skip};
pub use init::{Features, Init, InitAck};
pub use open::{OPEN_BYTES, Open, OpenMessage};
pub use packet::{HEADER_BYTES, Header, Packet, begin_packet, checksum, finish_packet};
pub use reconfig::{Reset, ResetOutcome, ResetRequest, ResetResponse};
pub use sack::Sack;

pub(crate) use chunk::{CHUNK_HEADER_BYTES, write_pad};
pub(crate) use data::{DATA_HEADER_BYTES, DataHead, I_DATA_HEADER_BYTES, data_flags};
pub(crate) use sack::{SACK_BYTES, write_sack};
pub(crate) use tlv::padded;

use thiserror::Error;

/// Why bytes from the peer are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WireError {
    /// Something ends before it should.
    #[error("it ends too early")]
    Truncated,
    /// The checksum does not match (RFC 9260 §6.8).
    #[error("the checksum does not match")]
    Checksum,
    /// A length field contradicts what it measures.
    #[error("a length is impossible")]
    Length,
    /// A value that the protocol excludes.
    #[error("a value is impossible")]
    Value,
    /// Longer than we are willing to read.
    #[error("it is longer than allowed")]
    TooLong,
}

/// Data channel establishment (RFC 8832 §8.1).
pub const PPID_CONTROL: u32 = 50;
/// A text message.
pub const PPID_STRING: u32 = 51;
/// A binary message.
pub const PPID_BINARY: u32 = 53;
/// A text message without bytes, sent as one byte (RFC 8831 §6.6).
pub const PPID_STRING_EMPTY: u32 = 56;
/// A binary message without bytes, sent as one byte.
pub const PPID_BINARY_EMPTY: u32 = 57;
