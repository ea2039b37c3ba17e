//! Links that carry a code and a server from one device to another.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use e2e::{Device, Ended, Running, Server, make_file, same_file};

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Runs a command that is told of no server but by settings and links.
fn run(device: &Device, arguments: &[&str]) -> Ended {
    Running::start(&mut device.command_without_server(arguments)).end()
}

fn set_server(device: &Device, url: &str) {
    run(device, &["config", "set", "server-url", url]).expect_success();
}

/// What `send --code` issues: the sender, its code and its link.
fn send(device: &Device, file: &Path) -> (Running, String, String) {
    let mut sending = device.start(&["send", &text(file), "--code"]);
    let issued = sending.wait_for("code_issued");
    let said = |key: &str| issued[key].as_str().expect("it is said").to_owned();
    (sending, said("code"), said("link"))
}

#[test]
fn a_link_leads_to_the_server_of_whoever_sent_it() {
    let (server, other) = (Server::start(), Server::start());
    let (ana, ben) = (Device::new(&server.url), Device::new(&other.url));
    set_server(&ben, &other.url);
    let file = ana.path("file");
    make_file(&file, 300_000, 1);
    let into = ben.path("into");
    let receive = |code: &str, extra: &[&str]| {
        let into = text(&into);
        let mut arguments = vec!["receive", code, "--into", &into];
        arguments.extend(extra);
        run(&ben, &arguments)
    };

    // Nobody is led to another server unasked, nor against their own word.
    let (mut sending, code, link) = send(&ana, &file);
    assert_eq!(receive(&link, &[]).code(), 2);
    let ended = receive(&link, &["--yes", "--server", &other.url]);
    assert_eq!(ended.code(), 2, "{ended:#?}");
    assert!(
        ended.event("error")["message"]
            .as_str()
            .expect("words")
            .contains("--server")
    );
    let ended = run(&ben, &["pair", &link, "--yes"]);
    assert_eq!(ended.code(), 2, "{ended:#?}");

    receive(&link, &["--yes"]).expect_success();
    sending.end().expect_success();
    same_file(&file, &into.join("file"));
    assert_eq!(code.split('-').count(), 3);

    // Text says the same, and naming the server oneself is agreeing.
    let (mut sending, code, _) = send(&ana, &file);
    let plain = format!("{code}@{}", server.url);
    receive(&plain, &["--yes", "--server", &server.url]).expect_success();
    sending.end().expect_success();
    same_file(&file, &into.join("file (2)"));

    // The link was for one command: what is set stays.
    let ended = run(&ben, &["config", "get", "server-url"]).expect_success();
    assert_eq!(ended.event("setting")["value"], other.url);
}

#[test]
fn a_link_pairs_a_device_that_knows_no_server() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let mut showing = ana.start(&["pair", "--yes"]);
    let link = showing.wait_for("code_issued")["link"].clone();
    let link = link.as_str().expect("a link");
    let ended = run(&ben, &["receive", link, "--yes"]);
    assert_eq!(ended.code(), 2, "{ended:#?}");
    run(&ben, &["pair", link, "--yes"]).expect_success();
    showing.end().expect_success();
}

#[test]
fn a_link_is_typed_where_a_code_is_asked_for() {
    let (server, other) = (Server::start(), Server::start());
    let (ana, ben) = (Device::new(&server.url), Device::new(&other.url));
    let file = ana.path("file");
    make_file(&file, 10, 2);
    let (mut sending, _, link) = send(&ana, &file);
    let into = text(&ben.path("into"));
    let mut command: Command =
        ben.command_without_server(&["receive", "-", "--yes", "--into", &into]);
    let mut receiving = Running::start(command.stdin(std::process::Stdio::piped()));
    writeln!(receiving.take_input(), "{link}").expect("it reads");
    receiving.end().expect_success();
    sending.end().expect_success();
}

#[test]
fn a_policy_is_stronger_than_a_link() {
    let (server, other) = (Server::start(), Server::start());
    let ana = Device::new(&server.url);
    let file = ana.path("file");
    make_file(&file, 10, 3);
    let policy = ana.path("policy.toml");
    std::fs::write(&policy, format!("server-url = '{}'\n", other.url)).expect("a policy");
    let ben = Device::new(&other.url).with("WHERRY_POLICY", &text(&policy));
    let (_sending, _, link) = send(&ana, &file);
    let ended = run(
        &ben,
        &[
            "receive",
            &link,
            "--yes",
            "--into",
            &text(&ben.path("into")),
        ],
    );
    assert_eq!(ended.code(), 2, "{ended:#?}");
    let message = ended.event("error")["message"]
        .as_str()
        .expect("words")
        .to_owned();
    assert!(message.contains("organisation"), "{message}");
}

#[test]
fn reading_a_link_only_tells_what_it_says() {
    let (server, other) = (Server::start(), Server::start());
    let ben = Device::new(&server.url);
    let into = text(&ben.path("into"));
    let mut running = ben.start(&["run", "--yes", "--into", &into]);
    running.wait_for("ready");
    let ask = |text: &str| {
        let mut socket = UnixStream::connect(ben.path("home/control.sock")).expect("it listens");
        let request = serde_json::json!({
            "request": 1, "command": "link", "action": "parse", "text": text,
        });
        writeln!(socket, "{request}").expect("it listens");
        let mut lines = BufReader::new(socket).lines().map_while(Result::ok);
        let answer = lines.find(|line| line.contains("\"answer\""));
        serde_json::from_str::<serde_json::Value>(&answer.expect("it answers")).expect("JSON")
    };
    let link = format!(
        "wherry://receive#v=1,server={},code=7-lunar-basil",
        other.url
    );
    let answer = ask(&link)["answer"]["result"]["Ok"].clone();
    assert_eq!(answer["aim"], "receive", "{answer}");
    assert_eq!(answer["code"], "7-lunar-basil");
    assert_eq!(answer["is_other_server"], true);
    let refused = ask(&format!("{link}{}", " ".repeat(512)))["answer"]["result"].clone();
    assert_eq!(refused["Err"]["code"], "usage", "{refused}");
    let ended = ben
        .start(&["config", "get", "server-url"])
        .end()
        .expect_success();
    assert_eq!(ended.event("setting")["value"], server.url);
    // A running Wherry is not led elsewhere by a command beside it.
    let ended = run(&ben, &["receive", &link, "--yes", "--into", &into]);
    assert_eq!(ended.code(), 2, "{ended:#?}");
}
