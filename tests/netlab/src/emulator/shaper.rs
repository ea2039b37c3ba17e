//! Decides what becomes of each packet of one direction; no clock and no device of its own.

use super::params::LinkParams;

/// One direction of a link, as a machine that is told what arrives when.
#[derive(Debug)]
pub struct Shaper {
    params: LinkParams,
    random: Random,
    /// Whether the last packet was lost in a row of losses.
    is_losing: bool,
    /// When the sender is done with what is in its queue, in nanoseconds.
    sender_free_at: u64,
    /// What a policer would let pass at once, in bits times 10⁹, and when that was so.
    tokens: u128,
    tokens_at: u64,
    last_release: u64,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It comes out at this time, in nanoseconds.
    Release(u64),
    /// Lost on the way.
    Lost,
    /// There was no room in the queue, or no token of the policer.
    Overflowed,
    /// The link is down.
    Down,
}

/// What became of packets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Arrived at the link.
    pub taken: u64,
    /// Their bytes.
    pub taken_bytes: u64,
    /// Lost on the way.
    pub lost: u64,
    /// Dropped by the queue or the policer.
    pub overflowed: u64,
    /// Dropped because the link was down.
    pub down: u64,
}

impl Shaper {
    /// A direction that behaves like `params`; equal seeds lose the same packets.
    pub fn new(params: LinkParams, seed: u64) -> Self {
        Self {
            params,
            random: Random(seed | 1),
            is_losing: false,
            sender_free_at: 0,
            tokens: u128::MAX,
            tokens_at: 0,
            last_release: 0,
        }
    }

    /// Behaves differently from now on.
    pub fn change(&mut self, params: LinkParams) {
        self.params = params;
    }

    /// How it behaves.
    pub fn params(&self) -> LinkParams {
        self.params
    }

    /// Decides about a packet of `bytes` that arrives at `now`, in nanoseconds.
    pub fn admit(&mut self, bytes: usize, now: u64) -> Fate {
        if self.params.down {
            return Fate::Down;
        }
        if self.loses() {
            return Fate::Lost;
        }
        let Some(sent_at) = self.send(bytes as u64, now) else {
            return Fate::Overflowed;
        };
        let mut release = sent_at + self.params.delay * NANOS_PER_MICRO;
        if self.params.jitter > 0 {
            let spread = self.params.jitter * NANOS_PER_MICRO;
            release = (release + self.random.below(2 * spread)).saturating_sub(spread);
            release = release.max(now);
        }
        if !self.params.reorder {
            release = release.max(self.last_release);
            self.last_release = release;
        }
        Fate::Release(release)
    }

    /// Losses in rows: a chain of two states (Gilbert 1960) that loses everything in one of them.
    fn loses(&mut self) -> bool {
        let LinkParams { loss, burst, .. } = self.params;
        if loss <= 0.0 {
            self.is_losing = false;
            return false;
        }
        if burst <= 1.0 {
            return self.random.share() < loss;
        }
        let ends = 1.0 / burst;
        let begins = if loss >= 1.0 {
            1.0
        } else {
            loss * ends / (1.0 - loss)
        };
        let draw = self.random.share();
        self.is_losing = if self.is_losing {
            draw >= ends
        } else {
            draw < begins
        };
        self.is_losing
    }

    /// When the last bit of a packet has left; `None` if there is no room for it.
    fn send(&mut self, bytes: u64, now: u64) -> Option<u64> {
        if self.params.rate == 0 {
            return Some(now);
        }
        if let Some(burst) = self.params.policer {
            return self.police(bytes, burst, now).then_some(now);
        }
        let rate = u128::from(self.params.rate);
        let begin = self.sender_free_at.max(now);
        let waiting_bytes = u128::from(begin - now) * rate / BITS_NANOS;
        if waiting_bytes + u128::from(bytes) > u128::from(self.params.queue) {
            return None;
        }
        let takes = u128::from(bytes) * BITS_NANOS / rate;
        self.sender_free_at = begin + u64::try_from(takes).unwrap_or(u64::MAX / 2);
        Some(self.sender_free_at)
    }

    fn police(&mut self, bytes: u64, burst: u64, now: u64) -> bool {
        let full = u128::from(burst) * BITS_NANOS;
        let gained = u128::from(now - self.tokens_at.min(now)) * u128::from(self.params.rate);
        self.tokens = self.tokens.saturating_add(gained).min(full);
        self.tokens_at = now;
        let price = u128::from(bytes) * BITS_NANOS;
        let passes = price <= self.tokens;
        if passes {
            self.tokens -= price;
        }
        passes
    }
}

impl Tally {
    /// Counts one packet of `bytes`.
    pub fn count(&mut self, bytes: usize, fate: Fate) {
        self.taken += 1;
        self.taken_bytes += bytes as u64;
        match fate {
            Fate::Release(_) => {}
            Fate::Lost => self.lost += 1,
            Fate::Overflowed => self.overflowed += 1,
            Fate::Down => self.down += 1,
        }
    }
}

/// Marsaglia's xorshift: good enough to lose packets with, and the same on every machine.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From 0 to 1, without 1.
    fn share(&mut self) -> f64 {
        const STEPS: f64 = (1u64 << 53) as f64;
        (self.next() >> 11) as f64 / STEPS
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }
}

const NANOS_PER_MICRO: u64 = 1_000;
/// Bits of a byte times nanoseconds of a second.
const BITS_NANOS: u128 = 8_000_000_000;

#[cfg(test)]
mod tests;
