//! Files that change, vanish or end while they are sent.

use super::entry::Progress;
use super::manifest::{Found, ceiling_bytes};
use super::{Receiver, ReceiverEvent, ReceiverOutput, ReceiverViolation};
use crate::{EntryRevision, GONE_VERSION, GoneReason, ToSender};

type Taken = Result<(), ReceiverViolation>;

impl Receiver {
    pub(super) fn take_change(&mut self, revision: &EntryRevision) -> Taken {
        let entry = revision.entry;
        let ceiling_bytes = self.ceiling_bytes();
        let found = match self.manifest.find(entry) {
            Found::Unknown => return Err(ReceiverViolation::UnknownEntry),
            Found::Closed => return self.keep(entry),
            Found::Open(found) if found.is_complete() => return self.keep(entry),
            Found::Open(found) => found,
        };
        if !found.is_file() || found.is_stream() {
            return Err(ReceiverViolation::OutsideFile);
        }
        let old_bytes = found.counted_bytes();
        let Some(active) = found.activate() else {
            let below = revision.version;
            self.send(ToSender::EntryReleased { entry, below });
            return Ok(());
        };
        if revision.version <= active.version || revision.version == GONE_VERSION {
            return Err(ReceiverViolation::UnknownVersion);
        }
        active.revise(revision);
        self.manifest
            .resize(old_bytes, revision.size_bytes, ceiling_bytes)?;
        self.outputs
            .push_back(ReceiverOutput::ReviseEntry(*revision));
        self.release(entry, revision.version);
        self.tell(ReceiverEvent::EntryChanged { entry });
        self.finish_if_whole(entry);
        Ok(())
    }

    pub(super) fn take_gone(&mut self, entry: u32, reason: GoneReason) -> Taken {
        let ceiling_bytes = self.ceiling_bytes();
        let found = match self.manifest.find(entry) {
            Found::Unknown => return Err(ReceiverViolation::UnknownEntry),
            Found::Closed => return self.keep(entry),
            Found::Open(found) if found.is_complete() => return self.keep(entry),
            Found::Open(found) => found,
        };
        if !found.is_file() {
            return Err(ReceiverViolation::OutsideFile);
        }
        if found.is_given_up() {
            let below = GONE_VERSION;
            self.send(ToSender::EntryReleased { entry, below });
            return Ok(());
        }
        let old_bytes = found.counted_bytes();
        let writing = found.active_mut().map_or(0, |active| active.writing);
        found.progress = Progress::Leaving { writing };
        self.manifest.resize(old_bytes, 0, ceiling_bytes)?;
        self.release(entry, GONE_VERSION);
        self.tell(ReceiverEvent::EntrySkipped { entry, reason });
        if writing == 0 {
            self.drop_entry(entry);
        }
        Ok(())
    }

    pub(super) fn take_stream_end(&mut self, entry: u32, size_bytes: u64) -> Taken {
        let ceiling_bytes = self.ceiling_bytes();
        let found = match self.manifest.find(entry) {
            Found::Unknown => return Err(ReceiverViolation::UnknownEntry),
            Found::Closed => return Ok(()),
            Found::Open(found) => found,
        };
        if !found.is_stream() {
            return Err(ReceiverViolation::OutsideFile);
        }
        let old_bytes = found.counted_bytes();
        let Some(active) = found.activate() else {
            return Ok(());
        };
        let is_news = active.is_open_stream();
        active.end_stream(size_bytes)?;
        if is_news {
            self.manifest.resize(old_bytes, size_bytes, ceiling_bytes)?;
        }
        self.finish_if_whole(entry);
        Ok(())
    }

    fn ceiling_bytes(&self) -> u64 {
        self.consent
            .offer
            .as_ref()
            .map_or(0, |offer| ceiling_bytes(&offer.summary))
    }

    /// It was complete here before it changed there.
    fn keep(&mut self, entry: u32) -> Taken {
        self.send(ToSender::EntryKept { entry });
        Ok(())
    }

    /// Lets go of what arrived of earlier versions; what is still on its way will come in vain.
    fn release(&mut self, entry: u32, below: u8) {
        self.intake.remove_entry(entry);
        self.intake.allow_repeats(1);
        self.send(ToSender::EntryReleased { entry, below });
    }
}
