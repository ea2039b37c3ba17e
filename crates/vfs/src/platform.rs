//! What differs between operating systems: folders as open handles, and a few calls on files.
//!
//! Every path below a [`Dir`] is checked names joined by `/`; none of its steps follows a link.

use std::fs::File;
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::{Name, Timestamp};

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::*;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::*;

/// What a name in a folder is, without following a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, or whatever resembles one.
    Link,
    /// A device, socket or pipe.
    Special,
}

/// What the file system says about a file or folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stat {
    pub(crate) kind: NodeKind,
    pub(crate) size_bytes: u64,
    pub(crate) modified: Timestamp,
    /// When anything about it changed last; its modification where systems do not tell.
    pub(crate) changed: Timestamp,
    /// 0 where there is none.
    pub(crate) file_number: u64,
    pub(crate) executable: bool,
    /// Whether no other name leads to it.
    pub(crate) is_only_name: bool,
}

/// Who may enter a folder that is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Privacy {
    /// Its owner only.
    Private,
    /// Whoever the user's mask lets in.
    Shared,
}

/// Joins names to a path below a [`Dir`].
pub(crate) fn joined(names: &[Name]) -> String {
    let names: Vec<&str> = names.iter().map(Name::as_str).collect();
    names.join("/")
}

/// Sets the time of the last change of a file or open folder; a time no system can hold is left out.
pub(crate) fn set_modified(file: &File, modified: Timestamp) -> io::Result<()> {
    let Some(time) = system_time(modified) else {
        return Ok(());
    };
    file.set_times(std::fs::FileTimes::new().set_modified(time))
}

/// Reads exactly what is there of `length` bytes at `offset`: fewer only at the end of the file.
pub(crate) fn read_chunk(file: &File, offset: u64, length: u32) -> io::Result<Vec<u8>> {
    let length = usize::try_from(length).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        match read_more(file, &mut bytes, offset) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}

fn system_time(time: Timestamp) -> Option<SystemTime> {
    if time.nanoseconds >= 1_000_000_000 {
        return None;
    }
    let seconds = Duration::from_secs(time.seconds.unsigned_abs());
    let whole = if time.seconds < 0 {
        UNIX_EPOCH.checked_sub(seconds)?
    } else {
        UNIX_EPOCH.checked_add(seconds)?
    };
    whole.checked_add(Duration::from_nanos(time.nanoseconds.into()))
}
