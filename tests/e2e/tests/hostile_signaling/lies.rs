use e2e::hostile::{Frame, Message, Middle, Way, peak_memory_kib};
use e2e::{Device, Server, make_file, visible_names};
use signaling_proto::message::{PostOutcome, ServerToClient};

use super::{pair, send};

fn sample(device: &Device) -> String {
    let file = device.path("sample.bin");
    make_file(&file, 1_000, 2);
    file.display().to_string()
}

#[test]
fn a_server_that_talks_nonsense_is_unreachable() {
    let nonsense = [
        Message::Binary(Vec::new().into()),
        Message::Binary(vec![0xFF; 64].into()),
        Message::Binary(vec![0; 32 << 20].into()),
        Message::Text("hello".into()),
    ];
    let server = Server::start();
    let mut plays = nonsense.map(|message| {
        let middle = Middle::before(&server.url, move |frame| match frame.way {
            Way::ToServer => vec![frame],
            Way::ToDevice => {
                let message = message.clone();
                vec![Frame { message, ..frame }]
            }
        });
        let device = Device::new(&middle.url);
        let sending = device.start(&["send", &sample(&device), "--code"]);
        (middle, device, sending)
    });
    for (_middle, _device, sending) in &mut plays {
        sending.wait_for("server_lost");
        let peak = peak_memory_kib(sending.id());
        assert!(peak < 40 * 1024, "{peak} KiB");
    }
    for (_middle, _device, mut sending) in plays {
        let ended = sending.end();
        assert_eq!(ended.code(), 6, "{ended:#?}");
        assert_eq!(ended.event("error")["code"], "server_unreachable");
    }
}

#[test]
fn a_version_list_that_was_stripped_or_altered_is_refused() {
    for versions in [vec![], vec![999], vec![0]] {
        let server = Server::start();
        let middle = Middle::before(&server.url, move |frame| match frame.of_server() {
            Some(ServerToClient::Challenge { nonce, .. }) => {
                let versions = versions.clone();
                vec![frame.saying(&ServerToClient::Challenge { versions, nonce })]
            }
            _ => vec![frame],
        });
        let device = Device::new(&middle.url);
        let ended = device.start(&["send", &sample(&device), "--code"]).end();
        assert_eq!(ended.code(), 6, "{ended:#?}");
        assert_eq!(ended.event("error")["code"], "server_refused");
    }
}

#[test]
fn another_challenge_proves_nothing_to_the_server() {
    let server = Server::start();
    let middle = Middle::before(&server.url, |frame| match frame.of_server() {
        Some(ServerToClient::Challenge { versions, .. }) => {
            let nonce = [7; 32]; // One that the man in the middle would like to have signed.
            vec![frame.saying(&ServerToClient::Challenge { versions, nonce })]
        }
        _ => vec![frame],
    });
    let device = Device::new(&middle.url);
    let ended = device.start(&["send", &sample(&device), "--code"]).end();
    assert_eq!(ended.code(), 6, "{ended:#?}");
}

#[test]
fn false_presence_and_false_receipts_deliver_nothing_wrong() {
    let server = Server::start();
    let mut posts = 0;
    let middle = Middle::before(&server.url, move |frame| match frame.of_server() {
        // Nobody is ever there, says the server, and delivers all the same.
        Some(ServerToClient::Posted { request, .. }) => {
            posts += 1;
            let outcome = match posts % 3 {
                0 => PostOutcome::Busy,
                1 => PostOutcome::Delivered,
                _ => PostOutcome::Unknown { retry_after_s: 1 },
            };
            let lie = frame.saying(&ServerToClient::Posted { request, outcome });
            let unasked = frame.saying(&ServerToClient::Posted {
                request: request.wrapping_add(1_000),
                outcome,
            });
            vec![lie.clone(), lie, unasked]
        }
        _ => vec![frame],
    });
    let (ana, ben) = (Device::new(&middle.url), Device::new(&middle.url));
    pair(&ana, &ben, ["ana", "ben"]);
    send(&ana, &ben, "ben", "first.bin");
    send(&ben, &ana, "ana", "second.bin");
}

#[test]
fn invented_contents_of_a_mailbox_are_never_a_file() {
    let server = Server::start();
    let middle = Middle::before(&server.url, |frame| match frame.of_server() {
        Some(ServerToClient::Envelope { mailbox, envelope }) => {
            let invented = [
                vec![],
                vec![0; 1_024],
                vec![0x55; 4_096],
                vec![0xAA; 16_384],
            ];
            let mut frames: Vec<Frame> = invented
                .into_iter()
                .map(|envelope| frame.saying(&ServerToClient::Envelope { mailbox, envelope }))
                .collect();
            let genuine = ServerToClient::Envelope { mailbox, envelope };
            frames.push(frame.saying(&genuine));
            frames
        }
        _ => vec![frame],
    });
    let (ana, ben) = (Device::new(&middle.url), Device::new(&middle.url));
    pair(&ana, &ben, ["ana", "ben"]);
    send(&ana, &ben, "ben", "first.bin");
    assert_eq!(visible_names(&ben.path("into")), ["first.bin"]);
}
