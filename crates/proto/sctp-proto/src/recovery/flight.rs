//! The book of what was sent and not yet acknowledged for good, and how losses are found.
//!
//! Losses are found by time, in the manner of RACK (RFC 8985): a chunk is lost if another one that
//! left later has arrived and it had a quarter of a round trip more to follow. Duplicates that the peer
//! reports widen that time. Every chunk, first sent or repeated, counts as in flight until it is
//! acknowledged or found lost.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::Rtt;
use crate::congestion::{Controller, Lost, RateSample};
use crate::wire::DataHead;

mod arrival;
mod timeout;

/// The book.
#[derive(Debug)]
pub(crate) struct Flight {
    /// The TSN of the first entry.
    base: u64,
    entries: VecDeque<Sent>,
    /// What left, in the order in which it left; entries that left again since are stale.
    order: VecDeque<(u64, Instant)>,
    /// What must leave again.
    lost: VecDeque<u64>,
    /// Ranges that the last acknowledgment named, to pass over what is known.
    known: Vec<(u64, u64)>,
    pub(crate) meter: Meter,
    rack: Rack,
    /// How many entries belong to messages that may be given up.
    perishable: usize,
}

/// What has been sent, has arrived and was lost, in bytes of chunks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter {
    pub(crate) in_flight: u64,
    pub(crate) delivered: u64,
    pub(crate) lost: u64,
    delivered_at: Option<Instant>,
    first_sent_at: Option<Instant>,
    /// Up to where the application set the pace.
    app_limited_until: u64,
    /// When the last timeout struck: what left before says nothing about the round-trip time.
    timed_out_at: Option<Instant>,
}

/// What RACK remembers (RFC 8985 §5.3).
#[derive(Debug, Clone, Default)]
struct Rack {
    newest: Option<(Instant, u64)>,
    rtt: Duration,
    /// How many quarters of the least round trip a chunk may be late.
    patience: u32,
    widened_until: u64,
    pub(crate) due: Option<Instant>,
}

/// One chunk in the book.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) head: DataHead,
    pub(crate) payload: Bytes,
    pub(crate) state: State,
    /// Which message it belongs to.
    pub(crate) message: u64,
    /// How often the message's chunks may leave again.
    pub(crate) retransmits: u32,
    pub(crate) expires: Option<Instant>,
    /// How often it left again.
    pub(crate) repeats: u32,
    pub(crate) departure: Departure,
}

/// How things stood when a chunk left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Departure {
    pub(crate) at: Instant,
    delivered: u64,
    delivered_at: Instant,
    first_sent_at: Instant,
    in_flight: u64,
    lost: u64,
    is_app_limited: bool,
}

/// What is known of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Under way.
    Flying,
    /// To be sent again; `by_timeout` if that was only assumed.
    Lost {
        /// The retransmission timer said so.
        by_timeout: bool,
    },
    /// Arrived beyond a hole.
    Arrived,
    /// Given up.
    Abandoned,
}

/// What an acknowledgment changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct FlightReport {
    /// Bytes that are newly known to have arrived.
    pub(crate) bytes: u64,
    /// The shortest round trip it shows.
    pub(crate) rtt: Option<Duration>,
    /// The same, repeated chunks included.
    pub(crate) rtt_of_any: Option<Duration>,
    pub(crate) rate: Option<RateSample>,
    /// Whether something arrived that only the timer had called lost.
    pub(crate) is_false_timeout: bool,
    /// Whether the first hole moved.
    pub(crate) has_advanced: bool,
}

impl Flight {
    pub(crate) fn new(first: u64) -> Self {
        Self {
            base: first,
            entries: VecDeque::new(),
            order: VecDeque::new(),
            lost: VecDeque::new(),
            known: Vec::new(),
            meter: Meter::default(),
            rack: Rack {
                patience: 1,
                ..Rack::default()
            },
            perishable: 0,
        }
    }

    /// The TSN that the next new chunk gets.
    pub(crate) fn next(&self) -> u64 {
        self.base + self.entries.len() as u64
    }

    /// The first TSN that is not acknowledged.
    pub(crate) fn base(&self) -> u64 {
        self.base
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Notes a new chunk that leaves now.
    pub(crate) fn push(
        &mut self,
        head: DataHead,
        payload: Bytes,
        piece: &PieceTerms,
        now: Instant,
    ) -> &Sent {
        let bytes = chunk_bytes(&head, &payload);
        let departure = self.meter.depart(bytes, now);
        self.order.push_back((self.next(), now));
        self.perishable += usize::from(piece.is_perishable());
        self.entries.push_back(Sent {
            head,
            payload,
            state: State::Flying,
            message: piece.message,
            retransmits: piece.retransmits,
            expires: piece.expires,
            repeats: 0,
            departure,
        });
        self.entries.back().expect("just entered")
    }

    /// The next chunk to send again, if any, and its size.
    pub(crate) fn peek_lost(&mut self) -> Option<(u64, u64)> {
        while let Some(&tsn) = self.lost.front() {
            if let Some(entry) = self.entry(tsn)
                && matches!(entry.state, State::Lost { .. })
            {
                return Some((tsn, entry.bytes()));
            }
            self.lost.pop_front();
        }
        None
    }

    /// Notes that a chunk leaves again, and returns it to be written.
    pub(crate) fn resend(&mut self, tsn: u64, now: Instant) -> &Sent {
        if self.lost.front() == Some(&tsn) {
            self.lost.pop_front();
        }
        let at = self.index(tsn);
        let entry = &mut self.entries[at];
        let bytes = entry.bytes();
        if entry.state == State::Flying {
            self.meter.in_flight -= bytes;
        }
        entry.state = State::Flying;
        entry.repeats = entry.repeats.saturating_add(1);
        entry.departure = self.meter.depart(bytes, now);
        self.order.push_back((tsn, now));
        entry
    }

    /// The size of the next chunk to send again; [`Flight::peek_lost`] has cleaned up before.
    pub(crate) fn first_lost_bytes(&self) -> Option<u64> {
        let tsn = *self.lost.front()?;
        self.entry(tsn).map(Sent::bytes)
    }

    /// Whether messages are under way that may be given up.
    pub(crate) fn has_perishable(&self) -> bool {
        self.perishable > 0
    }

    /// Drops the first entry: it is acknowledged for good.
    fn pop_front(&mut self) {
        if let Some(entry) = self.entries.pop_front() {
            self.perishable -= usize::from(entry.is_perishable());
            self.base += 1;
        }
    }

    /// The last chunk under way: what a tail loss probe repeats (RFC 8985 §7.3).
    pub(crate) fn last_flying(&self) -> Option<u64> {
        let at = self
            .entries
            .iter()
            .rposition(|it| it.state == State::Flying)?;
        Some(self.base + at as u64)
    }

    pub(crate) fn entry(&self, tsn: u64) -> Option<&Sent> {
        let at = tsn.checked_sub(self.base)?;
        self.entries.get(usize::try_from(at).ok()?)
    }

    /// Gives up all chunks of `message` that have been numbered.
    pub(crate) fn abandon(&mut self, message: u64) {
        for entry in &mut self.entries {
            if entry.message == message && entry.state != State::Abandoned {
                if entry.state == State::Flying {
                    self.meter.in_flight -= entry.bytes();
                }
                entry.state = State::Abandoned;
                entry.payload = Bytes::new();
            }
        }
    }

    /// The chunks in order, with their TSNs.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &Sent)> {
        (self.base..).zip(&self.entries)
    }

    /// Finds what is lost by now; tells the controller of each.
    pub(crate) fn find_losses(&mut self, rtt: &Rtt, controller: &mut dyn Controller, now: Instant) {
        self.rack.due = None;
        let Some(newest) = self.rack.newest else {
            return;
        };
        let wait = self.rack.rtt + self.reordering_window(rtt);
        while let Some(&(tsn, at)) = self.order.front() {
            if self.is_flying_since(tsn, at) {
                if (at, tsn) >= newest {
                    break;
                }
                let due = at + wait;
                if due > now {
                    self.rack.due = Some(due);
                    break;
                }
                self.lose(tsn, controller, now);
            }
            self.order.pop_front();
        }
    }

    /// When to look for losses again.
    pub(crate) fn loss_due(&self) -> Option<Instant> {
        self.rack.due
    }

    /// The peer saw duplicates: we were too hasty (RFC 8985 §6.2 step 4).
    pub(crate) fn widen(&mut self) {
        if self.meter.delivered >= self.rack.widened_until {
            self.rack.patience = (self.rack.patience + 1).min(MOST_PATIENCE);
            self.rack.widened_until = self.meter.delivered + self.meter.in_flight;
        }
    }

    /// The application has nothing more to send: what is measured until this has arrived is its pace.
    pub(crate) fn mark_app_limited(&mut self) {
        self.meter.app_limited_until = self.meter.delivered + self.meter.in_flight.max(1);
    }

    fn is_flying_since(&self, tsn: u64, at: Instant) -> bool {
        self.entry(tsn)
            .is_some_and(|it| it.state == State::Flying && it.departure.at == at)
    }

    fn lose(&mut self, tsn: u64, controller: &mut dyn Controller, now: Instant) {
        let at = self.index(tsn);
        let entry = &mut self.entries[at];
        let bytes = entry.bytes();
        entry.state = State::Lost { by_timeout: false };
        self.meter.in_flight -= bytes;
        self.meter.lost += bytes;
        self.lost.push_back(tsn);
        let lost = Lost {
            bytes,
            in_flight: entry.departure.in_flight,
            lost_since: self.meter.lost.saturating_sub(entry.departure.lost),
            sent_at: entry.departure.at,
        };
        controller.handle_lost(&lost, now);
    }

    fn reordering_window(&self, rtt: &Rtt) -> Duration {
        let Some(least) = rtt.least() else {
            return Duration::ZERO;
        };
        let most = rtt.smoothed().unwrap_or_default().max(LATENESS_MOST_FLOOR);
        (least / 4 * self.rack.patience).clamp(LATENESS_FLOOR, most)
    }

    fn index(&self, tsn: u64) -> usize {
        usize::try_from(tsn - self.base).expect("the book is short")
    }
}

/// What a message allows its chunks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PieceTerms {
    pub(crate) message: u64,
    pub(crate) retransmits: u32,
    pub(crate) expires: Option<Instant>,
}

impl PieceTerms {
    fn is_perishable(&self) -> bool {
        self.retransmits != u32::MAX || self.expires.is_some()
    }
}

impl Sent {
    fn is_perishable(&self) -> bool {
        self.retransmits != u32::MAX || self.expires.is_some()
    }

    /// The size of the chunk on the wire.
    pub(crate) fn bytes(&self) -> u64 {
        chunk_bytes(&self.head, &self.payload)
    }
}

impl Meter {
    fn depart(&mut self, bytes: u64, now: Instant) -> Departure {
        if self.in_flight == 0 {
            self.first_sent_at = Some(now);
            self.delivered_at = Some(now);
        }
        self.in_flight += bytes;
        Departure {
            at: now,
            delivered: self.delivered,
            delivered_at: self.delivered_at.unwrap_or(now),
            first_sent_at: self.first_sent_at.unwrap_or(now),
            in_flight: self.in_flight,
            lost: self.lost,
            is_app_limited: self.app_limited_until > self.delivered,
        }
    }
}

fn chunk_bytes(head: &DataHead, payload: &Bytes) -> u64 {
    crate::wire::padded(head.place.header_bytes() + payload.len()) as u64
}

const MOST_PATIENCE: u32 = 8;
const LATENESS_FLOOR: Duration = Duration::from_micros(500);
const LATENESS_MOST_FLOOR: Duration = Duration::from_millis(1);
