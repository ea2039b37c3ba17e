//! What comes over a control channel.

use std::time::{Duration, Instant};

use model::{Digest, DtlsFingerprint, SessionId, limits, wire};
use session_proto::{
    CloseReason, ConnectionId, ControlMessage, Role, Session, SessionConfig, SessionInput,
    SessionOutput,
};

use crate::Verdict;
use crate::pair::PAIR;
use crate::repeatable::Repeatable;
use crate::script::{Script, steps};

pub(crate) fn control_message(data: &[u8]) -> Verdict {
    let Ok(message) = wire::decode::<ControlMessage>(data, limits::CONTROL_MESSAGE_BYTES) else {
        return Verdict::Refused;
    };
    let bytes = wire::encode(&message);
    assert!(
        wire::decode(&bytes, bytes.len()) == Ok(message),
        "what we write, we read"
    );
    Verdict::Accepted
}

pub(crate) fn control_message_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let sdp = "v=0\r\n".to_owned();
    vec![
        ("transfer", ControlMessage::Transfer(b"opaque".to_vec())),
        (
            "connection-offer",
            ControlMessage::ConnectionOffer {
                connection: 1,
                sdp: sdp.clone(),
            },
        ),
        (
            "connection-answer",
            ControlMessage::ConnectionAnswer { connection: 1, sdp },
        ),
        (
            "connection-refused",
            ControlMessage::ConnectionRefused { connection: 2 },
        ),
        (
            "connection-retired",
            ControlMessage::ConnectionRetired {
                connection: 2,
                messages: 300,
            },
        ),
        ("ping", ControlMessage::Ping { nonce: 3 }),
        ("pong", ControlMessage::Pong { nonce: 3 }),
        (
            "close",
            ControlMessage::Close {
                reason: CloseReason::Idle,
            },
        ),
    ]
    .into_iter()
    .map(|(name, message)| (name, wire::encode(&message)))
    .collect()
}

/// Plays what a peer puts on two connections; accepted once the peer is proven.
///
/// The first byte says whether the session under test began.
pub(crate) fn session(data: &[u8]) -> Verdict {
    let Some((&role, script)) = data.split_first() else {
        return Verdict::Refused;
    };
    let mut side = Side::new(if role & 1 == 0 {
        Role::Responder
    } else {
        Role::Initiator
    });
    for (kind, bytes) in steps(script) {
        let connection = ConnectionId(u32::from(kind & 1));
        match kind & !1 {
            ARRIVES => side.tell(SessionInput::ControlReceived {
                connection,
                bytes: bytes.to_vec(),
            }),
            OPENS => side.open(connection),
            IS_LOST => side.tell(SessionInput::ConnectionLost { connection }),
            SAYS => side.tell(SessionInput::Send(ControlMessage::Transfer(bytes.to_vec()))),
            _ => side.pass_time(),
        }
    }
    Verdict::of(side.established)
}

pub(crate) fn session_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let [initiator, responder] = recorded();
    vec![("initiator", initiator), ("responder", responder)]
}

/// Lets two sessions talk and writes down what each of them saw.
fn recorded() -> [Vec<u8>; 2] {
    let mut sides = [Side::new(Role::Initiator), Side::new(Role::Responder)];
    let mut scripts = [Script::default(), Script::default()];
    for connection in [0, 1] {
        for (side, script) in sides.iter_mut().zip(&mut scripts) {
            side.open(ConnectionId(u32::from(connection)));
            script.add(OPENS | connection, &[]);
        }
        exchange(&mut sides, &mut scripts);
        for (side, script) in sides.iter_mut().zip(&mut scripts) {
            side.tell(SessionInput::Send(ControlMessage::Transfer(
                b"hello".to_vec(),
            )));
            script.add(SAYS, b"hello");
        }
        exchange(&mut sides, &mut scripts);
        for (side, script) in sides.iter_mut().zip(&mut scripts) {
            side.tell(SessionInput::ConnectionLost {
                connection: ConnectionId(u32::from(connection)),
            });
            script.add(IS_LOST | connection, &[]);
        }
    }
    let [initiator, responder] = scripts.map(Script::finish);
    [[vec![1], initiator].concat(), [vec![0], responder].concat()]
}

fn exchange(sides: &mut [Side; 2], scripts: &mut [Script; 2]) {
    let mut quiet = 0;
    while quiet < 2 {
        quiet = 0;
        for from in [0, 1] {
            let packets = std::mem::take(&mut sides[from].sent);
            quiet += usize::from(packets.is_empty());
            let to = 1 - from;
            for (connection, bytes) in packets {
                let kind = ARRIVES | u8::try_from(connection.0).expect("there are two connections");
                scripts[to].add(kind, &bytes);
                sides[to].tell(SessionInput::ControlReceived { connection, bytes });
            }
        }
    }
}

/// One end of a session, with a driver that does nothing.
struct Side {
    session: Session,
    role: Role,
    sent: Vec<(ConnectionId, Vec<u8>)>,
    established: bool,
    now: Instant,
}

impl Side {
    fn new(role: Role) -> Self {
        let (own, peer, seed) = match role {
            Role::Initiator => (&PAIR.ana, &PAIR.ben, 1),
            Role::Responder => (&PAIR.ben, &PAIR.ana, 2),
        };
        let session = Session::new(SessionConfig {
            role,
            session: SessionId([1; 16]),
            transcript: Digest([2; 32]),
            own: own.clone(),
            peer: peer.public(),
            psk: [3; 32],
            entropy: Box::new(Repeatable::seeded(seed)),
        });
        Self {
            session,
            role,
            sent: Vec::new(),
            established: false,
            now: Instant::now(),
        }
    }

    fn open(&mut self, connection: ConnectionId) {
        let (own, peer) = match self.role {
            Role::Initiator => (INITIATOR, RESPONDER),
            Role::Responder => (RESPONDER, INITIATOR),
        };
        self.tell(SessionInput::ControlOpened {
            connection,
            own,
            peer,
        });
    }

    fn tell(&mut self, input: SessionInput) {
        if matches!(input, SessionInput::Send(_)) && !self.session.can_send() {
            return;
        }
        self.session.handle_input(input, self.now);
        while let Some(output) = self.session.poll_output() {
            match output {
                SessionOutput::SendControl { connection, bytes } => {
                    assert!(
                        bytes.len() <= limits::CHANNEL_MESSAGE_BYTES,
                        "a message fits its channel"
                    );
                    self.sent.push((connection, bytes));
                }
                SessionOutput::Established { .. } => self.established = true,
                SessionOutput::Received(_)
                | SessionOutput::ConnectionSilent { .. }
                | SessionOutput::NeedsConnection
                | SessionOutput::Close(_) => {}
            }
        }
    }

    fn pass_time(&mut self) {
        self.now += Duration::from_secs(3);
        if self.session.deadline().is_some_and(|due| due <= self.now) {
            self.tell(SessionInput::Timeout);
        }
    }
}

const INITIATOR: DtlsFingerprint = DtlsFingerprint([4; 32]);
const RESPONDER: DtlsFingerprint = DtlsFingerprint([5; 32]);
// The lowest bit of a step's kind is the connection.
const ARRIVES: u8 = 0;
const OPENS: u8 = 2;
const IS_LOST: u8 = 4;
const SAYS: u8 = 6;
