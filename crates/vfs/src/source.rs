//! Files and folders to send: found once in a fixed order, then read in chunks at any offset.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::limits::OPEN_FILES_PER_PEER;
use model::{Entry, Name, NameError, RelPath};

use crate::lru::Lru;
use crate::platform::{self, Dir, NodeKind};
use crate::sink::numbered;

mod file;
mod listing;
mod walk;

pub use file::{ChunkData, SourceAttributes, SourceFile};
pub use walk::{ScanError, ScanTotals, SkipReason, Skipped};

/// Why something cannot be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No path was given.
    #[error("nothing to send")]
    Nothing,
    /// There is no such file or folder.
    #[error("{} does not exist", path.display())]
    NotFound {
        /// As it was given.
        path: PathBuf,
    },
    /// It may not be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// As it was given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Neither file nor folder.
    #[error("{} is neither a file nor a folder", path.display())]
    NotSendable {
        /// As it was given.
        path: PathBuf,
    },
    /// The root of a file system has no name.
    #[error("{} has no name to send it under", path.display())]
    NoName {
        /// As it was given.
        path: PathBuf,
    },
    /// Its name is no text.
    #[error("the name of {} is not valid Unicode", path.display())]
    NotUnicode {
        /// As it was given.
        path: PathBuf,
    },
    /// Its name would not be taken by a receiver.
    #[error("{} cannot be sent: {reason}", path.display())]
    Unportable {
        /// As it was given.
        path: PathBuf,
        /// What is wrong with the name.
        reason: NameError,
    },
}

/// Why a file that was found cannot be read (any more).
#[derive(Debug, thiserror::Error)]
pub enum ReadFailure {
    /// It is no longer there, or a folder above it is none any more.
    #[error("the file is gone")]
    Gone,
    /// A folder has its name now.
    #[error("the file became a folder")]
    BecameFolder,
    /// A link, device, socket or pipe has its name now.
    #[error("the file became something else")]
    NotAFile,
    /// The user may not read it.
    #[error("the file may not be read")]
    Unreadable,
    /// It gave fewer bytes than its size promises.
    #[error("the file is shorter than it says")]
    Truncated,
    /// The disk failed.
    #[error("the file could not be read: {0}")]
    Io(#[source] io::Error),
}

impl From<io::Error> for ReadFailure {
    fn from(error: io::Error) -> Self {
        if platform::is_link_refusal(&error) {
            return Self::NotAFile;
        }
        let kind = error.kind();
        if kind == io::ErrorKind::NotFound || kind == io::ErrorKind::NotADirectory {
            return Self::Gone;
        }
        if kind == io::ErrorKind::PermissionDenied {
            return Self::Unreadable;
        }
        Self::Io(error)
    }
}

/// What is sent: one or more files and folders, each named by the last component of its path.
#[derive(Debug)]
pub struct Source {
    roots: Vec<Root>,
    folders: Lru<RelPath, Arc<Dir>>,
    files: Lru<RelPath, SourceFile>,
}

impl Source {
    /// Looks at `paths`; a link among them is followed, for the user named it.
    ///
    /// Two with the same last component (or names that some disk takes for the same) become `name` and
    /// `name (2)`.
    pub fn open(paths: &[PathBuf]) -> Result<Self, SourceError> {
        if paths.is_empty() {
            return Err(SourceError::Nothing);
        }
        let mut roots = paths
            .iter()
            .map(|path| Root::open(path))
            .collect::<Result<Vec<_>, _>>()?;
        roots.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.path.cmp(&b.path)));
        roots.dedup_by(|a, b| a.path == b.path && a.name == b.name);
        tell_apart(&mut roots);
        roots.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self {
            roots,
            folders: Lru::new(OPEN_FOLDERS),
            files: Lru::new(OPEN_FILES_PER_PEER - OPEN_FOLDERS),
        })
    }

    /// The outermost names, in the order of the scan.
    pub fn root_names(&self) -> Vec<&Name> {
        self.roots.iter().map(|root| &root.name).collect()
    }

    /// Finds everything, each folder before what is in it, names in the order of their bytes.
    ///
    /// Two scans of the same tree agree. Links are never followed. What cannot be sent goes to `skipped`;
    /// an error of `found` ends the scan.
    pub fn scan(
        &self,
        found: &mut dyn FnMut(Entry) -> io::Result<()>,
        skipped: &mut dyn FnMut(Skipped),
    ) -> Result<ScanTotals, ScanError> {
        walk::Walk::new(found, skipped).run(&self.roots)
    }

    /// Opens a file that the scan found; the latest stay open.
    pub fn open_entry(&mut self, path: &RelPath) -> Result<SourceFile, ReadFailure> {
        if let Some(file) = self.files.find(|other| other == path) {
            return Ok(file.clone());
        }
        let file = SourceFile::new(self.open_file(path)?)?;
        self.files.insert(path.clone(), file.clone());
        Ok(file)
    }

    /// Forgets an open file, so that the next read finds what has its name then.
    pub fn close_entry(&mut self, path: &RelPath) {
        self.files.remove(path);
    }

    fn open_file(&mut self, path: &RelPath) -> Result<File, ReadFailure> {
        let root = self
            .roots
            .iter()
            .position(|root| root.name == *path.top())
            .ok_or(ReadFailure::Gone)?;
        let Some(parent) = path.parent() else {
            return Ok(self.roots[root].open_file()?);
        };
        let folder = self.folder(root, parent)?;
        Ok(folder.open_file(path.file_name().as_str())?)
    }

    fn folder(&mut self, root: usize, path: RelPath) -> Result<Arc<Dir>, ReadFailure> {
        if let Some(folder) = self.folders.find(|other| *other == path) {
            return Ok(Arc::clone(folder));
        }
        let top = Dir::open_ambient(&self.roots[root].path)?;
        let folder = match path.names() {
            [] | [_] => top,
            [_, below @ ..] => top.open_dir(&platform::joined(below))?,
        };
        let folder = Arc::new(folder);
        self.folders.insert(path, Arc::clone(&folder));
        Ok(folder)
    }
}

/// One path that the user named, made absolute and free of links.
#[derive(Debug)]
struct Root {
    name: Name,
    path: PathBuf,
    is_folder: bool,
}

impl Root {
    fn open(given: &Path) -> Result<Self, SourceError> {
        let path = given
            .canonicalize()
            .map_err(|error| refusal(given, error))?;
        let stat = platform::ambient_stat(&path).map_err(|error| refusal(given, error))?;
        match stat.kind {
            NodeKind::File | NodeKind::Folder => {}
            NodeKind::Link | NodeKind::Special => {
                return Err(SourceError::NotSendable { path: given.into() });
            }
        }
        let name = given.file_name().or_else(|| path.file_name());
        let name = name.ok_or_else(|| SourceError::NoName { path: given.into() })?;
        let text = name
            .to_str()
            .ok_or_else(|| SourceError::NotUnicode { path: given.into() })?;
        let name = Name::parse(text).map_err(|reason| SourceError::Unportable {
            path: given.into(),
            reason,
        })?;
        let is_folder = stat.kind == NodeKind::Folder;
        Ok(Self {
            name,
            path,
            is_folder,
        })
    }

    fn open_file(&self) -> io::Result<File> {
        platform::open_ambient_file(&self.path)
    }
}

fn refusal(path: &Path, source: io::Error) -> SourceError {
    let path = path.into();
    if source.kind() == io::ErrorKind::NotFound {
        SourceError::NotFound { path }
    } else {
        SourceError::Unreadable { path, source }
    }
}

fn tell_apart(roots: &mut [Root]) {
    let mut taken = HashSet::new();
    for root in roots {
        let mut number = 1;
        let mut name = root.name.clone();
        while !taken.insert(name.collision_key()) {
            number += 1;
            name = numbered(&root.name, number, root.is_folder);
        }
        root.name = name;
    }
}

/// Of the handles that a peer may keep open, those for folders.
const OPEN_FOLDERS: usize = 16;

#[cfg(test)]
#[cfg(unix)]
mod tests;
