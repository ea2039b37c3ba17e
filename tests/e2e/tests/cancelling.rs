//! A cancelled transfer leaves nothing behind, whoever was there to hear it.

use std::fs;

use e2e::{Device, Server, make_file, same_file};

#[test]
fn a_cancel_that_the_receiver_missed_is_told_again() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let mut showing = ana.start(&["pair", "--yes"]);
    let issued = showing.wait_for("code_issued");
    let mut typing = ben.start(&["pair", issued["code"].as_str().expect("a code"), "--yes"]);
    let paired = showing.end().expect_success();
    typing.end().expect_success();
    let contact = paired.event("contact_added")["contact"]
        .as_str()
        .expect("an id");

    let large = ana.path("large.bin");
    make_file(&large, 200 * 1024 * 1024, 1);
    let into = ben.path("into").display().to_string();
    let receive = ["receive", "--into", &into, "--yes"];
    let mut receiving = ben.start(&receive);
    receiving.wait_for("ready");
    let mut sending = ana.start(&["send", &large.display().to_string(), "--to", contact]);
    receiving.wait_for("transfer_progress");
    receiving.kill();
    let staged = fs::read_dir(ben.path("into")).expect("the folder").count();
    assert_eq!(staged, 1, "what had arrived is kept");

    let listed = ana.start(&["transfers", "list"]).end().expect_success();
    let transfer = listed.events[0]["transfer"].as_str().expect("an id");
    ana.start(&["transfers", "cancel", transfer])
        .end()
        .expect_success();
    assert_eq!(sending.end().code(), 11);

    let small = ana.path("small.bin");
    make_file(&small, 1_000, 2);
    let mut receiving = ben.start(&receive);
    receiving.wait_for("ready");
    let mut sending = ana.start(&["send", &small.display().to_string(), "--to", contact]);
    receiving.end().expect_success();
    sending.end().expect_success();
    same_file(&small, &ben.path("into/small.bin"));
    let left = fs::read_dir(ben.path("into")).expect("the folder").count();
    assert_eq!(left, 1, "what was staged of the cancelled one is gone");
}
