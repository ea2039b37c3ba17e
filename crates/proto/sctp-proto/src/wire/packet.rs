//! The packet around the chunks (RFC 9260 §3.1).

use bytes::{Buf, Bytes};

use super::chunk::Chunk;
use super::tlv::{need, u16_at, u32_at};
use super::{CHUNK_HEADER_BYTES, WireError, padded};
use crate::limits;

/// The common header without its checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The sender's port.
    pub source_port: u16,
    /// The receiver's port.
    pub destination_port: u16,
    /// The receiver's tag, which proves that the sender knows the association (RFC 9260 §8.5).
    pub tag: u32,
}

/// A packet whose checksum was right; yields its chunks.
#[derive(Debug, Clone)]
pub struct Packet {
    /// The common header.
    pub header: Header,
    rest: Bytes,
}

impl Packet {
    /// Opens a packet.
    pub fn decode(bytes: Bytes) -> Result<Self, WireError> {
        need(&bytes, HEADER_BYTES + CHUNK_HEADER_BYTES)?;
        if bytes.len() > limits::PACKET_BYTES + 3 {
            return Err(WireError::TooLong);
        }
        if checksum(&bytes) != u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]) {
            return Err(WireError::Checksum);
        }
        let header = Header {
            source_port: u16_at(&bytes, 0),
            destination_port: u16_at(&bytes, 2),
            tag: u32_at(&bytes, 4),
        };
        let mut rest = bytes;
        rest.advance(HEADER_BYTES);
        Ok(Self { header, rest })
    }

    /// Returns the next chunk; after an error there is none (RFC 9260 §3.2: the rest cannot be found).
    pub fn next_chunk(&mut self) -> Option<Result<Chunk, WireError>> {
        if self.rest.is_empty() {
            return None;
        }
        let chunk = self.split_chunk();
        if chunk.is_err() {
            self.rest.clear();
        }
        Some(chunk.and_then(Chunk::decode))
    }

    /// Whether the chunk that comes next is the only one left.
    pub fn is_last_chunk(&self) -> bool {
        let length = match self.rest.get(2..4) {
            Some(length) => usize::from(u16_at(length, 0)),
            None => return true,
        };
        padded(length) >= self.rest.len()
    }

    fn split_chunk(&mut self) -> Result<Bytes, WireError> {
        need(&self.rest, CHUNK_HEADER_BYTES)?;
        let length = usize::from(u16_at(&self.rest, 2));
        if length < CHUNK_HEADER_BYTES {
            return Err(WireError::Length);
        }
        super::tlv::split(&mut self.rest, length)
    }
}

/// Writes a header with room for the checksum; chunks follow, then [`finish_packet`].
pub fn begin_packet(out: &mut Vec<u8>, header: Header) {
    out.extend_from_slice(&header.source_port.to_be_bytes());
    out.extend_from_slice(&header.destination_port.to_be_bytes());
    out.extend_from_slice(&header.tag.to_be_bytes());
    out.extend_from_slice(&[0; 4]);
}

/// Puts the checksum into the packet that begins at `start` and ends where `out` ends.
pub fn finish_packet(out: &mut [u8], start: usize) {
    let packet = &mut out[start..];
    let sum = crc32c::crc32c(packet);
    packet[8..12].copy_from_slice(&sum.to_le_bytes());
}

/// The checksum of a packet of at least a header, whatever its checksum field says (RFC 9260 Appendix A).
pub fn checksum(packet: &[u8]) -> u32 {
    let head = crc32c::crc32c_append(crc32c::crc32c(&packet[..8]), &[0; 4]);
    crc32c::crc32c_append(head, &packet[HEADER_BYTES..])
}

/// The length of the common header.
pub const HEADER_BYTES: usize = 12;
