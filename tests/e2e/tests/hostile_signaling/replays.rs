use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use e2e::hostile::{Frame, Message, Middle, Way};
use e2e::{Device, Running, Server, make_file, visible_names};
use model::MailboxId;
use signaling_proto::message::{ClientToServer, ServerToClient};

use super::{contacts, pair, send};

#[test]
fn envelopes_that_are_repeated_reordered_or_misplaced_change_nothing() {
    let server = Server::start();
    let mut mailboxes: BTreeMap<usize, Vec<MailboxId>> = BTreeMap::new();
    let mut heard: Vec<Frame> = Vec::new();
    let middle = Middle::before(&server.url, move |frame| {
        if let Some(ClientToServer::Subscribe {
            mailboxes: read, ..
        }) = frame.of_device()
        {
            let ids = read
                .iter()
                .map(|proof| MailboxId::of_key(&proof.public_key.0));
            mailboxes.entry(frame.socket).or_default().extend(ids);
        }
        if let Some(ClientToServer::Post { .. }) = frame.of_device() {
            return vec![frame.clone(), frame]; // Everything is posted twice.
        }
        let Some(ServerToClient::Envelope { mailbox, envelope }) = frame.of_server() else {
            return vec![frame];
        };
        // In the wrong mailboxes first, then where it belongs, and then all that ever was, backwards.
        let own = mailboxes.get(&frame.socket).cloned().unwrap_or_default();
        let misplaced = own
            .into_iter()
            .filter(|other| *other != mailbox)
            .map(|mailbox| {
                let envelope = envelope.clone();
                frame.saying(&ServerToClient::Envelope { mailbox, envelope })
            });
        let mut frames: Vec<Frame> = misplaced.take(2).collect();
        frames.push(frame.clone());
        let again = heard.iter().rev().take(8).map(|earlier| Frame {
            socket: frame.socket,
            ..earlier.clone()
        });
        frames.extend(again);
        heard.push(frame);
        frames
    });
    let (ana, ben) = (Device::new(&middle.url), Device::new(&middle.url));
    pair(&ana, &ben, ["ana", "ben"]);
    send(&ana, &ben, "ben", "first.bin");
    send(&ben, &ana, "ana", "second.bin");
    send(&ana, &ben, "ben", "third.bin");
    assert_eq!(visible_names(&ben.path("into")), ["first.bin", "third.bin"]);
}

#[test]
fn answers_that_get_lost_cost_nothing() {
    let server = Server::start();
    let middle = Middle::before(&server.url, move |frame| match frame.of_server() {
        Some(ServerToClient::Posted { .. }) => Vec::new(),
        _ => vec![frame],
    });
    let (ana, ben) = (Device::new(&middle.url), Device::new(&middle.url));
    pair(&ana, &ben, ["ana", "ben"]);
    send(&ana, &ben, "ben", "first.bin");
}

#[test]
fn altered_envelopes_make_no_session() {
    let server = Server::start();
    let mut place = 0;
    let middle = Middle::before(&server.url, move |frame| {
        let Some(ServerToClient::Envelope { mailbox, envelope }) = frame.of_server() else {
            return vec![frame];
        };
        let altered = (0..4).map(|_| {
            place = (place * 31 + 17) % envelope.len();
            let mut envelope = envelope.clone();
            envelope[place] ^= 0x40;
            frame.saying(&ServerToClient::Envelope { mailbox, envelope })
        });
        altered.collect()
    });
    let (ana, ben) = (Device::new(&middle.url), Device::new(&middle.url));
    let file = ana.path("sample.bin");
    make_file(&file, 1_000, 2);
    let mut sending = ana.start(&["send", &file.display().to_string(), "--code"]);
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().unwrap();
    let into = ben.path("into");
    let place = into.display().to_string();
    let receiving = ben.start(&["receive", code, "--into", &place, "--yes"]);
    // Whoever hears the other first gives up; the other then waits for it to come back.
    let mut sides = [sending, receiving];
    let deadline = Instant::now() + Duration::from_secs(100);
    let first = loop {
        if let Some(ended) = sides.iter_mut().position(Running::has_ended) {
            break ended;
        }
        assert!(Instant::now() < deadline, "nobody gives up");
        std::thread::sleep(Duration::from_millis(20));
    };
    let ended = sides[first].end();
    assert_eq!(ended.code(), 6, "{ended:#?}");
    let told = ended.events.iter().any(|event| event["code"] == "no_path");
    assert!(told, "{ended:#?}");
    assert!(visible_names(&into).is_empty());
}

#[test]
fn altered_doubled_or_lost_pairing_messages_make_no_contact() {
    type Twist = fn(Frame, Vec<u8>, u32) -> Vec<Frame>;
    let twists: [Twist; 3] = [
        |_, _, _| Vec::new(),
        |frame, mut body, nameplate| {
            let last = body.len() - 1;
            body[last] ^= 1;
            vec![frame.saying(&ServerToClient::Pairing { nameplate, body })]
        },
        |frame, _, _| vec![frame.clone(), frame],
    ];
    let plays = twists.map(|twist| {
        let server = Server::start();
        let middle = Middle::before(&server.url, move |frame| match frame.of_server() {
            Some(ServerToClient::Pairing { nameplate, body }) => twist(frame, body, nameplate),
            _ => vec![frame],
        });
        let (ana, ben) = (Device::new(&middle.url), Device::new(&middle.url));
        let mut showing = ana.start(&["pair", "--yes"]);
        let issued = showing.wait_for("code_issued");
        let code = issued["code"].as_str().unwrap();
        let typing = ben.start(&["pair", code, "--yes"]);
        (server, middle, [(ana, showing), (ben, typing)])
    });
    for (_server, _middle, sides) in plays {
        for (device, mut side) in sides {
            let ended = side.end();
            assert!([4, 5].contains(&ended.code()), "{ended:#?}");
            assert_eq!(contacts(&device), 0);
        }
    }
}

#[test]
fn frames_that_are_no_messages_end_the_line_and_not_the_device() {
    let server = Server::start();
    let mut seen = 0;
    let middle = Middle::before(&server.url, move |frame| {
        if frame.way == Way::ToServer {
            return vec![frame];
        }
        seen += 1;
        let message = match seen {
            1 => Message::Binary(vec![0xFF; 3].into()),
            2 => Message::Text("welcome!".into()),
            3 => Message::Binary(vec![0; 8 << 20].into()),
            _ => return vec![frame],
        };
        vec![Frame { message, ..frame }]
    });
    // The first three lines break; the next one holds.
    let (ana, ben) = (Device::new(&server.url), Device::new(&middle.url));
    let file = ana.path("sample.bin");
    make_file(&file, 50_000, 2);
    let mut sending = ana.start(&["send", &file.display().to_string(), "--code"]);
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().unwrap();
    let into = ben.path("into");
    let place = into.display().to_string();
    let mut receiving = ben.start(&["receive", code, "--into", &place, "--yes"]);
    receiving.wait_for("server_lost");
    assert!(e2e::hostile::peak_memory_kib(receiving.id()) < 100 * 1024);
    let received = receiving.end();
    // Ten seconds of such a server are enough to give up, and enough to succeed.
    if received.code() == 0 {
        sending.end().expect_success();
        e2e::same_file(&file, &into.join("sample.bin"));
    } else {
        assert_eq!(received.code(), 6, "{received:#?}");
        assert!(visible_names(&into).is_empty());
    }
}
