//! Puts pieces together.
//!
//! Pieces of a message have neighbouring TSNs, or with I-DATA neighbouring numbers within a message.
//! Either way a piece has a key whose neighbours belong to the same message, and runs of neighbours are
//! kept as one entry. In-order pieces extend the last run; a hole that closes joins two.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{Violation, cost};
use crate::wire::{Data, Place, Skip};

/// Pieces that wait for others.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    runs: BTreeMap<Key, Run>,
    held: usize,
}

/// A complete message.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) stream: u16,
    pub(crate) is_unordered: bool,
    pub(crate) number: Number,
    pub(crate) ppid: u32,
    pub(crate) parts: Vec<Bytes>,
}

/// The number of a message on its stream, as wide as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    Short(u16),
    Long(u32),
}

/// The message if interleaved, else nothing; then the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    message: Option<(u16, bool, u32)>,
    position: u64,
}

/// Neighbouring pieces of one message.
#[derive(Debug)]
struct Run {
    stream: u16,
    is_unordered: bool,
    number: Number,
    ppid: u32,
    parts: Vec<Bytes>,
    bytes: usize,
    has_begin: bool,
    has_end: bool,
}

impl Pieces {
    pub(crate) fn insert(
        &mut self,
        tsn: u64,
        data: Data,
        most_bytes: usize,
    ) -> Result<Option<Whole>, Violation> {
        let key = Key::of(tsn, &data);
        let run = Run::of(data);
        if run.bytes > most_bytes {
            return Err(Violation::TooLong);
        }
        if run.is_complete() {
            return Ok(Some(run.finish()));
        }
        self.held += cost(run.bytes);
        let start = match self.before(key, &run) {
            Some(start) => {
                let front = self.runs.get_mut(&start).ok_or(Violation::Pieces)?;
                front.append(run)?;
                start
            }
            None => {
                if self.runs.insert(key, run).is_some() {
                    return Err(Violation::Pieces);
                }
                key
            }
        };
        self.join_next(start)?;
        let run = self.runs.get(&start).ok_or(Violation::Pieces)?;
        if run.bytes > most_bytes {
            return Err(Violation::TooLong);
        }
        if !run.is_complete() {
            return Ok(None);
        }
        Ok(self.remove(start).map(Run::finish))
    }

    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Drops runs that begin below `past`, as DATA with a given-up TSN will never be complete.
    pub(crate) fn drop_below(&mut self, past: u64) {
        let end = Key {
            message: None,
            position: past,
        };
        while let Some((&key, _)) = self.runs.range(..end).next() {
            self.remove(key);
        }
    }

    /// Drops the interleaved messages of a stream up to the one given up.
    pub(crate) fn drop_message(&mut self, skip: &Skip) {
        self.drop_where(|message| {
            let (stream, is_unordered, number) = message;
            let distance = number.wrapping_sub(skip.message).cast_signed();
            stream == skip.stream && is_unordered == skip.is_unordered && distance <= 0
        });
    }

    /// Drops what belongs to a stream.
    pub(crate) fn drop_stream(&mut self, stream: u16) {
        let of_stream = |(_, run): (&Key, &Run)| run.stream == stream;
        let doomed: Vec<Key> = self
            .runs
            .iter()
            .filter(|it| of_stream(*it))
            .map(|(key, _)| *key)
            .collect();
        doomed.into_iter().for_each(|key| drop(self.remove(key)));
    }

    fn drop_where(&mut self, is_doomed: impl Fn((u16, bool, u32)) -> bool) {
        let doomed: Vec<Key> = self
            .runs
            .keys()
            .filter(|key| key.message.is_some_and(&is_doomed))
            .copied()
            .collect();
        doomed.into_iter().for_each(|key| drop(self.remove(key)));
    }

    /// The run that ends right before `key` and lacks its end.
    fn before(&self, key: Key, piece: &Run) -> Option<Key> {
        if piece.has_begin {
            return None;
        }
        let (&start, run) = self.runs.range(..key).next_back()?;
        let is_neighbour =
            start.message == key.message && start.position + run.parts.len() as u64 == key.position;
        (is_neighbour && !run.has_end).then_some(start)
    }

    /// Joins the run that begins right after the one at `start`.
    fn join_next(&mut self, start: Key) -> Result<(), Violation> {
        let Some(run) = self.runs.get(&start).filter(|run| !run.has_end) else {
            return Ok(());
        };
        let next = Key {
            message: start.message,
            position: start.position + run.parts.len() as u64,
        };
        if self.runs.get(&next).is_none_or(|it| it.has_begin) {
            return Ok(());
        }
        let (Some(tail), Some(run)) = (self.runs.remove(&next), self.runs.get_mut(&start)) else {
            return Ok(());
        };
        run.append(tail)
    }

    fn remove(&mut self, key: Key) -> Option<Run> {
        let run = self.runs.remove(&key)?;
        self.held -= run.cost();
        Some(run)
    }
}

impl Key {
    fn of(tsn: u64, data: &Data) -> Self {
        match data.place {
            Place::Stream(_) => Self {
                message: None,
                position: tsn,
            },
            Place::Interleaved { message, fragment } => Self {
                message: Some((data.stream, data.is_unordered, message)),
                position: u64::from(fragment),
            },
        }
    }
}

impl Run {
    fn of(data: Data) -> Self {
        Self {
            stream: data.stream,
            is_unordered: data.is_unordered,
            number: match data.place {
                Place::Stream(number) => Number::Short(number),
                Place::Interleaved { message, .. } => Number::Long(message),
            },
            ppid: data.ppid,
            bytes: data.payload.len(),
            parts: vec![data.payload],
            has_begin: data.is_begin,
            has_end: data.is_end,
        }
    }

    fn append(&mut self, tail: Self) -> Result<(), Violation> {
        let is_same = self.stream == tail.stream
            && self.is_unordered == tail.is_unordered
            && self.number == tail.number;
        if !is_same {
            return Err(Violation::Pieces);
        }
        self.parts.extend(tail.parts);
        self.bytes += tail.bytes;
        self.has_end = tail.has_end;
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.has_begin && self.has_end
    }

    fn cost(&self) -> usize {
        cost(0) * self.parts.len() + self.bytes
    }

    fn finish(self) -> Whole {
        Whole {
            stream: self.stream,
            is_unordered: self.is_unordered,
            number: self.number,
            ppid: self.ppid,
            parts: self.parts,
        }
    }
}
