use std::path::PathBuf;

use model::{ContactId, Digest, DisplayName, Timestamp, TransferId};

/// What the home remembers of one transfer; its progress lies in its spool and staging folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferRecord {
    /// The same on both sides and after every resume.
    pub id: TransferId,
    /// Who is at the other end. Stays when that contact is removed.
    pub contact: ContactId,
    /// The other end's name when the transfer was added, for the history.
    pub peer_name: DisplayName,
    /// Where to or where from on this device.
    pub direction: TransferDirection,
    /// How far it is.
    pub state: TransferState,
    /// What it holds.
    pub summary: TransferSummary,
    /// The token of the current acceptance.
    pub token: Option<u64>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it came to its end.
    pub finished_at: Option<Timestamp>,
    /// The transfer digest, once it is complete.
    pub digest: Option<Digest>,
    /// Bytes that crossed the network more than once.
    pub resent_bytes: u64,
}

/// Which way a transfer goes, and its place on this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferDirection {
    /// From this device.
    Send {
        /// Absolute paths in the order given; empty for standard input.
        sources: Vec<PathBuf>,
    },
    /// To this device.
    Receive {
        /// The folder chosen; `None` before acceptance and for standard output.
        destination: Option<PathBuf>,
    },
}

/// What a transfer holds, as it was announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferSummary {
    /// What people call it.
    pub name: DisplayName,
    /// Files and folders.
    pub entries: u64,
    /// Files alone.
    pub files: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// Whether the size is unknown until the end.
    pub stream: bool,
    /// Whether it is a text to be shown.
    pub text: bool,
}

/// How far a transfer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferState {
    /// Told to the receiving person, who has not answered.
    Offered,
    /// Ready, but the other device is out of reach or others go first.
    Waiting,
    /// Data flows.
    Active,
    /// Stopped for a while.
    Paused {
        /// Why.
        reason: PauseReason,
    },
    /// Every byte is in place and confirmed.
    Completed,
    /// Given up.
    Failed {
        /// The error code that the faces show, at most [`FAILURE_CODE_BYTES`].
        code: String,
    },
    /// Stopped for good by either side.
    Cancelled,
    /// The receiving person said no.
    Declined,
}

impl TransferState {
    /// Whether this is an end: a finished transfer never changes again.
    pub fn is_finished(&self) -> bool {
        match self {
            Self::Offered | Self::Waiting | Self::Active | Self::Paused { .. } => false,
            Self::Completed | Self::Failed { .. } | Self::Cancelled | Self::Declined => true,
        }
    }
}

/// Why a transfer stopped for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PauseReason {
    /// The person here asked.
    Here,
    /// The person there asked.
    There,
    /// The receiving disk is full.
    DiskFull,
    /// The receiving disk refuses to be written.
    DiskFailed,
    /// New connections brought no progress.
    Stalled,
}

/// What stays of a transfer that came to its end, so that it never happens twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedTransfer {
    /// Which one.
    pub id: TransferId,
    /// Whose it was.
    pub contact: ContactId,
    /// Its end.
    pub state: TransferState,
    /// The transfer digest, if it was completed.
    pub digest: Option<Digest>,
    /// When it ended.
    pub finished_at: Timestamp,
    /// How many entries were left out: [`SkippedEntries::total`].
    pub skipped: u64,
}

/// An entry that was left out of a transfer.
#[derive(Clone, PartialEq, Eq)]
pub struct SkippedEntry {
    /// Its path as shown to people.
    pub path: String,
    /// Why, as a sentence or code.
    pub reason: String,
}

impl std::fmt::Debug for SkippedEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SkippedEntry({})", self.reason)
    }
}

/// The entries that were left out of one transfer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SkippedEntries {
    /// The first [`crate::SKIPPED_LISTED`] of them.
    pub listed: Vec<SkippedEntry>,
    /// How many there are.
    pub total: u64,
}

/// The longest code of a failure; a longer one is cut.
pub const FAILURE_CODE_BYTES: usize = 64;
