//! What comes back: acknowledgments and the passing of time.

use std::time::{Duration, Instant};

use super::Outbound;
use crate::congestion::Acked;
use crate::sequence::widen;
use crate::wire::Sack;

impl Outbound {
    /// Takes a SACK (RFC 9260 §6.2.1). Returns `false` if it acknowledges what was never sent.
    pub(crate) fn handle_sack(&mut self, sack: &Sack, now: Instant) -> bool {
        let cumulative = widen(self.flight.base(), sack.cumulative).wrapping_add(1);
        if cumulative > self.flight.next() {
            return false;
        }
        if cumulative < self.flight.base() {
            return true; // One that was overtaken.
        }
        let mut floor = cumulative;
        let mut ranges = Vec::with_capacity(sack.ranges.len());
        for &(first, last) in &sack.ranges {
            let start = cumulative - 1 + u64::from(first);
            let end = (cumulative + u64::from(last)).min(self.flight.next());
            if start >= floor && start < end {
                ranges.push((start, end));
                floor = end;
            }
        }
        self.gate.peer_window = u64::from(sack.window);
        self.gate.heard_at = now;
        if !sack.duplicates.is_empty() {
            self.flight.widen();
        }
        self.acknowledge(cumulative, &ranges, now);
        true
    }

    /// Takes the cumulative half of an acknowledgment, as a SHUTDOWN brings it (RFC 9260 §3.3.8).
    pub(crate) fn handle_cumulative(&mut self, tsn: u32, now: Instant) {
        let cumulative = widen(self.flight.base(), tsn).wrapping_add(1);
        if cumulative >= self.flight.base() && cumulative <= self.flight.next() {
            self.acknowledge(cumulative, &[], now);
        }
    }

    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.flight.loss_due().is_some_and(|at| at <= now) {
            self.flight
                .find_losses(&self.rtt, self.controller.as_mut(), now);
            self.abandon_hopeless(now);
            if self.flight.meter.in_flight == 0 {
                self.arm(now);
            }
        }
        if self.timers.probe.is_some_and(|at| at <= now) {
            self.timers.probe = None;
            self.timers.is_probing = self.flight.last_flying().is_some();
            self.timers.timeout = Some(now + self.rtt.timeout(self.timers.backoff));
        }
        if self.timers.timeout.is_some_and(|at| at <= now) {
            self.time_out(now);
        }
    }

    /// When something is due.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        let due = [
            self.timers.timeout,
            self.timers.probe,
            self.flight.loss_due(),
            self.send_at(now),
        ];
        due.into_iter().flatten().min()
    }

    fn acknowledge(&mut self, cumulative: u64, ranges: &[(u64, u64)], now: Instant) {
        let before = self.flight.meter.in_flight;
        let report = self
            .flight
            .acknowledge(cumulative, ranges, &mut self.rtt, now);
        if report.has_advanced && self.forward.point.is_some() {
            self.advance_point();
        }
        if report.bytes == 0 {
            if report.has_advanced {
                self.arm(now);
            }
            return;
        }
        self.timers.backoff = 0;
        if report.is_false_timeout {
            self.counters.false_timeouts += 1;
            self.flight.undo_time_out();
            self.controller.handle_false_timeout(now);
        }
        self.flight
            .find_losses(&self.rtt, self.controller.as_mut(), now);
        self.abandon_hopeless(now);
        let was_full = before + NEARLY_PACKETS * TYPICAL_PACKET >= self.controller.window();
        let acked = Acked {
            bytes: report.bytes,
            rtt: report.rtt,
            rtt_of_any: report.rtt_of_any,
            in_flight: self.flight.meter.in_flight,
            delivered: self.flight.meter.delivered,
            is_window_limited: self.gate.was_window_limited || was_full,
            rate: report.rate,
        };
        self.gate.was_window_limited = false;
        self.controller.handle_acked(&acked, now);
        self.arm(now);
    }

    /// Sets the timers anew after something arrived or left.
    pub(super) fn arm(&mut self, now: Instant) {
        if self.flight.is_empty() {
            self.timers.timeout = None;
            self.timers.probe = None;
            self.timers.is_probing = false;
            return;
        }
        self.timers.timeout = Some(now + self.rtt.timeout(self.timers.backoff));
        self.timers.probe = self.rtt.smoothed().and_then(|smoothed| {
            let is_alone = self.flight.len() == 1;
            let slack = if is_alone { ALONE_SLACK } else { PROBE_SLACK };
            (self.timers.backoff == 0 && self.flight.meter.in_flight > 0)
                .then_some(now + 2 * smoothed + slack)
        });
    }

    fn time_out(&mut self, now: Instant) {
        self.counters.timeouts += 1;
        self.timers.backoff += 1;
        self.timers.probe = None;
        self.timers.is_probing = false;
        self.flight.time_out(now);
        self.abandon_hopeless(now);
        self.repeat_forward();
        self.controller.handle_timeout(now);
        self.pacer.reset(now);
        self.timers.timeout =
            (!self.flight.is_empty()).then(|| now + self.rtt.timeout(self.timers.backoff));
    }
}

/// A window with less than this to spare counts as full.
const NEARLY_PACKETS: u64 = 4;
const TYPICAL_PACKET: u64 = 1_200;
/// How long the peer may hold back the acknowledgment of a packet that is alone.
const ALONE_SLACK: Duration = Duration::from_millis(25);
const PROBE_SLACK: Duration = Duration::from_millis(2);
