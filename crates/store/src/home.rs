use std::io;
use std::path::{Path, PathBuf};

use model::{FolderId, TransferId};

mod lock;
mod private;
mod socket;

pub use lock::{HomeLock, LockError};
pub use socket::remove_socket;

pub(crate) use private::{
    PrivateFileError, create_new_private_file, create_private_file, create_private_if_missing,
    read_private_file,
};

/// The folder that holds everything of one device: identity, contacts, transfers and spools.
///
/// Belongs to one user; one process at a time owns it ([`Home::lock`]).
#[derive(Debug, Clone)]
pub struct Home {
    path: PathBuf,
}

/// Why a folder cannot be a home.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// The system names no place for application data.
    #[error("no place for Wherry's data is known here: set WHERRY_HOME")]
    NoDefault,
    /// Somebody else could change what is in it (or, in a shared place, look into it).
    #[error(
        "{} is open to other users (mode {mode:03o}); run: chmod 700 {}",
        path.display(),
        path.display()
    )]
    OpenToOthers {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It belongs to another user.
    #[error("{} belongs to another user", path.display())]
    ForeignOwner {
        /// The folder.
        path: PathBuf,
    },
    /// Something that is no folder lies there.
    #[error("{} is not a folder", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// The system refused.
    #[error("{} cannot be used: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Home {
    /// The place the operating system keeps for application data, without creating it; beside the program,
    /// if a file `wherry-portable` lies there too.
    pub fn default_path() -> Result<PathBuf, HomeError> {
        let program = std::env::current_exe().ok();
        if let Some(portable) = program.and_then(|it| portable_home(it.parent()?)) {
            return Ok(portable);
        }
        let directories =
            directories::ProjectDirs::from("", "", "wherry").ok_or(HomeError::NoDefault)?;
        Ok(directories.data_local_dir().to_owned())
    }

    /// Opens the home at `path`, creating it for this user alone (mode 0700).
    ///
    /// Refuses a folder of another user and one that others may write to.
    pub fn open(path: &Path) -> Result<Self, HomeError> {
        private::create_folder(path)?;
        private::check_folder(path)?;
        let path = path.canonicalize().map_err(at(path))?;
        Ok(Self { path })
    }

    /// The folder, absolute and without links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the database lies.
    pub fn database_path(&self) -> PathBuf {
        self.path.join("wherry.db")
    }

    /// Where the owner's lock lies; the owner's process id is written inside.
    pub fn lock_path(&self) -> PathBuf {
        self.path.join("owner.lock")
    }

    /// Where the owner listens for the other commands of this user.
    ///
    /// Within the home if that fits a socket address (the kernel takes 107 bytes), else under a short
    /// name in a folder of this user alone. The owner's answer is written into the lock file, so the
    /// others find it even if their environment names another runtime folder.
    pub fn socket_path(&self) -> Result<PathBuf, HomeError> {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR");
        socket::choose(&self.path, lock::recorded_socket(self), runtime.as_deref())
    }

    /// Becomes the owner of the home until the lock is dropped or the process ends, however it ends.
    pub fn lock(&self) -> Result<HomeLock, LockError> {
        lock::acquire(self)
    }

    /// The private folder of one transfer's working files, created if needed.
    pub fn spool(&self, transfer: TransferId) -> Result<PathBuf, HomeError> {
        let all = self.spool_root();
        private::create_folder(&all)?;
        let path = all.join(transfer.to_string());
        private::create_folder(&path)?;
        Ok(path)
    }

    /// The transfers that have a spool, ascending.
    pub fn spools(&self) -> Result<Vec<TransferId>, HomeError> {
        let all = self.spool_root();
        let entries = match std::fs::read_dir(&all) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(at(&all)(error)),
        };
        let mut transfers = Vec::new();
        for entry in entries {
            let name = entry.map_err(at(&all))?.file_name();
            transfers.extend(
                name.to_str()
                    .and_then(|name| name.parse::<TransferId>().ok()),
            );
        }
        transfers.sort();
        Ok(transfers)
    }

    /// Deletes one transfer's spool with everything in it; fine when there is none.
    pub fn remove_spool(&self, transfer: TransferId) -> Result<(), HomeError> {
        let path = self.spool_root().join(transfer.to_string());
        match std::fs::remove_dir_all(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(at(&path)(error)),
        }
    }

    /// Where the index of a shared folder lies.
    pub fn folder_index_path(&self, folder: FolderId) -> Result<PathBuf, HomeError> {
        let all = self.path.join("folders");
        private::create_folder(&all)?;
        Ok(all.join(format!("{folder}.db")))
    }

    fn spool_root(&self) -> PathBuf {
        self.path.join("spool")
    }
}

/// The home of a program that is carried about with everything it knows.
fn portable_home(folder: &Path) -> Option<PathBuf> {
    let is_marked = folder.join(PORTABLE_MARK).is_file();
    is_marked.then(|| folder.join("wherry-home"))
}

fn at(path: &Path) -> impl Fn(io::Error) -> HomeError + '_ {
    |source| HomeError::Io {
        path: path.to_owned(),
        source,
    }
}

/// Whoever can put it there could as well exchange the program.
const PORTABLE_MARK: &str = "wherry-portable";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_beside_the_program_keeps_the_home_there() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(portable_home(folder.path()), None);
        std::fs::write(folder.path().join(PORTABLE_MARK), "").unwrap();
        let home = portable_home(folder.path()).unwrap();
        assert_eq!(home, folder.path().join("wherry-home"));
    }
}
