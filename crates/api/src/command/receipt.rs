use model::TransferId;
use serde::{Deserialize, Serialize};

use crate::event::as_text;

/// What faces may ask about receipts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum ReceiptCommand {
    /// Reply: `Receipts`.
    List,
    /// Reply: `Receipt`.
    Show {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
    },
    /// Where the list of what a transfer brought lies, signed or not. Reply: `ReceiptList`.
    Contents {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
    },
    /// Forget a receipt. Reply: `Done`.
    Remove {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
    },
}
