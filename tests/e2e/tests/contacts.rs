//! What a person can decide about a contact, and what the contact sees of it.

use std::collections::BTreeSet;
use std::path::Path;

use e2e::{Device, Running, Server, make_file, pair_with, visible_names};

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Ana and Ben, contacts of each other.
fn two(server: &Server) -> (Device, Device) {
    let ana = Device::new(&server.url).named("ana");
    let ben = Device::new(&server.url).named("ben");
    let [shown, typed] = pair_with(&ana, &[], &ben);
    assert_eq!(shown.event("comparison_words")["peer"], "ben");
    assert_eq!(typed.event("comparison_words")["peer"], "ana");
    (ana, ben)
}

fn offer(from: &Device, name: &str, to: &str) -> Running {
    let file = from.path(name);
    make_file(&file, 1_000, 1);
    from.start(&["send", &text(&file), "--to", to])
}

/// What a command tells until the contact is said to be away, and why: going online and listing the file run side
/// by side, so the order of what comes before says nothing.
fn heard_until_paused(sending: &mut Running) -> (BTreeSet<String>, String) {
    let mut heard = BTreeSet::new();
    loop {
        let event = sending.wait_until(|_| true).expect("it goes on");
        if event["event"] == "transfer_paused" {
            return (heard, event["reason"].to_string());
        }
        heard.insert(event["event"].as_str().expect("a name").to_owned());
    }
}

#[test]
fn whoever_blocks_looks_offline() {
    let server = Server::start();
    let (ana, ben) = two(&server);
    let absent = heard_until_paused(&mut offer(&ana, "to-absent", "ben"));

    ben.run(&["contacts", "block", "ana"]);
    assert_eq!(ben.contact("ana").expect("a contact")["blocked"], true);
    let mut running = ben.start(&["run", "--into", &text(&ben.path("into")), "--yes"]);
    running.wait_for("ready");
    let blocked = heard_until_paused(&mut offer(&ana, "to-blocker", "ben"));
    assert_eq!(blocked, absent);
    assert!(visible_names(&ben.path("into")).is_empty());

    ben.run(&["contacts", "block", "ana", "--undo"]);
    let mut sending = offer(&ana, "to-ben", "ben");
    sending.end().expect_success();
}

#[test]
fn a_muted_contact_is_declined_without_asking() {
    let server = Server::start();
    let (ana, ben) = two(&server);
    let mut running = ben.start(&["run", "--into", &text(&ben.path("into")), "--yes"]);
    running.wait_for("ready");
    ben.run(&["contacts", "mute", "ana"]);
    assert_eq!(ben.contact("ana").expect("a contact")["muted"], true);
    let ended = offer(&ana, "unwanted", "ben").end();
    assert_eq!(ended.code(), 3, "{ended:#?}");
    assert!(visible_names(&ben.path("into")).is_empty());

    ben.run(&["contacts", "mute", "ana", "--undo"]);
    offer(&ana, "wanted", "ben").end().expect_success();
    let asked = running.wait_for("offer_received");
    assert_eq!(asked["name"], "wanted", "the first offer was not shown");
}

#[test]
fn changed_keys_are_shown_clear_compared_and_block_accepting_unasked() {
    let server = Server::start();
    let (ana, ben) = two(&server);
    ben.run(&["contacts", "verify", "ana"]);
    assert_eq!(ben.contact("ana").expect("a contact")["verified"], true);

    let new = Device::new(&server.url).named("ana on a new phone");
    let [told, _] = pair_with(&ben, &["--replaces", "ana"], &new);
    assert_eq!(told.event("key_changed")["name"], "ana");
    let listed = ben.contact("ana").expect("it keeps its name");
    assert_eq!(listed["key_changed"], true);
    assert_eq!(listed["verified"], false);

    let into = ben.path("into");
    let mut running = ben.start(&["run", "--into", &text(&into), "--yes"]);
    running.wait_for("ready");
    let mut sending = offer(&new, "from-new", "ben");
    running.wait_for("offer_received");
    ben.run(&["contacts", "verify", "ana"]);
    assert_eq!(ben.contact("ana").expect("a contact")["key_changed"], false);
    assert!(
        visible_names(&into).is_empty(),
        "it waits for a person's yes"
    );
    sending.kill();

    offer(&new, "trusted", "ben").end().expect_success();
    assert!(visible_names(&into).contains(&"trusted".to_owned()));
    let (_, why) = heard_until_paused(&mut offer(&ana, "from-old", "ben"));
    assert_eq!(why, "\"peer_offline\"");
}

#[test]
fn nothing_of_a_removed_contact_goes_on() {
    let server = Server::start();
    let (ana, _ben) = two(&server);
    let mut sending = offer(&ana, "never", "ben");
    sending.wait_for("transfer_paused");
    ana.run(&["contacts", "remove", "ben"]);
    let ended = sending.end();
    assert_eq!(ended.event("transfer_failed")["code"], "cancelled");
    assert!(ana.contact("ben").is_none());
    assert!(visible_names(&ana.path("home/spool")).is_empty());
}
