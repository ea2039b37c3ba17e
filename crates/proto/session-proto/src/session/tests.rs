//! A peer that is who it says and still breaks the rules.

use model::{DeviceSecrets, DtlsFingerprint, SessionId};

use super::*;

const CONNECTION: ConnectionId = ConnectionId(0);

#[test]
fn acknowledging_what_was_never_sent_ends_the_session() {
    let frames = [Frame::Acknowledge { next: 1 }];
    assert_eq!(told(&frames), Some(Violation::Acknowledgement.into()));
}

#[test]
fn skipping_a_number_ends_the_session() {
    let frames = [data(1, true, b"late")];
    assert_eq!(told(&frames), Some(Violation::Number.into()));
}

#[test]
fn repeating_a_number_ends_the_session() {
    let message = ControlMessage::ConnectionRefused { connection: 1 };
    let bytes = message.encode().unwrap();
    let frames = [data(0, true, &bytes), data(0, true, &bytes)];
    assert_eq!(told(&frames), Some(Violation::Number.into()));
}

#[test]
fn a_message_that_is_none_ends_the_session() {
    let frames = [data(0, true, &[0xFF; 9])];
    assert_eq!(told(&frames), Some(Violation::Malformed.into()));
}

#[test]
fn a_numbered_ping_ends_the_session() {
    let ping = model::wire::encode(&ControlMessage::Ping { nonce: 1 });
    let frames = [data(0, true, &ping)];
    assert_eq!(told(&frames), Some(Violation::Malformed.into()));
}

#[test]
fn an_empty_piece_ends_the_session() {
    let frames = [data(0, false, b"")];
    assert_eq!(told(&frames), Some(Violation::Malformed.into()));
}

#[test]
fn an_answer_that_nobody_asked_for_is_ignored() {
    assert_eq!(told(&[Frame::Pong { nonce: 5 }]), None);
}

#[test]
fn a_message_without_end_ends_the_session() {
    let (mut ana, mut ben, now) = pair();
    let piece = [7; crate::FRAGMENT_BYTES];
    let pieces = u64::try_from(CONTROL_MESSAGE_BYTES / piece.len()).unwrap();
    for number in 0..pieces {
        assert_eq!(
            tell(&mut ana, &mut ben, &[data(number, false, &piece)], now),
            None
        );
    }
    let end = tell(&mut ana, &mut ben, &[data(pieces, false, &piece)], now);
    assert_eq!(end, Some(Violation::MessageTooLong.into()));
}

#[test]
fn a_handshake_that_claims_what_was_never_sent_ends_the_session() {
    let (mut ana, mut ben, now) = unconnected();
    ana.incoming.accept(0, true, b"invented", now).unwrap();
    connect(&mut ana, &mut ben, now);
    assert!(matches!(ben.phase, Phase::Ended));
}

/// What becomes of a session that is told `frames` by its proven peer.
fn told(frames: &[Frame]) -> Option<SessionError> {
    let (mut ana, mut ben, now) = pair();
    tell(&mut ana, &mut ben, frames, now)
}

fn tell(
    ana: &mut Session,
    ben: &mut Session,
    frames: &[Frame],
    now: Instant,
) -> Option<SessionError> {
    let Phase::Linked(link) = &mut ana.phase else {
        panic!("not established");
    };
    let bytes = link.seal(frames);
    receive(ben, bytes, now);
    std::iter::from_fn(|| ben.poll_output()).find_map(|output| match output {
        SessionOutput::Close(error) => Some(error),
        SessionOutput::SendControl { .. }
        | SessionOutput::Established { .. }
        | SessionOutput::Received(_)
        | SessionOutput::ConnectionSilent { .. }
        | SessionOutput::NeedsConnection => None,
    })
}

fn data(number: u64, last: bool, bytes: &[u8]) -> Frame {
    Frame::Data {
        number,
        last,
        bytes: bytes.to_vec(),
    }
}

fn pair() -> (Session, Session, Instant) {
    let (mut ana, mut ben, now) = unconnected();
    connect(&mut ana, &mut ben, now);
    assert!(ana.is_established() && ben.is_established());
    while ana.poll_output().is_some() {}
    while ben.poll_output().is_some() {}
    (ana, ben, now)
}

fn connect(ana: &mut Session, ben: &mut Session, now: Instant) {
    let prints = [DtlsFingerprint([1; 32]), DtlsFingerprint([2; 32])];
    for (session, [own, peer]) in [(&mut *ana, prints), (&mut *ben, [prints[1], prints[0]])] {
        let connection = CONNECTION;
        session.handle_input(
            SessionInput::ControlOpened {
                connection,
                own,
                peer,
            },
            now,
        );
    }
    for _ in 0..2 {
        pass(ana, ben, now);
        pass(ben, ana, now);
    }
}

/// Delivers the next message of one side.
fn pass(from: &mut Session, to: &mut Session, now: Instant) {
    while let Some(output) = from.poll_output() {
        if let SessionOutput::SendControl { bytes, .. } = output {
            return receive(to, bytes, now);
        }
    }
}

fn receive(session: &mut Session, bytes: Vec<u8>, now: Instant) {
    let connection = CONNECTION;
    session.handle_input(SessionInput::ControlReceived { connection, bytes }, now);
}

fn unconnected() -> (Session, Session, Instant) {
    let secrets = [1u8, 2].map(|seed| DeviceSecrets::from_bytes(&[seed; 64]));
    let session = |role, own: usize| {
        Session::new(SessionConfig {
            role,
            session: SessionId([3; 16]),
            transcript: Digest([4; 32]),
            own: secrets[own].clone(),
            peer: secrets[1 - own].public(),
            psk: [5; 32],
            entropy: Box::new(Fixed(u8::try_from(own).unwrap())),
        })
    };
    (
        session(Role::Initiator, 0),
        session(Role::Responder, 1),
        epoch(),
    )
}

struct Fixed(u8);

impl Entropy for Fixed {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(self.0 + 40);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place a test may start its clock"
)]
fn epoch() -> Instant {
    Instant::now()
}
