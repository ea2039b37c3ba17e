//! A device that keeps to the protocols only as far as it likes, and the stage it plays on.
//!
//! It stands on the same machines as the product, so it is paired, proven and encrypted like any other
//! device, and says the rest by hand.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "it waits for one message and passes over every other one"
)]

mod gauge;
mod intruder;
mod line;
mod middle;
mod needles;
mod paths;
mod session;
mod stage;
mod wire;

pub use gauge::{peak_memory_kib, udp_ports};
pub use intruder::{Friend, Intruder};
pub use middle::{Frame, Message, Middle, Way};
pub use needles::Needles;
pub use paths::{Sandbox, hostile_names};
pub use session::{Heard, HostileSession};
pub use stage::{Stage, befriend};
pub use wire::{RawEntry, RawKind, bulk_message, chunk_digest, offer_of, one_file, raw_page};
