//! What was sent and received can be found again, for as long as a person wants.

use std::fs;
use std::path::Path;

use e2e::{Device, Server, make_file};
use serde_json::Value;

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn carry(ana: &Device, ben: &Device, name: &str) -> Value {
    let file = ana.path(name);
    make_file(&file, 70_000, 1);
    let mut sending = ana.start(&["send", &text(&file), "--code"]);
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code");
    let into = text(&ben.path("into"));
    ben.start(&["receive", code, "--into", &into, "--yes"])
        .end()
        .expect_success();
    sending
        .end()
        .expect_success()
        .event("transfer_completed")
        .clone()
}

fn history(device: &Device, more: &[&str]) -> Vec<Value> {
    let arguments = [&["history"], more].concat();
    device.start(&arguments).end().expect_success().events
}

#[test]
fn what_ended_is_found_by_name_time_and_number() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let first = carry(&ana, &ben, "Straßenkarte.pdf");
    let second = carry(&ana, &ben, "trip.mov");
    for (device, direction) in [(&ana, "outgoing"), (&ben, "incoming")] {
        let all = history(device, &[]);
        assert_eq!(all.len(), 2, "{all:#?}");
        assert_eq!(
            all[0]["transfer"], second["transfer"],
            "the newest is first"
        );
        assert_eq!(all[1]["direction"], direction);
        assert_eq!(all[1]["names"][0], "Straßenkarte.pdf");
        assert_eq!(all[1]["bytes"], 70_000);
        assert_eq!(all[1]["figures"]["path"], "local");
        assert!(all[1]["code"].is_null());
        let found = history(device, &["--search", "STRAßENKARTE"]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["transfer"], first["transfer"]);
        assert!(history(device, &["--search", "nothing like it"]).is_empty());
        assert_eq!(history(device, &["--limit", "1"]).len(), 1);
        let day = &all[0]["ended_at"].as_str().expect("a time")[..10];
        assert_eq!(history(device, &["--since", day]).len(), 2);
        assert!(history(device, &["--since", "9999-01-01"]).is_empty());
    }
    let wrong = ana.start(&["history", "--since", "2026-02-30"]).end();
    assert_eq!(wrong.code(), 2);
    let unknown = ana.start(&["history", "--with", "nobody"]).end();
    assert_eq!(unknown.event("error")["code"], "unknown_contact");
}

#[test]
fn a_transfer_that_failed_is_there_with_its_reason() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let file = ana.path("gone.bin");
    make_file(&file, 20 * 1024 * 1024, 1);
    let mut sending = ana.start(&["send", &text(&file), "--code"]);
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code");
    let into = text(&ben.path("into"));
    let mut receiving = ben.start(&["receive", code, "--into", &into, "--yes"]);
    let transfer = receiving.wait_for("offer_received")["transfer"].clone();
    let id = transfer.as_str().expect("an id");
    ben.start(&["transfers", "cancel", id]).end();
    let received = receiving.end();
    let sent = sending.end();
    if received.code() == 11 {
        assert_eq!(history(&ben, &[])[0]["code"], "cancelled");
    }
    let outcome = &history(&ana, &[])[0];
    assert_eq!(outcome["transfer"], transfer);
    assert_eq!(outcome["code"].is_null(), sent.code() == 0, "{sent:#?}");
}

#[test]
fn a_history_is_cleared_and_kept_only_as_long_as_wanted() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let done = carry(&ana, &ben, "trip.mov");
    ana.start(&["history", "clear"]).end().expect_success();
    assert!(history(&ana, &[]).is_empty());
    let transfer = done["transfer"].as_str().expect("an id");
    ana.start(&["receipts", "show", transfer])
        .end()
        .expect_success();

    assert_eq!(history(&ben, &[]).len(), 1);
    ben.start(&["config", "set", "history-days", "0"])
        .end()
        .expect_success();
    assert!(
        history(&ben, &[]).is_empty(),
        "days are counted at the start"
    );
    let refused = ben.start(&["config", "set", "history-days", "many"]).end();
    assert_eq!(refused.code(), 2);
    assert!(fs::metadata(ben.path("into/trip.mov")).is_ok());
}
