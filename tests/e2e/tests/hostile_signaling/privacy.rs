use std::sync::mpsc::sync_channel;

use e2e::hostile::{Message, Middle, Needles};
use e2e::{Device, Server, make_file};
use model::DeviceId;
use peer::AddressScope;

use super::{pair, send};

#[test]
fn a_whole_session_tells_the_server_no_name_address_or_description() {
    let server = Server::start();
    let (tape, recorded) = sync_channel(10_000);
    let middle = Middle::before(&server.url, move |frame| {
        let Message::Binary(bytes) = &frame.message else {
            panic!("devices and servers speak binary: {frame:?}");
        };
        tape.try_send(bytes.to_vec()).expect("a short session");
        vec![frame]
    });
    let (ana, ben) = (Device::new(&middle.url), Device::new(&middle.url));
    let names = ["anastasia's workstation", "benjamin's telephone"];
    pair(&ana, &ben, names);
    send(&ana, &ben, names[1], "quarterly numbers.pdf");
    send(&ben, &ana, names[0], "resignation letter.odt");
    let code = send_by_code(&ana, &ben);

    let mut needles = Needles::default();
    for name in names {
        needles.add("a display name", name.as_bytes());
    }
    for file in ["quarterly numbers", "resignation letter", "secret plan"] {
        needles.add("a file name", file.as_bytes());
    }
    let (_, words) = code.split_once('-').unwrap();
    needles.add("the words of a code", words.as_bytes());
    for device in [&ana, &ben] {
        let shown = device.start(&["id"]).end().expect_success();
        let id = shown.events[0]["device_id"].as_str().unwrap().to_owned();
        let bytes = id.parse::<DeviceId>().unwrap().0;
        needles.add("a device id", id.as_bytes());
        needles.add("the bytes of a device id", &bytes);
    }
    for part in [
        "a=fingerprint",
        "candidate:",
        "ice-ufrag",
        "ice-pwd",
        "webrtc-datachannel",
        "v=0\r\n",
    ] {
        needles.add("a session description", part.as_bytes());
    }
    for address in peer::addresses(AddressScope::NetworkAndLoopback).unwrap() {
        let text = address.to_string();
        if text.len() > 3 {
            needles.add("an address", text.as_bytes());
        }
    }
    let frames: Vec<Vec<u8>> = recorded.try_iter().collect();
    let bytes: usize = frames.iter().map(Vec::len).sum();
    assert!(
        frames.len() > 50 && bytes > 20_000,
        "a whole session was recorded"
    );
    for frame in &frames {
        assert!(
            needles.found_in(frame).is_empty(),
            "{:?}",
            needles.found_in(frame)
        );
    }
    assert!(needles.found_in(&frames.concat()).is_empty());
}

/// Sends a file under a code, and returns the code.
fn send_by_code(from: &Device, to: &Device) -> String {
    let file = from.path("secret plan.txt");
    make_file(&file, 10_000, 3);
    let mut sending = from.start(&["send", &file.display().to_string(), "--code"]);
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().unwrap().to_owned();
    let into = to.path("by code").display().to_string();
    let mut receiving = to.start(&["receive", &code, "--into", &into, "--yes"]);
    receiving.end().expect_success();
    sending.end().expect_success();
    code
}
