//! Windows: folders are `cap-std` handles, which keep every step below the folder they stand for.
//!
//! Links are told by their metadata before anything is opened. Between the two calls another program of
//! the same user could exchange a name; `cap-std` still does not leave the folder then.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::windows::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cap_std::ambient_authority;
use cap_std::fs::{Metadata, MetadataExt, OpenOptions, OpenOptionsExt};
use model::Timestamp;

use super::{NodeKind, Privacy, Stat};
use crate::space::FreeSpace;

/// There are no permission bits.
pub(crate) type RawMode = u32;

/// An open folder.
#[derive(Debug)]
pub(crate) struct Dir {
    folder: cap_std::fs::Dir,
    /// Where it was when it was opened: to ask about its disk, and for nothing else.
    place: PathBuf,
}

impl Dir {
    /// Opens a folder that the user named.
    pub(crate) fn open_ambient(path: &Path) -> io::Result<Self> {
        Ok(Self {
            folder: cap_std::fs::Dir::open_ambient_dir(path, ambient_authority())?,
            place: std::path::absolute(path)?,
        })
    }

    /// Opens the folder at `path` below this one; it can be removed while it is open.
    pub(crate) fn open_dir(&self, path: &str) -> io::Result<Self> {
        self.refuse_links(path)?;
        let mut options = OpenOptions::new();
        options.read(true).access_mode(READS_AND_SETS_TIMES);
        options.custom_flags(OPENS_FOLDERS).share_mode(SHARES_ALL);
        let opened = match self.folder.open_with(path, &options) {
            // Somebody else's folder: it is read, and its time stays.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                self.folder.open_with(path, options.access_mode(READS))
            }
            other => other,
        }?;
        if !opened.metadata()?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self {
            folder: cap_std::fs::Dir::from_std_file(opened.into_std()),
            place: self.place.join(path),
        })
    }

    /// Opens the file at `path` for reading.
    pub(crate) fn open_file(&self, path: &str) -> io::Result<File> {
        self.refuse_links(path)?;
        self.folder.open(path).map(cap_std::fs::File::into_std)
    }

    /// Opens a file to flush it: only who may write may do that here.
    pub(crate) fn open_file_to_sync(&self, path: &str) -> io::Result<File> {
        self.open_file_writable(path)
    }

    /// Opens a file that exists for reading and writing.
    pub(crate) fn open_file_writable(&self, path: &str) -> io::Result<File> {
        self.refuse_links(path)?;
        let mut options = OpenOptions::new();
        let opened = self.folder.open_with(path, options.read(true).write(true));
        opened.map(cap_std::fs::File::into_std)
    }

    /// Makes a new file for reading and writing; fails if anything has its name.
    pub(crate) fn create_file(&self, path: &str, _executable: bool) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let made = self.folder.open_with(path, &options);
        made.map(cap_std::fs::File::into_std)
    }

    /// Makes a new file; who may read it follows from its folder.
    pub(crate) fn create_private_file(&self, name: &str) -> io::Result<File> {
        self.create_file(name, false)
    }

    /// Makes a folder; who may enter it follows from its parent, the user's own folder.
    pub(crate) fn create_dir(&self, name: &str, _privacy: Privacy) -> io::Result<()> {
        self.folder.create_dir(name)
    }

    /// Folders inherit their rights: what stands below the user's folder is the user's.
    pub(crate) fn is_private(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// Tells what `name` is.
    pub(crate) fn stat(&self, name: &OsStr) -> io::Result<Stat> {
        self.folder
            .symlink_metadata(name)
            .map(|data| stat_of(&data))
    }

    /// What may not be read shows when it is read.
    pub(crate) fn may_read(&self, _name: &str) -> bool {
        true
    }

    /// Tells what this folder is.
    pub(crate) fn own_stat(&self) -> io::Result<Stat> {
        self.folder.dir_metadata().map(|data| stat_of(&data))
    }

    /// Calls `visit` with every name, in the order of the file system.
    pub(crate) fn list(&self, visit: &mut dyn FnMut(&OsStr) -> io::Result<()>) -> io::Result<()> {
        for entry in self.folder.entries()? {
            visit(&entry?.file_name())?;
        }
        Ok(())
    }

    /// Removes a file or link.
    pub(crate) fn remove_file(&self, name: &str) -> io::Result<()> {
        self.folder.remove_file(name)
    }

    /// Removes an empty folder.
    pub(crate) fn remove_dir(&self, name: &str) -> io::Result<()> {
        self.folder.remove_dir(name)
    }

    /// Moves `name` to `new_name` in `to`; fails with `AlreadyExists` if that is taken.
    ///
    /// A file gets its second name exclusively. A folder is renamed after a look: nothing replaces a folder.
    pub(crate) fn rename_new(&self, name: &str, to: &Self, new_name: &str) -> io::Result<()> {
        if self.stat(OsStr::new(name))?.kind == NodeKind::File {
            self.folder.hard_link(name, &to.folder, new_name)?;
            return self.remove_file(name);
        }
        match to.stat(OsStr::new(new_name)) {
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.folder.rename(name, &to.folder, new_name)
            }
            Err(error) => Err(error),
        }
    }

    /// The system has no call for that.
    pub(crate) fn exchange(&self, _name: &str, _to: &Self, _other: &str) -> io::Result<bool> {
        Ok(false)
    }

    /// NTFS keeps a log of names; a folder cannot be flushed.
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// Only an administrator may ask for that.
    pub(crate) fn sync_file_system(&self) -> io::Result<bool> {
        Ok(false)
    }

    /// Sets the time of the folder's last change, where the handle allows it.
    pub(crate) fn set_modified(&self, modified: Timestamp) -> io::Result<()> {
        let folder = self.folder.try_clone()?.into_std_file();
        match super::set_modified(&folder, modified) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            other => other,
        }
    }

    /// Asks the disk on which this folder was when it was opened.
    pub(crate) fn free_space(&self) -> io::Result<FreeSpace> {
        let disk = fs4::statvfs(&self.place)?;
        Ok(FreeSpace {
            available_bytes: disk.available_space(),
            total_bytes: disk.total_space(),
        })
    }

    /// There are no permission bits.
    pub(crate) fn mask_left(&self) -> io::Result<RawMode> {
        Ok(0)
    }

    /// Marks a file as come from the network: Explorer and SmartScreen ask before they run it.
    pub(crate) fn quarantine(&self, name: &str) {
        let mark = "[ZoneTransfer]\r\nZoneId=3\r\n";
        let _best_effort = self.folder.write(mark_of(name), mark);
    }

    /// Whether files here can have a mark: some disks have none, and some make a file with such a name instead.
    pub(crate) fn keeps_marks(&self) -> bool {
        let mark = mark_of(".wherry-mark");
        if self.folder.write(&mark, "").is_err() {
            return false;
        }
        let mut is_file = false;
        let listed = self.list(&mut |name| {
            is_file |= name == OsStr::new(&mark);
            Ok(())
        });
        for made in [&mark, ".wherry-mark"] {
            let _gone_with_the_other = self.folder.remove_file(made);
        }
        listed.is_ok() && !is_file
    }

    fn refuse_links(&self, path: &str) -> io::Result<()> {
        for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
            let step = self.folder.symlink_metadata(&path[..end])?;
            if stat_of(&step).kind == NodeKind::Link {
                return Err(io::Error::other(LinkInTheWay));
            }
        }
        Ok(())
    }
}

/// The stream of a file that says where it came from.
fn mark_of(name: &str) -> String {
    format!("{name}:Zone.Identifier")
}

#[derive(Debug, thiserror::Error)]
#[error("a link stands in the way")]
struct LinkInTheWay;

/// Tells what a path that the user named is; its last component is not followed.
pub(crate) fn ambient_stat(path: &Path) -> io::Result<Stat> {
    let data = std::fs::symlink_metadata(path)?;
    Ok(stat_of(&Metadata::from_just_metadata(data)))
}

/// What may not be read shows when it is read.
pub(crate) fn may_read_ambient(_path: &Path) -> bool {
    true
}

/// Opens a file that the user named for reading.
pub(crate) fn open_ambient_file(path: &Path) -> io::Result<File> {
    match ambient_stat(path)?.kind {
        NodeKind::Link => Err(io::Error::other(LinkInTheWay)),
        NodeKind::File | NodeKind::Folder | NodeKind::Special => File::open(path),
    }
}

/// Tells what an open file is.
pub(crate) fn stat(file: &File) -> io::Result<Stat> {
    Ok(stat_of(&Metadata::from_file(file)?))
}

/// There is no such right.
pub(crate) fn set_executable(_file: &File, _executable: bool, _left: RawMode) -> io::Result<()> {
    Ok(())
}

/// Reads once behind `bytes`, which hold the file from `offset` on.
pub(super) fn read_more(file: &File, bytes: &mut Vec<u8>, offset: u64) -> io::Result<usize> {
    let had = bytes.len();
    bytes.resize(bytes.capacity(), 0);
    let read = file.seek_read(&mut bytes[had..], offset + had as u64);
    bytes.truncate(had + *read.as_ref().unwrap_or(&0));
    read
}

/// Windows has a mark of its own: see [`Dir::quarantine`].
pub(crate) fn note_origin(_file: &File) {}

/// Writes all of `data` at `offset`.
pub(crate) fn write_at(file: &File, mut data: &[u8], mut offset: u64) -> io::Result<()> {
    while !data.is_empty() {
        let written = file.seek_write(data, offset)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        data = &data[written..];
        offset += written as u64;
    }
    Ok(())
}

/// Needs a call that is not safe: zeros are written.
pub(crate) fn punch_hole(_file: &File, _offset: u64, _length: u64) -> bool {
    false
}

/// The system finds out by itself.
pub(crate) fn expect_sequential(_file: &File) {}

/// Whether a write failed because the disk or the user's share of it is full.
pub(crate) fn is_out_of_space(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// Whether opening failed because a link stood in the way.
pub(crate) fn is_link_refusal(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<LinkInTheWay>())
}

/// Whether a file can be told to be executable.
pub(crate) const HAS_EXECUTABLE_BIT: bool = false;

/// Whether files need a quarantine mark here at all.
pub(crate) const QUARANTINES: bool = true;

/// Ends this process at once.
#[cfg(feature = "failpoints")]
pub(crate) fn kill_self() {
    std::process::abort();
}

/// Stops the thread that calls for good: processes cannot be continued here.
#[cfg(feature = "failpoints")]
pub(crate) fn stop_self() {
    loop {
        std::thread::park();
    }
}

fn stat_of(data: &Metadata) -> Stat {
    let kind = if data.file_type().is_symlink() || data.file_attributes() & REPARSE_POINT != 0 {
        NodeKind::Link
    } else if data.is_dir() {
        NodeKind::Folder
    } else if data.is_file() {
        NodeKind::File
    } else {
        NodeKind::Special
    };
    Stat {
        kind,
        size_bytes: data.len(),
        modified: modified_of(data),
        changed: modified_of(data),
        // Neither number can be asked for without calls that are not safe.
        file_number: 0,
        executable: false,
        is_only_name: true,
    }
}

fn modified_of(data: &Metadata) -> Timestamp {
    let modified = data.modified().map(cap_std::time::SystemTime::into_std);
    modified.map_or_else(|_| timestamp(UNIX_EPOCH), timestamp)
}

fn timestamp(time: SystemTime) -> Timestamp {
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => Timestamp {
            seconds: seconds(since),
            nanoseconds: since.subsec_nanos(),
        },
        Err(error) => {
            // Nanoseconds count forwards, also before the epoch.
            let before = error.duration();
            let (whole, nanoseconds) = match before.subsec_nanos() {
                0 => (seconds(before), 0),
                some => (seconds(before) + 1, 1_000_000_000 - some),
            };
            Timestamp {
                seconds: -whole,
                nanoseconds,
            }
        }
    }
}

/// `FILE_FLAG_BACKUP_SEMANTICS`: without it only files are opened.
const OPENS_FOLDERS: u32 = 0x0200_0000;
/// `GENERIC_READ`.
const READS: u32 = 0x8000_0000;
/// `GENERIC_READ` and `FILE_WRITE_ATTRIBUTES`.
const READS_AND_SETS_TIMES: u32 = READS | 0x100;
/// `FILE_SHARE_READ`, `FILE_SHARE_WRITE` and `FILE_SHARE_DELETE`.
const SHARES_ALL: u32 = 7;
/// `FILE_ATTRIBUTE_REPARSE_POINT`: links, junctions and mount points.
const REPARSE_POINT: u32 = 0x400;

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Dir) {
        let folder = tempfile::tempdir().unwrap();
        let dir = Dir::open_ambient(folder.path()).unwrap();
        (folder, dir)
    }

    #[test]
    fn a_file_and_a_folder_move_unless_their_place_is_taken() {
        let (_folder, dir) = folder();
        dir.create_dir("from", Privacy::Private).unwrap();
        let from = dir.open_dir("from").unwrap();
        from.create_file("file", false).unwrap();
        from.create_dir("inner", Privacy::Private).unwrap();
        for name in ["file", "inner"] {
            from.rename_new(name, &dir, name).unwrap();
            assert!(dir.stat(OsStr::new(name)).is_ok());
            assert!(from.stat(OsStr::new(name)).is_err());
        }
        from.create_file("file", false).unwrap();
        let taken = from.rename_new("file", &dir, "file").unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_folder_is_removed_while_it_is_open_and_a_file_is_none() {
        let (_folder, dir) = folder();
        dir.create_dir("folder", Privacy::Private).unwrap();
        let open = dir.open_dir("folder").unwrap();
        open.create_file("file", false).unwrap();
        open.remove_file("file").unwrap();
        dir.remove_dir("folder").unwrap();
        drop(open);
        assert!(dir.stat(OsStr::new("folder")).is_err());
        dir.create_file("file", false).unwrap();
        let error = dir.open_dir("file").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotADirectory);
    }

    #[test]
    fn a_file_moves_while_it_is_open() {
        let (_folder, dir) = folder();
        let file = dir.create_file("open", false).unwrap();
        write_at(&file, b"12345", 0).unwrap();
        dir.open_file_to_sync("open").unwrap().sync_all().unwrap();
        dir.rename_new("open", &dir, "moved").unwrap();
        assert_eq!(dir.stat(OsStr::new("moved")).unwrap().size_bytes, 5);
        drop(file);
    }

    #[test]
    fn the_disk_has_a_size_and_what_is_free_is_a_part_of_it() {
        let (_folder, dir) = folder();
        dir.create_dir("inner", Privacy::Private).unwrap();
        for place in [&dir, &dir.open_dir("inner").unwrap()] {
            let space = place.free_space().unwrap();
            assert!(space.total_bytes > 0);
            assert!((1..=space.total_bytes).contains(&space.available_bytes));
        }
    }

    #[test]
    fn files_and_folders_keep_the_times_that_they_are_given() {
        let (_folder, dir) = folder();
        let file = dir.create_file("file", false).unwrap();
        dir.create_dir("folder", Privacy::Private).unwrap();
        let folder = dir.open_dir("folder").unwrap();
        // The system counts in steps of 100 nanoseconds.
        for (seconds, nanoseconds) in [(1_700_000_000, 123_456_700), (0, 0), (-1, 900_000_000)] {
            let time = Timestamp {
                seconds,
                nanoseconds,
            };
            crate::platform::set_modified(&file, time).unwrap();
            folder.set_modified(time).unwrap();
            assert_eq!(stat(&file).unwrap().modified, time);
            for name in ["file", "folder"] {
                assert_eq!(dir.stat(OsStr::new(name)).unwrap().modified, time, "{name}");
            }
        }
    }
}
