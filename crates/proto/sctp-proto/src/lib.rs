//! The SCTP association that carries data channels, without IO.
//!
//! One [`Association`] is one end of the wire of a WebRTC data connection: SCTP (RFC 9260) inside DTLS
//! (RFC 8261), with the data channels of RFC 8831 and 8832 on top. It reads no clock and draws no
//! randomness of its own. A driver uses it like this:
//!
//! 1. [`Association::handle_input`] takes each decrypted packet, each passed deadline and each wish of the
//!    application; [`Association::open_channel`], [`Association::send`] and their like do the same with an answer.
//! 2. [`Association::poll_output`] is drained until it returns `None`.
//! 3. [`Association::poll_transmit`] is called until it returns `None`; each call fills a buffer with
//!    packets of one size, ready for segmentation offload.
//! 4. [`Association::deadline`] says when to feed [`Input::Timeout`], if nothing else happens before.
//!
//! Messages wait inside until [`Association::receive`] takes them; what waits is what closes the window
//! that the peer may fill, so a slow reader holds its peer back by not reading.

mod association;
mod channel;
mod config;
mod congestion;
mod heard;
mod inbound;
pub mod limits;
mod message;
mod outbound;
mod path_mtu;
mod recovery;
mod sequence;
pub mod wire;

pub use association::{Association, Brake, Closed, Input, Output, Statistics, Transmit};
pub use channel::{ChannelId, ChannelOptions, OpenError, Reliability};
pub use config::{Config, Congestion, Ports, Side};
pub use message::{Message, MessageKind};
pub use outbound::SendError;
