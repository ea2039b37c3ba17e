//! Puts messages in order.

use std::collections::{BTreeMap, VecDeque};

use super::cost;
use super::pieces::{Number, Whole};
use crate::sequence::{ORIGIN, widen, widen16};
use crate::wire::Skip;

/// Messages that are complete.
#[derive(Debug, Default)]
pub(crate) struct InStreams {
    streams: BTreeMap<u16, InStream>,
    ready: VecDeque<Whole>,
    held: usize,
}

#[derive(Debug)]
struct InStream {
    next: u64,
    /// Complete, but something before them is missing.
    early: BTreeMap<u64, Whole>,
}

impl InStreams {
    pub(crate) fn insert(&mut self, whole: Whole) {
        self.held += whole.cost();
        if whole.is_unordered {
            self.ready.push_back(whole);
            return;
        }
        let stream = self.streams.entry(whole.stream).or_default();
        let number = stream.widen(whole.number);
        if number < stream.next {
            self.held -= whole.cost(); // Its turn was given up.
            return;
        }
        if number == stream.next {
            stream.next += 1;
            self.ready.push_back(whole);
            stream.release(&mut self.ready);
            return;
        }
        if let Some(old) = stream.early.insert(number, whole) {
            self.held -= old.cost();
        }
    }

    pub(crate) fn pop(&mut self) -> Option<Whole> {
        let whole = self.ready.pop_front()?;
        self.held -= whole.cost();
        Some(whole)
    }

    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Messages up to the one named will not come; those of them that are here are delivered.
    pub(crate) fn skip(&mut self, skip: &Skip, is_long: bool) {
        let stream = self.streams.entry(skip.stream).or_default();
        let number = if is_long {
            Number::Long(skip.message)
        } else {
            Number::Short(crate::sequence::narrow16(u64::from(skip.message)))
        };
        let past = stream.widen(number) + 1;
        if past <= stream.next {
            return;
        }
        let later = stream.early.split_off(&past);
        let reached = std::mem::replace(&mut stream.early, later);
        self.ready.extend(reached.into_values());
        stream.next = past;
        stream.release(&mut self.ready);
    }

    pub(crate) fn reset(&mut self, stream: u16) {
        if let Some(stream) = self.streams.remove(&stream) {
            self.held -= stream.early.values().map(Whole::cost).sum::<usize>();
        }
    }
}

impl InStream {
    fn widen(&self, number: Number) -> u64 {
        match number {
            Number::Short(number) => widen16(self.next, number),
            Number::Long(number) => widen(self.next, number),
        }
    }

    /// Lets go what now has its turn.
    fn release(&mut self, ready: &mut VecDeque<Whole>) {
        while let Some(whole) = self.early.remove(&self.next) {
            self.next += 1;
            ready.push_back(whole);
        }
    }
}

impl Default for InStream {
    fn default() -> Self {
        Self {
            next: ORIGIN,
            early: BTreeMap::new(),
        }
    }
}

impl Whole {
    pub(crate) fn cost(&self) -> usize {
        let bytes: usize = self.parts.iter().map(bytes::Bytes::len).sum();
        cost(bytes)
    }
}
