//! One direction of a path: rate, queue, delay, and everything that goes wrong on it.

use std::time::Duration;

/// What a direction is like.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    /// Bits per second; `None` is as fast as one likes.
    pub(crate) rate: Option<f64>,
    pub(crate) delay: Duration,
    /// What the queue holds, in bytes; beyond that packets are dropped.
    pub(crate) queue: f64,
    /// Random loss, as a share.
    pub(crate) loss: f64,
    /// How many packets in a row a loss takes.
    pub(crate) burst: u32,
    /// Added delay, evenly spread from nothing to this; packets overtake each other by it.
    pub(crate) jitter: Duration,
    /// Packets are held until the next multiple of this (clumped acknowledgments).
    pub(crate) clump: Duration,
    /// Largest packet with its framing.
    pub(crate) mtu: usize,
    /// From when until when nothing passes.
    pub(crate) outage: Option<(Duration, Duration)>,
    /// When the rate or the largest packet changes, and to what.
    pub(crate) change: Option<(Duration, Change)>,
    /// A policer: what exceeds the rate by more than this many bytes is dropped, nothing is queued.
    pub(crate) policer: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    /// The rate becomes so many bits per second.
    Rate(f64),
    /// The largest packet becomes so large.
    Mtu(usize),
}

impl Link {
    /// A direction without faults.
    pub(crate) fn new(rate: f64, delay: Duration, queue: f64) -> Self {
        Self {
            rate: Some(rate),
            delay,
            queue,
            loss: 0.0,
            burst: 1,
            jitter: Duration::ZERO,
            clump: Duration::ZERO,
            mtu: 1_500,
            outage: None,
            change: None,
            policer: None,
        }
    }

    /// The way back: as long, and never full.
    pub(crate) fn back(&self) -> Self {
        Self {
            rate: None,
            change: None,
            policer: None,
            jitter: Duration::ZERO,
            burst: 1,
            ..self.clone()
        }
    }
}

/// A direction at work.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) link: Link,
    free_at: Duration,
    tokens: f64,
    filled_at: Duration,
    losing: u32,
    random: Random,
    /// Time that packets waited, and how many there were.
    pub(crate) waited: Vec<Duration>,
    pub(crate) dropped: u64,
}

impl Wire {
    pub(crate) fn new(link: Link, seed: u64) -> Self {
        Self {
            link,
            free_at: Duration::ZERO,
            tokens: 0.0,
            filled_at: Duration::ZERO,
            losing: 0,
            random: Random::new(seed),
            waited: Vec::new(),
            dropped: 0,
        }
    }

    /// When a packet of `bytes` that enters `now` arrives, if it does.
    pub(crate) fn carry(&mut self, bytes: usize, now: Duration) -> Option<Duration> {
        self.apply_change(now);
        let is_down = self
            .link
            .outage
            .is_some_and(|(from, to)| now >= from && now < to);
        if is_down || bytes > self.link.mtu || self.is_lost() || !self.conforms(bytes, now) {
            return None;
        }
        let left_at = self.serialize(bytes, now)?;
        let jitter = self.link.jitter.mul_f64(self.random.unit());
        let arrival = left_at + self.link.delay + jitter;
        Some(clumped(arrival, self.link.clump))
    }

    fn apply_change(&mut self, now: Duration) {
        if let Some((at, change)) = self.link.change
            && now >= at
        {
            match change {
                Change::Rate(rate) => {
                    let old = self.link.rate.replace(rate).unwrap_or(rate);
                    let backlog = self.free_at.saturating_sub(now);
                    self.free_at = now + backlog.mul_f64(old / rate);
                }
                Change::Mtu(mtu) => self.link.mtu = mtu,
            }
            self.link.change = None;
        }
    }

    fn is_lost(&mut self) -> bool {
        if self.losing > 0 {
            self.losing -= 1;
            return true;
        }
        let is_lost = self.random.unit() < self.link.loss;
        if is_lost {
            self.losing = self.link.burst - 1;
        }
        is_lost
    }

    fn conforms(&mut self, bytes: usize, now: Duration) -> bool {
        let (Some(depth), Some(rate)) = (self.link.policer, self.link.rate) else {
            return true;
        };
        let passed = now.saturating_sub(self.filled_at).as_secs_f64();
        self.filled_at = now;
        self.tokens = (self.tokens + passed * rate / 8.0).min(depth as f64);
        if self.tokens < bytes as f64 {
            self.dropped += 1;
            return false;
        }
        self.tokens -= bytes as f64;
        true
    }

    fn serialize(&mut self, bytes: usize, now: Duration) -> Option<Duration> {
        let Some(rate) = self.link.rate.filter(|_| self.link.policer.is_none()) else {
            return Some(now);
        };
        let wait = self.free_at.saturating_sub(now);
        let backlog = wait.as_secs_f64() * rate / 8.0;
        if backlog + bytes as f64 > self.link.queue {
            self.dropped += 1;
            return None;
        }
        self.waited.push(wait);
        self.free_at = now + wait + Duration::from_secs_f64(bytes as f64 * 8.0 / rate);
        Some(self.free_at)
    }
}

fn clumped(at: Duration, clump: Duration) -> Duration {
    if clump.is_zero() {
        return at;
    }
    let count = at.as_nanos().div_ceil(clump.as_nanos());
    clump * u32::try_from(count).expect("a short run")
}

/// Chance that repeats (SplitMix64).
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// From 0 to below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl model::Entropy for Random {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_be_bytes()[..chunk.len()]);
        }
    }
}
