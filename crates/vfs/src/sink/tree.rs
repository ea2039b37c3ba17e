use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::sync::Arc;

use model::limits::OPEN_FILES_PER_PEER;
use model::{RelPath, Timestamp};

use super::TREE;
use crate::lru::Lru;
use crate::platform::{self, Dir, NodeKind, Privacy, RawMode, joined};

/// The staged entries: everything below `tree/`, reached through open handles only.
#[derive(Debug)]
pub(super) struct Tree {
    top: Arc<Dir>,
    mask_left: RawMode,
    marks: bool,
    folders: Lru<RelPath, Arc<Dir>>,
    files: Lru<u32, File>,
}

impl Tree {
    /// Makes `tree/` below `home`, or opens it again.
    pub(super) fn open(home: &Dir) -> io::Result<Self> {
        unless_there(home.create_dir(TREE, Privacy::Shared))?;
        let top = home.open_dir(TREE)?;
        Ok(Self {
            mask_left: top.mask_left()?,
            marks: platform::QUARANTINES && home.keeps_marks(),
            top: Arc::new(top),
            folders: Lru::new(OPEN_FOLDERS),
            files: Lru::new(OPEN_FILES_PER_PEER - OPEN_FOLDERS),
        })
    }

    /// The folder that holds the top-level entries.
    pub(super) fn top(&self) -> &Dir {
        &self.top
    }

    /// Makes a folder, unless it is there.
    pub(super) fn create_folder(&mut self, path: &RelPath) -> io::Result<()> {
        let parent = self.parent(path)?;
        let name = path.file_name().as_str();
        unless_there(parent.create_dir(name, Privacy::Shared))?;
        match parent.stat(OsStr::new(name))?.kind {
            NodeKind::Folder => Ok(()),
            NodeKind::File | NodeKind::Link | NodeKind::Special => {
                Err(io::ErrorKind::AlreadyExists.into())
            }
        }
    }

    /// The file of `entry`, open for writing; made if it is not there.
    pub(super) fn writable(
        &mut self,
        entry: u32,
        path: &RelPath,
        executable: bool,
    ) -> io::Result<&File> {
        if self.files.find(|&other| other == entry).is_none() {
            let parent = self.parent(path)?;
            let name = path.file_name().as_str();
            let file = match parent.create_file(name, executable) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    own_file(parent.open_file_writable(name)?)?
                }
                made => made?,
            };
            self.files.insert(entry, file);
        }
        let file = self.files.find(|&other| other == entry);
        Ok(file.expect("it was found or just inserted"))
    }

    /// Opens a staged file for reading.
    pub(super) fn readable(&mut self, path: &RelPath) -> io::Result<File> {
        let parent = self.parent(path)?;
        own_file(parent.open_file(path.file_name().as_str())?)
    }

    /// Writes a staged file to the disk.
    pub(super) fn sync(&mut self, path: &RelPath) -> io::Result<()> {
        let parent = self.parent(path)?;
        own_file(parent.open_file_to_sync(path.file_name().as_str())?)?.sync_all()
    }

    /// Opens a staged folder.
    pub(super) fn folder(&mut self, path: &RelPath) -> io::Result<Arc<Dir>> {
        if let Some(folder) = self.folders.find(|other| other == path) {
            return Ok(Arc::clone(folder));
        }
        let folder = Arc::new(self.top.open_dir(&joined(path.names()))?);
        self.folders.insert(path.clone(), Arc::clone(&folder));
        Ok(folder)
    }

    /// Gives a whole file its size, rights, mark and time, and closes it.
    pub(super) fn finish(
        &mut self,
        entry: u32,
        path: &RelPath,
        (size_bytes, executable, modified): (u64, bool, Option<Timestamp>),
    ) -> io::Result<()> {
        let mask_left = self.mask_left;
        let file = self.writable(entry, path, executable)?;
        let stat = platform::stat(file)?;
        if stat.size_bytes != size_bytes {
            file.set_len(size_bytes)?;
        }
        if stat.executable != executable {
            platform::set_executable(file, executable, mask_left)?;
        }
        platform::note_origin(file);
        if self.marks {
            self.parent(path)?.quarantine(path.file_name().as_str());
        }
        if let Some(modified) = modified {
            let file = self.writable(entry, path, executable)?;
            platform::set_modified(file, modified)?;
        }
        self.close(entry);
        Ok(())
    }

    /// Closes the file of `entry`.
    pub(super) fn close(&mut self, entry: u32) {
        self.files.remove(&entry);
    }

    /// Closes everything.
    pub(super) fn close_all(&mut self) {
        self.files.clear();
        self.folders.clear();
    }

    /// Removes a file; whatever else has its name stays.
    pub(super) fn remove_file(&mut self, path: &RelPath) -> io::Result<()> {
        let parent = self.parent(path)?;
        let name = path.file_name().as_str();
        match parent.stat(OsStr::new(name))?.kind {
            NodeKind::File => parent.remove_file(name),
            NodeKind::Folder | NodeKind::Link | NodeKind::Special => Ok(()),
        }
    }

    /// Removes a folder if nothing is in it.
    pub(super) fn remove_folder(&mut self, path: &RelPath) -> io::Result<()> {
        self.folders.remove(path);
        let parent = self.parent(path)?;
        parent.remove_dir(path.file_name().as_str())
    }

    fn parent(&mut self, path: &RelPath) -> io::Result<Arc<Dir>> {
        match path.parent() {
            Some(parent) => self.folder(&parent),
            None => Ok(Arc::clone(&self.top)),
        }
    }
}

/// Takes a file for ours only if it is a regular file without a second name elsewhere.
fn own_file(file: File) -> io::Result<File> {
    let stat = platform::stat(&file)?;
    if stat.kind == NodeKind::File && stat.is_only_name {
        Ok(file)
    } else {
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

fn unless_there(made: io::Result<()>) -> io::Result<()> {
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// Of the handles that a peer may keep open, those for folders.
const OPEN_FOLDERS: usize = 16;
