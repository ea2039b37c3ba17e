//! A token bucket: so much at once, so much per second.

use std::time::{Duration, Instant};

/// Allows `burst` units at once and refills them evenly over a time.
#[derive(Debug, Clone)]
pub struct Bucket {
    burst: u64,
    refill_time: Duration,
    /// The bucket is full again at this instant; the further ahead, the emptier it is.
    full_at: Instant,
}

impl Bucket {
    /// Starts full: `burst` units, refilled entirely within `refill_time`.
    pub fn new(burst: u64, refill_time: Duration, now: Instant) -> Self {
        Self {
            burst: burst.max(1),
            refill_time,
            full_at: now,
        }
    }

    /// Takes `units`, or nothing and returns how long to wait for them.
    ///
    /// More units than the burst are never there; then the time to a full bucket is returned.
    pub fn take(&mut self, units: u64, now: Instant) -> Result<(), Duration> {
        let cost = self.time_of(units);
        let full_at = self.full_at.max(now) + cost;
        match full_at.checked_duration_since(now + self.refill_time) {
            Some(wait) if !wait.is_zero() => Err(wait.min(self.refill_time)),
            Some(_) | None => {
                self.full_at = full_at;
                Ok(())
            }
        }
    }

    /// Gives `units` back that were taken in vain.
    pub fn refund(&mut self, units: u64, now: Instant) {
        let cost = self.time_of(units);
        self.full_at = self.full_at.checked_sub(cost).map_or(now, |at| at.max(now));
    }

    /// When nothing is left to refill.
    pub fn full_at(&self) -> Instant {
        self.full_at
    }

    fn time_of(&self, units: u64) -> Duration {
        let nanoseconds = self.refill_time.as_nanos() * u128::from(units) / u128::from(self.burst);
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX / 4))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixtures::start;

    const REFILL: Duration = Duration::from_secs(3);

    proptest! {
        /// In any window as long as the refill time, at most two bursts pass.
        #[test]
        fn no_more_than_the_burst_and_the_refill_pass(
            takes in proptest::collection::vec((0u64..2_000, 1u64..20), 1..200)
        ) {
            let start = start();
            let mut bucket = Bucket::new(60, REFILL, start);
            let mut now = start;
            let mut passed: Vec<(Instant, u64)> = Vec::new();
            for (pause_ms, units) in takes {
                now += Duration::from_millis(pause_ms);
                if bucket.take(units, now).is_ok() {
                    passed.push((now, units));
                }
                let recent = passed.iter().filter(|(at, _)| *at + REFILL > now);
                prop_assert!(recent.map(|(_, units)| units).sum::<u64>() <= 120);
            }
        }

        #[test]
        fn waiting_as_long_as_told_is_enough(first in 1u64..60, second in 1u64..60) {
            let now = start();
            let mut bucket = Bucket::new(60, REFILL, now);
            bucket.take(first, now).unwrap();
            if let Err(wait) = bucket.take(second, now) {
                prop_assert!(bucket.take(second, now + wait).is_ok());
            }
        }
    }

    #[test]
    fn what_was_given_back_can_be_taken_again() {
        let now = start();
        let mut bucket = Bucket::new(2, REFILL, now);
        bucket.take(2, now).unwrap();
        assert!(bucket.take(1, now).is_err());
        bucket.refund(1, now);
        bucket.take(1, now).unwrap();
    }

    #[test]
    fn more_than_the_burst_is_never_there() {
        let now = start();
        let mut bucket = Bucket::new(2, REFILL, now);
        assert_eq!(bucket.take(u64::MAX, now), Err(REFILL));
        bucket.take(2, now).unwrap();
    }
}
