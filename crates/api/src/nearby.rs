use model::{ContactId, DisplayName};
use serde::{Deserialize, Serialize};

use crate::event::as_text_if_any;

/// Somebody on the local network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NearbyView {
    /// What it goes by for some minutes: names the device in [`crate::NearbyCommand::Tap`], and means nothing else.
    pub id: String,
    /// A contact's name, or what a stranger calls itself: never a reason to trust it.
    #[cfg_attr(test, ts(type = "string"))]
    pub name: DisplayName,
    /// Where it is, with the port.
    pub address: String,
    /// The contact, if it has proven to be one.
    #[serde(with = "as_text_if_any")]
    #[cfg_attr(test, ts(type = "string | null"))]
    pub contact: Option<ContactId>,
}
