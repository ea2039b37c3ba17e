use std::collections::BTreeMap;
use std::time::Instant;

use e2e::hostile::{Frame, Intruder, Middle, RawEntry, Stage, one_file};
use e2e::{Device, Server, make_file};
use model::{DeviceSecrets, DisplayName, DtlsFingerprint, Entropy, SessionId, TransferId};
use pairing_proto::{
    Code, Pairing, PairingConfig, PairingInput, PairingOutput, PairingPurpose, Role,
};
use signaling_proto::envelope::Sealed;
use signaling_proto::message::{ClientToServer, ServerToClient};
use signaling_proto::negotiation::{Answer, Hello, Offer, Versions};
use transfer_proto::ToReceiver;

use super::contacts;

/// Repeatable, and good enough for whoever attacks.
struct Dice(u64);

impl Entropy for Dice {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *byte = self.0.to_be_bytes()[0];
        }
    }
}

/// Plays the other side of a pairing towards both devices, with a code it had to guess.
#[derive(Default)]
struct Twin {
    machines: BTreeMap<usize, Pairing>,
}

impl Twin {
    fn tamper(&mut self, frame: &Frame) -> Option<Vec<Frame>> {
        let (nameplate, input) = match (frame.of_device(), frame.of_server()) {
            (Some(ClientToServer::Pairing { nameplate, body }), _) => {
                (nameplate, PairingInput::MessageReceived(body))
            }
            (_, Some(ServerToClient::PairingPeerJoined { nameplate })) => {
                self.begin(frame.socket, nameplate, Role::Claimer);
                (nameplate, PairingInput::PeerJoined)
            }
            (_, Some(ServerToClient::CodeClaimed { nameplate, .. })) => {
                self.begin(frame.socket, nameplate, Role::Issuer);
                (nameplate, PairingInput::PeerJoined)
            }
            // Each device must see through it by itself, not hear it from the other one's leaving.
            (_, Some(ServerToClient::PairingClosed { .. })) => return Some(Vec::new()),
            _ => return None,
        };
        let machine = self.machines.get_mut(&frame.socket)?;
        machine.handle_input(input, Instant::now());
        // What it says to the device comes from the server, as far as the device can tell.
        let passes = frame.of_server().is_some();
        let mut frames: Vec<Frame> = passes.then(|| frame.clone()).into_iter().collect();
        while let Some(output) = machine.poll_output() {
            match output {
                PairingOutput::Send(body) => {
                    frames.push(frame.saying(&ServerToClient::Pairing { nameplate, body }));
                }
                PairingOutput::Compare(_) => panic!("the guess was right"),
                PairingOutput::Paired(_) => panic!("the guess was right"),
                PairingOutput::Failed(_) => {}
            }
        }
        Some(frames)
    }

    fn begin(&mut self, socket: usize, nameplate: u32, role: Role) {
        let mut dice = Dice(socket as u64 + 1);
        let config = PairingConfig {
            role,
            code: Code::new(nameplate, &mut dice),
            own: DeviceSecrets::generate(&mut dice),
            name: DisplayName::new("your friend"),
            purpose: PairingPurpose::Contact,
        };
        let machine = Pairing::new(config, &mut dice, Instant::now());
        self.machines.insert(socket, machine);
    }
}

#[test]
fn a_man_in_the_middle_of_a_pairing_has_one_guess_and_both_hear_of_it() {
    let server = Server::start();
    let mut twin = Twin::default();
    let middle = Middle::before(&server.url, move |frame| {
        twin.tamper(&frame).unwrap_or_else(|| vec![frame])
    });
    let (ana, ben) = (Device::new(&middle.url), Device::new(&middle.url));
    let mut showing = ana.start(&["pair", "--yes"]);
    let issued = showing.wait_for("code_issued");
    let code = issued["code"].as_str().unwrap();
    let typed = ben.start(&["pair", code, "--yes"]).end();
    assert_eq!(typed.code(), 4, "{typed:#?}");
    let shown = showing.end();
    assert_eq!(shown.code(), 4, "{shown:#?}");
    assert_eq!((contacts(&ana), contacts(&ben)), (0, 0));
}

#[test]
fn a_description_with_somebody_elses_fingerprint_gets_no_session() {
    let mut stage = Stage::set();
    let refused = stage.intruder.offer(&mut stage.friend, |description| {
        description.fingerprint = DtlsFingerprint([7; 32]);
    });
    assert!(refused.is_err(), "{refused:?}");
    let mut session = stage.intruder.offer(&mut stage.friend, |_| {}).unwrap();
    let entries = [RawEntry::file(&["honest.txt"], 4)];
    let end = one_file(&mut session, TransferId([1; 16]), &entries, b"good");
    assert_eq!(end, Some(Ok(())));
    stage.finish();
}

#[test]
fn offers_that_cannot_be_met_are_passed_over() {
    let mut stage = Stage::set();
    let sdp = stage.intruder.paper_description();
    let terms = stage.intruder.terms(&stage.friend);
    let offer = Offer::new(&terms, SessionId([1; 16]), sdp.clone(), None);
    let unknown = Versions::new(vec![999]).unwrap();
    let nonsense = [
        Offer {
            versions: unknown.clone(),
            ..offer.clone()
        },
        Offer {
            sdp: String::new(),
            ..offer.clone()
        },
        Offer {
            sdp: sdp.replace("sha-256", "sha-1"),
            ..offer.clone()
        },
        Offer {
            sdp: sdp.replace("setup:actpass", "setup:holdconn"),
            ..offer.clone()
        },
        Offer {
            sdp: format!("{sdp}a=candidate:x\r\n"),
            ..offer
        },
    ];
    for offer in nonsense {
        stage
            .intruder
            .post(&mut stage.friend, &Sealed::Offer(offer));
    }
    let hello = Hello {
        versions: unknown,
        wants_session: false,
        epoch: 7,
    };
    stage
        .intruder
        .post(&mut stage.friend, &Sealed::Hello(hello));
    let mut session = stage.intruder.offer(&mut stage.friend, |_| {}).unwrap();
    let entries = [RawEntry::file(&["honest.txt"], 4)];
    let end = one_file(&mut session, TransferId([1; 16]), &entries, b"good");
    assert_eq!(end, Some(Ok(())));
    stage.finish();
}

#[test]
fn answers_that_do_not_fit_the_offer_are_passed_over() {
    let server = Server::start();
    let victim = Device::new(&server.url);
    let file = victim.path("sample.bin");
    make_file(&file, 5_000, 4);
    let mut running = victim.start(&["send", &file.display().to_string(), "--code"]);
    let issued = running.wait_for("code_issued");
    let mut intruder = Intruder::new(&server.url);
    let code = issued["code"].as_str().unwrap();
    let mut friend = intruder.visit(code, PairingPurpose::Transfer);
    let lies: [fn(&mut Answer); 6] = [
        |answer| answer.version = 7,
        |answer| answer.versions = Versions::new(vec![999]).unwrap(),
        |answer| answer.session = SessionId([7; 16]),
        |answer| answer.offer = model::Digest([7; 32]),
        |answer| std::mem::swap(&mut answer.offerer, &mut answer.answerer),
        |answer| answer.sdp = answer.sdp.replace("sha-256", "sha-512"),
    ];
    let mut session = intruder.answer(&mut friend, &lies).unwrap();
    // The genuine answer, after all of these, is the one that counts.
    session.asked(|_, message| matches!(message, ToReceiver::Offer(_)).then_some(()));
    drop(session);
    running.kill();
}
