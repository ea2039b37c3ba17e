//! What arrived is signed by both, and a third person believes it by the file alone.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{Device, Running, Server, binary, code_of, make_file, make_tree, pair_with};
use serde_json::Value;

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Sends `path` under a code; returns the transfer's id and where it arrived.
fn carry(ana: &Device, ben: &Device, path: &Path, more: &[&str]) -> (String, PathBuf) {
    let file = text(path);
    let mut arguments = vec!["send", file.as_str(), "--code"];
    arguments.extend(more);
    let mut sending = ana.start(&arguments);
    let into = ben.path("into");
    let mut receiving = receive(ben, &mut sending, &into);
    let received = receiving.end().expect_success();
    let sent = sending.end().expect_success();
    let transfer = id(sent.event("transfer_completed"));
    assert_eq!(id(received.event("receipt_ready")), transfer);
    assert_eq!(id(sent.event("receipt_ready")), transfer);
    (transfer, into)
}

fn receive(ben: &Device, sending: &mut Running, into: &Path) -> Running {
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code");
    ben.start(&["receive", code, "--into", &text(into), "--yes"])
}

fn id(event: &Value) -> String {
    event["transfer"].as_str().expect("an id").to_owned()
}

fn export(device: &Device, transfer: &str, name: &str) -> PathBuf {
    let file = device.path(name);
    device
        .start(&["receipts", "export", transfer, &text(&file)])
        .end()
        .expect_success();
    file
}

/// Checks a receipt with nothing but the file: a home cannot even be made.
fn verify(receipt: &Path, more: &[&str]) -> (Option<i32>, Vec<Value>) {
    let output = Command::new(binary("wherry"))
        .args(["--json", "--home", "/dev/null/none", "receipts", "verify"])
        .arg(receipt)
        .args(more)
        .output()
        .expect("wherry starts");
    let lines = String::from_utf8(output.stdout).expect("text");
    let events = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    (output.status.code(), events.collect())
}

fn device_id(device: &Device) -> String {
    let ended = device.start(&["id"]).end().expect_success();
    ended.events[0]["device_id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

#[test]
fn both_sides_export_the_same_receipt_and_a_third_person_verifies_it() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let tree = ana.path("tree");
    make_tree(&tree);
    let (transfer, into) = carry(&ana, &ben, &tree, &[]);
    let [sent, received] =
        [(&ana, "a"), (&ben, "b")].map(|(device, name)| export(device, &transfer, name));
    assert!(fs::read(&sent).unwrap() == fs::read(&received).unwrap());

    let (code, events) = verify(&sent, &[]);
    assert_eq!(code, Some(0));
    assert_eq!(events[0]["sender"]["device_id"], device_id(&ana));
    assert_eq!(events[0]["receiver"]["device_id"], device_id(&ben));
    let entries = events[0]["entries"].as_u64().unwrap();
    assert_eq!(events.len() as u64, 1 + entries);
    assert!(
        events
            .iter()
            .any(|event| event["path"] == "tree/tool.sh" && event["size"] == 10)
    );

    assert_eq!(
        verify(&sent, &["--tree", &text(&into.join("tree"))]).0,
        Some(0)
    );
    assert_eq!(
        verify(&sent, &["--file", &text(&tree.join("tool.sh"))]).0,
        Some(0)
    );
    fs::write(into.join("tree/tool.sh"), b"#!/bin/zsh").unwrap();
    assert_eq!(
        verify(&sent, &["--tree", &text(&into.join("tree"))]).0,
        Some(7)
    );
    assert_eq!(
        verify(&sent, &["--file", &text(&into.join("tree/tool.sh"))]).0,
        Some(7)
    );
    fs::remove_file(into.join("tree/tool.sh")).unwrap();
    assert_eq!(
        verify(&sent, &["--tree", &text(&into.join("tree"))]).0,
        Some(7)
    );

    let listed = ben.start(&["receipts", "list"]).end().expect_success();
    assert_eq!(id(&listed.events[0]), transfer);
    let again = ben
        .start(&["receipts", "export", &transfer, &text(&received)])
        .end();
    assert_eq!(
        again.code(),
        9,
        "an export never replaces a file: {again:#?}"
    );
    ben.start(&["receipts", "remove", &transfer])
        .end()
        .expect_success();
    assert_eq!(ben.start(&["receipts", "show", &transfer]).end().code(), 2);
}

#[test]
fn whatever_is_altered_in_a_receipt_is_noticed() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let folder = ana.path("two");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("contract"), b"one").unwrap();
    fs::write(folder.join("reminder"), b"two").unwrap();
    let (transfer, _) = carry(&ana, &ben, &folder, &["--checksum"]);
    let genuine = export(&ana, &transfer, "genuine");
    let bytes = fs::read(&genuine).unwrap();
    let bent = ana.path("bent");
    let is_refused = |bytes: &[u8], what: &str| {
        fs::write(&bent, bytes).unwrap();
        let (code, events) = verify(&bent, &[]);
        assert_eq!(code, Some(7), "{what}");
        let last = events.last().expect("an error");
        assert_eq!(
            (events.len(), &last["event"]),
            (1, &"error".into()),
            "{what}"
        );
    };
    // The property test of the format flips every bit; here a part of them meets the real program.
    for place in (0..bytes.len()).step_by(bytes.len() / 60 + 1) {
        let mut altered = bytes.clone();
        altered[place] ^= 1 << (place % 8);
        is_refused(&altered, &format!("byte {place}"));
    }
    let place = |name: &[u8]| bytes.windows(name.len()).position(|it| it == name).unwrap();
    let (one, two) = (place(b"contract"), place(b"reminder"));
    let mut swapped = bytes.clone();
    swapped[one..one + 8].copy_from_slice(b"reminder");
    swapped[two..two + 8].copy_from_slice(b"contract");
    is_refused(&swapped, "swapped names");
    is_refused(&bytes[..bytes.len() - 1], "cut off");
    is_refused(&[&bytes[..], b"\0\0\0\0"].concat(), "longer");

    // The signed half of another transfer does not vouch for this list.
    let other = ana.path("other");
    fs::write(&other, b"three").unwrap();
    let (transfer, _) = carry(
        &ben,
        &ana,
        &{
            let copy = ben.path("other");
            fs::copy(&other, &copy).unwrap();
            copy
        },
        &[],
    );
    let other = fs::read(export(&ana, &transfer, "other receipt")).unwrap();
    let end_of_receipt = |bytes: &[u8]| {
        let length = u32::from_be_bytes(bytes[20..24].try_into().unwrap());
        24 + usize::try_from(length).unwrap()
    };
    let spliced = [
        &other[..end_of_receipt(&other)],
        &bytes[end_of_receipt(&bytes)..],
    ]
    .concat();
    is_refused(&spliced, "another list");
}

#[test]
fn a_receiver_that_is_killed_at_the_end_still_signs() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let file = ana.path("cargo.bin");
    make_file(&file, 3 * 1024 * 1024, 3);
    let mut sending = ana.start(&["send", &text(&file), "--code"]);
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code");
    let into = text(&ben.path("into"));
    let receive = ["receive", code, "--into", &into, "--yes"];
    let killed = ben.start_doomed("complete:1", &receive).end();
    assert_eq!(killed.status.code(), None, "{killed:#?}");
    ben.start(&receive).end().expect_success();
    let sent = sending.end().expect_success();
    let transfer = id(sent.event("receipt_ready"));
    let [one, two] =
        [(&ana, "a"), (&ben, "b")].map(|(device, name)| export(device, &transfer, name));
    assert_eq!(verify(&one, &[]).0, Some(0));
    assert!(fs::read(one).unwrap() == fs::read(two).unwrap());
}

#[test]
fn a_sender_that_is_killed_at_the_end_gets_its_receipt_later() {
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

    let file = ana.path("cargo.bin");
    make_file(&file, 3 * 1024 * 1024, 4);
    let into = text(&ben.path("into"));
    let mut receiving = ben.start(&["run", "--into", &into, "--yes"]);
    receiving.wait_for("ready");
    let mut sending = ana.start(&["send", &text(&file), "--to", contact]);
    let transfer = id(&receiving.wait_for("transfer_completed"));
    sending.kill();

    let mut again = ana.start(&["run", "--into", &into]);
    again.wait_for("ready");
    let mut tries = 0;
    let receipt = loop {
        let ended = ana.start(&["receipts", "show", &transfer]).end();
        if ended.code() == 0 {
            break ended;
        }
        tries += 1;
        assert!(tries < 600, "no receipt came: {ended:#?}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    };
    assert_eq!(receipt.event("receipt")["files"], 1);
    assert_eq!(verify(&export(&ana, &transfer, "later"), &[]).0, Some(0));
    assert_eq!(verify(&export(&ben, &transfer, "later"), &[]).0, Some(0));
}

#[test]
fn every_device_of_a_person_signs_for_what_it_took_and_that_outlasts_the_device() {
    let server = Server::start();
    let [ana, ben, phone] =
        ["ana", "ben", "phone"].map(|name| Device::new(&server.url).named(name));
    pair_with(&ana, &[], &ben);
    let mut at_ben = online(&ben);
    let mut at_ana = online(&ana);
    let mut showing = ana.start(&["id", "add-device", "--yes"]);
    let code = code_of(&mut showing);
    phone
        .start(&["join", &code, "--yes"])
        .end()
        .expect_success();
    at_ben.wait_for("device_added");
    at_ana.kill();

    // Whichever device is there takes it, and signs with its own key.
    let mut at_phone = online(&phone);
    let taken = carried_to(&ben, "to-any", "ana", &mut at_ben, &mut at_phone);
    let given = carried_to(&phone, "from-phone", "ben", &mut at_phone, &mut at_ben);
    for (transfer, sender, receiver) in [(&taken, &ben, &phone), (&given, &phone, &ben)] {
        let sent = export(sender, transfer, &format!("{transfer}-sent"));
        let received = export(receiver, transfer, &format!("{transfer}-received"));
        assert!(fs::read(&sent).unwrap() == fs::read(&received).unwrap());
        let (code, events) = verify(&sent, &[]);
        assert_eq!(code, Some(0));
        assert_eq!(events[0]["sender"]["device_id"], device_id(sender));
        assert_eq!(events[0]["receiver"]["device_id"], device_id(receiver));
        assert_eq!(ana.start(&["receipts", "show", transfer]).end().code(), 2);
    }

    let _at_ana = online(&ana);
    ana.run(&["id", "revoke", "phone"]);
    at_ben.wait_for("device_revoked");
    for transfer in [&taken, &given] {
        let kept = export(&ben, transfer, &format!("{transfer}-kept"));
        assert_eq!(verify(&kept, &[]).0, Some(0));
    }
}

fn online(device: &Device) -> Running {
    let mut running = device.start(&["run", "--into", &text(&device.path("into")), "--yes"]);
    running.wait_for("ready");
    running
}

/// Sends a file and returns the transfer, once both sides have its receipt.
fn carried_to(
    from: &Device,
    name: &str,
    to: &str,
    at_sender: &mut Running,
    at_receiver: &mut Running,
) -> String {
    let file = from.path(name);
    make_file(&file, 100_000, 7);
    let send = ["send", &text(&file), "--to", to, "--wait"];
    from.start(&send).end().expect_success();
    let transfer = id(&at_sender.wait_for("receipt_ready"));
    assert_eq!(id(&at_receiver.wait_for("receipt_ready")), transfer);
    transfer
}

#[test]
fn checksums_are_those_of_sha256sum_on_both_sides() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let tree = ana.path("tree");
    make_tree(&tree);
    let mut sending = ana.start(&["send", &text(&tree), "--code", "--checksum"]);
    let into = ben.path("into");
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code");
    let mut receiving = ben.start(&[
        "receive",
        code,
        "--into",
        &text(&into),
        "--yes",
        "--checksum",
    ]);
    let received = receiving.end().expect_success();
    let sent = sending.end().expect_success();
    let sums = |events: &[Value]| -> Vec<String> {
        let sums = events
            .iter()
            .filter(|event| event["event"] == "entry_checksum");
        let line = |event: &Value| {
            let part = |name: &str| event[name].as_str().expect("text").to_owned();
            format!("{}  {}\n", part("sha256"), part("path"))
        };
        sums.map(line).collect()
    };
    let sums_here = sums(&sent.events);
    assert_eq!(sums_here.len(), 305, "every file has a sum");
    assert_eq!(sums_here, sums(&received.events));
    let list = ben.path("sums");
    fs::write(&list, sums_here.concat()).unwrap();
    let checked = Command::new("sha256sum")
        .args(["--check", "--quiet", "--strict"])
        .arg(&list)
        .current_dir(&into)
        .output();
    let checked = checked.expect("sha256sum is there");
    assert!(checked.status.success(), "{checked:?}");

    let transfer = id(sent.event("receipt_ready"));
    let (code, events) = verify(
        &export(&ben, &transfer, "summed"),
        &["--tree", &text(&into.join("tree"))],
    );
    assert_eq!(code, Some(0));
    assert!(events[0]["sums"].is_string());
    let tool = events
        .iter()
        .find(|event| event["path"] == "tree/tool.sh")
        .unwrap();
    assert!(sums_here.contains(&format!(
        "{}  tree/tool.sh\n",
        tool["sha256"].as_str().unwrap()
    )));
}

#[test]
fn the_sums_of_a_transfer_that_was_interrupted_are_right_too() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let file = ana.path("cargo.bin");
    make_file(&file, 24 * 1024 * 1024, 5);
    let send = ["send", &text(&file), "--code", "--checksum"];
    let mut sending = ana.start_doomed("read:12", &send);
    let into = ben.path("into");
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code");
    let mut receiving = ben.start(&["receive", code, "--into", &text(&into), "--yes"]);
    assert_eq!(sending.end().status.code(), None);
    let sent = ana.start(&send).end().expect_success();
    receiving.end().expect_success();
    let checked = Command::new("sha256sum")
        .arg(&file)
        .output()
        .expect("sha256sum is there");
    let expected = String::from_utf8(checked.stdout).unwrap();
    let sum = sent.event("entry_checksum")["sha256"].as_str().unwrap();
    assert!(expected.starts_with(sum), "{sum} {expected}");
    let transfer = id(sent.event("receipt_ready"));
    let (code, events) = verify(&export(&ben, &transfer, "summed"), &[]);
    assert_eq!((code, events[1]["sha256"].as_str()), (Some(0), Some(sum)));
}

#[test]
fn what_came_through_a_pipe_has_a_receipt_and_a_sum() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let file = ana.path("sample");
    make_file(&file, 2 * 1024 * 1024 + 99, 6);
    let bytes = fs::read(&file).unwrap();
    let mut sending = ana.start_with_input(&["send", "-", "--code", "--checksum"]);
    let mut input = sending.take_input();
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code");
    let output = ben
        .command(&["receive", code, "--stdout", "--yes"])
        .output()
        .expect("wherry starts");
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let sent = sending.end().expect_success();
    let checked = Command::new("sha256sum")
        .arg(&file)
        .output()
        .expect("sha256sum is there");
    let expected = String::from_utf8(checked.stdout).unwrap();
    let sum = sent.event("entry_checksum")["sha256"].as_str().unwrap();
    assert!(expected.starts_with(sum), "{sum} {expected}");
    let receipt = export(&ben, &id(sent.event("receipt_ready")), "piped");
    assert_eq!(verify(&receipt, &["--file", &text(&file)]).0, Some(0));
}

#[test]
fn a_receipt_of_several_things_is_held_against_the_folder_that_holds_them() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let folder = ana.path("folder");
    fs::create_dir_all(folder.join("inside")).unwrap();
    fs::write(folder.join("inside/empty"), b"").unwrap();
    fs::write(ana.path("note"), b"note").unwrap();
    let more = text(&ana.path("note"));
    let (transfer, into) = carry(&ana, &ben, &folder, &[&more]);
    let receipt = export(&ana, &transfer, "several");
    assert_eq!(verify(&receipt, &["--tree", &text(&into)]).0, Some(0));
    fs::remove_file(into.join("folder/inside/empty")).unwrap();
    let (code, events) = verify(&receipt, &["--tree", &text(&into)]);
    assert_eq!(code, Some(7));
    assert!(
        events[0]["message"]
            .as_str()
            .unwrap()
            .contains("folder/inside/empty")
    );
}

#[test]
fn what_was_there_already_is_in_the_receipt_too() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let tree = ana.path("tree");
    make_tree(&tree);
    let into = ben.path("into");
    let mut receipts = Vec::new();
    for round in 0..2 {
        let mut sending = ana.start(&["send", &text(&tree), "--code", "--checksum"]);
        let issued = sending.wait_for("code_issued");
        let code = issued["code"].as_str().expect("a code");
        let place = text(&into);
        let arguments = [
            "receive",
            code,
            "--into",
            &place,
            "--yes",
            "--existing",
            "skip",
        ];
        ben.start(&arguments).end().expect_success();
        let sent = sending.end().expect_success();
        let transfer = id(sent.event("receipt_ready"));
        let receipt = export(&ben, &transfer, &format!("round {round}"));
        let (code, events) = verify(&receipt, &["--tree", &text(&into.join("tree"))]);
        assert_eq!(code, Some(0), "{events:#?}");
        receipts.push(events[0].clone());
        fs::write(tree.join("tool.sh"), b"#!/bin/sh\n").unwrap();
    }
    assert_eq!(receipts[0]["digest"], receipts[1]["digest"]);
    assert_eq!(receipts[0]["sums"], receipts[1]["sums"]);
}
