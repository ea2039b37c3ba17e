//! Linux and macOS: folders are file descriptors, every step is an `*at` call.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::Path;

use model::Timestamp;
pub(crate) use rustix::fs::RawMode;
use rustix::fs::{Access, AtFlags, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::{NodeKind, Privacy, Stat};
use crate::space::FreeSpace;

/// An open folder.
#[derive(Debug)]
pub(crate) struct Dir(File);

impl Dir {
    /// Opens a folder that the user named; links on the way are the user's own.
    pub(crate) fn open_ambient(path: &Path) -> io::Result<Self> {
        let fd = rustix::fs::open(path, FOLDER.difference(OFlags::NOFOLLOW), Mode::empty())?;
        Ok(Self(File::from(fd)))
    }

    /// Opens the folder at `path` below this one.
    pub(crate) fn open_dir(&self, path: &str) -> io::Result<Self> {
        let fd = open_beneath(&self.0, path, FOLDER, Mode::empty())?;
        Ok(Self(File::from(fd)))
    }

    /// Opens the file at `path` for reading; a pipe in its place does not block.
    pub(crate) fn open_file(&self, path: &str) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | NO_LINK;
        open_beneath(&self.0, path, flags, Mode::empty()).map(File::from)
    }

    /// Opens a file to flush it.
    pub(crate) fn open_file_to_sync(&self, path: &str) -> io::Result<File> {
        self.open_file(path)
    }

    /// Opens a file that exists for reading and writing.
    pub(crate) fn open_file_writable(&self, path: &str) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | NO_LINK;
        open_beneath(&self.0, path, flags, Mode::empty()).map(File::from)
    }

    /// Makes a new file for reading and writing; fails if anything has its name.
    pub(crate) fn create_file(&self, path: &str, executable: bool) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | NO_LINK;
        let mode = if executable { 0o777 } else { 0o666 };
        open_beneath(&self.0, path, flags, Mode::from_raw_mode(mode)).map(File::from)
    }

    /// Makes a new file that only its owner may read.
    pub(crate) fn create_private_file(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | NO_LINK;
        open_beneath(&self.0, name, flags, Mode::RUSR | Mode::WUSR).map(File::from)
    }

    /// Makes a folder; fails if anything has its name.
    pub(crate) fn create_dir(&self, name: &str, privacy: Privacy) -> io::Result<()> {
        let mode = match privacy {
            Privacy::Private => Mode::RWXU,
            Privacy::Shared => Mode::RWXU | Mode::RWXG | Mode::RWXO,
        };
        Ok(rustix::fs::mkdirat(&self.0, name, mode)?)
    }

    /// Whether only its owner, this user, may enter.
    pub(crate) fn is_private(&self) -> io::Result<bool> {
        let stat = rustix::fs::fstat(&self.0)?;
        let is_own = stat.st_uid == rustix::process::geteuid().as_raw();
        Ok(is_own && stat.st_mode & 0o077 == 0)
    }

    /// Tells what `name` is.
    pub(crate) fn stat(&self, name: &OsStr) -> io::Result<Stat> {
        let stat = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(stat_of(&stat))
    }

    /// Whether the user may read the file `name`, as far as that can be told without opening it.
    pub(crate) fn may_read(&self, name: &str) -> bool {
        is_readable(rustix::fs::accessat(
            &self.0,
            name,
            Access::READ_OK,
            AtFlags::EACCESS,
        ))
    }

    /// Tells what this folder is.
    pub(crate) fn own_stat(&self) -> io::Result<Stat> {
        stat(&self.0)
    }

    /// Calls `visit` with every name but `.` and `..`, in the order of the file system.
    pub(crate) fn list(&self, visit: &mut dyn FnMut(&OsStr) -> io::Result<()>) -> io::Result<()> {
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                visit(OsStr::from_bytes(name))?;
            }
        }
        Ok(())
    }

    /// Removes a file or link.
    pub(crate) fn remove_file(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Removes an empty folder.
    pub(crate) fn remove_dir(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    /// Moves `name` to `new_name` in `to`; fails with `AlreadyExists` if that is taken.
    pub(crate) fn rename_new(&self, name: &str, to: &Self, new_name: &str) -> io::Result<()> {
        let renamed =
            rustix::fs::renameat_with(&self.0, name, &to.0, new_name, RenameFlags::NOREPLACE);
        match renamed {
            Ok(()) => Ok(()),
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                self.rename_new_by_link(name, to, new_name)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Lets `name` and `other` in `to` change places at once; false where that cannot be done.
    pub(crate) fn exchange(&self, name: &str, to: &Self, other: &str) -> io::Result<bool> {
        match rustix::fs::renameat_with(&self.0, name, &to.0, other, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(true),
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// For file systems without an exclusive rename. A file gets its second name exclusively; a folder can
    /// at worst take the place of an empty one.
    fn rename_new_by_link(&self, name: &str, to: &Self, new_name: &str) -> io::Result<()> {
        let kind = self.stat(OsStr::new(name))?.kind;
        if kind == NodeKind::File {
            rustix::fs::linkat(&self.0, name, &to.0, new_name, AtFlags::empty())?;
            return self.remove_file(name);
        }
        match to.stat(OsStr::new(new_name)) {
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(rustix::fs::renameat(&self.0, name, &to.0, new_name)?)
            }
            Err(error) => Err(error),
        }
    }

    /// Flushes the folder itself: which names it holds.
    pub(crate) fn sync(&self) -> io::Result<()> {
        match rustix::fs::fsync(&self.0) {
            // Some file systems keep no folder that could be flushed.
            Ok(()) | Err(Errno::INVAL) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Flushes everything on its file system, or returns false where that cannot be asked for.
    pub(crate) fn sync_file_system(&self) -> io::Result<bool> {
        #[cfg(target_os = "linux")]
        return Ok(rustix::fs::syncfs(&self.0).map(|()| true)?);
        #[cfg(not(target_os = "linux"))]
        return Ok(false);
    }

    /// Sets the time of the folder's last change.
    pub(crate) fn set_modified(&self, modified: Timestamp) -> io::Result<()> {
        super::set_modified(&self.0, modified)
    }

    /// Asks for the room on its file system.
    pub(crate) fn free_space(&self) -> io::Result<FreeSpace> {
        let stat = rustix::fs::fstatvfs(&self.0)?;
        Ok(FreeSpace {
            available_bytes: stat.f_bavail.saturating_mul(stat.f_frsize),
            total_bytes: stat.f_blocks.saturating_mul(stat.f_frsize),
        })
    }

    /// Whether files here can have a mark of where they came from.
    pub(crate) fn keeps_marks(&self) -> bool {
        QUARANTINES
    }

    /// Marks a file as come from elsewhere, where the system knows such a mark and the file system holds it.
    ///
    /// macOS asks before it opens a program with `com.apple.quarantine`; Linux has no such mark.
    pub(crate) fn quarantine(&self, name: &str) {
        #[cfg(target_os = "macos")]
        if let Ok(file) = self.open_file(name) {
            let value = b"0081;00000000;Wherry;";
            let flags = rustix::fs::XattrFlags::empty();
            let _best_effort = rustix::fs::fsetxattr(&file, "com.apple.quarantine", value, flags);
        }
        #[cfg(not(target_os = "macos"))]
        let _unused = name;
    }

    /// The permission bits that the user's mask left to it when it was made.
    pub(crate) fn mask_left(&self) -> io::Result<RawMode> {
        let mode = rustix::fs::fstat(&self.0)?.st_mode;
        Ok(Mode::from_raw_mode(mode).as_raw_mode() & 0o777)
    }
}

/// Tells what a path that the user named is; its last component is not followed.
pub(crate) fn ambient_stat(path: &Path) -> io::Result<Stat> {
    Ok(stat_of(&rustix::fs::lstat(path)?))
}

/// Whether the user may read a file that they named, as far as that can be told without opening it.
pub(crate) fn may_read_ambient(path: &Path) -> bool {
    is_readable(rustix::fs::accessat(
        rustix::fs::CWD,
        path,
        Access::READ_OK,
        AtFlags::EACCESS,
    ))
}

/// What cannot be told is tried.
fn is_readable(answer: rustix::io::Result<()>) -> bool {
    !matches!(answer, Err(Errno::ACCESS))
}

/// Opens a file that the user named for reading; its last component is not followed.
pub(crate) fn open_ambient_file(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | NO_LINK;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

/// Tells what an open file is.
pub(crate) fn stat(file: &File) -> io::Result<Stat> {
    Ok(stat_of(&rustix::fs::fstat(file)?))
}

/// Gives or takes the right to execute, within the bits that the user's mask leaves.
pub(crate) fn set_executable(file: &File, executable: bool, mask_left: RawMode) -> io::Result<()> {
    let bits = if executable { 0o777 } else { 0o666 };
    let allowed = Mode::from_bits_truncate(bits) & Mode::from_bits_truncate(mask_left);
    Ok(rustix::fs::fchmod(file, allowed)?)
}

/// Reads once into the spare capacity of `bytes`, which hold the file from `offset` on.
pub(super) fn read_more(file: &File, bytes: &mut Vec<u8>, offset: u64) -> io::Result<usize> {
    let at = offset + bytes.len() as u64;
    Ok(rustix::io::pread(
        file,
        rustix::buffer::spare_capacity(bytes),
        at,
    )?)
}

/// Notes in an attribute that a file came from elsewhere, where the file system holds such notes.
///
/// Linux does not act on it; people and programs can read it (freedesktop.org, common extended attributes).
pub(crate) fn note_origin(file: &File) {
    #[cfg(target_os = "linux")]
    {
        let flags = rustix::fs::XattrFlags::empty();
        let _best_effort = rustix::fs::fsetxattr(file, ORIGIN, ORIGIN_IS_WHERRY, flags);
    }
    #[cfg(not(target_os = "linux"))]
    let _unused = file;
}

#[cfg(target_os = "linux")]
const ORIGIN: &str = "user.xdg.origin.url";
#[cfg(target_os = "linux")]
const ORIGIN_IS_WHERRY: &[u8] = b"wherry:";

/// Writes all of `data` at `offset`.
pub(crate) fn write_at(file: &File, data: &[u8], offset: u64) -> io::Result<()> {
    file.write_all_at(data, offset)
}

/// Makes a range read as zeros without storing them; returns false where that is not possible.
pub(crate) fn punch_hole(file: &File, offset: u64, length: u64) -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::FallocateFlags;
        let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        rustix::fs::fallocate(file, flags, offset, length).is_ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _unused = (file, offset, length);
        false
    }
}

/// Tells the system that the file is read from start to end.
pub(crate) fn expect_sequential(file: &File) {
    #[cfg(target_os = "linux")]
    let _advice_only = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::Sequential);
    #[cfg(not(target_os = "linux"))]
    let _unused = file;
}

/// Whether a write failed because the disk or the user's share of it is full.
pub(crate) fn is_out_of_space(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::NOSPC | Errno::DQUOT)
    )
}

/// Whether opening failed because a link stood in the way.
pub(crate) fn is_link_refusal(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::LOOP)
}

/// Whether a file can be told to be executable.
pub(crate) const HAS_EXECUTABLE_BIT: bool = true;

/// Whether files need a quarantine mark here at all.
pub(crate) const QUARANTINES: bool = cfg!(target_os = "macos");

/// Ends this process as `kill -9` would.
#[cfg(feature = "failpoints")]
pub(crate) fn kill_self() {
    use rustix::process::{Signal, getpid, kill_process};
    kill_process(getpid(), Signal::KILL).expect("a process may always kill itself");
}

/// Stops this process until somebody continues it.
#[cfg(feature = "failpoints")]
pub(crate) fn stop_self() {
    use rustix::process::{Signal, getpid, kill_process};
    kill_process(getpid(), Signal::STOP).expect("a process may always stop itself");
}

const NO_LINK: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC);
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(NO_LINK);

#[cfg(target_os = "linux")]
fn open_beneath(dir: &File, path: &str, flags: OFlags, mode: Mode) -> io::Result<OwnedFd> {
    use rustix::fs::ResolveFlags;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match rustix::fs::openat2(dir, path, flags, mode, resolve) {
        Ok(fd) => Ok(fd),
        // Older than Linux 5.6, a sandbox that does not know the call, or a rename at the same moment.
        Err(Errno::NOSYS | Errno::PERM | Errno::AGAIN) => open_stepwise(dir, path, flags, mode),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn open_beneath(dir: &File, path: &str, flags: OFlags, mode: Mode) -> io::Result<OwnedFd> {
    open_stepwise(dir, path, flags, mode)
}

/// Opens one name after the other, none of which may be a link.
fn open_stepwise(dir: &File, path: &str, flags: OFlags, mode: Mode) -> io::Result<OwnedFd> {
    let mut steps = path.split('/');
    let last = steps.next_back().unwrap_or(path);
    let mut folder: Option<OwnedFd> = None;
    for step in steps {
        let from = folder.as_ref().map_or(dir.as_fd(), AsFd::as_fd);
        folder = Some(open_step(from, step, FOLDER, Mode::empty())?);
    }
    let from = folder.as_ref().map_or(dir.as_fd(), AsFd::as_fd);
    open_step(from, last, flags, mode)
}

fn open_step(
    from: std::os::fd::BorrowedFd<'_>,
    name: &str,
    flags: OFlags,
    mode: Mode,
) -> io::Result<OwnedFd> {
    if matches!(name, "" | "." | "..") {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(rustix::fs::openat(from, name, flags, mode)?)
}

fn stat_of(stat: &rustix::fs::Stat) -> Stat {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => NodeKind::File,
        FileType::Directory => NodeKind::Folder,
        FileType::Symlink => NodeKind::Link,
        FileType::Fifo
        | FileType::Socket
        | FileType::CharacterDevice
        | FileType::BlockDevice
        | FileType::Unknown => NodeKind::Special,
    };
    Stat {
        kind,
        size_bytes: u64::try_from(stat.st_size).unwrap_or(0),
        modified: Timestamp {
            seconds: stat.st_mtime,
            nanoseconds: u32::try_from(stat.st_mtime_nsec).unwrap_or(0),
        },
        changed: Timestamp {
            seconds: stat.st_ctime,
            nanoseconds: u32::try_from(stat.st_ctime_nsec).unwrap_or(0),
        },
        file_number: stat.st_ino,
        executable: stat.st_mode & 0o100 != 0,
        is_only_name: stat.st_nlink == 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn no_step_of_a_path_follows_a_link_with_or_without_openat2() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret"), "x").unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("in")).unwrap();
        std::fs::write(folder.path().join("in/file"), "y").unwrap();
        symlink(outside.path(), folder.path().join("link")).unwrap();
        symlink("in", folder.path().join("inner")).unwrap();
        symlink("in/file", folder.path().join("leaf")).unwrap();
        let dir = Dir::open_ambient(folder.path()).unwrap();
        let flags = OFlags::RDONLY | NO_LINK;
        for path in [
            "link/secret",
            "inner/file",
            "leaf",
            "in/../in/file/..",
            "..",
        ] {
            assert!(dir.open_file(path).is_err(), "{path}");
            assert!(
                open_stepwise(&dir.0, path, flags, Mode::empty()).is_err(),
                "{path}"
            );
        }
        assert!(dir.open_file("in/file").is_ok());
        assert!(open_stepwise(&dir.0, "in/file", flags, Mode::empty()).is_ok());
    }

    #[test]
    fn the_fallback_rename_replaces_nothing_either() {
        let folder = tempfile::tempdir().unwrap();
        let dir = Dir::open_ambient(folder.path()).unwrap();
        for name in ["a", "b"] {
            std::fs::write(folder.path().join(name), name).unwrap();
            std::fs::create_dir(folder.path().join(format!("{name}-folder"))).unwrap();
        }
        for (from, to) in [
            ("a", "b"),
            ("a-folder", "b-folder"),
            ("a", "b-folder"),
            ("a-folder", "b"),
        ] {
            let error = dir.rename_new_by_link(from, &dir, to).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists, "{from} {to}");
        }
        dir.rename_new_by_link("a", &dir, "c").unwrap();
        dir.rename_new_by_link("a-folder", &dir, "c-folder")
            .unwrap();
        assert_eq!(std::fs::read(folder.path().join("c")).unwrap(), b"a");
        assert!(!folder.path().join("a").exists());
    }
}
