//! How many of the connections through a relay carry bulk data at once.
//!
//! Some relays hold little for each connection, so that several are needed to fill a link; through others two
//! are as fast as the link, and further ones only lose against their neighbours in the same queue. Nobody tells
//! which it is, so the side that sends finds out: it begins with a few, and lets all carry if that is faster
//! (docs/decisions/0015). All of them stand anyway, so a try costs nothing.

use std::time::{Duration, Instant};

/// Whether few or all of them carry, what is being tried, and when to look at what came of it.
#[derive(Debug)]
pub(super) struct Spread {
    carry_all: bool,
    step: Step,
    due: Instant,
    /// Bytes per second with the few, as far as they were measured.
    rate: u64,
    /// Before the next try if this one fails; it takes as much more time as it is later.
    pause: Duration,
}

/// What happens until the next look; each begins with how much had arrived.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Whether there is anything to send.
    Watch(u64),
    /// How fast the few are, until they become no faster.
    Measure(Instant, u64),
    /// Those that carry besides the few pick up speed.
    Settle,
    /// How fast all are.
    Try(Instant, u64),
}

impl Spread {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            carry_all: false,
            step: Step::Watch(0),
            due: now,
            rate: 0,
            pause: SHORTEST_PAUSE,
        }
    }

    /// How many may carry.
    pub(super) fn carriers(&self) -> usize {
        match self.carry_all {
            true => usize::MAX,
            false => FEW,
        }
    }

    /// When to look again.
    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// Looks at what arrived in all through relays, on connections of which `open` could carry.
    pub(super) fn look(&mut self, now: Instant, arrived: u64, open: usize) {
        let may_try = !self.carry_all && open > FEW;
        let (step, pause) = match self.step {
            Step::Watch(before) if may_try && arrived.saturating_sub(before) >= BUSY_BYTES => {
                self.rate = 0;
                (Step::Measure(now, arrived), self.measure_time())
            }
            Step::Measure(since, before) if may_try && arrived > before => {
                let rate = rate(now - since, arrived.saturating_sub(before));
                let is_steady = rate <= more_than(self.rate);
                self.rate = rate;
                if is_steady {
                    self.carry_all = true;
                    (Step::Settle, self.settle_time())
                } else {
                    (Step::Measure(now, arrived), self.measure_time())
                }
            }
            Step::Settle => (Step::Try(now, arrived), self.measure_time()),
            Step::Try(since, before) => {
                let rate = rate(now - since, arrived.saturating_sub(before));
                self.carry_all = rate >= more_than(self.rate);
                tracing::debug!(few = self.rate, all = rate, "through a relay");
                (Step::Watch(arrived), self.rest())
            }
            Step::Watch(_) | Step::Measure(..) => (Step::Watch(arrived), WATCH_TIME),
        };
        self.step = step;
        self.due = now + pause;
    }

    /// How long nothing is tried after a try.
    fn rest(&mut self) -> Duration {
        if self.carry_all {
            return WATCH_TIME;
        }
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST_PAUSE);
        pause
    }

    fn settle_time(&self) -> Duration {
        (self.pause / 16).min(LONGEST_SETTLING)
    }

    fn measure_time(&self) -> Duration {
        self.settle_time() * 5 / 4
    }
}

/// Bytes per second.
fn rate(took: Duration, bytes: u64) -> u64 {
    let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    bytes.saturating_mul(1_000) / took.max(1)
}

/// What counts as faster.
fn more_than(rate: u64) -> u64 {
    rate.saturating_add(rate / 10)
}

/// One that meets a loss leaves the other going.
const FEW: usize = 2;
/// How often it is looked whether there is anything to send,
const WATCH_TIME: Duration = Duration::from_millis(250);
/// which so much within that time is.
const BUSY_BYTES: u64 = 128 * 1024;
/// Before a try that brought nothing is repeated. It lets connections pick up speed for a sixteenth of that and then
/// measures: some round trips of ordinary ways, and after a failure those of longer ones,
const SHORTEST_PAUSE: Duration = Duration::from_secs(4);
/// and after many tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);
/// Round trips do not become longer than that.
const LONGEST_SETTLING: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: usize = 4;
    const LINK: u64 = 12_500_000;

    /// A transfer on connections of which each carries so many bytes per second, as soon as it has picked up speed.
    struct Sending {
        spread: Spread,
        arrived: u64,
        each: u64,
        doubling: Duration,
        time: Duration,
    }

    impl Sending {
        fn of(each: u64) -> Self {
            Self {
                spread: Spread::new(Instant::now()),
                arrived: 0,
                each,
                doubling: Duration::from_millis(1),
                time: Duration::ZERO,
            }
        }

        /// Goes on for so long, and returns how often all carried that did not before.
        fn go_on(&mut self, time: Duration) -> usize {
            let (end, mut tries) = (self.time + time, 0);
            while self.time < end {
                let had_all = self.spread.carry_all;
                let now = self.spread.due();
                self.spread.look(now, self.arrived, OPEN);
                tries += usize::from(self.spread.carry_all && !had_all);
                self.carry(self.spread.due() - now);
            }
            tries
        }

        fn carry(&mut self, time: Duration) {
            for _ in 0..time.as_millis() {
                self.time += Duration::from_millis(1);
                let grown = self.grown();
                let carriers = self.spread.carriers().min(OPEN) as u64;
                self.arrived += (self.each * carriers).min(LINK).min(grown) / 1_000;
            }
        }
    }

    impl Sending {
        /// What the windows allow: twice as much after each doubling, evenly in between.
        fn grown(&self) -> u64 {
            let (time, doubling) = (self.time.as_millis(), self.doubling.as_millis());
            let doublings = u32::try_from(time / doubling).unwrap().min(20);
            let part = u64::try_from((time % doubling) * 1_000 / doubling).unwrap();
            (24 * (1_000 + part)) << doublings
        }
    }

    #[test]
    fn all_carry_where_that_is_faster() {
        let mut sending = Sending::of(2_600_000);
        assert_eq!(sending.spread.carriers(), FEW);
        assert_eq!(sending.go_on(Duration::from_secs(2)), 1);
        sending.go_on(Duration::from_secs(60));
        assert!(sending.spread.carriers() >= OPEN);
    }

    #[test]
    fn few_carry_where_they_fill_the_link_and_all_are_tried_less_and_less() {
        let mut sending = Sending::of(LINK);
        let tries = sending.go_on(Duration::from_secs(600));
        assert_eq!(sending.spread.carriers(), FEW);
        // After 4, 8, 16 … seconds.
        assert!((5..=10).contains(&tries), "{tries}");
    }

    #[test]
    fn a_slow_start_is_not_taken_for_a_gain() {
        let mut sending = Sending::of(LINK);
        sending.doubling = Duration::from_millis(600);
        sending.go_on(Duration::from_secs(120));
        assert_eq!(sending.spread.carriers(), FEW);
    }

    #[test]
    fn what_has_become_slow_is_carried_by_all() {
        let mut sending = Sending::of(LINK);
        // Between the second try and the third.
        sending.go_on(Duration::from_secs(12));
        assert_eq!(sending.spread.carriers(), FEW);
        sending.each = 2_000_000;
        sending.go_on(Duration::from_secs(60));
        assert!(sending.spread.carriers() >= OPEN);
    }

    #[test]
    fn nothing_is_tried_while_there_is_nothing_to_send_or_nothing_to_try() {
        let mut idle = Sending::of(1_000);
        assert_eq!(idle.go_on(Duration::from_secs(60)), 0);
        let mut spread = Spread::new(Instant::now());
        for arrived in 0..100 {
            spread.look(spread.due(), arrived * 10_000_000, FEW);
            assert_eq!(spread.carriers(), FEW);
        }
    }
}
