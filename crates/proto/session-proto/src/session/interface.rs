//! What a session and its driver say to each other.

use model::{DeviceKeys, DeviceSecrets, Digest, DtlsFingerprint, Entropy, SessionId};

use crate::control::{CloseReason, ControlMessage};
use crate::handshake::{HandshakeError, Role};
#[cfg(doc)]
use crate::session::Session;
#[cfg(doc)]
use model::limits::CONTROL_MESSAGE_BYTES;

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
