//! Which pages are told, open and finished; the only place that knows where an entry is.

use std::collections::BTreeMap;

use model::limits::OPEN_PAGES;
use model::{ChunkSet, Entry};

use super::entry::SourceEntry;
use super::page::{OpenPage, Stage, Totals};
use super::standing::EntryStanding;
use crate::Page;

/// The sender's walk through its manifest.
#[derive(Debug)]
pub(super) struct Manifest {
    pages: u32,
    /// The next page to tell, skip or read, in this session.
    next: u32,
    /// Pages seen in this run, from 0 without gaps.
    seen: Vec<SeenPage>,
    /// Pages in memory, by the index of their first entry.
    open: BTreeMap<u32, OpenPage>,
    /// The page the driver was asked for.
    reading: Option<u32>,
    complete: ChunkSet,
    held: ChunkSet,
}

#[derive(Debug, Clone, Copy)]
struct SeenPage {
    first: u32,
    entries: u32,
    manifest_bytes: u64,
    /// What became of it, once it is finished.
    end: Option<Totals>,
}

/// What the walk wants next.
#[derive(Debug)]
pub(super) enum Step {
    /// Ask the driver for a page.
    Read(u32),
    /// Tell the receiver a page.
    Tell(Page),
    /// Nothing can be done now.
    Wait,
}

/// Why a page from the receiver makes no sense.
#[derive(Debug)]
pub(super) struct UnknownPage;

impl Manifest {
    pub(super) fn new(pages: u32) -> Self {
        Self {
            pages,
            next: 0,
            seen: Vec::new(),
            open: BTreeMap::new(),
            reading: None,
            complete: ChunkSet::new(),
            held: ChunkSet::new(),
        }
    }

    /// Keeps what is known; nothing may be said of it before the receiver said what it has.
    pub(super) fn end_session(&mut self) {
        for page in self.open.values_mut() {
            page.stage = Stage::Kept;
        }
    }

    /// Walks from the start again, with what the receiver says it knows in this session.
    pub(super) fn begin_session(&mut self, complete: ChunkSet, held: ChunkSet) {
        self.end_session();
        let done: Vec<u32> = self
            .open
            .values()
            .filter(|page| complete.contains(u64::from(page.page)))
            .map(|page| page.page)
            .collect();
        for page in done {
            self.close(page);
        }
        for (number, seen) in (0u64..).zip(&mut self.seen) {
            if !complete.contains(number) {
                seen.end = None;
            }
        }
        self.next = 0;
        self.complete = complete;
        self.held = held;
    }

    /// Takes one step of the walk.
    pub(super) fn step(&mut self) -> Step {
        while self.next < self.pages {
            let page = self.next;
            if self.complete.contains(u64::from(page)) {
                if !self.skip_complete(page) {
                    return self.read(page);
                }
                continue;
            }
            let is_room = self.told_pages() < OPEN_PAGES;
            if !is_room {
                return Step::Wait;
            }
            let Some(open) = self.page_mut(page) else {
                return self.read(page);
            };
            open.stage = Stage::Told;
            let told = Page {
                page,
                first_entry: open.first,
                entries: Vec::new(),
            };
            self.next += 1;
            if !self.held.contains(u64::from(page)) {
                return Step::Tell(self.with_entries(told));
            }
        }
        Step::Wait
    }

    /// Takes a page from the driver; one that is not wanted any more changes nothing.
    pub(super) fn take_page(&mut self, page: u32, entries: Vec<Entry>) {
        if self.reading != Some(page) {
            return;
        }
        self.reading = None;
        let first = match self.seen.last() {
            None => 0,
            Some(last) => last.first.saturating_add(last.entries),
        };
        let first = self
            .seen
            .get(page as usize)
            .map_or(first, |seen| seen.first);
        let entries: Vec<SourceEntry> = entries.into_iter().map(SourceEntry::new).collect();
        if page as usize == self.seen.len() {
            self.seen.push(SeenPage {
                first,
                entries: u32::try_from(entries.len()).unwrap_or(u32::MAX),
                manifest_bytes: entries.iter().map(SourceEntry::manifest_bytes).sum(),
                end: None,
            });
        }
        if page != self.next || self.complete.contains(u64::from(page)) {
            return;
        }
        let opened = OpenPage {
            page,
            first,
            entries,
            cursor: 0,
            stage: Stage::Kept,
        };
        self.open.insert(first, opened);
    }

    /// Finds the page of a `PageStored` that is due and whose entries are known.
    pub(super) fn page_awaiting(
        &mut self,
        page: u32,
    ) -> Result<Option<&mut OpenPage>, UnknownPage> {
        let is_held = self.held.contains(u64::from(page)) && page < self.pages;
        match self.page_mut(page).map(|open| open.stage.clone()) {
            Some(Stage::Told) => Ok(self.page_mut(page)),
            Some(Stage::Kept) | None if is_held => Ok(None),
            Some(Stage::Kept | Stage::Stored) | None => Err(UnknownPage),
        }
    }

    /// Whether `PageStored` for this page may wait for the page to be read.
    pub(super) fn is_told(&self, page: u32) -> bool {
        self.open
            .values()
            .any(|open| open.page == page && open.stage == Stage::Told)
    }

    /// The entry, if its page is open and stored in this session.
    pub(super) fn entry_mut(&mut self, entry: u32) -> Option<&mut SourceEntry> {
        let (first, page) = self.open.range_mut(..=entry).next_back()?;
        if page.stage != Stage::Stored {
            return None;
        }
        page.entries.get_mut((entry - first) as usize)
    }

    /// The entry, if its page is in memory at all.
    pub(super) fn kept_entry_mut(&mut self, entry: u32) -> Option<&mut SourceEntry> {
        let (first, page) = self.open.range_mut(..=entry).next_back()?;
        page.entries.get_mut((entry - first) as usize)
    }

    /// How far an entry is, as far as was seen in this run.
    pub(super) fn standing(&self, entry: u32) -> EntryStanding {
        let open = self.open.range(..=entry).next_back();
        let known = open.and_then(|(first, page)| page.entries.get((entry - first) as usize));
        if let Some(known) = known {
            return known.standing();
        }
        let before = self.seen.partition_point(|page| page.first <= entry);
        let page = before.checked_sub(1).and_then(|it| self.seen.get(it));
        let is_in = |page: &&SeenPage| entry - page.first < page.entries;
        match page.filter(is_in).and_then(|page| page.end) {
            Some(_) => EntryStanding::Done,
            None => EntryStanding::Waiting,
        }
    }

    /// Makes the walk visit an entry again.
    pub(super) fn rewind(&mut self, entry: u32) {
        if let Some((first, page)) = self.open.range_mut(..=entry).next_back() {
            page.cursor = page.cursor.min((entry - first) as usize);
        }
    }

    /// The first entry that may have chunks to ask for, with its index.
    pub(super) fn next_unread(&mut self) -> Option<(u32, &mut SourceEntry)> {
        let (first, place) = self.open.values_mut().find_map(|page| {
            let place = page.next_unread()?;
            Some((page.first, place))
        })?;
        let entry = self.open.get_mut(&first)?.entries.get_mut(place)?;
        Some((first + u32::try_from(place).ok()?, entry))
    }

    /// The receiver finished a page: forgets it and returns the indices of its entries.
    pub(super) fn finish(&mut self, page: u32) -> Option<std::ops::Range<u32>> {
        self.complete.insert(u64::from(page));
        self.close(page);
        let seen = self.seen.get(page as usize)?;
        Some(seen.first..seen.first.saturating_add(seen.entries))
    }

    /// Forgets a page; returns whether it was there.
    fn close(&mut self, page: u32) -> bool {
        let Some(first) = self.page_mut(page).map(|open| open.first) else {
            return false;
        };
        let Some(open) = self.open.remove(&first) else {
            return false;
        };
        let totals = open.totals_when_finished();
        if let Some(seen) = self.seen.get_mut(page as usize) {
            seen.end = Some(totals);
        }
        true
    }

    /// Whether every page was told or skipped, and stored.
    pub(super) fn is_told_entirely(&self) -> bool {
        self.next >= self.pages && self.open.values().all(|page| page.stage == Stage::Stored)
    }

    /// Whether no entry is open: everything is settled as far as the sender knows.
    ///
    /// A page that the receiver called complete counts also before it was read again for its sums.
    pub(super) fn is_settled(&self) -> bool {
        let mut rest = self.next..self.pages;
        rest.all(|page| self.complete.contains(page.into()))
            && self.open.values().all(|page| {
                page.stage == Stage::Stored && page.entries.iter().all(SourceEntry::is_settled)
            })
    }

    /// The sums over everything seen; `announced_bytes` stands for what was not.
    pub(super) fn totals(&self, announced_bytes: u64) -> Totals {
        let mut totals = Totals::default();
        let mut manifest_bytes = 0;
        for seen in &self.seen {
            if let Some(end) = seen.end {
                totals.add(end);
                manifest_bytes += seen.manifest_bytes;
            }
        }
        for page in self.open.values() {
            totals.add(page.totals());
            manifest_bytes += page
                .entries
                .iter()
                .map(SourceEntry::manifest_bytes)
                .sum::<u64>();
        }
        let untold_bytes = announced_bytes.saturating_sub(manifest_bytes);
        totals.bytes = totals.bytes.saturating_add(untold_bytes);
        totals
    }

    fn read(&mut self, page: u32) -> Step {
        if self.reading.is_some() {
            return Step::Wait;
        }
        self.reading = Some(page);
        Step::Read(page)
    }

    /// Counts a page the receiver has, if its size is known.
    fn skip_complete(&mut self, page: u32) -> bool {
        let Some(seen) = self.seen.get_mut(page as usize) else {
            return false;
        };
        seen.end.get_or_insert(Totals {
            entries_done: u64::from(seen.entries),
            entries_skipped: 0,
            bytes_done: seen.manifest_bytes,
            bytes: seen.manifest_bytes,
        });
        self.next += 1;
        true
    }

    fn with_entries(&mut self, mut told: Page) -> Page {
        if let Some(open) = self.page_mut(told.page) {
            told.entries = open.entries.iter().map(SourceEntry::to_entry).collect();
        }
        told
    }

    fn told_pages(&self) -> usize {
        self.open
            .values()
            .filter(|page| page.stage != Stage::Kept)
            .count()
    }

    fn page_mut(&mut self, page: u32) -> Option<&mut OpenPage> {
        self.open.values_mut().find(|open| open.page == page)
    }
}
