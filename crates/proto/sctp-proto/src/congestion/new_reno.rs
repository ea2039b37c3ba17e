//! The congestion control of RFC 9260 §7: slow start, one packet a round, half after a loss.

use std::time::Instant;

use super::{Acked, Controller, Lost};

#[derive(Debug)]
pub(crate) struct NewReno {
    packet_bytes: u64,
    window: u64,
    threshold: u64,
    /// Losses of what left before this belong to a reaction that has been taken.
    reacted_at: Option<Instant>,
    /// Fractions of a packet that the window has earned.
    earned: u64,
    before_timeout: Option<(u64, u64)>,
}

impl NewReno {
    pub(crate) fn new(packet_bytes: u64) -> Self {
        Self {
            packet_bytes,
            window: FIRST_PACKETS * packet_bytes,
            threshold: u64::MAX,
            reacted_at: None,
            earned: 0,
            before_timeout: None,
        }
    }
}

impl Controller for NewReno {
    fn handle_acked(&mut self, acked: &Acked, _now: Instant) {
        if !acked.is_window_limited {
            return;
        }
        if self.window < self.threshold {
            self.window += acked.bytes;
            return;
        }
        self.earned += acked.bytes;
        if self.earned >= self.window {
            self.earned -= self.window;
            self.window += self.packet_bytes;
        }
    }

    fn handle_lost(&mut self, lost: &Lost, now: Instant) {
        if self.reacted_at.is_some_and(|at| lost.sent_at <= at) {
            return;
        }
        self.reacted_at = Some(now);
        self.window = (self.window / 2).max(LEAST_PACKETS * self.packet_bytes);
        self.threshold = self.window;
        self.earned = 0;
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.before_timeout
            .get_or_insert((self.window, self.threshold));
        self.threshold = (self.window / 2).max(LEAST_PACKETS * self.packet_bytes);
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
const LEAST_PACKETS: u64 = 4;
