//! What was sent and received can be found again, for as long as a person wants.

use std::fs;
use std::path::Path;

use e2e::{Device, Server, make_file, pair_with};
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

/// Those of an album's entries that are no folders.
const FILES: usize = 108;

/// A folder of 1,500 entries, one of them long; returns the paths in it, folders included.
fn album(root: &Path) -> Vec<String> {
    let mut paths = vec!["album".to_owned(), "album/long.mov".to_owned()];
    for day in 0..107 {
        let folder = format!("album/day {day:03}");
        for place in 0..12 {
            paths.push(format!("{folder}/place {place}"));
            fs::create_dir_all(root.join(&paths[paths.len() - 1])).expect("a folder");
        }
        paths.push(format!("{folder}/view.jpg"));
        fs::write(root.join(&paths[paths.len() - 1]), [7; 90]).expect("a file");
        paths.push(folder);
    }
    make_file(&root.join("album/long.mov"), 12 << 20, 1);
    paths.sort();
    paths
}

/// What `wherry transfers files` says, in its order.
fn files(device: &Device, transfer: &str) -> Vec<Value> {
    let listed = device.start(&["transfers", "files", transfer]).end();
    listed.expect_success().events
}

fn paths(files: &[Value]) -> Vec<String> {
    let paths = files
        .iter()
        .map(|file| file["path"].as_str().expect("a path"));
    paths.map(str::to_owned).collect()
}

fn count(files: &[Value], state: &str) -> usize {
    let fits = |file: &&Value| file["state"] == state && file["folder"] == false;
    files.iter().filter(fits).count()
}

#[test]
fn what_a_transfer_holds_is_listed_whole_and_in_order_while_it_goes_and_after() {
    let server = Server::start();
    let ana = Device::new(&server.url).named("Ana");
    let ben = Device::new(&server.url).named("Ben");
    pair_with(&ana, &[], &ben);
    let expected = album(&ana.path(""));
    assert_eq!(expected.len(), 1_500);
    let mut ben_runs = ben.start(&["run", "--into", &text(&ben.path("into"))]);
    ben_runs.wait_for("ready");
    let album = text(&ana.path("album"));
    let mut sending = ana.start(&["send", &album, "--to", "Ben", "--limit", "512K", "--wait"]);
    let offered = ben_runs.wait_for("offer_received")["transfer"].clone();
    let transfer = offered.as_str().expect("a transfer");

    let sent = files(&ana, transfer);
    let mut sorted = paths(&sent);
    sorted.sort();
    assert_eq!(sorted, expected, "every entry once");
    for (place, path) in paths(&sent).iter().enumerate() {
        let above = path.rsplit_once('/').map(|(above, _)| above);
        let told = &paths(&sent[..place]);
        assert!(above.is_none_or(|it| told.iter().any(|other| other == it)));
    }
    assert_eq!(count(&sent, "waiting"), FILES);
    // Nobody is told a name before accepting.
    assert_eq!(files(&ben, transfer).len(), 0);

    ben.run(&[
        "transfers",
        "accept",
        transfer,
        "--into",
        &text(&ben.path("into")),
    ]);
    ben_runs.wait_for("transfer_progress");
    let arriving = files(&ben, transfer);
    assert_eq!(paths(&arriving), paths(&sent));
    assert!(
        count(&arriving, "done") < FILES,
        "the long one goes on for seconds"
    );
    let moving = files(&ana, transfer);
    assert_eq!(count(&moving, "left_out"), 0);
    assert!(count(&moving, "done") < FILES);

    ana.run(&["transfers", "limit", transfer, "none"]);
    ben_runs.wait_for("transfer_completed");
    sending.end().expect_success();
    for device in [&ana, &ben] {
        let kept = files(device, transfer);
        assert_eq!(paths(&kept), paths(&sent));
        assert_eq!(count(&kept, "done"), FILES);
    }
    for (device, unknown) in [(&ben, "00000000000000000000000000000000"), (&ana, "no id")] {
        let refused = device.start(&["transfers", "files", unknown]).end();
        assert_ne!(refused.code(), 0, "{refused:#?}");
    }
}
