use std::num::NonZeroU64;

use model::TransferId;
use serde::{Deserialize, Serialize};

use super::send::Priority;
use crate::event::as_text;

/// What faces may ask about transfers. Reply, unless said otherwise: `Done`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum TransferCommand {
    /// Reply: `Transfers`.
    List,
    /// What a transfer holds, a part of it at a time. Reply: `Entries`.
    Entries {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// The first one to tell, counted from 0.
        offset: u32,
        /// How many at most: 1 to [`crate::ENTRIES_AT_ONCE`].
        limit: u32,
    },
    /// Send what did not arrive once more, to the same contact. Reply: `Sent`.
    Retry {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
    },
    /// Forget a transfer that ended; what arrived stays.
    Forget {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
    },
    /// Where a transfer's files lie on this machine. Reply: `Location`.
    Locate {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
    },
    /// Stop carrying until resumed.
    Pause {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
    },
    /// Go on carrying.
    Resume {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
    },
    /// End it; the receiver keeps nothing.
    Cancel {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
    },
    /// Stop carrying everything until resumed.
    PauseAll,
    /// Go on carrying everything that was paused here.
    ResumeAll,
    /// End everything that is not finished.
    CancelAll,
    /// Let a send go before or after others.
    Prioritize {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// Which go first.
        priority: Priority,
    },
    /// Let a send go first or last among those of its priority.
    Move {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// Where to.
        to: QueueEnd,
    },
    /// Keep a transfer to a speed.
    Limit {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// The most bytes a second; `None` is as fast as it goes.
        #[cfg_attr(test, ts(type = "number | null"))]
        bytes_per_s: Option<NonZeroU64>,
    },
}

/// An end of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum QueueEnd {
    /// Before all others.
    First,
    /// After all others.
    Last,
}
