mod connections;
mod flow;
mod interface;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use model::limits::{CONTROL_MESSAGE_BYTES, CONTROL_UNACKNOWLEDGED_BYTES, NOISE_TIME};
use model::{Digest, Entropy};
use snow::TransportState;
use zeroize::Zeroizing;

use crate::control::{CloseReason, ControlMessage};
use crate::frames::{DATA_HEAD_BYTES, Frame};
use crate::handshake::{Binding, Fingerprints, Greeting, HandshakeError, Initiation, Role};
use crate::incoming::Incoming;
use crate::link::{DATA_ROOM_BYTES, Link, SILENT_TIME};
use crate::outgoing::Outgoing;

pub use interface::{
    ConnectionId, SessionConfig, SessionError, SessionInput, SessionOutput, Violation,
};

/// How long a session that closes waits for the peer to take note.
pub const CLOSE_TIME: Duration = Duration::from_secs(2);

/// The authenticated, numbered and acknowledged control channel between two devices.
///
/// It outlives its connections: without one it keeps what is not acknowledged and goes on when the
/// next opens. After [`SessionOutput::Close`] it does nothing more.
pub struct Session {
    binding: Binding,
    entropy: Box<dyn Entropy>,
    /// The connections whose control channel is open.
    open: BTreeMap<ConnectionId, Opened>,
    phase: Phase,
    outgoing: Outgoing,
    incoming: Incoming,
    /// The initiator's handshakes: begun here, or the latest one answered here.
    round: u32,
    /// Whether the peer was ever proven in this session.
    proven: bool,
    closing: Option<Closing>,
    outputs: VecDeque<SessionOutput>,
}

struct Opened {
    fingerprints: Fingerprints,
    /// Whether a handshake took place; there is one per connection.
    used: bool,
}

enum Phase {
    /// No connection is open.
    Alone,
    /// The initiator is to begin a handshake.
    Waiting { until: Instant },
    /// The responder is to answer.
    Asking {
        connection: ConnectionId,
        handshake: Initiation,
        until: Instant,
    },
    /// The initiator is to confirm; greeted with what it expects next.
    Confirming {
        connection: ConnectionId,
        noise: Box<TransportState>,
        next: u64,
        until: Instant,
    },
    /// Control flows.
    Linked(Link),
    /// The session has ended.
    Ended,
}

struct Closing {
    reason: CloseReason,
    until: Instant,
}

impl Session {
    /// Makes a session that waits for its first connection.
    pub fn new(config: SessionConfig) -> Self {
        Self {
            binding: Binding {
                role: config.role,
                session: config.session,
                transcript: config.transcript,
                own: config.own,
                peer: config.peer.noise,
                psk: Zeroizing::new(config.psk),
            },
            entropy: config.entropy,
            open: BTreeMap::new(),
            phase: Phase::Alone,
            outgoing: Outgoing::default(),
            incoming: Incoming::default(),
            round: 0,
            proven: false,
            closing: None,
            outputs: VecDeque::new(),
        }
    }

    /// Advances the session by one input.
    pub fn handle_input(&mut self, input: SessionInput, now: Instant) {
        if matches!(self.phase, Phase::Ended) {
            return;
        }
        match input {
            SessionInput::ControlOpened {
                connection,
                own,
                peer,
            } => self.handle_opened(connection, Fingerprints { own, peer }, now),
            SessionInput::ControlReceived { connection, bytes } => {
                self.handle_received(connection, &bytes, now);
            }
            SessionInput::BulkReceived { connection } => self.note_life(connection, now),
            SessionInput::ConnectionLost { connection } => self.drop_connection(connection, now),
            SessionInput::Rebound { transcript } => self.handle_rebound(transcript),
            SessionInput::Send(message) => self.handle_send(&message, now),
            SessionInput::Timeout => {}
        }
        self.handle_time(now);
    }

    /// Returns the next request to the driver, or `None` when there is nothing left to do.
    pub fn poll_output(&mut self) -> Option<SessionOutput> {
        self.outputs.pop_front().or_else(|| self.next_packet())
    }

    /// Returns the instant at which the driver must feed [`SessionInput::Timeout`].
    pub fn deadline(&self) -> Option<Instant> {
        let phase = match &self.phase {
            Phase::Alone => None,
            Phase::Waiting { until }
            | Phase::Asking { until, .. }
            | Phase::Confirming { until, .. } => Some(*until),
            Phase::Linked(link) => self
                .incoming
                .deadline()
                .into_iter()
                .chain([link.deadline()])
                .min(),
            Phase::Ended => return None,
        };
        let closing = self.closing.as_ref().map(|closing| closing.until);
        phase.into_iter().chain(closing).min()
    }

    /// The memory held by messages that the peer has not acknowledged.
    pub fn unacknowledged_bytes(&self) -> usize {
        self.outgoing.kept_bytes()
    }

    /// Whether there is room for another message, of any size.
    pub fn can_send(&self) -> bool {
        self.outgoing.kept_bytes() < CONTROL_UNACKNOWLEDGED_BYTES
    }

    /// Whether the peer is proven and control flows at this moment.
    pub fn is_established(&self) -> bool {
        matches!(self.phase, Phase::Linked(_))
    }

    fn handle_opened(
        &mut self,
        connection: ConnectionId,
        fingerprints: Fingerprints,
        now: Instant,
    ) {
        if self.open.contains_key(&connection) {
            return;
        }
        let opened = Opened {
            fingerprints,
            used: false,
        };
        self.open.insert(connection, opened);
        if matches!(self.phase, Phase::Alone) {
            self.find_connection(now);
        }
    }

    fn handle_received(&mut self, connection: ConnectionId, bytes: &[u8], now: Instant) {
        let result = match &mut self.phase {
            Phase::Linked(link) if link.connection == connection => self.take_packet(bytes, now),
            Phase::Asking {
                connection: asked, ..
            } if *asked == connection => self.finish_handshake(bytes, now),
            Phase::Confirming {
                connection: answered,
                ..
            } if *answered == connection => self.confirm(bytes, now),
            Phase::Alone
            | Phase::Waiting { .. }
            | Phase::Asking { .. }
            | Phase::Confirming { .. }
            | Phase::Linked(_)
            | Phase::Ended => self.answer_handshake(connection, bytes, now),
        };
        if let Err(error) = result {
            self.end(error);
        }
    }

    fn handle_rebound(&mut self, transcript: Digest) {
        self.binding.transcript = transcript;
        self.open.clear();
        self.phase = Phase::Alone;
    }

    fn handle_send(&mut self, message: &ControlMessage, now: Instant) {
        if self.closing.is_some() {
            return;
        }
        match message {
            ControlMessage::Ping { nonce } => self.ask(*nonce),
            ControlMessage::Pong { .. } => {} // The session answers by itself.
            ControlMessage::Transfer(_)
            | ControlMessage::Folder(_)
            | ControlMessage::ConnectionOffer { .. }
            | ControlMessage::ConnectionAnswer { .. }
            | ControlMessage::ConnectionRefused { .. }
            | ControlMessage::ConnectionRetired { .. } => self.queue(message),
            ControlMessage::Close { reason } => {
                self.queue(message);
                self.close(*reason, now);
            }
        }
    }

    fn handle_time(&mut self, now: Instant) {
        self.incoming.advance(now);
        match &mut self.phase {
            Phase::Alone | Phase::Ended => {}
            Phase::Waiting { until } if now >= *until => self.give_up_waiting(now),
            Phase::Asking {
                until, connection, ..
            }
            | Phase::Confirming {
                until, connection, ..
            } if now >= *until => {
                let connection = *connection;
                self.give_up_handshake(connection, now);
            }
            Phase::Waiting { .. } | Phase::Asking { .. } | Phase::Confirming { .. } => {}
            Phase::Linked(link) if link.is_silent(now) => {
                let connection = link.connection;
                self.report_silent(connection, now);
            }
            Phase::Linked(link) => link.keep_alive(now),
        }
        if let Some(closing) = &self.closing
            && now >= closing.until
        {
            self.end(SessionError::ClosedHere(closing.reason));
        }
    }
}

#[cfg(test)]
mod tests;
