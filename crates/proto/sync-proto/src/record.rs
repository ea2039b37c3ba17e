//! What is known of one path of a folder.

use model::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{FolderPath, VersionVector};

/// One version of what lies at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Which changes it has seen.
    pub version: VersionVector,
    /// What lies there.
    pub state: State,
    /// If it is a copy that was kept from a conflict: of what.
    pub rival: Option<Box<Rival>>,
}

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Nothing any more: a tombstone.
    Deleted,
    /// A folder.
    Directory,
    /// A file.
    File(FileState),
}

/// A file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// Its size.
    pub size_bytes: u64,
    /// When its content was last changed.
    pub modified: Timestamp,
    /// Whether its owner may execute it.
    pub executable: bool,
    /// The digest of its chunks: see [`crate::Recipe::digest`].
    pub digest: Digest,
}

/// What a conflict copy competes with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rival {
    /// The path at which the other version stayed.
    pub path: FolderPath,
    /// The version that the copy had there: a decision supersedes it too.
    pub version: VersionVector,
}

/// A record with its path: what an index says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// Where.
    pub path: FolderPath,
    /// What.
    pub record: Record,
}

impl Record {
    /// Whether something lies there.
    pub fn is_live(&self) -> bool {
        match self.state {
            State::Deleted => false,
            State::Directory | State::File(_) => true,
        }
    }
}

impl State {
    /// The file, if it is one.
    pub fn file(&self) -> Option<&FileState> {
        match self {
            Self::File(file) => Some(file),
            Self::Deleted | Self::Directory => None,
        }
    }

    /// Whether both are the same for people: times do not count.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(ours), Self::File(theirs)) => {
                ours.digest == theirs.digest && ours.executable == theirs.executable
            }
            (Self::Deleted | Self::Directory | Self::File(_), _) => self == other,
        }
    }

    /// Whether both are files of the same bytes.
    pub fn has_same_bytes(&self, other: &Self) -> bool {
        match (self.file(), other.file()) {
            (Some(ours), Some(theirs)) => ours.digest == theirs.digest,
            (None | Some(_), _) => false,
        }
    }
}
