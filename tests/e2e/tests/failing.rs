//! What goes wrong is said: a sentence, a code, an exit code.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use e2e::{Device, Server, make_file, pair_with, same_file, visible_names};

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn sample(device: &Device, megabytes: usize) -> String {
    let file = device.path("sample.bin");
    make_file(&file, megabytes * 1024 * 1024, 3);
    text(&file)
}

#[test]
fn a_wrong_code_is_told_to_both_and_burnt() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let file = sample(&ana, 1);
    let mut sending = ana.start(&["send", &file, "--code"]);
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().unwrap();
    let nameplate = code.split('-').next().unwrap();
    let wrong = [
        format!("{nameplate}-lunar-basil"),
        format!("{nameplate}-basil-lunar"),
    ];
    let wrong = wrong.iter().find(|wrong| wrong.as_str() != code).unwrap();

    let into = text(&ben.path("into"));
    let mut receiving = ben.start(&["receive", wrong, "--into", &into, "--yes"]);
    let received = receiving.end();
    assert_eq!(received.code(), 4, "{received:#?}");
    assert_eq!(received.event("error")["code"], "wrong_code");
    let sent = sending.end();
    assert_eq!(sent.code(), 4, "{sent:#?}");

    let mut again = ben.start(&["receive", code, "--into", &into, "--yes"]);
    assert_eq!(again.end().code(), 5, "the right code is used up too");
}

#[test]
fn an_unknown_contact_and_a_missing_file_are_said() {
    let server = Server::start();
    let ana = Device::new(&server.url);
    let file = sample(&ana, 1);
    let ended = ana.start(&["send", &file, "--to", "nobody"]).end();
    assert_eq!(ended.code(), 2);
    assert_eq!(ended.event("error")["code"], "unknown_contact");
    let ended = ana.start(&["send", "/nowhere/at all", "--code"]).end();
    assert_eq!(ended.code(), 10, "{ended:#?}");
}

#[test]
fn a_server_that_is_not_there_is_said() {
    let ana = Device::new("ws://127.0.0.1:9/ws");
    let file = sample(&ana, 1);
    let ended = ana.start(&["send", &file, "--code"]).end();
    assert_eq!(ended.code(), 6, "{ended:#?}");
    assert_eq!(ended.event("error")["code"], "server_unreachable");
}

#[test]
fn a_code_that_nobody_shows_is_said() {
    let server = Server::start();
    let ben = Device::new(&server.url);
    let into = text(&ben.path("into"));
    let ended = ben
        .start(&["receive", "4711-lunar-basil", "--into", &into, "--yes"])
        .end();
    assert_eq!(ended.code(), 5, "{ended:#?}");
    assert_eq!(ended.event("error")["code"], "expired_code");
}

#[test]
fn a_code_that_nobody_claims_expires_and_says_so() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let configuration = folder.path().join("signaling.toml");
    fs::write(&configuration, "[limits.codes]\nlifetime_s = 2\n").expect("a file");
    let server = Server::start_configured(&configuration);
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let file = sample(&ana, 1);
    let mut sending = ana.start(&["send", &file, "--code"]);
    let issued = sending.wait_for("code_issued");
    assert_eq!(issued["expires_in_s"], 2);
    let ended = sending.end();
    assert_eq!(ended.code(), 5, "{ended:#?}");
    assert_eq!(ended.event("transfer_failed")["code"], "expired_code");

    let code = issued["code"].as_str().expect("a code");
    let into = text(&ben.path("into"));
    let late = ben
        .start(&["receive", code, "--into", &into, "--yes"])
        .end();
    assert_eq!(late.code(), 5, "{late:#?}");
}

#[test]
fn a_contact_that_is_not_there_is_said() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let mut showing = ana.start(&["pair", "--yes"]);
    let issued = showing.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code");
    ben.start(&["pair", code, "--yes"]).end().expect_success();
    let paired = showing.end().expect_success();
    let contact = paired.event("contact_added")["contact"]
        .as_str()
        .expect("an id");

    let file = sample(&ana, 1);
    let ended = ana.start(&["send", &file, "--to", contact]).end();
    assert_eq!(ended.code(), 6, "{ended:#?}");
    assert_eq!(ended.event("error")["code"], "contact_offline");
}

#[test]
fn a_transfer_goes_on_when_the_server_is_gone() {
    let mut server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let file = sample(&ana, 96);
    let mut sending = ana.start(&["send", &file, "--code"]);
    let issued = sending.wait_for("code_issued");
    let into = ben.path("into");
    let code = issued["code"].as_str().unwrap();
    let mut receiving = ben.start(&["receive", code, "--into", &text(&into), "--yes"]);
    receiving.wait_for("transfer_progress");
    server.kill();
    receiving.end().expect_success();
    sending.end().expect_success();
    same_file(Path::new(&file), &into.join("sample.bin"));
}

#[test]
fn a_second_process_attaches_to_the_owner_of_the_home() {
    let server = Server::start();
    let ana = Device::new(&server.url);
    let file = sample(&ana, 1);
    let mut sending = ana.start(&["send", &file, "--code"]);
    sending.wait_for("code_issued");
    let listed = ana.start(&["transfers", "list"]).end().expect_success();
    let transfer = listed.events[0]["transfer"].as_str().unwrap().to_owned();
    assert_eq!(listed.events[0]["state"], "waiting_for_peer");
    ana.start(&["transfers", "cancel", &transfer])
        .end()
        .expect_success();
    let ended = sending.end();
    assert_eq!(ended.code(), 11, "{ended:#?}");
}

#[test]
fn what_is_named_wrongly_is_a_usage_error() {
    let server = Server::start();
    let ana = Device::new(&server.url);
    for arguments in [
        &["send", "x"][..],
        &["receive", "not a code", "--yes"],
        &["config", "set", "no_such_key", "1"],
        &["pair", "--yes", "--server", "http://example.org"],
    ] {
        let ended = ana.start(arguments).end();
        assert_eq!(ended.code(), 2, "{arguments:?}: {ended:#?}");
    }
    assert!(visible_names(&ana.path("nothing")).is_empty());
    assert!(fs::metadata(ana.path("home")).is_ok());
}

#[test]
fn a_failure_is_listed_under_its_own_code_in_a_later_run() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let file = sample(&ana, 1);
    let mut sending = ana.start(&["send", &file, "--code"]);
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().unwrap();
    let blocked = ben.path("a file, no folder");
    fs::write(&blocked, b"in the way").unwrap();
    let mut receiving = ben.start(&["receive", code, "--into", &text(&blocked), "--yes"]);
    let received = receiving.end();
    let told = received.event("transfer_failed")["code"].clone();
    assert_eq!(told, "destination_unwritable", "{received:#?}");

    let sent = sending.end();
    assert_eq!(sent.event("transfer_failed")["code"], told, "{sent:#?}");

    let listed = ben.start(&["transfers", "list"]).end().expect_success();
    assert_eq!(listed.events[0]["state"], "failed", "{listed:#?}");
    assert_eq!(listed.events[0]["code"], told, "{listed:#?}");
}

#[test]
fn a_folder_that_cannot_be_written_any_more_pauses_and_both_are_told_why() {
    let server = Server::start();
    let ana = Device::new(&server.url).named("Ana");
    let ben = Device::new(&server.url).named("Ben");
    pair_with(&ana, &[], &ben);
    let many = ana.path("many");
    fs::create_dir(&many).unwrap();
    for number in 0..40 {
        make_file(&many.join(format!("{number}.bin")), 64 * 1024, number);
    }
    let into = ben.path("into");
    let mut receiving = ben.start_as_anybody(&["run", "--into", &text(&into), "--yes"]);
    receiving.wait_for("ready");
    let mut sending = ana.start(&["send", &text(&many), "--to", "Ben", "--limit", "512K"]);
    receiving.wait_for("transfer_progress");
    let staged = fs::read_dir(&into).unwrap().next().unwrap().unwrap().path();
    let folder = staged.join("tree/many");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    let failed = |event: &serde_json::Value| {
        event["event"] == "transfer_paused" && event["reason"] == "disk_failed"
    };
    assert!(
        receiving.wait_until(failed).is_some(),
        "the receiver says so"
    );
    assert!(
        sending.wait_until(failed).is_some(),
        "the sender hears of it"
    );
    assert!(visible_names(&into).is_empty());
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    sending.end().expect_success();
    receiving.wait_for("transfer_completed");
    for number in 0..40 {
        let name = format!("{number}.bin");
        same_file(&many.join(&name), &into.join("many").join(&name));
    }
}
