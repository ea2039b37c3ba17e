//! The sending half: what waits, what is under way, and what may leave now.

mod abandon;
mod acknowledge;
mod queue;
mod transmit;

use std::time::Instant;

use bytes::Bytes;
use thiserror::Error;

pub(crate) use queue::{Letter, SendQueue};
pub(crate) use transmit::Room;

use crate::config::{Config, Congestion};
use crate::congestion::{Controller, Cubic, Model, NewReno};
use crate::recovery::{Flight, Pacer, Rtt};
use crate::wire::Skip;
use crate::{limits, sequence};

/// The sending half of an association that is established.
#[derive(Debug)]
pub(crate) struct Outbound {
    pub(crate) queue: SendQueue,
    pub(crate) flight: Flight,
    pub(crate) rtt: Rtt,
    controller: Box<dyn Controller>,
    pacer: Pacer,
    timers: Timers,
    gate: Gate,
    /// The last TSN given up, and what to tell the peer of it (RFC 3758 §3.5).
    forward: Forward,
    pub(crate) counters: Counters,
}

/// What the sender waits for.
#[derive(Debug, Clone, Default)]
struct Timers {
    /// Retransmission (RFC 9260 §6.3).
    timeout: Option<Instant>,
    /// Tail loss probe (RFC 8985 §7).
    probe: Option<Instant>,
    backoff: u32,
    /// A probe may leave whatever the window says.
    is_probing: bool,
}

/// What holds the sender back besides the controller.
#[derive(Debug, Clone)]
struct Gate {
    /// What the peer still takes.
    peer_window: u64,
    /// The size of packets now.
    packet_bytes: usize,
    was_window_limited: bool,
    /// Whether messages can be given up, as both sides understand it.
    can_abandon: bool,
    /// When something was last acknowledged, or first sent after all was.
    heard_at: Instant,
}

#[derive(Debug, Clone, Default)]
struct Forward {
    point: Option<u64>,
    skips: Vec<Skip>,
    is_due: bool,
}

/// What happened so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counters {
    pub(crate) retransmitted_bytes: u64,
    pub(crate) timeouts: u64,
    pub(crate) probes: u64,
    pub(crate) false_timeouts: u64,
    pub(crate) abandoned: u64,
}

/// Why a message is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SendError {
    /// The association or the channel is closing or closed.
    #[error("the channel is closed")]
    Closed,
    /// Longer than [`crate::Config::message_bytes`].
    #[error("the message is too long")]
    TooLong,
    /// No room until more has left; wait for [`crate::Output::Writable`].
    #[error("the send buffer is full")]
    Full,
}

impl Outbound {
    pub(crate) fn new(config: &Config, first_tsn: u32, now: Instant) -> Self {
        let packet = config.packet_bytes as u64;
        let controller: Box<dyn Controller> = match config.congestion {
            Congestion::Model => Box::new(Model::new(packet, u64::from(first_tsn), now)),
            Congestion::Cubic => Box::new(Cubic::new(packet)),
            Congestion::NewReno => Box::new(NewReno::new(packet)),
        };
        Self {
            queue: SendQueue::new(config.send_buffer_bytes),
            flight: Flight::new(sequence::begin(first_tsn)),
            rtt: Rtt::default(),
            controller,
            pacer: Pacer::new(now),
            timers: Timers::default(),
            gate: Gate {
                peer_window: 0,
                packet_bytes: config.packet_bytes,
                was_window_limited: false,
                can_abandon: false,
                heard_at: now,
            },
            forward: Forward::default(),
            counters: Counters::default(),
        }
    }

    /// The handshake is over: what the peer takes, and which extensions it understands.
    pub(crate) fn establish(&mut self, window: u32, can_abandon: bool, is_interleaved: bool) {
        self.gate.peer_window = u64::from(window);
        self.gate.can_abandon = can_abandon;
        self.queue.set_interleaved(is_interleaved);
    }

    /// Whether everything that was to be sent has arrived.
    pub(crate) fn is_drained(&self) -> bool {
        self.queue.is_empty() && self.flight.is_empty()
    }

    /// When the peer was last heard to take something; only of interest while something is under way.
    pub(crate) fn heard_at(&self) -> Option<Instant> {
        (!self.flight.is_empty()).then_some(self.gate.heard_at)
    }

    /// The path is another one: what was measured does not hold (RFC 9260 §6.3 by way of ICE).
    pub(crate) fn forget_path(&mut self, config: &Config, now: Instant) {
        let fresh = Self::new(config, 0, now);
        self.controller = fresh.controller;
        self.pacer = fresh.pacer;
        self.rtt.forget();
        self.timers.backoff = 0;
        if self.timers.timeout.is_some() {
            self.timers.timeout = Some(now + limits::RTO_MIN);
        }
    }

    /// Packets have another size from now on.
    pub(crate) fn set_packet_bytes(&mut self, bytes: usize) {
        self.gate.packet_bytes = bytes;
        self.controller.set_packet_bytes(bytes as u64);
    }

    /// A line about the state of the congestion control.
    pub(crate) fn describe(&self) -> String {
        self.controller.describe()
    }

    /// How much may be under way, and the pace if there is one.
    pub(crate) fn allowance(&self) -> (u64, Option<f64>) {
        (self.controller.window(), self.controller.pacing_rate())
    }
}

/// The payload of a chunk that is cut off a message.
pub(crate) fn cut(payload: &Bytes, from: usize, length: usize) -> Bytes {
    payload.slice(from..from + length)
}
