use std::io;

use model::{Digest, RelPath, Timestamp};

use super::looking::look_in;
use super::versions::version_name;
use super::{FileStat, Found, SharedFolder, is_nothing};
use crate::failpoint::{self, Point};
use crate::platform::{self, Dir, Privacy};

/// A change of the disk: it happens wholly or not at all.
#[derive(Debug)]
pub struct Change<'a> {
    /// Where.
    pub path: &'a RelPath,
    /// What must lie there.
    pub expected: Expected,
    /// What becomes of a file that lies there.
    pub keep: Keep<'a>,
    /// What is to lie there.
    pub deed: Deed<'a>,
    /// When that is, in milliseconds since 1970: for the names of versions.
    pub now_ms: u64,
}

/// What must lie at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    Nothing,
    /// A folder; an empty one, if it is not to stay.
    Folder,
    /// Exactly this file.
    File(FileStat),
}

/// What becomes of a file that is replaced.
#[derive(Debug, Clone, Copy)]
pub enum Keep<'a> {
    /// It goes to the versions; its digest is this.
    Version(&'a Digest),
    /// It goes to this path, where nothing may lie.
    Copy(&'a RelPath),
    /// It is removed.
    Nothing,
}

/// What is to lie at a path.
#[derive(Debug, Clone, Copy)]
pub enum Deed<'a> {
    /// Nothing.
    Remove,
    /// A folder.
    MakeFolder,
    /// A file.
    Place {
        /// Where its bytes are.
        source: Source<'a>,
        /// When it was last changed.
        modified: Timestamp,
        /// Whether its owner may execute it.
        executable: bool,
    },
}

/// Where the bytes of a file are.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// It is staged, whole and verified.
    Staged(&'a Digest),
    /// It is moved from another path, if it is still this.
    Move(&'a RelPath, FileStat),
    /// It lies there already.
    Here,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// Something else lies there, or its source is not what it was.
    #[error("something else lies there")]
    Stale,
    /// The folder is not empty.
    #[error("the folder is not empty")]
    NotEmpty,
    /// The disk cannot hold the name, or something that is not shared has it.
    #[error("the disk cannot hold this name")]
    Unholdable,
    /// The system refused.
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for ChangeError {
    fn from(error: io::Error) -> Self {
        let unholdable = [io::ErrorKind::InvalidFilename, io::ErrorKind::InvalidInput];
        if unholdable.contains(&error.kind()) {
            return Self::Unholdable;
        }
        Self::Io(error)
    }
}

impl SharedFolder {
    /// Makes a change, and tells what lies there then. Durable after [`SharedFolder::settle`] only.
    pub fn change(&self, change: &Change<'_>) -> Result<Found, ChangeError> {
        let done = self.beside(change.path, |dir, name| {
            Ok(self.change_in(dir, name, change))
        });
        match done {
            Ok(done) => done,
            Err(error) if is_nothing(&error) => Err(ChangeError::Stale),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes changes at these paths durable.
    pub fn settle(&self, paths: &[&RelPath]) -> io::Result<()> {
        if paths.len() > FLUSHED_SINGLY && self.top.sync_file_system()? {
            return Ok(());
        }
        for path in paths {
            match self.beside(path, |dir, _| dir.sync()) {
                Err(error) if !is_nothing(&error) => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Writes what is staged of these files to the disk itself.
    pub fn flush(&self, files: &[Digest]) -> io::Result<()> {
        if files.len() > FLUSHED_SINGLY && self.staging.sync_file_system()? {
            return Ok(());
        }
        for file in files {
            match self.staging.open_file_writable(&file.to_string()) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                file => file?.sync_data()?,
            }
        }
        Ok(())
    }

    fn change_in(&self, dir: &Dir, name: &str, change: &Change<'_>) -> Result<Found, ChangeError> {
        check(dir, name, change.expected)?;
        match change.deed {
            Deed::Remove => self.remove(dir, name, change)?,
            Deed::MakeFolder if change.expected == Expected::Folder => {}
            Deed::Place {
                source: Source::Here,
                modified,
                executable,
            } => self.dress(dir, name, modified, executable)?,
            Deed::MakeFolder | Deed::Place { .. } => {
                let ready = self.prepare(change)?;
                failpoint::pass(Point::FolderPrepare);
                if let Err(error) = self.put(&ready, dir, name, change) {
                    self.take_back(&ready, &change.deed)?;
                    return Err(error);
                }
            }
        }
        Ok(match look_in(dir, name) {
            Err(error) if is_nothing(&error) => Found::Nothing,
            found => found?,
        })
    }

    /// Makes ready in `placing` what is to lie there, and returns its name.
    fn prepare(&self, change: &Change<'_>) -> Result<String, ChangeError> {
        let ready = spare_name(change);
        match change.deed {
            Deed::MakeFolder => self.placing.create_dir(&ready, Privacy::Shared)?,
            Deed::Place {
                source,
                modified,
                executable,
            } => {
                match source {
                    Source::Staged(digest) => {
                        let staged = digest.to_string();
                        let moved = self.staging.rename_new(&staged, &self.placing, &ready);
                        moved.map_err(gone_is_stale)?;
                    }
                    Source::Move(from, stat) => self.fetch(from, &stat, &ready)?,
                    Source::Here => {}
                }
                self.dress(&self.placing, &ready, modified, executable)?;
            }
            Deed::Remove => {}
        }
        Ok(ready)
    }

    /// Moves the file at `from` to `placing`, if it is still `stat`.
    fn fetch(&self, from: &RelPath, stat: &FileStat, ready: &str) -> Result<(), ChangeError> {
        let moved = self.beside(from, |dir, name| {
            if check(dir, name, Expected::File(*stat)).is_err() {
                return Ok(false);
            }
            dir.rename_new(name, &self.placing, ready)?;
            let is_it = matches!(look_in(&self.placing, ready)?, Found::File(there) if there.is_same_content(stat));
            if !is_it {
                self.placing.rename_new(ready, dir, name)?;
            }
            Ok(is_it)
        });
        match moved {
            Ok(true) => Ok(()),
            Ok(false) => Err(ChangeError::Stale),
            Err(error) => Err(gone_is_stale(error)),
        }
    }

    /// Lets what is ready take its place; what lay there is kept as asked.
    fn put(
        &self,
        ready: &str,
        dir: &Dir,
        name: &str,
        change: &Change<'_>,
    ) -> Result<(), ChangeError> {
        if change.expected == Expected::Nothing {
            let placed = self.placing.rename_new(ready, dir, name);
            return placed.map_err(|error| match is_taken(&error) {
                true => taken(dir, name),
                false => error.into(),
            });
        }
        self.exchange(ready, dir, name)?;
        failpoint::pass(Point::FolderExchange);
        let kept = self.keep_old(ready, change);
        if kept.is_err() {
            self.exchange(ready, dir, name)?;
        }
        kept
    }

    fn remove(&self, dir: &Dir, name: &str, change: &Change<'_>) -> Result<(), ChangeError> {
        match change.expected {
            Expected::Nothing => Ok(()),
            Expected::Folder => dir.remove_dir(name).map_err(not_empty),
            Expected::File(_) => {
                let old = spare_name(change);
                dir.rename_new(name, &self.placing, &old)
                    .map_err(gone_is_stale)?;
                failpoint::pass(Point::FolderExchange);
                let kept = self.keep_old(&old, change);
                if kept.is_err() {
                    self.placing.rename_new(&old, dir, name)?;
                }
                kept
            }
        }
    }

    /// Brings what lay there from `placing` to where it is kept, if it is what it should be.
    fn keep_old(&self, old: &str, change: &Change<'_>) -> Result<(), ChangeError> {
        let stat = match (change.expected, look_in(&self.placing, old)?) {
            (Expected::Folder, Found::Folder) => {
                return self.placing.remove_dir(old).map_err(not_empty);
            }
            (Expected::File(stat), Found::File(there)) => stat.is_same_content(&there),
            (Expected::Nothing | Expected::Folder | Expected::File(_), _) => false,
        };
        if !stat {
            return Err(ChangeError::Stale);
        }
        match change.keep {
            Keep::Version(_) => self.keep_version(old, change.path)?,
            Keep::Nothing => self.placing.remove_file(old)?,
            Keep::Copy(copy) => self
                .beside(copy, |dir, name| self.placing.rename_new(old, dir, name))
                .map_err(|error| match is_taken(&error) {
                    true => ChangeError::Stale,
                    false => gone_is_stale(error),
                })?,
        }
        Ok(())
    }

    /// Lets `ready` and what lies at `name` change places.
    fn exchange(&self, ready: &str, dir: &Dir, name: &str) -> io::Result<()> {
        if self.placing.exchange(ready, dir, name)? {
            return Ok(());
        }
        // No call does it at once here: for a moment nothing lies there.
        let spare = format!("{ready}~");
        dir.rename_new(name, &self.placing, &spare)?;
        if let Err(error) = self.placing.rename_new(ready, dir, name) {
            self.placing.rename_new(&spare, dir, name)?;
            return Err(error);
        }
        self.placing.rename_new(&spare, &self.placing, ready)
    }

    /// Brings what was made ready back to where it was.
    fn take_back(&self, ready: &str, deed: &Deed<'_>) -> io::Result<()> {
        match deed {
            Deed::MakeFolder => self.placing.remove_dir(ready),
            Deed::Place { source, .. } => match source {
                Source::Staged(digest) => {
                    let staged = digest.to_string();
                    self.placing.rename_new(ready, &self.staging, &staged)
                }
                Source::Move(from, _) => self.beside(from, |dir, name| {
                    match self.placing.rename_new(ready, dir, name) {
                        // Somebody put another file there: this one goes to the versions.
                        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                            self.keep_version(ready, from)
                        }
                        moved => moved,
                    }
                }),
                Source::Here => Ok(()),
            },
            Deed::Remove => Ok(()),
        }
    }

    /// Gives a file its time and rights.
    fn dress(
        &self,
        dir: &Dir,
        name: &str,
        modified: Timestamp,
        executable: bool,
    ) -> io::Result<()> {
        let file = dir.open_file(name)?;
        if platform::stat(&file)?.executable != executable {
            platform::set_executable(&file, executable, self.mask_left)?;
        }
        platform::set_modified(&file, modified)
    }
}

fn check(dir: &Dir, name: &str, expected: Expected) -> Result<(), ChangeError> {
    let there = match look_in(dir, name) {
        Err(error) if is_nothing(&error) => Found::Nothing,
        found => found?,
    };
    match (expected, there) {
        (Expected::Nothing, Found::Nothing) | (Expected::Folder, Found::Folder) => Ok(()),
        (Expected::File(expected), Found::File(there)) if expected == there => Ok(()),
        (_, Found::Other) => Err(ChangeError::Unholdable),
        (Expected::Nothing | Expected::Folder | Expected::File(_), _) => Err(ChangeError::Stale),
    }
}

/// Nothing was there, and yet the name is taken: by what the disk takes for the same, or by what came just now.
fn taken(dir: &Dir, name: &str) -> ChangeError {
    let mut is_listed = false;
    let listed = dir.list(&mut |other| {
        is_listed |= other == name;
        Ok(())
    });
    match listed {
        Ok(()) if !is_listed => ChangeError::Unholdable,
        Ok(()) => ChangeError::Stale,
        Err(error) => error.into(),
    }
}

fn is_taken(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AlreadyExists
}

fn gone_is_stale(error: io::Error) -> ChangeError {
    match is_nothing(&error) {
        true => ChangeError::Stale,
        false => error.into(),
    }
}

fn not_empty(error: io::Error) -> ChangeError {
    if is_taken(&error) || error.kind() == io::ErrorKind::DirectoryNotEmpty {
        return ChangeError::NotEmpty;
    }
    gone_is_stale(error)
}

/// A name in `placing`, which is that of the version if there is to be one.
fn spare_name(change: &Change<'_>) -> String {
    let digest = match change.keep {
        Keep::Version(digest) => *digest,
        Keep::Copy(_) | Keep::Nothing => Digest([0; 32]),
    };
    version_name(change.path.file_name(), change.now_ms, &digest)
}

/// More files than this are written to the disk by one call for the whole file system.
const FLUSHED_SINGLY: usize = 4;
