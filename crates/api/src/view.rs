use std::num::NonZeroU64;

use model::{ContactId, DisplayName, PathKind, RelayWish, TransferId};
use serde::{Deserialize, Serialize};

use crate::command::Priority;
use crate::event::PauseReason;
use crate::{ErrorCode, ItemKind, event};

/// A contact as faces see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ContactView {
    /// Names the contact in commands.
    #[serde(with = "event::as_text")]
    #[cfg_attr(test, ts(type = "string"))]
    pub contact: ContactId,
    /// The name this device's person gave it.
    #[cfg_attr(test, ts(type = "string"))]
    pub name: DisplayName,
    /// Whether the six words were compared.
    pub verified: bool,
    /// Whether it is blocked: to it we look offline.
    pub blocked: bool,
    /// When words were compared, if they count, like `2026-11-22T18:05:09Z`.
    pub verified_at: Option<String>,
    /// Whether and how it can be reached.
    #[serde(flatten)]
    pub presence: PresenceView,
    /// Whether its offers are declined without asking.
    pub muted: bool,
    /// For how long yet, if three declines in a row muted it.
    pub muted_for_s: Option<u64>,
    /// Whether its keys are others than at first, and words were not compared since.
    pub key_changed: bool,
    /// Which way leads to it.
    #[serde(flatten)]
    pub route: RouteView,
    /// The six words of the two devices, to be compared at any time.
    pub words: String,
    /// Its devices.
    pub devices: Vec<DeviceView>,
}

/// Whether a contact is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PresenceView {
    /// Whether a session is open right now.
    pub connected: bool,
    /// Whether a device of it is there: connected, or heard of since the line to the server stands.
    pub here: bool,
    /// When a device of it was heard of last, like `2026-11-22T18:05:09Z`.
    pub last_seen_at: Option<String>,
}

/// Which way leads to a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RouteView {
    /// The route to it, while connected.
    #[cfg_attr(test, ts(type = "PathKind | null"))]
    pub path: Option<PathKind>,
    /// Whether a connection to it is being made.
    pub searching: bool,
    /// What its transfers are to do with relays, where that is not what the setting says.
    #[cfg_attr(test, ts(type = "RelayWish | null"))]
    pub relay: Option<RelayWish>,
}

/// A device of this person or of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DeviceView {
    /// The device id, as shown to people.
    pub device_id: String,
    /// What its person calls it.
    #[cfg_attr(test, ts(type = "string"))]
    pub name: DisplayName,
    /// Whether it is this one.
    pub this: bool,
    /// Whether a session with it is open right now.
    pub connected: bool,
}

/// A name for several contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct GroupView {
    /// What people call it.
    #[cfg_attr(test, ts(type = "string"))]
    pub name: DisplayName,
    /// Who is in it, sorted.
    #[cfg_attr(test, ts(type = "string[]"))]
    pub members: Vec<DisplayName>,
}

/// This device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct IdentityView {
    /// The device id, as shown to people.
    pub device_id: String,
    /// The name that contacts see.
    #[cfg_attr(test, ts(type = "string"))]
    pub name: DisplayName,
}

/// Which way a transfer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TransferDirection {
    /// From this device.
    Outgoing,
    /// To this device.
    Incoming,
}

/// Where a transfer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum TransferState {
    /// The sources are being listed.
    Preparing,
    /// Waits for the contact to be there.
    WaitingForPeer,
    /// The contact is there, and others go first.
    Queued,
    /// The receiver's person has not answered yet.
    WaitingForAnswer,
    /// What the receiver already has is being checked, or bytes move.
    Active,
    /// Stands still and says why.
    Paused {
        /// Why.
        reason: PauseReason,
    },
    /// Arrived whole.
    Completed,
    /// Ended without arriving.
    Failed {
        /// Why.
        code: ErrorCode,
    },
}

/// A transfer as faces see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TransferView {
    /// Names the transfer in commands.
    #[serde(with = "event::as_text")]
    #[cfg_attr(test, ts(type = "string"))]
    pub transfer: TransferId,
    /// Which way it goes.
    pub direction: TransferDirection,
    /// The contact at the other end, if it is one.
    #[serde(with = "event::as_text_if_any")]
    #[cfg_attr(test, ts(type = "string | null"))]
    pub contact: Option<ContactId>,
    /// The other side's name; a code session has none.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub peer: Option<DisplayName>,
    /// The first name in it.
    #[cfg_attr(test, ts(type = "string"))]
    pub name: DisplayName,
    /// Files, or a text.
    pub kind: ItemKind,
    /// Where it stands.
    #[serde(flatten)]
    pub state: TransferState,
    /// Files and folders in it.
    pub entries: u64,
    /// Bytes verified so far.
    pub bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
    /// The route, while connected.
    #[cfg_attr(test, ts(type = "PathKind | null"))]
    pub path: Option<PathKind>,
    /// Its place among others; only an unfinished send has one.
    pub turn: Option<TurnView>,
}

/// What a person said about a transfer's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TurnView {
    /// Which transfers go first.
    pub priority: Priority,
    /// The most bytes a second.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub limit_bytes_per_s: Option<NonZeroU64>,
}
