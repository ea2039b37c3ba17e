use serde::{Deserialize, Serialize};

/// What faces may ask about transfers that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum HistoryCommand {
    /// Reply: `History`.
    Search {
        /// In a name of what was carried or of the other side; case does not matter.
        search: Option<String>,
        /// A contact's name or id.
        with: Option<String>,
        /// Ended since then, in seconds since 1970.
        since_s: Option<i64>,
        /// At most so many.
        limit: u32,
    },
    /// Forget them all. Receipts stay. Reply: `Forgotten`.
    Clear,
}
