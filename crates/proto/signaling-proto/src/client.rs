//! The device's side: one socket to the signaling server, opened again whenever it is lost.
//!
//! The [`Client`] wants a socket from the moment it is made. Mailboxes and posts outlive sockets; codes
//! do not.

mod codes;
mod interface;
mod posts;
mod queue;
mod reconnect;
mod requests;
mod subscriptions;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use model::{DeviceSecrets, Entropy, Purpose};

pub use interface::{ClientEvent, ClientInput, ClientOutput, MailboxSubscription};

pub use crate::message::{CodeRefusal, PairingEnd, PairingMood};

use codes::Codes;
use posts::{Post, Posts};
use queue::{Queue, Waiting};
use reconnect::{Reconnect, draw_below};
use subscriptions::{Subscriptions, in_messages};

use crate::message::{
    ClientToServer, Pace, PostOutcome, ServerRefusal, ServerToClient, SubscribeOutcome, VERSION,
    authentication_message,
};

/// A device's connection to one signaling server.
pub struct Client {
    account: DeviceSecrets,
    epoch: u64,
    socket: Socket,
    reconnect: Reconnect,
    subscriptions: Subscriptions,
    posts: Posts,
    codes: Codes,
    last_request: u32,
    entropy: Box<dyn Entropy>,
    outputs: VecDeque<ClientOutput>,
}

#[derive(Debug)]
enum Socket {
    Opening,
    AwaitingChallenge {
        deadline: Instant,
    },
    AwaitingWelcome {
        nonce: [u8; 32],
        deadline: Instant,
    },
    Online(Box<Online>),
    Waiting {
        retry_at: Instant,
    },
    /// Refused for good.
    Stopped,
}

#[derive(Debug)]
struct Online {
    nonce: [u8; 32],
    queue: Queue,
    keepalive: Duration,
    ping_at: Instant,
    /// When the socket is dead unless something arrives.
    dead_at: Option<Instant>,
    /// When to ask for new credentials for relays.
    relays_at: Option<Instant>,
}

impl Client {
    /// Starts offline, and asks for a socket at once.
    ///
    /// `account` is the Ed25519 seed of this device's pseudonym at this server, `epoch` is random per
    /// process.
    pub fn new(account: [u8; 32], epoch: u64, entropy: Box<dyn Entropy>) -> Self {
        let mut secrets = [0; 64];
        secrets[..32].copy_from_slice(&account);
        Self {
            account: DeviceSecrets::from_bytes(&secrets),
            epoch,
            socket: Socket::Opening,
            reconnect: Reconnect::new(),
            subscriptions: Subscriptions::default(),
            posts: Posts::default(),
            codes: Codes::default(),
            last_request: 0,
            entropy,
            outputs: VecDeque::from([ClientOutput::OpenSocket]),
        }
    }

    /// Advances by one input.
    pub fn handle_input(&mut self, input: ClientInput, now: Instant) {
        match input {
            ClientInput::SocketOpened => self.handle_opened(now),
            ClientInput::SocketClosed => self.handle_closed(now),
            ClientInput::MessageReceived(bytes) => self.handle_bytes(&bytes, now),
            ClientInput::SetMailboxes(wanted) => self.set_mailboxes(wanted),
            ClientInput::Post {
                ticket,
                mailbox,
                token,
                envelope,
                lifetime,
            } => {
                let deadline = now + lifetime.min(LONGEST_LIFETIME);
                self.post(Post {
                    ticket,
                    mailbox,
                    token,
                    envelope,
                    deadline,
                });
            }
            ClientInput::AllocateCode { ticket } => {
                self.ask_for_code(ticket, |request| ClientToServer::AllocateCode { request });
            }
            ClientInput::ClaimCode { ticket, nameplate } => {
                self.ask_for_code(ticket, |request| ClientToServer::ClaimCode {
                    request,
                    nameplate,
                });
            }
            ClientInput::AskRelays => self.ask_relays(),
            ClientInput::SendPairing { nameplate, body } => self.send_pairing(nameplate, body),
            ClientInput::ClosePairing { nameplate, mood } => self.close_pairing(nameplate, mood),
            ClientInput::NetworkChanged => self.handle_network_changed(now),
            ClientInput::NetworkMoved => self.handle_network_moved(now),
            ClientInput::Timeout => self.handle_timeout(now),
        }
        self.send_waiting(now);
    }

    /// Returns the next request to the driver, or `None` when there is nothing left to do.
    pub fn poll_output(&mut self) -> Option<ClientOutput> {
        self.outputs.pop_front()
    }

    /// Returns when the driver must feed [`ClientInput::Timeout`].
    pub fn deadline(&self) -> Option<Instant> {
        let of_socket = match &self.socket {
            Socket::Opening | Socket::Stopped => None,
            Socket::AwaitingChallenge { deadline } | Socket::AwaitingWelcome { deadline, .. } => {
                Some(*deadline)
            }
            Socket::Waiting { retry_at } => Some(*retry_at),
            Socket::Online(online) => online.deadline(),
        };
        of_socket.into_iter().chain(self.posts.deadline()).min()
    }

    fn handle_opened(&mut self, now: Instant) {
        if matches!(self.socket, Socket::Opening) {
            let deadline = now + WELCOME_TIME;
            self.socket = Socket::AwaitingChallenge { deadline };
        }
    }

    fn handle_closed(&mut self, now: Instant) {
        match self.socket {
            Socket::Waiting { .. } | Socket::Stopped => {}
            Socket::Opening
            | Socket::AwaitingChallenge { .. }
            | Socket::AwaitingWelcome { .. }
            | Socket::Online(_) => self.go_offline(now),
        }
    }

    fn handle_bytes(&mut self, bytes: &[u8], now: Instant) {
        let Ok(message) = ServerToClient::decode(bytes) else {
            self.hang_up(now);
            return;
        };
        match (&mut self.socket, message) {
            (Socket::Opening | Socket::Waiting { .. } | Socket::Stopped, _) => {}
            (_, ServerToClient::Refused(refusal)) => self.handle_refused(refusal, now),
            (Socket::AwaitingChallenge { .. }, ServerToClient::Challenge { versions, nonce }) => {
                self.handle_challenge(&versions, nonce, now);
            }
            (Socket::AwaitingWelcome { nonce, .. }, ServerToClient::Welcome(pace)) => {
                let nonce = *nonce;
                self.go_online(nonce, pace, now);
            }
            (Socket::AwaitingChallenge { .. } | Socket::AwaitingWelcome { .. }, _) => {
                self.hang_up(now)
            }
            (Socket::Online(online), message) => {
                online.dead_at = None;
                self.handle_message(message, now);
            }
        }
    }

    fn handle_challenge(&mut self, versions: &[u16], nonce: [u8; 32], now: Instant) {
        if !versions.contains(&VERSION) {
            self.handle_refused(ServerRefusal::Version, now);
            return;
        }
        let signed = authentication_message(&nonce, self.epoch);
        self.send(&ClientToServer::Authenticate {
            version: VERSION,
            account: self.account.public().signing,
            epoch: self.epoch,
            signature: self.account.sign(Purpose::SignalingChallenge, &signed),
        });
        let deadline = now + WELCOME_TIME;
        self.socket = Socket::AwaitingWelcome { nonce, deadline };
    }

    fn go_online(&mut self, nonce: [u8; 32], pace: Pace, now: Instant) {
        let keepalive = Duration::from_secs(pace.keepalive_s.into());
        let keepalive = keepalive.clamp(SHORTEST_KEEPALIVE, LONGEST_KEEPALIVE);
        let mut queue = Queue::new(pace, now);
        for mailboxes in in_messages(&self.subscriptions.all()) {
            queue.push(Waiting::Subscribe { mailboxes });
        }
        for request in self.posts.requests() {
            queue.push(Waiting::Post { request });
        }
        self.reconnect.reset();
        self.tell(ClientEvent::Online);
        self.socket = Socket::Online(Box::new(Online {
            nonce,
            queue,
            keepalive,
            ping_at: now + keepalive,
            dead_at: None,
            relays_at: None,
        }));
    }

    fn handle_message(&mut self, message: ServerToClient, now: Instant) {
        match message {
            ServerToClient::Challenge { .. } | ServerToClient::Welcome(_) => self.hang_up(now),
            ServerToClient::Refused(refusal) => self.handle_refused(refusal, now),
            ServerToClient::Pong => {}
            ServerToClient::GoAway => self.reconnect.spread(),
            ServerToClient::Subscribed { request, outcome } => {
                self.answered(request);
                if outcome == SubscribeOutcome::TooMany {
                    let refusal = ServerRefusal::TooManyMailboxes;
                    self.tell(ClientEvent::Refused(refusal));
                }
            }
            ServerToClient::Posted { request, outcome } => self.finish_post(request, outcome),
            ServerToClient::Relays { request, grant } => {
                self.answered(request);
                match grant.is_well_formed() {
                    true => self.relays_received(grant, now),
                    false => self.hang_up(now),
                }
            }
            ServerToClient::Envelope { mailbox, envelope } => {
                if self.subscriptions.contains(&mailbox) {
                    self.tell(ClientEvent::EnvelopeReceived { mailbox, envelope });
                }
            }
            ServerToClient::MailboxReplaced { mailbox, foreign } => {
                if self.subscriptions.contains(&mailbox) {
                    if foreign {
                        self.subscriptions.take_away(&mailbox);
                    }
                    self.tell(ClientEvent::MailboxReplaced { mailbox, foreign });
                }
            }
            ServerToClient::CodeAllocated { .. }
            | ServerToClient::CodeClaimed { .. }
            | ServerToClient::CodeRefused { .. }
            | ServerToClient::PairingPeerJoined { .. }
            | ServerToClient::Pairing { .. }
            | ServerToClient::PairingClosed { .. } => self.handle_code_message(message),
        }
    }

    fn handle_refused(&mut self, refusal: ServerRefusal, now: Instant) {
        self.tell(ClientEvent::Refused(refusal));
        self.reconnect.discourage();
        self.hang_up(now);
        if refusal.is_final() {
            self.socket = Socket::Stopped;
        }
    }

    fn handle_network_changed(&mut self, now: Instant) {
        match &mut self.socket {
            Socket::Waiting { retry_at } => {
                let soon = now + draw_below(SOON, &mut *self.entropy);
                *retry_at = soon.min(*retry_at);
                self.reconnect.hurry();
            }
            Socket::Online(online) => {
                online.ping_at = now + online.keepalive;
                let dead_at = now + SUSPICION_TIME;
                online.dead_at = Some(online.dead_at.map_or(dead_at, |at| at.min(dead_at)));
                self.send(&ClientToServer::Ping);
            }
            Socket::Opening
            | Socket::AwaitingChallenge { .. }
            | Socket::AwaitingWelcome { .. }
            | Socket::Stopped => {}
        }
        self.handle_timeout(now);
    }

    fn handle_network_moved(&mut self, now: Instant) {
        let retry_at = now + draw_below(AT_ONCE, &mut *self.entropy);
        match self.socket {
            Socket::Stopped => {}
            Socket::Waiting { .. } => {
                self.reconnect.reset();
                self.socket = Socket::Waiting { retry_at };
            }
            Socket::Opening
            | Socket::AwaitingChallenge { .. }
            | Socket::AwaitingWelcome { .. }
            | Socket::Online(_) => {
                self.reconnect.reset();
                self.outputs.push_back(ClientOutput::CloseSocket);
                self.go_offline_until(retry_at);
            }
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        while let Some(request) = self.posts.first_expired(now) {
            self.finish_post(request, PostOutcome::Unknown { retry_after_s: 0 });
        }
        if let Socket::Online(online) = &mut self.socket
            && online.relays_at.take_if(|at| *at <= now).is_some()
        {
            self.ask_relays();
        }
        match &mut self.socket {
            Socket::AwaitingChallenge { deadline } | Socket::AwaitingWelcome { deadline, .. } => {
                if *deadline <= now {
                    self.hang_up(now);
                }
            }
            Socket::Waiting { retry_at } => {
                if *retry_at <= now {
                    self.socket = Socket::Opening;
                    self.outputs.push_back(ClientOutput::OpenSocket);
                }
            }
            Socket::Online(online) if online.dead_at.is_some_and(|at| at <= now) => {
                self.hang_up(now)
            }
            Socket::Online(online) if online.ping_at <= now => {
                online.ping_at = now + online.keepalive;
                online.dead_at.get_or_insert(now + PONG_TIME);
                self.send(&ClientToServer::Ping);
            }
            Socket::Online(_) | Socket::Opening | Socket::Stopped => {}
        }
    }

    /// Closes a socket that is open, and waits before the next one.
    fn hang_up(&mut self, now: Instant) {
        self.outputs.push_back(ClientOutput::CloseSocket);
        self.go_offline(now);
    }

    fn go_offline(&mut self, now: Instant) {
        let retry_at = self.reconnect.next(&mut *self.entropy, now);
        self.go_offline_until(retry_at);
    }

    fn go_offline_until(&mut self, retry_at: Instant) {
        self.socket = Socket::Waiting { retry_at };
        self.tell(ClientEvent::Offline { retry_at });
        let (tickets, nameplates) = self.codes.lose();
        for ticket in tickets {
            let reason = CodeRefusal::NotConnected;
            self.tell(ClientEvent::CodeRefused { ticket, reason });
        }
        for nameplate in nameplates {
            let end = PairingEnd::ConnectionLost;
            self.tell(ClientEvent::PairingClosed { nameplate, end });
        }
    }

    fn tell(&mut self, event: ClientEvent) {
        self.outputs.push_back(ClientOutput::Event(event));
    }

    fn send(&mut self, message: &ClientToServer) {
        self.outputs.push_back(ClientOutput::Send(message.encode()));
    }

    fn answered(&mut self, request: u32) {
        if let Socket::Online(online) = &mut self.socket {
            online.queue.answered(request);
        }
    }

    fn next_request(&mut self) -> u32 {
        self.last_request = self.last_request.wrapping_add(1);
        self.last_request
    }
}

impl Online {
    fn deadline(&self) -> Option<Instant> {
        let deadlines = [
            Some(self.ping_at),
            self.dead_at,
            self.relays_at,
            self.queue.deadline(),
        ];
        deadlines.into_iter().flatten().min()
    }
}

/// From the open socket to the challenge, and from there to the welcome: the server's ten seconds and a
/// slow network.
const WELCOME_TIME: Duration = Duration::from_secs(15);
/// From a ping to anything.
const PONG_TIME: Duration = Duration::from_secs(10);
/// Whatever the server says: more often would only cost.
const SHORTEST_KEEPALIVE: Duration = Duration::from_secs(5);
/// Whatever the server says: a dead socket must be noticed.
const LONGEST_KEEPALIVE: Duration = Duration::from_secs(60);
/// From a ping to anything, when the socket is suspected: after this time a new one is likely to be quicker.
const SUSPICION_TIME: Duration = Duration::from_secs(3);
/// A device that moved moves alone.
const AT_ONCE: Duration = Duration::from_millis(100);
/// After a change of the network, devices of one network still come one by one.
const SOON: Duration = Duration::from_secs(1);
/// What fits into the message.
const LONGEST_LIFETIME: Duration = Duration::from_secs(u16::MAX as u64);

#[cfg(test)]
mod tests;
