//! Which pages are known, open and finished; the only place that knows where an entry is.

use std::collections::BTreeMap;

use model::limits::{MANIFEST_PAGE_BYTES, MANIFEST_PAGE_ENTRIES, OPEN_PAGES, TEXT_BYTES};
use model::{ChunkSet, EntryKind, wire};

use super::entry::{Progress, SinkEntry};
use super::page::{OpenPage, Stage};
use super::{CompletePage, FinishEntry, HeldPage, ReceiverOutput, ReceiverViolation};
use crate::tuning::{FILE_BYTES, TRANSFER_BYTES};
use crate::{Findings, GROWTH_BYTES, Page, PageHave, Summary, TransferKind};

/// The receiver's view of the manifest.
#[derive(Debug)]
pub(super) struct Manifest {
    /// The next page that may come.
    next_page: u32,
    /// The index of its first entry.
    next_entry: u32,
    /// Pages that were complete before this run, still ahead of `next_page`.
    complete_ahead: BTreeMap<u32, CompletePage>,
    /// Pages in memory, by the index of their first entry.
    open: BTreeMap<u32, OpenPage>,
    /// Pages that need nothing more.
    finished: ChunkSet,
    /// Sums over the entries of `finished`.
    closed: Totals,
    /// What all entries told so far hold now.
    told_bytes: u64,
    /// What the manifest said of the entries told in this run.
    manifest_bytes: u64,
    /// What the pages hold that were complete before this run.
    complete_bytes: u64,
    /// Whether a stream was told in this run.
    has_stream: bool,
}

/// Where an entry is.
#[derive(Debug)]
pub(super) enum Found<'a> {
    /// Never told, or its page is not stored yet.
    Unknown,
    /// Its page is finished.
    Closed,
    /// Its page is open.
    Open(&'a mut SinkEntry),
}

/// Sums over entries.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    pub(super) entries_done: u64,
    pub(super) entries_skipped: u64,
    pub(super) files_done: u64,
    pub(super) bytes_done: u64,
    pub(super) bytes: u64,
}

impl Manifest {
    pub(super) fn new(complete: &[CompletePage]) -> Self {
        let mut manifest = Self {
            next_page: 0,
            next_entry: 0,
            complete_ahead: complete.iter().map(|page| (page.page, *page)).collect(),
            open: BTreeMap::new(),
            finished: ChunkSet::new(),
            closed: Totals::default(),
            told_bytes: 0,
            manifest_bytes: 0,
            complete_bytes: 0,
            has_stream: false,
        };
        for page in complete {
            manifest.count_complete(page);
        }
        manifest.skip_complete();
        manifest
    }

    /// Checks and opens the page that is due.
    pub(super) fn open_page(
        &mut self,
        page: Page,
        summary: &Summary,
        pages: u32,
    ) -> Result<ReceiverOutput, ReceiverViolation> {
        if page.page != self.next_page || page.page >= pages || page.first_entry != self.next_entry
        {
            return Err(ReceiverViolation::UnexpectedPage);
        }
        if self.open.len() >= OPEN_PAGES {
            return Err(ReceiverViolation::TooManyPages);
        }
        self.check_content(&page, summary)?;
        let entries: Vec<SinkEntry> = page.entries.iter().map(SinkEntry::new).collect();
        let opened = OpenPage {
            page: page.page,
            first: page.first_entry,
            left: entries.len(),
            entries,
            refused: ChunkSet::new(),
            findings: None,
            stage: Stage::Storing(page.entries.clone()),
        };
        self.next_page += 1;
        self.next_entry += u32::try_from(opened.entries.len()).unwrap_or(u32::MAX);
        self.open.insert(page.first_entry, opened);
        self.skip_complete();
        Ok(ReceiverOutput::StorePage {
            page: page.page,
            first_entry: page.first_entry,
            entries: page.entries,
        })
    }

    /// Takes what the disk holds of a page; returns the entries that need only finishing.
    pub(super) fn take_stored(&mut self, page: u32, held: &HeldPage) -> Option<Vec<FinishEntry>> {
        let open = self.page_mut(page)?;
        if matches!(open.stage, Stage::Stored) {
            return None;
        }
        open.stage = Stage::Stored;
        let before: u64 = open.entries.iter().map(SinkEntry::current_bytes).sum();
        let finishing = open.take_held(held);
        let after: u64 = open.entries.iter().map(SinkEntry::current_bytes).sum();
        self.told_bytes = self.told_bytes.saturating_sub(before).saturating_add(after);
        Some(finishing)
    }

    /// The driver could not store a page.
    pub(super) fn mark_failed(&mut self, page: u32) {
        if let Some(open) = self.page_mut(page)
            && let Stage::Storing(entries) = &mut open.stage
        {
            open.stage = Stage::Failed(std::mem::take(entries));
        }
    }

    /// Asks again for every page that could not be stored.
    pub(super) fn retry_failed(&mut self) -> Vec<ReceiverOutput> {
        let pages = self.open.values_mut();
        pages.filter_map(OpenPage::retry).collect()
    }

    /// Where an entry is, as far as the sender may speak of it.
    pub(super) fn find(&mut self, entry: u32) -> Found<'_> {
        if entry >= self.next_entry {
            return Found::Unknown;
        }
        let Some((first, page)) = self.open.range_mut(..=entry).next_back() else {
            return Found::Closed;
        };
        match page.entries.get_mut((entry - first) as usize) {
            None => Found::Closed,
            Some(_) if !matches!(page.stage, Stage::Stored) => Found::Unknown,
            Some(found) => Found::Open(found),
        }
    }

    /// The entry, if its page is open.
    pub(super) fn entry_mut(&mut self, entry: u32) -> Option<&mut SinkEntry> {
        match self.find(entry) {
            Found::Open(entry) => Some(entry),
            Found::Unknown | Found::Closed => None,
        }
    }

    /// Notes that an entry was settled; returns its page if that was the last of it, and closes it.
    pub(super) fn settle(&mut self, entry: u32) -> Option<u32> {
        let (first, page) = self.open.range_mut(..=entry).next_back()?;
        page.left = page.left.saturating_sub(1);
        if page.left > 0 {
            return None;
        }
        let first = *first;
        self.close(first)
    }

    /// Closes a page that was complete on the disk already.
    pub(super) fn close_if_settled(&mut self, page: u32) -> bool {
        let Some(open) = self.page_mut(page).filter(|open| open.left == 0) else {
            return false;
        };
        let first = open.first;
        self.close(first).is_some()
    }

    /// Replaces what an entry holds in the sum; refuses more than `ceiling_bytes` in all.
    pub(super) fn resize(
        &mut self,
        old: u64,
        new: u64,
        ceiling_bytes: u64,
    ) -> Result<(), ReceiverViolation> {
        let told_bytes = (self.told_bytes.saturating_sub(old)).saturating_add(new);
        if told_bytes > ceiling_bytes {
            return Err(ReceiverViolation::TooManyBytes);
        }
        self.told_bytes = told_bytes;
        Ok(())
    }

    /// Whether every entry of every page is settled.
    pub(super) fn is_settled(&self, pages: u32) -> bool {
        self.next_page >= pages && self.open.is_empty()
    }

    /// How many entries were told or known.
    pub(super) fn entries_told(&self) -> u64 {
        u64::from(self.next_entry)
    }

    pub(super) fn finished_pages(&self) -> ChunkSet {
        self.finished.clone()
    }

    pub(super) fn held_pages(&self) -> ChunkSet {
        let mut held = ChunkSet::new();
        for page in self.open.values() {
            held.insert(u64::from(page.page));
        }
        held
    }

    /// The pages whose disk state is known.
    pub(super) fn stored_pages(&self) -> Vec<u32> {
        let stored = |page: &&OpenPage| matches!(page.stage, Stage::Stored);
        let pages = self.open.values().filter(stored);
        pages.map(|page| page.page).collect()
    }

    /// What to tell the sender of one page.
    pub(super) fn have(&self, page: u32) -> Option<(Option<Findings>, PageHave)> {
        let open = self.open.values().find(|open| open.page == page)?;
        Some((open.findings.clone(), open.have()))
    }

    /// The sums over everything told; `announced_bytes` stands for what was not.
    pub(super) fn totals(&self, announced_bytes: u64) -> Totals {
        let mut totals = self.closed;
        for entry in self.open.values().flat_map(|page| &page.entries) {
            totals.bytes += entry.current_bytes();
            totals.bytes_done += entry.stored_bytes();
            match entry.progress {
                Progress::Done { .. } => totals.entries_done += 1,
                Progress::Leaving { .. } | Progress::Gone => totals.entries_skipped += 1,
                Progress::Untouched | Progress::Active(_) | Progress::Finishing(_) => {}
            }
        }
        let known_bytes = self.manifest_bytes.saturating_add(self.complete_bytes);
        totals.bytes += announced_bytes.saturating_sub(known_bytes);
        totals
    }

    fn check_content(&mut self, page: &Page, summary: &Summary) -> Result<(), ReceiverViolation> {
        let count = page.entries.len();
        let encoded = wire::encode(&page.entries).len();
        if count == 0
            || count > MANIFEST_PAGE_ENTRIES
            || encoded > MANIFEST_PAGE_BYTES + PAGE_SLACK_BYTES
        {
            return Err(ReceiverViolation::UnexpectedPage);
        }
        if self.entries_told() + count as u64 > summary.entries {
            return Err(ReceiverViolation::TooManyEntries);
        }
        let streams = self.count_streams(page, summary)?;
        let mut bytes = 0u64;
        for entry in &page.entries {
            let size_bytes = entry.size_bytes();
            if size_bytes > FILE_BYTES {
                return Err(ReceiverViolation::TooManyBytes);
            }
            bytes = bytes.saturating_add(size_bytes);
        }
        let manifest_bytes = self.manifest_bytes.saturating_add(bytes);
        if manifest_bytes > summary.bytes {
            return Err(ReceiverViolation::TooManyBytes);
        }
        self.resize(0, bytes, ceiling_bytes(summary))?;
        self.manifest_bytes = manifest_bytes;
        self.has_stream |= streams > 0;
        Ok(())
    }

    /// One stream at most, and only where one was announced: the window has room for one early end.
    fn count_streams(&self, page: &Page, summary: &Summary) -> Result<usize, ReceiverViolation> {
        let entries = page.entries.iter();
        let streams = entries
            .filter(|entry| entry.kind == EntryKind::Stream)
            .count();
        if streams > 0 && !summary.stream {
            return Err(ReceiverViolation::TooManyBytes);
        }
        if streams + usize::from(self.has_stream) > 1 {
            return Err(ReceiverViolation::TooManyStreams);
        }
        Ok(streams)
    }

    /// Steps over pages that were complete before this run.
    fn skip_complete(&mut self) {
        while let Some(page) = self.complete_ahead.remove(&self.next_page) {
            self.next_page += 1;
            self.next_entry = self.next_entry.saturating_add(page.entries);
        }
    }

    fn count_complete(&mut self, page: &CompletePage) {
        self.finished.insert(u64::from(page.page));
        self.told_bytes = self.told_bytes.saturating_add(page.bytes);
        self.complete_bytes = self.complete_bytes.saturating_add(page.bytes);
        self.closed.bytes += page.bytes;
        self.closed.bytes_done += page.bytes;
        self.closed.files_done += u64::from(page.files);
        self.closed.entries_skipped += u64::from(page.skipped);
        self.closed.entries_done += u64::from(page.entries.saturating_sub(page.skipped));
    }

    fn close(&mut self, first: u32) -> Option<u32> {
        let page = self.open.remove(&first)?;
        self.finished.insert(u64::from(page.page));
        for entry in &page.entries {
            let size_bytes = entry.stored_bytes();
            self.closed.bytes += size_bytes;
            self.closed.bytes_done += size_bytes;
            if entry.is_given_up() {
                self.closed.entries_skipped += 1;
                continue;
            }
            self.closed.entries_done += 1;
            self.closed.files_done += u64::from(entry.is_file());
        }
        Some(page.page)
    }

    fn page_mut(&mut self, page: u32) -> Option<&mut OpenPage> {
        self.open.values_mut().find(|open| open.page == page)
    }
}

/// What all entries together may hold, given what was announced: files may grow while they are sent.
pub(super) fn ceiling_bytes(summary: &Summary) -> u64 {
    if summary.stream {
        return TRANSFER_BYTES;
    }
    if summary.kind == TransferKind::Text {
        return TEXT_BYTES as u64;
    }
    let growth = (summary.bytes / 4).max(GROWTH_BYTES);
    summary.bytes.saturating_add(growth)
}

/// What the encoding of a list adds to its entries.
const PAGE_SLACK_BYTES: usize = 64;
