//! A few bytes that are kept beside a transfer's other things: there whole, or as they were before.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Reads a note of at most `most_bytes`; `None` if there is none, or a longer one.
pub fn read(path: &Path, most_bytes: usize) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let most = u64::try_from(most_bytes).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= most_bytes).then_some(bytes))
}

/// Writes a note in the place of the last one.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    std::fs::write(&new, bytes)?;
    std::fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written_last_and_no_longer_one_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note");
        assert_eq!(read(&path, 9).unwrap(), None);
        write(&path, b"first").unwrap();
        write(&path, b"second").unwrap();
        assert_eq!(read(&path, 6).unwrap().as_deref(), Some(&b"second"[..]));
        assert_eq!(read(&path, 5).unwrap(), None);
    }
}
