//! How much the peer may have under way: grows with the speed measured, within a budget.

use std::time::{Duration, Instant};

use crate::limits;

/// The window that we offer.
#[derive(Debug, Clone)]
pub(crate) struct ReceiveWindow {
    size: usize,
    budget: usize,
    round_began: Option<Instant>,
    round_bytes: usize,
    /// What the last acknowledgment offered.
    offered: usize,
}

impl ReceiveWindow {
    pub(crate) fn new(budget: usize) -> Self {
        Self {
            size: limits::RECEIVE_WINDOW_START_BYTES.min(budget),
            budget,
            round_began: None,
            round_bytes: 0,
            offered: limits::RECEIVE_WINDOW_START_BYTES.min(budget),
        }
    }

    /// Sets up to what the window may grow; it does not shrink what was offered.
    pub(crate) fn set_budget(&mut self, budget: usize) {
        self.budget = budget;
    }

    /// Counts what arrived; at the end of a round trip the window becomes a multiple of it.
    pub(crate) fn measure(&mut self, bytes: usize, rtt: Option<Duration>, now: Instant) {
        self.round_bytes += bytes;
        let began = *self.round_began.get_or_insert(now);
        let round = rtt.unwrap_or(UNKNOWN_RTT).max(SHORTEST_ROUND);
        let passed = now.saturating_duration_since(began);
        if passed < round {
            return;
        }
        // A pause in a round would make a round trip's worth look like less; more is never measured.
        let product = self.round_bytes;
        let wanted = product.saturating_mul(PRODUCTS) + limits::RECEIVE_WINDOW_START_BYTES / 2;
        self.size = self.size.max(wanted.min(self.budget));
        self.round_bytes = 0;
        self.round_began = Some(now);
    }

    /// What is left with `held` bytes not yet taken by the application.
    pub(crate) fn available(&self, held: usize) -> usize {
        self.size.saturating_sub(held)
    }

    /// What an acknowledgment offers.
    pub(crate) fn offer(&mut self, held: usize) -> u32 {
        self.offered = self.available(held);
        u32::try_from(self.offered).unwrap_or(u32::MAX)
    }

    /// Whether so much room has come free since the last offer that the peer should know
    /// (RFC 9260 §6.2, against silly windows RFC 1122 §4.2.3.3).
    pub(crate) fn has_opened(&self, held: usize) -> bool {
        let free = self.available(held);
        self.offered < self.size / 4 && free >= self.offered + self.size / 4
    }

    /// Whether a piece is taken with `held` bytes here: beyond the window only what fills a hole.
    pub(crate) fn takes(&self, bytes: usize, held: usize, is_hole: bool) -> bool {
        let slack = if is_hole {
            2 * SLACK_BYTES
        } else {
            SLACK_BYTES
        };
        held + bytes <= self.size + slack
    }

    /// The window as it is.
    pub(crate) fn size(&self) -> usize {
        self.size
    }
}

/// A sender that is not held back by it has up to two products under way, and repairs losses meanwhile.
const PRODUCTS: usize = 4;
const UNKNOWN_RTT: Duration = Duration::from_millis(100);
const SHORTEST_ROUND: Duration = Duration::from_millis(1);
/// One packet when there is no window (RFC 9260 §6.1), and what crossed our offer on its way.
const SLACK_BYTES: usize = limits::PACKET_BYTES;
