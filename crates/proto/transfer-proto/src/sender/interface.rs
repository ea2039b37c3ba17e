//! What a sender and its driver say to each other.

use std::num::NonZeroU64;
use std::sync::Arc;

use bytes::Bytes;
use model::{Digest, Entry, EntryVersion, RelPath, TransferId};

use crate::{
    CancelReason, Completion, DeclineReason, Findings, GoneReason, LeftOut, PauseReason, Side,
    SourceFailure, Summary, TransferMessage, Tuning,
};

/// What a sender must know to begin, or to begin again after a restart.
#[derive(Debug, Clone)]
pub struct SenderConfig {
    /// The transfer.
    pub transfer: TransferId,
    /// What is announced; it must be the same after every restart.
    pub summary: Summary,
    /// Pages of the manifest, known after the scan; at least one.
    pub pages: u32,
    /// Whether this transfer was accepted in an earlier run.
    pub resume: bool,
    /// What is not part of it: the receiver is told.
    pub left_out: LeftOut,
    /// Sizes, [`Tuning::default`] outside of tests.
    pub tuning: Tuning,
}

/// What the driver tells a sender.
#[derive(Debug)]
pub enum SenderInput {
    /// An authenticated session with the receiver stands.
    SessionUp,
    /// The session is gone; everything in flight is lost.
    SessionDown,
    /// One of several connections is gone and the session stands: what it carried is sent again.
    ConnectionLost,
    /// A control message of this transfer arrived.
    MessageReceived(TransferMessage),
    /// Answers [`SenderOutput::ReadPage`].
    PageRead {
        /// The page.
        page: u32,
        /// Its entries, the same at every reading.
        entries: Vec<Entry>,
    },
    /// Answers [`SenderOutput::ReadPage`]: the manifest cannot be read any more.
    PageLost {
        /// The page.
        page: u32,
    },
    /// Answers [`SenderOutput::ReadChunk`]: the file had the same `version` before and after the read.
    ///
    /// `data` is exactly as long as was asked, except for the last chunk of a stream, which may be
    /// shorter. If `version` is not the expected one, `data` may have any length: it is not looked at.
    ChunkRead {
        /// The ticket of the request.
        ticket: u64,
        /// The bytes.
        data: Bytes,
        /// Their SHA-256.
        digest: Digest,
        /// What was read.
        version: EntryVersion,
    },
    /// Answers [`SenderOutput::ReadChunk`]: the file changed during the read, or became too short.
    SourceChanged {
        /// The ticket of the request.
        ticket: u64,
        /// What it is now.
        version: EntryVersion,
    },
    /// Answers [`SenderOutput::ReadChunk`]: there is nothing to read.
    ReadFailed {
        /// The ticket of the request.
        ticket: u64,
        /// Why.
        failure: SourceFailure,
    },
    /// A stream ended; reads that lie behind its end are forgotten and need no answer.
    StreamEnded {
        /// The stream.
        entry: u32,
        /// How long it was.
        size_bytes: u64,
    },
    /// So many bytes of [`SenderOutput::SendBulk`] messages left the channels' queues.
    BulkSent {
        /// Whole messages, with their headers.
        bytes: u64,
    },
    /// A person pauses.
    Pause,
    /// A person, or the engine after a stall, goes on.
    Resume,
    /// A person cancels.
    Cancel,
    /// The deadline passed.
    Timeout,
}

/// What a sender asks of its driver.
#[derive(Debug)]
pub enum SenderOutput {
    /// Send a control message, wrapped as [`crate::Addressed`].
    Send(TransferMessage),
    /// Read a page of the manifest.
    ReadPage {
        /// The page.
        page: u32,
    },
    /// Read a chunk and hash it. Several are asked at once; answers may come in any order.
    ReadChunk(ReadChunk),
    /// Send one bulk message on any connection of the session.
    SendBulk {
        /// At most [`model::limits::CHANNEL_MESSAGE_BYTES`].
        message: Bytes,
    },
    /// Something a person may want to see.
    Event(SenderEvent),
    /// What the receiver will do with entries of a page; nothing of that page was sent in this session.
    Findings(Findings),
    /// Nothing was confirmed for [`Tuning::stall_time`]: make the connection anew.
    Stalled,
    /// The receiver broke the protocol: close the session. The transfer itself may go on in another one.
    Violation(SenderViolation),
    /// The transfer is over. Nothing follows except a repeated last word when a session comes up.
    Finished(SenderOutcome),
}

/// One chunk to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadChunk {
    /// Names the request in its answer.
    pub ticket: u64,
    /// The entry's index in the manifest.
    pub entry: u32,
    /// Where it lies below the source root.
    pub path: Arc<RelPath>,
    /// The chunk's index in the file.
    pub chunk: u32,
    /// Where it begins.
    pub offset: u64,
    /// How many bytes to read; up to that many from a stream.
    pub length: u32,
    /// The version all chunks must come from, once one was read in this run.
    pub expected: Option<EntryVersion>,
}

/// What happened to a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SenderEvent {
    /// The receiver agreed, in this session.
    Accepted {
        /// Whether either side asks for the plain SHA-256 of every file.
        checksums: bool,
    },
    /// A file changed while it was read and is sent in its new version.
    EntryChanged {
        /// Its index in the manifest.
        entry: u32,
    },
    /// An entry is left out.
    EntrySkipped {
        /// Its index in the manifest.
        entry: u32,
        /// Why.
        reason: GoneReason,
    },
    /// An entry said to be left out was already finished at the receiver after all.
    EntryKept {
        /// Its index in the manifest.
        entry: u32,
    },
    /// The transfer waits.
    Paused {
        /// Who said so.
        by: Side,
        /// Why.
        reason: PauseReason,
    },
    /// That side no longer waits.
    Resumed {
        /// Who said so.
        by: Side,
    },
    /// The receiver wants no more than that until the session ends.
    Limited {
        /// `None` is as fast as it goes.
        bytes_per_s: Option<NonZeroU64>,
    },
}

/// How a transfer ended for its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SenderOutcome {
    /// Everything is under its final name at the receiver.
    Completed(Completion),
    /// The receiver said no.
    Declined(DeclineReason),
    /// One side ended it.
    Canceled {
        /// Who.
        by: Side,
        /// Why.
        reason: CancelReason,
    },
}

/// What a receiver did that no receiver does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SenderViolation {
    /// A message that does not belong here or now.
    #[error("the receiver sent a message out of turn")]
    UnexpectedMessage,
    /// A page that was not told to it.
    #[error("the receiver spoke of a page it was not told")]
    UnknownPage,
    /// An entry, chunk or version that does not exist.
    #[error("the receiver spoke of a chunk that does not exist")]
    UnknownChunk,
    /// It rejects chunk after chunk: see [`model::limits::CORRUPT_CHUNKS_PER_FILE`].
    #[error("too many chunks arrived damaged")]
    TooManyRejected,
}
