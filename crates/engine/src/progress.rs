use std::time::{Duration, Instant};

/// Speed and time to go of one transfer, smoothed over [`SMOOTHING`].
///
/// Every face shows the same figures, because they are made here.
#[derive(Debug)]
pub(crate) struct Progress {
    started: Instant,
    sampled: Instant,
    sampled_bytes: u64,
    bytes_per_second: f64,
    told: Option<Instant>,
}

/// What there is to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) rate_bytes_per_s: u64,
    pub(crate) eta_s: Option<u64>,
}

impl Progress {
    /// Starts at `bytes`, which are there already after a resume and count for no speed.
    pub(crate) fn start(bytes: u64, now: Instant) -> Self {
        Self {
            started: now,
            sampled: now,
            sampled_bytes: bytes,
            bytes_per_second: 0.0,
            told: None,
        }
    }

    /// Notes that `bytes` of `total_bytes` are done; returns figures when it is time to tell them.
    pub(crate) fn advance(
        &mut self,
        bytes: u64,
        total_bytes: u64,
        now: Instant,
    ) -> Option<Figures> {
        let interval = now.duration_since(self.sampled);
        if interval >= SAMPLE_INTERVAL {
            self.sample(bytes, interval, now);
        }
        if self
            .told
            .is_some_and(|told| now.duration_since(told) < TELL_INTERVAL)
        {
            return None;
        }
        self.told = Some(now);
        Some(self.figures(bytes, total_bytes, now))
    }

    fn sample(&mut self, bytes: u64, interval: Duration, now: Instant) {
        let seconds = interval.as_secs_f64();
        let rate = bytes.saturating_sub(self.sampled_bytes) as f64 / seconds;
        // Until the mean has seen its whole time, it is the plain one: no sample outweighs the others.
        let age = now.duration_since(self.started).as_secs_f64();
        let weight = (1.0 - (-seconds / SMOOTHING.as_secs_f64()).exp()).max(seconds / age);
        self.bytes_per_second += weight * (rate - self.bytes_per_second);
        self.sampled = now;
        self.sampled_bytes = bytes;
    }

    fn figures(&self, bytes: u64, total_bytes: u64, now: Instant) -> Figures {
        let steady =
            now.duration_since(self.started) >= STEADY_AFTER && self.bytes_per_second >= 1.0;
        let left = total_bytes.saturating_sub(bytes) as f64;
        Figures {
            rate_bytes_per_s: whole(self.bytes_per_second),
            eta_s: (steady && total_bytes > 0)
                .then(|| whole((left / self.bytes_per_second).ceil())),
        }
    }
}

/// Says when the bytes that are done are worth counting: that costs a look at every entry that is open.
#[derive(Debug)]
pub(crate) struct Glance {
    told: u64,
    next: Instant,
    /// Whether something may have changed since the last look.
    is_due: bool,
}

impl Glance {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            told: 0,
            next: now,
            is_due: false,
        }
    }

    /// Counts by `count` if it is time to; returns what is done if that is news.
    pub(crate) fn look(&mut self, now: Instant, count: impl FnOnce() -> u64) -> Option<u64> {
        self.is_due = now < self.next;
        if self.is_due {
            return None;
        }
        let done = count();
        self.next = now
            + match done {
                0 => FIRST_GLANCE_INTERVAL,
                _ => GLANCE_INTERVAL,
            };
        let told = std::mem::replace(&mut self.told, done);
        (told != done).then_some(done)
    }

    /// When to look again, if nothing else happens before.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.is_due.then_some(self.next)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is not negative, and `as` saturates"
)]
fn whole(value: f64) -> u64 {
    value as u64
}

/// The time constant of the mean.
const SMOOTHING: Duration = Duration::from_secs(5);
/// How often speed is sampled.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(100);
/// How often figures are told: faces need no more than ten a second.
const TELL_INTERVAL: Duration = Duration::from_millis(100);
/// Before this no time to go is told: it would jump.
const STEADY_AFTER: Duration = Duration::from_secs(3);

/// Twice as often as faces are told.
const GLANCE_INTERVAL: Duration = Duration::from_millis(50);
/// As long as nothing is done: whoever accepted sees at once that it begins.
const FIRST_GLANCE_INTERVAL: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_flow_gives_its_rate_and_the_time_to_go() {
        let start = Instant::now();
        let mut progress = Progress::start(0, start);
        let mut last = None;
        for tick in 1..=50u64 {
            let now = start + Duration::from_millis(100 * tick);
            last = progress.advance(1_000 * tick, 100_000, now).or(last);
        }
        let figures = last.unwrap();
        assert!(
            (9_900..=10_100).contains(&figures.rate_bytes_per_s),
            "{figures:?}"
        );
        assert_eq!(figures.eta_s, Some(5));
    }

    #[test]
    fn tells_at_most_ten_times_a_second_and_no_eta_at_first() {
        let start = Instant::now();
        let mut progress = Progress::start(0, start);
        let told: Vec<Figures> = (0..1_000u64)
            .filter_map(|ms| progress.advance(ms, 10_000, start + Duration::from_millis(ms)))
            .collect();
        assert!(told.len() <= 10, "{}", told.len());
        assert!(told.iter().all(|figures| figures.eta_s.is_none()));
    }

    #[test]
    fn bytes_of_an_earlier_run_count_for_no_speed() {
        let start = Instant::now();
        let mut progress = Progress::start(5_000_000, start);
        let later = start + Duration::from_secs(1);
        let figures = progress.advance(5_001_000, 6_000_000, later).unwrap();
        assert_eq!(figures.rate_bytes_per_s, 1_000);
    }

    #[test]
    fn the_first_bytes_are_seen_at_once() {
        let start = Instant::now();
        let mut glance = Glance::new(start);
        assert_eq!(glance.look(start, || 0), None);
        let soon = start + FIRST_GLANCE_INTERVAL;
        assert_eq!(glance.look(soon, || 5), Some(5));
        let later = soon + FIRST_GLANCE_INTERVAL;
        assert_eq!(glance.look(later, || unreachable!("too often")), None);
    }

    #[test]
    fn bytes_are_counted_seldom_and_the_last_change_is_not_missed() {
        let start = Instant::now();
        let mut glance = Glance::new(start);
        assert_eq!(glance.look(start, || 5), Some(5));
        assert_eq!(glance.deadline(), None, "nothing happened since");
        for _ in 0..1_000 {
            assert_eq!(glance.look(start, || unreachable!("too often")), None);
        }
        let next = glance.deadline().expect("something may have changed");
        assert_eq!(glance.look(next, || 7), Some(7));
        assert_eq!(glance.deadline(), None);
    }
}
