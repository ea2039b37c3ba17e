//! What a process writes to its standard error, seen from outside.

use std::path::Path;
use std::process::Command;

use logging::{DefaultLevel, InitError, LOG_FILE_BYTES, LogConfig, LogTarget, Redacted};

const ADDRESS: &str = "192.0.2.77:4711";
const NAME: &str = "Ana's laptop";

#[test]
fn at_info_nobody_prints_an_address_or_name() {
    let lines = run(&[("RUST_LOG", "info")], None);
    assert!(lines.contains("connected"), "{lines}");
    assert!(!lines.contains(ADDRESS), "{lines}");
    assert!(!lines.contains(NAME), "{lines}");
    assert!(lines.contains("peer=…"), "{lines}");
}

#[test]
fn without_rust_log_a_server_tells_what_happens() {
    let lines = run(&[], None);
    assert!(lines.contains("connected"), "{lines}");
    assert!(!lines.contains(ADDRESS), "{lines}");
}

#[test]
fn without_rust_log_a_face_shows_warnings_only() {
    let lines = run(&[("WHERRY_TEST_FACE", "1")], None);
    assert!(lines.contains("slow"), "{lines}");
    assert!(!lines.contains("connected"), "{lines}");
    assert!(!lines.contains(ADDRESS), "{lines}");
}

#[test]
fn a_crate_that_is_named_is_heard_at_its_level() {
    let lines = run(&[("RUST_LOG", "info,webrtc=warn,tungstenite=error")], None);
    assert!(lines.contains("webrtc::agent: pair failed"), "{lines}");
    assert!(lines.contains(ADDRESS), "{lines}");
    assert!(!lines.contains("handshake with"), "{lines}");
    assert!(!lines.contains(NAME), "{lines}");
}

#[test]
fn debugging_shows_private_values_but_no_other_crates() {
    let lines = run(&[("RUST_LOG", "debug")], None);
    assert!(lines.contains(NAME), "{lines}");
    assert!(!lines.contains(ADDRESS), "{lines}");
}

#[test]
fn lines_that_nobody_watches_have_no_colours() {
    let lines = run(&[("RUST_LOG", "trace")], None);
    assert!(!lines.contains('\u{1b}'), "{lines:?}");
}

#[test]
fn the_file_gets_the_same_lines() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wherry.log");
    run(&[("RUST_LOG", "info")], Some(&file));
    let lines = std::fs::read_to_string(&file).unwrap();
    assert!(lines.contains("connected"), "{lines}");
    assert!(!lines.contains(ADDRESS), "{lines}");
}

#[test]
fn a_wrong_filter_and_a_second_start_are_refused() {
    let lines = run(&[("RUST_LOG", "engine=loud")], None);
    assert!(lines.contains("BadFilter"), "{lines}");
    let lines = run(&[("WHERRY_TEST_TWICE", "1")], None);
    assert!(lines.contains("AlreadySet"), "{lines}");
}

/// Runs [`child`] in a process of its own and returns its standard error.
fn run(environment: &[(&str, &str)], file: Option<&Path>) -> String {
    let mut command = Command::new(std::env::current_exe().expect("a test has a file"));
    command
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env_remove("RUST_LOG")
        .envs(environment.iter().copied());
    if let Some(file) = file {
        command.env("WHERRY_TEST_FILE", file);
    }
    let output = command.output().expect("the test itself can be run");
    String::from_utf8(output.stderr).expect("log lines are text")
}

#[test]
#[ignore = "runs as the child of the others"]
fn child() {
    let set = |name| std::env::var_os(name).is_some();
    let config = LogConfig {
        default_level: match set("WHERRY_TEST_FACE") {
            true => DefaultLevel::Warn,
            false => DefaultLevel::Info,
        },
        file: std::env::var_os("WHERRY_TEST_FILE").map(|path| LogTarget {
            path: path.into(),
            limit_bytes: LOG_FILE_BYTES,
        }),
    };
    let mut result: Result<(), InitError> = logging::init(config.clone());
    if set("WHERRY_TEST_TWICE") {
        result = logging::init(config);
    }
    if let Err(error) = result {
        eprintln!("{error:?}");
        return;
    }
    tracing::info!(target: "engine::hub", peer = %Redacted(NAME), "connected");
    tracing::warn!(target: "engine::hub", "slow");
    tracing::warn!(target: "webrtc::agent", "pair failed: {ADDRESS}");
    tracing::error!(target: "mdns::socket", "cannot answer {ADDRESS}");
    log::warn!(target: "rtc_ice::agent", "pair failed: {ADDRESS}");
    log::error!(target: "rtc_turn", "allocation at {ADDRESS}");
    log::warn!(target: "tungstenite::handshake", "handshake with {ADDRESS}");
}
