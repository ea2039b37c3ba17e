//! What becomes of names that are taken, where both are not simply kept: folders become one, equal files
//! stay as they are, and an older file steps aside for a newer one.
//!
//! Every step is a rename that replaces nothing, so a crash between any two leaves each file under one
//! of its names, and doing it again goes on with what is still staged.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use model::{EntryKind, Existing, Name, RelPath};

use super::commit::{CommitError, NUMBERS_TRIED, Placement, is_free};
use super::names::remarked;
use super::numbered;
use super::staging::Staging;
use crate::failpoint::{self, Point};
use crate::platform::{self, Dir, NodeKind, joined, read_chunk};

/// A name that was taken by something else than what arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// What arrived, as the sender called it.
    pub path: RelPath,
    /// What became of the two.
    pub outcome: ClashOutcome,
}

/// What became of two things with one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClashOutcome {
    /// Both are there; what arrived has this name.
    KeptBoth(Name),
    /// What arrived has the name; the older one has this name now.
    Replaced(Name),
}

/// How many clashes are told: a person reads no more.
pub const CLASHES_TOLD: usize = 100;

/// What was found while everything was put in place.
#[derive(Debug, Default)]
pub(super) struct Clashes {
    pub(super) unchanged: u64,
    pub(super) told: Vec<Clash>,
    /// Folders that are there already: what is staged in them goes there one by one.
    merging: BTreeSet<RelPath>,
}

impl Clashes {
    /// Notes a top-level entry that got a number.
    pub(super) fn note_numbered(&mut self, done: &Placement) {
        if done.staged != done.placed {
            let path = RelPath::of_name(done.staged.clone());
            self.note(&path, ClashOutcome::KeptBoth(done.placed.clone()));
        }
    }

    fn note(&mut self, path: &RelPath, outcome: ClashOutcome) {
        if self.told.len() < CLASHES_TOLD {
            let path = path.clone();
            self.told.push(Clash { path, outcome });
        }
    }
}

/// Where one staged entry is and where it goes.
struct Step<'a> {
    from: &'a Dir,
    to: &'a Dir,
    path: &'a RelPath,
    is_folder: bool,
}

impl Staging {
    /// Whether a top-level entry gets its own name although that may be taken.
    pub(super) fn takes_name(&self, name: &Name, is_folder: bool) -> io::Result<bool> {
        match self.seeds.existing {
            Existing::KeepBoth => Ok(false),
            Existing::Replace => Ok(true),
            Existing::Skip => {
                let path = RelPath::of_name(name.clone());
                let (from, to) = (self.tree.top(), &*self.home.root);
                if is_free(to, name)? {
                    return Ok(true);
                }
                Step {
                    from,
                    to,
                    path: &path,
                    is_folder,
                }
                .is_same_or_folder()
            }
        }
    }

    /// Puts a top-level entry in place under its own name.
    pub(super) fn settle_top(
        &self,
        name: &Name,
        is_folder: bool,
        clashes: &mut Clashes,
    ) -> Result<(), CommitError> {
        let step = Step {
            from: self.tree.top(),
            to: &self.home.root,
            path: &RelPath::of_name(name.clone()),
            is_folder,
        };
        step.settle(self.seeds.existing, clashes)
    }

    /// Moves what is staged in folders that were there already, then removes the emptied ones.
    pub(super) fn merge_folders(&mut self, clashes: &mut Clashes) -> Result<(), CommitError> {
        if clashes.merging.is_empty() {
            return Ok(());
        }
        for page in 0..self.pages() {
            for entry in self.manifest.page(page)? {
                let Some(parent) = entry.path.parent() else {
                    continue;
                };
                if !clashes.merging.contains(&parent) {
                    continue;
                }
                let from = self.tree.folder(&parent)?;
                if is_free(&from, entry.path.file_name())? {
                    continue; // Dropped, or in place since an earlier try.
                }
                let step = Step {
                    from: &from,
                    to: &self.home.root.open_dir(&joined(parent.names()))?,
                    path: &entry.path,
                    is_folder: entry.kind == EntryKind::Directory,
                };
                step.settle(self.seeds.existing, clashes)?;
            }
        }
        self.tree.close_all();
        for path in clashes.merging.iter().rev() {
            self.home.root.open_dir(&joined(path.names()))?.sync()?;
            // What a stranger put there stays, and so does its folder.
            let _unless_it_holds_something = self.tree.remove_folder(path);
        }
        Ok(())
    }
}

impl Step<'_> {
    fn name(&self) -> &str {
        self.path.file_name().as_str()
    }

    /// Puts the entry in place; whatever has its name stays, under that name or another one.
    fn settle(&self, existing: Existing, clashes: &mut Clashes) -> Result<(), CommitError> {
        for _ in 0..TRIES {
            failpoint::pass(Point::Rename);
            match self.from.rename_new(self.name(), self.to, self.name()) {
                Ok(()) => {
                    failpoint::pass(Point::Rename);
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
            if self.is_same_or_folder()? {
                return Ok(self.leave(clashes)?);
            }
            if existing == Existing::Replace {
                self.set_aside(clashes)?;
            } else {
                return self.place_numbered(clashes);
            }
        }
        Err(self.no_free_name())
    }

    /// Whether nothing is in the way: a file of the same content, or two folders.
    fn is_same_or_folder(&self) -> io::Result<bool> {
        let there = match self.to.stat(OsStr::new(self.name())) {
            Ok(there) => there.kind,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        match (self.is_folder, there) {
            (true, NodeKind::Folder) => Ok(true),
            (false, NodeKind::File) => {
                let staged = self.from.open_file(self.name())?;
                let Ok(there) = self.to.open_file(self.name()) else {
                    return Ok(false);
                };
                is_same_content(&staged, &there)
            }
            (true, NodeKind::File)
            | (false, NodeKind::Folder)
            | (_, NodeKind::Link | NodeKind::Special) => Ok(false),
        }
    }

    fn leave(&self, clashes: &mut Clashes) -> io::Result<()> {
        if self.is_folder {
            clashes.merging.insert(self.path.clone());
            return Ok(());
        }
        clashes.unchanged += 1;
        self.from.remove_file(self.name())
    }

    fn place_numbered(&self, clashes: &mut Clashes) -> Result<(), CommitError> {
        for number in 2..=NUMBERS_TRIED {
            let name = numbered(self.path.file_name(), number, self.is_folder);
            match self.from.rename_new(self.name(), self.to, name.as_str()) {
                Ok(()) => {
                    clashes.note(self.path, ClashOutcome::KeptBoth(name));
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(self.no_free_name())
    }

    /// Gives what has the name a dated one in the same folder.
    fn set_aside(&self, clashes: &mut Clashes) -> Result<(), CommitError> {
        let is_folder = match self.to.stat(OsStr::new(self.name())) {
            Ok(there) => there.kind == NodeKind::Folder,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let remark = format!("replaced {}", date(SystemTime::now()));
        let dated = remarked(self.path.file_name(), &remark, is_folder);
        let mut name = dated.clone();
        for number in 2..=NUMBERS_TRIED {
            match self.to.rename_new(self.name(), self.to, name.as_str()) {
                Ok(()) => {
                    clashes.note(self.path, ClashOutcome::Replaced(name));
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    name = numbered(&dated, number, is_folder);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Err(self.no_free_name())
    }

    fn no_free_name(&self) -> CommitError {
        let name = self.path.file_name().clone();
        CommitError::NoFreeName { name }
    }
}

/// Compares byte by byte: nothing is taken for the same because of its size or time.
fn is_same_content(one: &File, other: &File) -> io::Result<bool> {
    let size_bytes = platform::stat(one)?.size_bytes;
    if platform::stat(other)?.size_bytes != size_bytes {
        return Ok(false);
    }
    let mut offset = 0;
    while offset < size_bytes {
        let bytes = read_chunk(one, offset, PIECE_BYTES)?;
        if bytes.is_empty() || bytes != read_chunk(other, offset, PIECE_BYTES)? {
            return Ok(false);
        }
        offset += bytes.len() as u64;
    }
    Ok(true)
}

/// The day in UTC, like `2026-11-22`.
fn date(now: SystemTime) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut day = seconds / 86_400;
    let mut year = 1970;
    while day >= days_of(year) {
        day -= days_of(year);
        year += 1;
    }
    let mut months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    months[1] += days_of(year) - 365;
    let mut month = 1;
    for days in months {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", day + 1)
}

fn days_of(year: u64) -> u64 {
    let is_leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    365 + u64::from(is_leap)
}

/// How often a name may be taken again while it is being made free.
const TRIES: u32 = 64;
/// Compared at once.
const PIECE_BYTES: u32 = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn days_are_told_as_the_calendar_has_them() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_709_164_800, "2024-02-29"),
            (1_709_251_200, "2024-03-01"),
            (1_798_761_599, "2026-12-31"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(date(UNIX_EPOCH + Duration::from_secs(seconds)), day);
        }
    }
}
