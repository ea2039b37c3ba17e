//! What loss teaches: bounds on rate and volume.

use std::time::Instant;

use super::Model;
use super::cycle::Phase;
use super::estimates::share;
use crate::congestion::{Acked, real, whole};

/// Bounds, and the losses of the round.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    /// On the rate, until the next probe.
    pub(super) rate: Option<f64>,
    /// On the volume, until the next probe.
    pub(super) floor: Option<u64>,
    /// On the volume, from what probing lost.
    pub(super) ceiling: Option<u64>,
    pub(super) losses: Losses,
    /// The most that arrived during the flight of one packet in this round.
    latest_volume: u64,
}

/// Losses in a round.
#[derive(Debug, Default)]
pub(super) struct Losses {
    pub(super) bytes: u64,
    pub(super) events: u32,
    /// The round ends when something arrives that left after this was delivered.
    end: u64,
    /// What was delivered when it began.
    begin: u64,
    pub(super) is_round_over: bool,
}

impl Bounds {
    /// Forgets what holds only until the next probe.
    pub(super) fn relax(&mut self) {
        self.rate = None;
        self.floor = None;
    }

    /// The most that may be under way.
    pub(super) fn volume(&self, is_careful: bool) -> u64 {
        let ceiling = match self.ceiling {
            Some(ceiling) if is_careful => whole(HEADROOM * real(ceiling)),
            Some(ceiling) => ceiling,
            None => u64::MAX,
        };
        ceiling.min(self.floor.unwrap_or(u64::MAX))
    }
}

impl Model {
    /// The share of loss that needs no reaction: none while a queue stands.
    pub(super) fn loss_tolerance(&self) -> f64 {
        if self.rtt.is_queued() {
            0.0
        } else {
            QUEUELESS_TOLERANCE
        }
    }

    /// At the end of a round with loss beyond what is tolerated, lowers the bounds.
    pub(super) fn judge_losses(&mut self, acked: &Acked) {
        let Some(sample) = acked.rate else {
            self.bounds.losses.is_round_over = false;
            return;
        };
        self.bounds.latest_volume = self.bounds.latest_volume.max(sample.delivered);
        let losses = &self.bounds.losses;
        let is_over = sample.prior_delivered >= losses.end;
        self.bounds.losses.is_round_over = is_over;
        if !is_over {
            return;
        }
        self.bounds.losses.end = acked.delivered;
        let losses = &self.bounds.losses;
        let delivered = acked.delivered - losses.begin;
        let is_heavy = losses.bytes > 0
            && share(losses.bytes, delivered + losses.bytes) > self.loss_tolerance();
        // Bursts of loss on a path without a queue are no sign that it is full.
        let is_overflow = losses.events >= STARTUP_LOSSES && self.rtt.is_queued();
        if is_heavy {
            match self.cycle.phase {
                Phase::Startup if is_overflow && !self.cycle.is_full => {
                    self.cycle.is_full = true;
                    self.bounds.ceiling = Some(self.product(1.0).max(self.bounds.latest_volume));
                }
                Phase::Startup | Phase::Refill | Phase::Up => {}
                Phase::Drain | Phase::Down | Phase::Cruise | Phase::ProbeRtt => self.lower_bounds(),
            }
        }
        let losses = &mut self.bounds.losses;
        losses.bytes = 0;
        losses.events = 0;
        losses.begin = acked.delivered;
    }

    /// Begins the next round of loss accounting, after the model has used the last one's figures.
    pub(super) fn end_loss_round(&mut self, acked: &Acked) {
        if self.bounds.losses.is_round_over {
            self.rate.begin_round(acked);
            self.bounds.latest_volume = acked.rate.map_or(0, |it| it.delivered);
        }
    }

    /// Probing lost too much with `in_flight` under way: that is the ceiling.
    pub(super) fn retreat(&mut self, in_flight: u64, now: Instant) {
        self.cycle.is_probing = false;
        let least = whole(BETA * real(self.product(1.0)));
        self.bounds.ceiling = Some(in_flight.max(least));
        self.cycle.is_crowded = true;
        if self.cycle.phase == Phase::Up {
            self.begin_down(now);
        }
    }

    fn lower_bounds(&mut self) {
        let rate = self.bounds.rate.unwrap_or_else(|| self.rate.most());
        let floor = self.bounds.floor.unwrap_or(self.window);
        self.bounds.rate = Some(self.rate.latest.max(BETA * rate));
        self.bounds.floor = Some(self.bounds.latest_volume.max(whole(BETA * real(floor))));
        self.cycle.is_crowded = true;
    }
}

/// Tolerated while the round-trip time shows no queue: radio and policers lose without one.
const QUEUELESS_TOLERANCE: f64 = 0.1;
const BETA: f64 = 0.7;
/// What is left free below the ceiling while nobody probes.
const HEADROOM: f64 = 0.85;
const STARTUP_LOSSES: u32 = 6;
