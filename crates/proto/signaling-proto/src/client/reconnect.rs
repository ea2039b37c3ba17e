use std::time::{Duration, Instant};

use model::Entropy;

/// When to connect again: full jitter under a growing ceiling, so that many devices never come at once.
#[derive(Debug)]
pub(super) struct Reconnect {
    ceiling: Duration,
    /// The next try comes out of turn.
    is_hurried: bool,
}

impl Reconnect {
    pub(super) fn new() -> Self {
        Self {
            ceiling: FIRST,
            is_hurried: false,
        }
    }

    /// A connection succeeded: the next loss is a new one.
    pub(super) fn reset(&mut self) {
        *self = Self::new();
    }

    /// The next try comes out of turn: that it fails says nothing of the server, and later ones do not come rarer for it.
    pub(super) fn hurry(&mut self) {
        self.is_hurried = true;
    }

    /// The server is about to stop, and all of its devices will look for another one.
    pub(super) fn spread(&mut self) {
        self.ceiling = AFTER_GO_AWAY;
    }

    /// The server does not want this device now.
    pub(super) fn discourage(&mut self) {
        self.ceiling = LONGEST;
    }

    /// Draws the time of the next try, and raises the ceiling for the one after it.
    pub(super) fn next(&mut self, entropy: &mut dyn Entropy, now: Instant) -> Instant {
        let wait = draw_below(self.ceiling, entropy);
        if !std::mem::take(&mut self.is_hurried) {
            self.ceiling = (self.ceiling * 8 / 5).min(LONGEST);
        }
        now + wait
    }
}

/// A time drawn evenly from zero to `ceiling`.
pub(super) fn draw_below(ceiling: Duration, entropy: &mut dyn Entropy) -> Duration {
    let mut bytes = [0; 4];
    entropy.fill(&mut bytes);
    let share = u128::from(u32::from_be_bytes(bytes));
    let micros = (ceiling.as_micros() * share) >> 32;
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

const FIRST: Duration = Duration::from_secs(5);
const AFTER_GO_AWAY: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(60);
