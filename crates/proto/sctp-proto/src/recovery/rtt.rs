//! The round-trip time and what follows from it (RFC 9260 §6.3.1, RFC 6298).

use std::time::Duration;

use crate::limits;

/// Estimates of the round-trip time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rtt {
    smoothed: Option<Duration>,
    variation: Duration,
    least: Option<Duration>,
}

impl Rtt {
    /// Takes a measurement.
    pub(crate) fn measure(&mut self, sample: Duration) {
        self.least = Some(self.least.map_or(sample, |least| least.min(sample)));
        match self.smoothed {
            None => {
                self.smoothed = Some(sample);
                self.variation = sample / 2;
            }
            Some(smoothed) => {
                self.variation = (3 * self.variation + smoothed.abs_diff(sample)) / 4;
                self.smoothed = Some((7 * smoothed + sample) / 8);
            }
        }
    }

    /// The smoothed round-trip time.
    pub(crate) fn smoothed(&self) -> Option<Duration> {
        self.smoothed
    }

    /// The shortest ever measured on this path.
    pub(crate) fn least(&self) -> Option<Duration> {
        self.least
    }

    /// The retransmission timeout after `backoff` of them in a row.
    pub(crate) fn timeout(&self, backoff: u32) -> Duration {
        let Some(smoothed) = self.smoothed else {
            return limits::RTO_START;
        };
        let base = (smoothed + 4 * self.variation).max(limits::RTO_MIN);
        let longest = limits::RTO_MAX.max(2 * smoothed);
        (base * (1 << backoff.min(MOST_DOUBLINGS))).min(longest.max(base))
    }

    /// Forgets everything: the path is another one.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

const MOST_DOUBLINGS: u32 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_has_a_floor_and_its_backoff_ends() {
        let mut rtt = Rtt::default();
        assert_eq!(rtt.timeout(0), limits::RTO_START);
        for _ in 0..50 {
            rtt.measure(Duration::from_millis(10));
        }
        assert_eq!(rtt.timeout(0), limits::RTO_MIN);
        assert_eq!(rtt.timeout(1), 2 * limits::RTO_MIN);
        assert_eq!(rtt.timeout(9), limits::RTO_MAX);
    }

    #[test]
    fn a_path_longer_than_the_longest_timeout_gets_its_time() {
        let mut rtt = Rtt::default();
        rtt.measure(Duration::from_secs(2));
        assert!(rtt.timeout(0) >= Duration::from_secs(2));
    }
}
