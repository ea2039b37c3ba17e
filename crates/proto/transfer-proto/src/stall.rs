use std::time::{Duration, Instant};

use model::limits::STALLS_TO_PAUSE;

/// Notices that nothing moves although something should.
#[derive(Debug)]
pub(crate) struct StallClock {
    limit: Duration,
    since: Option<Instant>,
    in_a_row: u32,
}

/// What to do about a stall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stall {
    /// Make the connection anew.
    Reconnect,
    /// It did not help: wait for a person.
    Pause,
}

impl StallClock {
    pub(crate) fn new(limit: Duration) -> Self {
        Self {
            limit,
            since: None,
            in_a_row: 0,
        }
    }

    /// Something moved.
    pub(crate) fn touch(&mut self, now: Instant) {
        self.in_a_row = 0;
        if self.since.is_some() {
            self.since = Some(now);
        }
    }

    /// Data is still leaving, slowly perhaps: there is time until it can have had an effect.
    pub(crate) fn delay(&mut self, now: Instant) {
        if self.since.is_some() {
            self.since = Some(now);
        }
    }

    /// Runs only while the other side owes something.
    pub(crate) fn watch(&mut self, is_waiting: bool, now: Instant) {
        match (is_waiting, self.since) {
            (true, None) => self.since = Some(now),
            (false, Some(_)) => self.since = None,
            (true, Some(_)) | (false, None) => {}
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.since.map(|since| since + self.limit)
    }

    /// Returns what to do if the deadline passed.
    pub(crate) fn check(&mut self, now: Instant) -> Option<Stall> {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return None;
        }
        self.since = Some(now);
        self.in_a_row += 1;
        if self.in_a_row < STALLS_TO_PAUSE {
            return Some(Stall::Reconnect);
        }
        self.in_a_row = 0;
        Some(Stall::Pause)
    }
}
