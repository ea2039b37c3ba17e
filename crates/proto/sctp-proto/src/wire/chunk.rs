//! One chunk of any kind (RFC 9260 §3.2).

use bytes::{Buf, Bytes};
use thiserror::Error;

use super::data::Data;
use super::forward::ForwardTsn;
use super::init::{Init, InitAck};
use super::reconfig::Reset;
use super::sack::Sack;
use super::tlv::{need, pad, put_parameter, u32_at, wire_length};
use super::{WireError, tlv};
use crate::limits;

/// One chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    /// A piece of a message (RFC 9260 §3.3.1, RFC 8260 §2.1).
    Data(Data),
    /// Asks for an association (§3.3.2).
    Init(Init),
    /// Answers with a cookie (§3.3.3).
    InitAck(InitAck),
    /// Says what has arrived (§3.3.4).
    Sack(Sack),
    /// Asks whether the path lives; the bytes come back unchanged (§3.3.5).
    Heartbeat(Bytes),
    /// Brings them back (§3.3.6).
    HeartbeatAck(Bytes),
    /// Ends the association at once (§3.3.7); the causes as they came, and whether the tag is the sender's own.
    Abort {
        /// The `T` bit: the sender had no association and reflected the tag.
        is_reflected: bool,
        /// Error causes.
        causes: Bytes,
    },
    /// Asks to end the association; says what has arrived (§3.3.8).
    Shutdown(u32),
    /// Agrees (§3.3.9).
    ShutdownAck,
    /// Confirms (§3.3.13); the `T` bit as with [`Chunk::Abort`].
    ShutdownComplete {
        /// The `T` bit.
        is_reflected: bool,
    },
    /// Reports causes (§3.3.10).
    Error(Bytes),
    /// Gives a cookie back (§3.3.11).
    CookieEcho(Bytes),
    /// Confirms it (§3.3.12).
    CookieAck,
    /// Gives messages up (RFC 3758 §3.2, RFC 8260 §2.3.1).
    ForwardTsn(ForwardTsn),
    /// Resets streams (RFC 6525 §3.1).
    Reset(Reset),
    /// Fills a packet up (RFC 4820 §3).
    Pad,
    /// One that we do not know; the two highest bits of its kind say what to do (RFC 9260 §3.2).
    Unknown {
        /// Its kind.
        kind: u8,
        /// All of it, for the report.
        whole: Bytes,
    },
}

/// Why a chunk cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a chunk is at most 65,535 bytes long")]
pub struct WriteError;

impl Chunk {
    /// Parses a chunk without its padding.
    pub(crate) fn decode(whole: Bytes) -> Result<Self, WireError> {
        need(&whole, CHUNK_HEADER_BYTES)?;
        let (kind, flags) = (whole[0], whole[1]);
        let mut value = whole.clone();
        value.advance(CHUNK_HEADER_BYTES);
        Ok(match kind {
            DATA => Self::Data(Data::decode(flags, value)?),
            I_DATA => Self::Data(Data::decode_interleaved(flags, value)?),
            INIT => Self::Init(Init::decode(value)?),
            INIT_ACK => Self::InitAck(InitAck::decode(value)?),
            SACK => Self::Sack(Sack::decode(&value)?),
            HEARTBEAT => Self::Heartbeat(heartbeat_info(value)?),
            HEARTBEAT_ACK => Self::HeartbeatAck(heartbeat_info(value)?),
            ABORT => Self::Abort {
                is_reflected: flags & REFLECTED != 0,
                causes: value,
            },
            SHUTDOWN => {
                need(&value, 4)?;
                Self::Shutdown(u32_at(&value, 0))
            }
            SHUTDOWN_ACK => Self::ShutdownAck,
            SHUTDOWN_COMPLETE => Self::ShutdownComplete {
                is_reflected: flags & REFLECTED != 0,
            },
            ERROR => Self::Error(value),
            COOKIE_ECHO => Self::CookieEcho(value),
            COOKIE_ACK => Self::CookieAck,
            FORWARD_TSN => Self::ForwardTsn(ForwardTsn::decode(&value)?),
            I_FORWARD_TSN => Self::ForwardTsn(ForwardTsn::decode_interleaved(&value)?),
            RE_CONFIG => Self::Reset(Reset::decode(value)?),
            PAD => Self::Pad,
            _ => Self::Unknown { kind, whole },
        })
    }

    /// Appends the chunk and its padding.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let start = out.len();
        out.extend_from_slice(&[self.kind(), self.flags(), 0, 0]);
        match self {
            Self::Data(data) => data.encode(out),
            Self::Init(init) => init.encode(out),
            Self::InitAck(ack) => ack.encode(out),
            Self::Sack(sack) => sack.encode(out),
            Self::Heartbeat(info) | Self::HeartbeatAck(info) => {
                if info.len() > limits::ECHO_BYTES {
                    return Err(WriteError);
                }
                put_parameter(out, HEARTBEAT_INFO, info);
            }
            Self::Abort { causes, .. } | Self::Error(causes) => out.extend_from_slice(causes),
            Self::Shutdown(tsn) => out.extend_from_slice(&tsn.to_be_bytes()),
            Self::CookieEcho(cookie) => out.extend_from_slice(cookie),
            Self::ForwardTsn(forward) => forward.encode(out),
            Self::Reset(reset) => reset.encode(out),
            Self::ShutdownAck | Self::ShutdownComplete { .. } | Self::CookieAck | Self::Pad => {}
            Self::Unknown { whole, .. } => {
                out.truncate(start);
                out.extend_from_slice(whole);
            }
        }
        close_chunk(out, start)
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Data(data) => data.place.kind(),
            Self::Init(_) => INIT,
            Self::InitAck(_) => INIT_ACK,
            Self::Sack(_) => SACK,
            Self::Heartbeat(_) => HEARTBEAT,
            Self::HeartbeatAck(_) => HEARTBEAT_ACK,
            Self::Abort { .. } => ABORT,
            Self::Shutdown(_) => SHUTDOWN,
            Self::ShutdownAck => SHUTDOWN_ACK,
            Self::ShutdownComplete { .. } => SHUTDOWN_COMPLETE,
            Self::Error(_) => ERROR,
            Self::CookieEcho(_) => COOKIE_ECHO,
            Self::CookieAck => COOKIE_ACK,
            Self::ForwardTsn(forward) => forward.kind(),
            Self::Reset(_) => RE_CONFIG,
            Self::Pad => PAD,
            Self::Unknown { kind, .. } => *kind,
        }
    }

    fn flags(&self) -> u8 {
        match self {
            Self::Data(data) => data.flags(),
            Self::Abort { is_reflected, .. } | Self::ShutdownComplete { is_reflected } => {
                u8::from(*is_reflected) * REFLECTED
            }
            Self::Init(_)
            | Self::InitAck(_)
            | Self::Sack(_)
            | Self::Heartbeat(_)
            | Self::HeartbeatAck(_)
            | Self::Shutdown(_)
            | Self::ShutdownAck
            | Self::Error(_)
            | Self::CookieEcho(_)
            | Self::CookieAck
            | Self::ForwardTsn(_)
            | Self::Reset(_)
            | Self::Pad
            | Self::Unknown { .. } => 0,
        }
    }
}

/// Puts the length into the chunk that begins at `start`, and pads it.
pub(crate) fn close_chunk(out: &mut Vec<u8>, start: usize) -> Result<(), WriteError> {
    // Nested values are padded; the length of the chunk counts all but the last one's padding, and
    // counting that too is allowed for chunks of parameters (RFC 9260 §3.2.1).
    let length = out.len() - start;
    let Ok(field) = u16::try_from(length) else {
        out.truncate(start);
        return Err(WriteError);
    };
    out[start + 2..start + 4].copy_from_slice(&field.to_be_bytes());
    pad(out, length);
    Ok(())
}

/// Fills `length` bytes, a multiple of four and at least four, with a chunk that means nothing (RFC 4820 §3).
pub(crate) fn write_pad(out: &mut Vec<u8>, length: usize) {
    out.extend_from_slice(&[PAD, 0]);
    out.extend_from_slice(&wire_length(length).to_be_bytes());
    out.resize(out.len() + length - CHUNK_HEADER_BYTES, 0);
}

fn heartbeat_info(mut value: Bytes) -> Result<Bytes, WireError> {
    match tlv::parameter(&mut value)? {
        Some((HEARTBEAT_INFO, info)) if info.len() <= limits::ECHO_BYTES => Ok(info),
        Some((HEARTBEAT_INFO, _)) => Err(WireError::TooLong),
        _ => Err(WireError::Value),
    }
}

/// Type, flags and length.
pub(crate) const CHUNK_HEADER_BYTES: usize = 4;

const HEARTBEAT_INFO: u16 = 1;
const REFLECTED: u8 = 1;

pub(crate) const DATA: u8 = 0;
const INIT: u8 = 1;
const INIT_ACK: u8 = 2;
pub(crate) const SACK: u8 = 3;
const HEARTBEAT: u8 = 4;
const HEARTBEAT_ACK: u8 = 5;
const ABORT: u8 = 6;
const SHUTDOWN: u8 = 7;
const SHUTDOWN_ACK: u8 = 8;
const ERROR: u8 = 9;
const COOKIE_ECHO: u8 = 10;
const COOKIE_ACK: u8 = 11;
const SHUTDOWN_COMPLETE: u8 = 14;
pub(crate) const I_DATA: u8 = 64;
pub(crate) const RE_CONFIG: u8 = 130;
const PAD: u8 = 132;
pub(crate) const FORWARD_TSN: u8 = 192;
pub(crate) const I_FORWARD_TSN: u8 = 194;
