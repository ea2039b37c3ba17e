//! Bringing the association up (RFC 9260 §5).
//!
//! Both sides send INIT at once. DTLS below has proven who speaks, so nobody can flood us with state: the
//! parameters of an INIT that was answered are simply kept until its cookie comes back, and the cookie
//! is a secret that proves no more than that our answer arrived.

use std::time::{Duration, Instant};

use bytes::Bytes;
use model::Entropy;

use super::{Association, Closed, Output};
use crate::config::Config;
use crate::heard::Heard;
use crate::limits;
use crate::wire::{Chunk, Features, Init, InitAck};

/// How far the association is, and what either side said.
#[derive(Debug)]
pub(super) struct Handshake {
    pub(super) phase: Phase,
    pub(super) own: Init,
    pub(super) peer: Option<Init>,
    /// What the INIT said that we answered last.
    answered: Option<Init>,
    cookie: Bytes,
    /// The cookie that we bring back.
    echo: Bytes,
    /// A chunk that travels alone, and the tag it travels with.
    pub(super) lone: Option<(Chunk, u32)>,
    pub(super) retry: Retry,
}

/// RFC 9260 §4, without what cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    CookieWait,
    CookieEchoed,
    Established,
    ShutdownPending,
    ShutdownSent,
    ShutdownReceived,
    ShutdownAckSent,
    Closed,
}

/// Says the same thing again until it is answered.
#[derive(Debug, Clone)]
pub(super) struct Retry {
    at: Option<Instant>,
    interval: Duration,
    began: Instant,
    sent: u32,
    /// It is to be said now.
    pub(super) is_due: bool,
}

/// What became of waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    NotYet,
    Again,
    Enough,
}

impl Handshake {
    pub(super) fn new(config: &Config, entropy: &mut dyn Entropy, now: Instant) -> Self {
        let mut seed = [0; 40];
        entropy.fill(&mut seed);
        let (numbers, cookie) = seed.split_at(8);
        let number = |at: usize| {
            u32::from_be_bytes([
                numbers[at],
                numbers[at + 1],
                numbers[at + 2],
                numbers[at + 3],
            ])
        };
        let window = limits::RECEIVE_WINDOW_START_BYTES.min(config.receive_window_bytes);
        Self {
            phase: Phase::CookieWait,
            own: Init {
                tag: number(0).max(1),
                window: u32::try_from(window).unwrap_or(u32::MAX),
                outbound_streams: limits::STREAMS,
                inbound_streams: limits::STREAMS,
                first_tsn: number(4),
                features: Features {
                    partial_reliability: true,
                    stream_reset: true,
                    interleaving: config.interleaving,
                },
                packet_bytes: (config.packet_bytes_max > limits::PACKET_BYTES_UNTOLD)
                    .then(|| u32::try_from(config.packet_bytes_max).unwrap_or(u32::MAX)),
                unrecognized: Vec::new(),
            },
            peer: None,
            answered: None,
            cookie: Bytes::copy_from_slice(cookie),
            echo: Bytes::new(),
            lone: None,
            retry: Retry::new(now),
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.retry.at
    }

    /// The tag that our packets carry.
    pub(super) fn peer_tag(&self) -> u32 {
        self.peer.as_ref().map_or(0, |peer| peer.tag)
    }

    /// What the peer lets us send on.
    pub(super) fn streams(&self) -> u16 {
        self.peer
            .as_ref()
            .map_or(limits::STREAMS, |it| it.inbound_streams)
    }

    pub(super) fn features(&self) -> Features {
        let peer = self.peer.as_ref().map(|peer| peer.features);
        peer.map_or_else(Features::default, |it| it.both(self.own.features))
    }

    /// The largest packet that the peer takes.
    fn peer_packet_bytes(&self) -> usize {
        let told = self.peer.as_ref().and_then(|peer| peer.packet_bytes);
        let told = told.and_then(|bytes| usize::try_from(bytes).ok());
        told.unwrap_or(limits::PACKET_BYTES_UNTOLD)
            .max(limits::PACKET_BYTES_START)
    }

    /// The chunk that opens the association and must travel alone or first, and the tag it travels with.
    pub(super) fn take_opening(&mut self, now: Instant) -> Option<(Chunk, u32)> {
        if !self.retry.is_due {
            return None;
        }
        let opening = match self.phase {
            Phase::CookieWait => (Chunk::Init(self.own.clone()), 0),
            Phase::CookieEchoed => (Chunk::CookieEcho(self.echo.clone()), self.peer_tag()),
            Phase::Established
            | Phase::ShutdownPending
            | Phase::ShutdownSent
            | Phase::ShutdownReceived
            | Phase::ShutdownAckSent
            | Phase::Closed => return None,
        };
        self.retry.note_sent(now);
        Some(opening)
    }

    /// The answer to an INIT, and the tag it travels with.
    fn answer(&mut self, init: Init) -> (Chunk, u32) {
        let tag = init.tag;
        let mut own = self.own.clone();
        own.unrecognized.clone_from(&init.unrecognized);
        self.answered = Some(init);
        let ack = InitAck {
            init: own,
            cookie: self.cookie.clone(),
        };
        (Chunk::InitAck(ack), tag)
    }
}

impl Association {
    pub(super) fn handle_init(&mut self, init: Init) {
        if self.is_up() {
            let is_same = |peer: &Init| peer.tag == init.tag && peer.first_tsn == init.first_tsn;
            if !self.handshake.peer.as_ref().is_some_and(is_same) {
                return; // A peer that lost its state must make a new connection (and with it new keys).
            }
        }
        let answer = self.handshake.answer(init);
        self.handshake.lone = Some(answer);
    }

    pub(super) fn handle_init_ack(&mut self, ack: InitAck) {
        if self.handshake.phase != Phase::CookieWait {
            return;
        }
        self.measure_handshake();
        self.handshake.peer = Some(ack.init);
        self.handshake.echo = ack.cookie;
        self.handshake.phase = Phase::CookieEchoed;
        self.handshake.retry = Retry::new(self.clock);
    }

    pub(super) fn handle_cookie_echo(&mut self, cookie: &[u8]) {
        if cookie != self.handshake.cookie || self.handshake.answered.is_none() {
            return;
        }
        if !self.is_up() {
            self.handshake.peer = self.handshake.answered.clone();
            self.establish();
        }
        self.push_control(Chunk::CookieAck);
    }

    pub(super) fn handle_cookie_ack(&mut self) {
        if self.handshake.phase == Phase::CookieEchoed {
            self.measure_handshake();
            self.establish();
        }
    }

    pub(super) fn tick_handshake(&mut self) {
        if self.handshake.retry.wait(self.clock) == Waited::Enough {
            self.close(Closed::Silent);
        }
    }

    fn establish(&mut self) {
        let Some(peer) = self.handshake.peer.clone() else {
            return;
        };
        let features = self.handshake.features();
        self.handshake.phase = Phase::Established;
        self.handshake.retry.stop();
        self.handshake.echo = Bytes::new();
        self.receiving.heard = Heard::new(peer.first_tsn);
        self.resets.begin(peer.first_tsn);
        self.outbound.establish(
            peer.window,
            features.partial_reliability,
            features.interleaving,
        );
        self.heartbeat.note_heard(self.clock);
        self.search_path_mtu();
        self.outputs.push_back(Output::Connected);
        self.open_waiting_channels();
    }

    /// Looks for the largest packet that both the path and the peer take.
    pub(super) fn search_path_mtu(&mut self) {
        self.path_mtu.limit(self.handshake.peer_packet_bytes());
        self.outbound.set_packet_bytes(self.path_mtu.packet_bytes());
        self.path_mtu.begin(self.clock);
    }

    /// A handshake chunk that was sent once and answered tells the round-trip time.
    fn measure_handshake(&mut self) {
        if let Some(sample) = self.handshake.retry.round_trip(self.clock) {
            self.outbound.rtt.measure(sample);
        }
    }
}

impl Retry {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            at: None,
            interval: limits::HANDSHAKE_TIME,
            began: now,
            sent: 0,
            is_due: true,
        }
    }

    pub(super) fn note_sent(&mut self, now: Instant) {
        if self.sent == 0 {
            self.began = now;
        }
        self.is_due = false;
        self.sent += 1;
        self.at = Some(now + self.interval);
        self.interval = (2 * self.interval).min(limits::HANDSHAKE_TIME_MAX);
    }

    pub(super) fn wait(&mut self, now: Instant) -> Waited {
        if self.at.is_none_or(|at| at > now) {
            return Waited::NotYet;
        }
        if now.saturating_duration_since(self.began) >= limits::HANDSHAKE_PATIENCE {
            return Waited::Enough;
        }
        self.is_due = true;
        self.at = None;
        Waited::Again
    }

    pub(super) fn stop(&mut self) {
        self.at = None;
        self.is_due = false;
    }

    fn round_trip(&self, now: Instant) -> Option<Duration> {
        (self.sent == 1).then(|| now.saturating_duration_since(self.began))
    }
}
