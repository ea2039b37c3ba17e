use std::fs;

use e2e::hostile::{
    Intruder, RawEntry, Sandbox, befriend, bulk_message, offer_of, one_file, raw_page,
};
use e2e::{Device, Server, make_file, pair_with, visible_names};
use model::TransferId;
use pairing_proto::PairingPurpose;
use transfer_proto::{Accept, ChunkName, Completion, ToReceiver, ToSender};

const TRANSFER: TransferId = TransferId([9; 16]);

/// A `wherry receive` that is paired with the intruder by a code.
fn receiving(
    server: &Server,
    attack: impl FnOnce(&mut e2e::hostile::HostileSession),
) -> e2e::Ended {
    let mut intruder = Intruder::new(&server.url);
    let victim = Device::new(&server.url);
    let into = victim.path("outer/into");
    let code = intruder.issue_code();
    let place = into.display().to_string();
    let code_text = code.to_string();
    let mut running = victim.start(&["receive", &code_text, "--into", &place, "--yes"]);
    let mut friend = intruder.welcome(&code, PairingPurpose::Transfer);
    let sandbox = Sandbox::watch(&victim.path("outer"), &into);
    let mut session = intruder.offer(&mut friend, |_| {}).unwrap();
    attack(&mut session);
    let ended = running.end();
    sandbox.check();
    assert!(visible_names(&into).is_empty());
    ended
}

#[test]
fn a_receiving_command_ends_with_a_code_of_its_own() {
    let server = Server::start();
    let before_offer = receiving(&server, |session| {
        session.send_bulk(bulk_message(1, 0, 0, b"unasked"));
    });
    assert_eq!(before_offer.code(), 7, "{before_offer:#?}");
    assert_eq!(before_offer.event("error")["code"], "peer_violation");

    let lying = receiving(&server, |session| {
        session.say(TRANSFER, offer_of(1, 1, 1));
        session.accepted();
        session.say_raw(raw_page(TRANSFER, 0, 0, &[RawEntry::file(&["x"], 2)]));
    });
    assert_eq!(lying.code(), 7, "{lying:#?}");
    assert_eq!(lying.event("transfer_failed")["code"], "peer_violation");

    let climbing = receiving(&server, |session| {
        one_file(session, TRANSFER, &[RawEntry::file(&["..", "x"], 2)], b"no");
    });
    assert_eq!(climbing.code(), 7, "{climbing:#?}");
}

/// A `wherry send` whose code the intruder claimed.
fn sending(attack: impl FnOnce(&mut e2e::hostile::HostileSession, TransferId)) -> e2e::Ended {
    let server = Server::start();
    let victim = Device::new(&server.url);
    let file = victim.path("sample.bin");
    make_file(&file, 3 * 1024 * 1024, 4);
    let mut running = victim.start(&["send", &file.display().to_string(), "--code"]);
    let issued = running.wait_for("code_issued");
    let mut intruder = Intruder::new(&server.url);
    let code = issued["code"].as_str().unwrap();
    let mut friend = intruder.visit(code, PairingPurpose::Transfer);
    let mut session = intruder.answer(&mut friend, &[]).unwrap();
    let transfer = session
        .asked(|transfer, message| matches!(message, ToReceiver::Offer(_)).then_some(*transfer));
    attack(&mut session, transfer);
    let ended = running.end();
    assert!(fs::metadata(file).is_ok());
    ended
}

#[test]
fn a_sending_command_believes_no_receiver_that_lies() {
    let completion = Completion {
        digest: model::Digest([7; 32]),
        skipped: 0,
    };
    let untold = sending(|session, transfer| {
        session.reply(transfer, ToSender::Complete(completion));
    });
    assert_eq!(untold.code(), 7, "done before it began: {untold:#?}");
    let unsent = sending(|session, transfer| {
        session.reply(transfer, consent());
        let name = ChunkName {
            entry: 999,
            version: 0,
            chunk: 0,
        };
        session.reply(transfer, ToSender::ChunksStored(vec![name]));
    });
    assert_eq!(
        unsent.code(),
        7,
        "confirms what was never told: {unsent:#?}"
    );
}

fn consent() -> ToSender {
    ToSender::Accept(Accept {
        token: 1,
        ceiling_bytes: u64::MAX,
        window_bytes: u64::MAX,
        complete_pages: model::ChunkSet::new(),
        held_pages: model::ChunkSet::new(),
        checksums: false,
    })
}

#[test]
fn whoever_waits_for_its_turn_goes_on_when_a_receiver_that_lies_is_cut_off() {
    let server = Server::start();
    let victim = Device::new(&server.url).named("Ana");
    let ben = Device::new(&server.url).named("Ben");
    pair_with(&victim, &[], &ben);
    let mut intruder = Intruder::new(&server.url);
    let mut friend = befriend(&mut intruder, &victim);
    let listed = victim.run(&["contacts", "list"]);
    let mut names = listed
        .events
        .iter()
        .filter_map(|event| event["name"].as_str());
    let liar = names.find(|name| *name != "Ben").unwrap();
    victim.run(&["config", "set", "active-transfers", "1"]);
    let file = victim.path("sample.bin");
    make_file(&file, 1024 * 1024, 4);
    let file = file.display().to_string();

    let into = ben.path("into").display().to_string();
    let mut receiving = ben.start(&["run", "--into", &into, "--yes"]);
    receiving.wait_for("ready");
    let mut running = victim.start(&["run"]);
    running.wait_for("ready");
    let mut to_liar = victim.start(&["send", &file, "--to", liar, "--wait"]);
    let mut session = intruder.offer(&mut friend, |_| {}).unwrap();
    let transfer = session
        .asked(|transfer, message| matches!(message, ToReceiver::Offer(_)).then_some(*transfer));
    session.reply(transfer, consent());
    let mut to_ben = victim.start(&["send", &file, "--to", "Ben", "--wait"]);
    to_ben.wait_for("transfer_queued");
    session.say_raw(vec![0xFF; 4]);
    assert_eq!(
        to_liar.end().event("transfer_failed")["code"],
        "peer_violation"
    );
    to_ben.wait_for("transfer_completed");
}
