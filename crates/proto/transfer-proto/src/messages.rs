//! What the two halves of a transfer say to each other on the control channel.

use std::num::NonZeroU64;

use model::wire::{self, WireError};
use model::{ChunkSet, Digest, DisplayName, Entry, Timestamp, TransferId, limits};
use serde::{Deserialize, Serialize};

use crate::{
    CancelReason, DeclineReason, Findings, GoneReason, LeftOut, PauseReason, SignedAcknowledgement,
    SignedStatement,
};

/// A message together with the transfer it belongs to: what travels inside the session's control channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addressed {
    /// The transfer.
    pub transfer: TransferId,
    /// The message.
    pub message: TransferMessage,
}

impl Addressed {
    /// Writes the message, at most [`limits::CONTROL_MESSAGE_BYTES`] long.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Whether it is half of a receipt: receipts are exchanged when transfers are over, maybe much later.
    pub fn is_receipt(&self) -> bool {
        matches!(
            self.message,
            TransferMessage::ToReceiver(ToReceiver::Receipt(_))
                | TransferMessage::ToSender(ToSender::Receipt(_))
        )
    }

    /// Reads a message that came from the peer.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        wire::decode(bytes, limits::CONTROL_MESSAGE_BYTES)
    }
}

/// One control message of a transfer, told apart by who must read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransferMessage {
    /// Said by the sender.
    ToReceiver(ToReceiver),
    /// Said by the receiver.
    ToSender(ToSender),
}

/// What a sender says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToReceiver {
    /// Opens the transfer in every session anew.
    Offer(Offer),
    /// The next page of the manifest.
    Page(Page),
    /// Digests of chunks whose bytes travel on the bulk channels, now, before or after.
    Digests(Vec<ChunkDigest>),
    /// Digests of chunks of a changed file: the receiver answers each as stored or wanted.
    Compare(Vec<ChunkDigest>),
    /// A file changed while it was read: everything confirmed for it counts for nothing now.
    EntryChanged(EntryRevision),
    /// An entry is given up.
    EntryGone {
        /// Its index in the manifest.
        entry: u32,
        /// Why.
        reason: GoneReason,
    },
    /// A stream ended.
    StreamEnded {
        /// Its index in the manifest.
        entry: u32,
        /// How long it was.
        size_bytes: u64,
    },
    /// Every page was told and every chunk was sent at least once in this session.
    AllSent,
    /// [`ToSender::Complete`] arrived: the receiver may forget to repeat it.
    CompleteSeen,
    /// The sender sends no further chunks for now.
    Pause(PauseReason),
    /// The sender goes on.
    Resume,
    /// The sender ends the transfer.
    Cancel(CancelReason),
    /// The sender's half of the receipt. Not a matter of the two machines: see [`Addressed::is_receipt`].
    Receipt(Box<SignedStatement>),
    /// What is not part of this transfer, at most once in a session.
    LeftOut(LeftOut),
}

/// What a receiver says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToSender {
    /// Answers an offer: go on.
    Accept(Accept),
    /// Answers an offer: no.
    Decline(DeclineReason),
    /// A page is on the receiver's disk; data for its entries may be sent.
    PageStored(PageHave),
    /// Every entry of a page is finished: both sides forget the page.
    PageFinished {
        /// The page.
        page: u32,
    },
    /// Chunks that are verified and on the receiver's disk.
    ChunksStored(Vec<ChunkName>),
    /// Chunks the receiver lacks: they differ from an earlier version or could not be written.
    ChunksWanted(Vec<ChunkName>),
    /// A chunk whose bytes did not match its digest: send it again.
    ChunkRejected(ChunkName),
    /// An entry that changed or vanished was already finished here in its earlier version, and stays so.
    EntryKept {
        /// Its index in the manifest.
        entry: u32,
    },
    /// Answers [`ToReceiver::EntryChanged`] and [`ToReceiver::EntryGone`]: nothing of earlier versions is
    /// held in memory any more.
    EntryReleased {
        /// Its index in the manifest.
        entry: u32,
        /// Versions below this one; [`GONE_VERSION`] for an entry that is gone.
        below: u8,
    },
    /// Everything is under its final name.
    Complete(Completion),
    /// The receiver takes no further chunks for now.
    Pause(PauseReason),
    /// The receiver goes on.
    Resume,
    /// The receiver ends the transfer.
    Cancel(CancelReason),
    /// The receiver wants no more than so many bytes a second, from now until the session ends.
    Limit {
        /// `None` is as fast as it goes.
        bytes_per_s: Option<NonZeroU64>,
    },
    /// The receiver's half of the receipt, as an answer to [`ToReceiver::Receipt`].
    Receipt(SignedAcknowledgement),
    /// What will become of entries of a page; before its [`ToSender::PageStored`], at most once in a session.
    Findings(Findings),
}

/// Greater than every version of a file.
pub const GONE_VERSION: u8 = u8::MAX;

/// What a transfer announces before anybody agreed to anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// What to call it.
    pub name: DisplayName,
    /// Entries in the manifest: files, folders and at most one stream, 1 to [`limits::MANIFEST_ENTRIES`].
    pub entries: u64,
    /// How many of them are files, a stream included.
    pub files: u64,
    /// The sum of the file sizes when they were scanned.
    pub bytes: u64,
    /// Whether a stream of unknown length is among them; never more than one.
    pub stream: bool,
    /// How people are to take it.
    pub kind: TransferKind,
}

/// How people are to take a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransferKind {
    /// Files and folders, which are stored.
    Files,
    /// One text of at most [`limits::TEXT_BYTES`] in UTF-8, which is shown: the one file of the manifest.
    Text,
}

/// Opens a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// What is offered.
    pub summary: Summary,
    /// Pages of the manifest, at least one.
    pub pages: u32,
    /// Whether the sender believes that this transfer was accepted before.
    pub resume: bool,
    /// Whether the sender asks for the plain SHA-256 of every file.
    pub checksums: bool,
}

/// The receiver's consent for one session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accept {
    /// Opens every bulk message of this session; random.
    pub token: u64,
    /// What all entries together may hold, changed files included.
    pub ceiling_bytes: u64,
    /// Chunk bytes that may be sent and not yet confirmed.
    pub window_bytes: u64,
    /// Pages of which every entry is finished: they are not told again.
    pub complete_pages: ChunkSet,
    /// Pages that are known and unfinished: not told again, but [`ToSender::PageStored`] follows for each.
    pub held_pages: ChunkSet,
    /// Whether the receiver asks for the plain SHA-256 of every file.
    pub checksums: bool,
}

/// One page of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Its number, from 0.
    pub page: u32,
    /// The index of its first entry in the whole manifest.
    pub first_entry: u32,
    /// Its entries in scan order, at most [`limits::MANIFEST_PAGE_ENTRIES`] and, encoded,
    /// [`limits::MANIFEST_PAGE_BYTES`].
    pub entries: Vec<Entry>,
}

/// What the receiver already has of one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageHave {
    /// The page.
    pub page: u32,
    /// Entries that need nothing more, by their index in the manifest.
    pub finished: ChunkSet,
    /// Entries of which some chunks are there, ascending.
    pub partial: Vec<EntryHave>,
    /// Those of `finished` whose names the receiver cannot hold: they are left out.
    pub refused: ChunkSet,
}

/// What the receiver already has of one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryHave {
    /// The version of the file the chunks belong to.
    pub revision: EntryRevision,
    /// The chunks of that version.
    pub chunks: ChunkSet,
    /// Whether further bytes are there whose version is not certain: compare digests before sending.
    pub compare: bool,
}

/// One version of one file, as both sides know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRevision {
    /// The entry's index in the manifest.
    pub entry: u32,
    /// Which version: 0 is the one in the manifest, each later one is greater.
    pub version: u8,
    /// Its size.
    pub size_bytes: u64,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
}

/// Names one chunk of one version of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ChunkName {
    /// The entry's index in the manifest.
    pub entry: u32,
    /// The version of the file.
    pub version: u8,
    /// The chunk's index in the file; it lies at `chunk * CHUNK_BYTES`.
    pub chunk: u32,
}

/// What a chunk must hash to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkDigest {
    /// The chunk.
    pub name: ChunkName,
    /// How many bytes it has, 1 to [`limits::CHUNK_BYTES`].
    pub length: u32,
    /// The SHA-256 of its bytes.
    pub digest: Digest,
}

/// The end of a transfer as its receiver saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// The digest of everything that arrived: see [`crate::TransferDigest`].
    pub digest: Digest,
    /// Entries that are missing because their sources vanished, kept changing or could not be read.
    pub skipped: u64,
}

#[cfg(test)]
mod tests;
