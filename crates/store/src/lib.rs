//! What a device remembers: one folder (the home), one SQLite database, one key.
#![allow(unused_variables, reason = "the bodies of pending.rs")]
mod contact;
mod error;
mod home;
mod pending;
mod transfer;

pub use contact::{CodeRole, CodeSession, Contact, ContactKind, NewContact};
pub use error::StoreError;
pub use home::{Home, HomeError, HomeLock, LockError};
pub use transfer::{
    FinishedTransfer, PauseReason, SkippedEntries, SkippedEntry, TransferDirection, TransferRecord,
    TransferState, TransferSummary,
};

/// Pending.
#[derive(Debug)]
pub struct Store;
/// Pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretPlace { /// A file.
 File, /// Keychain.
 Keychain }
/// Pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting { /// A.
 DeviceName, /// A.
 ServerUrl, /// A.
 DestinationFolder, /// A.
 DiskReserveBytes }
/// Pending.
#[derive(Debug, thiserror::Error)]
pub enum OpenError { /// Pending.
 #[error("pending")] InUse }
/// Pending.
#[derive(Debug, thiserror::Error)]
pub enum ContactError { /// A.
#[error("no such contact")] Unknown, /// A.
#[error("this code was used before")] CodeUsed, /// A.
#[error(transparent)] Store(#[from] StoreError) }
/// Pending.
#[derive(Debug, thiserror::Error)]
pub enum TransferError { /// A.
#[error("no such transfer")] Unknown, /// A.
#[error("this transfer is known already")] AlreadyKnown, /// A.
#[error("this transfer has ended")] Finished, /// A.
#[error(transparent)] Store(#[from] StoreError) }
/// Bytes of a failure code.
pub const FAILURE_CODE_BYTES: usize = 64;
/// Skipped entries listed per transfer.
pub const SKIPPED_LISTED: usize = 1_000;
