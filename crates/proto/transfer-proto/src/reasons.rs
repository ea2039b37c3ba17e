//! Why something stops, waits or is left out: closed lists that travel and that faces turn into sentences.

use serde::{Deserialize, Serialize};

/// Why a transfer waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PauseReason {
    /// A person pressed pause.
    Person,
    /// The receiver's disk is full; it goes on by itself when there is space.
    DiskFull,
    /// The receiver's disk refuses to be written.
    DiskFailed,
    /// Nothing was confirmed over several connections in a row.
    Stalled,
}

/// Why a transfer was ended before it was complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CancelReason {
    /// A person pressed cancel.
    Person,
    /// The receiver refuses the name or place of an entry.
    NameRefused {
        /// The entry's index in the manifest.
        entry: u32,
    },
    /// Every file was skipped.
    NothingLeft,
    /// The sender cannot read its own manifest any more.
    ManifestLost,
    /// What was announced as a text is none.
    NotText,
    /// The receiver cannot write where it should go.
    Unwritable,
}

/// Why an offer was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeclineReason {
    /// A person said no.
    Person,
    /// Too many offers at once; it may be offered again later.
    Busy,
    /// There is not enough space for what was announced.
    NoSpace,
    /// A rule of the receiver says no.
    Policy,
}

/// Why an entry is missing from a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum GoneReason {
    /// Its source no longer exists.
    Vanished,
    /// Its source is no longer a file.
    NotAFile,
    /// Its source cannot be read.
    Unreadable,
    /// It changed again and again while it was read.
    SourceKeepsChanging,
    /// It grew beyond what the receiver agreed to take.
    GrewTooMuch,
    /// The receiver cannot hold its name.
    NameRefused,
}

/// Why the driver could not read a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceFailure {
    /// It no longer exists.
    Vanished,
    /// It is no longer a file.
    NotAFile,
    /// It exists and cannot be read.
    Unreadable,
}

impl From<SourceFailure> for GoneReason {
    fn from(failure: SourceFailure) -> Self {
        match failure {
            SourceFailure::Vanished => Self::Vanished,
            SourceFailure::NotAFile => Self::NotAFile,
            SourceFailure::Unreadable => Self::Unreadable,
        }
    }
}

/// Why the driver could not write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinkFailure {
    /// No space, or no more than the reserve.
    DiskFull,
    /// Anything else: no permission, a disk that was removed.
    Unwritable,
}

impl From<SinkFailure> for PauseReason {
    fn from(failure: SinkFailure) -> Self {
        match failure {
            SinkFailure::DiskFull => Self::DiskFull,
            SinkFailure::Unwritable => Self::DiskFailed,
        }
    }
}

/// Which side did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// This device.
    Own,
    /// The other device.
    Peer,
}
