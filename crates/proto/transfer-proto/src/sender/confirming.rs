//! What the receiver says it has, lacks or keeps.

use std::time::Instant;

use model::limits::{CORRUPT_CHUNKS_PER_FILE, CORRUPT_CHUNKS_PER_SESSION, PREFLIGHT_NAMED};
use model::{ChunkSet, EntryVersion, chunk_count};

use super::entry::{Active, Progress, SourceEntry};
use super::{Sender, SenderEvent, SenderOutput, SenderViolation};
use crate::tuning::FILE_BYTES;
use crate::{ChunkName, EntryHave, Findings, GONE_VERSION, GoneReason, PageHave, ToReceiver};

impl Sender {
    pub(super) fn handle_page_stored(&mut self, have: PageHave) {
        match self.manifest.page_awaiting(have.page) {
            Ok(_) => {
                self.haves.insert(have.page, have);
                self.apply_haves();
            }
            Err(_) => self.violate(SenderViolation::UnknownPage),
        }
    }

    /// Tells people what the receiver found: of each page once, and before any of its data is sent.
    pub(super) fn handle_findings(&mut self, findings: Findings) {
        let end = self.config.summary.entries;
        let mut named = findings.named.iter();
        let is_sound = findings.named.len() <= PREFLIGHT_NAMED
            && named.all(|finding| u64::from(finding.entry) < end);
        if !is_sound || self.manifest.page_awaiting(findings.page).is_err() {
            self.violate(SenderViolation::UnknownPage);
        } else if !self.found.insert(findings.page) {
            self.violate(SenderViolation::UnexpectedMessage);
        } else {
            self.outputs.push_back(SenderOutput::Findings(findings));
        }
    }

    /// Opens every told page whose `PageStored` is here.
    pub(super) fn apply_haves(&mut self) {
        let ready: Vec<u32> = self
            .haves
            .keys()
            .copied()
            .filter(|page| self.manifest.is_told(*page))
            .collect();
        for page in ready {
            let Some(have) = self.haves.remove(&page) else {
                continue;
            };
            if !self.apply_have(&have) {
                self.violate(SenderViolation::UnknownChunk);
                return;
            }
        }
    }

    pub(super) fn handle_page_finished(&mut self, page: u32, now: Instant) {
        if page >= self.config.pages {
            self.violate(SenderViolation::UnknownPage);
            return;
        }
        self.stall.touch(now);
        self.haves.remove(&page);
        let Some(entries) = self.manifest.finish(page) else {
            return;
        };
        for entry in entries {
            self.forget_reads(entry);
            self.line.window.release(entry, u8::MAX);
        }
    }

    pub(super) fn handle_chunks_stored(&mut self, names: &[ChunkName], now: Instant) {
        self.stall.touch(now);
        for name in names {
            if u64::from(name.entry) >= self.config.summary.entries {
                self.violate(SenderViolation::UnknownChunk);
                return;
            }
            self.reads.cancel(name);
            self.line.forget(name);
            let Some(source) = self.manifest.entry_mut(name.entry) else {
                continue;
            };
            let Some(active) = source.activate() else {
                continue;
            };
            if active.version != name.version {
                continue;
            }
            if u64::from(name.chunk) >= active.chunk_count() {
                self.violate(SenderViolation::UnknownChunk);
                return;
            }
            active.confirmed.insert(u64::from(name.chunk));
            source.settle();
        }
    }

    pub(super) fn handle_chunks_wanted(&mut self, names: &[ChunkName]) {
        let mut again = Vec::new();
        for name in names {
            if self.line.shelf.want(name) {
                continue;
            }
            if !self.is_sent(name) {
                self.violate(SenderViolation::UnknownChunk);
                return;
            }
            again.push(*name);
        }
        if !again.is_empty() {
            self.send_again(&again);
        }
    }

    pub(super) fn handle_chunk_rejected(&mut self, name: ChunkName) {
        if !self.is_sent(&name) {
            self.violate(SenderViolation::UnknownChunk);
            return;
        }
        self.counts.rejected += 1;
        let in_session = self.counts.rejected;
        let active = self
            .manifest
            .entry_mut(name.entry)
            .and_then(SourceEntry::active_mut);
        let in_file = active.map_or(0, |active| {
            active.rejected += 1;
            active.rejected
        });
        if in_file > CORRUPT_CHUNKS_PER_FILE || in_session > CORRUPT_CHUNKS_PER_SESSION {
            self.violate(SenderViolation::TooManyRejected);
            return;
        }
        self.send_again(&[name]);
    }

    /// What changed or vanished here had already arrived.
    pub(super) fn handle_entry_kept(&mut self, entry: u32) {
        self.forget_reads(entry);
        self.line.window.release(entry, u8::MAX);
        let Some(source) = self.manifest.entry_mut(entry) else {
            return;
        };
        let size_bytes = match &source.progress {
            Progress::Done { .. } => return,
            Progress::Gone(_) | Progress::Untouched => source.manifest_bytes(),
            Progress::Active(active) => active.size_bytes.unwrap_or(0),
        };
        source.progress = Progress::Done { size_bytes };
        self.tell(SenderEvent::EntryKept { entry });
    }

    /// Whether a chunk was sent and not confirmed; of other versions anything may be said.
    fn is_sent(&mut self, name: &ChunkName) -> bool {
        if self.line.window.contains(name) {
            return true;
        }
        let Some(source) = self.manifest.entry_mut(name.entry) else {
            return u64::from(name.entry) < self.config.summary.entries;
        };
        source
            .active()
            .is_none_or(|active| active.version > name.version)
    }

    /// Takes over what the receiver has of a page; returns whether that is possible.
    fn apply_have(&mut self, have: &PageHave) -> bool {
        let Ok(Some(page)) = self.manifest.page_awaiting(have.page) else {
            return false;
        };
        if !page.fits(have) {
            return false;
        }
        page.mark_stored();
        let mut partial: std::collections::BTreeMap<u32, &EntryHave> = have
            .partial
            .iter()
            .map(|have| (have.revision.entry, have))
            .collect();
        let range = page.first..;
        let mut notices = Vec::new();
        let mut refused = Vec::new();
        for (entry, source) in range.zip(&mut page.entries) {
            let notice = if have.finished.contains(u64::from(entry)) {
                if have.refused.contains(u64::from(entry)) && !source.is_settled() {
                    refused.push(entry);
                }
                source.finish();
                Notice::None
            } else {
                source.begin_session(partial.remove(&entry))
            };
            if !matches!(notice, Notice::None) {
                notices.push((entry, notice));
            }
        }
        let reason = GoneReason::NameRefused;
        for entry in refused {
            self.tell(SenderEvent::EntrySkipped { entry, reason });
        }
        notices
            .into_iter()
            .all(|(entry, notice)| self.act(entry, notice))
    }

    fn act(&mut self, entry: u32, notice: Notice) -> bool {
        match notice {
            Notice::None => {}
            Notice::TellChange => {
                let active = self
                    .manifest
                    .entry_mut(entry)
                    .and_then(|source| source.active());
                if let Some(revision) = active.map(|active| active.revision(entry)) {
                    self.send(ToReceiver::EntryChanged(revision));
                }
            }
            Notice::TellEnd(size_bytes) => {
                self.send(ToReceiver::StreamEnded { entry, size_bytes });
            }
            Notice::TellGone(reason) => {
                self.send(ToReceiver::EntryGone { entry, reason });
            }
            Notice::Revise(version) => self.revise(entry, version),
            Notice::Impossible => return false,
        }
        true
    }
}

/// What must be said about an entry after the receiver told what it has.
#[derive(Debug)]
pub(super) enum Notice {
    None,
    TellChange,
    TellEnd(u64),
    TellGone(GoneReason),
    Revise(EntryVersion),
    Impossible,
}

impl SourceEntry {
    /// The receiver needs nothing more of it.
    fn finish(&mut self) {
        if !matches!(self.progress, Progress::Gone(_)) {
            let size_bytes = self.current_bytes();
            self.progress = Progress::Done { size_bytes };
        }
    }

    /// Lines up with what the receiver has of an unfinished entry.
    fn begin_session(&mut self, have: Option<&EntryHave>) -> Notice {
        if self.is_directory() && have.is_some() {
            return Notice::Impossible;
        }
        if self.needs_no_data() && have.is_none() {
            let size_bytes = 0;
            self.progress = Progress::Done { size_bytes };
            return Notice::None;
        }
        match &self.progress {
            Progress::Gone(reason) => return Notice::TellGone(*reason),
            Progress::Done { .. } => self.progress = Progress::Untouched,
            Progress::Untouched | Progress::Active(_) => {}
        }
        let is_stream = self.is_stream();
        if have.is_none() && matches!(self.progress, Progress::Untouched) {
            return Notice::None;
        }
        let Some(active) = self.activate() else {
            return Notice::None;
        };
        active.next = 0;
        active.confirmed = ChunkSet::new();
        let notice = match have {
            Some(have) if is_stream => active.resume_stream(have),
            Some(have) => active.line_up(have),
            None if active.version > 0 => Notice::TellChange,
            None => Notice::None,
        };
        let notice = match (notice, active.size_bytes) {
            (Notice::None, Some(size_bytes)) if is_stream => Notice::TellEnd(size_bytes),
            (notice, _) => notice,
        };
        self.settle();
        notice
    }
}

impl Active {
    fn resume_stream(&mut self, have: &EntryHave) -> Notice {
        if have
            .chunks
            .runs()
            .last()
            .is_some_and(|run| run.end > self.chunk_count())
        {
            return Notice::Impossible;
        }
        self.confirmed = have.chunks.clone();
        Notice::None
    }

    fn line_up(&mut self, have: &EntryHave) -> Notice {
        let theirs = &have.revision;
        let count = chunk_count(theirs.size_bytes);
        let is_beyond = have.chunks.runs().last().is_some_and(|run| run.end > count);
        if is_beyond || theirs.version == GONE_VERSION || theirs.size_bytes > FILE_BYTES {
            return Notice::Impossible;
        }
        if theirs.version < self.version {
            return Notice::TellChange;
        }
        if theirs.version == 0 && self.size_bytes != Some(theirs.size_bytes) {
            return Notice::Impossible;
        }
        self.version = theirs.version;
        self.size_bytes = Some(theirs.size_bytes);
        self.modified = theirs.modified;
        self.compare = have.compare || theirs.version > 0;
        if let Some(pinned) = self.pinned.take() {
            if !self.matches(&pinned) {
                return Notice::Revise(pinned);
            }
            self.pinned = Some(pinned);
        }
        self.confirmed = have.chunks.clone();
        Notice::None
    }
}
