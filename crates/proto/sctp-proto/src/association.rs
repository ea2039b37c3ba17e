//! The association: what it is told, what it says, and who inside does what.
//!
//! `Handshake` brings it up and down, [`Outbound`] sends, [`Receiving`] takes in, `Channels` knows what the
//! streams carry, `PathMtu` looks for larger packets. They know nothing of each other; what concerns
//! several of them stands in the files below this one.

mod arrivals;
mod channels;
mod handshake;
mod heartbeat;
mod opening;
mod reset;
mod shutdown;
mod statistics;
mod transmit;

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;
use model::Entropy;

pub use statistics::{Brake, Statistics};
pub use transmit::Transmit;

use crate::channel::{ChannelId, ChannelOptions};
use crate::config::Config;
use crate::heard::Heard;
use crate::inbound::{Inbound, ReceiveWindow};
use crate::outbound::Outbound;
use crate::path_mtu::PathMtu;
use crate::wire::Chunk;
use channels::Channels;
use handshake::{Handshake, Phase};
use heartbeat::Heartbeat;
use reset::Resets;

/// One end of an association (RFC 9260 §1.3).
///
/// It begins to connect when it is made; both ends do so, as WebRTC has it.
#[derive(Debug)]
pub struct Association {
    config: Config,
    handshake: Handshake,
    outbound: Outbound,
    receiving: Receiving,
    channels: Channels,
    resets: Resets,
    heartbeat: Heartbeat,
    path_mtu: PathMtu,
    /// Chunks that leave as soon as possible.
    control: VecDeque<Chunk>,
    outputs: VecDeque<Output>,
    /// The time that was last told.
    clock: Instant,
}

/// What the driver tells the association.
#[derive(Debug, Clone)]
pub enum Input {
    /// One packet came out of DTLS. Payload is kept as slices of it, so it should be no part of a larger buffer.
    Packet(Bytes),
    /// The [`Association::deadline`] has passed.
    Timeout,
    /// The path is another one (ICE chose another pair): what was measured does not hold any more.
    PathChanged,
    /// The system refused a packet as too large (`EMSGSIZE`): this many bytes of SCTP packet are the most it takes.
    PacketLimit(usize),
    /// What the peer may fill has another bound from now on.
    ReceiveBudget(usize),
    /// Ends the association when everything sent has arrived (RFC 9260 §9.2).
    Shutdown,
    /// Ends the association at once (RFC 9260 §9.1).
    Abort,
}

/// What the association tells the driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// The handshake is over.
    Connected,
    /// A channel of ours may be used by the peer too: it was accepted, or is negotiated and the association is up.
    ChannelOpened {
        /// Which.
        channel: ChannelId,
    },
    /// The peer opened a channel.
    ChannelOffered {
        /// Its stream.
        channel: ChannelId,
        /// What the peer wants of it.
        options: ChannelOptions,
    },
    /// [`Association::receive`] has a message where it had none.
    Readable {
        /// On which channel.
        channel: ChannelId,
    },
    /// What waits on the channel has fallen to its low-water mark, or there is room again after
    /// [`crate::SendError::Full`].
    Writable {
        /// On which channel.
        channel: ChannelId,
    },
    /// Neither side sends on the channel any more; what was received can still be taken.
    ChannelClosed {
        /// Which.
        channel: ChannelId,
    },
    /// The association has ended; nothing comes after this.
    Closed(Closed),
}

/// Why an association ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// Both sides agreed.
    Shutdown,
    /// We ended it.
    Aborted,
    /// The peer ended it, with the first cause it gave (RFC 9260 §3.3.10).
    PeerAborted {
        /// Its code; 0 if there was none.
        cause: u16,
    },
    /// The peer broke the protocol.
    Violated,
    /// The peer has not answered for too long.
    Silent,
}

/// The receiving half: numbers, pieces and the window.
#[derive(Debug)]
struct Receiving {
    heard: Heard,
    inbound: Inbound,
    window: ReceiveWindow,
    /// What waits for the application.
    unread: usize,
}

impl Association {
    /// Begins to connect. `entropy` is drawn from once, for tags, numbers and the cookie.
    pub fn new(config: Config, entropy: &mut dyn Entropy, now: Instant) -> Self {
        let handshake = Handshake::new(&config, entropy, now);
        Self {
            outbound: Outbound::new(&config, handshake.own.first_tsn, now),
            receiving: Receiving {
                heard: Heard::new(0),
                inbound: Inbound::new(config.message_bytes),
                window: ReceiveWindow::new(config.receive_window_bytes),
                unread: 0,
            },
            channels: Channels::new(config.side),
            resets: Resets::new(handshake.own.first_tsn),
            heartbeat: Heartbeat::new(now),
            path_mtu: PathMtu::new(config.packet_bytes, config.packet_bytes_max),
            control: VecDeque::new(),
            outputs: VecDeque::new(),
            clock: now,
            handshake,
            config,
        }
    }

    /// Advances the association by one input. What the peer gets wrong becomes an output, never an error.
    pub fn handle_input(&mut self, input: Input, now: Instant) {
        self.clock = self.clock.max(now);
        if self.handshake.phase == Phase::Closed {
            return;
        }
        match input {
            Input::Packet(bytes) => self.handle_packet(bytes),
            Input::Timeout => self.handle_timeout(),
            Input::PathChanged => self.handle_path_change(),
            Input::PacketLimit(bytes) => {
                self.path_mtu.limit(bytes);
                self.outbound.set_packet_bytes(self.path_mtu.packet_bytes());
                if self.is_up() {
                    self.path_mtu.begin(self.clock);
                }
            }
            Input::ReceiveBudget(bytes) => self.receiving.window.set_budget(bytes),
            Input::Shutdown => self.begin_shutdown(),
            Input::Abort => self.abort(),
        }
        self.settle();
    }

    /// Returns the next thing to tell the application, or `None` when there is nothing left to tell.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Returns the instant at which the driver must feed [`Input::Timeout`] and poll for packets.
    pub fn deadline(&self) -> Option<Instant> {
        if self.handshake.phase == Phase::Closed {
            return None;
        }
        let due = [
            self.handshake.deadline(),
            self.receiving.heard.deadline(),
            self.is_up()
                .then(|| self.outbound.deadline(self.clock))
                .flatten(),
            self.resets.deadline(),
            self.is_up().then(|| self.heartbeat.deadline()),
            self.is_up().then(|| self.path_mtu.deadline()).flatten(),
            self.outbound.heard_at().map(|at| at + self.config.patience),
        ];
        due.into_iter().flatten().min()
    }

    /// Whether the association has ended; it then does nothing any more.
    pub fn is_closed(&self) -> bool {
        self.handshake.phase == Phase::Closed
    }

    /// Whether data can flow.
    fn is_up(&self) -> bool {
        match self.handshake.phase {
            Phase::CookieWait | Phase::CookieEchoed | Phase::Closed => false,
            Phase::Established
            | Phase::ShutdownPending
            | Phase::ShutdownSent
            | Phase::ShutdownReceived
            | Phase::ShutdownAckSent => true,
        }
    }

    fn handle_timeout(&mut self) {
        let now = self.clock;
        self.tick_handshake();
        if !self.is_up() {
            return;
        }
        let limit = now.checked_sub(self.config.patience);
        if self.outbound.heard_at() <= limit && self.outbound.heard_at().is_some() {
            self.close(Closed::Silent);
            return;
        }
        let timeouts = self.outbound.counters.timeouts;
        self.outbound.handle_timeout(now);
        if self.outbound.counters.timeouts > timeouts {
            self.note_timeout();
        }
        self.tick_reset();
        self.tick_heartbeat();
        self.tick_path_mtu();
    }

    fn handle_path_change(&mut self) {
        self.outbound.forget_path(&self.config, self.clock);
        self.path_mtu = PathMtu::new(self.config.packet_bytes, self.config.packet_bytes_max);
        self.outbound.set_packet_bytes(self.path_mtu.packet_bytes());
        if self.is_up() {
            self.search_path_mtu();
        }
    }

    /// After any change: what has become possible?
    fn settle(&mut self) {
        if !self.is_up() {
            return;
        }
        self.deliver();
        self.request_resets();
        self.advance_shutdown();
        self.announce_room();
    }

    fn close(&mut self, why: Closed) {
        if self.handshake.phase == Phase::Closed {
            return;
        }
        self.handshake.phase = Phase::Closed;
        self.outputs.push_back(Output::Closed(why));
    }
}
