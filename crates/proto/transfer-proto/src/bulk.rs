//! The format of bulk messages: pieces of chunks, many small ones together.
//!
//! `token: u64 ‖ round: u16 ‖ (entry: u32 ‖ version: u8 ‖ chunk: u32 ‖ offset: u32 ‖ length: u32 ‖ bytes)+`,
//! all big-endian, at most [`limits::CHANNEL_MESSAGE_BYTES`] together. `offset` counts from the start of
//! the chunk. `round` counts the times the sender began again under one token because a connection was
//! lost: a piece of a later round replaces what an earlier one brought of the same chunk.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use model::limits::{CHANNEL_MESSAGE_BYTES, CHUNK_BYTES};

use crate::ChunkName;

/// Why a bulk message cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BulkError {
    /// Longer than a channel message may be.
    #[error("the bulk message is too long")]
    TooLong,
    /// It ends inside a header or a piece, or has no piece.
    #[error("the bulk message is cut off")]
    CutOff,
    /// A piece of nothing.
    #[error("a piece is empty")]
    EmptyPiece,
    /// A piece beyond the largest chunk.
    #[error("a piece lies outside any chunk")]
    OutsideChunk,
}

/// The head of a bulk message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkHead {
    /// The consent it is sent under.
    pub token: u64,
    /// How often the sender began again under that token.
    pub round: u16,
}

/// One piece of a chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The chunk.
    pub name: ChunkName,
    /// Where the piece begins, counted from the start of the chunk.
    pub offset: u32,
    /// Its bytes: a slice of the message, never empty.
    pub data: Bytes,
}

/// Reads only the token, to find the transfer a message belongs to.
pub fn token(message: &[u8]) -> Option<u64> {
    message
        .first_chunk::<8>()
        .map(|bytes| u64::from_be_bytes(*bytes))
}

/// Checks a whole message and returns its head and an iterator over its pieces; nothing is copied.
pub fn records(message: Bytes) -> Result<(BulkHead, Records), BulkError> {
    if message.len() > CHANNEL_MESSAGE_BYTES {
        return Err(BulkError::TooLong);
    }
    let mut rest = message;
    if rest.len() <= HEAD_BYTES {
        return Err(BulkError::CutOff);
    }
    let head = BulkHead {
        token: rest.get_u64(),
        round: rest.get_u16(),
    };
    check(&rest)?;
    Ok((head, Records { rest }))
}

/// The pieces of one message whose form was checked.
#[derive(Debug, Clone)]
pub struct Records {
    rest: Bytes,
}

impl Iterator for Records {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if self.rest.is_empty() {
            return None;
        }
        let (name, offset, length) = read_header(&mut self.rest);
        let data = self.rest.split_to(length as usize);
        Some(Record { name, offset, data })
    }
}

/// Fills messages with pieces of chunks, in the order they are pushed.
#[derive(Debug)]
pub struct Packer {
    head: BulkHead,
    message: BytesMut,
}

impl Packer {
    /// Starts with an empty message.
    pub fn new(head: BulkHead) -> Self {
        Self {
            head,
            message: BytesMut::new(),
        }
    }

    /// Adds a whole chunk, cut where messages end; hands every full message to `full`.
    pub fn push(&mut self, name: ChunkName, data: &[u8], mut full: impl FnMut(Bytes)) {
        let mut offset = 0;
        while offset < data.len() {
            if self.room() == 0
                && let Some(message) = self.flush()
            {
                full(message);
            }
            let end = data.len().min(offset + self.room());
            self.put(name, offset, &data[offset..end]);
            offset = end;
        }
        if self.room() == 0
            && let Some(message) = self.flush()
        {
            full(message);
        }
    }

    /// Takes the message as it is, or `None` if it holds no piece.
    pub fn flush(&mut self) -> Option<Bytes> {
        if self.message.is_empty() {
            return None;
        }
        Some(std::mem::take(&mut self.message).freeze())
    }

    /// How many bytes of a chunk still fit, less than a useful piece counting as none.
    fn room(&self) -> usize {
        let used = self.message.len().max(HEAD_BYTES) + RECORD_BYTES;
        let room = CHANNEL_MESSAGE_BYTES.saturating_sub(used);
        if room < SMALLEST_CUT { 0 } else { room }
    }

    fn put(&mut self, name: ChunkName, offset: usize, data: &[u8]) {
        if self.message.is_empty() {
            self.message.reserve(CHANNEL_MESSAGE_BYTES);
            self.message.put_u64(self.head.token);
            self.message.put_u16(self.head.round);
        }
        self.message.put_u32(name.entry);
        self.message.put_u8(name.version);
        self.message.put_u32(name.chunk);
        self.message.put_u32(in_chunk(offset));
        self.message.put_u32(in_chunk(data.len()));
        self.message.put_slice(data);
    }
}

fn in_chunk(place: usize) -> u32 {
    u32::try_from(place).expect("a chunk is at most 1 MiB")
}

fn check(records: &Bytes) -> Result<(), BulkError> {
    let mut rest = records.as_ref();
    while !rest.is_empty() {
        if rest.len() < RECORD_BYTES {
            return Err(BulkError::CutOff);
        }
        let (_, offset, length) = read_header(&mut rest);
        if length == 0 {
            return Err(BulkError::EmptyPiece);
        }
        if u64::from(offset) + u64::from(length) > CHUNK_BYTES {
            return Err(BulkError::OutsideChunk);
        }
        rest = rest.get(length as usize..).ok_or(BulkError::CutOff)?;
    }
    Ok(())
}

fn read_header(bytes: &mut impl Buf) -> (ChunkName, u32, u32) {
    let name = ChunkName {
        entry: bytes.get_u32(),
        version: bytes.get_u8(),
        chunk: bytes.get_u32(),
    };
    (name, bytes.get_u32(), bytes.get_u32())
}

const HEAD_BYTES: usize = 8 + 2;
const RECORD_BYTES: usize = 4 + 1 + 4 + 4 + 4;
/// A message with less room than this is sent rather than filled with a crumb.
const SMALLEST_CUT: usize = 1_024;

#[cfg(test)]
mod tests;
