use model::{DisplayName, TransferId};
use serde::{Deserialize, Serialize};

use crate::event;

/// A receipt as faces see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ReceiptView {
    /// The transfer.
    #[serde(with = "event::as_text")]
    #[cfg_attr(test, ts(type = "string"))]
    pub transfer: TransferId,
    /// What it is called.
    #[cfg_attr(test, ts(type = "string"))]
    pub title: DisplayName,
    /// Who sent it.
    pub sender: PartyView,
    /// Who received it.
    pub receiver: PartyView,
    /// What arrived.
    #[serde(flatten)]
    pub contents: ContentsView,
}

/// One of the two who signed a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PartyView {
    /// The device, as shown to people: proven.
    pub device_id: String,
    /// What it calls itself: claimed.
    #[cfg_attr(test, ts(type = "string"))]
    pub name: DisplayName,
    /// When it was done, by its own clock, like `2026-11-22T18:05:09Z`: claimed.
    pub time: String,
}

/// What a receipt is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ContentsView {
    /// Files and folders that arrived.
    pub entries: u64,
    /// Files among them.
    pub files: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// Entries that were left out.
    pub skipped: u64,
    /// The transfer digest, hexadecimal.
    pub digest: String,
    /// The digest of all plain sums, hexadecimal, if they were asked for.
    pub sums: Option<String>,
}
