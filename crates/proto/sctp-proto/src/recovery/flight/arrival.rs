//! What an acknowledgment changes in the book.

use std::time::{Duration, Instant};

use super::{Departure, Flight, FlightReport, Rtt, State};
use crate::congestion::{RateSample, real};

impl Flight {
    /// Takes an acknowledgment: everything below `cumulative`, and the half-open `ranges` above it.
    ///
    /// The caller has made sure that `cumulative` is neither behind the base nor beyond what was sent.
    pub(crate) fn acknowledge(
        &mut self,
        cumulative: u64,
        ranges: &[(u64, u64)],
        rtt: &mut Rtt,
        now: Instant,
    ) -> FlightReport {
        let mut report = FlightReport {
            has_advanced: cumulative > self.base,
            ..FlightReport::default()
        };
        let mut best = None;
        let known = std::mem::take(&mut self.known);
        let mut passed = 0;
        let first = (self.base, cumulative);
        for &(start, end) in std::iter::once(&first).chain(ranges) {
            let (mut tsn, end) = (start.max(self.base), end.min(self.next()));
            while tsn < end {
                while known.get(passed).is_some_and(|it| it.1 <= tsn) {
                    passed += 1;
                }
                if let Some(&(_, past)) = known.get(passed).filter(|it| it.0 <= tsn) {
                    tsn = past;
                    continue;
                }
                self.arrive(tsn, rtt, &mut report, &mut best, now);
                tsn += 1;
            }
        }
        self.known = known;
        self.known.clear();
        self.known.extend_from_slice(ranges);
        while self.base < cumulative {
            self.pop_front();
        }
        if report.bytes > 0 {
            self.measure(&mut report, best, rtt, now);
        }
        report
    }

    fn arrive(
        &mut self,
        tsn: u64,
        rtt: &Rtt,
        report: &mut FlightReport,
        best: &mut Option<Departure>,
        now: Instant,
    ) {
        let at = self.index(tsn);
        let entry = &mut self.entries[at];
        let bytes = entry.bytes();
        match entry.state {
            State::Arrived | State::Abandoned => return,
            State::Flying => self.meter.in_flight -= bytes,
            State::Lost { by_timeout } => {
                report.is_false_timeout |= by_timeout && entry.repeats == 0;
            }
        }
        entry.state = State::Arrived;
        report.bytes += bytes;
        let departure = entry.departure;
        let took = now.saturating_duration_since(departure.at);
        // An acknowledgment of a repeated chunk that is too early to be one belongs to its first copy.
        if entry.repeats > 0 && rtt.least().is_some_and(|least| took < least) {
            return;
        }
        if self.rack.newest.is_none_or(|it| (departure.at, tsn) > it) {
            self.rack.newest = Some((departure.at, tsn));
            self.rack.rtt = took;
        }
        let is_fresh = self.meter.timed_out_at.is_none_or(|at| departure.at >= at);
        let shorter = |rtt: Option<Duration>| Some(rtt.map_or(took, |rtt| rtt.min(took)));
        if is_fresh {
            report.rtt_of_any = shorter(report.rtt_of_any);
        }
        if entry.repeats == 0 && is_fresh {
            report.rtt = shorter(report.rtt);
        }
        if best.is_none_or(|it| (departure.delivered, departure.at) >= (it.delivered, it.at)) {
            *best = Some(departure);
        }
    }

    fn measure(
        &mut self,
        report: &mut FlightReport,
        best: Option<Departure>,
        rtt: &mut Rtt,
        now: Instant,
    ) {
        self.meter.delivered += report.bytes;
        self.meter.delivered_at = Some(now);
        if let Some(sample) = report.rtt {
            rtt.measure(sample);
        }
        let Some(departure) = best else {
            return;
        };
        self.meter.first_sent_at = Some(departure.at);
        let delivered = self.meter.delivered - departure.delivered;
        let sending = departure
            .at
            .saturating_duration_since(departure.first_sent_at);
        let arriving = now.saturating_duration_since(departure.delivered_at);
        let interval = sending.max(arriving);
        // Shorter than a round trip it would measure a burst of acknowledgments.
        let is_long_enough = !interval.is_zero() && rtt.least().is_none_or(|it| interval >= it);
        report.rate = Some(RateSample {
            rate: is_long_enough.then(|| real(delivered) / interval.as_secs_f64()),
            delivered,
            prior_delivered: departure.delivered,
            in_flight: departure.in_flight,
            is_app_limited: departure.is_app_limited,
        });
    }
}
