//! Logs and answers that tell no more than they should.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;

use e2e::{Device, Server, make_file, visible_names};

#[test]
fn info_logs_of_a_whole_transfer_name_nobody_and_nothing() {
    let server = Server::start();
    let new = || Device::new(&server.url).with("RUST_LOG", "info");
    let (ana, ben) = (new(), new());
    for (device, name) in [(&ana, "anastasia"), (&ben, "benedict")] {
        let status = device
            .command(&["config", "set", "device-name", name])
            .status();
        assert!(status.expect("wherry starts").success());
    }
    let file = ana.path("secret-plans.bin");
    make_file(&file, 3_000_000, 6);
    let mut sending = ana.start(&["send", &file.display().to_string(), "--code"]);
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code").to_owned();
    let into = ben.path("into").display().to_string();
    let mut receiving = ben.start(&["receive", &code, "--into", &into, "--yes"]);
    let logs = receiving.end().expect_success().stderr + &sending.end().expect_success().stderr;

    let words = code.split('-').skip(1).map(str::to_owned);
    let private = [
        "secret-plans",
        "anastasia",
        "benedict",
        "127.0.0.1",
        "192.",
        "::1",
        "/tmp",
    ];
    for word in private.map(str::to_owned).into_iter().chain(words) {
        assert!(!logs.contains(&word), "{word} is in the log:\n{logs}");
    }
}

#[test]
fn a_declined_offer_is_told_to_the_sender() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let mut showing = ana.start(&["pair", "--yes"]);
    let issued = showing.wait_for("code_issued");
    let mut typing = ben.start(&["pair", issued["code"].as_str().expect("a code"), "--yes"]);
    let contact = showing.end().expect_success().event("contact_added")["contact"]
        .as_str()
        .expect("an id")
        .to_owned();
    typing.end().expect_success();

    let file = ana.path("file");
    make_file(&file, 10, 1);
    let into = ben.path("into").display().to_string();
    let mut running = ben.start(&["run", "--into", &into]);
    running.wait_for("ready");
    let mut sending = ana.start(&["send", &file.display().to_string(), "--to", &contact]);
    let offer = running.wait_for("offer_received");
    let transfer = offer["transfer"].as_str().expect("an id");

    let mut socket = UnixStream::connect(ben.path("home/control.sock")).expect("the owner listens");
    let request = format!(
        "{{\"request\":1,\"command\":\"receive\",\"action\":\"answer\",\"transfer\":\"{transfer}\",\"destination\":null}}\n"
    );
    socket.write_all(request.as_bytes()).expect("it listens");
    // Events of the same transfer may come first.
    let mut lines = BufReader::new(&socket).lines().map_while(Result::ok);
    let answer = lines
        .find(|line| line.contains("\"answer\""))
        .expect("it answers");
    assert!(answer.contains("\"done\""), "{answer}");

    let ended = sending.end();
    assert_eq!(ended.code(), 3, "{ended:#?}");
    assert_eq!(ended.event("transfer_failed")["code"], "declined");
    assert!(visible_names(&ben.path("into")).is_empty());
}
