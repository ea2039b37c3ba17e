use model::RelayWish;
use serde::{Deserialize, Serialize};

/// What faces may ask about contacts. Reply, unless said otherwise: `Contact`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum ContactCommand {
    /// Reply: `Contacts`.
    List,
    /// Give a contact another name.
    Rename {
        /// A contact's name or id.
        contact: String,
        /// The new name.
        name: String,
    },
    /// Forget a contact and its secret.
    Remove {
        /// A contact's name or id.
        contact: String,
    },
    /// Look offline to a contact, or no longer.
    Block {
        /// A contact's name or id.
        contact: String,
        /// Block or unblock.
        blocked: bool,
    },
    /// Decline a contact's offers without asking, or no longer.
    Mute {
        /// A contact's name or id.
        contact: String,
        /// Mute or unmute.
        muted: bool,
    },
    /// Say what its transfers are to do with relays.
    Relay {
        /// A contact's name or id.
        contact: String,
        /// `None` is what the setting says.
        #[cfg_attr(test, ts(type = "RelayWish | null"))]
        wish: Option<RelayWish>,
    },
    /// Note that the six words were compared, or no longer count.
    Verify {
        /// A contact's name or id.
        contact: String,
        /// Compared or not.
        verified: bool,
    },
}
