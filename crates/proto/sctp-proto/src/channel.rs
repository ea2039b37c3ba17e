//! Data channels as the application opens them.

use std::time::Duration;

use thiserror::Error;

/// A channel of an association: its stream number, the same on both sides (RFC 8831 §6.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(pub u16);

/// What a channel promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelOptions {
    /// A name for the application; need not be unique.
    pub label: String,
    /// A subprotocol; empty if there is none.
    pub protocol: String,
    /// Whether messages arrive in the order in which they were sent.
    pub ordered: bool,
    /// Whether and when a message may be given up.
    pub reliability: Reliability,
    /// The weight against other channels (RFC 8831 §6.4): 128 below normal, 256 normal, 512 high, 1024 extra high.
    pub priority: u16,
    /// The stream of a channel that both applications agreed on outside; `None` announces it in band.
    pub negotiated: Option<u16>,
}

/// When a message is given up (RFC 3758, RFC 8832 §5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reliability {
    /// Never.
    #[default]
    Reliable,
    /// After so many repetitions.
    Retransmits(u32),
    /// After so long, in whole milliseconds.
    Lifetime(Duration),
}

impl ChannelOptions {
    /// An ordered, reliable channel of normal priority, announced in band.
    pub fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            protocol: String::new(),
            ordered: true,
            reliability: Reliability::Reliable,
            priority: NORMAL_PRIORITY,
            negotiated: None,
        }
    }
}

/// Why a channel cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OpenError {
    /// The association is going down or has gone.
    #[error("the association is closed")]
    Closed,
    /// [`crate::limits::CHANNELS`] are open, or no stream number of ours is free.
    #[error("too many channels are open")]
    TooMany,
    /// The negotiated stream is in use.
    #[error("stream {0} is in use")]
    Taken(u16),
    /// The label or the protocol is longer than [`crate::limits::LABEL_BYTES`].
    #[error("the label or the protocol is too long")]
    TooLong,
}

/// The priority of a channel that does not ask for another.
pub(crate) const NORMAL_PRIORITY: u16 = 256;
