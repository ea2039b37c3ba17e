use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// A log file that is started anew when it is full; the full one is kept as `<name>.1`.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    file: File,
    written_bytes: u64,
    limit_bytes: u64,
}

impl LogFile {
    /// Opens `path` to append, readable by this user alone.
    pub(crate) fn open(path: &Path, limit_bytes: u64) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        Ok(Self {
            path: path.to_owned(),
            written_bytes: file.metadata()?.len(),
            file,
            limit_bytes,
        })
    }

    /// Goes on in a new file if somebody moved the old one away and said so.
    fn follow_move(&mut self) -> io::Result<()> {
        if MOVED.swap(false, Ordering::Relaxed) {
            *self = Self::open(&self.path, self.limit_bytes)?;
        }
        Ok(())
    }

    fn start_anew(&mut self) -> io::Result<()> {
        let mut full = self.path.clone().into_os_string();
        full.push(".1");
        std::fs::rename(&self.path, full)?;
        *self = Self::open(&self.path, self.limit_bytes)?;
        Ok(())
    }
}

impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.follow_move()?;
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.written_bytes > 0 && self.written_bytes.saturating_add(length) > self.limit_bytes {
            self.start_anew()?;
        }
        let written = self.file.write(line)?;
        self.written_bytes += u64::try_from(written).unwrap_or(u64::MAX);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Says that the log file may have been moved away: the next line goes to a file of its old name.
pub fn reopen() {
    MOVED.store(true, Ordering::Relaxed);
}

static MOVED: AtomicBool = AtomicBool::new(false);

/// One log file; with the one before it, at most twice this is kept.
pub const LOG_FILE_BYTES: u64 = 8 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_is_kept_once_and_started_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wherry.log");
        let mut log = LogFile::open(&path, 20).unwrap();
        for line in ["the first line\n", "the second line\n", "the third line\n"] {
            log.write_all(line.as_bytes()).unwrap();
        }
        let old = folder.path().join("wherry.log.1");
        assert_eq!(std::fs::read_to_string(old).unwrap(), "the second line\n");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "the third line\n");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_log_that_was_moved_away_is_started_anew_once_that_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wherry.log");
        let moved = folder.path().join("yesterday.log");
        let mut log = LogFile::open(&path, 1_000).unwrap();
        log.write_all(b"one\n").unwrap();
        std::fs::rename(&path, &moved).unwrap();
        log.write_all(b"two\n").unwrap();
        reopen();
        log.write_all(b"three\n").unwrap();
        assert_eq!(std::fs::read_to_string(&moved).unwrap(), "one\ntwo\n");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "three\n");
    }

    #[test]
    fn a_log_goes_on_where_it_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wherry.log");
        for line in ["one\n", "two\n"] {
            let mut log = LogFile::open(&path, 20).unwrap();
            log.write_all(line.as_bytes()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
    }

    #[cfg(unix)]
    #[test]
    fn a_log_is_readable_by_its_user_alone() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wherry.log");
        LogFile::open(&path, 20).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
