//! The receiving half: from pieces to messages, in the order that each stream promises.

mod pieces;
mod streams;
mod window;

use bytes::Bytes;

pub(crate) use pieces::Whole;
pub(crate) use window::ReceiveWindow;

use crate::limits;
use crate::wire::{Data, ForwardTsn, Place};
use pieces::Pieces;
use streams::InStreams;

/// The receiving half.
#[derive(Debug)]
pub(crate) struct Inbound {
    pieces: Pieces,
    streams: InStreams,
    most_message_bytes: usize,
}

/// The peer broke the rules in a way that cannot be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Violation {
    /// Pieces contradict each other.
    Pieces,
    /// A message is longer than it may be.
    TooLong,
}

impl Inbound {
    pub(crate) fn new(most_message_bytes: usize) -> Self {
        Self {
            pieces: Pieces::default(),
            streams: InStreams::default(),
            most_message_bytes,
        }
    }

    /// Takes a piece with its widened TSN.
    pub(crate) fn insert(&mut self, tsn: u64, data: Data) -> Result<(), Violation> {
        if let Some(whole) = self.pieces.insert(tsn, data, self.most_message_bytes)? {
            self.streams.insert(whole);
        }
        Ok(())
    }

    /// The next message that is complete and whose turn it is.
    pub(crate) fn pop(&mut self) -> Option<Whole> {
        self.streams.pop()
    }

    /// What is held back here, in bytes and entries that cost (RFC 9260 §6.2: the window shrinks by it).
    pub(crate) fn held(&self) -> usize {
        self.pieces.held() + self.streams.held()
    }

    /// Drops what the sender gave up and goes on behind it (RFC 3758 §3.6, RFC 8260 §2.3.1).
    pub(crate) fn forward(&mut self, past: u64, forward: &ForwardTsn) {
        if !forward.is_interleaved {
            self.pieces.drop_below(past);
        }
        for skip in &forward.skips {
            if forward.is_interleaved {
                self.pieces.drop_message(skip);
            }
            if !skip.is_unordered {
                self.streams.skip(skip, forward.is_interleaved);
            }
        }
    }

    /// Begins the numbers of a stream anew.
    pub(crate) fn reset(&mut self, stream: u16) {
        self.pieces.drop_stream(stream);
        self.streams.reset(stream);
    }
}

/// Copies a slice out of a much larger packet, so that it does not keep all of it alive.
pub(crate) fn detached(payload: Bytes, packet_bytes: usize) -> Bytes {
    if payload.len() * 2 < packet_bytes {
        Bytes::copy_from_slice(&payload)
    } else {
        payload
    }
}

/// What a piece or message of `bytes` costs to hold.
pub(crate) fn cost(bytes: usize) -> usize {
    bytes + limits::ENTRY_BYTES
}

/// Whether a piece is numbered as the handshake agreed.
pub(crate) fn is_agreed(place: Place, is_interleaved: bool) -> bool {
    matches!(place, Place::Interleaved { .. }) == is_interleaved
}
