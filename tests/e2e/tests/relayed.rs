//! Transfers through the relay that a signaling server is by itself.
#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

use e2e::{Device, Server, make_file, same_file};

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
