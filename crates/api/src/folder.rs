//! Shared folders as faces see them.

use std::fmt;
use std::path::PathBuf;

use model::{DisplayName, FolderId};
use serde::{Deserialize, Serialize};

use crate::event::as_text;
use crate::{ConflictSide, ErrorCode};

/// A shared folder, or an invitation to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FolderView {
    /// Names the folder in commands.
    #[serde(with = "as_text")]
    #[cfg_attr(test, ts(type = "string"))]
    pub folder: FolderId,
    /// What this device's person calls it.
    #[cfg_attr(test, ts(type = "string"))]
    pub name: DisplayName,
    /// Where it lies; an invitation has no place yet.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub place: Option<PathBuf>,
    /// Where it stands.
    #[serde(flatten)]
    pub state: FolderState,
    /// Who else belongs to it.
    #[cfg_attr(test, ts(type = "string[]"))]
    pub members: Vec<DisplayName>,
    /// What this device may do in it.
    pub role: FolderRole,
    /// Who asks to join, of an invitation.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub from: Option<DisplayName>,
}

/// Where a folder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum FolderState {
    /// A contact asks to join.
    Invited,
    /// A person let it stand still.
    Paused,
    /// Its files are looked at for the first time since the start.
    Looking,
    /// Files come, or are about to.
    Syncing,
    /// Nothing is to be done with those who are there.
    UpToDate,
    /// This device does not belong to it any more; its files stay.
    Removed,
    /// It does not go on.
    Stopped {
        /// Why.
        code: ErrorCode,
    },
}

/// Which way changes go between this device and the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum FolderDirection {
    /// Both ways.
    Both,
    /// From here to the others only.
    SendOnly,
    /// From the others to here only.
    ReceiveOnly,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum FolderRole {
    /// Everything.
    Owner,
    /// Change files, and who belongs.
    Admin,
    /// Change files.
    Change,
    /// Read.
    Read,
}

/// How one folder stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FolderDetail {
    /// The folder.
    #[serde(with = "as_text")]
    #[cfg_attr(test, ts(type = "string"))]
    pub folder: FolderId,
    /// Its name.
    #[cfg_attr(test, ts(type = "string"))]
    pub name: DisplayName,
    /// Where it stands.
    #[serde(flatten)]
    pub state: FolderState,
    /// Which way changes go.
    pub direction: FolderDirection,
    /// Files in it.
    pub files: usize,
    /// Paths that others hold in a better version.
    pub behind: usize,
    /// Bytes of files among them.
    pub behind_bytes: u64,
    /// Conflict copies that wait for a decision.
    pub conflicts: usize,
    /// Changes here that others do not take.
    pub local_changes: usize,
    /// Deletions that wait for a person.
    pub deletions: usize,
    /// Everybody.
    pub members: Vec<FolderMemberView>,
    /// What is not as it should be; one of each kind at most.
    pub notes: Vec<FolderNote>,
}

/// What a person should know of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case", tag = "note")]
pub enum FolderNote {
    /// The system watches no more folders, so that changes are found later than they could be.
    WatchLimit,
    /// The folder cannot be watched, with the same consequence.
    NotWatched {
        /// What the system says.
        reason: String,
    },
    /// The list of what is not shared cannot be used; the one before stays in force.
    BadRules {
        /// The first line that is no pattern, from 1; `None` if the list is too long.
        line: Option<usize>,
    },
    /// There is no room on the disk.
    DiskFull,
    /// The folder does not go on, as its state says too.
    Stopped {
        /// Why, as a sentence.
        reason: String,
    },
    /// Links, and names that other systems cannot hold, are not shared.
    LeftOut {
        /// How many.
        count: usize,
        /// One of them.
        first: String,
    },
}

impl fmt::Display for FolderNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WatchLimit => f.write_str(
                "The system watches no more folders: changes are found within a minute only. Raise fs.inotify.max_user_watches (and max_user_instances), for example: sudo sysctl fs.inotify.max_user_watches=1048576",
            ),
            Self::NotWatched { reason } => write!(
                f,
                "The folder cannot be watched: changes are found within a minute only. The system says: {reason}"
            ),
            Self::BadRules { line: Some(line) } => write!(
                f,
                "Line {line} of the list of what is not shared is no pattern. The rules before it stay in force until you mend it."
            ),
            Self::BadRules { line: None } => f.write_str(
                "The list of what is not shared is too long. The rules before it stay in force until you shorten it.",
            ),
            Self::Stopped { reason } => f.write_str(reason),
            Self::DiskFull => f.write_str("The disk is full: free space, and it goes on by itself."),
            Self::LeftOut { count: 1, first } => write!(
                f,
                "One name is not shared, for it is a link, or other systems cannot hold it: {first}"
            ),
            Self::LeftOut { count, first } => write!(
                f,
                "{count} names are not shared, for they are links, or other systems cannot hold them. The first is {first}"
            ),
        }
    }
}

/// A device that belongs to a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FolderMemberView {
    /// Its id.
    pub device_id: String,
    /// What the folder calls it.
    #[cfg_attr(test, ts(type = "string"))]
    pub name: DisplayName,
    /// What it may do.
    pub role: FolderRole,
    /// Whether it is this one.
    pub this: bool,
    /// Whether it is there.
    pub connected: bool,
    /// Whether both hold the same.
    pub in_step: bool,
}

/// A conflict that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ConflictView {
    /// What was kept beside the other.
    pub copy: String,
    /// Where the other is.
    pub path: String,
    /// What is at the path.
    pub present: ConflictSide,
    /// What the copy holds.
    pub kept: ConflictSide,
}

/// Something that was replaced or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct VersionView {
    /// Names it in commands.
    pub version: String,
    /// Where it was.
    pub path: String,
    /// When it was replaced, in milliseconds since 1970.
    pub replaced_ms: u64,
    /// Its size.
    pub bytes: u64,
}

/// What happens in shared folders. In JSON `what` names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum FolderEvent {
    /// A contact asks to join a folder.
    Invited {
        /// The folder.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        folder: FolderId,
        /// What the contact calls it.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// Who asks.
        #[cfg_attr(test, ts(type = "string"))]
        from: DisplayName,
    },
    /// It stands elsewhere now.
    State {
        /// The folder.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        folder: FolderId,
        /// Its name.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// Where it stands.
        #[serde(flatten)]
        state: FolderState,
    },
    /// Two changed a file apart: both are kept.
    Conflict {
        /// The folder.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        folder: FolderId,
        /// Its name.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// Where both were.
        path: String,
        /// Where one of them is now.
        copy: String,
    },
    /// Somebody deleted a file that was changed meanwhile: it stays.
    EditOutlived {
        /// The folder.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        folder: FolderId,
        /// Its name.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// Where.
        path: String,
    },
    /// Very much is deleted: nothing of it happens before a person decided.
    ManyDeletions {
        /// The folder.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        folder: FolderId,
        /// Its name.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// How many.
        count: usize,
    },
    /// This device may not change the folder, and did: the change stays here.
    ChangeStaysHere {
        /// The folder.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        folder: FolderId,
        /// Its name.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// Where.
        path: String,
    },
    /// This disk cannot hold a path.
    NotHeld {
        /// The folder.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        folder: FolderId,
        /// Its name.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// Where.
        path: String,
    },
    /// A change of a member that does not belong any more was taken back.
    TakenBack {
        /// The folder.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        folder: FolderId,
        /// Its name.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// Where.
        path: String,
    },
    /// Others belong to it, or may do other things.
    MembersChanged {
        /// The folder.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        folder: FolderId,
        /// Its name.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
    },
    /// This device does not belong to it any more; its files stay.
    Removed {
        /// The folder.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        folder: FolderId,
        /// Its name.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
    },
    /// Something is not as it should be.
    Note {
        /// The folder.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        folder: FolderId,
        /// Its name.
        #[cfg_attr(test, ts(type = "string"))]
        name: DisplayName,
        /// What.
        #[serde(flatten)]
        note: FolderNote,
    },
}
