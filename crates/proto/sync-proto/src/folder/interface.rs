//! What goes into a [`super::Folder`] and what comes out.

use std::time::Instant;

use model::{ChunkSet, DeviceId, Digest, FolderId};
use serde::{Deserialize, Serialize};

use crate::{
    FileState, FolderMessage, FolderPath, FolderRoster, IgnoreRules, Recipe, Slot, Stamp, State,
};

/// What time it is: by the clock that only goes forward, and by the one on the wall.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// For deadlines.
    pub instant: Instant,
    /// For the stamps of changes.
    pub wall: Stamp,
}

/// How a folder begins, or begins again after a restart.
#[derive(Debug)]
pub struct FolderConfig {
    /// This device.
    pub own: DeviceId,
    /// Who belongs to the folder, as it was kept.
    pub roster: FolderRoster,
    /// What was kept of every path.
    pub slots: Vec<(FolderPath, Slot)>,
    /// What was kept of every member's index.
    pub cursors: Vec<(crate::Seat, Cursor)>,
    /// Names this device's index; random, and another one if `slots` were lost.
    pub index: u64,
    /// Opens bulk messages to this device; random in every process.
    pub token: u64,
    /// What this device does with changes.
    pub settings: FolderSettings,
}

/// What a person decided for this device.
#[derive(Debug, Clone)]
pub struct FolderSettings {
    /// Which way changes go.
    pub direction: Direction,
    /// Whether the disk takes names for the same that differ in case or in how their accents are written.
    pub folds_names: bool,
    /// Paths that are not wanted here, with all below.
    pub left_out: Vec<FolderPath>,
    /// What nobody shares.
    pub rules: IgnoreRules,
}

/// Which way changes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    Both,
    /// From here to the others only.
    SendOnly,
    /// From the others to here only.
    ReceiveOnly,
}

/// How far a member's index is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cursor {
    /// Names the index.
    pub index: u64,
    /// The count of the last record that was taken from it.
    pub through: u64,
    /// Whether the member's disk takes some different names for the same.
    pub folds_names: bool,
}

/// What a folder is told.
#[derive(Debug)]
pub enum FolderInput {
    /// A session with a device began.
    Connected(DeviceId),
    /// It ended.
    Disconnected(DeviceId),
    /// A message came.
    MessageReceived {
        /// From whom.
        device: DeviceId,
        /// What.
        message: FolderMessage,
    },
    /// A whole chunk came on the bulk channels, not verified.
    ChunkReceived {
        /// From whom.
        device: DeviceId,
        /// The file.
        file: Digest,
        /// Its place.
        chunk: u32,
        /// Its bytes.
        data: Vec<u8>,
    },
    /// This lies on the disk now. Folders come before what lies in them.
    Scanned {
        /// Where.
        path: FolderPath,
        /// What.
        found: State,
    },
    /// Answers [`FolderOutput::Rescan`] if nothing can be said of what lies there: it may not be read, or is not
    /// shared.
    Unseen(FolderPath),
    /// Answers [`FolderOutput::Apply`].
    Applied {
        /// The path of the task.
        path: FolderPath,
        /// How it went.
        outcome: Outcome,
    },
    /// Answers [`FolderOutput::Stage`].
    Staged {
        /// The file.
        file: Digest,
        /// Chunks that were found on this device.
        held: ChunkSet,
    },
    /// Answers [`FolderOutput::StoreChunk`] only if the chunk could not be kept.
    ChunkLost {
        /// The file.
        file: Digest,
        /// Its place.
        chunk: u32,
    },
    /// Answers [`FolderOutput::ReadRecipe`].
    RecipeRead {
        /// Who wants it.
        device: DeviceId,
        /// The file.
        file: Digest,
        /// How many pieces the device already has.
        from: u32,
        /// Its chunks, if it is here.
        recipe: Option<Recipe>,
        /// The chunks of the base, if it is known here.
        base: Option<Recipe>,
    },
    /// Answers [`FolderOutput::Serve`]: these chunks were sent, or are not here.
    Served {
        /// To whom.
        device: DeviceId,
        /// The file.
        file: Digest,
        /// Those that were sent.
        sent: Vec<u32>,
        /// Those that are not here.
        missing: Vec<u32>,
    },
    /// Another roster, made here or by the owner's other ways.
    Roster(FolderRoster),
    /// A person changed the settings.
    Settings(FolderSettings),
    /// A person decided a conflict.
    Decide {
        /// The copy.
        copy: FolderPath,
        /// How.
        choice: Choice,
    },
    /// A person wants what is kept among the versions back.
    Restore {
        /// Where it is to lie.
        path: FolderPath,
        /// What it is.
        file: FileState,
    },
    /// Everything here counts, whatever others did meanwhile.
    Override,
    /// What was changed here and may not go to the others is undone.
    Revert,
    /// A person saw the many deletions and wants them.
    AllowDeletions,
    /// A person saw the many deletions and takes them back for everybody.
    RefuseDeletions,
    /// The deadline passed.
    Timeout,
}

/// How a conflict ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// What is at the path stays; the copy goes to the versions.
    Present,
    /// The copy takes the path; what is there goes to the versions.
    Copy,
    /// Both stay, and are no conflict any more.
    Both,
}

/// What a folder asks of its driver. Outputs are done in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FolderOutput {
    /// Send a message.
    Send {
        /// To whom.
        device: DeviceId,
        /// What.
        message: FolderMessage,
    },
    /// Keep this durably: all that is known of a path.
    Keep {
        /// The path.
        path: FolderPath,
        /// What is known.
        slot: Slot,
    },
    /// Keep durably how far a member's index is known.
    KeepCursor {
        /// The member.
        seat: crate::Seat,
        /// How far.
        cursor: Cursor,
    },
    /// Keep the roster durably.
    KeepRoster(Vec<u8>),
    /// Change the disk; answered by [`FolderInput::Applied`].
    Apply(Task),
    /// Prepare to receive a file, and copy what this device has of it somewhere; answered by
    /// [`FolderInput::Staged`].
    Stage {
        /// The file.
        file: Digest,
        /// Its chunks.
        recipe: Recipe,
        /// What probably shares most of them.
        base: Option<FolderPath>,
    },
    /// Keep a verified chunk of a file that is not whole.
    StoreChunk {
        /// The file.
        file: Digest,
        /// Its place.
        chunk: u32,
        /// Where it begins in the file.
        offset: u64,
        /// Its bytes.
        data: Vec<u8>,
    },
    /// A file is not wanted any more: forget its chunks.
    Unstage(Digest),
    /// Find the chunks of files; answered by [`FolderInput::RecipeRead`].
    ReadRecipe {
        /// Who wants it.
        device: DeviceId,
        /// The file.
        file: Digest,
        /// What the device has.
        base: Option<Digest>,
        /// How many pieces it already has.
        from: u32,
    },
    /// Send chunks on the bulk channels; answered by [`FolderInput::Served`].
    Serve {
        /// To whom.
        device: DeviceId,
        /// The token that opens the messages.
        token: u64,
        /// The file.
        file: Digest,
        /// Their places.
        chunks: Vec<u32>,
    },
    /// Look at this path again and tell what is there; answered by [`FolderInput::Scanned`] or
    /// [`FolderInput::Unseen`].
    Rescan(FolderPath),
    /// A device broke the protocol: close its session. Nothing is lost.
    Violation {
        /// Who.
        device: DeviceId,
        /// What it did.
        kind: FolderViolation,
    },
    /// Something a person may want to see.
    Event(FolderEvent),
}

/// One change of the disk. It happens wholly or not at all, and only if `expected` lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Where.
    pub path: FolderPath,
    /// What must lie there now; a folder must be empty if it is to be replaced or removed.
    pub expected: State,
    /// What becomes of a file that lies there.
    pub keep: Keep,
    /// What is to lie there.
    pub deed: Deed,
}

/// What becomes of a file that is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// It goes to the versions.
    Version,
    /// It goes to this path, where nothing may lie.
    Copy(FolderPath),
    /// It has the same bytes as what comes: there is nothing to keep.
    Nothing,
}

/// What is to lie at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Nothing.
    Remove,
    /// A folder.
    MakeDirectory,
    /// A file.
    Place {
        /// The file.
        file: FileState,
        /// Where its bytes are.
        source: Source,
    },
}

/// Where the bytes of a file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// It was fetched.
    Staged,
    /// The file at this path is moved, if it is still what it was.
    Move(FolderPath),
    /// The file at this path is copied, if it is still what it was.
    Copy(FolderPath),
    /// The file is there already: only its time and mode change.
    Here,
    /// Among the versions.
    Version,
}

/// How a task went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As asked.
    Done,
    /// Something else lay there: nothing was done, and a scan of what lies there follows.
    Stale,
    /// The folder is not empty: it holds what is not shared.
    NotEmpty,
    /// The disk cannot hold this name, or takes it for another.
    Unholdable,
    /// What was fetched is not there, or not whole: nothing was done, and it has to be fetched again.
    Lost,
    /// It failed for now.
    Failed,
}

/// What happened in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FolderEvent {
    /// Both changed a file apart: one of them is kept here.
    ConflictKept {
        /// Where both were.
        path: FolderPath,
        /// Where one of them is now.
        copy: FolderPath,
    },
    /// Somebody deleted a file that was changed meanwhile: it stays.
    EditOutlived(FolderPath),
    /// Very much is deleted: nothing of it happens before a person decided.
    ManyDeletions {
        /// How many.
        count: usize,
    },
    /// This device may not change the folder, and did: the change stays here.
    ChangeStaysHere(FolderPath),
    /// This disk cannot hold a path.
    NotHeld(FolderPath),
    /// The members changed.
    RosterChanged,
    /// This device does not belong to the folder any more.
    Removed,
    /// A member knows the folder, but this device not as a member of it.
    NotWelcome(DeviceId),
    /// Changes of a member that does not belong any more were taken back.
    TakenBack(FolderPath),
    /// There is something to do and nothing was done for a while: everything that waits is begun again.
    StoodStill,
}

/// What a member did that no member does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FolderViolation {
    /// A message that does not belong here or now.
    #[error("a member sent a message out of turn")]
    UnexpectedMessage,
    /// A roster that does not check.
    #[error("a member sent a list of members that is not signed as it should be")]
    BadRoster,
    /// Records by seats that do not exist, or pages that do not go on.
    #[error("a member sent a forged index")]
    ForgedIndex,
    /// Chunks that do not make the file.
    #[error("a member sent chunks of another file")]
    WrongRecipe,
    /// More chunks than may be asked for at once.
    #[error("a member asked for too much at once")]
    TooMuchAsked,
    /// Damage beyond chance.
    #[error("a member sent too many damaged chunks")]
    TooManyCorrupt,
}

/// How a folder stands, for one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderStatus {
    /// The folder.
    pub folder: FolderId,
    /// Paths that others hold in a better version.
    pub behind: usize,
    /// Bytes of files among them.
    pub behind_bytes: u64,
    /// Conflict copies that wait for a decision.
    pub conflicts: usize,
    /// Changes here that others do not take.
    pub drifted: usize,
    /// Deletions that wait for a person.
    pub deletions: usize,
    /// Members with whom this device is in step, or not.
    pub members: Vec<(DeviceId, bool)>,
}
