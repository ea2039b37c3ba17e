//! Messages as the application sees them.

use bytes::{Bytes, BytesMut};

use crate::wire::{PPID_BINARY, PPID_BINARY_EMPTY, PPID_STRING, PPID_STRING_EMPTY};

/// Whether a message is text or bytes; only the application cares (RFC 8831 §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// UTF-8, not checked here.
    Text,
    /// Anything.
    Binary,
}

/// One received message, in the pieces in which it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What the sender called it.
    pub kind: MessageKind,
    parts: Parts,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Parts {
    One([Bytes; 1]),
    Many(Vec<Bytes>),
}

impl Message {
    /// A message in one piece.
    pub(crate) fn whole(kind: MessageKind, bytes: Bytes) -> Self {
        Self {
            kind,
            parts: Parts::One([bytes]),
        }
    }

    /// A message in several pieces.
    pub(crate) fn pieced(kind: MessageKind, parts: Vec<Bytes>) -> Self {
        Self {
            kind,
            parts: Parts::Many(parts),
        }
    }

    /// The pieces in order: slices of the packets that were handed in.
    pub fn parts(&self) -> &[Bytes] {
        match &self.parts {
            Parts::One(part) => part,
            Parts::Many(parts) => parts,
        }
    }

    /// The length in bytes.
    pub fn len(&self) -> usize {
        self.parts().iter().map(Bytes::len).sum()
    }

    /// Whether it has no bytes, which is a message too.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The message in one piece; copies unless it came in one.
    pub fn into_bytes(self) -> Bytes {
        let length = self.len();
        match self.parts {
            Parts::One([part]) => part,
            Parts::Many(parts) => {
                let mut whole = BytesMut::with_capacity(length);
                parts.iter().for_each(|part| whole.extend_from_slice(part));
                whole.freeze()
            }
        }
    }
}

impl MessageKind {
    /// The payload protocol identifier of a message (RFC 8831 §8).
    pub(crate) fn ppid(self, is_empty: bool) -> u32 {
        match (self, is_empty) {
            (Self::Text, false) => PPID_STRING,
            (Self::Text, true) => PPID_STRING_EMPTY,
            (Self::Binary, false) => PPID_BINARY,
            (Self::Binary, true) => PPID_BINARY_EMPTY,
        }
    }

    /// The kind that a payload protocol identifier says, and whether the message is empty.
    pub(crate) fn from_ppid(ppid: u32) -> Option<(Self, bool)> {
        match ppid {
            PPID_STRING => Some((Self::Text, false)),
            PPID_STRING_EMPTY => Some((Self::Text, true)),
            PPID_BINARY => Some((Self::Binary, false)),
            PPID_BINARY_EMPTY => Some((Self::Binary, true)),
            _ => None,
        }
    }
}
