//! A client and a relay's session, with nothing but function calls between them.

use std::collections::VecDeque;
use std::time::Duration;

use model::Entropy;

use super::super::*;
use crate::client::{Client, ClientConfig, ClientOutput, Sending};
pub(super) use crate::credentials::{Credentials, Secret};
use crate::policy::PeerPolicy;

pub(super) const UNIX_S: u64 = 1_800_000_000;

pub(super) fn client_address() -> SocketAddr {
    ([11, 0, 0, 5], 40_000).into()
}

pub(super) fn relayed() -> SocketAddr {
    ([11, 0, 0, 1], 50_000).into()
}

pub(super) fn peer() -> SocketAddr {
    ([11, 0, 0, 9], 6_000).into()
}

pub(super) fn secret() -> Secret {
    Secret::new("a secret of some length").unwrap()
}

pub(super) fn later(now: Now, seconds: u64) -> Now {
    Now {
        monotonic: now.monotonic + Duration::from_secs(seconds),
        unix_s: now.unix_s + seconds,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "any moment will do, and only the clock has one"
)]
pub(super) fn start() -> Now {
    Now {
        monotonic: Instant::now(),
        unix_s: UNIX_S,
    }
}

/// Counts: every transaction gets another number.
pub(super) struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0 += 1;
        bytes.fill(self.0);
    }
}

pub(super) struct Relay {
    pub(super) rules: Rules,
    pub(super) session: Session,
    pub(super) room: Result<SocketAddr, AllocateRefusal>,
    pub(super) allocations: usize,
    pub(super) now: Now,
}

impl Relay {
    pub(super) fn new() -> Self {
        Self {
            rules: Rules {
                realm: "relay.test".to_owned(),
                secrets: vec![secret()],
                nonce_key: [9; 32],
                limits: AllocationLimits::default(),
                peers: PeerPolicy {
                    own: vec![relayed().ip()],
                    ..PeerPolicy::default()
                },
            },
            session: Session::new(client_address(), false),
            room: Ok(relayed()),
            allocations: 0,
            now: start(),
        }
    }

    /// Hands in a datagram and returns what goes back.
    pub(super) fn ask(&mut self, request: &[u8]) -> Vec<Vec<u8>> {
        if let Some(frame) = frame::of_datagram(request) {
            self.session.handle_client(frame, &self.rules, self.now);
        }
        let outputs = self.drain();
        let sent = outputs.into_iter().filter_map(|output| match output {
            SessionOutput::Send(bytes) => Some(bytes),
            SessionOutput::Allocate { .. } | SessionOutput::Release => None,
        });
        sent.collect()
    }

    /// Does what the session wants, as a driver would.
    pub(super) fn drain(&mut self) -> Vec<SessionOutput> {
        let mut outputs = Vec::new();
        while let Some(output) = self.session.poll_output() {
            if let SessionOutput::Allocate { .. } = output {
                self.allocations += usize::from(self.room.is_ok());
                self.session.allocated(self.room, &self.rules, self.now);
            }
            outputs.push(output);
        }
        outputs
    }
}

pub(super) struct Scene {
    pub(super) relay: Relay,
    pub(super) client: Client,
    pub(super) now: Now,
    pub(super) said: Vec<ClientOutput>,
    pub(super) is_cut: bool,
    pub(super) lose_next_answer_after: Option<usize>,
}

impl Scene {
    pub(super) fn new(is_stream: bool) -> Self {
        Self::with(secret().issue("ana", UNIX_S + 3_600), is_stream)
    }

    pub(super) fn with(credentials: Credentials, is_stream: bool) -> Self {
        let mut relay = Relay::new();
        relay.session = Session::new(client_address(), is_stream);
        let now = relay.now;
        let config = ClientConfig::new(credentials, Family::V4, is_stream);
        Self {
            client: Client::new(config, Box::new(Counting(0)), now.monotonic),
            relay,
            now,
            said: Vec::new(),
            is_cut: false,
            lose_next_answer_after: None,
        }
    }

    /// Runs until nobody has anything to say.
    pub(super) fn run(&mut self) {
        self.relay.now = self.now;
        while let Some(output) = self.client.poll_output() {
            let ClientOutput::Send(bytes) = output else {
                self.said.push(output);
                continue;
            };
            if self.is_cut {
                continue;
            }
            let mut answers = VecDeque::from(self.relay.ask(&bytes));
            while let Some(answer) = answers.pop_front() {
                if self.loses_this() {
                    continue;
                }
                let frame = frame::of_datagram(&answer).unwrap();
                self.client.handle_frame(frame, self.now.monotonic);
            }
        }
    }

    fn loses_this(&mut self) -> bool {
        let left = self.lose_next_answer_after;
        self.lose_next_answer_after = left.and_then(|left| left.checked_sub(1));
        left == Some(0)
    }

    pub(super) fn allocate(&mut self) -> Option<SocketAddr> {
        self.run();
        self.said.iter().find_map(|it| match it {
            ClientOutput::Allocated { relayed, mapped } => {
                assert_eq!(*mapped, Some(client_address()));
                Some(*relayed)
            }
            ClientOutput::Send(_)
            | ClientOutput::Permitted(_)
            | ClientOutput::Refused(_)
            | ClientOutput::Ended(_) => None,
        })
    }

    /// Lets time go by, a quarter of a second at a time.
    pub(super) fn pass(&mut self, time: Duration) {
        let quarters = time.as_millis() / 250;
        for quarter in 1..=quarters {
            self.now.monotonic += Duration::from_millis(250);
            self.now.unix_s += u64::from(quarter % 4 == 0);
            self.relay.session.handle_timeout(self.now);
            self.client.handle_timeout(self.now.monotonic);
            self.run();
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        let is_end = |it: &ClientOutput| matches!(it, ClientOutput::Ended(_));
        self.said.iter().any(is_end)
    }

    /// From the client to the peer: what the relayed socket sends.
    pub(super) fn send(&mut self, payload: &[u8]) -> Option<(SocketAddr, Vec<u8>)> {
        let mut wire = Vec::new();
        if self.client.wrap(peer(), payload, &mut wire) != Sending::Written {
            return None;
        }
        let frame = frame::of_datagram(&wire)?;
        match self
            .relay
            .session
            .handle_client(frame, &self.relay.rules, self.now)
        {
            FromClient::Relay { peer, payload } => Some((peer, payload.to_vec())),
            FromClient::Handled => None,
        }
    }

    /// From the peer to the client: what the client makes of it.
    pub(super) fn receive(&mut self, payload: &[u8]) -> Option<(SocketAddr, Vec<u8>)> {
        let session = &mut self.relay.session;
        let wrapping = session.handle_peer(peer(), payload.len(), self.now)?;
        let mut wire = Vec::new();
        session.wrap(wrapping, payload, &mut wire);
        let frame = frame::of_datagram(&wire)?;
        let (peer, payload) = self.client.handle_frame(frame, self.now.monotonic)?;
        Some((peer, payload.to_vec()))
    }
}
