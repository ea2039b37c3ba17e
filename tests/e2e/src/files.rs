use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

/// Makes a file of `size_bytes` that depends on `seed` everywhere.
///
/// # Panics
/// When the disk refuses.
pub fn make_file(path: &Path, size_bytes: usize, seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let bytes: Vec<u8> = (0..size_bytes.div_ceil(8))
        .flat_map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        })
        .take(size_bytes)
        .collect();
    fs::write(path, bytes).expect("the sample can be written");
}

/// Makes a small tree of the awkward kind: empty folders, empty files, all scripts, an executable.
///
/// # Panics
/// When the disk refuses.
pub fn make_tree(root: &Path) {
    fs::create_dir_all(root.join("empty folder/inside")).expect("folders");
    fs::create_dir_all(root.join("فارسی/日本語")).expect("folders");
    fs::write(root.join("nothing"), b"").expect("a file");
    make_file(
        &root.join("فارسی/日本語/🚣 boat.bin"),
        3 * 1024 * 1024 + 17,
        7,
    );
    make_file(&root.join("ключ.txt"), 41, 8);
    make_file(&root.join("x".repeat(200).as_str()), 1_000, 9);
    let tool = root.join("tool.sh");
    fs::write(&tool, b"#!/bin/sh\n").expect("a file");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).expect("modes");
    for number in 0..300 {
        make_file(
            &root.join(format!("empty folder/{number:03}.dat")),
            number * 7,
            number as u64,
        );
    }
}

/// Asserts that two files hold the same bytes.
///
/// # Panics
/// When not.
pub fn same_file(left: &Path, right: &Path) {
    let mut left_bytes = Vec::new();
    let mut right_bytes = Vec::new();
    File::open(left)
        .and_then(|mut file| file.read_to_end(&mut left_bytes))
        .expect("left");
    File::open(right)
        .and_then(|mut file| file.read_to_end(&mut right_bytes))
        .expect("right");
    assert_eq!(left_bytes.len(), right_bytes.len(), "{}", right.display());
    assert!(left_bytes == right_bytes, "{} differs", right.display());
}

/// Asserts that two trees are the same: names, kinds, bytes, executable bits and times of files.
///
/// # Panics
/// When not.
pub fn same_tree(left: &Path, right: &Path) {
    let names = |path: &Path| -> BTreeSet<_> {
        let entries = fs::read_dir(path).expect("a folder");
        entries
            .map(|entry| entry.expect("an entry").file_name())
            .collect()
    };
    let expected = names(left);
    assert_eq!(expected, names(right), "{}", crate::process::shown(right));
    for name in expected {
        let (left, right) = (left.join(&name), right.join(&name));
        let (old, new) = (
            fs::metadata(&left).expect("left"),
            fs::metadata(&right).expect("right"),
        );
        assert_eq!(old.is_dir(), new.is_dir());
        assert_eq!(
            (old.mtime(), old.mtime_nsec()),
            (new.mtime(), new.mtime_nsec()),
            "{}",
            right.display()
        );
        if old.is_dir() {
            same_tree(&left, &right);
        } else {
            same_file(&left, &right);
            assert_eq!(
                old.mode() & 0o100,
                new.mode() & 0o100,
                "{}",
                right.display()
            );
        }
    }
}

/// The names in a folder that are not hidden; a folder that is not there has none.
pub fn visible_names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names
}
