//! What waits to be sent, and whose turn it is.
//!
//! Streams share by weight (RFC 8831 §6.4): each unit of work gets a virtual time at which it would
//! finish if all streams were served at once, and the earliest goes first. A short message on a quiet
//! stream thus overtakes whatever a busy one has piled up. The unit is a message, as its pieces must
//! have neighbouring numbers, or a piece if both sides understand interleaving (RFC 8260 §2.1).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use bytes::Bytes;

use super::cut;
use crate::channel::NORMAL_PRIORITY;
use crate::recovery::{Flight, PieceTerms, Sent};
use crate::sequence::{narrow, narrow16};
use crate::wire::{DATA_HEADER_BYTES, DataHead, I_DATA_HEADER_BYTES, Place, data_flags};

/// A message on its way out.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) payload: Bytes,
    pub(crate) ppid: u32,
    pub(crate) is_unordered: bool,
    pub(crate) retransmits: u32,
    pub(crate) expires: Option<Instant>,
}

/// What waits on all streams.
#[derive(Debug)]
pub(crate) struct SendQueue {
    streams: BTreeMap<u16, OutStream>,
    /// Streams with something to send, by virtual finishing time.
    ready: BTreeSet<(u64, u16)>,
    /// The stream whose message is half sent, if it must not be interrupted.
    current: Option<u16>,
    virtual_time: u64,
    buffered: usize,
    limit: usize,
    is_interleaved: bool,
    next_message: u64,
}

#[derive(Debug)]
struct OutStream {
    letters: VecDeque<Queued>,
    numbers: Numbers,
    weight: u64,
    finish: u64,
    buffered: usize,
}

/// The next message numbers of a stream.
#[derive(Debug, Default)]
struct Numbers {
    ordered: u64,
    unordered: u64,
}

#[derive(Debug)]
struct Queued {
    letter: Letter,
    /// Its number among all messages, once its first piece has left.
    begun: Option<(u64, Place)>,
    sent: usize,
}

impl SendQueue {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            streams: BTreeMap::new(),
            ready: BTreeSet::new(),
            current: None,
            virtual_time: 0,
            buffered: 0,
            limit,
            is_interleaved: false,
            next_message: 0,
        }
    }

    pub(crate) fn set_interleaved(&mut self, is_interleaved: bool) {
        self.is_interleaved = is_interleaved;
    }

    pub(crate) fn is_interleaved(&self) -> bool {
        self.is_interleaved
    }

    /// Whether a message of `bytes` fits; an empty queue takes any.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.buffered == 0 || self.buffered + bytes <= self.limit
    }

    pub(crate) fn buffered(&self) -> usize {
        self.buffered
    }

    pub(crate) fn buffered_on(&self, stream: u16) -> usize {
        self.streams.get(&stream).map_or(0, |it| it.buffered)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.current.is_none()
    }

    pub(crate) fn is_idle(&self, stream: u16) -> bool {
        let waits = |it: &OutStream| !it.letters.is_empty();
        !self.streams.get(&stream).is_some_and(waits)
    }

    /// Sets the weight of a stream.
    pub(crate) fn set_priority(&mut self, stream: u16, priority: u16) {
        self.stream(stream).weight = u64::from(priority.max(1));
    }

    /// Begins the numbers of a stream anew (RFC 6525 §5.2.1) or forgets it.
    pub(crate) fn reset(&mut self, stream: u16) {
        self.clear(stream);
        self.streams.remove(&stream);
    }

    pub(crate) fn push(&mut self, stream: u16, letter: Letter) {
        let bytes = letter.payload.len();
        let entry = self.stream(stream);
        let was_idle = entry.letters.is_empty();
        entry.buffered += bytes;
        entry.letters.push_back(Queued {
            letter,
            begun: None,
            sent: 0,
        });
        self.buffered += bytes;
        if was_idle {
            self.enqueue(stream);
        }
    }

    /// Throws away what waits on a stream, but for the rest of a message that has begun.
    pub(crate) fn clear(&mut self, stream: u16) {
        let Some(entry) = self.streams.get_mut(&stream) else {
            return;
        };
        if self.ready.remove(&(entry.finish, stream)) || self.current == Some(stream) {
            self.current = self.current.filter(|it| *it != stream);
        }
        self.buffered -= entry.buffered;
        entry.buffered = 0;
        entry.letters.clear();
    }

    /// The header of the next piece that would leave, if any.
    pub(crate) fn header_bytes(&self) -> usize {
        if self.is_interleaved {
            I_DATA_HEADER_BYTES
        } else {
            DATA_HEADER_BYTES
        }
    }

    /// How long the rest of the next message is.
    pub(crate) fn peek(&self) -> Option<usize> {
        let stream = self.current.or_else(|| Some(self.ready.first()?.1))?;
        let first = self.streams.get(&stream)?.letters.front()?;
        Some(first.letter.payload.len() - first.sent)
    }

    /// Cuts off the next piece, of at most `room` bytes, and enters it into `flight`.
    pub(crate) fn take<'a>(
        &mut self,
        room: usize,
        flight: &'a mut Flight,
        now: Instant,
    ) -> Option<&'a Sent> {
        let stream = self.choose(now)?;
        let entry = self.streams.get_mut(&stream)?;
        let first = entry.letters.front_mut()?;
        let is_begin = first.begun.is_none();
        let (message, place) = match first.begun {
            Some((message, place)) => (message, place.next_piece()),
            None => {
                let is_unordered = first.letter.is_unordered;
                let place = entry.numbers.place(is_unordered, self.is_interleaved);
                self.next_message += 1;
                (self.next_message, place)
            }
        };
        first.begun = Some((message, place));
        let length = room.min(first.letter.payload.len() - first.sent);
        let payload = cut(&first.letter.payload, first.sent, length);
        first.sent += length;
        let is_end = first.sent == first.letter.payload.len();
        let head = DataHead {
            tsn: narrow(flight.next()),
            stream,
            flags: data_flags(is_begin, is_end, first.letter.is_unordered),
            place,
            ppid: first.letter.ppid,
        };
        let terms = first.letter.terms(message);
        entry.buffered -= length;
        self.buffered -= length;
        self.advance(stream, is_end);
        Some(flight.push(head, payload, &terms, now))
    }

    /// Gives up the rest of a message; says its stream if it was found.
    pub(crate) fn abandon(&mut self, stream: u16, message: u64) {
        let Some(entry) = self.streams.get_mut(&stream) else {
            return;
        };
        let is_it = |it: &Queued| it.begun.is_some_and(|(number, _)| number == message);
        if entry.letters.front().is_some_and(is_it) {
            self.drop_front(stream);
        }
    }

    /// Chooses whose turn it is; messages that expired before they began are dropped on the way.
    fn choose(&mut self, now: Instant) -> Option<u16> {
        loop {
            let stream = match self.current {
                Some(stream) => stream,
                None => self.ready.first()?.1,
            };
            let first = self.streams.get(&stream)?.letters.front()?;
            let is_late = first.letter.expires.is_some_and(|at| at <= now);
            if !(is_late && first.begun.is_none()) {
                return Some(stream);
            }
            self.drop_front(stream);
        }
    }

    fn drop_front(&mut self, stream: u16) {
        let Some(entry) = self.streams.get_mut(&stream) else {
            return;
        };
        if let Some(first) = entry.letters.front_mut() {
            let rest = first.letter.payload.len() - first.sent;
            entry.buffered -= rest;
            self.buffered -= rest;
            self.advance(stream, true);
        }
    }

    /// Does the bookkeeping after a piece: who is current, who is ready and when.
    fn advance(&mut self, stream: u16, is_end: bool) {
        let Some(entry) = self.streams.get_mut(&stream) else {
            return;
        };
        let finish = entry.finish;
        if is_end {
            entry.letters.pop_front();
        }
        let is_ready = self.ready.remove(&(finish, stream));
        if is_ready {
            self.virtual_time = self.virtual_time.max(finish);
        }
        if !is_end && !self.is_interleaved {
            self.current = Some(stream);
            return;
        }
        self.current = None;
        self.enqueue(stream);
    }

    fn enqueue(&mut self, stream: u16) {
        if self.current == Some(stream) {
            return;
        }
        let is_interleaved = self.is_interleaved;
        let virtual_time = self.virtual_time;
        let entry = self.stream(stream);
        let Some(first) = entry.letters.front() else {
            return;
        };
        let rest = first.letter.payload.len() - first.sent;
        let unit = if is_interleaved {
            rest.min(PIECE_BYTES)
        } else {
            rest
        };
        let cost = (unit as u64 + UNIT_BYTES) * u64::from(NORMAL_PRIORITY) / entry.weight;
        entry.finish = entry.finish.max(virtual_time) + cost;
        let key = (entry.finish, stream);
        self.ready.insert(key);
    }

    fn stream(&mut self, stream: u16) -> &mut OutStream {
        self.streams.entry(stream).or_insert_with(|| OutStream {
            letters: VecDeque::new(),
            numbers: Numbers::default(),
            weight: u64::from(NORMAL_PRIORITY),
            finish: 0,
            buffered: 0,
        })
    }
}

impl Numbers {
    /// The place of a new message; unordered ones have numbers only if interleaved.
    fn place(&mut self, is_unordered: bool, is_interleaved: bool) -> Place {
        let number = match (is_unordered, is_interleaved) {
            (true, true) => &mut self.unordered,
            (false, _) => &mut self.ordered,
            (true, false) => return Place::Stream(narrow16(self.ordered)),
        };
        let place = if is_interleaved {
            Place::Interleaved {
                message: narrow(*number),
                fragment: 0,
            }
        } else {
            Place::Stream(narrow16(*number))
        };
        *number += 1;
        place
    }
}

impl Letter {
    fn terms(&self, message: u64) -> PieceTerms {
        PieceTerms {
            message,
            retransmits: self.retransmits,
            expires: self.expires,
        }
    }
}

impl Place {
    fn next_piece(self) -> Self {
        match self {
            Self::Stream(number) => Self::Stream(number),
            Self::Interleaved { message, fragment } => Self::Interleaved {
                message,
                fragment: fragment.wrapping_add(1),
            },
        }
    }
}

/// What a piece counts for when streams take turns piece by piece.
const PIECE_BYTES: usize = 1_024;
/// What a unit costs beyond its bytes, so that tiny messages do not come for free.
const UNIT_BYTES: u64 = 32;
