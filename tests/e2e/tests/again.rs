//! The same things sent again: what is there is not carried, and every choice keeps everything.

use std::fs;
use std::path::Path;

use e2e::{Device, Server, make_file, pair_with};

const MIB: usize = 1024 * 1024;

#[test]
fn a_tree_sent_again_carries_only_what_changed() {
    let (ana, ben, _server) = friends();
    let tree = ana.path("tree");
    make_tree(&tree);
    let into = ben.path("into");
    let first = send(&ana, &ben, &tree, &into, "skip");
    assert_eq!(first["carried_bytes"], first["bytes"]);

    let (old, new) = (fs::read(into.join("tree/sub/f7")).unwrap(), b"seven");
    fs::write(tree.join("sub/f7"), new).unwrap();
    make_file(&tree.join("f1"), 100_000, 91);
    change_byte(&tree.join("big"), 2 * MIB + 5);
    let again = send(&ana, &ben, &tree, &into, "skip");
    let carried = usize::try_from(again["carried_bytes"].as_u64().unwrap()).unwrap();
    assert_eq!(carried, MIB + 100_005, "one chunk and two small files");

    // The three that differ are kept twice; everything else once.
    assert_eq!(fs::read(into.join("tree/sub/f7")).unwrap(), old);
    assert_eq!(fs::read(into.join("tree/sub/f7 (2)")).unwrap(), new);
    same(&tree.join("f1"), &into.join("tree/f1 (2)"));
    same(&tree.join("big"), &into.join("tree/big (2)"));
    same(&tree.join("f2"), &into.join("tree/f2"));
    assert_eq!(files(&into), files(&tree) + 3);
}

#[test]
fn replacing_keeps_what_was_there_under_a_dated_name() {
    let (ana, ben, _server) = friends();
    let tree = ana.path("tree");
    make_tree(&tree);
    let into = ben.path("into");
    send(&ana, &ben, &tree, &into, "replace");
    let old = fs::read(into.join("tree/f1")).unwrap();
    fs::write(into.join("tree/own"), b"of Ben").unwrap();
    fs::write(tree.join("f1"), b"newer").unwrap();
    fs::write(tree.join("sub/new"), b"more").unwrap();

    let again = send(&ana, &ben, &tree, &into, "replace");
    assert!(again["carried_bytes"].as_u64().unwrap() < 1_000, "{again}");
    assert_eq!(fs::read(into.join("tree/f1")).unwrap(), b"newer");
    assert_eq!(fs::read(into.join("tree/own")).unwrap(), b"of Ben");
    assert_eq!(fs::read(into.join("tree/sub/new")).unwrap(), b"more");
    let aside: Vec<_> = fs::read_dir(into.join("tree"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("f1 (replaced "))
        .collect();
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert_eq!(fs::read(&aside[0]).unwrap(), old);
    assert_eq!(files(&into), files(&tree) + 2);
}

#[test]
fn keeping_both_leaves_the_first_tree_as_it_was() {
    let (ana, ben, _server) = friends();
    let tree = ana.path("tree");
    make_tree(&tree);
    let into = ben.path("into");
    send(&ana, &ben, &tree, &into, "keep-both");
    fs::write(tree.join("f1"), b"newer").unwrap();
    let again = send(&ana, &ben, &tree, &into, "keep-both");
    assert_eq!(again["carried_bytes"], again["bytes"]);
    assert_ne!(fs::read(into.join("tree/f1")).unwrap(), b"newer");
    assert_eq!(fs::read(into.join("tree (2)/f1")).unwrap(), b"newer");
    assert_eq!(files(&into), 2 * files(&tree));
}

#[test]
fn a_file_of_the_same_size_and_time_is_still_compared() {
    let (ana, ben, _server) = friends();
    let file = ana.path("note");
    fs::write(&file, b"one").unwrap();
    let into = ben.path("into");
    send(&ana, &ben, &file, &into, "skip");
    let modified = fs::metadata(&file).unwrap().modified().unwrap();
    fs::write(&file, b"two").unwrap();
    let times = fs::FileTimes::new().set_modified(modified);
    let opened = fs::File::options().write(true).open(&file).unwrap();
    opened.set_times(times).unwrap();
    send(&ana, &ben, &file, &into, "skip");
    assert_eq!(fs::read(into.join("note")).unwrap(), b"one");
    assert_eq!(fs::read(into.join("note (2)")).unwrap(), b"two");
}

#[test]
fn a_folder_where_a_file_was_and_a_link_lose_nothing() {
    let (ana, ben, _server) = friends();
    let tree = ana.path("tree");
    fs::create_dir_all(tree.join("a")).unwrap();
    fs::write(tree.join("a/x"), b"x").unwrap();
    fs::write(tree.join("link"), b"no link").unwrap();
    let into = ben.path("into");
    fs::create_dir_all(into.join("tree")).unwrap();
    fs::write(into.join("tree/a"), b"a file").unwrap();
    let outside = ben.path("outside");
    fs::write(&outside, b"outside").unwrap();
    std::os::unix::fs::symlink(&outside, into.join("tree/link")).unwrap();

    send(&ana, &ben, &tree, &into, "skip");
    assert_eq!(fs::read(into.join("tree/a")).unwrap(), b"a file");
    assert_eq!(fs::read(into.join("tree/a (2)/x")).unwrap(), b"x");
    assert_eq!(fs::read(into.join("tree/link (2)")).unwrap(), b"no link");
    send(&ana, &ben, &tree, &into, "replace");
    assert_eq!(fs::read(into.join("tree/a/x")).unwrap(), b"x");
    assert_eq!(fs::read(into.join("tree/link")).unwrap(), b"no link");
    assert_eq!(fs::read(outside).unwrap(), b"outside");
}

/// Killed between any two renames of a merge, the next run ends it and nothing is lost or doubled.
#[test]
fn a_merge_that_is_killed_goes_on() {
    for count in [3, 6] {
        let (ana, ben, _server) = friends();
        let tree = ana.path("tree");
        make_tree(&tree);
        let into = ben.path("into");
        send(&ana, &ben, &tree, &into, "replace");
        for name in ["f1", "f2", "f3", "sub/f5"] {
            fs::write(tree.join(name), name).unwrap();
        }
        let receive = [
            "receive",
            "--into",
            &text(&into),
            "--yes",
            "--existing",
            "replace",
        ];
        let mut doomed = ben.start_doomed(&format!("rename:{count}"), &receive);
        doomed.wait_for("ready");
        let mut sending = ana.start(&["send", &text(&tree), "--to", "ben", "--wait"]);
        assert!(
            doomed.end().status.code().is_none(),
            "the failpoint was passed"
        );
        // Said differently now: what was decided stays.
        let mut receiving = ben.start(&["receive", "--into", &text(&into), "--yes"]);
        sending.end().expect_success();
        receiving.end().expect_success();
        for name in ["f1", "f2", "f3", "sub/f5"] {
            assert_eq!(
                fs::read(into.join("tree").join(name)).unwrap(),
                name.as_bytes()
            );
        }
        assert_eq!(files(&into), files(&tree) + 4);
        let left = fs::read_dir(&into).unwrap().count();
        assert_eq!(left, 1, "nothing is left beside the tree");
    }
}

fn friends() -> (Device, Device, Server) {
    let server = Server::start();
    let ana = Device::new(&server.url).named("ana");
    let ben = Device::new(&server.url).named("ben");
    pair_with(&ana, &[], &ben);
    (ana, ben, server)
}

/// Sends and returns the sender's end.
fn send(from: &Device, to: &Device, path: &Path, into: &Path, existing: &str) -> serde_json::Value {
    let mut receiving = to.start(&[
        "receive",
        "--into",
        &text(into),
        "--yes",
        "--existing",
        existing,
    ]);
    receiving.wait_for("ready");
    let mut sending = from.start(&["send", &text(path), "--to", "ben"]);
    let sent = sending.end().expect_success();
    let received = receiving.end().expect_success();
    let (sent, received) = (
        sent.event("transfer_completed"),
        received.event("transfer_completed"),
    );
    assert_eq!(sent["digest"], received["digest"]);
    assert_eq!(sent["carried_bytes"], received["carried_bytes"]);
    sent.clone()
}

fn make_tree(tree: &Path) {
    fs::create_dir_all(tree.join("sub/empty")).expect("the disk works");
    make_file(&tree.join("big"), 4 * MIB + 77, 1);
    for number in 1..=4 {
        make_file(&tree.join(format!("f{number}")), 100_000, number);
    }
    for number in 5..=9 {
        make_file(&tree.join(format!("sub/f{number}")), 5_000, number);
    }
}

fn change_byte(path: &Path, at: usize) {
    let mut bytes = fs::read(path).expect("the disk works");
    bytes[at] ^= 1;
    fs::write(path, bytes).expect("the disk works");
}

fn same(one: &Path, other: &Path) {
    assert!(
        fs::read(one).expect("the disk works") == fs::read(other).expect("the disk works"),
        "{other:?}"
    );
}

/// How many files lie below a folder.
fn files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).expect("the disk works");
    entries
        .map(|entry| entry.expect("the disk works").path())
        .map(|path| if path.is_dir() { files(&path) } else { 1 })
        .sum()
}

fn text(path: &Path) -> String {
    path.to_str().expect("test paths are text").to_owned()
}
