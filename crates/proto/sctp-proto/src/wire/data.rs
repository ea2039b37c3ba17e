//! DATA and I-DATA (RFC 9260 §3.3.1, RFC 8260 §2.1).

use bytes::{Buf, Bytes};

use super::tlv::{need, u16_at, u32_at, wire_length};
use super::{WireError, chunk, padded};

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// Its number among all pieces.
    pub tsn: u32,
    /// The stream it belongs to.
    pub stream: u16,
    /// Whether the message may overtake others.
    pub is_unordered: bool,
    /// Whether an acknowledgment is wanted at once (RFC 7053).
    pub is_urgent: bool,
    /// Whether the message begins here.
    pub is_begin: bool,
    /// Whether the message ends here.
    pub is_end: bool,
    /// Which piece of which message.
    pub place: Place,
    /// What the payload is; known at the beginning only if interleaved.
    pub ppid: u32,
    /// At least one byte.
    pub payload: Bytes,
}

/// Where a piece belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// DATA: the number of the message on its stream; pieces have neighbouring TSNs.
    Stream(u16),
    /// I-DATA: the number of the message, and of the piece in it (0 at the beginning).
    Interleaved {
        /// The number of the message on its stream.
        message: u32,
        /// The number of the piece.
        fragment: u32,
    },
}

impl Data {
    pub(crate) fn decode(flags: u8, mut value: Bytes) -> Result<Self, WireError> {
        need(&value, DATA_HEADER_BYTES - chunk::CHUNK_HEADER_BYTES + 1)?;
        let (tsn, stream) = (u32_at(&value, 0), u16_at(&value, 4));
        let place = Place::Stream(u16_at(&value, 6));
        let ppid = u32_at(&value, 8);
        value.advance(DATA_HEADER_BYTES - chunk::CHUNK_HEADER_BYTES);
        Ok(Self {
            tsn,
            stream,
            is_unordered: flags & UNORDERED != 0,
            is_urgent: flags & URGENT != 0,
            is_begin: flags & BEGIN != 0,
            is_end: flags & END != 0,
            place,
            ppid,
            payload: value,
        })
    }

    pub(crate) fn decode_interleaved(flags: u8, mut value: Bytes) -> Result<Self, WireError> {
        need(&value, I_DATA_HEADER_BYTES - chunk::CHUNK_HEADER_BYTES + 1)?;
        let is_begin = flags & BEGIN != 0;
        let last = u32_at(&value, 12);
        let (ppid, fragment) = if is_begin { (last, 0) } else { (0, last) };
        let data = Self {
            tsn: u32_at(&value, 0),
            stream: u16_at(&value, 4),
            is_unordered: flags & UNORDERED != 0,
            is_urgent: flags & URGENT != 0,
            is_begin,
            is_end: flags & END != 0,
            place: Place::Interleaved {
                message: u32_at(&value, 8),
                fragment,
            },
            ppid,
            payload: Bytes::new(),
        };
        value.advance(I_DATA_HEADER_BYTES - chunk::CHUNK_HEADER_BYTES);
        Ok(Self {
            payload: value,
            ..data
        })
    }

    /// The chunk without its payload.
    pub(crate) fn head(&self) -> DataHead {
        DataHead {
            tsn: self.tsn,
            stream: self.stream,
            flags: self.flags(),
            place: self.place,
            ppid: self.ppid,
        }
    }

    pub(crate) fn flags(&self) -> u8 {
        data_flags(self.is_begin, self.is_end, self.is_unordered)
            | (u8::from(self.is_urgent) * URGENT)
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        self.head().put_body(out);
        out.extend_from_slice(&self.payload);
    }
}

/// What stands before the payload; the sender keeps it to write the chunk again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DataHead {
    pub(crate) tsn: u32,
    pub(crate) stream: u16,
    pub(crate) flags: u8,
    pub(crate) place: Place,
    pub(crate) ppid: u32,
}

impl DataHead {
    /// Appends a whole chunk with its padding.
    pub(crate) fn write(&self, payload: &[u8], is_urgent: bool, out: &mut Vec<u8>) {
        let length = self.place.header_bytes() + payload.len();
        let flags = self.flags | (u8::from(is_urgent) * URGENT);
        out.extend_from_slice(&[self.place.kind(), flags]);
        out.extend_from_slice(&wire_length(length).to_be_bytes());
        self.put_body(out);
        out.extend_from_slice(payload);
        out.resize(out.len() + padded(length) - length, 0);
    }

    pub(crate) fn is_begin(&self) -> bool {
        self.flags & BEGIN != 0
    }

    pub(crate) fn is_unordered(&self) -> bool {
        self.flags & UNORDERED != 0
    }

    fn put_body(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.tsn.to_be_bytes());
        out.extend_from_slice(&self.stream.to_be_bytes());
        match self.place {
            Place::Stream(number) => {
                out.extend_from_slice(&number.to_be_bytes());
                out.extend_from_slice(&self.ppid.to_be_bytes());
            }
            Place::Interleaved { message, fragment } => {
                out.extend_from_slice(&[0; 2]);
                out.extend_from_slice(&message.to_be_bytes());
                let last = if self.is_begin() { self.ppid } else { fragment };
                out.extend_from_slice(&last.to_be_bytes());
            }
        }
    }
}

/// The flags of a piece.
pub(crate) fn data_flags(is_begin: bool, is_end: bool, is_unordered: bool) -> u8 {
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    flag(is_end, END) | flag(is_begin, BEGIN) | flag(is_unordered, UNORDERED)
}

impl Place {
    pub(crate) fn kind(self) -> u8 {
        match self {
            Self::Stream(_) => chunk::DATA,
            Self::Interleaved { .. } => chunk::I_DATA,
        }
    }

    pub(crate) fn header_bytes(self) -> usize {
        match self {
            Self::Stream(_) => DATA_HEADER_BYTES,
            Self::Interleaved { .. } => I_DATA_HEADER_BYTES,
        }
    }
}

/// The length of a DATA chunk without payload.
pub(crate) const DATA_HEADER_BYTES: usize = 16;
/// The length of an I-DATA chunk without payload.
pub(crate) const I_DATA_HEADER_BYTES: usize = 20;

const END: u8 = 1;
const BEGIN: u8 = 2;
const UNORDERED: u8 = 4;
const URGENT: u8 = 8;
