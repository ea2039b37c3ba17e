//! The cycle: find the rate, then cruise and probe in turns.

use std::time::{Duration, Instant};

use super::Model;
use crate::congestion::{Acked, real, whole};

/// Where in the cycle the flow is.
#[derive(Debug)]
pub(super) struct Cycle {
    pub(super) phase: Phase,
    /// Whether the rate has been found at least once.
    pub(super) is_full: bool,
    /// Whether losses now would be the probe's fault.
    pub(super) is_probing: bool,
    /// Whether somebody else seems to be on the path: then probe less often.
    pub(super) is_crowded: bool,
    began: Instant,
    wait: Duration,
    plateau: Plateau,
    climb: Climb,
    pub(super) probe: Probe,
    /// Rounds in a row with far less than the estimate and a queue.
    stale_rounds: u32,
    /// No look at whose queue it is before this.
    next_look: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Doubles every round until the rate does not follow.
    Startup,
    /// Lets the queue of that go.
    Drain,
    /// Lets the queue of a probe go.
    Down,
    Cruise,
    /// Fills the path again before a probe.
    Refill,
    /// Probes for more.
    Up,
    /// Takes back what is under way to see the path without our queue.
    ProbeRtt,
}

/// Finds where the rate does not follow any more.
#[derive(Debug, Default)]
struct Plateau {
    rate: f64,
    rounds: u32,
}

/// How far a probe has gone.
#[derive(Debug, Default)]
struct Climb {
    rounds: u32,
    /// Rounds in which the rate followed.
    followed: u32,
    acked: u64,
}

/// A look at the path without our queue.
#[derive(Debug, Default)]
pub(super) struct Probe {
    /// What was seen to get through before.
    pub(super) rate: f64,
    /// When it may end, once what is under way has been taken back.
    until: Option<Instant>,
    has_round: bool,
    least: Option<Duration>,
    /// The round trip before.
    before: Option<Duration>,
    /// It was begun to see whose queue it is.
    pub(super) is_look: bool,
}

impl Cycle {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            phase: Phase::Startup,
            is_full: false,
            is_probing: false,
            is_crowded: false,
            began: now,
            wait: Duration::ZERO,
            plateau: Plateau::default(),
            climb: Climb::default(),
            probe: Probe::default(),
            stale_rounds: 0,
            next_look: None,
        }
    }

    /// In how many rounds of this probe the rate has followed.
    pub(super) fn rounds_followed(&self) -> u32 {
        self.climb.followed
    }
}

impl Model {
    /// Whether the rate has stopped growing at the beginning.
    pub(super) fn judge_pipe(&mut self, acked: &Acked) {
        let is_app_limited = acked.rate.is_some_and(|it| it.is_app_limited);
        if !self.rounds.is_start || self.cycle.is_full || is_app_limited {
            return;
        }
        let most = self.rate.most();
        self.cycle.is_full = self.cycle.plateau.is_reached(most, STARTUP_GROWTH);
    }

    /// Far less arrives than the estimate says, and a queue stands: is it ours?
    pub(super) fn judge_staleness(&mut self, acked: &Acked, now: Instant) {
        if !self.bounds.losses.is_round_over {
            return;
        }
        let is_steady = matches!(self.cycle.phase, Phase::Cruise | Phase::Down | Phase::Drain);
        let is_app_limited = acked.rate.is_some_and(|it| it.is_app_limited);
        let is_slow = self.rate.latest > 0.0 && self.rate.latest < STALE_SHARE * self.rate.most();
        if !(is_steady && self.rtt.is_queued() && is_slow) || is_app_limited {
            self.cycle.stale_rounds = 0;
            return;
        }
        self.cycle.stale_rounds += 1;
        let may_look = self.cycle.next_look.is_none_or(|at| at <= now);
        if self.cycle.stale_rounds >= STALE_ROUNDS && may_look {
            self.cycle.stale_rounds = 0;
            self.cycle.next_look = Some(now + LOOK_PAUSE);
            self.begin_probe_rtt(true);
        }
    }

    /// Goes on in the cycle.
    pub(super) fn step(&mut self, acked: &Acked, now: Instant) {
        match self.cycle.phase {
            Phase::Startup if self.cycle.is_full => self.cycle.phase = Phase::Drain,
            Phase::Startup => {}
            Phase::Drain if acked.in_flight <= self.product(1.0) => self.begin_down(now),
            Phase::Drain => {}
            Phase::Down | Phase::Cruise => self.step_steady(acked, now),
            Phase::Refill if self.rounds.is_start => self.begin_up(now),
            Phase::Refill => {}
            Phase::Up => self.step_up(acked, now),
            Phase::ProbeRtt => self.step_probe_rtt(acked, now),
        }
        if self.cycle.phase != Phase::ProbeRtt && self.rtt.is_expired && !self.is_timed_out {
            self.begin_probe_rtt(false);
        }
    }

    pub(super) fn begin_down(&mut self, now: Instant) {
        if !matches!(self.cycle.phase, Phase::Drain | Phase::ProbeRtt) {
            self.rate.shift();
        }
        let spread = Duration::from_micros(self.draw() % WAIT_SPREAD_MICROS);
        self.rounds.since_probe = 0;
        self.cycle.phase = Phase::Down;
        self.cycle.began = now;
        self.cycle.wait = if self.cycle.is_crowded {
            WAIT_CROWDED + 2 * spread
        } else {
            WAIT_ALONE + spread
        };
        self.cycle.is_crowded = false;
        self.cycle.climb = Climb::default();
        self.cycle.is_probing = false;
    }

    fn step_steady(&mut self, acked: &Acked, now: Instant) {
        // The first rounds after a probe still see its queue.
        self.cycle.is_crowded |= self.rounds.since_probe > OWN_ROUNDS && self.rtt.is_queued();
        let passed = now.saturating_duration_since(self.cycle.began);
        let packets = self.product(1.0) / self.packet_bytes;
        let has_rounds = self.rounds.since_probe >= packets.min(MOST_WAIT_ROUNDS);
        if passed > self.cycle.wait || has_rounds && passed > WAIT_LEAST {
            self.bounds.relax();
            self.cycle.phase = Phase::Refill;
            self.cycle.climb = Climb::default();
            self.cycle.is_probing = true;
            self.rounds.restart(acked);
        } else if self.cycle.phase == Phase::Down {
            let room = self.bounds.volume(true).max(self.least_window());
            let is_drained = acked.in_flight <= room.min(self.product(1.0));
            // A queue that stays is not ours alone.
            if is_drained || self.rounds.since_probe > OWN_ROUNDS {
                self.cycle.phase = Phase::Cruise;
            }
        }
    }

    fn begin_up(&mut self, now: Instant) {
        self.cycle.phase = Phase::Up;
        self.cycle.began = now;
        self.cycle.is_probing = true;
        self.cycle.climb = Climb::default();
        self.cycle.plateau = Plateau {
            rate: self.rate.most(),
            rounds: 0,
        };
    }

    fn step_up(&mut self, acked: &Acked, now: Instant) {
        self.raise_ceiling(acked);
        let has_filled = acked.in_flight >= self.product(UP_FILLED);
        let least = self.rtt.least().unwrap_or_default();
        if self.rtt.is_round_long() && now > self.cycle.began + least && has_filled {
            if self.cycle.is_probing {
                // The queue ended it, not loss: next time the bound is not what ends it.
                let lifted = |it: u64| whole(real(it) * LIFT);
                self.bounds.ceiling = self.bounds.ceiling.map(lifted);
            }
            self.begin_down(now);
            return;
        }
        if !self.rounds.is_start {
            return;
        }
        let is_at_ceiling = self.bounds.ceiling.is_some_and(|ceiling| {
            acked.is_window_limited && self.window + 4 * self.packet_bytes >= ceiling
        });
        let most = self.rate.most();
        if is_at_ceiling {
            // The bound, not the path, held us back.
            self.cycle.plateau = Plateau {
                rate: most,
                rounds: 0,
            };
        } else if self.cycle.plateau.is_reached(most, UP_GROWTH) {
            self.begin_down(now);
        } else if self.cycle.plateau.rounds == 0 {
            self.cycle.climb.followed += 1;
        }
    }

    /// A probe that meets its ceiling without loss lifts it, more every round.
    fn raise_ceiling(&mut self, acked: &Acked) {
        let Some(ceiling) = self.bounds.ceiling else {
            return;
        };
        let in_flight = acked.rate.map_or(0, |it| it.in_flight);
        let mut ceiling = ceiling.max(in_flight);
        if acked.is_window_limited {
            let step = self.packet_bytes << self.cycle.climb.rounds.min(MOST_DOUBLINGS);
            self.cycle.climb.acked += acked.bytes;
            ceiling += self.cycle.climb.acked * step.min(self.window) / self.window.max(1);
            self.cycle.climb.acked = 0;
            if self.rounds.is_start {
                self.cycle.climb.rounds += 1;
            }
        }
        self.bounds.ceiling = Some(ceiling);
    }

    fn begin_probe_rtt(&mut self, is_look: bool) {
        self.cycle.phase = Phase::ProbeRtt;
        self.cycle.is_probing = false;
        self.prior_window = self.window;
        self.cycle.probe = Probe {
            rate: self.rate.latest.max(self.rate.last),
            until: None,
            has_round: false,
            least: None,
            before: self.rtt.now(),
            is_look,
        };
    }

    fn step_probe_rtt(&mut self, acked: &Acked, now: Instant) {
        // While a queue overflows nearly everything leaves twice.
        let sample = if self.cycle.probe.is_look {
            acked.rtt_of_any
        } else {
            acked.rtt
        };
        if let Some(sample) = sample {
            let least = &mut self.cycle.probe.least;
            *least = Some(least.map_or(sample, |it| it.min(sample)));
        }
        let Some(until) = self.cycle.probe.until else {
            // The queue that goes away keeps the path busy: this is what it carries.
            if let Some(rate) = acked.rate.and_then(|it| it.rate) {
                self.cycle.probe.rate = self.cycle.probe.rate.min(rate);
            }
            if acked.in_flight <= self.probe_window() {
                self.cycle.probe.until = Some(now + PROBE_RTT_TIME);
                self.cycle.probe.least = None;
                self.rounds.restart(acked);
            }
            return;
        };
        if self.rounds.is_start && !self.cycle.probe.has_round {
            self.cycle.probe.has_round = true;
            self.cycle.probe.least = sample;
        }
        let is_ours = self.is_queue_ours();
        if self.cycle.probe.has_round && (now >= until || (self.cycle.probe.is_look && is_ours)) {
            self.end_probe_rtt(is_ours, now);
        }
    }

    /// Whether most of the queue went away with what we took back.
    fn is_queue_ours(&self) -> bool {
        let probe = &self.cycle.probe;
        let (Some(seen), Some(before), Some(least)) = (probe.least, probe.before, self.rtt.least())
        else {
            return false;
        };
        let rest = seen.saturating_sub(least);
        !self.rtt.is_long(Some(seen)) || rest <= before.saturating_sub(least) / QUEUE_REST
    }

    /// The look is over: a queue that went away with ours was ours.
    fn end_probe_rtt(&mut self, is_ours: bool, now: Instant) {
        let rate = self.cycle.probe.rate;
        if is_ours && self.cycle.probe.is_look && rate < STALE_SHARE_SEEN * self.rate.most() {
            self.rate.forget(rate);
            self.bounds.ceiling = None;
            self.prior_window = 0;
            self.window = self.product(1.0);
        }
        if !self.cycle.probe.is_look
            && let Some(least) = self.cycle.probe.least
        {
            self.rtt.settle(least, now);
        }
        self.rtt.excuse(now);
        self.window = self.window.max(self.prior_window);
        self.prior_window = 0;
        if self.cycle.is_full {
            self.bounds.relax();
            self.cycle.is_crowded = !is_ours;
            self.begin_down(now);
            self.cycle.phase = Phase::Cruise;
        } else {
            self.cycle.phase = Phase::Startup;
        }
    }
}

impl Plateau {
    /// Takes the rate of a round; says whether it has not grown for three of them.
    fn is_reached(&mut self, rate: f64, growth: f64) -> bool {
        if rate >= self.rate * growth {
            self.rate = rate;
            self.rounds = 0;
            return false;
        }
        self.rounds += 1;
        self.rounds >= PLATEAU_ROUNDS
    }
}

const STARTUP_GROWTH: f64 = 1.25;
const UP_GROWTH: f64 = 1.1;
const PLATEAU_ROUNDS: u32 = 3;
/// A probe may end when so much is under way.
const UP_FILLED: f64 = 1.15;
/// What lifts the ceiling when a probe ends without loss.
const LIFT: f64 = 1.1;
/// Alone, probes are cheap and find a faster path soon.
const WAIT_ALONE: Duration = Duration::from_millis(1_000);
/// However short the rounds are: a rate seen in a few milliseconds says little.
const WAIT_LEAST: Duration = Duration::from_millis(200);
/// With others on the path every probe costs them.
const WAIT_CROWDED: Duration = Duration::from_millis(3_000);
const WAIT_SPREAD_MICROS: u64 = 500_000;
const MOST_WAIT_ROUNDS: u64 = 100;
const MOST_DOUBLINGS: u32 = 20;
const PROBE_RTT_TIME: Duration = Duration::from_millis(200);
/// Below this share of the estimate it is in doubt.
const STALE_SHARE: f64 = 0.5;
/// A look that finds less than this share forgets the estimate.
const STALE_SHARE_SEEN: f64 = 0.8;
/// The part of a queue that may stay when it was ours.
const QUEUE_REST: u32 = 5;
const OWN_ROUNDS: u64 = 3;
const STALE_ROUNDS: u32 = 1;
/// A look costs a few round trips of throughput.
const LOOK_PAUSE: Duration = Duration::from_secs(5);
