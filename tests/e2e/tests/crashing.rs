//! `kill -9` at every named point: the same command resumes, exactly once, nothing half is ever seen.

use std::path::Path;

use e2e::{Device, Server, make_file, same_file, visible_names};

const SIZE: usize = 24 * 1024 * 1024;
/// What may be sent twice, and the framing of what is sent once.
const TWICE: u64 = 4 * 1024 * 1024;

struct Pair {
    _server: Server,
    ana: Device,
    ben: Device,
    file: String,
    into: String,
}

impl Pair {
    fn new() -> Self {
        let server = Server::start();
        let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
        let file = ana.path("cargo.bin");
        make_file(&file, SIZE, 11);
        Self {
            file: file.display().to_string(),
            into: ben.path("into").display().to_string(),
            ana,
            ben,
            _server: server,
        }
    }

    fn assert_nothing_half_is_visible(&self) {
        let into = Path::new(&self.into);
        if !visible_names(into).is_empty() {
            same_file(Path::new(&self.file), &into.join("cargo.bin"));
        }
    }

    fn assert_arrived_once(&self) {
        let into = Path::new(&self.into);
        assert_eq!(visible_names(into), ["cargo.bin"]);
        same_file(Path::new(&self.file), &into.join("cargo.bin"));
    }
}

fn receiver_dies_at(failpoint: &str) {
    let pair = Pair::new();
    let mut sending = pair.ana.start(&["send", &pair.file, "--code"]);
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code");
    let receive = ["receive", code, "--into", &pair.into, "--yes"];
    let ended = pair.ben.start_doomed(failpoint, &receive).end();
    assert_eq!(
        ended.status.code(),
        None,
        "{failpoint} kills it: {ended:#?}"
    );
    pair.assert_nothing_half_is_visible();

    let received = pair.ben.start(&receive).end().expect_success();
    let sent = sending.end().expect_success();
    pair.assert_arrived_once();
    assert_eq!(
        received.event("transfer_completed")["digest"],
        sent.event("transfer_completed")["digest"]
    );
    let resent = sent.event("transfer_completed")["resent_bytes"]
        .as_u64()
        .expect("a number");
    assert!(
        resent <= TWICE,
        "{failpoint}: {resent} bytes were sent twice"
    );
}

fn sender_dies_at(failpoint: &str) {
    let pair = Pair::new();
    let send = ["send", pair.file.as_str(), "--code"];
    let mut doomed = pair.ana.start_doomed(failpoint, &send);
    let issued = doomed.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code");
    let mut receiving = pair
        .ben
        .start(&["receive", code, "--into", &pair.into, "--yes"]);
    let ended = doomed.end();
    assert_eq!(
        ended.status.code(),
        None,
        "{failpoint} kills it: {ended:#?}"
    );
    pair.assert_nothing_half_is_visible();

    pair.ana.start(&send).end().expect_success();
    receiving.end().expect_success();
    pair.assert_arrived_once();
}

#[test]
fn the_receiver_survives_a_kill_at_writing() {
    receiver_dies_at("write:9");
}

#[test]
fn the_receiver_survives_a_kill_at_persisting() {
    receiver_dies_at("persist:1");
}

#[test]
fn the_receiver_survives_a_kill_at_renaming() {
    receiver_dies_at("rename:1");
}

#[test]
fn the_receiver_survives_a_kill_after_completing() {
    receiver_dies_at("complete:1");
}

#[test]
fn the_sender_survives_a_kill_at_reading() {
    sender_dies_at("read:13");
}

#[test]
fn both_survive_being_killed_together() {
    let pair = Pair::new();
    let send = ["send", pair.file.as_str(), "--code"];
    let mut sending = pair.ana.start(&send);
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code");
    let receive = ["receive", code, "--into", &pair.into, "--yes"];
    let mut receiving = pair.ben.start(&receive);
    receiving.wait_for("transfer_progress");
    receiving.kill();
    sending.kill();
    pair.assert_nothing_half_is_visible();

    let mut sending = pair.ana.start(&send);
    pair.ben.start(&receive).end().expect_success();
    sending.end().expect_success();
    pair.assert_arrived_once();
}

/// How often: `WHERRY_E2E_KILLS`, a few in every test run, hundreds in a soak.
fn kills() -> u64 {
    let kills = std::env::var("WHERRY_E2E_KILLS").ok();
    kills.and_then(|kills| kills.parse().ok()).unwrap_or(10)
}

#[test]
fn kills_at_random_points_lose_nothing() {
    let pair = Pair::new();
    let send = ["send", pair.file.as_str(), "--code"];
    for round in 0..kills() {
        let mut sending = pair.ana.start(&send);
        let issued = sending.wait_for("code_issued");
        let code = issued["code"].as_str().expect("a code").to_owned();
        let receive = ["receive", code.as_str(), "--into", &pair.into, "--yes"];
        let mut receiving = pair.ben.start(&receive);
        let point = round.wrapping_mul(0x9E37_79B9) % (SIZE as u64);
        receiving.wait_until(|event| event["bytes"].as_u64().is_some_and(|bytes| bytes >= point));

        let whom = round % 3;
        if whom != 0 {
            receiving.kill();
        }
        if whom != 1 {
            sending.kill();
        }
        pair.assert_nothing_half_is_visible();
        if whom != 1 {
            sending = pair.ana.start(&send);
        }
        if whom != 0 {
            receiving = pair.ben.start(&receive);
        }
        receiving.end().expect_success();
        sending.end().expect_success();
        pair.assert_arrived_once();
        std::fs::remove_file(Path::new(&pair.into).join("cargo.bin")).expect("it arrived");
    }
}
