use serde::{Deserialize, Serialize};

/// What faces may ask about links that invite. Asking changes nothing: a link only fills in a dialog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum LinkCommand {
    /// Read a link, `CODE@SERVER`, or a code alone. Reply: `Link`.
    Parse {
        /// As a person pasted it, or the system handed it over; at most 512 bytes.
        text: String,
    },
}
