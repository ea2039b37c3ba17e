use model::TransferId;
use serde::{Deserialize, Serialize};

use crate::event::as_text;

/// What faces may ask about transfers. Reply, unless said otherwise: `Done`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum TransferCommand {
    /// Reply: `Transfers`.
    List,
    /// Stop carrying until resumed.
    Pause {
        /// The transfer.
        #[serde(with = "as_text")]
        transfer: TransferId,
    },
    /// Go on carrying.
    Resume {
        /// The transfer.
        #[serde(with = "as_text")]
        transfer: TransferId,
    },
    /// End it; the receiver keeps nothing.
    Cancel {
        /// The transfer.
        #[serde(with = "as_text")]
        transfer: TransferId,
    },
}
