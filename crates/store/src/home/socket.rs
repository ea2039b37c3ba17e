use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use model::Digest;

use super::HomeError;
#[cfg(unix)]
use super::private;

/// Chooses where the owner of `home` listens.
///
/// `recorded` is what an owner wrote down, `runtime` the user's folder for such things, if any.
/// The record counts only for a home whose path is too long, and only if it was written for this very
/// path: a copied home must not speak to the owner of the original.
#[cfg(unix)]
pub(super) fn choose(
    home: &Path,
    recorded: Option<PathBuf>,
    runtime: Option<&OsStr>,
) -> Result<PathBuf, HomeError> {
    let near = home.join("control.sock");
    if fits(&near) {
        return Ok(near);
    }
    let name = format!("{}.sock", short_name(home));
    if let Some(recorded) = recorded.filter(|path| fits(path) && path.ends_with(&name)) {
        return private_folder_for(recorded);
    }
    if let Some(runtime) = runtime {
        let path = Path::new(runtime).join("wherry").join(&name);
        if path.is_absolute() && fits(&path) {
            return private_folder_for(path);
        }
    }
    let user = rustix::process::geteuid().as_raw();
    private_folder_for(PathBuf::from(format!("/tmp/wherry-{user}")).join(name))
}

/// Named pipes live in a name space of their own.
#[cfg(not(unix))]
pub(super) fn choose(
    home: &Path,
    _recorded: Option<PathBuf>,
    _runtime: Option<&OsStr>,
) -> Result<PathBuf, HomeError> {
    let name = format!(r"\\.\pipe\wherry-{}", short_name(home));
    Ok(PathBuf::from(name))
}

#[cfg(unix)]
fn fits(path: &Path) -> bool {
    path.as_os_str().len() <= SOCKET_PATH_BYTES
}

/// Creates the folder of `path`, or refuses one that another user made first.
#[cfg(unix)]
fn private_folder_for(path: PathBuf) -> Result<PathBuf, HomeError> {
    let folder = path.parent().expect("a folder was just joined");
    private::create_folder(folder)?;
    private::check_runtime_folder(folder)?;
    Ok(path)
}

/// Removes the socket of an owner that is gone; anything else at `path` stays, and so does what cannot
/// be removed: binding there tells.
#[cfg(unix)]
pub fn remove_socket(path: &Path) {
    use std::os::unix::fs::FileTypeExt;

    let is_socket =
        std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket());
    if is_socket {
        std::fs::remove_file(path).ok();
    }
}

/// A named pipe goes with its process.
#[cfg(not(unix))]
pub fn remove_socket(_path: &Path) {}

/// Sixteen characters that stand for the home.
fn short_name(home: &Path) -> String {
    let mut name = Digest::of(home.as_os_str().as_encoded_bytes()).to_string();
    name.truncate(16);
    name
}

/// Linux takes 107 bytes and a NUL (`sun_path`), macOS 103; a few are left for a temporary suffix.
#[cfg(unix)]
const SOCKET_PATH_BYTES: usize = 96;

#[cfg(all(test, unix))]
mod tests;
