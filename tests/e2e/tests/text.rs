//! A text goes as a text: shown to whoever receives it, stored by nobody who was not asked.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use e2e::{Device, Running, Server, visible_names};

fn code_of(sending: &mut Running) -> String {
    let issued = sending.wait_for("code_issued");
    issued["code"].as_str().expect("a code").to_owned()
}

fn path(path: &Path) -> String {
    path.display().to_string()
}

const WORDS: &str = "meet me at the pier\nat 7 — \u{1f6a3}";

#[test]
fn a_text_is_shown_signed_and_never_stored() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let mut sending = ana.start_with_input(&["send", "--text", "-", "--code"]);
    let mut input = sending.take_input();
    input.write_all(WORDS.as_bytes()).unwrap();
    drop(input);
    let code = code_of(&mut sending);
    let into = ben.path("into");
    let mut receiving = ben.start(&["receive", &code, "--into", &path(&into), "--yes"]);

    let received = receiving.end().expect_success();
    let sent = sending.end().expect_success();
    assert_eq!(received.event("offer_received")["kind"], "text");
    assert_eq!(received.event("text_received")["text"], WORDS);
    assert_eq!(sent.event("receipt_ready"), received.event("receipt_ready"));
    assert!(visible_names(&into).is_empty(), "nothing is stored");

    for device in [&ana, &ben] {
        let listed = device.start(&["history"]).end().expect_success();
        assert_eq!(listed.events[0]["kind"], "text");
        assert!(
            !holds(&device.path("home"), b"the pier"),
            "no home keeps its words"
        );
    }
}

#[test]
fn a_text_that_is_asked_for_is_kept_as_a_file() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let mut sending = ana.start(&["send", "--text", WORDS, "--code"]);
    let code = code_of(&mut sending);
    let into = ben.path("into");
    let receive = [
        "receive",
        &code,
        "--into",
        &path(&into),
        "--yes",
        "--keep-texts",
    ];
    ben.start(&receive).end().expect_success();
    sending.end().expect_success();
    assert_eq!(fs::read_to_string(into.join("text.txt")).unwrap(), WORDS);
}

#[test]
fn a_text_to_a_contact_arrives_where_it_runs() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let mut showing = ana.start(&["pair", "--yes"]);
    let code = code_of(&mut showing);
    ben.start(&["pair", &code, "--yes"]).end().expect_success();
    let paired = showing.end().expect_success();
    let contact = paired.event("contact_added")["contact"]
        .as_str()
        .expect("an id");
    let into = ben.path("into");
    let mut receiving = ben.start(&["run", "--into", &path(&into), "--yes"]);
    receiving.wait_for("ready");
    for words in ["one", "two"] {
        ana.start(&["send", "--text", words, "--to", contact])
            .end()
            .expect_success();
        assert_eq!(receiving.wait_for("text_received")["text"], words);
    }
    assert!(visible_names(&into).is_empty());
    let found = ana
        .start(&["history", "--with", contact, "--limit", "9"])
        .end()
        .expect_success();
    assert_eq!(found.events.len(), 2, "{found:#?}");
}

#[test]
fn a_text_whose_sender_ended_before_it_went_is_not_sent_later() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let mut showing = ana.start(&["pair", "--yes"]);
    let code = code_of(&mut showing);
    ben.start(&["pair", &code, "--yes"]).end().expect_success();
    let paired = showing.end().expect_success();
    let contact = paired.event("contact_added")["contact"]
        .as_str()
        .expect("an id");
    let mut sending = ana.start(&["send", "--text", WORDS, "--to", contact, "--wait"]);
    sending.wait_for("transfer_added");
    sending.wait_for("transfer_paused");
    sending.kill();
    let listed = ana.start(&["history"]).end().expect_success();
    assert_eq!(listed.events[0]["code"], "cancelled", "{listed:#?}");
    assert_eq!(listed.events[0]["kind"], "text");
}

#[test]
fn a_terminal_is_not_steered_by_a_text() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let hostile = "a\u{1b}]0;owned\u{7}\u{1b}[2Jb\r\u{202e}c\n\td";
    let mut sending = ana.start(&["send", "--text", hostile, "--code"]);
    let code = code_of(&mut sending);
    let into = path(&ben.path("into"));
    let mut command = ben.command(&["receive", &code, "--into", &into, "--yes"]);
    let arguments: Vec<_> = command.get_args().skip(1).map(ToOwned::to_owned).collect();
    let mut plain = std::process::Command::new(command.get_program());
    let output = plain.args(arguments).stdin(Stdio::null()).output().unwrap();
    command.env_clear();
    sending.end().expect_success();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(
        shown.contains("a\\u{1b}]0;owned\\u{7}\\u{1b}[2Jb\\u{d}\\u{202e}c\n\td\n"),
        "{shown}"
    );
    let steers = |it: char| it.is_control() && !matches!(it, '\n' | '\t');
    assert!(!shown.contains(steers), "{shown:?}");
}

#[test]
fn what_is_no_text_is_not_sent_as_one() {
    let server = Server::start();
    let ana = Device::new(&server.url);
    let too_long = vec![b'x'; 64 * 1024 + 1];
    for bytes in [&b""[..], b"\xff\xfe", &too_long] {
        let mut sending = ana.start_with_input(&["send", "--text", "-", "--code"]);
        let mut input = sending.take_input();
        input.write_all(bytes).ok();
        drop(input);
        let ended = sending.end();
        assert_eq!(ended.code(), 2, "{} bytes: {ended:#?}", bytes.len());
    }
    let ended = ana.start(&["send", "--text", "", "--code"]).end();
    assert_eq!(ended.code(), 2, "{ended:#?}");
}

#[test]
fn the_longest_text_arrives_whole() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let words = "\u{1}é".repeat(64 * 1024 / 3);
    let mut sending = ana.start_with_input(&["send", "--text", "-", "--code"]);
    let mut input = sending.take_input();
    input.write_all(words.as_bytes()).unwrap();
    drop(input);
    let code = code_of(&mut sending);
    let into = path(&ben.path("into"));
    let received = ben
        .start(&["receive", &code, "--into", &into, "--yes"])
        .end()
        .expect_success();
    sending.end().expect_success();
    assert_eq!(received.event("text_received")["text"], words);
}

/// Whether a file below `folder` holds these bytes.
fn holds(folder: &Path, bytes: &[u8]) -> bool {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths = entries.map(|entry| entry.expect("an entry").path());
    paths.any(|path| match path.is_dir() {
        true => holds(&path, bytes),
        false => fs::read(&path).is_ok_and(|it| it.windows(bytes.len()).any(|part| part == bytes)),
    })
}
