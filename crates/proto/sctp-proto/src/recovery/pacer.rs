//! Spreads packets over time: at most a millisecond's worth at once.

use std::time::{Duration, Instant};

/// When the next bytes may leave.
#[derive(Debug, Clone)]
pub(crate) struct Pacer {
    next: Instant,
    burst_end: Instant,
    /// Whether pacing, and nothing else, was what stopped the sender last.
    is_brake: bool,
}

impl Pacer {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            next: now,
            burst_end: now,
            is_brake: false,
        }
    }

    /// Begins a burst if it is time for one.
    ///
    /// A timer that fired late is made up for, but only if it was pacing that we waited for.
    pub(crate) fn begin(&mut self, rate: f64, packet_bytes: u64, is_idle: bool, now: Instant) {
        if now < self.next {
            return;
        }
        let credit = if self.is_brake && !is_idle {
            LATENESS
        } else {
            Duration::ZERO
        };
        let floor = now.checked_sub(credit).unwrap_or(now);
        self.next = self.next.max(floor);
        let least = cost(LEAST_PACKETS * packet_bytes, rate);
        self.burst_end = now + BURST.max(least);
        self.is_brake = true;
    }

    /// Whether `bytes` may leave now.
    pub(crate) fn allows(&self, bytes: u64, rate: f64) -> bool {
        self.next + cost(bytes, rate) <= self.burst_end + ROUNDING
    }

    /// Notes that `bytes` left.
    pub(crate) fn spend(&mut self, bytes: u64, rate: f64) {
        self.next += cost(bytes, rate);
    }

    /// Something else stopped the sender.
    pub(crate) fn release(&mut self) {
        self.is_brake = false;
    }

    /// Lets the next packet leave at once.
    pub(crate) fn reset(&mut self, now: Instant) {
        *self = Self::new(now);
    }

    /// When the next burst may begin.
    pub(crate) fn next(&self) -> Instant {
        self.next
    }
}

fn cost(bytes: u64, rate: f64) -> Duration {
    #[expect(
        clippy::cast_precision_loss,
        reason = "bytes of a burst are few enough"
    )]
    let seconds = bytes as f64 / rate.max(SLOWEST);
    Duration::from_secs_f64(seconds.min(1.0))
}

/// How much may leave at once.
const BURST: Duration = Duration::from_millis(1);
const LEAST_PACKETS: u64 = 2;
/// How late a timer may be without costing throughput.
const LATENESS: Duration = Duration::from_millis(16);
const ROUNDING: Duration = Duration::from_micros(1);
/// Bytes per second below which no path is worth the arithmetic.
const SLOWEST: f64 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 1_250_000.0;

    fn sent_at(pacer: &mut Pacer, now: Instant) -> u64 {
        let mut sent = 0;
        pacer.begin(RATE, 1_000, false, now);
        while pacer.allows(1_000, RATE) {
            pacer.spend(1_000, RATE);
            sent += 1_000;
        }
        sent
    }

    #[test]
    fn a_second_carries_a_second_of_the_rate_even_if_timers_are_late() {
        let start = crate::recovery::pacer::tests::epoch();
        for late in [0_u64, 3, 9] {
            let mut pacer = Pacer::new(start);
            let (mut now, mut sent) = (start, 0);
            while now < start + Duration::from_secs(1) {
                sent += sent_at(&mut pacer, now);
                now = pacer.next().max(now) + Duration::from_millis(late);
            }
            assert!((1_230_000..1_300_000).contains(&sent), "{late}: {sent}");
        }
    }

    #[test]
    fn a_pause_of_the_application_earns_no_burst() {
        let start = epoch();
        let mut pacer = Pacer::new(start);
        sent_at(&mut pacer, start);
        pacer.release();
        assert!(sent_at(&mut pacer, start + Duration::from_millis(500)) <= 3_000);
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place a test may start its clock"
    )]
    fn epoch() -> Instant {
        Instant::now()
    }
}
