use model::TransferId;
use serde::{Deserialize, Serialize};

use crate::event::as_text;

/// What faces may ask about offers that wait for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum OfferCommand {
    /// Reply: `Offer`.
    Show {
        /// The offered transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
    },
}
