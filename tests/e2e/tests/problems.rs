//! One tree with every problem: each is told to both sides before data moves, and people choose.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use e2e::{Device, Running, Server, pair_with, visible_names};
use serde_json::Value;

struct Friends {
    _server: Server,
    ana: Device,
    ben: Device,
}

#[test]
fn every_problem_is_told_to_both_before_data_moves_and_a_person_lets_it_go_on() {
    let Friends { ana, ben, _server } = Friends::new();
    let tree = ana.path("tree");
    make_tree(&tree);
    make_what_cannot_be_sent(&tree);
    let mut receiving = ben.start(&["run", "--into", &into(&ben), "--yes"]);
    receiving.wait_for("ready");
    let mut sending = ana.start_as_anybody(&send(&tree, "ask"));

    let waits = wait_for_question(&mut sending);
    let mut skipped = told(&mut sending, "entry_skipped", "reason");
    skipped.sort();
    assert_eq!(
        skipped,
        [
            (deepest(), "too_long"),
            ("tree/outward".into(), "link"),
            ("tree/readme".into(), "clash"),
            ("tree/secret".into(), "unreadable"),
            ("tree/\u{e9}".into(), "clash"),
        ]
        .map(|(path, why): (String, &str)| (path, why.to_owned()))
    );
    assert!(!receiving.has_said("offer_received"), "nothing was offered");

    ana.run(&["transfers", "resume", &waits]);
    wait_for_question(&mut sending);
    let found = told(&mut sending, "preflight_problem", "problem");
    let expected = [("", "no_space"), ("tree", "taken"), ("tree/con", "renamed")]
        .map(|(path, what)| (path.to_owned(), what.to_owned()));
    assert_eq!(found, expected);
    assert!(!sending.has_said("transfer_progress"));
    receiving.wait_until(|event| event["event"] == "transfer_paused");
    let mut heard = told(&mut receiving, "preflight_problem", "problem");
    heard.sort();
    let mut expected: Vec<(String, String)> = skipped
        .into_iter()
        .map(|(path, _)| (path.chars().take(128).collect(), "left_out".to_owned()))
        .collect();
    expected.extend(found.into_iter().filter(|(_, what)| what != "renamed"));
    expected.sort();
    assert_eq!(heard, expected);
    assert_eq!(visible_names(&ben.path("into")), ["tree"]);

    // Ben makes room, and Ana lets it go on.
    receiving.kill();
    ben.run(&["config", "set", "disk-reserve-bytes", "0"]);
    let mut receiving = ben.start(&["run", "--into", &into(&ben), "--yes"]);
    receiving.wait_for("ready");
    ana.run(&["transfers", "resume", &waits]);
    let sent = sending.end();
    assert_eq!(sent.code(), 14, "arrived, but not all of it: {sent:#?}");
    receiving.wait_for("transfer_completed");
    assert_eq!(visible_names(&ben.path("into")), ["tree", "tree (2)"]);
    assert_eq!(visible_names(&ben.path("into/tree")), ["old"]);
    let arrived = ben.path("into/tree (2)");
    assert_eq!(fs::read(arrived.join("con_")).expect("it is there"), b"con");
}

#[test]
fn a_person_who_does_not_want_it_so_ends_it_and_nothing_was_sent() {
    let Friends { ana, ben, _server } = Friends::new();
    let tree = ana.path("tree");
    make_tree(&tree);
    let mut receiving = ben.start(&["run", "--into", &into(&ben), "--yes"]);
    receiving.wait_for("ready");
    let mut sending = ana.start(&send(&tree, "ask"));
    let waits = wait_for_question(&mut sending);
    ana.run(&["transfers", "cancel", &waits]);
    assert_eq!(sending.end().event("transfer_failed")["code"], "cancelled");
    receiving.wait_for("transfer_failed");
    assert!(!receiving.has_said("transfer_progress"));
    assert_eq!(visible_names(&ben.path("into")), ["tree"]);
    assert_nothing_staged(&ben);
}

#[test]
fn a_send_that_should_stop_ends_when_the_receiver_finds_something() {
    let Friends { ana, ben, _server } = Friends::new();
    let tree = ana.path("tree");
    make_tree(&tree);
    let mut receiving = ben.start(&["run", "--into", &into(&ben), "--yes"]);
    receiving.wait_for("ready");
    let sent = ana.start(&send(&tree, "stop")).end();
    assert_eq!(sent.event("transfer_failed")["code"], "disk_full");
    assert!(
        !sent
            .events
            .iter()
            .any(|event| event["event"] == "transfer_progress")
    );
    receiving.wait_for("transfer_failed");
    assert_eq!(visible_names(&ben.path("into")), ["tree"]);
    assert_nothing_staged(&ben);
    // With room and free names it goes.
    ben.run(&["config", "set", "disk-reserve-bytes", "0"]);
    ben.run(&["config", "set", "name-rules", "system"]);
    fs::remove_dir_all(ben.path("into/tree")).expect("it is Ben's");
    ana.run(&send(&tree, "stop"));
    receiving.wait_for("transfer_completed");
    assert_eq!(visible_names(&ben.path("into/tree")).len(), 4);
}

impl Friends {
    /// Ben has no room, cannot hold every name, and has something called `tree`.
    fn new() -> Self {
        let server = Server::start();
        let ana = Device::new(&server.url).named("ana");
        let ben = Device::new(&server.url).named("ben");
        pair_with(&ana, &[], &ben);
        ben.run(&["config", "set", "disk-reserve-bytes", NO_ROOM]);
        ben.run(&["config", "set", "name-rules", "windows"]);
        fs::create_dir_all(ben.path("into/tree")).expect("the disk works");
        fs::write(ben.path("into/tree/old"), b"old").expect("the disk works");
        Self {
            _server: server,
            ana,
            ben,
        }
    }
}

/// All of it can be sent.
fn make_tree(tree: &Path) {
    fs::create_dir_all(tree).expect("the disk works");
    for name in ["README", "con", "e\u{301}", "fine"] {
        fs::write(tree.join(name), name).expect("the disk works");
    }
}

fn make_what_cannot_be_sent(tree: &Path) {
    for name in ["readme", "\u{e9}", "secret"] {
        fs::write(tree.join(name), name).expect("the disk works");
    }
    let nobody = fs::Permissions::from_mode(0o000);
    fs::set_permissions(tree.join("secret"), nobody).expect("it is ours");
    std::os::unix::fs::symlink("/etc/hostname", tree.join("outward")).expect("the disk works");
    let deep = tree.with_file_name(deepest());
    fs::create_dir_all(deep).expect("the disk works");
}

/// The first path of the tree that has too many names.
fn deepest() -> String {
    format!("tree{}", "/d".repeat(model::limits::PATH_DEPTH))
}

fn send<'a>(tree: &'a Path, on_problem: &'a str) -> [&'a str; 6] {
    let path = tree.to_str().expect("test paths are text");
    ["send", path, "--to", "ben", "--on-problem", on_problem]
}

fn into(device: &Device) -> String {
    device.path("into").display().to_string()
}

fn wait_for_question(sending: &mut Running) -> String {
    let waits = sending
        .wait_until(|event| event["event"] == "transfer_paused" && event["reason"] == "problem");
    let waits = waits.expect("it asks");
    waits["transfer"].as_str().expect("a transfer").to_owned()
}

/// Path and `field` of every event of a name until now.
fn told(running: &mut Running, name: &str, field: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let events = running.said().iter().filter(|event| event["event"] == name);
    events
        .map(|event| (text(&event["path"]), text(&event[field])))
        .collect()
}

fn assert_nothing_staged(device: &Device) {
    let names = fs::read_dir(device.path("into")).expect("it is there");
    assert_eq!(names.count(), 1, "nothing is left but what was there");
}

/// More than any disk has.
const NO_ROOM: &str = "1000000000000000";
