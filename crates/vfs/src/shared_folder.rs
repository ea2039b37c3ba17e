//! A folder that several devices share: what lies in it, and how something else gets there.
//!
//! Its own storage stands at the top of it, for its owner only: `staging` holds files that are not whole, `placing` what is about
//! to change its place, `versions` what was replaced or deleted. A file is made ready in `placing` and then exchanged
//! with what lies at its path, in one step; what lay there is looked at once more before it goes on to the versions.
//! So nothing is lost if a person saves at the same moment, or if the process ends: what is found in `placing` at the next start
//! goes to the versions.

mod changing;
mod looking;
mod opening;
mod staging;
mod versions;

use std::io;

use model::{RelPath, Timestamp};

use crate::platform::{Dir, RawMode, Stat, joined};

pub use changing::{Change, ChangeError, Deed, Expected, Keep, Source};
pub use looking::{Found, OpenFile, Visited};
pub use opening::SharedFolderError;
pub use staging::StagedFile;
pub use versions::KeptFile;

/// The name of the own storage: see [`SharedFolder`].
pub const OWN_STORAGE: &str = ".wherry";

/// Whether this system tells which files may be executed.
pub const TELLS_EXECUTABLE: bool = crate::platform::HAS_EXECUTABLE_BIT;

/// A shared folder on this disk.
#[derive(Debug)]
pub struct SharedFolder {
    top: Dir,
    own: Dir,
    staging: Dir,
    placing: Dir,
    versions: Dir,
    mask_left: RawMode,
}

/// What a file is at one moment: another content has another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStat {
    /// Its size.
    pub size_bytes: u64,
    /// When its content was last changed.
    pub modified: Timestamp,
    /// When anything about it was last changed, its name included.
    pub changed: Timestamp,
    /// Tells it from other files, where the system does.
    pub file_number: u64,
    /// Whether its owner may execute it.
    pub executable: bool,
}

impl FileStat {
    fn of(stat: &Stat) -> Self {
        Self {
            size_bytes: stat.size_bytes,
            modified: stat.modified,
            changed: stat.changed,
            file_number: stat.file_number,
            executable: stat.executable,
        }
    }

    /// Whether it is still that content; a change of its name does not count.
    fn is_same_content(&self, other: &Self) -> bool {
        self.size_bytes == other.size_bytes
            && self.modified == other.modified
            && self.file_number == other.file_number
    }
}

impl SharedFolder {
    /// Does something in the folder that holds `path`, with the name there.
    fn beside<T>(
        &self,
        path: &RelPath,
        act: impl FnOnce(&Dir, &str) -> io::Result<T>,
    ) -> io::Result<T> {
        let name = path.file_name().as_str();
        match path.parent() {
            Some(parent) => act(&self.top.open_dir(&joined(parent.names()))?, name),
            None => act(&self.top, name),
        }
    }
}

/// Whether there is nothing at a path, because of it or of a folder on the way.
fn is_nothing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    ) || crate::platform::is_link_refusal(error)
}

#[cfg(test)]
mod tests;
