use model::{ChunkSet, Entry};

use super::entry::{Progress, SinkEntry};
use super::{FinishEntry, HeldPage, ReceiverOutput};
use crate::{Findings, PageHave};

/// A page in memory.
#[derive(Debug)]
pub(super) struct OpenPage {
    pub(super) page: u32,
    pub(super) first: u32,
    pub(super) entries: Vec<SinkEntry>,
    pub(super) stage: Stage,
    /// Entries that are not settled.
    pub(super) left: usize,
    /// Entries whose names cannot be held here.
    pub(super) refused: ChunkSet,
    /// What the sender hears of before it sends data.
    pub(super) findings: Option<Findings>,
}

#[derive(Debug)]
pub(super) enum Stage {
    /// The driver stores it.
    Storing(Vec<Entry>),
    /// The driver could not store it yet.
    Failed(Vec<Entry>),
    /// Data may come.
    Stored,
}

impl OpenPage {
    pub(super) fn retry(&mut self) -> Option<ReceiverOutput> {
        let Stage::Failed(entries) = &mut self.stage else {
            return None;
        };
        let entries = std::mem::take(entries);
        self.stage = Stage::Storing(entries.clone());
        Some(ReceiverOutput::StorePage {
            page: self.page,
            first_entry: self.first,
            entries,
        })
    }

    pub(super) fn take_held(&mut self, held: &HeldPage) -> Vec<FinishEntry> {
        for partial in &held.partial {
            let place = partial.revision.entry.checked_sub(self.first);
            let entry = place.and_then(|place| self.entries.get_mut(place as usize));
            if let Some(entry) = entry.filter(|entry| entry.is_file()) {
                entry.take_held(partial);
            }
        }
        self.refused = held.refused.clone();
        self.findings = held.findings.clone();
        let mut finishing = Vec::new();
        for (index, entry) in (self.first..).zip(&mut self.entries) {
            if held.dropped.contains(u64::from(index)) {
                entry.progress = Progress::Gone;
            } else if held.finished.contains(u64::from(index)) {
                let size_bytes = entry.current_bytes();
                entry.progress = Progress::Done { size_bytes };
            } else if !entry.is_stream() {
                finishing.extend(entry.finish_if_whole(index));
            }
            if entry.is_settled() {
                self.left -= 1;
            }
        }
        finishing
    }

    pub(super) fn have(&self) -> PageHave {
        let mut have = PageHave {
            page: self.page,
            finished: ChunkSet::new(),
            partial: Vec::new(),
            refused: self.refused.clone(),
        };
        for (index, entry) in (self.first..).zip(&self.entries) {
            if entry.is_complete() || entry.is_given_up() {
                have.finished.insert(u64::from(index));
            } else {
                have.partial.extend(entry.have(index));
            }
        }
        have
    }
}
