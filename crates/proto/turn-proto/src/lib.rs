//! TURN (RFC 8656) without IO: what a relay and its clients say, and what a relay lets them do.
//!
//! [`client::Client`] holds one allocation at a relay. [`server::Session`] is the other end: one client of
//! a relay, from its first message to the end of its allocation. Both take whole frames ([`frame`]), are
//! told the time, and are drained after every input. [`credentials`] are made by whoever shares a secret
//! with the relay and are good for a while; [`policy`] decides whom a relay sends to.
//! `docs/protocol/turn.md` describes what of the standards is spoken.

mod attribute;
pub mod client;
pub mod credentials;
pub mod frame;
mod message;
pub mod policy;
pub mod server;

use std::time::Instant;

/// The two clocks that a relay needs, as they stand at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// For lifetimes.
    pub monotonic: Instant,
    /// For credentials: seconds since 1970.
    pub unix_s: u64,
}

/// The family of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// The family of `ip`.
    pub fn of(ip: std::net::IpAddr) -> Self {
        match ip {
            std::net::IpAddr::V4(_) => Self::V4,
            std::net::IpAddr::V6(_) => Self::V6,
        }
    }
}
