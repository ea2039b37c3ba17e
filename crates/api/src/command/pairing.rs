use serde::{Deserialize, Serialize};

/// What faces may ask about making a contact. Reply to each: `Done`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum PairingCommand {
    /// Show a code and wait for a new contact.
    Issue,
    /// Meet the device that shows `code`.
    Claim {
        /// Like `7-lunar-basil`.
        code: String,
    },
    /// Meet the device that shows `code` without a server, at an address that a person knows: also across routers.
    ClaimAt {
        /// Like `7042-lunar-basil`.
        code: String,
        /// An IP address, with a port if it is not `7421`.
        address: String,
    },
    /// Say that the next pairing of this face is with the new device of a contact whose old one is gone:
    /// its keys change, `verified` falls, and nothing is accepted from it unasked until words are compared.
    Replace {
        /// A contact's name or id.
        contact: String,
    },
    /// Answer the six words of the pairing in progress.
    Decide {
        /// Add the contact, or stop.
        add: bool,
        /// Whether the words were compared.
        compared: bool,
    },
}
