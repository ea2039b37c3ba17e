//! The type-length-value grammar that chunks, parameters and causes share (RFC 9260 §3.2).

use bytes::{Buf, Bytes};

use super::WireError;

/// Length with the padding to four bytes that follows every value.
pub(crate) fn padded(length: usize) -> usize {
    length.next_multiple_of(4)
}

/// Splits `length` bytes and their padding off; the last value's padding may be missing.
pub(crate) fn split(bytes: &mut Bytes, length: usize) -> Result<Bytes, WireError> {
    if bytes.len() < length {
        return Err(WireError::Truncated);
    }
    let value = bytes.split_to(length);
    bytes.advance((padded(length) - length).min(bytes.len()));
    Ok(value)
}

/// Splits the next parameter off: its type and its value (RFC 9260 §3.2.1).
pub(crate) fn parameter(bytes: &mut Bytes) -> Result<Option<(u16, Bytes)>, WireError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.len() < PARAMETER_HEADER_BYTES {
        return Err(WireError::Truncated);
    }
    let kind = u16::from_be_bytes([bytes[0], bytes[1]]);
    let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
    if length < PARAMETER_HEADER_BYTES {
        return Err(WireError::Length);
    }
    let mut whole = split(bytes, length)?;
    whole.advance(PARAMETER_HEADER_BYTES);
    Ok(Some((kind, whole)))
}

/// Writes a parameter and its padding.
pub(crate) fn put_parameter(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&wire_length(PARAMETER_HEADER_BYTES + value.len()).to_be_bytes());
    out.extend_from_slice(value);
    pad(out, value.len());
}

/// Adds the zeros that follow a value of `length`.
pub(crate) fn pad(out: &mut Vec<u8>, length: usize) {
    out.resize(out.len() + padded(length) - length, 0);
}

/// A length as a field of 16 bits.
pub(crate) fn wire_length(length: usize) -> u16 {
    u16::try_from(length).expect("whoever writes keeps to the size of a packet")
}

/// Reads a number that the caller has made sure is there.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Reads a number that the caller has made sure is there.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

/// Fails unless `bytes` has at least `length`.
pub(crate) fn need(bytes: &[u8], length: usize) -> Result<(), WireError> {
    if bytes.len() < length {
        return Err(WireError::Truncated);
    }
    Ok(())
}

const PARAMETER_HEADER_BYTES: usize = 4;
