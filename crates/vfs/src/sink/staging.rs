use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use model::limits::CHUNK_BYTES;
use model::{ChunkSet, Digest, Entry, EntryKind, FileDigest, RelPath, TransferId};

use super::cleanup::Leftover;
use super::collisions::Collisions;
use super::journal::{ChunkAt, FinalState, Journal, Record};
use super::judging::Judging;
use super::pages::{EntryState, OpenPage, Outcome, PageHave};
use super::room::Room;
use super::seeds::Seeds;
use super::tree::Tree;
use super::{CommitError, JOURNAL, MANIFEST, PageError, Sink, SinkError};
use crate::failpoint::{self, Point};
use crate::manifest::{ManifestError, ManifestFile};
use crate::platform::{self, Dir};

/// Why a chunk or file could not be stored. What was stored before is intact.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The disk, or what may be used of it, is full.
    #[error("the disk is full")]
    NoSpace,
    /// No unfinished file of an open page.
    #[error("there is no such unfinished entry")]
    UnknownEntry,
    /// Empty, longer than [`CHUNK_BYTES`], or past the end of what a file can hold.
    #[error("the chunk does not fit")]
    Misplaced,
    /// The chunks do not cover the file exactly.
    #[error("chunks of the file are missing")]
    Incomplete,
    /// The file system refused.
    #[error("the file could not be written: {0}")]
    Io(#[source] io::Error),
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        if platform::is_out_of_space(&error) {
            Self::NoSpace
        } else {
            Self::Io(error)
        }
    }
}

/// One transfer on its way into a destination.
#[derive(Debug)]
pub struct Staging {
    pub(super) home: Home,
    pub(super) tree: Tree,
    pub(super) journal: Journal,
    pub(super) manifest: ManifestFile,
    pub(super) pages: BTreeMap<u32, OpenPage>,
    pub(super) progress: Progress,
    collisions: Collisions,
    pub(super) seeds: Seeds,
    pub(super) judging: Judging,
    room: Room,
    /// Last, so that nothing below the private folder is open when it is dropped.
    pub(super) leftover: Leftover,
}

/// The private folder and where it stands.
#[derive(Debug)]
pub(super) struct Home {
    pub(super) root: Arc<Dir>,
    pub(super) dir: Dir,
    pub(super) name: String,
}

/// How far the transfer is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Folders and whole files.
    pub(super) finished: ChunkSet,
    /// Files that the sender gave up.
    pub(super) dropped: ChunkSet,
    /// Pages whose stored chunks this process wrote or read back.
    pub(super) verified_pages: ChunkSet,
    pub(super) committing: bool,
    /// One more than the last entry that the journal speaks of.
    last_entry: u32,
}

impl Staging {
    /// Opens what `home` holds, or returns `None` if that is another transfer.
    pub(super) fn open(
        sink: &Sink,
        home: Dir,
        name: String,
        transfer: TransferId,
    ) -> Result<Option<Self>, SinkError> {
        let (file, _) = open_or_create(&home, JOURNAL)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return match Journal::owner(&file)? {
                    Some(other) if other != transfer => Ok(None),
                    Some(_) | None => Err(SinkError::Busy),
                };
            }
            // A file system without locks: the home's own lock must do.
            Err(std::fs::TryLockError::Error(_)) => {}
        }
        let mut progress = Progress::default();
        let journal = Journal::open(file, transfer, &mut |record| progress.note(record))?;
        let Some(journal) = journal else {
            return Ok(None);
        };
        let mut staging = Self {
            manifest: open_manifest(&home)?,
            tree: Tree::open(&home)?,
            home: Home {
                root: Arc::clone(&sink.root),
                dir: home,
                name,
            },
            journal,
            pages: BTreeMap::new(),
            progress,
            collisions: Collisions::default(),
            seeds: Seeds::new(sink.existing),
            judging: Judging {
                rules: sink.rules,
                rename: sink.rename,
                no_programs: sink.no_programs,
            },
            room: Room::new(Arc::clone(&sink.root), sink.reserve),
            leftover: Leftover::default(),
        };
        staging.learn_pages(transfer)?;
        Ok(Some(staging))
    }

    /// How many pages are stored.
    pub fn pages(&self) -> u32 {
        self.manifest.pages()
    }

    /// How many entries they hold.
    pub fn entries(&self) -> u64 {
        self.manifest.entries()
    }

    /// Whether the renames may have begun: go on with [`Sink::recover`].
    pub fn is_committing(&self) -> bool {
        self.progress.committing
    }

    /// Stores a page, makes its folders and tells what of it is here already.
    ///
    /// Pages come in order the first time; one that is stored may come again unchanged.
    /// What is stored has the names that it gets here.
    pub fn add_page(&mut self, page: u32, entries: &[Entry]) -> Result<PageHave, PageError> {
        let entries = self.judging.localize(entries);
        if page < self.pages() {
            if self.manifest.page(page)? != entries {
                return Err(PageError::Changed);
            }
            return self.enter_page(page, entries);
        }
        if page > self.pages() {
            return Err(PageError::OutOfOrder);
        }
        let keys = self.collisions.judge(&entries, self.judging)?;
        self.manifest.append(&entries)?;
        self.collisions.admit(keys);
        self.manifest.sync()?;
        self.enter_page(page, entries)
    }

    /// Opens a page that is stored, and tells what of it is here.
    pub fn open_page(&mut self, page: u32) -> Result<(Vec<Entry>, PageHave), PageError> {
        let entries = self.manifest.page(page)?;
        let have = self.enter_page(page, entries.clone())?;
        Ok((entries, have))
    }

    /// Writes a chunk whose digest the caller compared, and notes it in the journal.
    pub fn write_chunk(
        &mut self,
        entry: u32,
        chunk: u32,
        offset: u64,
        data: &[u8],
        digest: &Digest,
    ) -> Result<(), WriteError> {
        let at = place_of(chunk, offset, data, digest)?;
        self.store(entry, &at, data)?;
        failpoint::pass(Point::Write);
        let record = Record::Chunk { entry, chunk: at };
        let number = self.journal.append(&record)?;
        let (_, state) = unfinished(&mut self.pages, entry)?;
        state.chunks.insert(chunk, number);
        Ok(())
    }

    /// The digest of a stored chunk of an unfinished file, if there is one.
    pub fn chunk_digest(&self, entry: u32, chunk: u32) -> Result<Option<Digest>, WriteError> {
        let page = page_of(&self.pages, entry).ok_or(WriteError::UnknownEntry)?;
        let place = page.place(entry).ok_or(WriteError::UnknownEntry)?;
        match page.states[place].chunks.get(&chunk) {
            Some(&number) => Ok(Some(self.chunk_at(number)?.digest)),
            None => Ok(None),
        }
    }

    /// Ends a file in its final state and returns its [`FileDigest`].
    pub fn finish_entry(&mut self, entry: u32, state: &FinalState) -> Result<Digest, WriteError> {
        let digest = self.tile(entry, state.size_bytes)?;
        let (file, _) = unfinished(&mut self.pages, entry)?;
        let last = (state.size_bytes, state.executable, state.modified);
        self.tree.finish(entry, &file.path, last)?;
        self.journal.append(&Record::Finished {
            entry,
            state: *state,
            digest,
        })?;
        self.progress.finished.insert(entry.into());
        let size_bytes = state.size_bytes;
        self.close_entry(entry, Outcome::File { size_bytes, digest });
        Ok(digest)
    }

    /// Forgets a file that the sender gave up, and removes what was stored of it.
    pub fn drop_entry(&mut self, entry: u32) -> Result<(), WriteError> {
        let (file, _) = unfinished(&mut self.pages, entry)?;
        self.tree.close(entry);
        match self.tree.remove_file(&file.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        self.journal.append(&Record::Dropped { entry })?;
        self.progress.dropped.insert(entry.into());
        self.close_entry(entry, Outcome::Dropped);
        Ok(())
    }

    /// Tells what became of every entry, in their order. All must be finished or dropped.
    pub fn outcomes(
        &self,
        visit: &mut dyn FnMut(u32, &Entry, &Outcome),
    ) -> Result<(), CommitError> {
        for number in 0..self.pages() {
            let first = self.range(number).start;
            let page = self.page_outcomes(number)?;
            for (entry, (file, outcome)) in (first..).zip(&page) {
                visit(entry, file, outcome);
            }
        }
        Ok(())
    }

    /// Tells what became of every entry of a page, in their order. All must be finished or dropped.
    pub fn page_outcomes(&self, number: u32) -> Result<Vec<(Entry, Outcome)>, CommitError> {
        let mut page = OpenPage::new(self.range(number).start, self.manifest.page(number)?);
        self.recall(number, &mut page)?;
        let outcomes = page.iter().map(|(entry, file, state)| {
            let outcome = state.outcome.ok_or(CommitError::Unfinished { entry })?;
            Ok((file.clone(), outcome))
        });
        outcomes.collect()
    }

    /// Reads a finished file back from the disk, piece by piece in order.
    pub fn read_back(&mut self, path: &RelPath, visit: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        let file = self.tree.readable(path)?;
        let length = u32::try_from(CHUNK_BYTES).map_err(io::Error::other)?;
        let mut offset = 0;
        loop {
            let bytes = platform::read_chunk(&file, offset, length)?;
            if bytes.is_empty() {
                return Ok(());
            }
            visit(&bytes);
            offset += bytes.len() as u64;
        }
    }

    /// Where an entry lies, by its index in the manifest.
    pub fn path_of(&self, entry: u32) -> Option<RelPath> {
        self.manifest.entry(entry).ok().map(|entry| entry.path)
    }

    /// How far an entry of an open page is.
    pub(super) fn state_of(&self, entry: u32) -> Option<&EntryState> {
        let page = page_of(&self.pages, entry)?;
        page.states.get(page.place(entry)?)
    }

    /// The indices of the entries of a page.
    pub(super) fn range(&self, page: u32) -> Range<u32> {
        let end = u32::try_from(self.entries()).unwrap_or(u32::MAX);
        let start = self.manifest.first_entry(page).unwrap_or(end);
        start..self.manifest.first_entry(page + 1).unwrap_or(end)
    }

    /// Reads the record of a chunk again.
    pub(super) fn chunk_at(&self, number: u32) -> io::Result<ChunkAt> {
        match self.journal.read(number)? {
            Record::Chunk { chunk, .. } => Ok(chunk),
            Record::Start(_)
            | Record::Finished { .. }
            | Record::Reopened { .. }
            | Record::Dropped { .. }
            | Record::Committing
            | Record::Reading { .. }
            | Record::Summed { .. }
            | Record::Kept { .. } => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Learns names and folders of the stored pages. A journal that speaks of entries beyond them belongs
    /// to a list that was damaged: then nothing it says is believed.
    fn learn_pages(&mut self, transfer: TransferId) -> Result<(), SinkError> {
        let beyond = u64::from(self.progress.last_entry) > self.entries();
        if beyond && !self.progress.committing {
            self.journal.restart(transfer)?;
            self.progress = Progress::default();
        }
        for page in 0..self.pages() {
            let entries = self.manifest.page(page)?;
            if let Ok(keys) = self.collisions.judge(&entries, self.judging) {
                self.collisions.admit(keys);
            }
        }
        Ok(())
    }

    fn store(&mut self, entry: u32, at: &ChunkAt, data: &[u8]) -> Result<(), WriteError> {
        let (file, _) = unfinished(&mut self.pages, entry)?;
        let executable = match file.kind {
            EntryKind::File { executable, .. } => executable,
            EntryKind::Directory | EntryKind::Stream => false,
        };
        let is_hole = is_zero(data);
        if !is_hole && !self.room.take(data.len() as u64)? {
            return Err(WriteError::NoSpace);
        }
        let opened = self.tree.writable(entry, &file.path, executable)?;
        if !is_hole || !leave_hole(opened, at)? {
            platform::write_at(opened, data, at.offset)?;
        }
        Ok(())
    }

    /// Checks that the chunks cover `0..size_bytes` exactly, and digests them.
    fn tile(&mut self, entry: u32, size_bytes: u64) -> Result<Digest, WriteError> {
        let (_, state) = unfinished(&mut self.pages, entry)?;
        let numbers: Vec<u32> = state.chunks.values().copied().collect();
        let mut digest = FileDigest::new(size_bytes);
        let mut end = 0;
        for number in numbers {
            if end == size_bytes {
                break; // Chunks of an earlier, longer version.
            }
            let chunk = self.chunk_at(number)?;
            if chunk.offset != end {
                return Err(WriteError::Incomplete);
            }
            end += u64::from(chunk.length);
            digest.push(chunk.length.into(), &chunk.digest);
        }
        if end != size_bytes {
            return Err(WriteError::Incomplete);
        }
        Ok(digest.finish())
    }

    fn close_entry(&mut self, entry: u32, outcome: Outcome) {
        let Some((&number, page)) = page_mut(&mut self.pages, entry) else {
            return;
        };
        if let Some(place) = page.place(entry) {
            page.states[place] = EntryState {
                chunks: BTreeMap::new(),
                outcome: Some(outcome),
            };
            page.unfinished -= 1;
        }
        if page.unfinished == 0 {
            self.pages.remove(&number);
        }
    }
}

impl Progress {
    fn note(&mut self, record: &Record) {
        match *record {
            Record::Start(_)
            | Record::Reading { .. }
            | Record::Summed { .. }
            | Record::Kept { .. } => return,
            Record::Committing => {
                self.committing = true;
                return;
            }
            Record::Chunk { .. } => {}
            Record::Finished { entry, .. } => {
                self.finished.insert(entry.into());
            }
            Record::Reopened { entry } => {
                self.finished.remove(entry.into());
            }
            Record::Dropped { entry } => {
                self.dropped.insert(entry.into());
            }
        }
        let entry = record.entry().map_or(0, |entry| entry.saturating_add(1));
        self.last_entry = self.last_entry.max(entry);
    }

    /// The first of `entries` that is neither finished nor dropped.
    pub(super) fn first_unfinished(&self, entries: u64) -> Option<u64> {
        let mut entry = 0;
        while entry < entries {
            let next = self.dropped.next_missing(self.finished.next_missing(entry));
            if next == entry {
                return Some(entry);
            }
            entry = next;
        }
        None
    }
}

fn open_manifest(home: &Dir) -> Result<ManifestFile, SinkError> {
    let (file, is_new) = open_or_create(home, MANIFEST)?;
    if is_new {
        return Ok(ManifestFile::start(file)?);
    }
    let again = file.try_clone()?;
    match ManifestFile::load(file) {
        Err(ManifestError::NotAManifest) => {
            again.set_len(0)?;
            Ok(ManifestFile::start(again)?)
        }
        loaded => Ok(loaded?),
    }
}

fn open_or_create(home: &Dir, name: &str) -> io::Result<(File, bool)> {
    match home.create_private_file(name) {
        Ok(file) => Ok((file, true)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Ok((home.open_file_writable(name)?, false))
        }
        Err(error) => Err(error),
    }
}

pub(super) fn page_of(pages: &BTreeMap<u32, OpenPage>, entry: u32) -> Option<&OpenPage> {
    pages.values().find(|page| page.place(entry).is_some())
}

fn page_mut(pages: &mut BTreeMap<u32, OpenPage>, entry: u32) -> Option<(&u32, &mut OpenPage)> {
    pages
        .iter_mut()
        .find(|(_, page)| page.place(entry).is_some())
}

fn unfinished(
    pages: &mut BTreeMap<u32, OpenPage>,
    entry: u32,
) -> Result<(&Entry, &mut EntryState), WriteError> {
    let (_, page) = page_mut(pages, entry).ok_or(WriteError::UnknownEntry)?;
    let place = page.place(entry).ok_or(WriteError::UnknownEntry)?;
    let state = &mut page.states[place];
    if state.outcome.is_some() {
        return Err(WriteError::UnknownEntry);
    }
    Ok((&page.entries[place], state))
}

fn place_of(index: u32, offset: u64, data: &[u8], digest: &Digest) -> Result<ChunkAt, WriteError> {
    let length = u32::try_from(data.len()).map_err(|_| WriteError::Misplaced)?;
    let end = offset.checked_add(length.into());
    let fits = end.is_some_and(|end| i64::try_from(end).is_ok());
    if length == 0 || u64::from(length) > CHUNK_BYTES || !fits {
        return Err(WriteError::Misplaced);
    }
    Ok(ChunkAt {
        index,
        offset,
        length,
        digest: *digest,
    })
}

/// Lets a chunk of zeros be a hole; returns false if the zeros must be written.
fn leave_hole(file: &File, at: &ChunkAt) -> io::Result<bool> {
    let size = platform::stat(file)?.size_bytes;
    let end = at.offset + u64::from(at.length);
    if size > at.offset && !platform::punch_hole(file, at.offset, u64::from(at.length)) {
        return Ok(false);
    }
    if size < end {
        file.set_len(end)?;
    }
    Ok(true)
}

fn is_zero(data: &[u8]) -> bool {
    data.chunks(ZEROS.len())
        .all(|piece| piece == &ZEROS[..piece.len()])
}

const ZEROS: [u8; 4_096] = [0; 4_096];
