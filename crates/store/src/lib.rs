//! What a device remembers: one folder (the home), one SQLite database in it, one key.
//!
//! Calls block and are made by one owner, which holds the home's lock. Clocks and randomness are handed
//! in.
//!
//! **Crashes and power cuts.** The database runs in WAL mode with `synchronous=FULL`, for every table:
//! whatever a call changed is on the disk when it returns. Nothing here is written per chunk (progress
//! lies in journals beside the staged files, its cost in a tally in the spool), so one sync per change costs nothing that a person
//! notices, and counters, commit intents and finished transfers may never be lost. Each call is one
//! transaction. SQLite's exclusive locking keeps a second process out even if it ignored the home's
//! lock, and keeps the shared-memory file away.
//!
//! **Secrets.** The identity and the pair chains are sealed with one store key (XChaCha20-Poly1305),
//! which lies in the operating system's keychain (cargo feature `keychain`) or in a file of mode 0600.
//! Deleted and replaced rows are overwritten (`secure_delete`), and the log is emptied right after a
//! secret went away.

mod arrivals;
mod code_sessions;
mod columns;
mod contact;
mod contacts;
mod counters;
mod devices;
mod doors;
mod envelopes;
mod error;
mod figures;
mod folder_index;
mod folders;
mod groups;
mod history;
mod home;
mod identity;
mod machine;
mod moments;
mod moving;
mod notices;
mod policy;
mod queue;
mod receipts;
mod relayed;
mod rules;
mod schema;
mod seal;
mod settings_file;
mod store;
mod store_key;
mod tally;
mod transfer;
mod transfers;

pub use arrivals::Arrival;
pub use contact::{CodeRole, CodeSession, Contact, ContactKind, NewContact};
pub use contacts::ContactError;
pub use devices::{DeviceOf, NewDevice};
pub use error::StoreError;
pub use figures::TransferFigures;
pub use folder_index::{FolderIndex, FolderIndexError, IndexChanges, IndexContents};
pub use folders::{FolderDirection, FolderError, FolderInvitation, FolderRecord};
pub use groups::{GROUPS, Group, GroupError};
pub use history::{
    FIRST_NAMES, HISTORY_TRANSFERS, HistoryQuery, HistoryRow, PLACED_NAMES, RESUME_NOTE_BYTES,
    SKIPPED_LISTED,
};
pub use home::{Home, HomeError, HomeLock, LockError, remove_socket};
pub use machine::machine_name;
pub use moments::Moments;
pub use moving::MoveError;
pub use policy::read_policy;
pub use queue::{Priority, QueueEntry};
pub use receipts::{ReceiptRecord, Removed};
pub use relayed::Relayed;
pub use settings_file::{SETTINGS_BYTES, SettingsFileError};
pub use store::{OpenError, Store};
pub use store_key::SecretPlace;
pub use tally::{Counts, Tally};
pub use transfer::{
    FAILURE_CODE_BYTES, FinishedTransfer, PauseReason, SkippedEntries, SkippedEntry,
    TransferDirection, TransferRecord, TransferState, TransferSummary,
};
pub use transfers::TransferError;
