//! Giving messages up (RFC 3758 §3.5).

use std::collections::BTreeMap;
use std::time::Instant;

use super::Outbound;
use crate::recovery::State;
use crate::sequence::narrow;
use crate::wire::{ForwardTsn, Place, Skip};

impl Outbound {
    /// Gives up messages whose time has passed or whose repetitions are used up.
    pub(super) fn abandon_hopeless(&mut self, now: Instant) {
        if !self.gate.can_abandon || !self.flight.has_perishable() {
            return;
        }
        while let Some((stream, message)) = self.hopeless(now) {
            self.flight.abandon(message);
            self.queue.abandon(stream, message);
            self.counters.abandoned += 1;
        }
        self.advance_point();
    }

    /// Whether the peer must be told what will not come.
    pub(super) fn wants_forward(&self) -> bool {
        self.forward.is_due
    }

    /// Takes the FORWARD-TSN to send, if one is due; `most` skips fit.
    pub(crate) fn take_forward(&mut self, most_bytes: usize) -> Option<ForwardTsn> {
        let point = self.forward.point.filter(|_| self.forward.is_due)?;
        self.forward.is_due = false;
        let mut skips = self.forward.skips.clone();
        skips.truncate(most_bytes / SKIP_BYTES);
        Some(ForwardTsn {
            cumulative: narrow(point),
            skips,
            is_interleaved: self.queue.is_interleaved(),
        })
    }

    /// Moves the point up to which nothing will come any more, past chunks given up.
    pub(super) fn advance_point(&mut self) {
        let mut point = None;
        let mut skips: BTreeMap<(u16, bool), u32> = BTreeMap::new();
        for (tsn, entry) in self.flight.iter() {
            if entry.state != State::Abandoned {
                break;
            }
            point = Some(tsn);
            let is_unordered = entry.head.is_unordered();
            let number = match entry.head.place {
                Place::Stream(_) if is_unordered => continue,
                Place::Stream(number) => u32::from(number),
                Place::Interleaved { message, .. } => message,
            };
            skips.insert((entry.head.stream, is_unordered), number);
        }
        self.forward.is_due |= point.is_some() && point != self.forward.point;
        self.forward.point = point;
        self.forward.skips = skips
            .into_iter()
            .map(|((stream, is_unordered), message)| Skip {
                stream,
                is_unordered,
                message,
            })
            .collect();
    }

    /// Says it again if the peer has not followed.
    pub(super) fn repeat_forward(&mut self) {
        self.forward.is_due |= self.forward.point.is_some();
    }

    /// The first message that is not worth another try: only what would have to leave again is given up,
    /// and what has waited too long after its first piece left.
    fn hopeless(&self, now: Instant) -> Option<(u16, u64)> {
        let (_, entry) = self.flight.iter().find(|(_, entry)| {
            let is_lost = matches!(entry.state, State::Lost { .. });
            let is_open = is_lost || entry.state == State::Flying;
            let is_late = entry.expires.is_some_and(|at| at <= now);
            (is_lost && entry.repeats >= entry.retransmits) || (is_open && is_late)
        })?;
        Some((entry.head.stream, entry.message))
    }
}

const SKIP_BYTES: usize = 8;
