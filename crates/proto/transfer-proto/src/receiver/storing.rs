//! What the disk answers, and what follows when a file, a page or everything is complete.

use std::time::Instant;

use model::Digest;
use model::limits::{CORRUPT_CHUNKS_PER_FILE, CORRUPT_CHUNKS_PER_SESSION};

use super::disk::{Commit, Storing, place_of};
use super::entry::{Active, Progress, SinkEntry, Standing};
use super::{
    HeldPage, Phase, Receiver, ReceiverEvent, ReceiverOutcome, ReceiverOutput, ReceiverViolation,
};
use crate::{CancelReason, ChunkName, Completion, SinkFailure, ToSender};

impl Receiver {
    pub(super) fn handle_page_stored(&mut self, page: u32, held: &HeldPage) {
        let Some(finishing) = self.manifest.take_stored(page, held) else {
            return;
        };
        if self.is_running() {
            self.tell_stored(page);
        }
        let requests = finishing.into_iter().map(ReceiverOutput::FinishEntry);
        self.outputs.extend(requests);
        if self.manifest.close_if_settled(page) {
            self.announce_closed(page);
        }
    }

    /// Tells the sender what it should know before it sends data of a page, and that it may.
    pub(super) fn tell_stored(&mut self, page: u32) {
        let Some((findings, have)) = self.manifest.have(page) else {
            return;
        };
        if let Some(findings) = findings {
            self.send(ToSender::Findings(findings));
        }
        self.send(ToSender::PageStored(have));
    }

    pub(super) fn handle_page_failed(&mut self, page: u32, failure: SinkFailure) {
        self.manifest.mark_failed(page);
        self.pause(failure.into());
    }

    pub(super) fn handle_chunk_stored(&mut self, name: ChunkName, now: Instant) {
        let Some(storing) = self.end_store(name) else {
            return;
        };
        self.stall.touch(now);
        let place = place_of(name);
        let standing = match self.manifest.entry_mut(name.entry) {
            Some(entry) => entry.standing(name.version, name.chunk),
            None => return,
        };
        match standing {
            Ok(Standing::Wanted(_, span)) => {
                self.intake.remove(place);
                self.note_stored(storing, span, now);
            }
            Ok(Standing::Here | Standing::Stale) => {
                let stored = self.store_if_whole(place);
                self.violate_on_error(stored);
            }
            Err(violation) => self.violate(violation),
        }
    }

    pub(super) fn handle_chunk_corrupt(&mut self, name: ChunkName) {
        let Some(storing) = self.end_store(name) else {
            return;
        };
        self.corrupt_in_session += 1;
        let in_session = self.corrupt_in_session;
        let in_file = self.active_mut(name.entry).map_or(0, |active| {
            active.corrupt += 1;
            active.corrupt
        });
        if in_file > CORRUPT_CHUNKS_PER_FILE || in_session > CORRUPT_CHUNKS_PER_SESSION {
            self.violate(ReceiverViolation::TooManyCorrupt);
            return;
        }
        if self.is_missing(&storing) {
            self.send(ToSender::ChunkRejected(name));
            self.tell(ReceiverEvent::ChunkRejected { name });
        }
        let stored = self.store_if_whole(place_of(name));
        self.violate_on_error(stored);
    }

    pub(super) fn handle_write_failed(&mut self, name: ChunkName, failure: SinkFailure) {
        let Some(storing) = self.end_store(name) else {
            return;
        };
        if self.is_missing(&storing) {
            self.disk.note_unwritten(name);
        }
        self.pause(failure.into());
        let stored = self.store_if_whole(place_of(name));
        self.violate_on_error(stored);
    }

    pub(super) fn handle_chunk_compared(&mut self, name: ChunkName, is_same: bool, now: Instant) {
        if !self.disk.end_compare(&name) {
            return;
        }
        let Some(entry) = self.manifest.entry_mut(name.entry) else {
            return;
        };
        let Ok(Standing::Wanted(_, span)) = entry.standing(name.version, name.chunk) else {
            return;
        };
        if !is_same {
            self.reports.add_wanted(name, now);
            return;
        }
        if let Some(active) = self.active_mut(name.entry) {
            active.note_stored(name.chunk);
        }
        self.stall.touch(now);
        self.reports.add_stored(name, u64::from(span), now);
        self.finish_if_whole(name.entry);
    }

    pub(super) fn handle_entry_finished(&mut self, entry: u32) {
        let Some(found) = self.manifest.entry_mut(entry) else {
            return;
        };
        let Progress::Finishing(finish) = &found.progress else {
            return;
        };
        found.progress = Progress::Done {
            size_bytes: finish.size_bytes,
        };
        self.settle(entry);
    }

    pub(super) fn handle_finish_failed(&mut self, entry: u32, failure: SinkFailure) {
        let found = self.manifest.entry_mut(entry);
        if let Some(Progress::Finishing(finish)) = found.map(|found| &found.progress) {
            self.disk.note_unfinished((**finish).clone());
            self.pause(failure.into());
        }
    }

    pub(super) fn finish_if_whole(&mut self, entry: u32) {
        let found = self.manifest.entry_mut(entry);
        if let Some(finish) = found.and_then(|found| found.finish_if_whole(entry)) {
            self.outputs.push_back(ReceiverOutput::FinishEntry(finish));
        }
    }

    /// An entry needs nothing more: its page may be complete, and with it everything.
    pub(super) fn settle(&mut self, entry: u32) {
        if let Some(page) = self.manifest.settle(entry) {
            self.announce_closed(page);
        }
    }

    /// Commits once the sender has said that this is all and everything is finished.
    pub(super) fn commit_if_complete(&mut self) {
        let Some(offer) = &self.consent.offer else {
            return;
        };
        let is_due = self.is_all_sent && self.disk.commit == Commit::NotYet;
        if !is_due || !self.manifest.is_settled(offer.pages) {
            return;
        }
        if self.manifest.entries_told() < offer.summary.entries {
            self.violate(ReceiverViolation::TooFewEntries);
            return;
        }
        let totals = self.totals();
        if totals.files_done == 0 && totals.entries_skipped > 0 {
            self.cancel(CancelReason::NothingLeft);
            return;
        }
        self.disk.commit = Commit::Asked;
        self.outputs.push_back(ReceiverOutput::Commit);
    }

    pub(super) fn handle_committed(&mut self, digest: Digest) {
        if self.disk.commit != Commit::Asked || self.is_over() {
            return;
        }
        let completion = Completion {
            digest,
            skipped: self.totals().entries_skipped,
        };
        if self.is_running() {
            self.flush_reports();
            self.send(ToSender::Complete(completion));
        }
        self.end(ReceiverOutcome::Completed(completion));
    }

    pub(super) fn handle_commit_failed(&mut self, failure: SinkFailure) {
        if self.disk.commit == Commit::Asked {
            self.disk.commit = Commit::Failed;
            self.pause(failure.into());
        }
    }

    /// Asks the disk once more for everything it could not do, and the sender for what was dropped.
    pub(super) fn retry_disk(&mut self) {
        self.outputs.extend(self.manifest.retry_failed());
        let finishing = self.disk.take_unfinished().into_values();
        self.outputs
            .extend(finishing.map(ReceiverOutput::FinishEntry));
        let wanted: Vec<ChunkName> = self.disk.take_unwritten().into_iter().collect();
        if !wanted.is_empty() && self.is_running() {
            self.send(ToSender::ChunksWanted(wanted));
        }
        if self.disk.commit == Commit::Failed {
            self.disk.commit = Commit::Asked;
            self.outputs.push_back(ReceiverOutput::Commit);
        }
    }

    fn announce_closed(&mut self, page: u32) {
        self.flush_reports();
        if self.is_running() {
            self.send(ToSender::PageFinished { page });
        }
        self.outputs.push_back(ReceiverOutput::ClosePage { page });
        self.commit_if_complete();
    }

    fn note_stored(&mut self, storing: Storing, span: u32, now: Instant) {
        let name = storing.name;
        let Some(entry) = self.manifest.entry_mut(name.entry) else {
            return;
        };
        let is_stream = entry.is_stream();
        let Some(active) = entry.active_mut() else {
            return;
        };
        if storing.length != span && !(is_stream && active.is_open_stream()) {
            self.violate(ReceiverViolation::OutsideFile);
            return;
        }
        active.note_stored(name.chunk);
        if self.is_running() {
            self.reports
                .add_stored(name, u64::from(storing.length), now);
        }
        self.finish_if_whole(name.entry);
    }

    /// Whether a chunk that did not reach the disk is still wanted and the sender believes it arrived.
    fn is_missing(&mut self, storing: &Storing) -> bool {
        let name = storing.name;
        let is_ours = self.is_running() && self.disk.is_of_session(storing);
        is_ours
            && self
                .active_mut(name.entry)
                .is_some_and(|active| active.version == name.version)
    }

    /// Takes a write off the books; an entry that only waited for it is dropped now.
    fn end_store(&mut self, name: ChunkName) -> Option<Storing> {
        let storing = self.disk.end_store(name)?;
        let entry = name.entry;
        match self
            .manifest
            .entry_mut(entry)
            .map(|found| &mut found.progress)
        {
            Some(Progress::Active(active)) => active.writing -= 1,
            Some(Progress::Leaving { writing }) => {
                *writing -= 1;
                if *writing == 0 {
                    self.drop_entry(entry);
                }
            }
            Some(
                Progress::Untouched
                | Progress::Finishing(_)
                | Progress::Done { .. }
                | Progress::Gone,
            )
            | None => {}
        }
        Some(storing)
    }

    pub(super) fn drop_entry(&mut self, entry: u32) {
        if let Some(found) = self.manifest.entry_mut(entry) {
            found.progress = Progress::Gone;
        }
        self.outputs.push_back(ReceiverOutput::DropEntry { entry });
        self.settle(entry);
    }

    pub(super) fn active_mut(&mut self, entry: u32) -> Option<&mut Active> {
        self.manifest
            .entry_mut(entry)
            .and_then(SinkEntry::active_mut)
    }

    pub(super) fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }
}
