use std::path::PathBuf;

use model::{ContactId, TransferId};
use serde::{Deserialize, Serialize};

use crate::event::as_text;
use crate::{ContactView, IdentityView, SettingView, TransferView};

/// What faces may ask of the engine, imperative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Meet the signaling server and stay reachable for contacts.
    GoOnline,
    /// Send to a contact, now or when it appears. Reply: `Transfer`.
    SendToContact {
        /// A contact's name or id.
        contact: String,
        /// What to send.
        sources: SendSources,
    },
    /// Send to whoever says the code. Picks up an unfinished send of the same sources. Reply: `Transfer`.
    SendByCode {
        /// What to send.
        sources: SendSources,
    },
    /// Receive what is sent under `code`. Picks up an unfinished one. Reply: `Done`, or `Transfer` when
    /// an earlier run of it is known.
    ReceiveByCode {
        /// Like `7-lunar-basil`.
        code: String,
        /// Where it goes.
        destination: Destination,
        /// Accept without asking.
        accept: bool,
    },
    /// Where offers from contacts go, and whether without asking, until this client leaves.
    ReceiveFromContacts {
        /// Where it goes.
        destination: Destination,
        /// Accept without asking.
        accept: bool,
    },
    /// Answer an offer.
    AnswerOffer {
        /// The offered transfer.
        #[serde(with = "as_text")]
        transfer: TransferId,
        /// Where it goes, or `None` to decline.
        destination: Option<Destination>,
    },
    /// Show a code and wait for a new contact.
    IssuePairing,
    /// Meet the device that shows `code`.
    ClaimPairing {
        /// Like `7-lunar-basil`.
        code: String,
    },
    /// Answer the six words of the pairing in progress.
    DecidePairing {
        /// Add the contact, or stop.
        add: bool,
        /// Whether the words were compared.
        compared: bool,
    },
    /// Reply: `Contacts`.
    ListContacts,
    /// Give a contact another name.
    RenameContact {
        /// A contact's name or id.
        contact: String,
        /// The new name.
        name: String,
    },
    /// Forget a contact and its secret.
    RemoveContact {
        /// A contact's name or id.
        contact: String,
    },
    /// Look offline to a contact, or no longer.
    BlockContact {
        /// A contact's name or id.
        contact: String,
        /// Block or unblock.
        blocked: bool,
    },
    /// Note that the six words were compared, or no longer count.
    VerifyContact {
        /// A contact's name or id.
        contact: String,
        /// Compared or not.
        verified: bool,
    },
    /// Reply: `Transfers`.
    ListTransfers,
    /// Stop carrying until resumed.
    PauseTransfer {
        /// The transfer.
        #[serde(with = "as_text")]
        transfer: TransferId,
    },
    /// Go on carrying.
    ResumeTransfer {
        /// The transfer.
        #[serde(with = "as_text")]
        transfer: TransferId,
    },
    /// End it; the receiver keeps nothing.
    CancelTransfer {
        /// The transfer.
        #[serde(with = "as_text")]
        transfer: TransferId,
    },
    /// Reply: `Identity`.
    ShowIdentity,
    /// Reply: `Settings`.
    ListSettings,
    /// Change a setting, or return to its default.
    ChangeSetting {
        /// The key.
        key: String,
        /// The value, or `None` for the default.
        value: Option<String>,
    },
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendSources {
    /// Files and folders, absolute paths.
    Paths(Vec<PathBuf>),
    /// The standard input of the owner's own process.
    StandardInput {
        /// The name it gets at the receiver.
        name: String,
    },
}

/// Where received things go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Into this folder, absolute; made if it is missing.
    Folder(PathBuf),
    /// To the standard output of the owner's own process; takes exactly one file.
    StandardOutput,
}

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
    },
}
