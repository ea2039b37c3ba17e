//! What rules accept while nobody answers, what they leave to a person, and where it goes.

use std::fs;
use std::path::Path;

use e2e::{Device, Ended, Running, Server, make_file, pair_with, same_file, visible_names};

#[test]
fn a_rule_accepts_from_a_verified_contact_sorts_it_and_says_so() {
    let (ana, ben, _server) = friends();
    ben.run(&["rules", "set", "ana", "--accept", "on"]);
    ben.run(&["rules", "set", "default", "--into", "from/{sender} {kind}"]);
    let picture = ana.path("trip.jpg");
    make_file(&picture, 100_000, 1);
    let into = ben.path("into");
    let mut receiving = receive(&ben, &into);
    let sent = send(&ana, &picture);
    sent.expect_success();
    let accepted = receiving.wait_for("offer_accepted_by_rule");
    let contact = ben.contact("ana").expect("a contact");
    assert_eq!(accepted["contact"], contact["contact"]);
    assert_eq!(accepted["bytes"], 100_000);
    receiving.wait_for("transfer_completed");
    assert!(!receiving.has_said("offer_received"), "nobody was asked");
    same_file(&picture, &into.join("from/ana pictures/trip.jpg"));
}

#[test]
fn a_hostile_name_of_a_sender_stays_below_the_destination() {
    let server = Server::start();
    let ana = Device::new(&server.url).named("../../.ssh");
    let ben = Device::new(&server.url).named("ben");
    pair_with(&ana, &[], &ben);
    ben.run(&["contacts", "verify", "../../.ssh"]);
    ben.run(&[
        "rules", "set", "default", "--accept", "on", "--into", "{sender}",
    ]);
    let file = ana.path("keys");
    make_file(&file, 100, 2);
    let into = ben.path("deep/into");
    let mut receiving = receive(&ben, &into);
    send(&ana, &file).expect_success();
    receiving.wait_for("transfer_completed");
    same_file(&file, &into.join("_._.._.ssh/keys"));
    assert_eq!(visible_names(&ben.path("deep")), ["into"]);
}

#[test]
fn a_person_is_asked_about_what_no_rule_accepts() {
    let (ana, ben, _server) = friends();
    ben.run(&["rules", "set", "ana", "--accept", "on", "--ceiling", "1K"]);
    let into = ben.path("into");
    let (large, small) = (ana.path("large"), ana.path("small"));
    make_file(&large, 1_025, 3);
    make_file(&small, 1_024, 4);
    let tool = ana.path("setup.exe");
    make_file(&tool, 10, 5);

    let mut receiving = receive(&ben, &into);
    asked(&ana, &large, &mut receiving);
    asked(&ana, &tool, &mut receiving);
    send(&ana, &small).expect_success();
    receiving.wait_for("offer_accepted_by_rule");
    receiving.wait_for("transfer_completed");

    ben.run(&["contacts", "verify", "ana", "--undo"]);
    asked(&ana, &small, &mut receiving);
    ben.run(&["contacts", "verify", "ana"]);
    ben.run(&["rules", "set", "default", "--accept", "on"]);
    ben.run(&["rules", "set", "ana", "--accept", "off"]);
    asked(&ana, &small, &mut receiving);
    ben.run(&["rules", "clear", "ana"]);
    send(&ana, &large).expect_success();
    receiving.wait_for("offer_accepted_by_rule");
}

#[test]
fn programs_are_left_out_and_both_sides_are_told_unless_the_rule_takes_them() {
    let (ana, ben, _server) = friends();
    ben.run(&["rules", "set", "ana", "--accept", "on"]);
    let tree = ana.path("tree");
    make_programs(&tree);
    let into = ben.path("into");
    let mut receiving = receive(&ben, &into);
    let sent = send(&ana, &tree);
    assert_eq!(sent.code(), 14, "arrived, but not all of it: {sent:#?}");
    let expected = [
        "tree/Nice.app",
        "tree/Nice.app/inside",
        "tree/run me",
        "tree/sub/SETUP.EXE",
    ];
    assert_eq!(skipped(&sent, "name_refused"), expected);
    receiving.wait_for("transfer_completed");
    receiving.signal("TERM");
    let received = receiving.end();
    assert_eq!(skipped(&received, "program_refused"), expected);
    assert_eq!(visible_names(&into.join("tree")), ["notes.txt", "sub"]);
    assert!(visible_names(&into.join("tree/sub")).is_empty());

    ben.run(&["rules", "set", "ana", "--executables", "on"]);
    let other = ben.path("other");
    let mut receiving = receive(&ben, &other);
    send(&ana, &tree).expect_success();
    receiving.wait_for("transfer_completed");
    same_file(&tree.join("run me"), &other.join("tree/run me"));
}

#[test]
fn a_command_runs_after_receiving_and_its_failure_changes_nothing() {
    let (ana, ben, _server) = friends();
    ben.run(&["rules", "set", "ana", "--accept", "on"]);
    let script = ben.path("after.sh");
    let told = ben.path("told");
    let text = format!(
        "printf '%s %s %s' \"$WHERRY_FROM\" \"$WHERRY_FOLDER\" \"$WHERRY_TRANSFER\" > '{0}.new'\nmv '{0}.new' '{0}'\nexit 3\n",
        told.display()
    );
    fs::write(&script, text).expect("the disk works");
    let command = format!("/bin/sh {}", text_of(&script));
    ben.run(&["config", "set", "after-receive-command", &command]);
    let file = ana.path("file");
    make_file(&file, 1_000, 6);
    let into = ben.path("into");
    let mut receiving = receive(&ben, &into);
    send(&ana, &file).expect_success();
    let completed = receiving.wait_for("transfer_completed");
    receiving.signal("TERM");
    assert_eq!(receiving.end().code(), 0);
    let transfer = completed["transfer"].as_str().expect("an id");
    let expected = format!("ana {} {transfer}", text_of(&into));
    assert_eq!(fs::read_to_string(&told).expect("it ran"), expected);
    same_file(&file, &into.join("file"));
}

#[test]
fn rules_are_listed_as_they_hold_and_wrong_ones_are_refused() {
    let (_ana, ben, _server) = friends();
    ben.run(&["contacts", "verify", "ana", "--undo"]);
    ben.run(&["rules", "set", "default", "--ceiling", "5G"]);
    ben.run(&[
        "rules",
        "set",
        "ana",
        "--accept",
        "on",
        "--existing",
        "skip",
    ]);
    let listed = ben.run(&["rules", "list"]);
    let [everybody, own] = &*listed.events else {
        panic!("two rules: {listed:#?}");
    };
    assert_eq!(everybody["accept"], false);
    assert_eq!(everybody["contact"], serde_json::Value::Null);
    assert_eq!(own["name"], "ana");
    assert_eq!(own["accept"], true);
    assert_eq!(own["ceiling_bytes"], 5_u64 << 30);
    assert_eq!(own["existing"], "skip");
    assert_eq!(own["suspended"], "not_verified");
    for wrong in [
        &["ana"][..],
        &["nobody", "--accept", "on"],
        &["ana", "--into", "../out"],
        &["ana", "--into", "/etc"],
        &["ana", "--into", "{who}"],
        &["ana", "--accept", "perhaps"],
    ] {
        let mut running = ben.start(&[&["rules", "set"], wrong].concat());
        assert_ne!(running.end().code(), 0, "{wrong:?}");
    }
}

fn make_programs(tree: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    for folder in ["sub", "Nice.app"] {
        fs::create_dir_all(tree.join(folder)).expect("the disk works");
    }
    for name in ["notes.txt", "run me", "sub/SETUP.EXE", "Nice.app/inside"] {
        fs::write(tree.join(name), name).expect("the disk works");
    }
    let rights = fs::Permissions::from_mode(0o755);
    fs::set_permissions(tree.join("run me"), rights).expect("the disk works");
}

fn friends() -> (Device, Device, Server) {
    let server = Server::start();
    let ana = Device::new(&server.url).named("ana");
    let ben = Device::new(&server.url).named("ben");
    pair_with(&ana, &[], &ben);
    ben.run(&["contacts", "verify", "ana"]);
    (ana, ben, server)
}

/// Stays online without anybody there to answer.
fn receive(device: &Device, into: &Path) -> Running {
    let mut running = device.start(&["run", "--into", &text_of(into)]);
    running.wait_for("ready");
    running
}

fn send(from: &Device, path: &Path) -> Ended {
    from.start(&["send", &text_of(path), "--to", "ben"]).end()
}

/// Offers something about which a person is asked, and takes it back.
fn asked(from: &Device, path: &Path, receiving: &mut Running) {
    let mut sending = from.start(&["send", &text_of(path), "--to", "ben"]);
    let offered = receiving.wait_until(|event| {
        event["event"] == "offer_received" || event["event"] == "offer_accepted_by_rule"
    });
    let offered = offered.expect("it is offered");
    assert_eq!(offered["event"], "offer_received", "{offered}");
    let transfer = offered["transfer"].as_str().expect("an id");
    from.run(&["transfers", "cancel", transfer]);
    assert_ne!(sending.end().code(), 0);
}

fn skipped(ended: &Ended, reason: &str) -> Vec<String> {
    let events = ended.events.iter();
    let mut told: Vec<String> = events
        .filter(|event| event["event"] == "entry_skipped" && event["reason"] == reason)
        .map(|event| event["path"].as_str().expect("a path").to_owned())
        .collect();
    told.sort();
    told
}

fn text_of(path: &Path) -> String {
    path.to_str().expect("test paths are text").to_owned()
}
