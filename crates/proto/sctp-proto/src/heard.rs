//! What has arrived: the numbers, and when to acknowledge them (RFC 9260 §6.2).

use std::time::Instant;

use crate::limits;
use crate::sequence::{begin, narrow, widen};
use crate::wire::{SACK_BYTES, Sack};

/// The numbers that have arrived.
#[derive(Debug)]
pub(crate) struct Heard {
    /// The first TSN that has not arrived.
    next: u64,
    /// What arrived beyond it, as half-open ranges, ascending and apart.
    ranges: Vec<(u64, u64)>,
    duplicates: Vec<u32>,
    /// Packets with data since the last acknowledgment.
    packets: u32,
    due: Option<Instant>,
    is_urgent: bool,
}

/// What became of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Novelty {
    /// It had not arrived before.
    New,
    /// It had.
    Duplicate,
    /// It is too far ahead, or would make one hole too many: as if it had been lost.
    Unwanted,
}

impl Heard {
    pub(crate) fn new(first: u32) -> Self {
        Self {
            next: begin(first),
            ranges: Vec::new(),
            duplicates: Vec::new(),
            packets: 0,
            due: None,
            is_urgent: false,
        }
    }

    /// The first TSN that has not arrived.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// Whether something beyond `tsn` has arrived.
    pub(crate) fn is_hole(&self, tsn: u64) -> bool {
        self.ranges.last().is_some_and(|it| tsn < it.1)
    }

    /// A TSN from the wire.
    pub(crate) fn widen(&self, tsn: u32) -> u64 {
        widen(self.next, tsn)
    }

    /// What would become of a number.
    pub(crate) fn judge(&self, tsn: u64) -> Novelty {
        if tsn < self.next {
            return Novelty::Duplicate;
        }
        if tsn - self.next > FARTHEST {
            return Novelty::Unwanted;
        }
        let at = self.ranges.partition_point(|it| it.1 < tsn);
        match self.ranges.get(at) {
            Some(&(start, end)) if start <= tsn && tsn < end => Novelty::Duplicate,
            Some(&(start, end)) if start == tsn + 1 || end == tsn => Novelty::New,
            _ if tsn != self.next && self.ranges.len() >= limits::RANGES => Novelty::Unwanted,
            _ => Novelty::New,
        }
    }

    /// Enters a new number.
    pub(crate) fn insert(&mut self, tsn: u64) {
        if tsn == self.next {
            self.next += 1;
            self.swallow();
            return;
        }
        let at = self.ranges.partition_point(|it| it.1 < tsn);
        if let Some(range) = self.ranges.get_mut(at) {
            if range.1 == tsn {
                range.1 += 1;
                self.merge(at);
                return;
            }
            if range.0 == tsn + 1 {
                range.0 = tsn;
                self.is_urgent = true;
                return;
            }
        }
        self.ranges.insert(at, (tsn, tsn + 1));
        self.is_urgent = true;
    }

    /// Notes a number that had arrived before.
    pub(crate) fn repeat(&mut self, tsn: u64) {
        self.is_urgent = true;
        if self.duplicates.len() < limits::DUPLICATES {
            self.duplicates.push(narrow(tsn));
        }
    }

    /// Notes the end of a packet with data.
    pub(crate) fn end_packet(&mut self, wants_answer: bool, now: Instant) {
        self.packets += 1;
        self.is_urgent |= wants_answer;
        self.due.get_or_insert(now + limits::ACK_DELAY);
    }

    /// Lets the next acknowledgment leave at once.
    pub(crate) fn hurry(&mut self) {
        self.is_urgent = true;
        self.packets = self.packets.max(1);
    }

    /// Moves past numbers that will not come (RFC 3758 §3.6).
    pub(crate) fn forward(&mut self, past: u64) {
        if past <= self.next {
            return;
        }
        self.next = past;
        self.ranges.retain_mut(|range| {
            range.0 = range.0.max(past);
            range.0 < range.1
        });
        self.swallow();
    }

    /// When an acknowledgment is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.due
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        let is_time = self.due.is_some_and(|at| at <= now);
        self.packets > 0 && (self.is_urgent || self.packets >= 2 || is_time)
    }

    /// Whether something is not yet acknowledged.
    pub(crate) fn is_pending(&self) -> bool {
        self.packets > 0
    }

    /// The acknowledgment, no longer than `most_bytes`; the ranges nearest to the first hole come first.
    pub(crate) fn take_sack(&mut self, window: u32, most_bytes: usize) -> Sack {
        let room = most_bytes.saturating_sub(SACK_BYTES) / 4;
        let base = self.next - 1;
        let offset = |tsn: u64| u16::try_from(tsn - base).ok();
        let ranges: Vec<_> = self
            .ranges
            .iter()
            .map_while(|&(start, end)| Some((offset(start)?, offset(end - 1)?)))
            .take(room)
            .collect();
        let mut duplicates = std::mem::take(&mut self.duplicates);
        duplicates.truncate(room - ranges.len());
        self.packets = 0;
        self.due = None;
        self.is_urgent = false;
        Sack {
            cumulative: narrow(base),
            window,
            ranges,
            duplicates,
        }
    }

    /// Takes the first range in if it touches.
    fn swallow(&mut self) {
        if let Some(&(start, end)) = self.ranges.first()
            && start <= self.next
        {
            self.next = end;
            self.ranges.remove(0);
            self.is_urgent = true;
        }
    }

    fn merge(&mut self, at: usize) {
        let end = self.ranges[at].1;
        if self.ranges.get(at + 1).is_some_and(|it| it.0 == end) {
            self.ranges[at].1 = self.ranges[at + 1].1;
            self.ranges.remove(at + 1);
            self.is_urgent = true;
        }
    }
}

/// How far ahead a number may be: what an offset in a SACK reaches.
const FARTHEST: u64 = 65_000;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn ranges_say_exactly_what_arrived(steps in proptest::collection::vec((0_u64..400, any::<bool>()), 0..600)) {
            let mut heard = Heard::new(0);
            let first = heard.next();
            let mut model = BTreeSet::new();
            for (offset, is_forward) in steps {
                let tsn = first + offset;
                if is_forward && offset % 17 == 0 {
                    heard.forward(tsn);
                    model.extend(first..tsn);
                } else {
                    let is_new = !model.contains(&tsn);
                    prop_assert_eq!(heard.judge(tsn) == Novelty::New, is_new);
                    if is_new {
                        heard.insert(tsn);
                        model.insert(tsn);
                    }
                }
                let mut next = first;
                while model.contains(&next) {
                    next += 1;
                }
                prop_assert_eq!(heard.next(), next);
            }
            let sack = heard.take_sack(0, 65_000);
            let told: BTreeSet<u64> = sack
                .ranges
                .iter()
                .flat_map(|&(from, to)| u64::from(from)..=u64::from(to))
                .map(|it| heard.next() - 1 + it)
                .collect();
            let beyond: BTreeSet<u64> = model.range(heard.next()..).copied().collect();
            prop_assert_eq!(told, beyond);
        }

        #[test]
        fn an_acknowledgment_never_exceeds_its_room(tsns in proptest::collection::vec(0_u64..60_000, 0..3_000), room in 16_usize..1_200) {
            let mut heard = Heard::new(9);
            for tsn in tsns {
                let tsn = heard.next().max(crate::sequence::begin(9)) + tsn;
                match heard.judge(tsn) {
                    Novelty::New => heard.insert(tsn),
                    Novelty::Duplicate => heard.repeat(tsn),
                    Novelty::Unwanted => {}
                }
            }
            let sack = heard.take_sack(1, room);
            prop_assert!(SACK_BYTES + 4 * (sack.ranges.len() + sack.duplicates.len()) <= room);
        }
    }

    #[test]
    fn one_hole_too_many_is_as_if_lost() {
        let mut heard = Heard::new(0);
        let first = heard.next();
        for hole in 1..=limits::RANGES as u64 {
            assert_eq!(heard.judge(first + 2 * hole), Novelty::New);
            heard.insert(first + 2 * hole);
        }
        let beyond = first + 2 * limits::RANGES as u64 + 2;
        assert_eq!(heard.judge(beyond), Novelty::Unwanted);
        assert_eq!(
            heard.judge(first),
            Novelty::New,
            "what fills a hole is welcome"
        );
        assert_eq!(heard.judge(first + 100_000), Novelty::Unwanted);
    }
}
