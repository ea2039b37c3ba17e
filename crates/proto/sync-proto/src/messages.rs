//! What the members of a folder say to each other on the control channel.

use model::wire::{self, WireError};
use model::{ChunkSet, Digest, DisplayName, FolderId, limits};
use serde::{Deserialize, Serialize};

use crate::{IndexPage, Piece};

/// A message together with the folder it belongs to: what travels inside the session's control channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressedToFolder {
    /// The folder.
    pub folder: FolderId,
    /// The message.
    pub message: FolderMessage,
}

impl AddressedToFolder {
    /// Writes the message, at most [`limits::CONTROL_MESSAGE_BYTES`] long.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads a message that came from the peer.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        wire::decode(bytes, limits::CONTROL_MESSAGE_BYTES)
    }
}

/// What members say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FolderMessage {
    /// Asks a contact to join; says nothing about the files.
    Invite {
        /// What to call the folder.
        name: DisplayName,
        /// Who belongs to it: a [`crate::FolderRoster`], encoded.
        roster: Vec<u8>,
    },
    /// The first word in every session.
    Hello(FolderHello),
    /// Who belongs to the folder: a [`crate::FolderRoster`], encoded.
    Roster(Vec<u8>),
    /// The sender knows no such folder, or the receiver as no member of it.
    Unknown,
    /// Asks for the page of the index behind a count: answered at once the first time, then when there is news.
    IndexWanted {
        /// The count.
        after: u64,
    },
    /// Answers it.
    IndexTold(IndexPage),
    /// Asks for the chunks of a file.
    RecipeWanted {
        /// The file.
        file: Digest,
        /// A file whose chunks the asker knows.
        base: Option<Digest>,
        /// How many pieces it already has.
        from: u32,
    },
    /// Answers it.
    RecipeTold {
        /// The file.
        file: Digest,
        /// The place of the first piece.
        from: u32,
        /// Pieces; none if the file is not there.
        pieces: Vec<Piece>,
        /// Whether there are more behind.
        more: bool,
    },
    /// Asks for chunks of a file: their bytes come on the bulk channels.
    ChunksWanted {
        /// The file.
        file: Digest,
        /// Their places among its chunks.
        chunks: Vec<u32>,
    },
    /// Answers what cannot be served.
    ChunksMissing {
        /// The file.
        file: Digest,
        /// Their places among its chunks.
        chunks: Vec<u32>,
    },
    /// The sender fetches this file, and has got these chunks since it last said so.
    Holding {
        /// The file.
        file: Digest,
        /// Their places among its chunks.
        chunks: ChunkSet,
    },
}

/// Opens a folder in a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderHello {
    /// The sender's roster: see [`crate::FolderRoster::digest`].
    pub roster: Digest,
    /// Names the sender's index; another one if it had to begin anew. Random.
    pub index: u64,
    /// Whether the sender's disk takes some different names for the same.
    pub folds_names: bool,
    /// Opens the bulk messages that the sender of this hello receives; random.
    pub token: u64,
}

#[cfg(test)]
mod tests;
