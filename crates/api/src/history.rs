use model::{DisplayName, PathKind, TransferId};
use serde::{Deserialize, Serialize};

use crate::{ErrorCode, TransferDirection, event};

/// A transfer that ended, as faces see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct HistoryView {
    /// The transfer.
    #[serde(with = "event::as_text")]
    #[cfg_attr(test, ts(type = "string"))]
    pub transfer: TransferId,
    /// Which way it went.
    pub direction: TransferDirection,
    /// The other side, as it was called then.
    #[cfg_attr(test, ts(type = "string"))]
    pub peer: DisplayName,
    /// Files, or a text.
    pub kind: ItemKind,
    /// The first names in it.
    #[cfg_attr(test, ts(type = "string[]"))]
    pub names: Vec<DisplayName>,
    /// Files and folders in it.
    pub entries: u64,
    /// Bytes in it.
    pub bytes: u64,
    /// When it ended, like `2026-11-22T18:05:09Z`.
    pub ended_at: String,
    /// Why it did not arrive, or `None` if it did.
    pub code: Option<ErrorCode>,
    /// How it went, if it arrived.
    pub figures: Option<FiguresView>,
}

/// What is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Files and folders.
    Files,
    /// A text; the history does not know its words.
    Text,
}

/// How a transfer went.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FiguresView {
    /// The route it ended on.
    #[cfg_attr(test, ts(type = "PathKind"))]
    pub path: PathKind,
    /// From accept to completed, without the time in which the program did not run.
    pub seconds: f64,
    /// Bytes that were carried beyond those that arrived.
    pub resent_bytes: u64,
    /// Entries that were left out.
    pub skipped: u64,
}
