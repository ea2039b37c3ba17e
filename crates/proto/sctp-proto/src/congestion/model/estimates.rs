//! What is measured: rounds, the rate, the round-trip time, and how acknowledgments clump.

use std::time::{Duration, Instant};

use crate::congestion::{Acked, real, whole};

/// Counts round trips by what was acknowledged.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    pub(super) count: u64,
    pub(super) is_start: bool,
    /// Since the last probe.
    pub(super) since_probe: u64,
    next: u64,
}

impl Rounds {
    pub(super) fn advance(&mut self, acked: &Acked) {
        self.is_start = false;
        if acked.rate.is_some_and(|it| it.prior_delivered >= self.next) {
            self.next = acked.delivered;
            self.count += 1;
            self.since_probe += 1;
            self.is_start = true;
        }
    }

    /// Lets a round begin with what leaves now.
    pub(super) fn restart(&mut self, acked: &Acked) {
        self.next = acked.delivered;
    }
}

/// The rate of the path: the most that was seen in this cycle of probing and the one before.
#[derive(Debug, Default)]
pub(super) struct Rate {
    cycles: [f64; 2],
    /// The most in this round of loss accounting.
    pub(super) latest: f64,
    /// The most in the round before.
    pub(super) last: f64,
}

impl Rate {
    pub(super) fn most(&self) -> f64 {
        self.cycles[0].max(self.cycles[1])
    }

    pub(super) fn note(&mut self, acked: &Acked) {
        let Some(sample) = acked.rate else {
            return;
        };
        let Some(rate) = sample.rate else {
            return;
        };
        self.latest = self.latest.max(rate);
        if !sample.is_app_limited || rate >= self.most() {
            self.cycles[1] = self.cycles[1].max(rate);
        }
    }

    /// A cycle of probing is over. One in which only the application set the pace says nothing.
    pub(super) fn shift(&mut self) {
        if self.cycles[1] > 0.0 {
            self.cycles = [self.cycles[1], 0.0];
        }
    }

    /// The path is slower than it was: nothing above `rate` counts any more.
    pub(super) fn forget(&mut self, rate: f64) {
        self.cycles = [rate; 2];
    }

    /// Begins a new round with what this acknowledgment says.
    pub(super) fn begin_round(&mut self, acked: &Acked) {
        self.last = self.latest;
        self.latest = acked.rate.and_then(|it| it.rate).unwrap_or(0.0);
    }
}

/// The round-trip time without a queue, and that of the last rounds.
#[derive(Debug)]
pub(super) struct PathRtt {
    least: Option<Duration>,
    /// When a round trip that short was last seen.
    seen_at: Instant,
    round: Option<Duration>,
    /// How often it was measured in this round.
    samples: u32,
    last_round: Option<Duration>,
    /// It is time to look whether it is still so short.
    pub(super) is_expired: bool,
}

impl PathRtt {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            least: None,
            seen_at: now,
            round: None,
            samples: 0,
            last_round: None,
            is_expired: false,
        }
    }

    pub(super) fn least(&self) -> Option<Duration> {
        self.least
    }

    /// The shortest of this round and the last.
    pub(super) fn now(&self) -> Option<Duration> {
        match (self.round, self.last_round) {
            (Some(round), Some(last)) => Some(round.min(last)),
            (round, last) => round.or(last),
        }
    }

    pub(super) fn note(&mut self, acked: &Acked, is_round_start: bool, now: Instant) {
        if is_round_start {
            self.last_round = self.round.take();
            self.samples = 0;
        }
        self.is_expired = self.least.is_some() && now > self.seen_at + EXPIRY;
        let Some(sample) = acked.rtt.map(of_path) else {
            return;
        };
        self.samples = self.samples.saturating_add(1);
        self.round = Some(self.round.map_or(sample, |it| it.min(sample)));
        let Some(least) = self.least else {
            self.settle(sample, now);
            return;
        };
        // A sample nearly as short refreshes the estimate, so probing is rarely needed.
        if sample < least {
            self.settle(sample, now);
        } else if sample < least.mul_f64(1.0 + TOLERANCE) + TOLERANCE_LEAST {
            self.seen_at = now;
            if self.is_expired {
                self.least = Some(sample);
            }
        }
    }

    /// Takes a round-trip time as the new least.
    pub(super) fn settle(&mut self, rtt: Duration, now: Instant) {
        self.least = Some(of_path(rtt));
        self.seen_at = now;
    }

    /// Puts the next look off: an outage says nothing of the path.
    pub(super) fn excuse(&mut self, now: Instant) {
        let half = now.checked_sub(EXPIRY / 2).unwrap_or(now);
        self.seen_at = self.seen_at.max(half);
    }

    /// Whether even the shortest of several round trips in this round is long. A single one may be jitter.
    pub(super) fn is_round_long(&self) -> bool {
        self.samples >= SAMPLES_LEAST && self.is_long(self.round)
    }

    /// Whether rounds take so much longer than the least that we must be filling a queue.
    pub(super) fn is_queued(&self) -> bool {
        self.exceeds(QUEUED_SHARE, QUEUED_LEAST)
    }

    /// Whether rounds take a little longer than the least.
    pub(super) fn is_standing(&self) -> bool {
        match (self.now(), self.least) {
            (Some(now), Some(least)) => now > least + (least / STANDING_SHARE).max(QUEUED_LEAST),
            _ => false,
        }
    }

    /// Whether `rtt` is longer than the least by an eighth and a millisecond.
    pub(super) fn is_long(&self, rtt: Option<Duration>) -> bool {
        match (rtt, self.least) {
            (Some(rtt), Some(least)) => rtt > least + least / QUEUED_SHARE + QUEUED_LEAST,
            _ => false,
        }
    }

    fn exceeds(&self, share: u32, floor: Duration) -> bool {
        match (self.now(), self.least) {
            (Some(now), Some(least)) => now > least + least / share + floor,
            _ => false,
        }
    }
}

/// How much more than the rate explains arrives at once, on paths that clump acknowledgments.
#[derive(Debug)]
pub(super) struct Aggregation {
    most: [u64; 2],
    began: Instant,
    bytes: u64,
    rounds: u32,
}

impl Aggregation {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            most: [0; 2],
            began: now,
            bytes: 0,
            rounds: 0,
        }
    }

    pub(super) fn note(
        &mut self,
        acked: &Acked,
        rate: f64,
        window: u64,
        is_round_start: bool,
        now: Instant,
    ) {
        let expected =
            |began: Instant| whole(rate * now.saturating_duration_since(began).as_secs_f64());
        if self.bytes <= expected(self.began) {
            self.bytes = 0;
            self.began = now;
        }
        self.bytes += acked.bytes;
        if is_round_start {
            self.rounds += 1;
            if self.rounds >= AGGREGATION_ROUNDS {
                self.rounds = 0;
                self.most = [self.most[1], 0];
            }
        }
        let excess = self.bytes.saturating_sub(expected(self.began)).min(window);
        self.most[1] = self.most[1].max(excess);
    }

    pub(super) fn excess(&self) -> u64 {
        self.most[0].max(self.most[1])
    }
}

/// What a round trip says of the path: below [`HOST_TIME`] it says how soon two tasks got a processor, and
/// a window made of that would let each of them wait for the other.
fn of_path(rtt: Duration) -> Duration {
    rtt.max(HOST_TIME)
}

/// A ratio of bytes.
pub(super) fn share(part: u64, all: u64) -> f64 {
    real(part) / real(all.max(1))
}

/// What two hosts may take to answer, whatever is between them.
const HOST_TIME: Duration = Duration::from_millis(2);
/// Of so many jittered round trips one is short.
const SAMPLES_LEAST: u32 = 12;
const EXPIRY: Duration = Duration::from_secs(5);
const TOLERANCE: f64 = 0.02;
const TOLERANCE_LEAST: Duration = Duration::from_micros(50);
const QUEUED_SHARE: u32 = 8;
const QUEUED_LEAST: Duration = Duration::from_millis(1);
const STANDING_SHARE: u32 = 32;
const AGGREGATION_ROUNDS: u32 = 5;
