/// Ids as text, so that JSON shows what people and commands use.
pub(crate) mod as_text;
/// The same for an id that may be missing.
pub(crate) mod as_text_if_any;

use std::path::PathBuf;

use model::{ContactId, DisplayName, Existing, PathKind, TransferId};
use serde::{Deserialize, Serialize};

use crate::{ErrorCode, FolderEvent, ItemKind, NearbyView, SettingProblem};

/// What faces are told, past tense; also what `--json` prints, one object per line.
///
/// Units are in the names: `bytes`, `seconds`, `*_per_s`. Unknown events and fields must be ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Signaling answers: contacts can reach this device from now on.
    Ready,
    /// Signaling is out of reach; transfers between connected devices go on.
    ServerLost {
        /// When it is tried again.
        retry_in_s: u64,
    },
    /// Signaling refused this device for good.
    ServerRefused {
        /// Its reason, as a sentence.
        message: String,
    },
    /// This device introduces devices to each other, or does not any more.
    Hosting {
        /// What others enter as their server, the likeliest first; none is not any more.
        urls: Vec<String>,
    },
    /// It was to, and cannot.
    HostingFailed {
        /// Why, as a sentence.
        message: String,
    },
    /// Something in the settings cannot stay as it is.
    SettingProblem(SettingProblem),
    /// A code to say to the other person.
    CodeIssued {
        /// Like `7-lunar-basil`.
        code: String,
        /// How long it can be used.
        expires_in_s: u64,
        /// The same as a link that carries the server too.
        link: Option<String>,
    },
    /// Who is on the local network now, told to faces that look.
    NearbyChanged {
        /// Contacts first, then by name.
        nearby: Vec<NearbyView>,
    },
    /// Everybody on the local network may know what this device is called and ask to pair, or nobody any more.
    Visible {
        /// For how long; 0 is no more.
        seconds: u64,
    },
    /// Both devices now see the same six words, if nobody is in between.
    ComparisonWords {
        /// Six words, joined by spaces.
        words: String,
        /// What the other device calls itself.
        #[cfg_attr(test, ts(type = "string"))]
        peer: DisplayName,
    },
    /// A pairing ended with a new contact.
    ContactAdded {
        /// The contact.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        contact: ContactId,
        /// Its name here.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// Whether the six words were compared.
        verified: bool,
    },
    /// A contact has other keys than before: somebody else's device, or a new one of the same person.
    KeyChanged {
        /// The contact.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        contact: ContactId,
        /// Its name here.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
    },
    /// A contact's offers are declined unasked for a while: several in a row were declined.
    ContactMuted {
        /// The contact.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        contact: ContactId,
        /// Its name here.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// For how long.
        seconds: u64,
    },
    /// A person has one more device, signed in by one of its others.
    DeviceAdded {
        /// Whose it is, or `None` for this home's own person.
        #[cfg_attr(test, ts(type = "string | null"))]
        contact: Option<DisplayName>,
        /// What it is called.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// Its id, as shown to people.
        device_id: String,
    },
    /// A device belongs to its person no more.
    DeviceRevoked {
        /// Whose it was, or `None` for this home's own person.
        #[cfg_attr(test, ts(type = "string | null"))]
        contact: Option<DisplayName>,
        /// What it is called.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// Its id, as shown to people.
        device_id: String,
    },
    /// Another device of this person revoked this one: it has left the server.
    ThisDeviceRevoked {
        /// What it is called.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// Its id, as shown to people.
        device_id: String,
        /// What to do, as a sentence.
        message: String,
    },
    /// A new device of this person has all that it needs.
    DeviceReady {
        /// The other device of the two.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// The contacts that came with it, told to the new device.
        contacts: Option<u32>,
    },
    /// Another process uses this device's identity: a copy of its home.
    IdentityCopied {
        /// Whether it took this process's place at the server, which this process has left.
        replaced: bool,
    },
    /// Two devices use a contact's identity, or the server held its messages back.
    ContactCopied {
        /// The contact.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        contact: ContactId,
        /// Its name here.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
    },
    /// A pairing ended without one.
    PairingFailed {
        /// Why.
        code: ErrorCode,
        /// As a sentence.
        message: String,
    },
    /// A device of a contact is there, or none any more.
    ContactHere {
        /// The contact.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        contact: ContactId,
        /// Whether one is.
        here: bool,
    },
    /// A contact is connected, or no longer.
    ContactConnected {
        /// The contact.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        contact: ContactId,
        /// The route, or `None` when the connection ended.
        #[cfg_attr(test, ts(type = "PathKind | null"))]
        path: Option<PathKind>,
    },
    /// Something happened in a shared folder.
    Folder(FolderEvent),
    /// A transfer exists and waits for the other side.
    TransferAdded {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// Files and folders in it.
        entries: u64,
        /// Bytes in it.
        bytes: u64,
    },
    /// A contact wants to send something.
    OfferReceived {
        /// The transfer, to be accepted or declined.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// Who offers.
        #[cfg_attr(test, ts(type = "string"))]
        from: DisplayName,
        /// The first name in it.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// Files and folders in it.
        entries: u64,
        /// Bytes in it; 0 for a stream of unknown length.
        bytes: u64,
        /// Files, or a text.
        kind: ItemKind,
    },
    /// A rule accepted what a contact offers: nobody is asked.
    OfferAcceptedByRule {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// The contact.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        contact: ContactId,
        /// Its name here.
        #[cfg_attr(test, ts(type = "string"))]
        from: DisplayName,
        /// The first name in it.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// Files and folders in it.
        entries: u64,
        /// Bytes in it.
        bytes: u64,
        /// The folder that receives.
        #[cfg_attr(test, ts(type = "string"))]
        folder: PathBuf,
    },
    /// Bytes moved; at most ten a second for each transfer.
    TransferProgress {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// Bytes verified by the receiver.
        bytes: u64,
        /// Bytes in all; 0 while unknown.
        total_bytes: u64,
        /// Smoothed over five seconds.
        rate_bytes_per_s: u64,
        /// Seconds to go at that rate, once it is steady.
        eta_s: Option<u64>,
        /// The route.
        #[cfg_attr(test, ts(type = "PathKind"))]
        path: PathKind,
    },
    /// A send could go now, but others go first.
    TransferQueued {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// How many wait before it.
        ahead: u64,
    },
    /// A transfer stands still, and why; it goes on by itself when it can.
    TransferPaused {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// Why.
        reason: PauseReason,
    },
    /// A transfer moves again.
    TransferResumed {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
    },
    /// Something in a transfer was left out, or is carried again in a newer version.
    EntrySkipped {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// The entry's path, escaped for people.
        path: String,
        /// Why.
        reason: SkipReason,
    },
    /// Something that arrived had a name that was taken: nothing was lost.
    NameTaken {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// The entry's path as it was sent, escaped for people.
        path: String,
        /// What became of the two.
        outcome: NameOutcome,
        /// The new name: of what arrived if both were kept, of what was there before if it was replaced.
        name: String,
    },
    /// Something will not arrive as it lies at the sender: told before any data of it moves.
    PreflightProblem {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// The entry's path, escaped for people; `None` if it is about all of it.
        path: Option<String>,
        /// What about it.
        #[serde(flatten)]
        problem: Problem,
    },
    /// Files were here already with the same content: they stayed as they were.
    FilesUnchanged {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// How many.
        files: u64,
    },
    /// Arrived whole, under its final name.
    TransferCompleted {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// Files and folders that arrived.
        entries: u64,
        /// Bytes that arrived.
        bytes: u64,
        /// The transfer digest, hexadecimal; equal on both sides.
        digest: String,
        /// The route it ended on.
        #[cfg_attr(test, ts(type = "PathKind"))]
        path: PathKind,
        /// From accept to completed, without the time in which this program did not run.
        seconds: f64,
        /// Payload bytes that crossed, repetitions included: fewer than arrived where the receiver had some of it.
        #[serde(default)]
        carried_bytes: u64,
        /// Payload bytes that were carried beyond those that arrived, over its whole life: see "What it cost"
        /// in `docs/protocol/transfer.md`.
        resent_bytes: u64,
        /// Entries left out, each told before by `EntrySkipped`.
        skipped: u64,
    },
    /// A text arrived.
    TextReceived {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// Who sent it.
        #[cfg_attr(test, ts(type = "string"))]
        from: DisplayName,
        /// Its words as they were sent: whoever shows them escapes what steers a terminal.
        text: String,
    },
    /// The plain SHA-256 of a file that was sent or received.
    EntryChecksum {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// Its path, escaped for people.
        path: String,
        /// Hexadecimal, as `sha256sum` prints it.
        sha256: String,
    },
    /// Both sides signed what arrived.
    ReceiptReady {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
    },
    /// There will be no receipt.
    ReceiptFailed {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// Why, as a sentence.
        message: String,
    },
    /// Ended without arriving; nothing half appears anywhere.
    TransferFailed {
        /// The transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// Why.
        code: ErrorCode,
        /// As a sentence.
        message: String,
    },
}

impl Event {
    /// The one transfer that this is about, if it is about one.
    pub fn transfer(&self) -> Option<TransferId> {
        match self {
            Self::TransferAdded { transfer, .. }
            | Self::OfferReceived { transfer, .. }
            | Self::OfferAcceptedByRule { transfer, .. }
            | Self::TransferProgress { transfer, .. }
            | Self::TransferQueued { transfer, .. }
            | Self::TransferPaused { transfer, .. }
            | Self::TransferResumed { transfer, .. }
            | Self::NameTaken { transfer, .. }
            | Self::PreflightProblem { transfer, .. }
            | Self::FilesUnchanged { transfer, .. }
            | Self::EntrySkipped { transfer, .. }
            | Self::TransferCompleted { transfer, .. }
            | Self::TextReceived { transfer, .. }
            | Self::EntryChecksum { transfer, .. }
            | Self::ReceiptReady { transfer }
            | Self::ReceiptFailed { transfer, .. }
            | Self::TransferFailed { transfer, .. } => Some(*transfer),
            Self::Hosting { .. }
            | Self::HostingFailed { .. }
            | Self::SettingProblem(_)
            | Self::Folder(_)
            | Self::IdentityCopied { .. }
            | Self::ContactCopied { .. }
            | Self::DeviceAdded { .. }
            | Self::DeviceRevoked { .. }
            | Self::ThisDeviceRevoked { .. }
            | Self::DeviceReady { .. }
            | Self::Ready
            | Self::ServerLost { .. }
            | Self::ServerRefused { .. }
            | Self::CodeIssued { .. }
            | Self::NearbyChanged { .. }
            | Self::Visible { .. }
            | Self::ComparisonWords { .. }
            | Self::ContactAdded { .. }
            | Self::KeyChanged { .. }
            | Self::ContactMuted { .. }
            | Self::PairingFailed { .. }
            | Self::ContactHere { .. }
            | Self::ContactConnected { .. } => None,
        }
    }
}

/// Why a transfer stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// A person on this side paused it.
    Here,
    /// A person on the other side paused it.
    There,
    /// The receiver's disk is full.
    DiskFull,
    /// The receiver's folder cannot be written.
    DiskFailed,
    /// Something will not arrive as it is: a person must let it go on.
    Problem,
    /// The other side is not connected.
    PeerOffline,
    /// New connections brought no progress.
    Stalled,
    /// There is no direct way, and the month's budget for relays is used up.
    RelayBudget,
}

/// What is found before any data moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    /// The sender leaves it out.
    LeftOut {
        /// Why.
        reason: SkipReason,
    },
    /// The receiving system cannot hold the name.
    Renamed {
        /// What it is called there.
        name: String,
    },
    /// The name is taken there.
    Taken {
        /// What becomes of the two.
        #[cfg_attr(test, ts(type = "Existing"))]
        existing: Existing,
    },
    /// There is not enough space there for all of it.
    NoSpace {
        /// How much is missing.
        missing_bytes: u64,
    },
    /// There are more problems than are named.
    More {
        /// How many.
        entries: u64,
    },
}

/// What became of two things with one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum NameOutcome {
    /// Both are there.
    KeptBoth,
    /// What arrived has the name, what was there before a dated one.
    Replaced,
    /// The name was free, but this system cannot hold it: what arrived has another one.
    Renamed,
}

/// Why an entry was left out or is carried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// A link: links are never followed.
    Link,
    /// Neither file nor folder.
    Special,
    /// The name cannot travel: not UTF-8, or not portable.
    Name,
    /// Another name beside it differs only in case or in composed characters.
    Clash,
    /// The name or the path is too long, or too deep.
    TooLong,
    /// It cannot be read.
    Unreadable,
    /// It disappeared after it was listed.
    Gone,
    /// A file became a folder or the other way round.
    KindChanged,
    /// It changed every time it was read.
    KeepsChanging,
    /// The receiving system cannot hold its name.
    NameRefused,
    /// It is a program, and a rule of the receiver takes none.
    ProgramRefused,
    /// It changed while it was read and is carried again; not left out.
    ChangedResent,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_read_like_the_documented_json() {
        let event = Event::TransferFailed {
            transfer: TransferId([7; 16]),
            code: ErrorCode::Declined,
            message: "no".into(),
        };
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(
            json,
            r#"{"event":"transfer_failed","transfer":"07070707070707070707070707070707","code":"declined","message":"no"}"#
        );
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
    }
}
