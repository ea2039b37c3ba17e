//! What the retransmission timer does to the book (RFC 9260 §6.3.3), and how that is undone.

use std::time::Instant;

use super::{Flight, State};

impl Flight {
    /// Calls everything under way lost.
    ///
    /// A chunk that arrived right behind the base but is not covered was thrown away by the peer
    /// (RFC 9260 §6.2.1 allows it): then all that arrived out of order is called lost too.
    pub(crate) fn time_out(&mut self, now: Instant) {
        let has_reneged = self
            .entries
            .front()
            .is_some_and(|it| it.state == State::Arrived);
        self.lost.clear();
        self.order.clear();
        if has_reneged {
            self.known.clear();
        }
        for (tsn, entry) in (self.base..).zip(&mut self.entries) {
            let bytes = entry.bytes();
            match entry.state {
                State::Flying => {
                    self.meter.in_flight -= bytes;
                    self.meter.lost += bytes;
                    entry.state = State::Lost { by_timeout: true };
                }
                State::Arrived if has_reneged => entry.state = State::Lost { by_timeout: false },
                State::Lost { .. } | State::Arrived | State::Abandoned => {}
            }
            if matches!(entry.state, State::Lost { .. }) {
                self.lost.push_back(tsn);
            }
        }
        self.rack.due = None;
        self.meter.timed_out_at = Some(now);
    }

    /// Takes back what only the timer called lost.
    pub(crate) fn undo_time_out(&mut self) {
        let mut flying: Vec<(Instant, u64)> = Vec::new();
        for (tsn, entry) in (self.base..).zip(&mut self.entries) {
            if entry.state == (State::Lost { by_timeout: true }) {
                entry.state = State::Flying;
                let bytes = entry.bytes();
                self.meter.in_flight += bytes;
                self.meter.lost = self.meter.lost.saturating_sub(bytes);
                flying.push((entry.departure.at, tsn));
            }
        }
        flying.extend(self.order.drain(..).map(|(tsn, at)| (at, tsn)));
        flying.sort_unstable();
        self.order
            .extend(flying.into_iter().map(|(at, tsn)| (tsn, at)));
        self.meter.timed_out_at = None;
    }
}
