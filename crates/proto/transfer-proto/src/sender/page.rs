use super::entry::{Progress, SourceEntry};
use crate::PageHave;

/// A page in memory.
#[derive(Debug)]
pub(super) struct OpenPage {
    pub(super) page: u32,
    pub(super) first: u32,
    pub(super) entries: Vec<SourceEntry>,
    /// Entries before this one need no further read.
    pub(super) cursor: usize,
    pub(super) stage: Stage,
}

/// How far a page is in this session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stage {
    /// Kept from an earlier session.
    Kept,
    /// The receiver owes a `PageStored`.
    Told,
    /// The receiver said what it has; data may be sent.
    Stored,
}

/// Sums over entries.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    pub(super) entries_done: u64,
    pub(super) entries_skipped: u64,
    pub(super) bytes_done: u64,
    pub(super) bytes: u64,
}

impl OpenPage {
    /// Takes what the receiver has; data may be sent from now on.
    pub(super) fn mark_stored(&mut self) {
        self.stage = Stage::Stored;
        self.cursor = 0;
    }

    /// Whether all that `have` names exists.
    pub(super) fn fits(&self, have: &PageHave) -> bool {
        let end = u64::from(self.first) + self.entries.len() as u64;
        let range = u64::from(self.first)..end;
        let finished = have.finished.runs();
        let mut partial = have.partial.iter().map(|have| have.revision.entry);
        finished
            .into_iter()
            .all(|run| range.contains(&run.start) && run.end <= range.end)
            && partial.all(|entry| range.contains(&u64::from(entry)))
    }

    pub(super) fn next_unread(&mut self) -> Option<usize> {
        if self.stage != Stage::Stored {
            return None;
        }
        while let Some(entry) = self.entries.get(self.cursor) {
            let has_more = match &entry.progress {
                Progress::Untouched => !entry.needs_no_data(),
                Progress::Active(active) => {
                    active.confirmed.next_missing(active.next) < active.chunk_count()
                }
                Progress::Done { .. } | Progress::Gone(_) => false,
            };
            if has_more {
                return Some(self.cursor);
            }
            self.cursor += 1;
        }
        None
    }

    pub(super) fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for entry in &self.entries {
            totals.bytes = totals.bytes.saturating_add(entry.current_bytes());
            totals.bytes_done = totals.bytes_done.saturating_add(entry.confirmed_bytes());
            match entry.progress {
                Progress::Done { .. } => totals.entries_done += 1,
                Progress::Gone(_) => totals.entries_skipped += 1,
                Progress::Untouched | Progress::Active(_) => {}
            }
        }
        totals
    }

    /// The sums once the receiver said that every entry is finished.
    pub(super) fn totals_when_finished(&self) -> Totals {
        let now = self.totals();
        Totals {
            entries_done: self.entries.len() as u64 - now.entries_skipped,
            bytes_done: now.bytes,
            ..now
        }
    }
}

impl Totals {
    pub(super) fn add(&mut self, other: Self) {
        self.entries_done += other.entries_done;
        self.entries_skipped += other.entries_skipped;
        self.bytes_done = self.bytes_done.saturating_add(other.bytes_done);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}
