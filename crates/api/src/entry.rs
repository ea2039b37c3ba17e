use serde::{Deserialize, Serialize};

/// A file or a folder of a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EntryView {
    /// Below the transfer's own top, with `/` between names and escaped for people; never a place on a disk.
    pub path: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// What was announced, or what arrived once the transfer is over.
    pub bytes: u64,
    /// How far it is.
    pub state: EntryState,
}

/// How far a file of a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Nothing of it is at the receiver.
    Waiting,
    /// It is on its way.
    Moving,
    /// The receiver has all of it.
    Done,
    /// It will not be at the receiver.
    LeftOut,
}

/// The most entries that one command may ask for: a few screens full.
pub const ENTRIES_AT_ONCE: u32 = 500;
