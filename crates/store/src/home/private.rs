#[cfg(unix)]
use std::fs::Metadata;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::{HomeError, at};

/// Why a file of secrets cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrivateFileError {
    #[cfg_attr(not(unix), expect(dead_code, reason = "only there files have modes"))]
    #[error("{} can be read by other users (mode {mode:03o})", path.display())]
    Readable { path: PathBuf, mode: u32 },
    #[error("{source}")]
    Io { source: io::Error },
}

impl From<io::Error> for PrivateFileError {
    fn from(source: io::Error) -> Self {
        Self::Io { source }
    }
}

/// Creates `path` and the folders above it, readable by this user alone; fine when it exists.
pub(super) fn create_folder(path: &Path) -> Result<(), HomeError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(at(path))
}

/// Checks that `path` is a folder of this user that nobody else may write to.
#[cfg(unix)]
pub(super) fn check_folder(path: &Path) -> Result<(), HomeError> {
    let metadata = std::fs::metadata(path).map_err(at(path))?;
    check_metadata(path, &metadata, 0o022)
}

/// Checks a folder where everyone may have put a link first: no link, nobody else may even look in.
#[cfg(unix)]
pub(super) fn check_runtime_folder(path: &Path) -> Result<(), HomeError> {
    let metadata = std::fs::symlink_metadata(path).map_err(at(path))?;
    check_metadata(path, &metadata, 0o077)
}

#[cfg(unix)]
fn check_metadata(path: &Path, metadata: &Metadata, forbidden: u32) -> Result<(), HomeError> {
    use std::os::unix::fs::MetadataExt;

    let path = path.to_owned();
    if !metadata.is_dir() {
        return Err(HomeError::NotAFolder { path });
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(HomeError::ForeignOwner { path });
    }
    let mode = metadata.mode() & 0o777;
    if mode & forbidden != 0 {
        return Err(HomeError::OpenToOthers { path, mode });
    }
    Ok(())
}

/// Windows profiles are private by their access lists.
#[cfg(not(unix))]
pub(super) fn check_folder(path: &Path) -> Result<(), HomeError> {
    let metadata = std::fs::metadata(path).map_err(at(path))?;
    if !metadata.is_dir() {
        let path = path.to_owned();
        return Err(HomeError::NotAFolder { path });
    }
    Ok(())
}

/// Creates a file that only its user can read, where there was none.
pub(crate) fn create_new_private_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private_options().create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    sync_folder_of(path)
}

/// Writes a new file that only this user can read, whole or not at all, and safe from a power cut.
///
/// Replaces what lies at `path`.
pub(crate) fn create_private_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    match std::fs::remove_file(&temporary) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut file = private_options().create_new(true).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    sync_folder_of(path)
}

/// Reads a file of secrets, at most `max_bytes`, or `None` when there is none.
///
/// Refuses one that others may read: the secret would have to be taken for known.
pub(crate) fn read_private_file(
    path: &Path,
    max_bytes: u64,
) -> Result<Option<Vec<u8>>, PrivateFileError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    check_private(path, &file)?;
    let mut bytes = Vec::new();
    file.take(max_bytes).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Opens a file of this user alone, creating it empty at first.
pub(super) fn create_or_open_private(path: &Path) -> io::Result<File> {
    private_options().create(true).truncate(false).open(path)
}

/// Creates an empty file of this user alone unless something lies there.
///
/// What lies there is not even opened: closing it would drop this process's other locks on it
/// (POSIX record locks, which SQLite uses).
pub(crate) fn create_private_if_missing(path: &Path) -> io::Result<()> {
    match private_options().create_new(true).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Options for a file of this user alone.
fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn check_private(path: &Path, file: &File) -> Result<(), PrivateFileError> {
    use std::os::unix::fs::MetadataExt;

    let mode = file.metadata()?.mode() & 0o777;
    if mode & 0o077 != 0 {
        let path = path.to_owned();
        return Err(PrivateFileError::Readable { path, mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_private(_path: &Path, _file: &File) -> Result<(), PrivateFileError> {
    Ok(())
}

#[cfg(unix)]
fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(not(unix))]
fn sync_folder_of(_path: &Path) -> io::Result<()> {
    Ok(())
}
