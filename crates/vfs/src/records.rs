//! Records of bytes in a file, one after the other: `length u32, big-endian ‖ bytes`.
//!
//! Holds the lists of receipts, and receipts that were exported. What is in a record is its reader's matter.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::platform;

/// Why records could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// A record is longer than its reader takes, or the file ends within one.
    #[error("the file is damaged or of another kind")]
    Malformed,
    /// The disk is full.
    #[error("the disk is full")]
    NoSpace,
    /// The file system refused.
    #[error("the file could not be accessed: {0}")]
    Io(#[source] io::Error),
}

impl From<io::Error> for RecordsError {
    fn from(error: io::Error) -> Self {
        if platform::is_out_of_space(&error) {
            Self::NoSpace
        } else {
            Self::Io(error)
        }
    }
}

/// Writes a file of records; it has its name only when it is whole.
#[derive(Debug)]
pub struct RecordWriter {
    file: BufWriter<File>,
    draft: PathBuf,
    path: PathBuf,
    overwrite: Overwrite,
}

/// What happens to a file that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// It is replaced.
    Replace,
    /// It stays, and the writing fails.
    Refuse,
}

impl RecordWriter {
    /// Starts a file that only its owner may read; makes its folder if that is missing.
    pub fn create(path: &Path, overwrite: Overwrite) -> Result<Self, RecordsError> {
        if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        if overwrite == Overwrite::Refuse && path.symlink_metadata().is_ok() {
            return Err(RecordsError::Io(io::ErrorKind::AlreadyExists.into()));
        }
        let mut draft = path.as_os_str().to_owned();
        draft.push(".new");
        let draft = PathBuf::from(draft);
        match std::fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self {
            file: BufWriter::new(options.open(&draft)?),
            draft,
            path: path.to_owned(),
            overwrite,
        })
    }

    /// Adds a record.
    pub fn push(&mut self, record: &[u8]) -> Result<(), RecordsError> {
        let length = u32::try_from(record.len()).map_err(|_| RecordsError::Malformed)?;
        self.file.write_all(&length.to_be_bytes())?;
        self.file.write_all(record)?;
        Ok(())
    }

    /// Puts everything on the disk and gives the file its name.
    pub fn finish(mut self) -> Result<(), RecordsError> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        match self.overwrite {
            Overwrite::Replace => std::fs::rename(&self.draft, &self.path)?,
            Overwrite::Refuse => {
                std::fs::hard_link(&self.draft, &self.path)?;
                std::fs::remove_file(&self.draft)?;
            }
        }
        Ok(())
    }
}

impl Drop for RecordWriter {
    fn drop(&mut self) {
        // Once it was finished there is nothing under this name.
        let _unless_finished = std::fs::remove_file(&self.draft);
    }
}

/// Reads a file of records, one at a time.
#[derive(Debug)]
pub struct RecordReader {
    file: BufReader<File>,
}

impl RecordReader {
    /// Opens a file that a person or this program named.
    pub fn open(path: &Path) -> Result<Self, RecordsError> {
        let file = BufReader::new(File::open(path)?);
        Ok(Self { file })
    }

    /// Reads the next record of at most `most_bytes`; `None` at the end.
    pub fn next(&mut self, most_bytes: usize) -> Result<Option<Vec<u8>>, RecordsError> {
        let mut length = [0; 4];
        let first = self.file.read(&mut length)?;
        if first == 0 {
            return Ok(None);
        }
        self.fill(&mut length[first..])?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > most_bytes {
            return Err(RecordsError::Malformed);
        }
        let mut record = vec![0; length];
        self.fill(&mut record)?;
        Ok(Some(record))
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RecordsError> {
        match self.file.read_exact(bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(RecordsError::Malformed)
            }
            read => Ok(read?),
        }
    }
}

/// Removes a file of records, if there is one.
pub fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(path: &Path, records: &[&[u8]]) {
        let mut writer = RecordWriter::create(path, Overwrite::Replace).unwrap();
        for record in records {
            writer.push(record).unwrap();
        }
        assert!(!path.exists(), "no half file has the name");
        writer.finish().unwrap();
    }

    #[test]
    fn records_are_read_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/list");
        written(&path, &[b"one", b"", b"three"]);
        let mut reader = RecordReader::open(&path).unwrap();
        for expected in [&b"one"[..], b"", b"three"] {
            assert_eq!(reader.next(5).unwrap().as_deref(), Some(expected));
        }
        assert!(reader.next(5).unwrap().is_none());
        assert_eq!(
            std::fs::read_dir(folder.path().join("made"))
                .unwrap()
                .count(),
            1
        );
    }

    #[test]
    fn a_record_that_is_too_long_or_cut_off_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        written(&path, &[b"four"]);
        let mut reader = RecordReader::open(&path).unwrap();
        assert!(matches!(reader.next(3), Err(RecordsError::Malformed)));
        let bytes = std::fs::read(&path).unwrap();
        for end in 1..bytes.len() {
            std::fs::write(&path, &bytes[..end]).unwrap();
            let mut reader = RecordReader::open(&path).unwrap();
            assert!(
                matches!(reader.next(9), Err(RecordsError::Malformed)),
                "{end}"
            );
        }
    }

    #[test]
    fn an_export_never_replaces_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine");
        std::fs::write(&path, b"mine").unwrap();
        assert!(RecordWriter::create(&path, Overwrite::Refuse).is_err());
        let other = folder.path().join("other");
        let writer = RecordWriter::create(&other, Overwrite::Refuse).unwrap();
        std::fs::write(&other, b"meanwhile").unwrap();
        assert!(writer.finish().is_err());
        assert_eq!(std::fs::read(&other).unwrap(), b"meanwhile");
    }
}
