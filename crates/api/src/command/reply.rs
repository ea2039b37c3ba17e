use model::{ContactId, TransferId};
use serde::{Deserialize, Serialize};

use crate::event::as_text;
use crate::{ContactView, IdentityView, SettingProblem, SettingView, TransferView};

/// What a command answers at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    /// Accepted; events tell the rest.
    Done,
    /// The transfer that events will speak of.
    Transfer {
        /// The transfer.
        #[serde(with = "as_text")]
        transfer: TransferId,
    },
    /// All contacts.
    Contacts {
        /// Sorted by name.
        contacts: Vec<ContactView>,
    },
    /// A contact that was changed.
    Contact {
        /// The contact.
        #[serde(with = "as_text")]
        contact: ContactId,
    },
    /// Transfers that are not forgotten yet.
    Transfers {
        /// Newest first.
        transfers: Vec<TransferView>,
    },
    /// This device.
    Identity(IdentityView),
    /// All settings.
    Settings {
        /// In the order of the documentation.
        settings: Vec<SettingView>,
        /// What cannot stay as it is.
        problems: Vec<SettingProblem>,
    },
}
