//! Keeps the stack from repeating megabytes to a peer that has fallen silent.
//!
//! When nothing is acknowledged for a second, SCTP repeats: at most one packet until an answer comes (RFC 9260
//! §7.2.3). The stack lets everything outstanding follow at once, and again two seconds later. While the
//! peer is silent, what would follow is held here; the first sign of life lets it go.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// What one socket does while nothing arrives on it.
#[derive(Debug)]
pub(crate) struct Hush {
    heard_at: Instant,
    probed_at: Instant,
    /// Bytes of large datagrams since something arrived.
    unanswered_bytes: usize,
    held: VecDeque<Held>,
    held_bytes: usize,
}

/// Datagrams to one place, each `segment_bytes` long, the last may be shorter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) destination: SocketAddr,
    pub(crate) contents: Vec<u8>,
    pub(crate) segment_bytes: Option<usize>,
}

impl Hush {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            heard_at: now,
            probed_at: now,
            unanswered_bytes: 0,
            held: VecDeque::new(),
            held_bytes: 0,
        }
    }

    /// Whether datagrams of so many bytes together go out now; else they are to be [`Hush::hold`] back.
    ///
    /// What keeps connections alive and tells of loss is small, and always goes.
    pub(crate) fn lets_go(&mut self, bytes: usize, now: Instant) -> bool {
        if bytes <= SMALL_BYTES {
            return true;
        }
        let silence = now.saturating_duration_since(self.heard_at);
        let is_silent = silence >= SILENCE && self.unanswered_bytes >= UNANSWERED_BYTES;
        if is_silent && now.saturating_duration_since(self.probed_at) < PROBE_INTERVAL {
            return false;
        }
        self.probed_at = now;
        self.unanswered_bytes = self.unanswered_bytes.saturating_add(bytes);
        true
    }

    /// Keeps datagrams until something arrives; what does not fit is lost like any datagram.
    pub(crate) fn hold(&mut self, held: Held) {
        if self.held_bytes + held.contents.len() <= HELD_BYTES {
            self.held_bytes += held.contents.len();
            self.held.push_back(held);
        }
    }

    /// Something arrived: returns what was held, in its order.
    pub(crate) fn hear(&mut self, now: Instant) -> VecDeque<Held> {
        self.heard_at = now;
        self.unanswered_bytes = 0;
        self.held_bytes = 0;
        std::mem::take(&mut self.held)
    }
}

/// Checks, acknowledgements and single messages; a packet full of data is larger.
const SMALL_BYTES: usize = 600;
/// Less than the second after which the stack repeats, and more than lively links are ever silent.
const SILENCE: Duration = Duration::from_millis(800);
/// Data that a lively peer would have answered before; after a rest, less than this is on its way.
const UNANSWERED_BYTES: usize = 64 * 1024;
/// How often something large goes out into the silence.
const PROBE_INTERVAL: Duration = Duration::from_millis(250);
/// The largest receive window with its framing.
const HELD_BYTES: usize = 2 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: usize = 1_200;

    fn held(bytes: usize) -> Held {
        Held {
            destination: ([127, 0, 0, 1], 9).into(),
            contents: vec![7; bytes],
            segment_bytes: None,
        }
    }

    #[test]
    fn a_lively_connection_is_never_held() {
        let start = Instant::now();
        let mut hush = Hush::new(start);
        for round in 0..1_000u32 {
            let now = start + Duration::from_millis(790) * round;
            for _ in 0..1_000 {
                assert!(hush.lets_go(FULL, now));
            }
            assert!(hush.hear(now).is_empty());
        }
    }

    #[test]
    fn a_burst_into_silence_is_held_until_something_arrives() {
        let start = Instant::now();
        let mut hush = Hush::new(start);
        for _ in 0..100 {
            assert!(hush.lets_go(FULL, start));
        }
        let later = start + Duration::from_secs(1);
        let gone = (0..900).filter(|_| {
            let goes = hush.lets_go(FULL, later);
            if !goes {
                hush.hold(held(FULL));
            }
            goes
        });
        assert_eq!(gone.count(), 1, "one packet probes");
        assert!(hush.lets_go(100, later), "checks always go");
        assert_eq!(hush.hear(later).len(), 899);
        assert!(hush.lets_go(FULL, later));
    }

    #[test]
    fn a_connection_that_rested_may_begin_at_once() {
        let start = Instant::now();
        let mut hush = Hush::new(start);
        let later = start + Duration::from_secs(60);
        assert!((0..50).all(|_| hush.lets_go(FULL, later)));
    }

    #[test]
    fn no_more_is_held_than_a_window() {
        let mut hush = Hush::new(Instant::now());
        for _ in 0..10_000 {
            hush.hold(held(FULL));
        }
        let held: usize = hush
            .hear(Instant::now())
            .iter()
            .map(|held| held.contents.len())
            .sum();
        assert!(held <= HELD_BYTES && held > HELD_BYTES - FULL, "{held}");
    }
}
