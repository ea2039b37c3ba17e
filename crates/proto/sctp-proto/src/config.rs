//! How an association is set up.

use std::time::Duration;

use crate::limits;

/// What an association must know before it begins.
#[derive(Debug, Clone)]
pub struct Config {
    /// Which half of the stream numbers is ours (RFC 8832 §6).
    pub side: Side,
    /// Both ports: the `a=sctp-port` of either description (RFC 8841 §5), 5000 everywhere.
    pub ports: Ports,
    /// The size of an SCTP packet to begin with, without DTLS, UDP and IP.
    pub packet_bytes: usize,
    /// Up to which size larger packets are tried (RFC 8899), and what the peer is told that we take; `packet_bytes` or
    /// less: none are. More than [`limits::PACKET_BYTES_UNTOLD`] is tried only if the peer says that it takes that.
    pub packet_bytes_max: usize,
    /// The largest message, either way: the smaller of our and the peer's `a=max-message-size`.
    pub message_bytes: usize,
    /// What may wait to be sent on all channels together.
    pub send_buffer_bytes: usize,
    /// Up to what the window that the peer may fill grows with the speed measured.
    pub receive_window_bytes: usize,
    /// How long a peer may leave data unacknowledged before it is given up.
    pub patience: Duration,
    /// How much may be sent and how fast.
    pub congestion: Congestion,
    /// Whether to offer interleaving of messages (RFC 8260).
    pub interleaving: bool,
}

/// The ports in the SCTP header, which say nothing inside DTLS but must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// Ours.
    pub own: u16,
    /// The peer's.
    pub peer: u16,
}

/// The role in the DTLS handshake beneath, which halves the stream numbers (RFC 8832 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The DTLS client opens even streams.
    Client,
    /// The DTLS server opens odd streams.
    Server,
}

/// Which congestion control is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Congestion {
    /// Models the path by its rate and round-trip time (in the manner of draft-ietf-ccwg-bbr).
    #[default]
    Model,
    /// Grows with the cube of the time since the last loss (RFC 9438).
    Cubic,
    /// Grows by one packet a round, halves with a loss (RFC 9260 §7).
    NewReno,
}

impl Config {
    /// The defaults of one side.
    pub fn new(side: Side) -> Self {
        Self {
            side,
            ports: Ports {
                own: PORT,
                peer: PORT,
            },
            packet_bytes: limits::PACKET_BYTES_START,
            packet_bytes_max: limits::PACKET_BYTES_START,
            message_bytes: limits::MESSAGE_BYTES,
            send_buffer_bytes: limits::SEND_BUFFER_BYTES,
            receive_window_bytes: limits::RECEIVE_WINDOW_BYTES,
            patience: Duration::from_secs(60),
            congestion: Congestion::default(),
            interleaving: true,
        }
    }
}

const PORT: u16 = 5000;
