//! A node with its sockets, driven by hand.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test picks the messages it is about"
)]

mod codes;
mod limits;
mod mail;
mod random;
mod relays;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use model::{Digest, DirectionKeys, Purpose};

use super::*;
use crate::fixtures::{Seeded, account, direction, start};
use crate::message::{
    ClientToServer, CodeRefusal, MailboxProof, PairingMood, PostOutcome, RelayGrant,
    SubscribeOutcome, VERSION, authentication_message, subscription_message,
};

pub(super) struct Node {
    limits: ServerLimits,
    server: Server,
    pub(super) now: Instant,
    sockets: BTreeMap<SocketId, TestSocket>,
    last_socket: u64,
    /// Whether what is queued leaves the node at once.
    readers_read: bool,
}

struct TestSocket {
    gate: Gate,
    nonce: [u8; 32],
    heard: Vec<ServerToClient>,
    unsent: Vec<usize>,
    end: Option<Result<ServerRefusal, AdmissionRefusal>>,
}

impl Node {
    pub(super) fn new() -> Self {
        Self::with(ServerLimits::default())
    }

    pub(super) fn with(limits: ServerLimits) -> Self {
        Self {
            server: Server::new(&limits, Box::new(Seeded(7))),
            limits,
            now: start(),
            sockets: BTreeMap::new(),
            last_socket: 0,
            readers_read: true,
        }
    }

    /// Opens a socket and challenges it.
    pub(super) fn connect(&mut self, address: &str) -> SocketId {
        self.last_socket += 1;
        let socket = SocketId(self.last_socket);
        let nonce = [u8::try_from(self.last_socket % 251).unwrap(); 32];
        let test_socket = TestSocket {
            gate: Gate::new(&self.limits, nonce, self.now),
            nonce,
            heard: Vec::new(),
            unsent: Vec::new(),
            end: None,
        };
        self.sockets.insert(socket, test_socket);
        let address: IpAddr = address.parse().unwrap();
        self.feed(ServerInput::SocketOpened { socket, address });
        self.drain_gate(socket);
        socket
    }

    /// Opens a socket of a device and authenticates it.
    pub(super) fn join(&mut self, device: u8, epoch: u64) -> SocketId {
        let socket = self.connect(&format!("192.0.2.{device}"));
        self.authenticate(socket, device, epoch);
        socket
    }

    pub(super) fn authenticate(&mut self, socket: SocketId, device: u8, epoch: u64) {
        let signed = authentication_message(&self.sockets[&socket].nonce, epoch);
        let secrets = account(device);
        self.say(
            socket,
            &ClientToServer::Authenticate {
                version: VERSION,
                account: secrets.public().signing,
                epoch,
                signature: secrets.sign(Purpose::SignalingChallenge, &signed),
            },
        );
    }

    pub(super) fn say(&mut self, socket: SocketId, message: &ClientToServer) {
        self.gate(socket, GateInput::MessageReceived(message.encode()));
    }

    pub(super) fn gate(&mut self, socket: SocketId, input: GateInput) {
        let now = self.now;
        self.sockets
            .get_mut(&socket)
            .unwrap()
            .gate
            .handle_input(input, now);
        self.drain_gate(socket);
    }

    pub(super) fn proof(&self, socket: SocketId, keys: &DirectionKeys) -> MailboxProof {
        let signed = subscription_message(&self.sockets[&socket].nonce, &keys.mailbox());
        MailboxProof {
            public_key: keys.mailbox_key(),
            signature: keys.sign_subscription(&signed),
            token_hash: Digest::of(&keys.post_token.0),
        }
    }

    pub(super) fn subscribe(
        &mut self,
        socket: SocketId,
        keys: &[&DirectionKeys],
    ) -> SubscribeOutcome {
        let proofs = keys.iter().map(|keys| self.proof(socket, keys));
        let mailboxes = proofs.collect();
        self.say(
            socket,
            &ClientToServer::Subscribe {
                request: 1,
                mailboxes,
            },
        );
        let heard = &self.sockets[&socket].heard;
        let mut outcomes = heard.iter().filter_map(|message| match message {
            ServerToClient::Subscribed { outcome, .. } => Some(*outcome),
            _ => None,
        });
        outcomes.next_back().expect("a subscription is answered")
    }

    /// Posts and returns the outcome, if the post was answered.
    pub(super) fn post(
        &mut self,
        socket: SocketId,
        keys: &DirectionKeys,
        envelope: &[u8],
    ) -> Option<PostOutcome> {
        self.say(socket, &post(keys, envelope));
        let heard = self.heard(socket);
        heard.iter().find_map(|message| match message {
            ServerToClient::Posted { outcome, .. } => Some(*outcome),
            _ => None,
        })
    }

    pub(super) fn allocate(&mut self, socket: SocketId) -> Result<u32, CodeRefusal> {
        self.say(socket, &ClientToServer::AllocateCode { request: 2 });
        let heard = self.heard(socket);
        let answer = heard.iter().find_map(|message| match message {
            ServerToClient::CodeAllocated { nameplate, .. } => Some(Ok(*nameplate)),
            ServerToClient::CodeRefused { reason, .. } => Some(Err(*reason)),
            _ => None,
        });
        answer.expect("a request for a code is answered")
    }

    pub(super) fn claim(&mut self, socket: SocketId, nameplate: u32) -> Result<u32, CodeRefusal> {
        self.say(
            socket,
            &ClientToServer::ClaimCode {
                request: 3,
                nameplate,
            },
        );
        let heard = self.heard(socket);
        let answer = heard.iter().find_map(|message| match message {
            ServerToClient::CodeClaimed { nameplate, .. } => Some(Ok(*nameplate)),
            ServerToClient::CodeRefused { reason, .. } => Some(Err(*reason)),
            _ => None,
        });
        answer.expect("a claim is answered")
    }

    pub(super) fn close_code(&mut self, socket: SocketId, nameplate: u32, mood: PairingMood) {
        self.say(socket, &ClientToServer::ClosePairing { nameplate, mood });
    }

    pub(super) fn close(&mut self, socket: SocketId) {
        self.sockets.remove(&socket);
        self.feed(ServerInput::SocketClosed { socket });
    }

    /// What the socket was told since it was asked last.
    pub(super) fn heard(&mut self, socket: SocketId) -> Vec<ServerToClient> {
        std::mem::take(&mut self.sockets.get_mut(&socket).unwrap().heard)
    }

    pub(super) fn envelopes(&mut self, socket: SocketId) -> Vec<Vec<u8>> {
        let heard = self.heard(socket).into_iter();
        let envelopes = heard.filter_map(|message| match message {
            ServerToClient::Envelope { envelope, .. } => Some(envelope),
            _ => None,
        });
        envelopes.collect()
    }

    pub(super) fn refusal(&self, socket: SocketId) -> Option<ServerRefusal> {
        self.sockets[&socket].end.and_then(Result::ok)
    }

    pub(super) fn turned_away(&self, socket: SocketId) -> Option<AdmissionRefusal> {
        self.sockets[&socket].end.and_then(Result::err)
    }

    /// Lets time pass; every deadline on the way is met.
    pub(super) fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(next) = self.next_deadline().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            let due = self.sockets.iter().filter(|(_, socket)| {
                socket
                    .gate
                    .deadline()
                    .is_some_and(|deadline| deadline <= self.now)
            });
            for socket in due.map(|(socket, _)| *socket).collect::<Vec<_>>() {
                self.gate(socket, GateInput::Timeout);
            }
            self.feed(ServerInput::Timeout);
        }
        self.now = end;
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let gates = self
            .sockets
            .values()
            .filter_map(|socket| socket.gate.deadline());
        gates.chain(self.server.deadline()).min()
    }

    pub(super) fn feed(&mut self, input: ServerInput) {
        self.server.handle_input(input, self.now);
        while let Some(output) = self.server.poll_output() {
            match output {
                ServerOutput::Send { socket, message } => self.queue(socket, message),
                ServerOutput::Close { socket, reason } => self.end(socket, Ok(reason)),
                ServerOutput::TurnAway { socket, reason } => self.end(socket, Err(reason)),
                ServerOutput::Forward { ticket, .. } => {
                    let outcome = PostOutcome::Offline; // There are no other nodes.
                    self.server
                        .handle_input(ServerInput::Forwarded { ticket, outcome }, self.now);
                }
                ServerOutput::Admit { .. }
                | ServerOutput::Answer { .. }
                | ServerOutput::Hold { .. }
                | ServerOutput::Release { .. } => {}
                ServerOutput::GrantRelays {
                    socket,
                    request,
                    user,
                } => {
                    let grant = RelayGrant {
                        username: user,
                        ..RelayGrant::default()
                    };
                    self.feed(ServerInput::RelaysGranted {
                        socket,
                        request,
                        grant,
                    });
                }
            }
        }
    }

    /// Lets a reader read what is queued for it.
    pub(super) fn read_queue(&mut self, socket: SocketId) {
        let unsent = std::mem::take(&mut self.sockets.get_mut(&socket).unwrap().unsent);
        let (messages, bytes) = (unsent.len(), unsent.iter().sum());
        self.feed(ServerInput::Sent {
            socket,
            messages,
            bytes,
        });
    }

    fn queue(&mut self, id: SocketId, message: ServerToClient) {
        let bytes = message.queue_bytes();
        let Some(socket) = self.sockets.get_mut(&id) else {
            return;
        };
        socket.heard.push(message);
        if self.readers_read {
            let sent = ServerInput::Sent {
                socket: id,
                messages: 1,
                bytes,
            };
            self.server.handle_input(sent, self.now);
        } else {
            socket.unsent.push(bytes);
        }
    }

    fn end(&mut self, socket: SocketId, end: Result<ServerRefusal, AdmissionRefusal>) {
        if let Some(socket) = self.sockets.get_mut(&socket) {
            socket.end.get_or_insert(end);
        }
    }

    fn drain_gate(&mut self, id: SocketId) {
        while let Some(output) = self
            .sockets
            .get_mut(&id)
            .and_then(|socket| socket.gate.poll_output())
        {
            match output {
                GateOutput::Send(message) => self.sockets.get_mut(&id).unwrap().heard.push(message),
                GateOutput::Pass(request) => self.feed(ServerInput::Requested {
                    socket: id,
                    request,
                }),
                GateOutput::Close(refusal) => {
                    self.end(id, Ok(refusal));
                    self.feed(ServerInput::SocketClosed { socket: id });
                }
            }
        }
    }
}

pub(super) fn post(keys: &DirectionKeys, envelope: &[u8]) -> ClientToServer {
    ClientToServer::Post {
        request: 4,
        mailbox: keys.mailbox(),
        token: keys.post_token,
        lifetime_s: 600,
        envelope: envelope.to_vec(),
    }
}
