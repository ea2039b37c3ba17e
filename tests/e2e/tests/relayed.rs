//! Transfers through the relay that a signaling server is by itself.
#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

use e2e::hostile::{Intruder, befriend};
use e2e::{Device, Server, make_file, pair_with, same_file};
use model::{CandidateKind, Description};

const MIB: usize = 1024 * 1024;

/// Sends a file under a code, and returns which path each side reports.
fn send_by_code(from: &Device, to: &Device, bytes: usize) -> [String; 2] {
    let file = from.path("trip.mov");
    make_file(&file, bytes, 1);
    let mut sending = from.start(&["send", &file.display().to_string(), "--code"]);
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().unwrap().to_owned();
    let into = to.path("into");
    let shown = into.display().to_string();
    let mut receiving = to.start(&["receive", &code, "--into", &shown, "--yes"]);
    let ended = [
        receiving.end().expect_success(),
        sending.end().expect_success(),
    ];
    same_file(&file, &into.join("trip.mov"));
    ended.map(|ended| {
        let completed = ended.event("transfer_completed");
        completed["path"].as_str().unwrap().to_owned()
    })
}

#[test]
fn who_wants_relays_only_gets_a_file_through_one_and_is_told_so() {
    let server = Server::start();
    let device = || Device::new(&server.url).with("WHERRY_RELAY", "only");
    let paths = send_by_code(&device(), &device(), 9 * MIB + 5);
    assert_eq!(paths, ["relay", "relay"]);
}

#[test]
fn one_who_wants_relays_only_is_reached_by_anybody() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let careful = Device::new(&server.url).with("WHERRY_RELAY", "only");
    assert_eq!(send_by_code(&careful, &ana, MIB), ["relay", "relay"]);
    let careful = Device::new(&server.url).with("WHERRY_RELAY", "only");
    assert_eq!(send_by_code(&ben, &careful, MIB), ["relay", "relay"]);
}

#[test]
fn a_direct_way_is_taken_where_there_is_one() {
    let server = Server::start();
    for wish in ["automatic", "never"] {
        let device = || Device::new(&server.url).with("WHERRY_RELAY", wish);
        assert_eq!(send_by_code(&device(), &device(), MIB), ["local", "local"]);
    }
}

/// Sends a file from one contact to the other, and returns which path each side reports.
fn send_to_contact(from: &Device, to: &Device, name: &str) -> [String; 2] {
    let file = from.path("trip.mov");
    make_file(&file, MIB, 2);
    let into = to.path("into");
    let place = into.display().to_string();
    let mut receiving = to.start(&["receive", "--into", &place, "--yes"]);
    receiving.wait_for("ready");
    let mut sending = from.start(&["send", &file.display().to_string(), "--to", name]);
    let ended = [
        receiving.end().expect_success(),
        sending.end().expect_success(),
    ];
    same_file(&file, &into.join("trip.mov"));
    std::fs::remove_dir_all(&into).unwrap();
    ended.map(|ended| {
        let completed = ended.event("transfer_completed");
        completed["path"].as_str().unwrap().to_owned()
    })
}

#[test]
fn what_is_wished_for_one_contact_holds_for_it_and_for_nobody_else() {
    let server = Server::start();
    let device = |name: &str| Device::new(&server.url).named(name);
    let (ana, ben, mia) = (device("ana"), device("ben"), device("mia"));
    pair_with(&ana, &[], &ben);
    pair_with(&ana, &[], &mia);
    ana.run(&["contacts", "set", "ben", "--relay", "only"]);
    assert_eq!(ana.contact("ben").unwrap()["relay"], "only");
    assert_eq!(send_to_contact(&ana, &ben, "ben"), ["relay", "relay"]);
    assert_eq!(send_to_contact(&ben, &ana, "ana"), ["relay", "relay"]);
    assert_eq!(send_to_contact(&ana, &mia, "mia"), ["local", "local"]);
    ana.run(&["contacts", "set", "ben", "--relay", "as-set"]);
    assert!(ana.contact("ben").unwrap()["relay"].is_null());
    assert_eq!(send_to_contact(&ana, &ben, "ben"), ["local", "local"]);
    let careful = ana.with("WHERRY_RELAY", "only");
    careful.run(&["contacts", "set", "mia", "--relay", "never"]);
    assert_eq!(send_to_contact(&careful, &mia, "mia"), ["local", "local"]);
    assert_eq!(send_to_contact(&careful, &ben, "ben"), ["relay", "relay"]);
}

/// The descriptions name nothing but places at the relay.
fn assert_reveals_no_address(descriptions: &[Description]) {
    assert!(!descriptions.is_empty());
    for description in descriptions {
        assert!(!description.candidates.is_empty(), "{description:?}");
        for candidate in &description.candidates {
            assert_eq!(candidate.kind, CandidateKind::Relayed, "{candidate:?}");
        }
    }
}

/// The test is the contact: it has the keys, opens every envelope, and reads what is offered inside the session.
#[test]
fn no_address_of_a_device_leaves_it_for_a_contact_that_is_reached_through_relays_only() {
    let server = Server::start();
    let victim = Device::new(&server.url);
    let mut contact = Intruder::new(&server.url);
    let mut friend = befriend(&mut contact, &victim);
    victim.run(&["contacts", "set", "intruder", "--relay", "only"]);
    let file = victim.path("trip.mov");
    make_file(&file, MIB, 3);
    let mut sending = victim.start(&["send", &file.display().to_string(), "--to", "intruder"]);
    sending.wait_for("ready");

    let mut session = contact.answer(&mut friend, &[]).unwrap();
    // Its own offer, and those of the further connections inside the session.
    let mut told = session.descriptions(3);
    told.push(session.remote.clone());
    assert_reveals_no_address(&told);
    drop(session);
    // What it answers to an offer that names addresses.
    let session = contact.offer(&mut friend, |_| {}).unwrap();
    assert_reveals_no_address(std::slice::from_ref(&session.remote));
}

/// The check above can see addresses: without the wish they are there.
#[test]
fn addresses_are_told_to_contacts_that_may_know_them() {
    let server = Server::start();
    let victim = Device::new(&server.url);
    let mut contact = Intruder::new(&server.url);
    let mut friend = befriend(&mut contact, &victim);
    let file = victim.path("trip.mov");
    make_file(&file, MIB, 4);
    let mut sending = victim.start(&["send", &file.display().to_string(), "--to", "intruder"]);
    sending.wait_for("ready");
    let mut session = contact.answer(&mut friend, &[]).unwrap();
    let mut told = session.descriptions(3);
    told.push(session.remote.clone());
    for description in told {
        let mut candidates = description.candidates.iter();
        assert!(candidates.any(|it| it.kind == CandidateKind::Host));
    }
}
