//! How much may be under way, and how fast it may leave.

mod cubic;
mod model;
mod new_reno;

use std::fmt::Debug;
use std::time::{Duration, Instant};

pub(crate) use cubic::Cubic;
pub(crate) use model::Model;
pub(crate) use new_reno::NewReno;

/// Decides how much may be under way and how fast it leaves. All bytes are those of whole chunks.
pub(crate) trait Controller: Debug + Send {
    /// Something arrived.
    fn handle_acked(&mut self, acked: &Acked, now: Instant);
    /// A chunk was found lost.
    fn handle_lost(&mut self, lost: &Lost, now: Instant);
    /// Nothing was heard for a retransmission timeout; everything under way counts as lost.
    fn handle_timeout(&mut self, now: Instant);
    /// The last timeout was a false alarm (in the manner of RFC 5682, F-RTO).
    fn handle_false_timeout(&mut self, now: Instant);
    /// Packets have another size from now on.
    fn set_packet_bytes(&mut self, bytes: u64);
    /// How much may be under way.
    fn window(&self) -> u64;
    /// Bytes per second, or `None` to leave it to the window alone.
    fn pacing_rate(&self) -> Option<f64>;
    /// A line about its state, for tests and logs.
    fn describe(&self) -> String {
        format!("window {}", self.window())
    }
}

/// What one acknowledgment says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Acked {
    /// What arrived that was not known to have arrived.
    pub(crate) bytes: u64,
    /// The shortest time measured by it.
    pub(crate) rtt: Option<Duration>,
    /// The same, chunks included that left more than once.
    pub(crate) rtt_of_any: Option<Duration>,
    /// What is still under way.
    pub(crate) in_flight: u64,
    /// What has arrived since the beginning.
    pub(crate) delivered: u64,
    /// Whether the window was what kept the sender from sending more.
    pub(crate) is_window_limited: bool,
    /// A measurement of the rate.
    pub(crate) rate: Option<RateSample>,
}

/// How fast things arrived while a chunk was under way (in the manner of draft-ietf-ccwg-bbr §4.1.2).
#[derive(Debug, Clone, Copy)]
pub(crate) struct RateSample {
    /// Bytes per second; `None` if the interval was too short to say.
    pub(crate) rate: Option<f64>,
    /// What arrived while the chunk was under way.
    pub(crate) delivered: u64,
    /// What had arrived before it left.
    pub(crate) prior_delivered: u64,
    /// What was under way when it left.
    pub(crate) in_flight: u64,
    /// Whether the application, not the path, set the pace.
    pub(crate) is_app_limited: bool,
}

/// One chunk that was lost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lost {
    /// Its size.
    pub(crate) bytes: u64,
    /// What was under way when it left.
    pub(crate) in_flight: u64,
    /// What was found lost since it left, itself included.
    pub(crate) lost_since: u64,
    /// When it left.
    pub(crate) sent_at: Instant,
}

/// Bytes as a number to calculate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "2^53 bytes are more than an association carries"
)]
pub(crate) fn real(bytes: u64) -> f64 {
    bytes as f64
}

/// A calculated number as bytes; what is negative or no number becomes 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, which is what is wanted"
)]
pub(crate) fn whole(bytes: f64) -> u64 {
    bytes as u64
}

/// What the first window holds, in packets.
pub(crate) const FIRST_WINDOW_PACKETS: u64 = 32;
