//! Chunks that are arriving: pieces, digests, and how much of both is taken.

use std::collections::BTreeMap;

use bytes::Bytes;
use model::limits::CHUNK_BYTES;

use super::ReceiverViolation;
use super::assembly::{Assembly, PieceError};
use crate::bulk::Record;
use crate::{ChunkDigest, Tuning};

/// Where a chunk goes, whatever its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) entry: u32,
    pub(super) chunk: u32,
}

/// Everything that arrived in this session and is not complete.
#[derive(Debug)]
pub(super) struct Intake {
    token: Option<u64>,
    assemblies: BTreeMap<Place, Assembly>,
    /// The spans of all assemblies.
    bytes: u64,
    digests: BTreeMap<Place, ChunkDigest>,
    round: u16,
    repeated_bytes: u64,
    /// How much may come twice before it is an attack.
    repeats_allowed_bytes: u64,
    limit_bytes: u64,
    limit_chunks: usize,
}

impl Intake {
    pub(super) fn new(tuning: &Tuning) -> Self {
        let window_bytes = tuning.window_bytes.max(CHUNK_BYTES);
        Self {
            token: None,
            assemblies: BTreeMap::new(),
            bytes: 0,
            digests: BTreeMap::new(),
            round: 0,
            repeated_bytes: 0,
            repeats_allowed_bytes: 0,
            // One more, because the last chunk of a stream counts in full here and not at the sender.
            limit_bytes: window_bytes + CHUNK_BYTES,
            limit_chunks: tuning.window_chunks,
        }
    }

    /// Starts a session under a new token, or none.
    pub(super) fn restart(&mut self, token: Option<u64>) {
        self.clear();
        self.token = token;
        self.round = 0;
        self.repeated_bytes = 0;
        self.repeats_allowed_bytes = 2 * self.limit_bytes;
    }

    /// Drops everything incomplete.
    pub(super) fn clear(&mut self) {
        self.assemblies.clear();
        self.digests.clear();
        self.bytes = 0;
    }

    pub(super) fn token(&self) -> Option<u64> {
        self.token
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.assemblies.is_empty()
    }

    /// The sender began again: as much as one window may come twice.
    pub(super) fn note_round(&mut self, round: u16) {
        let rounds = round.saturating_sub(self.round);
        self.round = self.round.max(round);
        self.allow_repeats(u64::from(rounds));
    }

    /// What is on its way of `times` windows will come in vain.
    pub(super) fn allow_repeats(&mut self, times: u64) {
        self.repeats_allowed_bytes += times * self.limit_bytes;
    }

    pub(super) fn note_repeated(&mut self, bytes: usize) -> Result<(), ReceiverViolation> {
        self.repeated_bytes += bytes as u64;
        if self.repeated_bytes > self.repeats_allowed_bytes {
            return Err(ReceiverViolation::TooMuchRepeated);
        }
        Ok(())
    }

    /// Adds a piece of a chunk that is wanted and has at most `span` bytes.
    pub(super) fn put(
        &mut self,
        round: u16,
        record: &Record,
        span: u32,
    ) -> Result<(), ReceiverViolation> {
        let place = Place {
            entry: record.name.entry,
            chunk: record.name.chunk,
        };
        if !self.assemblies.contains_key(&place) {
            self.make_room(span)?;
        }
        let assembly = self
            .assemblies
            .entry(place)
            .or_insert_with(|| Assembly::new(record.name.version, round, span));
        if round < assembly.round {
            return self.note_repeated(record.data.len());
        }
        if round > assembly.round {
            assembly.restart(round);
        }
        assembly
            .put(record.offset, &record.data)
            .map_err(|error| match error {
                PieceError::Overlapping => ReceiverViolation::OverlappingPieces,
                PieceError::TooMany => ReceiverViolation::TooManyPieces,
            })
    }

    pub(super) fn put_digest(&mut self, digest: ChunkDigest) -> Result<(), ReceiverViolation> {
        let place = Place {
            entry: digest.name.entry,
            chunk: digest.name.chunk,
        };
        self.digests.insert(place, digest);
        if self.digests.len() > 2 * self.limit_chunks {
            return Err(ReceiverViolation::WindowOverrun);
        }
        Ok(())
    }

    /// Takes a chunk that is whole and whose digest is known.
    pub(super) fn take_whole(
        &mut self,
        place: Place,
    ) -> Result<Option<(ChunkDigest, Bytes)>, ReceiverViolation> {
        let (Some(digest), Some(assembly)) =
            (self.digests.get(&place), self.assemblies.get(&place))
        else {
            return Ok(None);
        };
        if assembly.end() > digest.length {
            return Err(ReceiverViolation::OutsideFile);
        }
        if assembly.version != digest.name.version || !assembly.is_whole(digest.length) {
            return Ok(None);
        }
        let digest = *digest;
        Ok(self
            .remove(place)
            .map(|assembly| (digest, assembly.into_bytes())))
    }

    /// Forgets what is here of a chunk.
    pub(super) fn remove(&mut self, place: Place) -> Option<Assembly> {
        self.digests.remove(&place);
        let assembly = self.assemblies.remove(&place)?;
        self.bytes -= u64::from(assembly.span());
        Some(assembly)
    }

    /// Forgets what is here of an entry.
    pub(super) fn remove_entry(&mut self, entry: u32) {
        let range = Place { entry, chunk: 0 }..=Place {
            entry,
            chunk: u32::MAX,
        };
        let assembled = self
            .assemblies
            .range(range.clone())
            .map(|(place, _)| *place);
        let digested = self.digests.range(range).map(|(place, _)| *place);
        let places: Vec<Place> = assembled.chain(digested).collect();
        for place in places {
            self.remove(place);
        }
    }

    fn make_room(&mut self, span: u32) -> Result<(), ReceiverViolation> {
        let bytes = self.bytes + u64::from(span);
        if bytes > self.limit_bytes || self.assemblies.len() >= self.limit_chunks {
            return Err(ReceiverViolation::WindowOverrun);
        }
        self.bytes = bytes;
        Ok(())
    }
}
