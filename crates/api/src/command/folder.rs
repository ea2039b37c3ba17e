use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{FolderDirection, FolderRole};

/// What faces may ask about shared folders. A folder is named by its name or id. Reply, unless said otherwise: `Done`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum FolderCommand {
    /// Reply: `Folders`.
    List,
    /// Share a folder, or share one that is shared with further people. Reply: `Folder`.
    Share {
        /// Where it lies; made if it is missing.
        #[cfg_attr(test, ts(type = "string"))]
        place: PathBuf,
        /// What to call it; without one, its last name.
        name: Option<String>,
        /// Names or ids of contacts and groups.
        with: Vec<String>,
        /// Whether these only read.
        read_only: bool,
        /// Patterns of what is not shared, as in `.gitignore`; they are in force before anything is told. Only of a
        /// folder that is not shared yet.
        #[serde(default)]
        ignore: Vec<String>,
    },
    /// Join a folder that a contact shares. Reply: `Folder`.
    Accept {
        /// Its name or id.
        folder: String,
        /// Where it is to lie; made if it is missing.
        #[cfg_attr(test, ts(type = "string"))]
        place: PathBuf,
    },
    /// Do not join a folder that a contact shares.
    Decline {
        /// Its name or id.
        folder: String,
    },
    /// Let a folder stand still.
    Pause {
        /// Its name or id.
        folder: String,
    },
    /// Let it go on.
    Resume {
        /// Its name or id.
        folder: String,
    },
    /// Say which way changes go between this device and the others.
    Direct {
        /// Its name or id.
        folder: String,
        /// Which way.
        direction: FolderDirection,
    },
    /// Share a folder no more on this device; its files stay.
    Remove {
        /// Its name or id.
        folder: String,
    },
    /// Let further people into a folder, or give members another role.
    Grant {
        /// Its name or id.
        folder: String,
        /// Names or ids of contacts and groups.
        members: Vec<String>,
        /// What they may do; nobody else becomes its owner.
        role: FolderRole,
    },
    /// Take members out of a folder.
    Drop {
        /// Its name or id.
        folder: String,
        /// Names or ids of contacts.
        members: Vec<String>,
    },
    /// Something inside one folder.
    Inside {
        /// Its name or id.
        folder: String,
        /// What.
        wish: FolderAction,
    },
}

/// What faces may ask of one folder. Reply, unless said otherwise: `Done`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "wish", rename_all = "snake_case")]
pub enum FolderAction {
    /// Reply: `FolderDetail`.
    Status,
    /// What lies in it. Reply: `FolderFiles`.
    Files {
        /// How many to pass over.
        offset: u32,
        /// At most so many, up to [`crate::ENTRIES_AT_ONCE`].
        limit: u32,
    },
    /// Reply: `FolderConflicts`.
    Conflicts,
    /// What is in both files of a conflict. Reply: `FolderComparison`.
    Compare {
        /// The copy that was kept.
        copy: String,
    },
    /// Decide a conflict.
    Decide {
        /// The copy that was kept, `None` for all of them.
        copy: Option<String>,
        /// How.
        choice: ConflictChoice,
    },
    /// Reply: `FolderVersions`.
    Versions,
    /// Bring a version back.
    Restore {
        /// The version, or the path of which the latest is meant.
        version: String,
        /// Where to, if not where it was.
        to: Option<String>,
    },
    /// Change what is not shared; without changes only tell it. Reply: `FolderRules`.
    Ignore {
        /// Patterns to add, as in `.gitignore`.
        add: Vec<String>,
        /// Lines to remove.
        remove: Vec<String>,
    },
    /// The many deletions that wait are wanted.
    AllowDeletions,
    /// The many deletions that wait are taken back for everybody.
    RefuseDeletions,
    /// What was changed here and may not go to the others is undone.
    Revert,
    /// Everything here counts, whatever others did meanwhile.
    Override,
}

/// How a conflict ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ConflictChoice {
    /// What is at the path stays; the copy goes to the versions.
    Present,
    /// The copy takes the path; what is there goes to the versions.
    Copy,
    /// Both stay, and are no conflict any more.
    Both,
}
