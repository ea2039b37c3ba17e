//! One allocation at a relay, as its client sees it.
//!
//! A [`Client`] asks for a relayed address, keeps it, and says for every datagram how it travels: behind a
//! channel's number where a channel is bound, in an indication otherwise. The server's address, the socket
//! and the clock are the driver's; on a datagram transport lost requests are repeated.

mod requests;

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use model::Entropy;
use stun_types::message::{IntegrityKey, Message, MessageClass, TransactionId};

use crate::attribute;
use crate::credentials::Credentials;
use crate::frame::{self, CHANNELS, Frame};
use crate::message::{self, Draft};
use crate::{Family, attribute::XOR_PEER_ADDRESS};

use requests::Requests;

/// What an allocation is asked for with.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Shown to the relay.
    pub credentials: Credentials,
    /// The family of the relayed address.
    pub family: Family,
    /// Whether the transport is TCP or TLS: nothing is lost, and frames are padded.
    pub is_stream: bool,
    /// Repeat permissions after this time; they live 300 s (RFC 8656 §9).
    pub permission_refresh: Duration,
}

impl ClientConfig {
    /// For an allocation of this family.
    pub fn new(credentials: Credentials, family: Family, is_stream: bool) -> Self {
        Self {
            credentials,
            family,
            is_stream,
            permission_refresh: PERMISSION_REFRESH,
        }
    }
}

/// What the driver has to know or do.
#[derive(Debug, PartialEq, Eq)]
pub enum ClientOutput {
    /// Send this to the relay, as one frame.
    Send(Vec<u8>),
    /// The allocation stands.
    Allocated {
        /// Where peers reach this device through the relay.
        relayed: SocketAddr,
        /// Where the relay sees this device.
        mapped: Option<SocketAddr>,
    },
    /// Datagrams from and to this address pass from now on.
    Permitted(IpAddr),
    /// The relay does not reach this address.
    Refused(IpAddr),
    /// There is no allocation any more, or there never was.
    Ended(EndReason),
}

/// Why there is no allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndReason {
    /// The relay did not answer.
    #[error("the relay does not answer")]
    Silent,
    /// The relay does not take the credentials.
    #[error("the relay does not accept the credentials")]
    Unauthorized,
    /// The relay or the user's share of it is full.
    #[error("the relay has no room")]
    NoRoom,
    /// The relay has no address of this family.
    #[error("the relay has no address of this family")]
    NoFamily,
    /// The relay lost or ended the allocation.
    #[error("the relay has ended the allocation")]
    Lost,
    /// Another refusal, by its number.
    #[error("the relay refuses: {0}")]
    Refused(u16),
    /// The relay said what no relay says.
    #[error("the relay does not speak TURN")]
    Nonsense,
    /// By [`Client::release`].
    #[error("the allocation was given back")]
    Released,
}

/// How a datagram travels to the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// It was appended to the buffer.
    Written,
    /// Nothing may go to this address yet; [`Client::permit`] asks for it.
    NotPermitted,
    /// Nothing will ever go to this address.
    Refused,
}

/// One allocation.
pub struct Client {
    config: ClientConfig,
    entropy: Box<dyn Entropy>,
    phase: Phase,
    auth: Option<Auth>,
    requests: Requests,
    permissions: BTreeMap<IpAddr, Permission>,
    channels: BTreeMap<SocketAddr, Channel>,
    by_number: BTreeMap<u16, SocketAddr>,
    refresh_at: Option<Instant>,
    /// When the relay is asked whether it still knows us, unless it says something before.
    probe_at: Option<Instant>,
    outputs: VecDeque<ClientOutput>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Allocating,
    Allocated,
    Releasing,
    Ended,
}

/// What requests are signed with, since the relay asked for it.
struct Auth {
    realm: String,
    nonce: String,
    key: IntegrityKey,
}

#[derive(Debug, Clone, Copy)]
enum Permission {
    Asked,
    Granted { refresh_at: Instant },
    Refused,
}

#[derive(Debug, Clone, Copy)]
struct Channel {
    number: u16,
    is_bound: bool,
    refresh_at: Instant,
}

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    Allocate,
    Refresh,
    Release,
    Permission(IpAddr),
    Channel(SocketAddr),
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({:?})", self.phase)
    }
}

impl Client {
    /// Asks for an allocation.
    pub fn new(config: ClientConfig, entropy: Box<dyn Entropy>, now: Instant) -> Self {
        let mut client = Self {
            requests: Requests::new(config.is_stream),
            config,
            entropy,
            phase: Phase::Allocating,
            auth: None,
            permissions: BTreeMap::new(),
            channels: BTreeMap::new(),
            by_number: BTreeMap::new(),
            refresh_at: None,
            probe_at: None,
            outputs: VecDeque::new(),
        };
        client.ask(Topic::Allocate, now);
        client
    }

    /// Takes one frame from the relay: a peer's datagram, or something for the machine itself.
    pub fn handle_frame<'a>(
        &mut self,
        frame: Frame<'a>,
        now: Instant,
    ) -> Option<(SocketAddr, &'a [u8])> {
        self.probe_at = None;
        match frame {
            Frame::Channel { number, payload } => {
                let peer = self.by_number.get(&number)?;
                Some((*peer, payload))
            }
            Frame::Stun(bytes) => {
                let message = Message::from_bytes(bytes).ok()?;
                match message.class() {
                    MessageClass::Indication => data_indication(bytes, &message),
                    MessageClass::Success | MessageClass::Error => {
                        self.answered(&message, now);
                        None
                    }
                    MessageClass::Request => None,
                }
            }
        }
    }

    /// Wants datagrams from and to an address; asked once, repeated as long as the allocation lives.
    pub fn permit(&mut self, ip: IpAddr, now: Instant) {
        let is_new = !self.permissions.contains_key(&ip);
        if is_new && Family::of(ip) == self.config.family && self.permissions.len() < PERMISSIONS {
            self.permissions.insert(ip, Permission::Asked);
            if self.phase == Phase::Allocated {
                self.ask(Topic::Permission(ip), now);
            }
        }
    }

    /// Binds a channel to a peer that much will go to.
    pub fn bind(&mut self, peer: SocketAddr, now: Instant) {
        let is_new = !self.channels.contains_key(&peer);
        let number = CHANNELS.start() + u16::try_from(self.channels.len()).unwrap_or(u16::MAX);
        if self.phase != Phase::Allocated || !is_new || self.channels.len() >= PERMISSIONS {
            return;
        }
        let channel = Channel {
            number,
            is_bound: false,
            refresh_at: now + CHANNEL_REFRESH,
        };
        self.channels.insert(peer, channel);
        self.by_number.insert(number, peer);
        self.ask(Topic::Channel(peer), now);
    }

    /// Appends a datagram for `peer` to `out`, as the relay takes it.
    pub fn wrap(&mut self, peer: SocketAddr, payload: &[u8], out: &mut Vec<u8>) -> Sending {
        if let Some(channel) = self.channels.get(&peer)
            && channel.is_bound
        {
            frame::push_channel_data(out, channel.number, payload, self.config.is_stream);
            return Sending::Written;
        }
        match self.permissions.get(&peer.ip()) {
            Some(Permission::Granted { .. }) => {}
            Some(Permission::Refused) => return Sending::Refused,
            Some(Permission::Asked) => return Sending::NotPermitted,
            None if Family::of(peer.ip()) != self.config.family => return Sending::Refused,
            None => return Sending::NotPermitted,
        }
        // Nobody answers an indication, so its number means nothing.
        let draft = Draft::indication(message::SEND, TransactionId::from(1));
        let draft = draft
            .put_address(XOR_PEER_ADDRESS, peer)
            .put(attribute::DATA, payload);
        out.extend_from_slice(&draft.finish());
        Sending::Written
    }

    /// Notes that something was sent which peers answer: a relay that was restarted knows nothing of the
    /// allocation and loses it without a word, so into silence it is asked.
    pub fn note_sent(&mut self, now: Instant) {
        if self.phase == Phase::Allocated {
            self.probe_at.get_or_insert(now + PROBE_PAUSE);
        }
    }

    /// Gives the allocation back; [`ClientOutput::Ended`] follows.
    pub fn release(&mut self, now: Instant) {
        match self.phase {
            Phase::Allocated => {
                self.phase = Phase::Releasing;
                self.ask(Topic::Release, now);
            }
            Phase::Allocating => self.end(EndReason::Released),
            Phase::Releasing | Phase::Ended => {}
        }
    }

    /// Repeats and refreshes what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        for (topic, bytes) in self.requests.due(now) {
            match bytes {
                Some(bytes) => self.outputs.push_back(ClientOutput::Send(bytes)),
                None => self.unanswered(topic),
            }
        }
        if self.phase != Phase::Allocated {
            return;
        }
        if self.refresh_at.is_some_and(|at| at <= now) {
            self.refresh_at = None;
            self.ask(Topic::Refresh, now);
        }
        if self.probe_at.is_some_and(|at| at <= now) {
            self.probe_at = None;
            if !self.requests.is_waiting(Topic::Refresh) {
                self.ask(Topic::Refresh, now);
            }
        }
        for topic in self.due_refreshes(now) {
            self.ask(topic, now);
        }
    }

    /// When [`Client::handle_timeout`] has something to do.
    pub fn deadline(&self) -> Option<Instant> {
        let permissions = self.permissions.values().filter_map(|it| match it {
            Permission::Granted { refresh_at } => Some(*refresh_at),
            Permission::Asked | Permission::Refused => None,
        });
        let channels = self.channels.values().map(|it| it.refresh_at);
        let standing = permissions
            .chain(channels)
            .chain(self.refresh_at)
            .chain(self.probe_at);
        let is_standing = self.phase == Phase::Allocated;
        standing
            .filter(|_| is_standing)
            .chain(self.requests.deadline())
            .min()
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<ClientOutput> {
        self.outputs.pop_front()
    }

    fn due_refreshes(&mut self, now: Instant) -> Vec<Topic> {
        let mut due = Vec::new();
        for (ip, permission) in &mut self.permissions {
            if let Permission::Granted { refresh_at } = permission
                && *refresh_at <= now
            {
                *refresh_at = now + self.config.permission_refresh;
                due.push(Topic::Permission(*ip));
            }
        }
        for (peer, channel) in &mut self.channels {
            if channel.refresh_at <= now {
                channel.refresh_at = now + CHANNEL_REFRESH;
                due.push(Topic::Channel(*peer));
            }
        }
        due
    }

    /// The relay never answered.
    fn unanswered(&mut self, topic: Topic) {
        match topic {
            Topic::Allocate | Topic::Refresh => self.end(EndReason::Silent),
            Topic::Release => self.end(EndReason::Released),
            Topic::Permission(ip) => self.refused(ip),
            Topic::Channel(peer) => self.unbind(peer),
        }
    }

    fn refused(&mut self, ip: IpAddr) {
        self.permissions.insert(ip, Permission::Refused);
        self.outputs.push_back(ClientOutput::Refused(ip));
    }

    /// Data goes on in indications; the number stays taken (RFC 8656 §12).
    fn unbind(&mut self, peer: SocketAddr) {
        if let Some(channel) = self.channels.get_mut(&peer) {
            channel.is_bound = false;
        }
    }

    fn end(&mut self, reason: EndReason) {
        if self.phase != Phase::Ended {
            self.phase = Phase::Ended;
            self.requests.forget();
            self.outputs.push_back(ClientOutput::Ended(reason));
        }
    }
}

fn data_indication<'a>(bytes: &'a [u8], message: &Message<'_>) -> Option<(SocketAddr, &'a [u8])> {
    if message.method() != message::DATA {
        return None;
    }
    let peer = attribute::address(message, XOR_PEER_ADDRESS)?;
    let (offset, data) = message.raw_attribute_and_offset(attribute::DATA)?;
    let payload = bytes.get(offset + 4..offset + 4 + data.value.len())?;
    Some((peer, payload))
}

/// Addresses that one allocation serves; a description has at most half of that.
pub const PERMISSIONS: usize = 64;
/// Well before the 300 s of RFC 8656 §9.
const PERMISSION_REFRESH: Duration = Duration::from_secs(120);
/// Longer than most ways are; a question too many costs one small request.
const PROBE_PAUSE: Duration = Duration::from_millis(500);
/// Well before the 600 s of RFC 8656 §12.
const CHANNEL_REFRESH: Duration = Duration::from_secs(240);
