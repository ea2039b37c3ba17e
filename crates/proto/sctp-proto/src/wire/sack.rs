//! SACK (RFC 9260 §3.3.4).

use super::tlv::{need, u16_at, u32_at, wire_length};
use super::{WireError, chunk};

/// What has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sack {
    /// The last TSN before the first hole.
    pub cumulative: u32,
    /// How much more the receiver takes.
    pub window: u32,
    /// What arrived beyond the hole: first and last TSN as offsets from `cumulative`, ascending and apart.
    pub ranges: Vec<(u16, u16)>,
    /// What arrived again.
    pub duplicates: Vec<u32>,
}

impl Sack {
    pub(crate) fn decode(value: &[u8]) -> Result<Self, WireError> {
        need(value, SACK_BYTES - chunk::CHUNK_HEADER_BYTES)?;
        let (ranges, duplicates) = (
            usize::from(u16_at(value, 8)),
            usize::from(u16_at(value, 10)),
        );
        let body = &value[SACK_BYTES - chunk::CHUNK_HEADER_BYTES..];
        need(body, 4 * (ranges + duplicates))?;
        let (gaps, again) = body.split_at(4 * ranges);
        let ranges: Vec<_> = gaps
            .chunks_exact(4)
            .map(|it| (u16_at(it, 0), u16_at(it, 2)))
            .collect();
        // 1 would be the hole itself; a sender must see blocks in order, but only sense matters here.
        if ranges
            .iter()
            .any(|&(first, last)| first < 2 || last < first)
        {
            return Err(WireError::Value);
        }
        Ok(Self {
            cumulative: u32_at(value, 0),
            window: u32_at(value, 4),
            ranges,
            duplicates: again[..4 * duplicates]
                .chunks_exact(4)
                .map(|it| u32_at(it, 0))
                .collect(),
        })
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        put_body(self, out);
    }
}

/// Appends a SACK chunk.
pub(crate) fn write_sack(sack: &Sack, out: &mut Vec<u8>) {
    let length = SACK_BYTES + 4 * (sack.ranges.len() + sack.duplicates.len());
    out.extend_from_slice(&[chunk::SACK, 0]);
    out.extend_from_slice(&wire_length(length).to_be_bytes());
    put_body(sack, out);
}

fn put_body(sack: &Sack, out: &mut Vec<u8>) {
    out.extend_from_slice(&sack.cumulative.to_be_bytes());
    out.extend_from_slice(&sack.window.to_be_bytes());
    out.extend_from_slice(&wire_length(sack.ranges.len()).to_be_bytes());
    out.extend_from_slice(&wire_length(sack.duplicates.len()).to_be_bytes());
    for (first, last) in &sack.ranges {
        out.extend_from_slice(&first.to_be_bytes());
        out.extend_from_slice(&last.to_be_bytes());
    }
    for tsn in &sack.duplicates {
        out.extend_from_slice(&tsn.to_be_bytes());
    }
}

/// The length of a SACK without ranges and duplicates.
pub(crate) const SACK_BYTES: usize = 16;
