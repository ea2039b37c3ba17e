//! Builds labs and finds out whether they are what they say they are.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "what cannot be done here fails the test"
)]

mod cleaning;
mod firewalls;
mod links;
mod nats;
mod ways;
