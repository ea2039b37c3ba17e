use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::private::create_or_open_private;
use super::{Home, HomeError, socket};

/// Why this process cannot own the home.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process does.
    #[error("Wherry is already running for this home{}", by(*pid))]
    HomeBusy {
        /// Its process id, if it could be read.
        pid: Option<u32>,
    },
    /// The place for the local socket cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The lock file cannot be used.
    #[error("{} cannot be locked: {source}", path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn by(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})"))
        .unwrap_or_default()
}

/// The right to use a home, given up when dropped.
///
/// The operating system holds it: a process that is killed leaves nothing behind. The file itself
/// stays, since deleting it would let two processes lock two files of one name.
#[derive(Debug)]
pub struct HomeLock {
    _file: File,
}

pub(super) fn acquire(home: &Home) -> Result<HomeLock, LockError> {
    let path = home.lock_path();
    let failed = |source| LockError::Io {
        path: path.clone(),
        source,
    };
    let mut file = create_or_open_private(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let pid = read_record(&path).and_then(|record| record.pid);
            return Err(LockError::HomeBusy { pid });
        }
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    let runtime = std::env::var_os("XDG_RUNTIME_DIR");
    let socket = socket::choose(home.path(), None, runtime.as_deref())?;
    write_record(&mut file, &socket).map_err(failed)?;
    Ok(HomeLock { _file: file })
}

/// Where the current or last owner listens.
pub(super) fn recorded_socket(home: &Home) -> Option<PathBuf> {
    read_record(&home.lock_path())?.socket
}

/// What the owner writes: its process id and, on the next line, its socket.
struct Record {
    pid: Option<u32>,
    socket: Option<PathBuf>,
}

fn write_record(file: &mut File, socket: &Path) -> io::Result<()> {
    let mut text = std::process::id().to_string();
    if let Some(socket) = socket.to_str() {
        text = format!("{text}\n{socket}\n");
    }
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(text.as_bytes())
}

fn read_record(path: &Path) -> Option<Record> {
    let mut text = String::new();
    let file = File::open(path).ok()?;
    file.take(RECORD_BYTES).read_to_string(&mut text).ok()?;
    let mut lines = text.lines();
    Some(Record {
        pid: lines.next().and_then(|line| line.parse().ok()),
        socket: lines.next().map(PathBuf::from),
    })
}

/// A process id and one short path.
const RECORD_BYTES: u64 = 1024;
