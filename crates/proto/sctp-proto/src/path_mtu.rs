//! Looks for the largest packet that the path carries (RFC 8899).
//!
//! A probe is a heartbeat padded to the size in question. The largest allowed size is tried first, then
//! the range between what works and what does not is halved.

use std::time::{Duration, Instant};

use crate::limits;

/// The size of packets, and the search for a larger one.
#[derive(Debug, Clone)]
pub(crate) struct PathMtu {
    /// What is assumed to work always.
    base: usize,
    /// What works.
    current: usize,
    /// What has not worked, or may not be.
    ceiling: usize,
    most: usize,
    search: Search,
    /// Numbers probes.
    number: u64,
    timeouts: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Search {
    /// Nothing to find, for now; `again` says when to look once more.
    Idle { again: Option<Instant> },
    /// A probe of `bytes` is to leave.
    Due { bytes: usize, tries: u32 },
    /// It has left.
    Asked {
        bytes: usize,
        tries: u32,
        at: Instant,
    },
}

impl PathMtu {
    pub(crate) fn new(base: usize, most: usize) -> Self {
        let base = aligned(base.clamp(limits::PACKET_BYTES_FLOOR, limits::PACKET_BYTES));
        let most = aligned(most.min(limits::PACKET_BYTES)).max(base);
        Self {
            base,
            current: base,
            ceiling: most + SIZE_STEP,
            most,
            search: Search::Idle { again: None },
            number: 0,
            timeouts: 0,
        }
    }

    /// The size of packets now.
    pub(crate) fn packet_bytes(&self) -> usize {
        self.current
    }

    /// Begins the search.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.ceiling = self.most + SIZE_STEP;
        self.search_on(now);
    }

    /// The system takes no more than `bytes`.
    pub(crate) fn limit(&mut self, bytes: usize) {
        let bytes = aligned(bytes.max(limits::PACKET_BYTES_FLOOR));
        self.most = self.most.min(bytes);
        self.base = self.base.min(bytes);
        self.current = self.current.min(bytes);
        self.ceiling = self.ceiling.min(bytes + SIZE_STEP);
        self.search = Search::Idle { again: None };
    }

    /// When something is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.search {
            Search::Idle { again } => again,
            Search::Due { .. } => None, // It leaves with the next poll.
            Search::Asked { at, .. } => Some(at),
        }
    }

    /// The number and size of a probe that is to leave now, which is given `patience`.
    pub(crate) fn take_probe(&mut self, patience: Duration, now: Instant) -> Option<(u64, usize)> {
        let Search::Due { bytes, tries } = self.search else {
            return None;
        };
        self.number += 1;
        self.search = Search::Asked {
            bytes,
            tries: tries + 1,
            at: now + patience,
        };
        Some((self.number, bytes))
    }

    /// A probe arrived; says whether packets grow.
    pub(crate) fn confirm(&mut self, number: u64, now: Instant) -> bool {
        let Search::Asked { bytes, .. } = self.search else {
            return false;
        };
        if number != self.number || bytes <= self.current {
            return false;
        }
        self.current = bytes;
        self.timeouts = 0;
        self.search_on(now);
        true
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        match self.search {
            Search::Idle { again } if again.is_some_and(|at| at <= now) => self.begin(now),
            Search::Asked { bytes, tries, at } if at <= now => {
                if tries < TRIES {
                    self.search = Search::Due { bytes, tries };
                } else {
                    self.ceiling = bytes;
                    self.search_on(now);
                }
            }
            Search::Idle { .. } | Search::Due { .. } | Search::Asked { .. } => {}
        }
    }

    /// Nothing was heard for a retransmission timeout; says whether packets shrink.
    pub(crate) fn note_timeout(&mut self, now: Instant) -> bool {
        self.timeouts += 1;
        if self.timeouts < BLACK_HOLE_TIMEOUTS || self.current <= self.base {
            return false;
        }
        self.timeouts = 0;
        self.current = self.base;
        self.search = Search::Idle {
            again: Some(now + BLACK_HOLE_TIME),
        };
        true
    }

    /// Something was acknowledged.
    pub(crate) fn note_progress(&mut self) {
        self.timeouts = 0;
    }

    fn search_on(&mut self, now: Instant) {
        let is_first = self.ceiling > self.most;
        let bytes = if is_first {
            self.most
        } else {
            aligned(self.current.midpoint(self.ceiling))
        };
        self.search = if bytes < self.current + SIZE_STEP.min(self.ceiling - self.current)
            || bytes <= self.current
        {
            Search::Idle {
                again: (self.current < self.most).then_some(now + SEARCH_TIME),
            }
        } else {
            Search::Due { bytes, tries: 0 }
        };
    }
}

fn aligned(bytes: usize) -> usize {
    bytes & !3
}

/// Differences below this are not worth a probe.
const SIZE_STEP: usize = 16;
/// How often a size is tried before it counts as too large.
const TRIES: u32 = 3;
/// After this many timeouts in a row larger packets are suspected (RFC 8899 §4.3).
const BLACK_HOLE_TIMEOUTS: u32 = 3;
const BLACK_HOLE_TIME: Duration = Duration::from_secs(5);
/// When to look again (RFC 8899 §5.1.1: `PMTU_RAISE_TIMER`).
const SEARCH_TIME: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place a test may start its clock"
    )]
    fn epoch() -> Instant {
        Instant::now()
    }

    fn search(start: usize, most: usize, path: usize) -> (PathMtu, u32) {
        let mut now = epoch();
        let mut mtu = PathMtu::new(start, most);
        let mut probes = 0;
        mtu.begin(now);
        for _ in 0..200 {
            if let Some((number, bytes)) = mtu.take_probe(Duration::from_millis(200), now) {
                probes += 1;
                if bytes <= path {
                    mtu.confirm(number, now);
                }
            }
            now += Duration::from_millis(300);
            if now > epoch() + Duration::from_secs(500) {
                break;
            }
            mtu.handle_timeout(now);
        }
        (mtu, probes)
    }

    proptest! {
        #[test]
        fn the_search_finds_what_the_path_carries(start in 512_usize..1_400, more in 0_usize..64_000, path in 1_400_usize..66_000) {
            let (mtu, probes) = search(start, start + more, path);
            let best = aligned(start + more).min(path);
            prop_assert!(mtu.packet_bytes() <= best.max(aligned(start)));
            prop_assert!(mtu.packet_bytes() + 2 * SIZE_STEP >= best, "{} of {best}", mtu.packet_bytes());
            prop_assert!(probes <= 60);
        }
    }

    #[test]
    fn a_path_that_takes_the_largest_is_known_after_one_probe() {
        assert_eq!(search(1_152, 1_400, 1_400).1, 1);
    }

    #[test]
    fn timeouts_in_a_row_bring_the_base_back() {
        let (mut mtu, _) = search(1_152, 9_000, 9_000);
        assert_eq!(mtu.packet_bytes(), 9_000);
        let now = epoch();
        assert!(!mtu.note_timeout(now) && !mtu.note_timeout(now));
        mtu.note_progress();
        assert!(!mtu.note_timeout(now) && !mtu.note_timeout(now) && mtu.note_timeout(now));
        assert_eq!(mtu.packet_bytes(), 1_152);
    }
}
