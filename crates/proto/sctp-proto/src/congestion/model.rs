//! Congestion control by a model of the path, in the manner of draft-ietf-ccwg-bbr (BBRv3).
//!
//! The path is a rate and a round-trip time. Both are measured; the pace follows the rate, and what may
//! be under way their product. From time to time the rate is probed by sending a little faster until the
//! round-trip time answers. What differs from the draft, because it was measured to matter:
//!
//! * Loss is judged against the queue: while the round-trip time shows none, a tenth may be lost without a
//!   reaction; with a queue any loss counts.
//! * Probing goes on while the rate follows, and faster and faster.
//! * When what arrives falls far below the estimate while a queue stands, what is under way is taken back
//!   to see whose queue it is: if the round-trip time falls, it was ours and the estimate is forgotten; if not,
//!   somebody else fills it and we stay.

mod bounds;
mod cycle;
mod estimates;

use std::time::{Duration, Instant};

use super::{Acked, Controller, FIRST_WINDOW_PACKETS, Lost, real, whole};
use bounds::Bounds;
use cycle::{Cycle, Phase};
use estimates::{Aggregation, PathRtt, Rate, Rounds};

/// The model and what follows from it.
#[derive(Debug)]
pub(crate) struct Model {
    packet_bytes: u64,
    rounds: Rounds,
    rate: Rate,
    rtt: PathRtt,
    bounds: Bounds,
    cycle: Cycle,
    aggregation: Aggregation,
    window: u64,
    pacing: f64,
    /// The window before a timeout or a probe of the round-trip time took it away.
    prior_window: u64,
    is_timed_out: bool,
    random: u64,
}

impl Model {
    /// Starts with no knowledge of the path; `seed` spreads the probes of several flows.
    pub(crate) fn new(packet_bytes: u64, seed: u64, now: Instant) -> Self {
        let window = FIRST_WINDOW_PACKETS * packet_bytes;
        Self {
            packet_bytes,
            rounds: Rounds::default(),
            rate: Rate::default(),
            rtt: PathRtt::new(now),
            bounds: Bounds::default(),
            cycle: Cycle::new(now),
            aggregation: Aggregation::new(now),
            window,
            pacing: STARTUP_GAIN * real(window) / FIRST_ROUND.as_secs_f64(),
            prior_window: 0,
            is_timed_out: false,
            random: seed | 1,
        }
    }

    /// The product of rate and round-trip time, times `gain`.
    fn product(&self, gain: f64) -> u64 {
        match self.rtt.least() {
            Some(rtt) => whole(gain * self.estimate() * rtt.as_secs_f64()),
            None => FIRST_WINDOW_PACKETS * self.packet_bytes,
        }
    }

    /// The rate that the path is believed to carry for us.
    fn estimate(&self) -> f64 {
        self.rate
            .most()
            .min(self.bounds.rate.unwrap_or(f64::INFINITY))
    }

    /// The pace of a probe: first so many packets more, so that a small share grows faster than a large
    /// one and flows converge; once the rate has followed, faster and faster.
    fn up_gain(&self) -> f64 {
        let packets = real(self.product(1.0)) / real(self.packet_bytes);
        let gentle = (1.0 + UP_PACKETS / packets.max(1.0)).clamp(UP_GAIN_LEAST, UP_GAIN_MOST);
        match self.cycle.rounds_followed() {
            0 | 1 => gentle,
            2 => UP_GAIN_FASTER,
            _ => UP_GAIN_FASTEST,
        }
    }

    fn least_window(&self) -> u64 {
        LEAST_PACKETS * self.packet_bytes
    }

    fn draw(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    fn gains(&self) -> (f64, f64) {
        match self.cycle.phase {
            Phase::Startup => (STARTUP_GAIN, STARTUP_WINDOW_GAIN),
            Phase::Drain => (DRAIN_GAIN, STARTUP_WINDOW_GAIN),
            Phase::Down => (DOWN_GAIN, WINDOW_GAIN),
            Phase::Cruise if self.rtt.is_standing() => (STANDING_GAIN, WINDOW_GAIN),
            Phase::Cruise | Phase::Refill => (1.0, WINDOW_GAIN),
            Phase::Up => {
                let gain = self.up_gain();
                (gain, UP_WINDOW_GAIN.max(gain + UP_WINDOW_SLACK))
            }
            Phase::ProbeRtt => (1.0, PROBE_RTT_GAIN),
        }
    }

    /// Pace and window from the model.
    fn conclude(&mut self, acked: &Acked) {
        let (pacing_gain, window_gain) = self.gains();
        let is_starting = self.cycle.phase == Phase::Startup;
        let margin = if is_starting { 1.0 } else { MARGIN };
        let pacing = pacing_gain * self.estimate() * margin;
        let is_settled = self.cycle.is_full || self.rounds.count > FIRST_ROUNDS;
        if pacing > 0.0 && (is_settled || pacing > self.pacing) {
            self.pacing = pacing;
        }
        self.recover(acked);
        let burst = (self.pacing * BURST_SECONDS).clamp(2.0 * real(self.packet_bytes), MOST_BURST);
        let product = self.product(window_gain);
        let target = (product + self.aggregation.excess())
            .max(product + 3 * whole(burst))
            .max(self.least_window());
        if self.cycle.is_full {
            self.window = (self.window + acked.bytes).min(target);
        } else if self.window < target || acked.delivered < FIRST_PACKETS * self.packet_bytes {
            self.window += acked.bytes;
        }
        if self.cycle.is_full {
            let is_careful = matches!(self.cycle.phase, Phase::Cruise | Phase::ProbeRtt);
            let most = self.bounds.volume(is_careful).max(self.least_window());
            self.window = self.window.min(most);
        }
        if self.cycle.phase == Phase::ProbeRtt {
            self.window = self.window.min(self.probe_window());
        }
        self.window = self.window.max(self.least_window());
    }

    /// What may be under way while the queue is looked at: half of what is seen to get through.
    fn probe_window(&self) -> u64 {
        let rate = if self.cycle.probe.is_look {
            self.estimate().min(self.cycle.probe.rate)
        } else {
            self.estimate()
        };
        let product = rate * self.rtt.least().unwrap_or_default().as_secs_f64();
        whole(PROBE_RTT_GAIN * product).max(self.least_window())
    }

    /// Something arrived after a timeout: the path is back, and so is the window.
    fn recover(&mut self, acked: &Acked) {
        if self.is_timed_out && acked.bytes > 0 {
            self.is_timed_out = false;
            self.window = self.window.max(self.prior_window);
            self.prior_window = 0;
        }
    }
}

impl Controller for Model {
    fn handle_acked(&mut self, acked: &Acked, now: Instant) {
        self.rounds.advance(acked);
        self.rate.note(acked);
        self.rtt.note(acked, self.rounds.is_start, now);
        let estimate = self.estimate();
        self.aggregation
            .note(acked, estimate, self.window, self.rounds.is_start, now);
        self.judge_losses(acked);
        self.judge_staleness(acked, now);
        self.judge_pipe(acked);
        self.step(acked, now);
        self.end_loss_round(acked);
        self.conclude(acked);
    }

    fn handle_lost(&mut self, lost: &Lost, now: Instant) {
        self.bounds.losses.bytes += lost.bytes;
        self.bounds.losses.events += 1;
        let allowed = self.loss_tolerance() * real(lost.in_flight) + 2.0 * real(self.packet_bytes);
        if self.cycle.is_probing && real(lost.lost_since) > allowed {
            self.retreat(lost.in_flight, now);
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if !self.is_timed_out {
            self.prior_window = self.prior_window.max(self.window);
        }
        self.is_timed_out = true;
        self.rtt.excuse(now);
        self.window = self.least_window();
    }

    fn handle_false_timeout(&mut self, _now: Instant) {
        self.is_timed_out = false;
        self.window = self.window.max(self.prior_window);
        self.prior_window = 0;
    }

    fn set_packet_bytes(&mut self, bytes: u64) {
        self.packet_bytes = bytes;
        self.window = self.window.max(self.least_window());
    }

    fn window(&self) -> u64 {
        self.window
    }

    fn pacing_rate(&self) -> Option<f64> {
        Some(self.pacing)
    }

    fn describe(&self) -> String {
        format!(
            "{:?} rate {:.2} of {:.2} Mbit/s, latest {:.2}, window {}, product {}, rtt {:?} least {:?}, bound {:?} {:?}",
            self.cycle.phase,
            self.estimate() * 8e-6,
            self.rate.most() * 8e-6,
            self.rate.latest * 8e-6,
            self.window,
            self.product(1.0),
            self.rtt.now(),
            self.rtt.least().unwrap_or(Duration::ZERO),
            self.bounds.ceiling,
            self.bounds.floor,
        )
    }
}

const STARTUP_GAIN: f64 = 2.77;
const STARTUP_WINDOW_GAIN: f64 = 2.0;
const DRAIN_GAIN: f64 = 0.5;
const DOWN_GAIN: f64 = 0.9;
/// The pace while a queue stands although nobody probes.
const STANDING_GAIN: f64 = 0.96;
const WINDOW_GAIN: f64 = 1.25;
const UP_PACKETS: f64 = 40.0;
const UP_GAIN_LEAST: f64 = 1.08;
const UP_GAIN_MOST: f64 = 1.25;
const UP_GAIN_FASTER: f64 = 1.35;
const UP_GAIN_FASTEST: f64 = 1.8;
const UP_WINDOW_GAIN: f64 = 1.5;
const UP_WINDOW_SLACK: f64 = 0.35;
const PROBE_RTT_GAIN: f64 = 0.5;
/// A hair less than the estimate, so that no queue builds up by rounding.
const MARGIN: f64 = 0.99;
const LEAST_PACKETS: u64 = 4;
const FIRST_ROUND: Duration = Duration::from_millis(100);
const FIRST_ROUNDS: u64 = 3;
const FIRST_PACKETS: u64 = 64;
const BURST_SECONDS: f64 = 0.001;
const MOST_BURST: f64 = 65_536.0;
