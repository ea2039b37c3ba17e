//! How many of the connections through a relay carry bulk data at once.
//!
//! Some relays hold little for each connection, so that several are needed to fill a link; through others one
//! is as fast as the link, and each further one only loses against its neighbours in the same queue. Nobody tells
//! which it is, so the side that sends finds out: it begins with a few, and lets another one carry as long as
//! each makes it faster (docs/decisions/0015). All of them stand anyway, so a try costs nothing.

use std::time::{Duration, Instant};

/// What is being tried, and when to look at what came of it.
#[derive(Debug)]
pub(super) struct Spread {
    carriers: usize,
    step: Step,
    due: Instant,
    /// Bytes per second without the last carrier, while that is on trial.
    without: Option<u64>,
    /// Before the next try after one that failed.
    pause: Duration,
}

#[derive(Debug)]
enum Step {
    /// Nothing is known of the present number of carriers: there may be nothing to send.
    Watch {
        sent_bytes: u64,
    },
    /// What is under way does not show what the carriers can do yet.
    Settle,
    Measure {
        since: Instant,
        sent_bytes: u64,
    },
}

impl Spread {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            carriers: FIRST_CARRIERS,
            step: Step::Watch { sent_bytes: 0 },
            due: now,
            without: None,
            pause: SHORTEST_PAUSE,
        }
    }

    /// How many may carry.
    pub(super) fn carriers(&self) -> usize {
        self.carriers
    }

    /// When to look again.
    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// Looks at what connections through relays have taken in all, of which `open` could carry.
    pub(super) fn look(&mut self, now: Instant, sent_bytes: u64, open: usize) {
        match self.step {
            Step::Watch { sent_bytes: before } => {
                let is_busy = sent_bytes.saturating_sub(before) >= BUSY_BYTES;
                self.step = match is_busy && self.carriers < open {
                    true => Step::Settle,
                    false => Step::Watch { sent_bytes },
                };
                self.due = now + if is_busy { SETTLE_TIME } else { WATCH_TIME };
            }
            Step::Settle => {
                self.step = Step::Measure {
                    since: now,
                    sent_bytes,
                };
                self.due = now + MEASURE_TIME;
            }
            Step::Measure {
                since,
                sent_bytes: before,
            } => {
                let took = u64::try_from((now - since).as_millis()).unwrap_or(u64::MAX);
                let sent = sent_bytes.saturating_sub(before);
                self.judge(now, sent * 1000 / took.max(1), open);
                if let Step::Watch { sent_bytes: seen } = &mut self.step {
                    *seen = sent_bytes;
                }
            }
        }
    }

    fn judge(&mut self, now: Instant, rate: u64, open: usize) {
        let without = self.without.take();
        let has_gained =
            without.is_none_or(|rate_before| rate >= rate_before / 100 * WORTH_PERCENT);
        if has_gained && self.carriers < open {
            self.without = Some(rate);
            self.carriers += 1;
            self.step = Step::Settle;
            self.due = now + SETTLE_TIME;
            return;
        }
        if !has_gained {
            self.carriers -= 1;
            self.due = now + self.pause;
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        } else {
            self.due = now + WATCH_TIME;
        }
        tracing::debug!(carriers = self.carriers, rate, "through a relay");
        self.step = Step::Watch { sent_bytes: 0 };
    }
}

/// Carriers to begin with: one that meets a loss leaves the other going.
const FIRST_CARRIERS: usize = 2;
/// What a further carrier has to bring.
const WORTH_PERCENT: u64 = 110;
/// How often it is looked whether there is anything to send,
const WATCH_TIME: Duration = Duration::from_millis(250);
/// which so much within that time is.
const BUSY_BYTES: u64 = 128 * 1024;
/// A carrier's queues fill, and its windows grow.
const SETTLE_TIME: Duration = Duration::from_millis(400);
/// Long enough for several round trips of most ways.
const MEASURE_TIME: Duration = Duration::from_millis(600);
/// Before a carrier that brought nothing is tried again,
const SHORTEST_PAUSE: Duration = Duration::from_secs(8);
/// and after many times.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: usize = 4;

    /// Sends for `time` where each connection and the link carry so many bytes per second, and returns how often
    /// the number of carriers changed.
    fn send(spread: &mut Spread, sent: &mut u64, time: Duration, each: u64, link: u64) -> usize {
        let (mut now, mut changes) = (spread.due(), 0);
        let end = now + time;
        while now < end {
            let before = spread.carriers();
            spread.look(now, *sent, OPEN);
            changes += usize::from(spread.carriers() != before);
            let took = (spread.due() - now).as_millis();
            let rate = (each * spread.carriers() as u64).min(link);
            *sent += rate * u64::try_from(took).unwrap() / 1000;
            now = spread.due();
        }
        changes
    }

    #[test]
    fn all_carry_where_each_makes_it_faster() {
        let (mut spread, mut sent) = (Spread::new(Instant::now()), 0);
        assert_eq!(spread.carriers(), FIRST_CARRIERS);
        send(
            &mut spread,
            &mut sent,
            Duration::from_secs(4),
            3_000_000,
            12_500_000,
        );
        assert_eq!(spread.carriers(), OPEN);
    }

    #[test]
    fn further_ones_rest_where_the_link_is_full_and_are_tried_less_and_less() {
        let (mut spread, mut sent) = (Spread::new(Instant::now()), 0);
        let time = Duration::from_secs(600);
        let changes = send(&mut spread, &mut sent, time, 12_500_000, 12_500_000);
        assert_eq!(spread.carriers(), FIRST_CARRIERS);
        // There and back, after 8, 16, 32 … seconds.
        assert!((8..=16).contains(&changes), "{changes}");
    }

    #[test]
    fn what_has_become_slow_gets_further_carriers() {
        let (mut spread, mut sent) = (Spread::new(Instant::now()), 0);
        let time = Duration::from_secs(20);
        send(&mut spread, &mut sent, time, 12_500_000, 12_500_000);
        assert_eq!(spread.carriers(), FIRST_CARRIERS);
        send(&mut spread, &mut sent, 2 * time, 2_000_000, 12_500_000);
        assert_eq!(spread.carriers(), OPEN);
    }

    #[test]
    fn nothing_is_tried_while_there_is_nothing_to_send_or_nothing_to_try() {
        let (mut spread, mut sent) = (Spread::new(Instant::now()), 0);
        let changes = send(
            &mut spread,
            &mut sent,
            Duration::from_secs(60),
            1_000,
            1_000,
        );
        assert_eq!(changes, 0);
        for _ in 0..100 {
            sent += 10_000_000;
            spread.look(spread.due(), sent, FIRST_CARRIERS);
            assert_eq!(spread.carriers(), FIRST_CARRIERS);
        }
    }
}
