use std::path::PathBuf;

use model::{ContactId, DisplayName, FolderId, TransferId};
use serde::{Deserialize, Serialize};

use crate::event::as_text;
use crate::{
    ConflictView, ContactView, ContentView, DeviceView, EntryView, Finding, FolderDetail,
    FolderFileView, FolderView, GroupView, HistoryView, IdentityView, LinkView, OfferView,
    ReceiptView, RuleView, SettingProblem, SettingView, StatusView, TransferView, VersionView,
};

/// What a command answers at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    /// Accepted; events tell the rest.
    Done,
    /// What a face missed.
    Status(StatusView),
    /// An offer that waits for an answer.
    Offer(OfferView),
    /// Where a transfer's files lie.
    Location {
        /// Their folder.
        #[cfg_attr(test, ts(type = "string"))]
        folder: PathBuf,
        /// What it brought there, outermost; none if that is not known any more, or very much.
        #[cfg_attr(test, ts(type = "string[]"))]
        things: Vec<PathBuf>,
        /// Whether a system would run one of them instead of showing it.
        could_run: bool,
    },
    /// The transfer that events will speak of.
    Transfer {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
    },
    /// One transfer for each person.
    Sent {
        /// In the order of the recipients.
        transfers: Vec<SentTransfer>,
    },
    /// All groups.
    Groups {
        /// Sorted by name.
        groups: Vec<GroupView>,
    },
    /// All receiving rules.
    Rules {
        /// The one for everybody first, then by name.
        rules: Vec<RuleView>,
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
        #[cfg_attr(test, ts(type = "string"))]
        contact: ContactId,
    },
    /// Transfers that are not forgotten yet.
    Transfers {
        /// Newest first.
        transfers: Vec<TransferView>,
    },
    /// A part of what a transfer holds.
    Entries {
        /// How many entries it has; a receiver is told them bit by bit.
        total: u64,
        /// From the one that was asked for, folders before what is in them. Fewer than were asked for where
        /// names are long or no more are known yet; none before a receiver accepted.
        entries: Vec<EntryView>,
    },
    /// All receipts.
    Receipts {
        /// Newest first.
        receipts: Vec<ReceiptView>,
    },
    /// A receipt.
    Receipt {
        /// What it says.
        receipt: Box<ReceiptView>,
        /// It itself, hexadecimal.
        encoded: String,
        /// Its list, on this machine.
        #[cfg_attr(test, ts(type = "string"))]
        list: PathBuf,
    },
    /// The list of what a transfer brought.
    ReceiptList {
        /// On this machine.
        #[cfg_attr(test, ts(type = "string"))]
        list: PathBuf,
    },
    /// Transfers that ended.
    History {
        /// Newest first.
        transfers: Vec<HistoryView>,
    },
    /// So many were forgotten.
    Forgotten {
        /// How many.
        transfers: u64,
    },
    /// This device.
    Identity(IdentityView),
    /// The devices of this person, this one first.
    Devices {
        /// By name.
        devices: Vec<DeviceView>,
    },
    /// All shared folders, and invitations to some.
    Folders {
        /// By name, invitations last.
        folders: Vec<FolderView>,
    },
    /// A folder that was shared or joined.
    Folder {
        /// The folder.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        folder: FolderId,
        /// Its name.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
    },
    /// How a folder stands.
    FolderDetail(Box<FolderDetail>),
    /// The conflicts of a folder.
    FolderConflicts {
        /// By path.
        conflicts: Vec<ConflictView>,
    },
    /// A part of what lies in a folder.
    FolderFiles {
        /// How many files and folders lie there or are to come.
        total: u64,
        /// From the one that was asked for, in the order of their bytes. Fewer than were asked for where names are long.
        files: Vec<FolderFileView>,
    },
    /// Both files of a conflict.
    FolderComparison {
        /// What is at the path.
        present: ContentView,
        /// What the copy holds.
        kept: ContentView,
    },
    /// What was replaced or deleted in a folder.
    FolderVersions {
        /// By path, the latest first.
        versions: Vec<VersionView>,
    },
    /// What is not shared of a folder.
    FolderRules {
        /// The lines of its list.
        lines: Vec<String>,
    },
    /// What a link says.
    Link(LinkView),
    /// What an examination found.
    Findings {
        /// In the order of [`crate::Topic`].
        findings: Vec<Finding>,
    },
    /// All settings.
    Settings {
        /// In the order of the documentation.
        settings: Vec<SettingView>,
        /// What cannot stay as it is.
        problems: Vec<SettingProblem>,
    },
}

/// What is on its way to one of several people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SentTransfer {
    /// The transfer that events will speak of.
    #[serde(with = "as_text")]
    #[cfg_attr(test, ts(type = "string"))]
    pub transfer: TransferId,
    /// To whom.
    #[serde(with = "as_text")]
    #[cfg_attr(test, ts(type = "string"))]
    pub contact: ContactId,
    /// The contact's name.
    #[cfg_attr(test, ts(type = "string"))]
    pub name: DisplayName,
}
