//! What cannot be sent or held is told one by one before anything moves; the rest arrives.

use std::fs;
use std::path::Path;

use e2e::{Device, Ended, Server, pair_with, visible_names};

#[test]
fn everything_that_cannot_be_sent_is_told_and_the_rest_arrives() {
    let (ana, ben, _server) = friends();
    let tree = ana.path("tree");
    make_awkward(&tree);
    let into = ben.path("into");
    let (sent, _) = send(&ana, &ben, &tree, &into);
    assert_eq!(sent.code(), 14, "arrived, but not all of it: {sent:#?}");
    let mut told = skipped(&sent);
    told.sort();
    // Of two names that some disk takes for one, the second is left out.
    let expected = [
        ("tree/back\\slash", "name"),
        ("tree/bell\\u{7}", "name"),
        ("tree/inward", "link"),
        ("tree/outward", "link"),
        ("tree/pipe", "special"),
        ("tree/readme", "clash"),
        ("tree/\u{e9}", "clash"),
    ];
    assert_eq!(told, expected.map(|(path, why)| (path.into(), why.into())));
    let first_byte = position(&sent, "transfer_progress");
    let last_problem = last_position(&sent, "entry_skipped");
    assert!(first_byte.is_none_or(|first| last_problem < first));
    assert_eq!(visible_names(&into.join("tree")).len(), 3);
}

#[test]
fn names_that_clash_far_apart_in_a_long_list_are_found_before_anything_moves() {
    let (ana, ben, _server) = friends();
    let tree = ana.path("tree");
    fs::create_dir_all(&tree).expect("the disk works");
    // Between capitals and small letters lie more names than one page of a manifest holds.
    for number in 0..FILES {
        let name = format!("m{number:04}-{}", "n".repeat(180));
        fs::write(tree.join(name), b"").expect("the disk works");
    }
    let pairs = [("Read", "read"), ("ZOE\u{308}", "zo\u{eb}")];
    for (one, other) in pairs {
        fs::write(tree.join(one), b"one").expect("the disk works");
        fs::write(tree.join(other), b"other").expect("the disk works");
    }
    let into = ben.path("into");
    let (sent, _) = send(&ana, &ben, &tree, &into);
    assert_eq!(sent.code(), 14, "arrived, but not all of it");
    let mut told = skipped(&sent);
    told.sort();
    let left_out = pairs.map(|(_, other)| (format!("tree/{other}"), "clash".into()));
    assert_eq!(told, left_out);
    let first_byte = position(&sent, "transfer_progress");
    let last_problem = last_position(&sent, "entry_skipped");
    assert!(first_byte.is_none_or(|first| last_problem < first));
    assert_eq!(visible_names(&into.join("tree")).len(), FILES + pairs.len());
    for (one, _) in pairs {
        assert_eq!(read(&into.join("tree").join(one)), b"one");
    }
}

#[test]
fn a_send_that_should_stop_offers_nothing() {
    let (ana, ben, _server) = friends();
    let tree = ana.path("tree");
    make_awkward(&tree);
    let mut receiving = ben.start(&["receive", "--into", &text(&ben.path("into")), "--yes"]);
    receiving.wait_for("ready");
    let mut sending = ana.start(&["send", &text(&tree), "--to", "ben", "--on-problem", "stop"]);
    let sent = sending.end();
    assert_eq!(sent.code(), 10, "{sent:#?}");
    assert_eq!(skipped(&sent).len(), 7);
    assert!(!receiving.has_said("offer_received"));
    // What is whole goes.
    fs::remove_dir_all(&tree).expect("the tree is Ana's");
    fs::create_dir(&tree).expect("the disk works");
    fs::write(tree.join("fine"), b"fine").expect("the disk works");
    let mut sending = ana.start(&["send", &text(&tree), "--to", "ben", "--on-problem", "stop"]);
    sending.end().expect_success();
    receiving.end().expect_success();
}

#[test]
fn names_that_the_receiver_cannot_hold_get_another_one() {
    let (ana, ben, _server) = friends();
    ben.run(&["config", "set", "name-rules", "windows"]);
    let tree = ana.path("tree");
    make_unportable(&tree);
    let into = ben.path("into");
    let (sent, received) = send(&ana, &ben, &tree, &into);
    assert_eq!(sent.code(), 0, "{sent:#?}");
    let mut renamed: Vec<(String, String)> = received
        .events
        .iter()
        .filter(|event| event["event"] == "name_taken" && event["outcome"] == "renamed")
        .map(|event| (of(event, "path"), of(event, "name")))
        .collect();
    renamed.sort();
    let expected = [
        ("tree/con", "con_"),
        ("tree/dot.", "dot_"),
        ("tree/nul.txt", "nul_.txt"),
        ("tree/what?", "what_"),
    ];
    assert_eq!(
        renamed,
        expected.map(|(path, name)| (path.into(), name.into()))
    );
    for ended in [&sent, &received] {
        ended.event("receipt_ready");
    }
    assert_eq!(read(&into.join("tree/con_/inside")), b"inside");
    assert_eq!(read(&into.join("tree/nul_.txt")), b"nul");
    assert_eq!(read(&into.join("tree/fine")), b"fine");
}

#[test]
fn names_that_the_receiver_leaves_out_are_told_to_both() {
    let (ana, ben, _server) = friends();
    ben.run(&["config", "set", "name-rules", "windows"]);
    ben.run(&["config", "set", "impossible-names", "leave-out"]);
    let tree = ana.path("tree");
    make_unportable(&tree);
    let into = ben.path("into");
    let (sent, received) = send(&ana, &ben, &tree, &into);
    assert_eq!(sent.code(), 14, "{sent:#?}");
    for ended in [&sent, &received] {
        let mut told = skipped(ended);
        told.sort();
        let expected = [
            "tree/con",
            "tree/con/inside",
            "tree/dot.",
            "tree/nul.txt",
            "tree/what?",
        ];
        assert_eq!(
            told,
            expected.map(|path| (path.into(), "name_refused".into()))
        );
    }
    assert_eq!(sent.event("transfer_completed")["skipped"], 5);
    assert_eq!(
        sent.event("transfer_completed")["digest"],
        received.event("transfer_completed")["digest"]
    );
    assert_eq!(read(&into.join("tree/fine")), b"fine");
    assert_eq!(visible_names(&into.join("tree")).len(), 1);
}

/// Their names alone are 300 KiB; a page has 256 KiB at most.
const FILES: usize = 1_600;

fn make_awkward(tree: &Path) {
    fs::create_dir_all(tree).expect("the disk works");
    let outside = tree.with_file_name("outside");
    fs::write(&outside, b"outside").expect("the disk works");
    for name in [
        "README",
        "readme",
        "\u{e9}",
        "e\u{301}",
        "back\\slash",
        "bell\u{7}",
        "fine",
    ] {
        fs::write(tree.join(name), name).expect("the disk works");
    }
    for (name, to) in [("outward", "../outside"), ("inward", "fine")] {
        std::os::unix::fs::symlink(to, tree.join(name)).expect("the disk works");
    }
    let status = std::process::Command::new("mkfifo")
        .arg(tree.join("pipe"))
        .status();
    assert!(status.expect("mkfifo starts").success());
}

fn make_unportable(tree: &Path) {
    fs::create_dir_all(tree.join("con")).expect("the disk works");
    for (name, content) in [
        ("con/inside", "inside"),
        ("nul.txt", "nul"),
        ("what?", "what"),
        ("dot.", "dot"),
        ("fine", "fine"),
    ] {
        fs::write(tree.join(name), content).expect("the disk works");
    }
}

fn friends() -> (Device, Device, Server) {
    let server = Server::start();
    let ana = Device::new(&server.url).named("ana");
    let ben = Device::new(&server.url).named("ben");
    pair_with(&ana, &[], &ben);
    (ana, ben, server)
}

fn send(from: &Device, to: &Device, path: &Path, into: &Path) -> (Ended, Ended) {
    let mut receiving = to.start(&["receive", "--into", &text(into), "--yes"]);
    receiving.wait_for("ready");
    let mut sending = from.start(&["send", &text(path), "--to", "ben"]);
    (sending.end(), receiving.end())
}

/// What was told as left out, and why.
fn skipped(ended: &Ended) -> Vec<(String, String)> {
    let events = ended.events.iter();
    events
        .filter(|event| event["event"] == "entry_skipped")
        .map(|event| (of(event, "path"), of(event, "reason")))
        .collect()
}

fn of(event: &serde_json::Value, field: &str) -> String {
    event[field].as_str().expect("a text").to_owned()
}

fn position(ended: &Ended, name: &str) -> Option<usize> {
    let mut events = ended.events.iter();
    events.position(|event| event["event"] == name)
}

fn last_position(ended: &Ended, name: &str) -> usize {
    let mut events = ended.events.iter();
    let last = events.rposition(|event| event["event"] == name);
    last.expect("it was told")
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("it is there")
}

fn text(path: &Path) -> String {
    path.to_str().expect("test paths are text").to_owned()
}
