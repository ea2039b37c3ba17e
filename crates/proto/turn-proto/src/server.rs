//! One client of a relay.
//!
//! A [`Session`] answers one client (one five-tuple), holds its allocation, and says for every datagram
//! whether and how it goes on. A driver owns it together with the client's socket and, once
//! [`SessionOutput::Allocate`] was answered, the relayed socket. The sessions of a relay share nothing but the
//! [`Rules`]; what they have to share besides, quotas and ports, the driver counts.

mod allocation;
mod meter;
mod nonce;
mod requests;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use stun_types::attribute::AttributeStaticType;
use stun_types::attribute::{
    AttributeType, ErrorCode, MessageIntegrity, Nonce, Realm, Username, XorMappedAddress,
};
use stun_types::message::{BINDING, IntegrityKey, Message, MessageClass, TransactionId};

use crate::frame::{self, Frame};
use crate::message::{self, Draft};
use crate::{Family, Now};

use allocation::Allocation;
pub use rules::{AllocationLimits, Rules};

/// What a session wants of its driver.
#[derive(Debug, PartialEq, Eq)]
pub enum SessionOutput {
    /// Send this to the client, as one frame.
    Send(Vec<u8>),
    /// Open a relayed socket, and say so with [`Session::allocated`].
    Allocate {
        /// Of this family.
        family: Family,
        /// Whose credentials were shown: for quotas.
        user: String,
    },
    /// The allocation is over: close its socket.
    Release,
}

/// Why there is no allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllocateRefusal {
    /// The user has as many as they may: 486.
    Quota,
    /// The relay has as many as it may, or no port: 508.
    Capacity,
    /// The relay has no address of this family: 440.
    Family,
}

/// Where a client's data goes.
#[derive(Debug, PartialEq, Eq)]
pub enum FromClient<'a> {
    /// To this peer, from the relayed socket.
    Relay {
        /// Where to.
        peer: SocketAddr,
        /// The datagram.
        payload: &'a [u8],
    },
    /// Nowhere; there may be outputs.
    Handled,
}

/// How a peer's datagram goes to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    /// Behind a channel's number.
    Channel(u16),
    /// In a Data indication.
    Indication(SocketAddr),
}

/// What a client has cost and what was refused it since the last look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Datagrams relayed, both ways.
    pub datagrams: u64,
    /// Their bytes, without any header.
    pub bytes: u64,
    /// Datagrams dropped for want of a permission or by a cap.
    pub dropped: u64,
    /// Requests with wrong, expired or missing credentials, first requests not counted.
    pub unauthorized: u64,
    /// Requests for peers that are never allowed.
    pub forbidden: u64,
}

/// One client of a relay.
pub struct Session {
    client: SocketAddr,
    is_stream: bool,
    phase: Phase,
    outputs: VecDeque<SessionOutput>,
    tally: Tally,
}

enum Phase {
    /// Nothing is allocated.
    Idle,
    /// The driver opens a socket.
    Allocating(Box<Allocating>),
    /// The client has a relayed address.
    Allocated(Box<Allocation>),
}

/// What is known when the driver is asked for a socket.
struct Allocating {
    request: Vec<u8>,
    username: String,
    key: IntegrityKey,
    lifetime_s: u32,
    family: Family,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(…)")
    }
}

impl Session {
    /// A client that was just heard of; `is_stream` says that it came by TCP or TLS.
    pub fn new(client: SocketAddr, is_stream: bool) -> Self {
        Self {
            client,
            is_stream,
            phase: Phase::Idle,
            outputs: VecDeque::new(),
            tally: Tally::default(),
        }
    }

    /// Takes one frame from the client.
    pub fn handle_client<'a>(
        &mut self,
        frame: Frame<'a>,
        rules: &Rules,
        now: Now,
    ) -> FromClient<'a> {
        match frame {
            Frame::Channel { number, payload } => self.channel_data(number, payload, now),
            Frame::Stun(bytes) => self.stun(bytes, rules, now),
        }
    }

    /// Takes the head of a datagram from a peer: how it goes to the client, or `None` to drop it.
    pub fn handle_peer(&mut self, peer: SocketAddr, bytes: usize, now: Now) -> Option<Wrapping> {
        let Phase::Allocated(allocation) = &mut self.phase else {
            return None;
        };
        let wrapping = allocation.admit_peer(peer, bytes, now.monotonic);
        self.relayed(bytes, wrapping.is_some());
        wrapping
    }

    /// Appends a peer's datagram to `out`, as the client gets it.
    pub fn wrap(&self, wrapping: Wrapping, payload: &[u8], out: &mut Vec<u8>) {
        match wrapping {
            Wrapping::Channel(number) => {
                frame::push_channel_data(out, number, payload, self.is_stream);
            }
            Wrapping::Indication(peer) => {
                // Nobody answers an indication, so its number means nothing.
                let draft = Draft::indication(message::DATA, TransactionId::from(1));
                let draft = draft
                    .put_address(crate::attribute::XOR_PEER_ADDRESS, peer)
                    .put(crate::attribute::DATA, payload);
                out.extend_from_slice(&draft.finish());
            }
        }
    }

    /// Takes what became of [`SessionOutput::Allocate`]: the address to announce.
    pub fn allocated(
        &mut self,
        result: Result<SocketAddr, AllocateRefusal>,
        rules: &Rules,
        now: Now,
    ) {
        let Phase::Allocating(asked) = std::mem::replace(&mut self.phase, Phase::Idle) else {
            return;
        };
        self.conclude_allocation(*asked, result, rules, now);
    }

    /// Ends what is over: the allocation after its lifetime.
    pub fn handle_timeout(&mut self, now: Now) {
        let Phase::Allocated(allocation) = &mut self.phase else {
            return;
        };
        if allocation.is_over(now.monotonic) {
            self.release();
        } else {
            allocation.forget_expired(now.monotonic);
        }
    }

    /// When [`Session::handle_timeout`] has something to do.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Idle | Phase::Allocating(_) => None,
            Phase::Allocated(allocation) => Some(allocation.deadline()),
        }
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<SessionOutput> {
        self.outputs.pop_front()
    }

    /// Whether the session is worth keeping: it has an allocation or is about to.
    pub fn is_idle(&self) -> bool {
        matches!(self.phase, Phase::Idle)
    }

    /// What happened since the last look.
    pub fn take_tally(&mut self) -> Tally {
        std::mem::take(&mut self.tally)
    }

    fn channel_data<'a>(&mut self, number: u16, payload: &'a [u8], now: Now) -> FromClient<'a> {
        let Phase::Allocated(allocation) = &mut self.phase else {
            return FromClient::Handled;
        };
        let peer = allocation.admit_channel(number, payload.len(), now.monotonic);
        self.relayed(payload.len(), peer.is_some());
        match peer {
            Some(peer) => FromClient::Relay { peer, payload },
            None => FromClient::Handled,
        }
    }

    fn stun<'a>(&mut self, bytes: &'a [u8], rules: &Rules, now: Now) -> FromClient<'a> {
        let Ok(message) = Message::from_bytes(bytes) else {
            return FromClient::Handled;
        };
        match message.class() {
            MessageClass::Indication if message.method() == message::SEND => {
                return self.send_indication(bytes, &message, now);
            }
            MessageClass::Request => self.request(&message, bytes, rules, now),
            MessageClass::Indication | MessageClass::Success | MessageClass::Error => {}
        }
        FromClient::Handled
    }

    fn send_indication<'a>(
        &mut self,
        bytes: &'a [u8],
        message: &Message<'_>,
        now: Now,
    ) -> FromClient<'a> {
        let Phase::Allocated(allocation) = &mut self.phase else {
            return FromClient::Handled;
        };
        let peer = crate::attribute::address(message, crate::attribute::XOR_PEER_ADDRESS);
        let data = message
            .raw_attribute_and_offset(crate::attribute::DATA)
            .map(|(offset, data)| (offset + 4, data.value.len()));
        // Nothing answers an indication, not even a wrong one (RFC 8656 §11.2).
        let (Some(peer), Some((start, length))) = (peer, data) else {
            return FromClient::Handled;
        };
        let Some(payload) = bytes.get(start..start + length) else {
            return FromClient::Handled;
        };
        let is_admitted = allocation.admit_send(peer, length, now.monotonic);
        self.relayed(length, is_admitted);
        match is_admitted {
            true => FromClient::Relay { peer, payload },
            false => FromClient::Handled,
        }
    }

    fn request(&mut self, message: &Message<'_>, bytes: &[u8], rules: &Rules, now: Now) {
        if message.method() == BINDING {
            self.bind(message);
            return;
        }
        let is_known = [
            message::ALLOCATE,
            message::REFRESH,
            message::CREATE_PERMISSION,
            message::CHANNEL_BIND,
        ]
        .contains(&message.method());
        if !is_known {
            self.send(Draft::error(message, ErrorCode::BAD_REQUEST).finish());
            return;
        }
        match self.authenticate(message, rules, now) {
            Ok(signer) => self.authenticated(message, bytes, &signer, rules, now),
            Err(answer) => self.send(answer),
        }
    }

    /// Tells a client where it is seen (RFC 8489 §12): anybody may ask.
    fn bind(&mut self, message: &Message<'_>) {
        let unknown = unknown_attributes(message, &[]);
        if !unknown.is_empty() {
            let draft = Draft::error(message, ErrorCode::UNKNOWN_ATTRIBUTE);
            self.send(draft.put_unknown(&unknown).finish());
            return;
        }
        let draft = Draft::success(message);
        let client = self.client;
        self.send(draft.put_address(XorMappedAddress::TYPE, client).finish());
    }

    /// Finds out who signed a request, or how to answer it otherwise (RFC 8489 §9.2.4).
    fn authenticate(
        &mut self,
        message: &Message<'_>,
        rules: &Rules,
        now: Now,
    ) -> Result<Signer, Vec<u8>> {
        if !message.has_attribute(MessageIntegrity::TYPE) {
            return Err(rules.challenge(message, ErrorCode::UNAUTHORIZED, self.client, now));
        }
        let (Ok(username), Ok(realm), Ok(nonce)) = (
            message.attribute::<Username>(),
            message.attribute::<Realm>(),
            message.attribute::<Nonce>(),
        ) else {
            return Err(Draft::error(message, ErrorCode::BAD_REQUEST).finish());
        };
        if !rules.is_fresh(nonce.nonce(), self.client, now) {
            return Err(rules.challenge(message, ErrorCode::STALE_NONCE, self.client, now));
        }
        let standing = match &self.phase {
            Phase::Allocated(allocation) => allocation.signer(username.username()),
            Phase::Idle | Phase::Allocating(_) => None,
        };
        // An allocation that stands outlives its credentials, as long as it is refreshed.
        let signer = match standing {
            Some(signer) => message::is_signed(message, &signer.key).then_some(signer),
            None => rules.signer(message, username.username(), now),
        };
        let is_ours = realm.realm() == rules.realm;
        signer.filter(|_| is_ours).ok_or_else(|| {
            self.tally.unauthorized += 1;
            rules.challenge(message, ErrorCode::UNAUTHORIZED, self.client, now)
        })
    }

    /// Counts a datagram; an allocation that has relayed all it may is over.
    fn relayed(&mut self, bytes: usize, is_admitted: bool) {
        if is_admitted {
            self.tally.datagrams += 1;
            self.tally.bytes += bytes as u64;
            return;
        }
        self.tally.dropped += 1;
        let is_spent = match &self.phase {
            Phase::Allocated(allocation) => allocation.is_spent(),
            Phase::Idle | Phase::Allocating(_) => false,
        };
        if is_spent {
            self.release();
        }
    }

    fn release(&mut self) {
        self.phase = Phase::Idle;
        self.outputs.push_back(SessionOutput::Release);
    }

    fn send(&mut self, message: Vec<u8>) {
        self.outputs.push_back(SessionOutput::Send(message));
    }
}

/// Who signed a request.
#[derive(Clone)]
pub(crate) struct Signer {
    username: String,
    /// What is behind the time in the user name.
    id: String,
    key: IntegrityKey,
}

/// The attributes of `message` that must be understood and are not (RFC 8489 §14).
fn unknown_attributes(message: &Message<'_>, known: &[AttributeType]) -> Vec<AttributeType> {
    let mut unknown: Vec<AttributeType> = Vec::new();
    for (_, attribute) in message.iter_attributes() {
        let kind = attribute.header.get_type();
        let is_known = UNDERSTOOD.contains(&kind) || known.contains(&kind);
        if kind.comprehension_required() && !is_known && !unknown.contains(&kind) {
            unknown.push(kind);
        }
    }
    unknown.truncate(UNKNOWN_TOLD);
    unknown
}

/// What any request may carry.
const UNDERSTOOD: [AttributeType; 6] = [
    Username::TYPE,
    MessageIntegrity::TYPE,
    stun_types::attribute::MessageIntegritySha256::TYPE,
    Realm::TYPE,
    Nonce::TYPE,
    XorMappedAddress::TYPE,
];
/// So that an answer is not much longer than a question.
const UNKNOWN_TOLD: usize = 8;
