//! The signaling server as two sockets see it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use model::{Digest, DirectionKeys, MailboxId, Purpose};
use signaling_proto::message::{
    ClientToServer, MailboxProof, PairingMood, RelayGrant, ServerToClient, VERSION,
    authentication_message, subscription_message,
};
use signaling_proto::server::{
    Gate, GateInput, GateOutput, Server, ServerInput, ServerLimits, ServerOutput, SocketId,
};

use crate::Verdict;
use crate::pair::PAIR;
use crate::repeatable::Repeatable;
use crate::script::{Script, steps};

/// Plays a script of what two sockets say; accepted once both are authenticated.
pub(crate) fn server_socket(data: &[u8]) -> Verdict {
    let mut node = Node::new();
    for (kind, bytes) in steps(data) {
        let socket = SocketId(u64::from(kind & 1));
        match kind & !1 {
            SAYS => node.tell_gate(socket, GateInput::MessageReceived(bytes.to_vec())),
            GARBLES => node.tell_gate(socket, GateInput::Garbled),
            CLOSES => node.tell_server(ServerInput::SocketClosed { socket }),
            FORWARDED => node.answer_forwards(),
            _ => node.pass_time(),
        }
    }
    let statistics = node.server.statistics();
    assert!(statistics.sockets <= 2, "nobody else is there");
    Verdict::of(node.welcomed == 2)
}

pub(crate) fn server_socket_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mailbox = PAIR.ana_keys.to_own.mailbox();
    let post = ClientToServer::Post {
        request: 2,
        mailbox,
        token: PAIR.ana_keys.to_own.post_token,
        lifetime_s: 60,
        envelope: vec![7; model::limits::ENVELOPE_BYTES[0]],
    };
    let subscribe = subscribe(&PAIR.ana_keys.to_own);
    let leave = ClientToServer::Unsubscribe {
        mailboxes: vec![mailbox],
    };
    let claim = ClientToServer::ClaimCode {
        request: 4,
        nameplate: 0,
    };
    let pairing = |nameplate| ClientToServer::Pairing {
        nameplate,
        body: b"opaque".to_vec(),
    };
    let close = |mood| ClientToServer::ClosePairing { nameplate: 0, mood };
    vec![
        (
            "both-authenticate",
            conversation(&[(0, ClientToServer::Ping), (1, ClientToServer::Ping)]),
        ),
        (
            "a-post-is-delivered",
            conversation(&[(0, subscribe.clone()), (1, post.clone())]),
        ),
        ("a-post-waits", waiting_post(&subscribe, &post)),
        (
            "a-reader-leaves",
            conversation(&[(0, subscribe), (0, leave), (1, post)]),
        ),
        (
            "a-code-is-wrong",
            conversation(&[
                (0, ClientToServer::AllocateCode { request: 3 }),
                (1, claim),
                (1, pairing(0)),
                (0, pairing(0)),
                (1, close(PairingMood::WrongCode)),
            ]),
        ),
    ]
}

/// Both sockets authenticate, then say these things.
fn conversation(said: &[(u8, ClientToServer)]) -> Vec<u8> {
    let mut script = authenticated();
    for (socket, message) in said {
        script.add(SAYS | socket, &message.encode());
    }
    script.finish()
}

/// The reader's socket vanishes, and something is posted before it is back.
fn waiting_post(subscribe: &ClientToServer, post: &ClientToServer) -> Vec<u8> {
    let mut script = authenticated();
    script.add(SAYS, &subscribe.encode());
    script.add(CLOSES, &[]);
    script.add(SAYS | 1, &post.encode());
    script.add(TIME_PASSES, &[]);
    script.finish()
}

fn authenticated() -> Script {
    let mut script = Script::default();
    for (number, device) in [&PAIR.ana, &PAIR.ben].into_iter().enumerate() {
        let socket = u8::try_from(number).expect("there are two");
        let signature = device.sign(
            Purpose::SignalingChallenge,
            &authentication_message(&NONCE, 9),
        );
        let account = device.public().signing;
        let message = ClientToServer::Authenticate {
            version: VERSION,
            account,
            epoch: 9,
            signature,
        };
        script.add(SAYS | socket, &message.encode());
    }
    script
}

fn subscribe(keys: &DirectionKeys) -> ClientToServer {
    let public_key = keys.mailbox_key();
    let proof = subscription_message(&NONCE, &MailboxId::of_key(&public_key.0));
    let mailboxes = vec![MailboxProof {
        public_key,
        signature: keys.sign_subscription(&proof),
        token_hash: Digest::of(&keys.post_token.0),
    }];
    ClientToServer::Subscribe {
        request: 1,
        mailboxes,
    }
}

/// A server with the gates of its sockets and nothing in between.
struct Node {
    server: Server,
    gates: BTreeMap<SocketId, Gate>,
    forwards: Vec<u64>,
    welcomed: usize,
    now: Instant,
}

impl Node {
    fn new() -> Self {
        let limits = ServerLimits::default();
        let now = Instant::now();
        let mut node = Self {
            server: Server::new(&limits, Box::new(Repeatable::seeded(1))),
            gates: BTreeMap::new(),
            forwards: Vec::new(),
            welcomed: 0,
            now,
        };
        for socket in [SocketId(0), SocketId(1)] {
            node.gates.insert(socket, Gate::new(&limits, NONCE, now));
            let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
            node.tell_server(ServerInput::SocketOpened { socket, address });
        }
        node
    }

    fn tell_gate(&mut self, socket: SocketId, input: GateInput) {
        let Some(gate) = self.gates.get_mut(&socket) else {
            return;
        };
        gate.handle_input(input, self.now);
        let outputs: Vec<GateOutput> = std::iter::from_fn(|| gate.poll_output()).collect();
        for output in outputs {
            match output {
                GateOutput::Send(_) => {}
                GateOutput::Pass(request) => {
                    self.tell_server(ServerInput::Requested { socket, request })
                }
                GateOutput::Close(_) => self.tell_server(ServerInput::SocketClosed { socket }),
            }
        }
    }

    fn tell_server(&mut self, input: ServerInput) {
        self.server.handle_input(input, self.now);
        while let Some(output) = self.server.poll_output() {
            match output {
                ServerOutput::Send { socket, message } => {
                    self.welcomed += usize::from(matches!(message, ServerToClient::Welcome(_)));
                    let bytes = message.queue_bytes();
                    let sent = ServerInput::Sent {
                        socket,
                        messages: 1,
                        bytes,
                    };
                    self.server.handle_input(sent, self.now);
                }
                ServerOutput::GrantRelays {
                    socket, request, ..
                } => {
                    let granted = ServerInput::RelaysGranted {
                        socket,
                        request,
                        grant: RelayGrant::default(),
                    };
                    self.server.handle_input(granted, self.now);
                }
                ServerOutput::Forward { ticket, .. } => self.forwards.push(ticket),
                ServerOutput::Admit { .. }
                | ServerOutput::TurnAway { .. }
                | ServerOutput::Close { .. }
                | ServerOutput::Answer { .. }
                | ServerOutput::Hold { .. }
                | ServerOutput::Release { .. } => {}
            }
        }
    }

    /// There are no other nodes.
    fn answer_forwards(&mut self) {
        for ticket in std::mem::take(&mut self.forwards) {
            let outcome = signaling_proto::message::PostOutcome::Offline;
            self.tell_server(ServerInput::Forwarded { ticket, outcome });
        }
    }

    fn pass_time(&mut self) {
        self.now += Duration::from_secs(7);
        for socket in [SocketId(0), SocketId(1)] {
            let due = self.gates.get(&socket).and_then(Gate::deadline);
            if due.is_some_and(|due| due <= self.now) {
                self.tell_gate(socket, GateInput::Timeout);
            }
        }
        if self.server.deadline().is_some_and(|due| due <= self.now) {
            self.tell_server(ServerInput::Timeout);
        }
    }
}

const NONCE: [u8; 32] = [6; 32];
// The lowest bit of a step's kind is the socket.
const SAYS: u8 = 0;
const GARBLES: u8 = 2;
const CLOSES: u8 = 4;
const FORWARDED: u8 = 6;
const TIME_PASSES: u8 = 8;
