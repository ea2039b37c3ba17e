//! The authenticated channel inside a peer connection.
//!
//! A [`Session`] carries numbered, acknowledged control messages between two devices that know each
//! other. It lives on the control channel of one peer connection at a time, inside Noise, and moves to
//! another connection when that one is lost: every message arrives exactly once and in order, or the
//! session ends with a [`SessionError`]. `docs/protocol/session.md` describes the bytes.

mod control;
mod frames;
mod handshake;
mod incoming;
mod link;
mod octets;
mod outgoing;
mod session;

pub use control::{CloseReason, ControlMessage};
pub use handshake::{HandshakeError, Role};
pub use incoming::{ACKNOWLEDGE_BYTES, ACKNOWLEDGE_FRAGMENTS, ACKNOWLEDGE_TIME};
pub use link::{KEEP_ALIVE_TIME, SILENT_TIME};
pub use outgoing::{FRAGMENT_BYTES, FRAGMENT_OVERHEAD_BYTES};
pub use session::{
    CLOSE_TIME, ConnectionId, Session, SessionConfig, SessionError, SessionInput, SessionOutput,
    Violation,
};
