//! What a receiver and its driver say to each other.

use std::num::NonZeroU64;

use bytes::Bytes;
use model::{ChunkSet, Digest, Entropy, Entry, Timestamp, TransferId};

use crate::{
    CancelReason, ChunkDigest, ChunkName, Completion, DeclineReason, EntryRevision, Findings,
    GoneReason, LeftOut, PauseReason, Side, SinkFailure, Summary, TransferMessage, Tuning,
};

/// What a receiver must know to begin, or to begin again after a restart.
pub struct ReceiverConfig {
    /// The transfer.
    pub transfer: TransferId,
    /// What is known of it.
    pub start: ReceiverStart,
    /// Draws the token of every session.
    pub entropy: Box<dyn Entropy>,
    /// Sizes, [`Tuning::default`] outside of tests.
    pub tuning: Tuning,
}

/// What is known of a transfer when its receiver is made.
#[derive(Debug, Clone)]
pub enum ReceiverStart {
    /// Nothing: the person is asked.
    New,
    /// It was accepted before; the next offer is accepted without asking.
    Resumed(ResumeState),
    /// It is complete and remembered; the next offer is answered with [`crate::ToSender::Complete`].
    Completed(Completion),
    /// It was ended here; the next offer is answered with [`crate::ToSender::Cancel`].
    Canceled(CancelReason),
}

/// What survived of an accepted transfer.
#[derive(Debug, Clone)]
pub struct ResumeState {
    /// What was accepted; an offer that says otherwise is a violation.
    pub summary: Summary,
    /// Pages of the manifest, as accepted.
    pub pages: u32,
    /// The pages whose every entry is finished or dropped, ascending; may be empty: they are told again then.
    pub complete_pages: Vec<CompletePage>,
}

/// A page that needs nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompletePage {
    /// Its number.
    pub page: u32,
    /// How many entries it has.
    pub entries: u32,
    /// How many bytes its finished files have.
    pub bytes: u64,
    /// How many of its files are finished.
    pub files: u32,
    /// How many of its entries were dropped.
    pub skipped: u32,
}

/// What the driver tells a receiver.
#[derive(Debug)]
pub enum ReceiverInput {
    /// An authenticated session with the sender stands.
    SessionUp,
    /// The session is gone; everything in flight is lost.
    SessionDown,
    /// A control message of this transfer arrived.
    MessageReceived(TransferMessage),
    /// A bulk message whose token belongs to this transfer arrived: see [`crate::bulk::token`].
    BulkReceived(Bytes),
    /// The person, or a rule, accepts. May come while no session stands.
    Accept,
    /// The person, or a rule, declines.
    Decline(DeclineReason),
    /// Answers [`ReceiverOutput::StorePage`].
    PageStored {
        /// The page.
        page: u32,
        /// What the disk already holds of it.
        held: HeldPage,
    },
    /// The place that was chosen cannot be used at all.
    PlaceRefused,
    /// Answers [`ReceiverOutput::StorePage`]: the name or place of an entry is not acceptable.
    PageRefused {
        /// The page.
        page: u32,
        /// The entry's index in the manifest.
        entry: u32,
    },
    /// Answers [`ReceiverOutput::StorePage`]: asked again when there is space or a person goes on.
    PageFailed {
        /// The page.
        page: u32,
        /// Why.
        failure: SinkFailure,
    },
    /// Answers [`ReceiverOutput::StoreChunk`]: verified, written and journaled.
    ChunkStored {
        /// The chunk.
        name: ChunkName,
    },
    /// Answers [`ReceiverOutput::StoreChunk`]: what was announced as a text is none.
    TextRefused,
    /// Answers [`ReceiverOutput::StoreChunk`]: the bytes do not match the digest; nothing was written.
    ChunkCorrupt {
        /// The chunk.
        name: ChunkName,
    },
    /// Answers [`ReceiverOutput::StoreChunk`]: it could not be written.
    WriteFailed {
        /// The chunk.
        name: ChunkName,
        /// Why.
        failure: SinkFailure,
    },
    /// Answers [`ReceiverOutput::CompareChunk`].
    ChunkCompared {
        /// The chunk.
        name: ChunkName,
        /// Whether a verified chunk with this digest is stored at its place.
        same: bool,
    },
    /// Answers [`ReceiverOutput::FinishEntry`].
    EntryFinished {
        /// Its index in the manifest.
        entry: u32,
    },
    /// Answers [`ReceiverOutput::FinishEntry`]: asked again when there is space or a person goes on.
    FinishFailed {
        /// The entry's index in the manifest.
        entry: u32,
        /// Why.
        failure: SinkFailure,
    },
    /// Answers [`ReceiverOutput::Commit`]: everything is under its final name.
    Committed {
        /// The digest of the transfer: see [`crate::TransferDigest`].
        digest: Digest,
    },
    /// Answers [`ReceiverOutput::Commit`]: asked again when there is space or a person goes on.
    CommitFailed {
        /// Why.
        failure: SinkFailure,
    },
    /// There is space on the disk again.
    SpaceAvailable,
    /// A person, or a share of what all transfers may take, limits the speed.
    Limit {
        /// `None` is as fast as it goes.
        bytes_per_s: Option<NonZeroU64>,
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

/// What the disk already holds of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldPage {
    /// Finished entries, by their index in the manifest; folders that exist may be left out.
    pub finished: ChunkSet,
    /// Dropped entries, by their index in the manifest; may be left empty: they are tried again then.
    pub dropped: ChunkSet,
    /// Those of `dropped` whose names cannot be held here; the sender is told.
    pub refused: ChunkSet,
    /// Entries of which some chunks are on the disk.
    pub partial: Vec<HeldEntry>,
    /// What the sender should hear of before it sends data.
    pub findings: Option<Findings>,
}

/// What the disk already holds of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldEntry {
    /// The version the chunks belong to: the last [`ReceiverOutput::ReviseEntry`], or the manifest's.
    pub revision: EntryRevision,
    /// The verified chunks on the disk.
    pub chunks: ChunkSet,
    /// Whether `chunks` may be of more than one version, because a revision was not kept durably.
    ///
    /// They are compared with the source before any of them counts.
    pub mixed: bool,
}

/// What a receiver asks of its driver.
#[derive(Debug)]
pub enum ReceiverOutput {
    /// Send a control message, wrapped as [`crate::Addressed`].
    Send(TransferMessage),
    /// Ask whether this is wanted; answered by [`ReceiverInput::Accept`] or [`ReceiverInput::Decline`] at any time.
    Prompt(Summary),
    /// Tell people what the sender could not send.
    LeftOut(LeftOut),
    /// Check the names of a page, keep it, make its folders, and say what the disk holds of it.
    ///
    /// After a restart the same page comes again and must be the same.
    StorePage {
        /// Its number.
        page: u32,
        /// The index of its first entry in the manifest.
        first_entry: u32,
        /// Its entries.
        entries: Vec<Entry>,
    },
    /// A file has a new version. The bytes on the disk stay, but keep durably that the entry was revised:
    /// after a restart its [`HeldEntry`] must be `mixed`.
    ReviseEntry(EntryRevision),
    /// Say whether exactly this chunk lies on the disk already; answered by [`ReceiverInput::ChunkCompared`].
    CompareChunk(ChunkDigest),
    /// Verify, write and journal a chunk. Several are asked at once, never two of the same place.
    StoreChunk(StoreChunk),
    /// Every chunk of a file is on the disk, or it is a folder or empty: cut to size, set times and mode.
    FinishEntry(FinishEntry),
    /// Forget an entry and what was stored of it.
    DropEntry {
        /// Its index in the manifest.
        entry: u32,
    },
    /// Every entry of this page is finished or dropped: it may be forgotten in memory.
    ClosePage {
        /// The page.
        page: u32,
    },
    /// Everything is finished: move it to its final place, durably, once.
    Commit,
    /// The transfer was canceled: remove what was staged.
    Discard,
    /// Something a person may want to see.
    Event(ReceiverEvent),
    /// Data stopped in the middle of a chunk for [`Tuning::stall_time`]: make the connection anew.
    Stalled,
    /// The sender broke the protocol: close the session. Nothing is lost; it may offer again.
    Violation(ReceiverViolation),
    /// The transfer is over. Offers are still answered.
    Finished(ReceiverOutcome),
}

/// One chunk to verify and write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreChunk {
    /// The chunk.
    pub name: ChunkName,
    /// Where it lies in the file.
    pub offset: u64,
    /// Its bytes, not verified.
    pub data: Bytes,
    /// What they must hash to.
    pub digest: Digest,
}

/// A file or folder that has all it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishEntry {
    /// Its index in the manifest.
    pub entry: u32,
    /// The version that is on the disk.
    pub version: u8,
    /// Its size; 0 for a folder.
    pub size_bytes: u64,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// Whether its owner may execute it.
    pub executable: bool,
}

/// What happened to a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiverEvent {
    /// This side agreed, in this session.
    Accepted,
    /// A file changed at the sender and comes in its new version.
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
    /// A chunk arrived damaged and was asked for again.
    ChunkRejected {
        /// The chunk.
        name: ChunkName,
    },
}

/// How a transfer ended for its receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiverOutcome {
    /// Everything is under its final name.
    Completed(Completion),
    /// This side said no.
    Declined(DeclineReason),
    /// One side ended it.
    Canceled {
        /// Who.
        by: Side,
        /// Why.
        reason: CancelReason,
    },
}

/// What a sender did that no sender does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiverViolation {
    /// A message that does not belong here or now.
    #[error("the sender sent a message out of turn")]
    UnexpectedMessage,
    /// An offer of nothing, of too much, or with impossible numbers.
    #[error("the offer is not possible")]
    ImpossibleOffer,
    /// The same transfer was offered with another content.
    #[error("the offer changed after it was accepted")]
    OfferChanged,
    /// A page out of order, empty, too large or beyond the announced number.
    #[error("the manifest page is not the one that was due")]
    UnexpectedPage,
    /// More pages than may be open at once.
    #[error("too many unfinished manifest pages")]
    TooManyPages,
    /// More entries than announced.
    #[error("the manifest has more entries than announced")]
    TooManyEntries,
    /// Fewer entries than announced.
    #[error("the manifest has fewer entries than announced")]
    TooFewEntries,
    /// More than one stream.
    #[error("the manifest has more than one stream")]
    TooManyStreams,
    /// More bytes than agreed.
    #[error("the files hold more bytes than agreed")]
    TooManyBytes,
    /// A bulk message that cannot be read.
    #[error("a bulk message is malformed")]
    MalformedBulk,
    /// Data without consent.
    #[error("data came before it was accepted")]
    DataBeforeAccept,
    /// Data with a token of something else.
    #[error("data came with a wrong token")]
    WrongToken,
    /// An entry of no open page.
    #[error("data came for an entry that was never told")]
    UnknownEntry,
    /// A version that was never announced, or one that does not follow.
    #[error("data came for a version that was never told")]
    UnknownVersion,
    /// A chunk or piece beyond the end, or of a folder.
    #[error("data lies outside its file")]
    OutsideFile,
    /// Two pieces cover the same byte.
    #[error("pieces of a chunk overlap")]
    OverlappingPieces,
    /// A chunk in uselessly many pieces.
    #[error("a chunk came in too many pieces")]
    TooManyPieces,
    /// More than the window unconfirmed.
    #[error("the window was overrun")]
    WindowOverrun,
    /// Endless repetition of what is already here.
    #[error("too much was sent twice")]
    TooMuchRepeated,
    /// Damage beyond chance: see [`model::limits::CORRUPT_CHUNKS_PER_FILE`].
    #[error("too many chunks arrived damaged")]
    TooManyCorrupt,
}
