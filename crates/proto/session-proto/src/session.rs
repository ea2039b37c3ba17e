mod connections;
mod flow;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use model::limits::{CONTROL_MESSAGE_BYTES, CONTROL_UNACKNOWLEDGED_BYTES, NOISE_TIME};
use model::{DeviceKeys, DeviceSecrets, Digest, DtlsFingerprint, Entropy, SessionId};
use snow::TransportState;
use zeroize::Zeroizing;

use crate::control::{CloseReason, ControlMessage};
use crate::frames::{DATA_HEAD_BYTES, Frame};
use crate::handshake::{Binding, Fingerprints, Greeting, HandshakeError, Initiation, Role};
use crate::incoming::Incoming;
use crate::link::{DATA_ROOM_BYTES, Link, SILENT_TIME};
use crate::outgoing::Outgoing;

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
    /// Whether the peer was ever proven in this session.
    proven: bool,
    closing: Option<Closing>,
    outputs: VecDeque<SessionOutput>,
}

/// What a session is made of.
pub struct SessionConfig {
    /// Initiator on the device whose offer won.
    pub role: Role,
    /// The session's id; it stays when later negotiations revive the session.
    pub session: SessionId,
    /// The digest of the negotiation that opened the first connection.
    pub transcript: Digest,
    /// This device.
    pub own: DeviceSecrets,
    /// The other device; its certificate must have been checked.
    pub peer: DeviceKeys,
    /// The pair's session secret of the day on which the session began.
    pub psk: [u8; 32],
    /// Where ephemeral keys come from.
    pub entropy: Box<dyn Entropy>,
}

/// A peer connection of this session; a number is never used for a second connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u32);

/// What the driver tells the session.
#[derive(Debug)]
pub enum SessionInput {
    /// The control channel of a connection is open.
    ControlOpened {
        /// The connection.
        connection: ConnectionId,
        /// The certificate this device showed there.
        own: DtlsFingerprint,
        /// The certificate the peer showed there.
        peer: DtlsFingerprint,
    },
    /// A message arrived on the control channel of a connection.
    ControlReceived {
        /// The connection.
        connection: ConnectionId,
        /// The message.
        bytes: Vec<u8>,
    },
    /// Something arrived on another channel of a connection: it is alive, however long control is queued
    /// behind bulk data.
    BulkReceived {
        /// The connection.
        connection: ConnectionId,
    },
    /// A connection is gone.
    ConnectionLost {
        /// The connection.
        connection: ConnectionId,
    },
    /// Another negotiation through signaling revived the session; connections opened from now on are
    /// bound to it, all earlier ones are given up and the driver closes them.
    Rebound {
        /// The digest of that negotiation.
        transcript: Digest,
    },
    /// Something is to be said. Ask [`Session::can_send`] first.
    Send(ControlMessage),
    /// The deadline from [`Session::deadline`] has passed.
    Timeout,
}

/// What the session asks of the driver.
#[derive(Debug, PartialEq, Eq)]
pub enum SessionOutput {
    /// Send one message on a control channel; at most [`model::limits::CHANNEL_MESSAGE_BYTES`].
    SendControl {
        /// The connection.
        connection: ConnectionId,
        /// The message.
        bytes: Vec<u8>,
    },
    /// The peer has proven itself and control flows.
    Established {
        /// Whether for the first time; later ones are moves to another connection.
        first: bool,
    },
    /// The peer said something; each message once, in order.
    Received(ControlMessage),
    /// A connection has been silent for too long and is given up; the driver closes it.
    ConnectionSilent {
        /// The connection.
        connection: ConnectionId,
    },
    /// No connection is left. The session waits for one.
    NeedsConnection,
    /// The session has ended; the driver closes all connections. Nothing follows.
    Close(SessionError),
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The peer could not prove itself. Never retried with the same negotiation.
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    /// The peer broke the protocol.
    #[error(transparent)]
    Violation(#[from] Violation),
    /// The driver sent a message beyond [`CONTROL_MESSAGE_BYTES`] or a session description beyond
    /// [`model::limits::SDP_BYTES`].
    #[error("a control message of our own is too long")]
    MessageTooLong,
    /// The driver went on sending although [`Session::can_send`] said no.
    #[error("too much is waiting for acknowledgement")]
    QueueFull,
    /// This device closed the session.
    #[error("the session was closed")]
    ClosedHere(CloseReason),
    /// The peer closed the session.
    #[error("the other device closed the session")]
    ClosedByPeer(CloseReason),
}

/// Which rule a proven peer (or whoever changed its bytes) broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A message on the control channel is not what the peer sent there next.
    #[error("a control message was changed, lost, repeated or inserted on its way")]
    NotAuthentic,
    /// An authentic message is not what this version expects.
    #[error("a control message is malformed")]
    Malformed,
    /// A number was left out or came twice.
    #[error("control messages are out of order")]
    Number,
    /// An acknowledgement of something that was never sent, or one that goes back.
    #[error("something was acknowledged that was never sent")]
    Acknowledgement,
    /// A message beyond [`CONTROL_MESSAGE_BYTES`].
    #[error("a control message is too long")]
    MessageTooLong,
    /// The responder spoke first.
    #[error("the peer spoke on a connection before it was asked to")]
    SpokeFirst,
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
            | ControlMessage::ConnectionOffer { .. }
            | ControlMessage::ConnectionAnswer { .. }
            | ControlMessage::ConnectionRefused { .. } => self.queue(message),
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
