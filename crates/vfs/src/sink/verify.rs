use std::fs::File;
use std::io;

use hashing::chunk_digest;
use model::{Entry, EntryKind};

use super::PageError;
use super::journal::{FinalState, Record};
use super::pages::{EntryState, OpenPage, Outcome, PageHave};
use super::staging::Staging;
use crate::platform::{self, read_chunk};

impl Staging {
    /// Makes a stored page ready for data: its folders exist, and what counts as stored was read back.
    pub(super) fn enter_page(
        &mut self,
        number: u32,
        entries: Vec<Entry>,
    ) -> Result<PageHave, PageError> {
        if self.progress.committing {
            return Err(PageError::Committing);
        }
        if let Some(page) = self.pages.get(&number) {
            return Ok(page.have());
        }
        let mut page = OpenPage::new(self.range(number).start, entries);
        let last_states = self.recall(number, &mut page)?;
        self.leave_out(&mut page)?;
        if !self.progress.verified_pages.contains(number.into()) {
            self.create_folders(&page)?;
            self.verify(&mut page, &last_states)?;
            self.progress.verified_pages.insert(number.into());
        }
        page.count();
        let have = page.have();
        if page.unfinished > 0 {
            self.pages.insert(number, page);
        }
        Ok(have)
    }

    /// Fills in what the journal says of a page; returns the last final state of each entry.
    pub(super) fn recall(
        &self,
        number: u32,
        page: &mut OpenPage,
    ) -> io::Result<Vec<Option<FinalState>>> {
        let mut last_states = vec![None; page.entries.len()];
        let first = page.first_entry;
        self.journal.visit(&self.range(number), &mut |at, record| {
            let Some(entry) = record.entry() else {
                return;
            };
            let Some(place) = usize::try_from(entry - first).ok() else {
                return;
            };
            let is_folder = page.entries[place].kind == EntryKind::Directory;
            if is_folder && !matches!(record, Record::Dropped { .. }) {
                return;
            }
            let state = &mut page.states[place];
            match record {
                Record::Chunk { chunk, .. } => {
                    state.chunks.insert(chunk.index, at);
                }
                Record::Finished {
                    state: last,
                    digest,
                    ..
                } => {
                    let size_bytes = last.size_bytes;
                    state.outcome = Some(Outcome::File { size_bytes, digest });
                    last_states[place] = Some(last);
                }
                Record::Reopened { .. } => {
                    state.outcome = None;
                    last_states[place] = None;
                }
                Record::Dropped { .. } => state.outcome = Some(Outcome::Dropped),
                Record::Start(_)
                | Record::Committing
                | Record::Reading { .. }
                | Record::Summed { .. }
                | Record::Kept { .. } => {}
            }
        })?;
        Ok(last_states)
    }

    fn create_folders(&mut self, page: &OpenPage) -> io::Result<()> {
        for (index, entry, state) in page.iter() {
            if entry.kind == EntryKind::Directory && state.outcome == Some(Outcome::Folder) {
                self.tree.create_folder(&entry.path)?;
                self.progress.finished.insert(index.into());
            }
        }
        Ok(())
    }

    /// Reads back what is said to be stored; what is not there any more is forgotten.
    fn verify(
        &mut self,
        page: &mut OpenPage,
        last_states: &[Option<FinalState>],
    ) -> io::Result<()> {
        let places = page.first_entry..;
        let pairs = page.entries.iter().zip(&mut page.states).zip(last_states);
        for (index, ((entry, state), last)) in places.zip(pairs) {
            let is_file = matches!(state.outcome, None | Some(Outcome::File { .. }));
            if !is_file || (state.chunks.is_empty() && state.outcome.is_none()) {
                continue;
            }
            let file = self.tree.readable(&entry.path).ok();
            self.keep_true_chunks(file.as_ref(), state)?;
            let Some(last) = last else {
                continue;
            };
            if !self.is_whole(file.as_ref(), state, last)? {
                state.outcome = None;
                self.journal.append(&Record::Reopened { entry: index })?;
                self.progress.finished.remove(index.into());
            }
        }
        Ok(())
    }

    fn keep_true_chunks(&self, file: Option<&File>, state: &mut EntryState) -> io::Result<()> {
        let Some(file) = file else {
            state.chunks.clear();
            return Ok(());
        };
        let mut lies = Vec::new();
        for (&index, &number) in &state.chunks {
            let chunk = self.chunk_at(number)?;
            let is_true = read_chunk(file, chunk.offset, chunk.length)
                .is_ok_and(|bytes| chunk_digest(&bytes) == chunk.digest);
            if !is_true {
                lies.push(index);
            }
        }
        for index in lies {
            state.chunks.remove(&index);
        }
        Ok(())
    }

    /// Whether a file that was finished still is; its time may have been lost and is set again.
    fn is_whole(
        &self,
        file: Option<&File>,
        state: &EntryState,
        last: &FinalState,
    ) -> io::Result<bool> {
        let Some(file) = file else {
            return Ok(false);
        };
        let mut end = 0;
        for &number in state.chunks.values() {
            let chunk = self.chunk_at(number)?;
            if end < last.size_bytes && chunk.offset == end {
                end += u64::from(chunk.length);
            }
        }
        let stat = platform::stat(file)?;
        if end != last.size_bytes || stat.size_bytes != end {
            return Ok(false);
        }
        if let Some(modified) = last.modified
            && stat.modified != modified
        {
            platform::set_modified(file, modified)?;
        }
        Ok(stat.executable == last.executable || !platform::HAS_EXECUTABLE_BIT)
    }
}
