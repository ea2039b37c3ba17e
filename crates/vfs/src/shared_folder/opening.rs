use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use model::FolderId;

use super::{OWN_STORAGE, SharedFolder};
use crate::platform::{Dir, NodeKind, Privacy};

/// Why a folder cannot be shared, or not now.
#[derive(Debug, thiserror::Error)]
pub enum SharedFolderError {
    /// It is not there: removed, or on a disk that is not attached.
    #[error("{} is not there", path.display())]
    Gone {
        /// The folder.
        path: PathBuf,
    },
    /// It belongs to another shared folder, or is one of another home.
    #[error("{} is part of another shared folder", path.display())]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// The system refused.
    #[error("{} cannot be used: {source}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl SharedFolder {
    /// Makes the folder `root` a shared one: it, and what it needs, is made if it is missing.
    pub fn found(root: &Path, folder: FolderId) -> Result<Self, SharedFolderError> {
        let fail = failing(root);
        for above in root.ancestors().skip(1) {
            if above.join(OWN_STORAGE).join(MARK).is_file() {
                return Err(taken(root));
            }
        }
        std::fs::create_dir_all(root).map_err(&fail)?;
        let top = Dir::open_ambient(root).map_err(&fail)?;
        make(&top, OWN_STORAGE, Privacy::Private).map_err(&fail)?;
        let own = top.open_dir(OWN_STORAGE).map_err(&fail)?;
        match own.create_private_file(MARK) {
            Ok(mut mark) => mark
                .write_all(folder.to_string().as_bytes())
                .and_then(|()| mark.sync_all())
                .map_err(&fail)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(fail(error)),
        }
        for name in [STAGING, VERSIONS] {
            make(&own, name, Privacy::Private).map_err(&fail)?;
        }
        make(&own, PLACING, Privacy::Shared).map_err(&fail)?;
        own.sync().and_then(|()| top.sync()).map_err(&fail)?;
        Self::open(root, folder)
    }

    /// Opens a folder that was shared before.
    ///
    /// What was about to change its place when the process ended goes to the versions.
    pub fn open(root: &Path, folder: FolderId) -> Result<Self, SharedFolderError> {
        let fail = failing(root);
        let own = |top: &Dir| top.open_dir(OWN_STORAGE);
        let opened = Dir::open_ambient(root).and_then(|top| own(&top).map(|own| (top, own)));
        let (top, own) = opened.map_err(|error| match super::is_nothing(&error) {
            true => SharedFolderError::Gone { path: root.into() },
            false => fail(error),
        })?;
        let mark = own
            .open_file(MARK)
            .and_then(std::io::read_to_string)
            .map_err(&fail)?;
        if mark != folder.to_string() {
            return Err(taken(root));
        }
        let placing = own.open_dir(PLACING).map_err(&fail)?;
        let shared = Self {
            staging: own.open_dir(STAGING).map_err(&fail)?,
            versions: own.open_dir(VERSIONS).map_err(&fail)?,
            mask_left: placing.mask_left().map_err(&fail)?,
            placing,
            own,
            top,
        };
        shared.recover().map_err(&fail)?;
        Ok(shared)
    }

    /// Whether the folder is still where it was shared, and not a disk that was detached.
    pub fn is_there(&self, root: &Path) -> bool {
        let there = |top: Dir| top.open_dir(OWN_STORAGE)?.stat(OsStr::new(MARK));
        let ours = self.own.stat(OsStr::new(MARK));
        match (Dir::open_ambient(root).and_then(there), ours) {
            (Ok(there), Ok(ours)) => there.file_number == ours.file_number,
            (Err(_), _) | (_, Err(_)) => false,
        }
    }

    /// Whether the disk takes names for the same that differ in case only.
    pub fn folds_names(&self) -> bool {
        self.own.stat(OsStr::new(&MARK.to_uppercase())).is_ok()
    }

    /// Ends the sharing of this folder: its files and versions stay, everything else of the own storage goes.
    pub fn leave(self) -> io::Result<()> {
        for digest in self.staged()? {
            self.unstage(&digest)?;
        }
        self.own.remove_file(MARK)
    }

    fn recover(&self) -> io::Result<()> {
        let mut names = Vec::new();
        self.placing.list(&mut |name| {
            names.extend(name.to_str().map(ToOwned::to_owned));
            Ok(())
        })?;
        for name in names {
            let kind = self.placing.stat(OsStr::new(&name))?.kind;
            if kind == NodeKind::Folder && self.placing.remove_dir(&name).is_ok() {
                continue;
            }
            match self.placing.rename_new(&name, &self.versions, &name) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    self.placing
                        .rename_new(&name, &self.versions, &format!("{name}~"))?;
                }
                moved => moved?,
            }
        }
        Ok(())
    }
}

fn failing(root: &Path) -> impl Fn(io::Error) -> SharedFolderError {
    let path = root.to_owned();
    move |source| SharedFolderError::Io {
        path: path.clone(),
        source,
    }
}

fn taken(root: &Path) -> SharedFolderError {
    SharedFolderError::Taken { path: root.into() }
}

fn make(dir: &Dir, name: &str, privacy: Privacy) -> io::Result<()> {
    match dir.create_dir(name, privacy) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// Says which folder it is.
const MARK: &str = "folder";
const STAGING: &str = "staging";
const PLACING: &str = "placing";
const VERSIONS: &str = "versions";
