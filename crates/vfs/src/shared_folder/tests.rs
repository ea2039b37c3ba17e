use std::fs;
use std::path::Path;

use model::{Digest, FolderId, Name};

use super::*;

const FOLDER: FolderId = FolderId([7; 16]);

fn path(text: &str) -> RelPath {
    RelPath::new(text.split('/').map(|it| Name::parse(it).unwrap()).collect()).unwrap()
}

fn found() -> (tempfile::TempDir, SharedFolder) {
    let root = tempfile::tempdir().unwrap();
    let shared = SharedFolder::found(root.path(), FOLDER).unwrap();
    (root, shared)
}

fn stage(shared: &SharedFolder, content: &[u8]) -> Digest {
    let digest = Digest::of(content);
    shared.stage(&digest).unwrap().write(0, content).unwrap();
    digest
}

fn stat(shared: &SharedFolder, at: &str) -> FileStat {
    let found = shared.look(&path(at)).unwrap();
    let Found::File(stat) = found else {
        panic!("{found:?}");
    };
    stat
}

const NO_TIME: Timestamp = Timestamp {
    seconds: 1_790_000_000,
    // Windows counts in steps of 100.
    nanoseconds: 500,
};

fn place<'a>(source: Source<'a>) -> Deed<'a> {
    Deed::Place {
        source,
        modified: NO_TIME,
        executable: false,
    }
}

fn change(
    shared: &SharedFolder,
    at: &str,
    expected: Expected,
    keep: Keep<'_>,
    deed: Deed<'_>,
) -> Result<Found, ChangeError> {
    shared.change(&Change {
        path: &path(at),
        expected,
        keep,
        deed,
        now_ms: 1_790_000_000_000,
    })
}

fn read(root: &Path, at: &str) -> String {
    fs::read_to_string(root.join(at)).unwrap()
}

#[test]
fn a_staged_file_takes_its_place_and_what_it_replaces_goes_to_the_versions() {
    let (root, shared) = found();
    fs::create_dir(root.path().join("a")).unwrap();
    let one = stage(&shared, b"one");
    let placed = change(
        &shared,
        "a/b.txt",
        Expected::Nothing,
        Keep::Nothing,
        place(Source::Staged(&one)),
    );
    assert!(
        matches!(placed, Ok(Found::File(stat)) if stat.modified == NO_TIME),
        "{placed:?}"
    );
    let two = stage(&shared, b"two!");
    let before = Expected::File(stat(&shared, "a/b.txt"));
    change(
        &shared,
        "a/b.txt",
        before,
        Keep::Version(&one),
        place(Source::Staged(&two)),
    )
    .unwrap();
    assert_eq!(read(root.path(), "a/b.txt"), "two!");
    let kept = shared.kept().unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (kept[0].path.clone(), kept[0].replaced_ms),
        (path("a/b.txt"), 1_790_000_000_000)
    );
    assert_eq!(kept[0].digest_start, one.0[..8]);
    assert_eq!(
        shared
            .open_kept(&kept[0].stored)
            .unwrap()
            .read(0, 9)
            .unwrap(),
        b"one"
    );
    shared.remove_kept(&kept[0].stored).unwrap();
    assert_eq!(shared.kept().unwrap(), []);
    assert!(!root.path().join(".wherry/versions/a").exists());
}

#[test]
fn what_a_person_saved_meanwhile_is_never_replaced() {
    let (root, shared) = found();
    fs::write(root.path().join("x"), "mine").unwrap();
    let seen = stat(&shared, "x");
    fs::write(root.path().join("x"), "mine, longer").unwrap();
    let theirs = stage(&shared, b"theirs");
    let deeds = [
        place(Source::Staged(&theirs)),
        Deed::Remove,
        Deed::MakeFolder,
    ];
    for deed in deeds {
        let changed = change(&shared, "x", Expected::File(seen), Keep::Nothing, deed);
        assert!(matches!(changed, Err(ChangeError::Stale)), "{changed:?}");
    }
    let fresh = change(&shared, "x", Expected::Nothing, Keep::Nothing, deeds[0]);
    assert!(matches!(fresh, Err(ChangeError::Stale)));
    assert_eq!(read(root.path(), "x"), "mine, longer");
    assert_eq!(shared.staged().unwrap(), [theirs]);
}

#[test]
fn a_file_that_loses_is_kept_beside_the_winner() {
    let (root, shared) = found();
    fs::write(root.path().join("x"), "mine").unwrap();
    let theirs = stage(&shared, b"theirs");
    let mine = Expected::File(stat(&shared, "x"));
    let copy = path("x (ben)");
    change(
        &shared,
        "x",
        mine,
        Keep::Copy(&copy),
        place(Source::Staged(&theirs)),
    )
    .unwrap();
    assert_eq!(read(root.path(), "x"), "theirs");
    assert_eq!(read(root.path(), "x (ben)"), "mine");
    fs::write(root.path().join("y"), "mine").unwrap();
    let theirs = stage(&shared, b"others");
    let mine = Expected::File(stat(&shared, "y"));
    let taken = change(
        &shared,
        "y",
        mine,
        Keep::Copy(&copy),
        place(Source::Staged(&theirs)),
    );
    assert!(matches!(taken, Err(ChangeError::Stale)));
    assert_eq!(read(root.path(), "y"), "mine");
}

#[test]
fn a_folder_with_something_in_it_is_neither_replaced_nor_removed() {
    let (root, shared) = found();
    fs::create_dir(root.path().join("d")).unwrap();
    fs::write(root.path().join("d/in"), "x").unwrap();
    let file = stage(&shared, b"file");
    for deed in [place(Source::Staged(&file)), Deed::Remove] {
        let changed = change(&shared, "d", Expected::Folder, Keep::Nothing, deed);
        assert!(matches!(changed, Err(ChangeError::NotEmpty)), "{changed:?}");
    }
    assert_eq!(read(root.path(), "d/in"), "x");
    fs::remove_file(root.path().join("d/in")).unwrap();
    change(
        &shared,
        "d",
        Expected::Folder,
        Keep::Nothing,
        place(Source::Staged(&file)),
    )
    .unwrap();
    assert_eq!(read(root.path(), "d"), "file");
    let there = Expected::File(stat(&shared, "d"));
    change(&shared, "d", there, Keep::Version(&file), Deed::MakeFolder).unwrap();
    assert!(root.path().join("d").is_dir());
    change(&shared, "d", Expected::Folder, Keep::Nothing, Deed::Remove).unwrap();
    assert!(!root.path().join("d").exists());
}

#[test]
fn a_file_moves_only_if_it_is_what_it_was() {
    let (root, shared) = found();
    fs::write(root.path().join("from"), "1").unwrap();
    let seen = stat(&shared, "from");
    let from = path("from");
    change(
        &shared,
        "to",
        Expected::Nothing,
        Keep::Nothing,
        place(Source::Move(&from, seen)),
    )
    .unwrap();
    assert_eq!(read(root.path(), "to"), "1");
    assert!(!root.path().join("from").exists());
    fs::write(root.path().join("from"), "22").unwrap();
    let stale = change(
        &shared,
        "other",
        Expected::Nothing,
        Keep::Nothing,
        place(Source::Move(&from, seen)),
    );
    assert!(matches!(stale, Err(ChangeError::Stale)));
    assert_eq!(read(root.path(), "from"), "22");
}

#[test]
fn what_was_on_its_way_when_the_process_ended_goes_to_the_versions() {
    let (root, shared) = found();
    let name = versions::version_name(&Name::parse("report.txt").unwrap(), 5, &Digest([1; 32]));
    fs::write(root.path().join(".wherry/placing").join(&name), "old").unwrap();
    fs::create_dir(root.path().join(".wherry/placing/empty")).unwrap();
    drop(shared);
    let shared = SharedFolder::open(root.path(), FOLDER).unwrap();
    let kept = shared.kept().unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].path, path("report.txt"));
    assert_eq!(
        fs::read_dir(root.path().join(".wherry/placing"))
            .unwrap()
            .count(),
        0
    );
}

#[cfg(unix)] // Elsewhere nobody removes what is open.
#[test]
fn a_folder_belongs_to_one_share_only_and_says_when_it_is_gone() {
    let (root, shared) = found();
    let other = FolderId([8; 16]);
    let taken = SharedFolder::found(root.path(), other).unwrap_err();
    assert!(matches!(taken, SharedFolderError::Taken { .. }));
    let below = SharedFolder::found(&root.path().join("sub"), other).unwrap_err();
    assert!(matches!(below, SharedFolderError::Taken { .. }));
    assert!(shared.is_there(root.path()));
    fs::remove_dir_all(root.path().join(".wherry")).unwrap();
    assert!(!shared.is_there(root.path()));
    let gone = SharedFolder::open(root.path(), FOLDER).unwrap_err();
    assert!(matches!(gone, SharedFolderError::Gone { .. }));
}

#[cfg(unix)]
#[test]
fn a_link_in_the_folder_is_neither_followed_nor_replaced() {
    let (root, shared) = found();
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), root.path().join("link")).unwrap();
    assert_eq!(shared.look(&path("link")).unwrap(), Found::Other);
    assert_eq!(shared.look(&path("link/in")).unwrap(), Found::Nothing);
    let file = stage(&shared, b"x");
    let at_link = change(
        &shared,
        "link",
        Expected::Nothing,
        Keep::Nothing,
        place(Source::Staged(&file)),
    );
    assert!(matches!(at_link, Err(ChangeError::Unholdable)));
    let below = change(
        &shared,
        "link/in",
        Expected::Nothing,
        Keep::Nothing,
        place(Source::Staged(&file)),
    );
    assert!(matches!(below, Err(ChangeError::Stale)));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn a_walk_tells_folders_before_what_is_in_them_and_leaves_the_own_storage_out() {
    let (root, shared) = found();
    fs::create_dir_all(root.path().join("a/b")).unwrap();
    fs::write(root.path().join("a/b/c"), "1").unwrap();
    fs::write(root.path().join("a.txt"), "1").unwrap();
    let mut seen = Vec::new();
    let mut visit = |visited: Visited| {
        match visited {
            Visited::Folder(path) => seen.push(format!("{path}/")),
            Visited::File(path, _) => seen.push(path.to_string()),
            Visited::Skipped { .. } | Visited::Closed(_) => panic!("{visited:?}"),
        }
        true
    };
    shared.walk(None, &mut visit).unwrap();
    assert_eq!(seen, ["a/", "a.txt", "a/b/", "a/b/c"]);
}
