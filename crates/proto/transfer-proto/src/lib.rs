//! One transfer between two devices: a [`Sender`] and a [`Receiver`], both without IO.
//!
//! The driver of a half feeds inputs, drains outputs until `None`, and feeds `Timeout` at the deadline.
//! Disk, session and people are outside parties alike. `docs/protocol/transfer.md` tells the protocol.

pub mod bulk;
mod messages;
mod pauses;
mod preflight;
mod reasons;
mod receipt;
mod receiver;
mod sender;
mod stall;
mod transfer_digest;
mod tuning;

pub use messages::{
    Accept, Addressed, ChunkDigest, ChunkName, Completion, EntryHave, EntryRevision, GONE_VERSION,
    Offer, Page, PageHave, Summary, ToReceiver, ToSender, TransferKind, TransferMessage,
};
pub use preflight::{Finding, FindingKind, Findings, LeftOut, LeftOutEntry, LeftOutReason};
pub use reasons::{
    CancelReason, DeclineReason, GoneReason, PauseReason, Side, SinkFailure, SourceFailure,
};
pub use receipt::{
    Acknowledgement, Contents, LineError, ListedFile, Listing, RECEIPT_VERSION, Receipt,
    ReceiptContent, ReceiptError, ReceiptLine, SignedAcknowledgement, SignedStatement, Statement,
};
pub use receiver::{
    CompletePage, FinishEntry, HeldEntry, HeldPage, Receiver, ReceiverConfig, ReceiverEvent,
    ReceiverInput, ReceiverOutcome, ReceiverOutput, ReceiverStart, ReceiverViolation, ResumeState,
    StoreChunk,
};
pub use sender::{
    EntryStanding, ReadChunk, Sender, SenderConfig, SenderEvent, SenderInput, SenderOutcome,
    SenderOutput, SenderViolation,
};
pub use transfer_digest::TransferDigest;
pub use tuning::{GROWTH_BYTES, READ_AHEAD_BYTES, Tuning, UNCONFIRMED_CHUNKS};
