use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::sync::Arc;

use model::{Name, RelPath};

use super::{FileStat, OWN_STORAGE, SharedFolder, is_nothing};
use crate::platform::{self, Dir, NodeKind, Stat, joined};
use crate::sink::is_reserved;
use crate::source::SkipReason;

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// A folder.
    Folder,
    /// A file.
    File(FileStat),
    /// A link, or a device: what is not shared.
    Other,
}

/// What a walk comes by.
#[derive(Debug)]
pub enum Visited {
    /// A folder, before what is in it.
    Folder(RelPath),
    /// A file.
    File(RelPath, FileStat),
    /// Something that is not shared.
    Skipped {
        /// Where, escaped for people.
        path: String,
        /// Why.
        reason: SkipReason,
    },
    /// A folder that may not be read: nothing is known of what is in it.
    Closed(RelPath),
}

/// A file that is read. Clones share it.
#[derive(Debug, Clone)]
pub struct OpenFile {
    file: Arc<File>,
}

impl OpenFile {
    pub(super) fn new(file: File) -> Self {
        platform::expect_sequential(&file);
        Self {
            file: Arc::new(file),
        }
    }

    /// What it is now.
    pub fn stat(&self) -> io::Result<FileStat> {
        platform::stat(&self.file).map(|stat| FileStat::of(&stat))
    }

    /// Reads exactly what is there of `length` bytes at `offset`: fewer only at its end.
    pub fn read(&self, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        platform::read_chunk(&self.file, offset, length)
    }
}

impl SharedFolder {
    /// Tells what lies at `path`.
    pub fn look(&self, path: &RelPath) -> io::Result<Found> {
        match self.beside(path, look_in) {
            Err(error) if is_nothing(&error) => Ok(Found::Nothing),
            found => found,
        }
    }

    /// Opens the file at `path`.
    pub fn open_file(&self, path: &RelPath) -> io::Result<OpenFile> {
        let file = self.top.open_file(&joined(path.names()))?;
        match platform::stat(&file)?.kind {
            NodeKind::File => Ok(OpenFile::new(file)),
            NodeKind::Folder | NodeKind::Link | NodeKind::Special => {
                Err(io::ErrorKind::NotFound.into())
            }
        }
    }

    /// Visits everything in `folder`, or in all; `visit` says of a folder whether to go into it.
    pub fn walk(
        &self,
        folder: Option<&RelPath>,
        visit: &mut dyn FnMut(Visited) -> bool,
    ) -> io::Result<()> {
        let mut left: Vec<Option<RelPath>> = vec![folder.cloned()];
        while let Some(folder) = left.pop() {
            let listed = match &folder {
                Some(path) => {
                    let opened = self.top.open_dir(&joined(path.names()));
                    opened.and_then(|dir| list(&dir, Some(path), visit))
                }
                None => list(&self.top, None, visit),
            };
            match (listed, folder) {
                (Ok(folders), _) => left.extend(folders.into_iter().rev().map(Some)),
                (Err(error), _) if is_nothing(&error) => {}
                (Err(_), Some(path)) => {
                    visit(Visited::Closed(path));
                }
                (Err(error), None) => return Err(error),
            }
        }
        Ok(())
    }
}

pub(super) fn look_in(dir: &Dir, name: &str) -> io::Result<Found> {
    dir.stat(OsStr::new(name)).map(|stat| found(&stat))
}

fn found(stat: &Stat) -> Found {
    match stat.kind {
        NodeKind::File => Found::File(FileStat::of(stat)),
        NodeKind::Folder => Found::Folder,
        NodeKind::Link | NodeKind::Special => Found::Other,
    }
}

/// Visits what is in one folder, and returns the folders to go into.
fn list(
    dir: &Dir,
    folder: Option<&RelPath>,
    visit: &mut dyn FnMut(Visited) -> bool,
) -> io::Result<Vec<RelPath>> {
    let mut names = Vec::new();
    dir.list(&mut |name| {
        names.push(name.to_owned());
        Ok(())
    })?;
    names.sort();
    let mut folders = Vec::new();
    for name in names {
        let path = match path_of(folder, &name) {
            Ok(Some(path)) => path,
            Ok(None) => continue,
            Err(reason) => {
                let path = model::DisplayName::new(&name.to_string_lossy()).to_string();
                visit(Visited::Skipped { path, reason });
                continue;
            }
        };
        let Ok(stat) = dir.stat(&name) else {
            continue; // It went away meanwhile.
        };
        match found(&stat) {
            Found::File(stat) => {
                visit(Visited::File(path, stat));
            }
            Found::Folder => {
                if visit(Visited::Folder(path.clone())) {
                    folders.push(path);
                }
            }
            Found::Other => {
                let reason = match stat.kind {
                    NodeKind::Link => SkipReason::Link,
                    NodeKind::File | NodeKind::Folder | NodeKind::Special => SkipReason::Special,
                };
                let path = path.to_string();
                visit(Visited::Skipped { path, reason });
            }
            Found::Nothing => {}
        }
    }
    Ok(folders)
}

/// The path of a name in a folder; `None` for what is Wherry's own.
fn path_of(folder: Option<&RelPath>, name: &OsStr) -> Result<Option<RelPath>, SkipReason> {
    let text = name.to_str().ok_or(SkipReason::NotUnicode)?;
    let name = Name::parse(text).map_err(SkipReason::Unportable)?;
    if is_reserved(&name) || folder.is_none() && name.collision_key() == OWN_STORAGE {
        return Ok(None);
    }
    match folder {
        Some(folder) => folder.join(name).map_err(|_| SkipReason::PathTooLong),
        None => Ok(RelPath::of_name(name)),
    }
    .map(Some)
}
