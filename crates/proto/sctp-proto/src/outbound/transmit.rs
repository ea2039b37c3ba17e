//! What may leave now.

use std::time::Instant;

use super::Outbound;
use crate::association::Brake;
use crate::limits;
use crate::wire::{HEADER_BYTES, padded};

/// Room for chunks in the packet that is being written.
#[derive(Debug)]
pub(crate) struct Room<'a> {
    pub(crate) out: &'a mut Vec<u8>,
    /// What fits, a multiple of four.
    pub(crate) left: usize,
}

impl Outbound {
    /// Prepares for sending at `now`.
    pub(crate) fn begin_burst(&mut self, now: Instant, packet_bytes: usize) {
        if let Some(rate) = self.controller.pacing_rate() {
            let is_idle = self.flight.meter.in_flight == 0;
            self.pacer.begin(rate, packet_bytes as u64, is_idle, now);
        }
    }

    /// Fills `room` with chunks; says whether any was written.
    ///
    /// `is_fresh` says that the packet is empty: then a chunk too long for it is written alone, as it
    /// was numbered when the path took longer ones.
    pub(crate) fn fill(&mut self, room: &mut Room<'_>, is_fresh: bool, now: Instant) -> bool {
        let was_idle = self.timers.timeout.is_none();
        let start = room.out.len();
        if self.timers.is_probing {
            self.write_probe(room, is_fresh, now);
        }
        while self.write_lost(room, is_fresh && room.out.len() == start, now) {}
        while self.write_new(room, now) {}
        let has_written = room.out.len() > start;
        if has_written && was_idle {
            self.gate.heard_at = now;
            self.arm(now);
        }
        has_written
    }

    /// Whether data would leave at `now`.
    pub(crate) fn would_send(&self, now: Instant) -> bool {
        self.send_at(now).is_some_and(|at| at <= now)
    }

    /// When the next chunk may leave; `None` if there is none, or something must be heard first.
    pub(super) fn send_at(&self, now: Instant) -> Option<Instant> {
        if self.timers.is_probing || self.wants_forward() {
            return Some(now);
        }
        let bytes = self.next_bytes()?;
        match self.controller.pacing_rate() {
            Some(rate) if !self.pacer.allows(bytes, rate) => Some(self.pacer.next()),
            _ => Some(now),
        }
    }

    /// What keeps the next chunk from leaving.
    pub(crate) fn brake(&self) -> Brake {
        let (bytes, is_new) = match (self.flight.first_lost_bytes(), self.queue.peek()) {
            (Some(bytes), _) => (bytes, false),
            (None, Some(rest)) => (self.piece_bytes(rest), true),
            (None, None) => return Brake::Idle,
        };
        let is_early = |rate| !self.pacer.allows(bytes, rate);
        match self.controller.pacing_rate() {
            _ if is_new && !self.may_begin(bytes) => Brake::Peer,
            _ if !self.may_fly(bytes) => Brake::Window,
            Some(rate) if is_early(rate) => Brake::Pace,
            Some(_) | None => Brake::Free,
        }
    }

    /// The size of the next chunk, if windows let it leave.
    fn next_bytes(&self) -> Option<u64> {
        if let Some(bytes) = self.flight.first_lost_bytes() {
            return self.may_fly(bytes).then_some(bytes);
        }
        let bytes = self.piece_bytes(self.queue.peek()?);
        (self.may_fly(bytes) && self.may_begin(bytes)).then_some(bytes)
    }

    /// The size of a chunk of a message of which `rest` bytes have not left.
    fn piece_bytes(&self, rest: usize) -> u64 {
        let room = self.gate.packet_bytes - HEADER_BYTES;
        padded(self.queue.header_bytes() + rest).min(room) as u64
    }

    fn write_probe(&mut self, room: &mut Room<'_>, is_fresh: bool, now: Instant) {
        let Some(tsn) = self.flight.last_flying() else {
            self.timers.is_probing = false;
            return;
        };
        let bytes = self.flight.entry(tsn).map_or(0, |it| it.bytes());
        if is_fresh || bytes <= room.left as u64 {
            self.timers.is_probing = false;
            self.counters.probes += 1;
            self.write_again(tsn, room, now);
        }
    }

    fn write_lost(&mut self, room: &mut Room<'_>, is_fresh: bool, now: Instant) -> bool {
        let Some((tsn, bytes)) = self.flight.peek_lost() else {
            return false;
        };
        let fits = bytes <= room.left as u64;
        if !(fits || is_fresh) || !self.leaves(bytes) {
            return false;
        }
        self.write_again(tsn, room, now);
        true
    }

    fn write_again(&mut self, tsn: u64, room: &mut Room<'_>, now: Instant) {
        let sent = self.flight.resend(tsn, now);
        let bytes = sent.bytes();
        sent.head.write(&sent.payload, true, room.out);
        room.spend(bytes);
        self.counters.retransmitted_bytes += bytes;
        self.spend(bytes);
    }

    fn write_new(&mut self, room: &mut Room<'_>, now: Instant) -> bool {
        let Some(rest) = self.queue.peek() else {
            self.pacer.release();
            return false;
        };
        let header = self.queue.header_bytes();
        if room.left < padded(header + rest.min(LEAST_PIECE)) {
            return false;
        }
        let most = room.left - header;
        let bytes = padded(header + rest.min(most)) as u64;
        if !self.may_begin(bytes) {
            // The peer's application sets the pace, not the path.
            self.flight.mark_app_limited();
            self.pacer.release();
            return false;
        }
        if !self.leaves(bytes) {
            return false;
        }
        let Some(sent) = self.queue.take(most, &mut self.flight, now) else {
            return false;
        };
        let bytes = sent.bytes();
        // With nothing behind it the peer need not wait for more before it acknowledges (RFC 7053 §5.1).
        let is_last = self.queue.is_empty();
        sent.head.write(&sent.payload, is_last, room.out);
        room.spend(bytes);
        self.spend(bytes);
        if is_last && self.flight.meter.in_flight < self.controller.window() {
            self.flight.mark_app_limited();
        }
        true
    }

    /// Whether a chunk of `bytes` may leave now as far as window and pace go.
    fn leaves(&mut self, bytes: u64) -> bool {
        if !self.may_fly(bytes) {
            self.gate.was_window_limited = true;
            self.pacer.release();
            return false;
        }
        match self.controller.pacing_rate() {
            Some(rate) => self.pacer.allows(bytes, rate),
            None => true,
        }
    }

    fn may_fly(&self, bytes: u64) -> bool {
        let in_flight = self.flight.meter.in_flight;
        in_flight == 0 || in_flight + bytes <= self.controller.window()
    }

    /// Whether the peer takes new data (RFC 9260 §6.1 rule A: one chunk always).
    fn may_begin(&self, bytes: u64) -> bool {
        let limit = self.gate.peer_window.min(limits::FLIGHT_BYTES as u64);
        let is_short = self.flight.len() < limits::FLIGHT_CHUNKS;
        self.flight.is_empty() || (is_short && self.flight.meter.in_flight + bytes <= limit)
    }

    fn spend(&mut self, bytes: u64) {
        if let Some(rate) = self.controller.pacing_rate() {
            self.pacer.spend(bytes, rate);
        }
    }
}

impl Room<'_> {
    fn spend(&mut self, bytes: u64) {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.left = self.left.saturating_sub(bytes);
    }
}

/// The least piece worth cutting off a message to fill a packet.
const LEAST_PIECE: usize = 64;
