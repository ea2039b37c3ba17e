use model::{DisplayName, TransferId};
use serde::{Deserialize, Serialize};

use crate::{Destination, event};

/// What a person who is asked may want to know before the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OfferView {
    /// The offered transfer.
    #[serde(with = "event::as_text")]
    #[cfg_attr(test, ts(type = "string"))]
    pub transfer: TransferId,
    /// The device that offers, as its person calls it.
    #[cfg_attr(test, ts(type = "string"))]
    pub device: DisplayName,
    /// How many of its entries are files; the others are folders.
    pub files: u64,
    /// The names that are known before it is accepted: the first one.
    #[cfg_attr(test, ts(type = "string[]"))]
    pub names: Vec<DisplayName>,
    /// Those among them that a system would run.
    #[cfg_attr(test, ts(type = "string[]"))]
    pub executable: Vec<DisplayName>,
    /// Where it goes if nobody says otherwise.
    pub destination: Option<Destination>,
    /// The room there, for this user.
    pub free_bytes: Option<u64>,
}
