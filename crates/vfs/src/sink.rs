//! Where received files go: staged privately, verified, then each top-level entry appears by one rename.
//!
//! ```text
//! <destination>/.wherry-1a2b3c4d.partial/   0700, made by [`Sink::stage`]
//!     journal     what is stored, one checksummed record per chunk and event
//!     manifest    the pages of entries
//!     tree/       the entries themselves
//! ```
//!
//! Nothing here follows a link: every step goes through open handles. After a crash at any point,
//! [`Sink::stage`] finds what was verified, or [`Sink::recover`] ends a commit that had begun.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::sync::Arc;

use model::{Existing, NameError, NameRules, RelPath, Timestamp, TransferId};

use crate::manifest::ManifestError;
use crate::platform::{self, Dir, Privacy};
use crate::space::{FreeSpace, Reserve};

mod cleanup;
mod collisions;
mod commit;
mod crc;
pub(crate) mod journal;
mod judging;
mod merge;
mod names;
mod pages;
mod room;
mod seeds;
mod staging;
mod standing;
mod tree;
mod verify;

pub use commit::{CommitError, Committed, NAMES_TOLD, Placement, RecordIntents};
pub use journal::FinalState;
use journal::Journal;
pub use judging::{Renamed, windows_path};
pub use merge::{CLASHES_TOLD, Clash, ClashOutcome};
pub use pages::{Outcome, PageHave};
pub use staging::{Staging, WriteError};
pub use standing::Standing;

pub(crate) use names::{is_reserved, numbered};

/// Why a destination cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// It does not exist.
    #[error("the folder does not exist")]
    NotFound,
    /// Something else has its name.
    #[error("this is not a folder")]
    NotAFolder,
    /// The user may not write there.
    #[error("the folder may not be written")]
    Unwritable,
    /// Another process is receiving this transfer.
    #[error("another process is receiving this transfer")]
    Busy,
    /// All names of a private folder for this transfer are taken by others.
    #[error("no private folder could be made beside the destination")]
    Occupied,
    /// The disk is full.
    #[error("the disk is full")]
    NoSpace,
    /// The stored list of entries cannot be used.
    #[error(transparent)]
    Manifest(ManifestError),
    /// The file system refused.
    #[error("the folder could not be accessed: {0}")]
    Io(#[source] io::Error),
}

impl From<io::Error> for SinkError {
    fn from(error: io::Error) -> Self {
        if platform::is_out_of_space(&error) {
            return Self::NoSpace;
        }
        let kind = error.kind();
        if kind == io::ErrorKind::NotFound {
            return Self::NotFound;
        }
        if kind == io::ErrorKind::NotADirectory {
            return Self::NotAFolder;
        }
        if kind == io::ErrorKind::PermissionDenied || kind == io::ErrorKind::ReadOnlyFilesystem {
            return Self::Unwritable;
        }
        Self::Io(error)
    }
}

impl From<ManifestError> for SinkError {
    fn from(error: ManifestError) -> Self {
        match error {
            ManifestError::NoSpace => Self::NoSpace,
            ManifestError::Io(error) => error.into(),
            other @ (ManifestError::TooManyEntries
            | ManifestError::PageTooLong
            | ManifestError::EmptyPage
            | ManifestError::Sealed
            | ManifestError::NoSuchPage
            | ManifestError::Damaged
            | ManifestError::NotAManifest) => Self::Manifest(other),
        }
    }
}

/// Why a page of a manifest is refused. All but the last three are the sender's fault.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Not the next page, nor one that is stored.
    #[error("the page is out of order")]
    OutOfOrder,
    /// A stored page came again with other entries.
    #[error("the list of files is not the one that was agreed on")]
    Changed,
    /// A name that cannot exist here.
    #[error("{path}: {reason}")]
    Name {
        /// Whose name.
        path: RelPath,
        /// What is wrong with it.
        reason: NameError,
    },
    /// A name that Wherry uses for its own folders.
    #[error("{path}: the name is reserved")]
    Reserved {
        /// Whose name.
        path: RelPath,
    },
    /// The same path again, or one that some disk takes for the same.
    #[error("{path}: another entry has this name or one that differs only in case")]
    Collision {
        /// The second of them.
        path: RelPath,
    },
    /// No folder above it was announced before.
    #[error("{path}: the folder of this entry is missing")]
    ParentMissing {
        /// Whose folder.
        path: RelPath,
    },
    /// The page itself is too long, empty, damaged or one too many.
    #[error(transparent)]
    Manifest(ManifestError),
    /// The commit has begun: see [`Sink::recover`].
    #[error("the transfer is already being put in place")]
    Committing,
    /// The disk is full.
    #[error("the disk is full")]
    NoSpace,
    /// The file system refused.
    #[error("the files could not be accessed: {0}")]
    Io(#[source] io::Error),
}

impl From<io::Error> for PageError {
    fn from(error: io::Error) -> Self {
        if platform::is_out_of_space(&error) {
            Self::NoSpace
        } else {
            Self::Io(error)
        }
    }
}

impl From<ManifestError> for PageError {
    fn from(error: ManifestError) -> Self {
        match error {
            ManifestError::NoSpace => Self::NoSpace,
            ManifestError::Io(error) => Self::Io(error),
            other @ (ManifestError::TooManyEntries
            | ManifestError::PageTooLong
            | ManifestError::EmptyPage
            | ManifestError::Sealed
            | ManifestError::NoSuchPage
            | ManifestError::Damaged
            | ManifestError::NotAManifest) => Self::Manifest(other),
        }
    }
}

/// A destination folder, opened once.
#[derive(Debug)]
pub struct Sink {
    root: Arc<Dir>,
    rules: NameRules,
    reserve: Reserve,
    existing: Existing,
    rename: bool,
    no_programs: bool,
}

impl Sink {
    /// Opens the folder `root`, which the user named, and makes it first if `create` says so.
    pub fn open(root: &Path, create: bool) -> Result<Self, SinkError> {
        if create {
            std::fs::create_dir_all(root)?;
        }
        Ok(Self {
            root: Arc::new(Dir::open_ambient(root)?),
            rules: platform_rules(),
            reserve: Reserve::Standard,
            existing: Existing::KeepBoth,
            rename: false,
            no_programs: false,
        })
    }

    /// Leaves another amount of the disk free.
    #[must_use]
    pub fn with_reserve(self, reserve: Reserve) -> Self {
        Self { reserve, ..self }
    }

    /// Judges names by other rules than those of this system.
    #[must_use]
    pub fn with_rules(self, rules: NameRules) -> Self {
        Self { rules, ..self }
    }

    /// Changes names that cannot be held instead of leaving out what has them.
    #[must_use]
    pub fn with_renaming(self, rename: bool) -> Self {
        Self { rename, ..self }
    }

    /// Leaves out programs: see [`model::is_program`].
    #[must_use]
    pub fn without_programs(self, no_programs: bool) -> Self {
        Self {
            no_programs,
            ..self
        }
    }

    /// Does something else with names that are taken than keeping both.
    #[must_use]
    pub fn with_existing(self, existing: Existing) -> Self {
        Self { existing, ..self }
    }

    /// Asks for the room on the destination's file system.
    pub fn free_space(&self) -> Result<FreeSpace, SinkError> {
        Ok(self.root.free_space()?)
    }

    /// Makes the private folder of `transfer`, or opens it again with everything that survived in it.
    pub fn stage(&self, transfer: TransferId) -> Result<Staging, SinkError> {
        if let Some(staging) = self.find(transfer)? {
            return Ok(staging);
        }
        for name in home_names(transfer) {
            match self.root.create_dir(&name, Privacy::Private) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
            // One that is there without a journal was left by a crash before it was begun.
            let Ok(home) = self.root.open_dir(&name) else {
                continue;
            };
            if home.is_private()?
                && !has_journal(&home)
                && let Some(staging) = Staging::open(self, home, name, transfer)?
            {
                return Ok(staging);
            }
        }
        Err(SinkError::Occupied)
    }

    /// What is staged of `transfer`, if a crash interrupted its commit before the first intent was kept.
    ///
    /// Nothing has left the staging folder then; [`Sink::recover`] without intents ends the commit.
    pub fn interrupted(&self, transfer: TransferId) -> Result<Option<Staging>, SinkError> {
        let found = self.find(transfer)?;
        Ok(found.filter(Staging::is_committing))
    }

    /// Ends a commit that a crash interrupted; does nothing twice.
    ///
    /// `intents` are all that were recorded, in the order of their recording: an entry that has left its
    /// staging folder and has an intent is in place.
    pub fn recover(
        &self,
        transfer: TransferId,
        intents: &[Placement],
        record: RecordIntents<'_>,
    ) -> Result<Committed, CommitError> {
        match self.find(transfer).map_err(commit::of_sink)? {
            Some(mut staging) => staging.commit_again(intents, record),
            None => {
                self.remove_emptied(transfer);
                Ok(Committed::of_intents(intents))
            }
        }
    }

    /// Removes what is staged of `transfer`; returns whether there was anything.
    pub fn discard(&self, transfer: TransferId) -> Result<bool, SinkError> {
        let Some(staging) = self.find(transfer)? else {
            return Ok(false);
        };
        staging.discard()?;
        Ok(true)
    }

    /// When something was last stored of `transfer`, if anything is staged; looking changes nothing.
    pub fn last_stored(&self, transfer: TransferId) -> Result<Option<Timestamp>, SinkError> {
        for name in home_names(transfer) {
            let Ok(home) = self.root.open_dir(&name) else {
                continue;
            };
            let Ok(journal) = home.open_file(JOURNAL) else {
                continue;
            };
            if home.is_private()? && Journal::owner(&journal)? == Some(transfer) {
                return Ok(Some(platform::stat(&journal)?.modified));
            }
        }
        Ok(None)
    }

    /// Finds the private folder that holds `transfer`, never one that somebody else made.
    fn find(&self, transfer: TransferId) -> Result<Option<Staging>, SinkError> {
        for name in home_names(transfer) {
            let Ok(home) = self.root.open_dir(&name) else {
                continue;
            };
            if !home.is_private()? || !has_journal(&home) {
                continue;
            }
            if let Some(staging) = Staging::open(self, home, name, transfer)? {
                return Ok(Some(staging));
            }
        }
        Ok(None)
    }

    /// Removes what a crash between the last two steps of a clean-up left: an empty private folder.
    fn remove_emptied(&self, transfer: TransferId) {
        for name in home_names(transfer) {
            let own = self.root.open_dir(&name).and_then(|home| home.is_private());
            if own.unwrap_or(false) {
                let _unless_it_holds_something = self.root.remove_dir(&name);
            }
        }
    }
}

/// The names that the private folder of `transfer` may have: the first that no other transfer has.
fn home_names(transfer: TransferId) -> impl Iterator<Item = String> {
    let mut short = transfer.to_string();
    short.truncate(8);
    (1..=HOME_NAMES).map(move |number| match number {
        1 => format!(".wherry-{short}.partial"),
        _ => format!(".wherry-{short}-{number}.partial"),
    })
}

fn has_journal(home: &Dir) -> bool {
    home.stat(OsStr::new(JOURNAL)).is_ok()
}

fn platform_rules() -> NameRules {
    if cfg!(windows) {
        NameRules::Windows
    } else {
        NameRules::Universal
    }
}

/// Transfers whose ids begin alike are rare unless a sender wants them: a few names are enough.
const HOME_NAMES: u32 = 8;
const JOURNAL: &str = "journal";
const MANIFEST: &str = "manifest";
const TREE: &str = "tree";
