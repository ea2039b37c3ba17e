//! Whatever stands where something of ours is expected: it is never followed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use model::Digest;
use vfs::sink::Staging;
use vfs::source::{SkipReason, Skipped, Source};

use crate::kit::{HOME, Pair, TRANSFER, commit, file, fill, folder, names_in, pages};

fn stage_deep(pair: &Pair) -> Staging {
    let mut staging = pair.stage();
    let page = [
        folder("a"),
        folder("a/b"),
        folder("a/b/c"),
        file("a/b/c/f", 4),
        file("top", 4),
    ];
    staging.add_page(0, &page).unwrap();
    staging
}

fn write(staging: &mut Staging, entry: u32) -> Result<(), vfs::sink::WriteError> {
    staging.write_chunk(entry, 0, 0, b"data", &Digest::of(b"data"))
}

/// A folder outside with the same shape as the tree, which must stay as it is.
fn outside(pair: &Pair) -> std::path::PathBuf {
    let outside = pair.from.join("outside");
    fs::create_dir_all(outside.join("a/b/c")).unwrap();
    fs::write(outside.join("victim"), "safe").unwrap();
    outside
}

fn assert_untouched(outside: &Path) {
    assert_eq!(names_in(outside), ["a", "victim"]);
    assert_eq!(names_in(&outside.join("a/b/c")), [""; 0]);
    assert_eq!(fs::read(outside.join("victim")).unwrap(), b"safe");
}

#[test]
fn a_link_planted_for_any_folder_of_the_tree_is_not_followed() {
    for level in ["a", "a/b", "a/b/c"] {
        let pair = Pair::new();
        let outside = outside(&pair);
        let mut staging = stage_deep(&pair);
        let place = pair.home().join("tree").join(level);
        fs::remove_dir_all(&place).unwrap();
        symlink(outside.join(level), &place).unwrap();
        assert!(write(&mut staging, 3).is_err(), "{level}");
        drop(staging);
        let mut again = pair.stage();
        assert!(again.open_page(0).is_err(), "{level}");
        assert_untouched(&outside);
    }
}

#[test]
fn a_link_or_second_name_planted_for_a_file_is_not_written() {
    let pair = Pair::new();
    let outside = outside(&pair);
    let mut staging = stage_deep(&pair);
    let tree = pair.home().join("tree");
    symlink(outside.join("victim"), tree.join("a/b/c/f")).unwrap();
    fs::hard_link(outside.join("victim"), tree.join("top")).unwrap();
    assert!(write(&mut staging, 3).is_err());
    assert!(write(&mut staging, 4).is_err());
    assert_untouched(&outside);
    fs::remove_file(tree.join("a/b/c/f")).unwrap();
    symlink(outside.join("new"), tree.join("a/b/c/f")).unwrap();
    assert!(write(&mut staging, 3).is_err());
    assert_untouched(&outside);
}

#[test]
fn a_link_planted_for_the_tree_the_journal_or_the_manifest_is_not_followed() {
    for part in ["tree", "journal", "manifest"] {
        let pair = Pair::new();
        let outside = outside(&pair);
        drop(stage_deep(&pair));
        let place = pair.home().join(part);
        if part == "tree" {
            fs::remove_dir_all(&place).unwrap();
            symlink(&outside, &place).unwrap();
        } else {
            fs::remove_file(&place).unwrap();
            symlink(outside.join("victim"), &place).unwrap();
        }
        assert!(pair.sink().stage(TRANSFER).is_err(), "{part}");
        assert_untouched(&outside);
    }
}

#[test]
fn a_private_folder_that_somebody_else_made_is_not_used() {
    let pair = Pair::new();
    let outside = outside(&pair);
    symlink(&outside, pair.home()).unwrap();
    let open = pair.to.join(HOME.replace(".partial", "-2.partial"));
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    let mut staging = stage_deep(&pair);
    for entry in [3, 4] {
        write(&mut staging, entry).unwrap();
    }
    assert_untouched(&outside);
    assert!(names_in(&open).is_empty());
    let third = pair.to.join(HOME.replace(".partial", "-3.partial"));
    let mode = fs::metadata(&third).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    drop(staging);
    let mut again = pair.stage();
    let (_, have) = again.open_page(0).unwrap();
    assert_eq!(have.chunks.len(), 2, "it is found again");
}

#[test]
fn a_link_in_the_destination_keeps_its_name_and_its_target() {
    let pair = Pair::new();
    pair.put("top", b"sent").put("folder/in", b"sent");
    let mut source = pair.source();
    let pages = pages(&source, 9);
    let outside = outside(&pair);
    symlink(outside.join("victim"), pair.to.join("top")).unwrap();
    symlink(outside.join("nowhere"), pair.to.join("folder")).unwrap();
    let mut staging = pair.stage();
    fill(&mut source, &pages, &mut staging);
    commit(staging);
    assert_eq!(
        names_in(&pair.to),
        ["folder", "folder (2)", "top", "top (2)"]
    );
    assert_untouched(&outside);
}

#[test]
fn the_scan_skips_and_tells_links_and_special_files_and_follows_none() {
    let pair = Pair::new();
    pair.put("root/file", b"1")
        .put("root/sub/file", b"2")
        .put("elsewhere/secret", b"3");
    let root = pair.from.join("root");
    symlink("../elsewhere", root.join("leaves")).unwrap();
    symlink("file", root.join("stays")).unwrap();
    symlink(".", root.join("sub/round")).unwrap();
    symlink("nowhere", root.join("sub/dangles")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    fs::create_dir(root.join(HOME)).unwrap();
    let source = Source::open(&[root]).unwrap();
    let mut found = Vec::new();
    let mut skipped: Vec<Skipped> = Vec::new();
    let mut keep = |entry: model::Entry| {
        found.push(entry.path.to_string());
        Ok(())
    };
    source
        .scan(&mut keep, &mut |skip| skipped.push(skip))
        .unwrap();
    assert_eq!(found, ["root", "root/file", "root/sub", "root/sub/file"]);
    let told: Vec<(&str, SkipReason)> = skipped
        .iter()
        .map(|skip| (skip.path.as_str(), skip.reason))
        .collect();
    let expected = [
        (format!("root/{HOME}"), SkipReason::Staging),
        ("root/leaves".into(), SkipReason::Link),
        ("root/socket".into(), SkipReason::Special),
        ("root/stays".into(), SkipReason::Link),
        ("root/sub/dangles".into(), SkipReason::Link),
        ("root/sub/round".into(), SkipReason::Link),
    ];
    let expected: Vec<(&str, SkipReason)> = expected
        .iter()
        .map(|(path, reason)| (path.as_str(), *reason))
        .collect();
    assert_eq!(told, expected);
}
