//! The server's side: [`Gate`] guards one socket, [`Server`] joins all sockets of a node.
//!
//! A driver owns one [`Server`] and, for every socket, one [`Gate`] in the socket's own task: signatures
//! are verified in parallel, and what reaches the [`Server`] costs next to nothing. Posts to mailboxes
//! that nobody reads here leave through [`ServerOutput::Forward`], to other nodes if there are any.

mod address;
mod claims;
mod gate;
mod interface;
mod limits;
mod mail;
mod mailboxes;
mod nameplates;
mod pairings;
mod sockets;
mod statistics;

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use model::{Digest, Entropy};

pub use address::AddressKey;
pub use gate::{Gate, GateInput, GateOutput, Post, Request};
pub use interface::{ServerInput, ServerOutput, SocketId};
pub use limits::{CodeLimits, MailboxLimits, ServerLimits, SocketLimits};
pub use sockets::AdmissionRefusal;
pub use statistics::Statistics;

use mailboxes::Mailboxes;
use nameplates::Nameplates;
use sockets::{Identified, Identity, Share, Sockets};

use crate::message::{Pace, PairingEnd, ServerRefusal, ServerToClient};

/// One node: its sockets, mailboxes and pairing codes.
pub struct Server {
    pace: Pace,
    sockets: Sockets,
    mailboxes: Mailboxes,
    nameplates: Nameplates,
    /// Posts that other nodes were asked about.
    forwarded: BTreeMap<u64, Poster>,
    last_ticket: u64,
    stopping: bool,
    /// Sockets to close before the present input is done.
    doomed: Vec<(SocketId, ServerRefusal)>,
    statistics: Statistics,
    entropy: Box<dyn Entropy>,
    outputs: VecDeque<ServerOutput>,
}

/// Who waits for the outcome of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Poster {
    Socket { socket: SocketId, request: u32 },
    OtherNode { ticket: u64 },
}

impl Server {
    /// Starts a node without sockets.
    pub fn new(limits: &ServerLimits, entropy: Box<dyn Entropy>) -> Self {
        Self {
            pace: Pace {
                messages_per_second: limits.sockets.messages_per_second,
                message_burst: limits.sockets.message_burst,
                bytes_per_minute: limits.sockets.bytes_per_minute,
                keepalive_s: limits.sockets.keepalive_s,
            },
            sockets: Sockets::new(limits.sockets.clone()),
            mailboxes: Mailboxes::new(limits.mailboxes.clone()),
            nameplates: Nameplates::new(limits.codes.clone()),
            forwarded: BTreeMap::new(),
            last_ticket: 0,
            stopping: false,
            doomed: Vec::new(),
            statistics: Statistics::default(),
            entropy,
            outputs: VecDeque::new(),
        }
    }

    /// Advances by one input.
    pub fn handle_input(&mut self, input: ServerInput, now: Instant) {
        match input {
            ServerInput::SocketOpened { socket, address } => {
                self.handle_open(socket, address.into())
            }
            ServerInput::Requested { socket, request } => self.handle_request(socket, request, now),
            ServerInput::Sent {
                socket,
                messages,
                bytes,
            } => {
                self.sockets.drain(socket, messages, bytes);
                self.refill(socket, now);
            }
            ServerInput::SocketClosed { socket } => self.forget_socket(socket, now),
            ServerInput::Forwarded { ticket, outcome } => {
                if let Some(poster) = self.forwarded.remove(&ticket) {
                    self.answer_post(poster, outcome);
                }
            }
            ServerInput::RelaysGranted {
                socket,
                request,
                grant,
            } => {
                if self.sockets.is_identified(socket) {
                    self.send(socket, ServerToClient::Relays { request, grant });
                }
            }
            ServerInput::ForwardReceived { ticket, post } => {
                self.post(Poster::OtherNode { ticket }, post, now);
            }
            ServerInput::HeldElsewhere { mailbox, epoch } => self.give_up(mailbox, epoch),
            ServerInput::Stop => self.stop(),
            ServerInput::Timeout => self.handle_timeout(now),
        }
        self.close_doomed(now);
    }

    /// Returns the next request to the driver, or `None` when there is nothing left to do.
    pub fn poll_output(&mut self) -> Option<ServerOutput> {
        self.outputs.pop_front()
    }

    /// Returns when the driver must feed [`ServerInput::Timeout`].
    pub fn deadline(&self) -> Option<Instant> {
        let deadlines = [self.mailboxes.deadline(), self.nameplates.deadline()];
        deadlines.into_iter().flatten().min()
    }

    /// Counts what there is now and what happened so far.
    pub fn statistics(&self) -> Statistics {
        Statistics {
            sockets: self.sockets.len(),
            queue_bytes: self.sockets.queue_bytes(),
            mailboxes: self.mailboxes.len(),
            stored_bytes: self.mailboxes.stored_bytes(),
            codes: self.nameplates.len(),
            ..self.statistics
        }
    }

    fn handle_open(&mut self, socket: SocketId, address: AddressKey) {
        let admitted = if self.stopping {
            Err(AdmissionRefusal::NodeFull)
        } else {
            self.sockets.open(socket, address)
        };
        self.outputs.push_back(match admitted {
            Ok(()) => ServerOutput::Admit { socket },
            Err(reason) => {
                self.statistics.turned_away += 1;
                ServerOutput::TurnAway { socket, reason }
            }
        });
    }

    fn handle_request(&mut self, socket: SocketId, request: Request, now: Instant) {
        if let Request::Authenticate { account, epoch } = request {
            self.authenticate(socket, Identity { account, epoch });
            return;
        }
        if !self.sockets.is_identified(socket) {
            return; // It was closed while this was on its way.
        }
        match request {
            Request::Authenticate { .. } => {}
            Request::Subscribe { request, mailboxes } => {
                self.subscribe(socket, request, &mailboxes, now);
            }
            Request::Unsubscribe { mailboxes } => self.unsubscribe(socket, &mailboxes),
            Request::Post { request, post } => {
                self.post(Poster::Socket { socket, request }, post, now);
            }
            Request::AllocateCode { request } => self.allocate_code(socket, request, now),
            Request::ClaimCode { request, nameplate } => {
                self.claim_code(socket, request, nameplate, now);
            }
            Request::AskRelays { request } => self.ask_relays(socket, request),
            Request::Pairing { nameplate, body } => self.relay(socket, nameplate, body, now),
            Request::ClosePairing { nameplate, mood } => {
                self.close_pairing(socket, nameplate, mood, now);
            }
        }
    }

    /// Credentials are made by the driver, which has the clock and the secret.
    fn ask_relays(&mut self, id: SocketId, request: u32) {
        let socket = self.sockets.find(id);
        if let Some(identity) = socket.and_then(|socket| socket.identity) {
            let digest = Digest::of(&identity.account.0);
            let user = digest.0[..USER_BYTES].iter();
            self.outputs.push_back(ServerOutput::GrantRelays {
                socket: id,
                request,
                user: user.map(|byte| format!("{byte:02x}")).collect(),
            });
        }
    }

    fn authenticate(&mut self, socket: SocketId, identity: Identity) {
        if self
            .sockets
            .find(socket)
            .is_none_or(|socket| socket.identity.is_some())
        {
            return;
        }
        match self.sockets.identify(socket, identity) {
            Identified::TooMany => {
                self.doomed.push((socket, ServerRefusal::TooManySockets));
                return;
            }
            Identified::Superseding(older) => self.doomed.push((older, ServerRefusal::Superseded)),
            Identified::Welcome => {}
        }
        self.send(socket, ServerToClient::Welcome(self.pace));
    }

    fn handle_timeout(&mut self, now: Instant) {
        for mailbox in self.mailboxes.expire(now) {
            self.outputs.push_back(ServerOutput::Release { mailbox });
        }
        let ended = self.nameplates.expire(now);
        self.tell_ended(ended);
    }

    fn stop(&mut self) {
        self.stopping = true;
        for socket in self.sockets.ids() {
            self.send(socket, ServerToClient::GoAway);
        }
    }

    fn send(&mut self, socket: SocketId, message: ServerToClient) {
        let bytes = message.queue_bytes();
        if self.sockets.find(socket).is_none() {
            return;
        }
        if !self.sockets.has_room(socket, bytes, Share::Own) {
            self.doomed.push((socket, ServerRefusal::TooSlow));
            return;
        }
        self.sockets.queue(socket, bytes);
        self.outputs
            .push_back(ServerOutput::Send { socket, message });
    }

    /// Closing one socket may tell others, and so doom them: this goes on until nobody is left.
    fn close_doomed(&mut self, now: Instant) {
        while let Some((socket, reason)) = self.doomed.pop() {
            if self.sockets.find(socket).is_some() {
                self.statistics.refused += 1;
                self.outputs
                    .push_back(ServerOutput::Close { socket, reason });
                self.forget_socket(socket, now);
            }
        }
    }

    fn forget_socket(&mut self, id: SocketId, now: Instant) {
        let Some(socket) = self.sockets.remove(id) else {
            return;
        };
        for mailbox in socket.mailboxes {
            self.mailboxes.vanish(mailbox, id, now);
        }
        for nameplate in socket.codes {
            let ended = self
                .nameplates
                .end(nameplate, PairingEnd::ConnectionLost, now);
            self.tell_ended(ended);
        }
    }
}

/// Of an account's hash: enough that no two devices share a quota.
const USER_BYTES: usize = 10;

#[cfg(test)]
mod tests;
