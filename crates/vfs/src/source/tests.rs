use super::*;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, symlink};
use tempfile::TempDir;

fn tree(files: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in files {
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file).unwrap();
    }
    dir
}

fn scan(source: &Source) -> (Vec<Entry>, Vec<Skipped>, ScanTotals) {
    let (mut found, mut skipped) = (Vec::new(), Vec::new());
    let mut keep = |entry| {
        found.push(entry);
        Ok(())
    };
    let totals = source.scan(&mut keep, &mut |skip| skipped.push(skip));
    (found, skipped, totals.unwrap())
}

fn rel(path: &str) -> RelPath {
    let names = path.split('/').map(|name| Name::parse(name).unwrap());
    RelPath::new(names.collect()).unwrap()
}

#[test]
fn a_scan_goes_by_bytes_with_folders_before_their_contents_and_two_agree() {
    let dir = tree(&["r/b/2", "r/b/1", "r/a", "r/B", "r/b.txt", "r/\u{e9}", "one"]);
    let paths = [dir.path().join("r"), dir.path().join("one")];
    let (found, skipped, totals) = scan(&Source::open(&paths).unwrap());
    let shown: Vec<String> = found.iter().map(|entry| entry.path.to_string()).collect();
    let expected = ["one", "r", "r/B", "r/a", "r/b.txt", "r/\u{e9}"];
    let collided: Vec<&str> = skipped.iter().map(|skip| skip.path.as_str()).collect();
    assert_eq!(collided, ["r/b"], "it collides with r/B");
    assert_eq!(shown, expected);
    assert_eq!((totals.entries, totals.files), (6, 5));
    assert_eq!(
        totals.bytes,
        found.iter().map(Entry::size_bytes).sum::<u64>()
    );
    let again = Source::open(&[paths[1].clone(), paths[0].clone()]).unwrap();
    assert_eq!(scan(&again).0, found);
}

#[test]
fn names_that_are_no_text_or_not_portable_are_skipped_and_told_escaped() {
    let dir = tree(&["r/good", "r/tab\there", "r/back\\slash"]);
    let bytes = OsStr::from_bytes(b"bad\xFFname");
    fs::write(dir.path().join("r").join(bytes), "x").unwrap();
    let (found, skipped, _) = scan(&Source::open(&[dir.path().join("r")]).unwrap());
    assert_eq!(found.len(), 2);
    let told: Vec<(&str, SkipReason)> = skipped
        .iter()
        .map(|skip| (skip.path.as_str(), skip.reason))
        .collect();
    let separator = SkipReason::Unportable(NameError::Separator);
    let control = SkipReason::Unportable(NameError::Control);
    let expected = [
        ("r/back\\slash", separator),
        ("r/bad\u{FFFD}name", SkipReason::NotUnicode),
        ("r/tab\\u{9}here", control),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_tree_deeper_than_a_path_may_be_is_sent_as_far_as_it_goes() {
    let dir = tree(&[&format!("{}/file", vec!["d"; 70].join("/"))]);
    let (found, skipped, _) = scan(&Source::open(&[dir.path().join("d")]).unwrap());
    assert_eq!(found.len(), model::limits::PATH_DEPTH);
    let reasons: Vec<SkipReason> = skipped.iter().map(|skip| skip.reason).collect();
    assert_eq!(reasons, [SkipReason::PathTooLong]);
}

#[test]
fn what_cannot_be_sent_at_all_is_told_by_its_path() {
    let dir = tree(&["a\\b"]);
    let open = |path: &Path| Source::open(&[path.to_path_buf()]);
    assert!(matches!(Source::open(&[]), Err(SourceError::Nothing)));
    let missing = open(&dir.path().join("no"));
    assert!(matches!(missing, Err(SourceError::NotFound { .. })));
    let device = open(Path::new("/dev/null"));
    assert!(matches!(device, Err(SourceError::NotSendable { .. })));
    assert!(matches!(
        open(Path::new("/")),
        Err(SourceError::NoName { .. })
    ));
    let name = open(&dir.path().join("a\\b"));
    assert!(matches!(name, Err(SourceError::Unportable { .. })));
}

#[test]
fn a_link_that_the_user_named_is_followed_under_its_own_name() {
    let dir = tree(&["real/file"]);
    symlink("real", dir.path().join("shown")).unwrap();
    let mut source = Source::open(&[dir.path().join("shown")]).unwrap();
    let (found, _, _) = scan(&source);
    let shown: Vec<String> = found.iter().map(|entry| entry.path.to_string()).collect();
    assert_eq!(shown, ["shown", "shown/file"]);
    assert!(source.open_entry(&rel("shown/file")).is_ok());
    let dot = Source::open(&[dir.path().join("real/.")]).unwrap();
    assert_eq!(dot.root_names()[0].as_str(), "real");
}

#[test]
fn an_error_of_the_receiver_ends_the_scan() {
    let dir = tree(&["r/1", "r/2"]);
    let source = Source::open(&[dir.path().join("r")]).unwrap();
    let mut calls = 0;
    let mut full = |_| {
        calls += 1;
        Err(io::ErrorKind::StorageFull.into())
    };
    let ended = source.scan(&mut full, &mut |_| {});
    assert!(matches!(ended, Err(ScanError::Receiver(_))));
    assert_eq!(calls, 1);
}

#[test]
fn chunks_are_read_at_any_offset_and_shorter_at_the_end() {
    let dir = tree(&[]);
    let content: Vec<u8> = (0u32..100_000).map(|at| at.to_le_bytes()[1]).collect();
    fs::write(dir.path().join("f"), &content).unwrap();
    let mut source = Source::open(&[dir.path().join("f")]).unwrap();
    let file = source.open_entry(&rel("f")).unwrap();
    for (offset, length) in [(0, 10), (99_990, 10), (50_000, 40_000), (0, 100_000)] {
        let data = file.read_chunk(offset, length).unwrap();
        let start = usize::try_from(offset).unwrap();
        assert_eq!(data.bytes, content[start..start + length as usize]);
        assert_eq!(data.before, data.after);
        assert_eq!(data.before.size_bytes, 100_000);
    }
    assert_eq!(file.read_chunk(99_990, 100).unwrap().bytes.len(), 10);
    assert!(file.read_chunk(100_000, 1).unwrap().bytes.is_empty());
}

#[test]
fn a_change_gives_another_version_even_in_the_same_moment() {
    let dir = tree(&["f"]);
    let path = dir.path().join("f");
    let mut source = Source::open(std::slice::from_ref(&path)).unwrap();
    let file = source.open_entry(&rel("f")).unwrap();
    for round in 0..20u8 {
        fs::write(&path, [round]).unwrap();
        let first = file.read_chunk(0, 1).unwrap();
        assert_eq!(first.bytes, [round]);
        fs::write(&path, [round + 100]).unwrap();
        let second = file.read_chunk(0, 1).unwrap();
        assert_eq!(second.bytes, [round + 100]);
        assert_ne!(first.after, second.before, "round {round}");
    }
}

#[test]
fn a_replaced_file_is_read_as_it_was_until_it_is_closed() {
    let dir = tree(&["f", "g"]);
    let mut source = Source::open(&[dir.path().join("f")]).unwrap();
    let old = source
        .open_entry(&rel("f"))
        .unwrap()
        .read_chunk(0, 9)
        .unwrap();
    fs::rename(dir.path().join("g"), dir.path().join("f")).unwrap();
    let still = source
        .open_entry(&rel("f"))
        .unwrap()
        .read_chunk(0, 9)
        .unwrap();
    assert_eq!((&still.bytes, still.after), (&old.bytes, old.after));
    source.close_entry(&rel("f"));
    let new = source
        .open_entry(&rel("f"))
        .unwrap()
        .read_chunk(0, 9)
        .unwrap();
    assert_eq!(new.bytes, b"g");
    assert_ne!(new.before, old.after);
}

#[test]
fn what_became_of_a_file_is_told_apart() {
    let dir = tree(&[
        "r/gone",
        "r/folder",
        "r/link",
        "r/pipe",
        "r/sub/file",
        "secret/file",
    ]);
    let mut source = Source::open(&[dir.path().join("r")]).unwrap();
    let root = dir.path().join("r");
    for name in ["gone", "folder", "link", "pipe"] {
        fs::remove_file(root.join(name)).unwrap();
    }
    fs::create_dir(root.join("folder")).unwrap();
    symlink("../secret/file", root.join("link")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        root.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .unwrap();
    fs::remove_dir_all(root.join("sub")).unwrap();
    symlink("../secret", root.join("sub")).unwrap();
    let mut failure = |path| source.open_entry(&rel(path)).unwrap_err();
    assert!(matches!(failure("r/gone"), ReadFailure::Gone));
    assert!(matches!(failure("r/folder"), ReadFailure::BecameFolder));
    assert!(matches!(failure("r/link"), ReadFailure::NotAFile));
    assert!(matches!(failure("r/pipe"), ReadFailure::NotAFile));
    assert!(matches!(failure("r/sub/file"), ReadFailure::Gone));
    assert!(matches!(failure("other/file"), ReadFailure::Gone));
}

#[test]
fn the_version_is_what_the_file_system_says() {
    let dir = tree(&["f"]);
    let path = dir.path().join("f");
    let mut source = Source::open(std::slice::from_ref(&path)).unwrap();
    let version = source.open_entry(&rel("f")).unwrap().version().unwrap();
    let data = fs::metadata(&path).unwrap();
    assert_eq!(version.file_number, data.ino());
    assert_eq!(version.modified.seconds, data.mtime());
    assert_eq!(i64::from(version.modified.nanoseconds), data.mtime_nsec());
}

#[test]
fn no_more_files_are_open_than_a_peer_may_have() {
    let names: Vec<String> = (0..200).map(|number| format!("r/{number}/f")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let dir = tree(&names);
    let mut source = Source::open(&[dir.path().join("r")]).unwrap();
    let below = dir.path().canonicalize().unwrap();
    for name in names {
        source.open_entry(&rel(name)).unwrap();
        let open = fs::read_dir("/proc/self/fd").unwrap();
        let open = open.filter_map(|fd| fs::read_link(fd.unwrap().path()).ok());
        let open = open.filter(|target| target.starts_with(&below)).count();
        assert!(open <= OPEN_FILES_PER_PEER, "{open} files are open");
    }
}
