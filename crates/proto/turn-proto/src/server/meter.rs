//! How much an allocation has relayed, and how fast.

use std::time::Instant;

use super::AllocationLimits;

/// Counts one allocation's bytes, both ways.
#[derive(Debug)]
pub(super) struct Meter {
    left_bytes: Option<u64>,
    rate: Option<Rate>,
}

#[derive(Debug)]
struct Rate {
    bytes_per_s: u64,
    tokens: u64,
    filled_at: Instant,
}

impl Meter {
    pub(super) fn new(limits: &AllocationLimits, now: Instant) -> Self {
        let is_limited = |limit: &u64| *limit > 0;
        Self {
            left_bytes: Some(limits.bytes).filter(is_limited),
            rate: Some(limits.bytes_per_s)
                .filter(is_limited)
                .map(|bytes_per_s| Rate {
                    bytes_per_s,
                    tokens: bytes_per_s,
                    filled_at: now,
                }),
        }
    }

    /// Whether so many bytes more may pass.
    pub(super) fn admits(&mut self, bytes: usize, now: Instant) -> bool {
        let bytes = bytes as u64;
        if self.left_bytes.is_some_and(|left| left < bytes) {
            self.left_bytes = Some(0); // What is too much ends it, or small ones would go on for ever.
            return false;
        }
        if self
            .rate
            .as_mut()
            .is_some_and(|rate| !rate.admits(bytes, now))
        {
            return false;
        }
        if let Some(left) = &mut self.left_bytes {
            *left -= bytes;
        }
        true
    }

    /// Whether nothing will ever pass again.
    pub(super) fn is_spent(&self) -> bool {
        self.left_bytes == Some(0)
    }
}

impl Rate {
    /// A second's worth may go at once.
    fn admits(&mut self, bytes: u64, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.filled_at);
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let earned = micros.saturating_mul(self.bytes_per_s) / 1_000_000;
        if earned > 0 {
            self.tokens = self.tokens.saturating_add(earned).min(self.bytes_per_s);
            self.filled_at = now;
        }
        let is_enough = self.tokens >= bytes;
        if is_enough {
            self.tokens -= bytes;
        }
        is_enough
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "any moment will do, and only the clock has one"
    )]
    fn meter(bytes: u64, bytes_per_s: u64) -> (Meter, Instant) {
        let now = Instant::now();
        let limits = AllocationLimits {
            bytes,
            bytes_per_s,
            ..AllocationLimits::default()
        };
        (Meter::new(&limits, now), now)
    }

    #[test]
    fn no_limit_is_no_limit() {
        let (mut meter, now) = meter(0, 0);
        assert!((0..1_000_000).all(|_| meter.admits(60_000, now)));
        assert!(!meter.is_spent());
    }

    #[test]
    fn a_cap_on_bytes_holds_to_the_byte_and_for_ever() {
        let (mut meter, now) = meter(3_000, 0);
        assert!(meter.admits(1_500, now) && meter.admits(1_500, now));
        assert!(meter.is_spent());
        assert!(!meter.admits(1, now + Duration::from_secs(3_600)));
    }

    #[test]
    fn a_cap_on_speed_lets_a_second_go_at_once_and_then_holds() {
        let (mut meter, start) = meter(0, 100_000);
        let mut passed = 0u64;
        for tenth in 0..101u32 {
            let now = start + Duration::from_millis(100) * tenth;
            while meter.admits(1_000, now) {
                passed += 1_000;
            }
        }
        assert_eq!(passed, 1_100_000, "one second at once and ten more");
    }
}
