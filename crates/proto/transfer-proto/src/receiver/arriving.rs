//! Data and digests as they arrive.

use std::time::Instant;

use bytes::Bytes;

use super::disk::place_of;
use super::entry::Standing;
use super::intake::Place;
use super::manifest::Found;
use super::{Phase, Receiver, ReceiverOutput, ReceiverViolation, StoreChunk};
use crate::bulk::{self, Record};
use crate::{ChunkDigest, ChunkName};

type Taken = Result<(), ReceiverViolation>;

impl Receiver {
    pub(super) fn handle_bulk(&mut self, message: Bytes, now: Instant) {
        let taken = match self.phase {
            Phase::Running => self.take_bulk(message, now),
            Phase::Up => Err(ReceiverViolation::DataBeforeAccept),
            Phase::Down | Phase::Halted | Phase::Over(_) => Ok(()),
        };
        self.violate_on_error(taken);
    }

    pub(super) fn take_digests(&mut self, digests: Vec<ChunkDigest>, now: Instant) -> Taken {
        for digest in digests {
            self.take_digest(digest, now)?;
        }
        Ok(())
    }

    pub(super) fn take_compares(&mut self, digests: Vec<ChunkDigest>, now: Instant) -> Taken {
        for digest in digests {
            self.take_compare(digest, now)?;
        }
        Ok(())
    }

    /// Hands a chunk that is whole to the disk, unless an earlier version of it is still being written.
    pub(super) fn store_if_whole(&mut self, place: Place) -> Taken {
        if self.disk.is_storing(place) {
            return Ok(());
        }
        let Some((digest, data)) = self.intake.take_whole(place)? else {
            return Ok(());
        };
        let name = digest.name;
        let Standing::Wanted(offset, span) = self.standing(name)? else {
            return Ok(());
        };
        let Some(active) = self.active_mut(name.entry) else {
            return Ok(());
        };
        active.check_length(&digest, span)?;
        active.writing += 1;
        self.disk.begin_store(name, digest.length);
        self.outputs
            .push_back(ReceiverOutput::StoreChunk(StoreChunk {
                name,
                offset,
                data,
                digest: digest.digest,
            }));
        Ok(())
    }

    fn take_bulk(&mut self, message: Bytes, now: Instant) -> Taken {
        let (head, records) =
            bulk::records(message).map_err(|_| ReceiverViolation::MalformedBulk)?;
        if self.intake.token() != Some(head.token) {
            return Err(ReceiverViolation::WrongToken);
        }
        self.stall.touch(now);
        self.intake.note_round(head.round);
        for record in records {
            self.take_record(head.round, &record)?;
        }
        Ok(())
    }

    fn take_record(&mut self, round: u16, record: &Record) -> Taken {
        match self.standing(record.name)? {
            Standing::Wanted(_, span) => {
                let end = u64::from(record.offset) + record.data.len() as u64;
                if end > u64::from(span) {
                    return Err(ReceiverViolation::OutsideFile);
                }
                self.disk.forget_unwritten(&record.name);
                self.intake.put(round, record, span)?;
                self.store_if_whole(place_of(record.name))
            }
            Standing::Here | Standing::Stale => self.intake.note_repeated(record.data.len()),
        }
    }

    fn take_digest(&mut self, digest: ChunkDigest, now: Instant) -> Taken {
        match self.standing(digest.name)? {
            Standing::Wanted(_, span) => {
                if let Some(active) = self.active_mut(digest.name.entry) {
                    active.check_length(&digest, span)?;
                }
                self.disk.forget_unwritten(&digest.name);
                self.intake.put_digest(digest)?;
                self.store_if_whole(place_of(digest.name))
            }
            Standing::Here => {
                self.reports.add_stored(digest.name, 0, now);
                Ok(())
            }
            Standing::Stale => Ok(()),
        }
    }

    fn take_compare(&mut self, digest: ChunkDigest, now: Instant) -> Taken {
        let name = digest.name;
        match self.standing(name)? {
            Standing::Wanted(_, span) if digest.length != span => {
                Err(ReceiverViolation::OutsideFile)
            }
            Standing::Wanted(_, _) if self.disk.is_storing(place_of(name)) => {
                self.reports.add_wanted(name, now);
                Ok(())
            }
            Standing::Wanted(_, _) => {
                if self.disk.comparing() >= 2 * self.setup.tuning.window_chunks {
                    return Err(ReceiverViolation::WindowOverrun);
                }
                if self.disk.begin_compare(name) {
                    self.outputs.push_back(ReceiverOutput::CompareChunk(digest));
                }
                Ok(())
            }
            Standing::Here => {
                self.reports.add_stored(name, 0, now);
                Ok(())
            }
            Standing::Stale => Ok(()),
        }
    }

    fn standing(&mut self, name: ChunkName) -> Result<Standing, ReceiverViolation> {
        match self.manifest.find(name.entry) {
            Found::Unknown => Err(ReceiverViolation::UnknownEntry),
            Found::Closed => Ok(Standing::Here),
            Found::Open(entry) => entry.standing(name.version, name.chunk),
        }
    }
}
