//! Changes of the disk that the machine asks for.

use std::io;

use api::FolderNote;
use model::{Digest, RelPath};
use sync_proto::{Deed, FileState, FolderInput, FolderPath, Keep, Outcome, Source, State, Task};
use vfs::failpoint::{self, Point};
use vfs::shared_folder::{self as shared, Change, ChangeError, Expected, FileStat, Found};

use super::scanning::{Hashed, as_told, is_as_seen, is_young};
use super::seen::Item;
use super::{Disk, rel};
use crate::clock;

impl Disk {
    /// Does tasks one after the other; what they changed is durable before they are told as done.
    pub(super) fn apply_all(&mut self, tasks: &mut Vec<Task>) {
        if tasks.is_empty() {
            return;
        }
        let tasks = std::mem::take(tasks);
        let staged: Vec<Digest> = tasks.iter().filter_map(staged_file).collect();
        if let Err(error) = self.shared.flush(&staged) {
            tracing::warn!(%error, "files of a folder could not be written to the disk");
        }
        let mut done: Vec<(FolderPath, Outcome)> = Vec::new();
        for task in tasks {
            let outcome = self.apply(&task);
            done.push((task.path, outcome));
        }
        let paths: Vec<RelPath> = done.iter().map(|(path, _)| rel(path)).collect();
        if let Err(error) = self.shared.settle(&paths.iter().collect::<Vec<_>>()) {
            tracing::warn!(%error, "names of a folder could not be written to the disk");
        }
        failpoint::pass(Point::FolderKeep);
        for (path, outcome) in done {
            self.input(FolderInput::Applied { path, outcome });
        }
    }

    fn apply(&mut self, task: &Task) -> Outcome {
        match self.try_apply(task) {
            Ok(()) => {
                self.settle(|note| matches!(note, FolderNote::DiskFull));
                Outcome::Done
            }
            Err(NotDone::Lost) => Outcome::Lost,
            Err(NotDone::Refused(ChangeError::Stale)) => Outcome::Stale,
            Err(NotDone::Refused(ChangeError::NotEmpty)) => Outcome::NotEmpty,
            Err(NotDone::Refused(ChangeError::Unholdable)) => Outcome::Unholdable,
            Err(NotDone::Refused(ChangeError::Io(error))) => {
                tracing::debug!(%error, "a change of a folder failed");
                if error.kind() == io::ErrorKind::StorageFull {
                    self.note(FolderNote::DiskFull);
                }
                Outcome::Failed
            }
        }
    }

    fn try_apply(&mut self, task: &Task) -> Result<(), NotDone> {
        let path = rel(&task.path);
        let expected = self.expected(&task.path, &task.expected)?;
        let old = task.expected.file().map(|file| file.digest);
        let copy = match &task.keep {
            Keep::Copy(copy) => Some(rel(copy)),
            Keep::Version | Keep::Nothing => None,
        };
        let keep = match (&task.keep, &old, &copy) {
            (Keep::Version, Some(old), _) => shared::Keep::Version(old),
            (Keep::Copy(_), _, Some(copy)) => shared::Keep::Copy(copy),
            (Keep::Version | Keep::Copy(_) | Keep::Nothing, _, _) => shared::Keep::Nothing,
        };
        let mut from = None;
        let deed = match &task.deed {
            Deed::Remove => shared::Deed::Remove,
            Deed::MakeDirectory => shared::Deed::MakeFolder,
            Deed::Place { file, source } => {
                if let Source::Move(path) = source {
                    from = Some((rel(path), self.unchanged(path, file)?));
                }
                let source = match (source, &from) {
                    (Source::Move(_), Some((path, stat))) => shared::Source::Move(path, *stat),
                    (Source::Here, _) => shared::Source::Here,
                    (source, _) => {
                        self.make_ready(file, source)?;
                        shared::Source::Staged(&file.digest)
                    }
                };
                shared::Deed::Place {
                    source,
                    modified: file.modified,
                    executable: file.executable,
                }
            }
        };
        let found = self.shared.change(&Change {
            path: &path,
            expected,
            keep,
            deed,
            now_ms: clock::milliseconds(),
        })?;
        self.note_change(task, found);
        Ok(())
    }

    /// What was changed is as it was asked: nothing of it is news.
    fn note_change(&mut self, task: &Task, found: Found) {
        for below in self.seen.tree(&task.path) {
            self.note_seen(&below, None);
        }
        if let Keep::Copy(copy) = &task.keep
            && let Some(old) = task.expected.file()
            && let Ok(Found::File(stat)) = self.shared.look(&rel(copy))
        {
            self.note_file(copy, stat, old.digest, old.executable);
        }
        match (&task.deed, found) {
            (Deed::Remove, _) => {}
            (Deed::MakeDirectory, _) => self.note_seen(&task.path, Some(Item::Directory)),
            (Deed::Place { file, source }, Found::File(stat)) => {
                if let Source::Move(from) = source {
                    self.note_seen(from, None);
                }
                self.staged.remove(&file.digest);
                self.note_file(&task.path, stat, file.digest, file.executable);
            }
            // It changed again at once: the next look tells.
            (Deed::Place { .. }, Found::Nothing | Found::Folder | Found::Other) => {}
        }
    }

    fn note_file(
        &mut self,
        path: &FolderPath,
        mut stat: FileStat,
        digest: Digest,
        executable: bool,
    ) {
        if !shared::TELLS_EXECUTABLE {
            stat.executable = executable;
        }
        let item = Item::File {
            stat,
            digest,
            is_young: false,
        };
        self.note_seen(path, Some(item));
    }

    /// What must lie there, as the disk knows it; an error if something else lies there.
    fn expected(&mut self, path: &FolderPath, state: &State) -> Result<Expected, ChangeError> {
        match state {
            State::Deleted => Ok(Expected::Nothing),
            State::Directory => Ok(Expected::Folder),
            State::File(file) => self.unchanged(path, file).map(Expected::File),
        }
    }

    /// The file at `path`, if it has this content.
    fn unchanged(&mut self, path: &FolderPath, file: &FileState) -> Result<FileStat, ChangeError> {
        let found = self.shared.look(&rel(path))?;
        let Found::File(stat) = found else {
            return Err(match found {
                Found::Other => ChangeError::Unholdable,
                Found::Nothing | Found::Folder | Found::File(_) => ChangeError::Stale,
            });
        };
        let seen = self.seen.item(path).copied();
        let (stat, digest) = match seen {
            Some(Item::File { digest, .. }) if is_as_seen(seen.as_ref(), &stat) => (stat, digest),
            Some(_) | None => match self.hash(path) {
                Hashed::As(stat, recipe) => (stat, recipe.digest()),
                Hashed::Later | Hashed::Closed | Hashed::Gone => return Err(ChangeError::Stale),
            },
        };
        let told = as_told(stat, seen.as_ref());
        let is_as_executable = !shared::TELLS_EXECUTABLE || told.executable == file.executable;
        let is_it = digest == file.digest && is_as_executable;
        if !is_it {
            return Err(ChangeError::Stale);
        }
        if is_young(&stat) {
            // A change of this moment may not show in its times.
            std::thread::sleep(super::scanning::COARSE);
            return match self.hash(path) {
                Hashed::As(stat, recipe) if recipe.digest() == file.digest => Ok(stat),
                Hashed::As(..) | Hashed::Later | Hashed::Closed | Hashed::Gone => {
                    Err(ChangeError::Stale)
                }
            };
        }
        Ok(stat)
    }

    /// Sees to it that a whole file lies in the staging, ready to be placed.
    fn make_ready(&mut self, file: &FileState, source: &Source) -> Result<(), NotDone> {
        match source {
            Source::Staged => self.find_staged(file),
            Source::Copy(_) | Source::Version => Ok(self.copy_to_staging(file, source)?),
            Source::Move(_) | Source::Here => Ok(()),
        }
    }

    /// What was fetched lies in the staging, or at another path at which it was wanted too.
    fn find_staged(&mut self, file: &FileState) -> Result<(), NotDone> {
        if let Some(staged) = self.staged.get(&file.digest) {
            let is_there = staged.is_whole() && self.shared.has_staged(&file.digest)?;
            return if is_there { Ok(()) } else { Err(NotDone::Lost) };
        }
        if file.size_bytes == 0 {
            self.shared.stage(&file.digest)?;
            return Ok(());
        }
        let same: Vec<FolderPath> = self.seen.holding(&file.digest).cloned().collect();
        for path in same {
            match self.copy_to_staging(file, &Source::Copy(path)) {
                Err(ChangeError::Stale) => {}
                copied => return Ok(copied?),
            }
        }
        Err(NotDone::Lost)
    }

    /// Copies a file whose content is checked on the way.
    fn copy_to_staging(&mut self, file: &FileState, source: &Source) -> Result<(), ChangeError> {
        let opened = match source {
            Source::Copy(from) => self.shared.open_file(&rel(from)),
            Source::Version => self.open_version(file),
            Source::Staged | Source::Move(_) | Source::Here => return Ok(()),
        };
        let opened = opened.map_err(|_| ChangeError::Stale)?;
        self.staged.remove(&file.digest);
        self.shared.unstage(&file.digest)?;
        let staged = self.shared.stage(&file.digest)?;
        let mut chunker = sync_proto::Chunker::new(file.size_bytes);
        let mut offset = 0;
        while offset < file.size_bytes {
            let length = u32::try_from((file.size_bytes - offset).min(BLOCK)).unwrap_or(u32::MAX);
            let block = opened.read(offset, length)?;
            if block.len() < length as usize {
                break;
            }
            staged.write(offset, &block)?;
            chunker.push(&block);
            offset += u64::from(length);
        }
        if offset < file.size_bytes || chunker.finish().digest() != file.digest {
            self.shared.unstage(&file.digest)?;
            return Err(ChangeError::Stale);
        }
        self.shared.flush(&[file.digest])?;
        Ok(())
    }
}

/// Why a task was not done.
enum NotDone {
    /// The bytes that were to be placed are not there.
    Lost,
    Refused(ChangeError),
}

impl<E: Into<ChangeError>> From<E> for NotDone {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

fn staged_file(task: &Task) -> Option<Digest> {
    match &task.deed {
        Deed::Place {
            file,
            source: Source::Staged,
        } => Some(file.digest),
        Deed::Place { .. } | Deed::Remove | Deed::MakeDirectory => None,
    }
}

/// Copied at once.
const BLOCK: u64 = 1024 * 1024;
