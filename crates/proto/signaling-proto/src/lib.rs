//! Everything said to and through the signaling server, without IO.
//!
//! [`message`] is the wire format, [`client`] and [`server`] are the two ends of a socket as state
//! machines. [`envelope`] seals what two devices tell each other through mailboxes, and
//! [`negotiation`] turns such envelopes into one agreed peer connection.
//! The wire is described in `docs/protocol/signaling.md`.

pub mod client;
pub mod envelope;
#[cfg(test)]
mod fixtures;
pub mod message;
pub mod negotiation;
pub mod rate;
pub mod server;
