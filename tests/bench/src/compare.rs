use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use anyhow::{Context as _, ensure};

/// How much of an entry must have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fidelity {
    /// Names and bytes.
    Content,
    /// Also the executable bit and the time of change, to the nanosecond.
    Everything,
}

/// Compares two files or whole trees, byte for byte; the error says where they differ.
pub(crate) fn same(left: &Path, right: &Path, fidelity: Fidelity) -> anyhow::Result<()> {
    let (old, new) = (metadata(left)?, metadata(right)?);
    let shown = right.display();
    ensure!(
        old.file_type() == new.file_type(),
        "{shown} is of another kind"
    );
    if fidelity == Fidelity::Everything {
        let time = |it: &Metadata| (it.mtime(), it.mtime_nsec());
        ensure!(time(&old) == time(&new), "{shown} has another time");
        let is_executable = |it: &Metadata| it.mode() & 0o100 != 0;
        ensure!(
            is_executable(&old) == is_executable(&new),
            "{shown} has another mode"
        );
    }
    if !old.is_dir() {
        ensure!(old.len() == new.len(), "{shown} has {} bytes", new.len());
        ensure!(same_bytes(left, right)?, "{shown} has other bytes");
        return Ok(());
    }
    let (expected, found) = (names(left)?, names(right)?);
    if let Some(name) = expected.symmetric_difference(&found).next() {
        anyhow::bail!("{} is on one side only", right.join(name).display());
    }
    expected
        .iter()
        .try_for_each(|name| same(&left.join(name), &right.join(name), fidelity))
}

fn metadata(path: &Path) -> anyhow::Result<Metadata> {
    fs::symlink_metadata(path).with_context(|| path.display().to_string())
}

fn names(folder: &Path) -> io::Result<BTreeSet<OsString>> {
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name()))
        .collect()
}

fn same_bytes(left: &Path, right: &Path) -> io::Result<bool> {
    let (mut left, mut right) = (File::open(left)?, File::open(right)?);
    let (mut left_piece, mut right_piece) = (Vec::new(), Vec::new());
    loop {
        next_piece(&mut left, &mut left_piece)?;
        next_piece(&mut right, &mut right_piece)?;
        if left_piece != right_piece {
            return Ok(false);
        }
        if left_piece.is_empty() {
            return Ok(true);
        }
    }
}

fn next_piece(file: &mut File, piece: &mut Vec<u8>) -> io::Result<usize> {
    piece.clear();
    file.take(PIECE_BYTES).read_to_end(piece)
}

const PIECE_BYTES: u64 = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    fn two_trees() -> (tempfile::TempDir, [std::path::PathBuf; 2]) {
        let folder = tempfile::TempDir::new().unwrap();
        let trees = ["left", "right"].map(|side| folder.path().join(side));
        for tree in &trees {
            fs::create_dir_all(tree.join("in")).unwrap();
            let path = tree.join("in/file");
            fs::write(&path, vec![7; 3_000_000]).unwrap();
            let file = File::options().append(true).open(path).unwrap();
            let day = SystemTime::UNIX_EPOCH + Duration::from_secs(86_400);
            file.set_modified(day).unwrap();
        }
        (folder, trees)
    }

    #[test]
    fn equal_content_passes_and_one_other_byte_does_not() {
        let (_folder, [left, right]) = two_trees();
        same(&left, &right, Fidelity::Content).unwrap();
        let mut bytes = vec![7; 3_000_000];
        bytes[2_500_000] = 8;
        fs::write(right.join("in/file"), bytes).unwrap();
        same(&left, &right, Fidelity::Content).unwrap_err();
    }

    #[test]
    fn a_missing_or_additional_name_is_found() {
        let (_folder, [left, right]) = two_trees();
        fs::write(right.join("in/more"), []).unwrap();
        same(&left, &right, Fidelity::Content).unwrap_err();
        same(&right, &left, Fidelity::Content).unwrap_err();
    }

    #[test]
    fn another_time_counts_only_when_everything_does() {
        let (_folder, [left, right]) = two_trees();
        let (left, right) = (left.join("in/file"), right.join("in/file"));
        same(&left, &right, Fidelity::Everything).unwrap();
        fs::write(&right, vec![7; 3_000_000]).unwrap();
        same(&left, &right, Fidelity::Content).unwrap();
        same(&left, &right, Fidelity::Everything).unwrap_err();
    }
}
