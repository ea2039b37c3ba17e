//! How much a session carried through relays.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use model::PathKind;
use peer::Connection;
use session_proto::ConnectionId;

/// Counts what its connections carry through relays, until that is told.
#[derive(Debug)]
pub(super) struct Relayed {
    /// What was counted of each connection.
    known: BTreeMap<ConnectionId, u64>,
    untold: u64,
    due: Instant,
}

impl Relayed {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            known: BTreeMap::new(),
            untold: 0,
            due: now + INTERVAL,
        }
    }

    /// When to tell.
    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// Adds what a connection carried since it was looked at last.
    pub(super) fn count(&mut self, id: ConnectionId, connection: &Connection) {
        if connection.path() == PathKind::Relay {
            let statistics = connection.statistics();
            let all = statistics
                .sent_bytes
                .saturating_add(statistics.received_bytes);
            self.add(id, all);
        }
    }

    /// It carries nothing any more.
    pub(super) fn forget(&mut self, id: ConnectionId) {
        self.known.remove(&id);
    }

    /// What was added since this was asked last.
    pub(super) fn take(&mut self, now: Instant) -> u64 {
        self.due = now + INTERVAL;
        std::mem::take(&mut self.untold)
    }

    fn add(&mut self, id: ConnectionId, all: u64) {
        let before = self.known.insert(id, all).unwrap_or(0);
        self.untold = self.untold.saturating_add(all.saturating_sub(before));
    }
}

/// A budget is overdrawn by what a relay carries in that time, at most.
const INTERVAL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_told_once_also_of_a_connection_that_is_gone() {
        let now = Instant::now();
        let mut relayed = Relayed::new(now);
        let [first, second] = [ConnectionId(0), ConnectionId(1)];
        relayed.add(first, 100);
        relayed.add(second, 10);
        assert_eq!(relayed.take(now), 110);
        relayed.add(first, 150);
        relayed.forget(first);
        relayed.add(second, 10);
        assert_eq!(relayed.take(now), 50);
        assert_eq!(relayed.take(now), 0);
        assert_eq!(relayed.due(), now + INTERVAL);
    }
}
