//! CUBIC (RFC 9438), with its Reno-friendly region, as a yardstick and as cross traffic in tests.

use std::time::{Duration, Instant};

use super::{Acked, Controller, Lost, real, whole};

#[derive(Debug)]
pub(crate) struct Cubic {
    packet_bytes: u64,
    window: u64,
    threshold: u64,
    /// Where the window, in packets, was before the last loss.
    summit: f64,
    /// What Reno would have, in packets.
    friendly: f64,
    epoch: Option<Instant>,
    reacted_at: Option<Instant>,
    rtt: Option<Duration>,
    before_timeout: Option<(u64, u64)>,
}

impl Cubic {
    pub(crate) fn new(packet_bytes: u64) -> Self {
        Self {
            packet_bytes,
            window: FIRST_PACKETS * packet_bytes,
            threshold: u64::MAX,
            summit: 0.0,
            friendly: 0.0,
            epoch: None,
            reacted_at: None,
            rtt: None,
            before_timeout: None,
        }
    }

    fn packets(&self) -> f64 {
        real(self.window) / real(self.packet_bytes)
    }

    fn avoid_congestion(&mut self, bytes: u64, now: Instant) {
        let window = self.packets();
        let epoch = *self.epoch.get_or_insert_with(|| {
            self.friendly = window;
            self.summit = self.summit.max(window);
            now
        });
        let climb = (self.summit * (1.0 - BETA) / STEEPNESS).cbrt();
        let time = (now - epoch + self.rtt.unwrap_or_default()).as_secs_f64();
        self.friendly += FRIENDLY_GROWTH * real(bytes) / real(self.window);
        let curve = self.summit + STEEPNESS * (time - climb).powi(3);
        let target = curve.max(self.friendly).min(1.5 * window);
        if target > window {
            self.window += whole((target - window) / window * real(bytes));
        }
    }

    fn shrink(&mut self) {
        let window = self.packets();
        self.summit = if window < self.summit {
            window * (1.0 + BETA) / 2.0
        } else {
            window
        };
        let least = LEAST_PACKETS * self.packet_bytes;
        self.threshold = whole(real(self.window) * BETA).max(least);
        self.epoch = None;
    }
}

impl Controller for Cubic {
    fn handle_acked(&mut self, acked: &Acked, now: Instant) {
        if let Some(sample) = acked.rtt {
            self.rtt = Some(self.rtt.map_or(sample, |rtt| (7 * rtt + sample) / 8));
        }
        if !acked.is_window_limited {
            return;
        }
        if self.window < self.threshold {
            self.window += acked.bytes;
        } else {
            self.avoid_congestion(acked.bytes, now);
        }
    }

    fn handle_lost(&mut self, lost: &Lost, now: Instant) {
        if self.reacted_at.is_some_and(|at| lost.sent_at <= at) {
            return;
        }
        self.reacted_at = Some(now);
        self.shrink();
        self.window = self.threshold;
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.before_timeout
            .get_or_insert((self.window, self.threshold));
        self.shrink();
        self.window = self.packet_bytes;
        self.reacted_at = Some(now);
    }

    fn handle_false_timeout(&mut self, _now: Instant) {
        if let Some((window, threshold)) = self.before_timeout.take() {
            (self.window, self.threshold) = (window, threshold);
        }
    }

    fn set_packet_bytes(&mut self, bytes: u64) {
        self.packet_bytes = bytes;
    }

    fn window(&self) -> u64 {
        self.window
    }

    fn pacing_rate(&self) -> Option<f64> {
        None
    }
}

const FIRST_PACKETS: u64 = 10;
const LEAST_PACKETS: u64 = 2;
/// What remains after a loss.
const BETA: f64 = 0.7;
/// The `C` of RFC 9438 §5.
const STEEPNESS: f64 = 0.4;
/// `3 (1 - beta) / (1 + beta)` (RFC 9438 §4.3).
const FRIENDLY_GROWTH: f64 = 0.53;
