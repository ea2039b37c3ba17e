use std::collections::BTreeMap;

use bytes::Bytes;
use model::limits::CHUNK_BYTES;
use model::{ChunkSet, Digest, Entry, EntryKind, FileDigest, Timestamp};
use transfer_proto::{
    ChunkName, CompletePage, Completion, EntryRevision, Findings, FinishEntry, HeldEntry, HeldPage,
    StoreChunk, TransferDigest,
};

/// What the receiver's disk holds of one transfer; it survives crashes.
#[derive(Debug, Default)]
pub(crate) struct Staging {
    entries: BTreeMap<u32, StagedEntry>,
    pages: BTreeMap<u32, Vec<u32>>,
    pub(crate) complete_pages: Vec<CompletePage>,
    pub(crate) completion: Option<Completion>,
    /// Whether the transfer was canceled: nothing is stored any more.
    pub(crate) is_discarded: bool,
}

/// One file or folder of it.
#[derive(Debug)]
pub(crate) struct StagedEntry {
    pub(crate) entry: Entry,
    revision: EntryRevision,
    revised: bool,
    chunks: BTreeMap<u32, (Digest, Bytes)>,
    pub(crate) state: StagedState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StagedState {
    Partial,
    Finished { modified: Option<Timestamp> },
    Dropped,
}

impl Staging {
    /// What is left after a transfer was canceled.
    pub(crate) fn discarded() -> Self {
        Self {
            is_discarded: true,
            ..Self::default()
        }
    }

    /// Keeps a page and says what is there of it.
    pub(crate) fn store_page(
        &mut self,
        page: u32,
        first_entry: u32,
        entries: Vec<Entry>,
    ) -> HeldPage {
        let numbers: Vec<u32> = (first_entry..).take(entries.len()).collect();
        if let Some(known) = self.pages.insert(page, numbers.clone()) {
            assert_eq!(known, numbers, "a page has other entries than before");
        }
        for (number, entry) in numbers.iter().zip(entries) {
            let staged = (self.entries.entry(*number))
                .or_insert_with(|| StagedEntry::new(*number, entry.clone()));
            assert_eq!(staged.entry, entry, "an entry is another one than before");
        }
        HeldPage {
            findings: Some(Findings {
                page,
                missing_bytes: 1,
                named: Vec::new(),
                more: 0,
            }),
            ..self.held(&numbers)
        }
    }

    fn held(&self, numbers: &[u32]) -> HeldPage {
        let mut held = HeldPage::default();
        for number in numbers {
            let staged = &self.entries[number];
            match staged.state {
                StagedState::Finished { .. } => {
                    held.finished.insert(u64::from(*number));
                }
                StagedState::Dropped => {
                    held.dropped.insert(u64::from(*number));
                }
                StagedState::Partial => held.partial.extend(staged.held()),
            }
        }
        held
    }

    pub(crate) fn revise(&mut self, revision: EntryRevision) {
        let staged = self.entry(revision.entry);
        staged.revision = revision;
        staged.revised = true;
    }

    pub(crate) fn has_same(&self, name: ChunkName, digest: &Digest) -> bool {
        let staged = self.entries.get(&name.entry);
        (staged.and_then(|staged| staged.chunks.get(&name.chunk)))
            .is_some_and(|(stored, _)| stored == digest)
    }

    /// Writes a chunk whose digest was checked.
    pub(crate) fn store_chunk(&mut self, chunk: &StoreChunk) {
        assert_eq!(chunk.offset, u64::from(chunk.name.chunk) * CHUNK_BYTES);
        let staged = self.entry(chunk.name.entry);
        match staged.state {
            StagedState::Partial => {}
            StagedState::Dropped => return, // Asked before the entry was dropped.
            StagedState::Finished { .. } => panic!("a finished file is written"),
        }
        let stored = (chunk.digest, chunk.data.clone());
        staged.chunks.insert(chunk.name.chunk, stored);
    }

    /// Cuts a file to its size; returns its content for a look at it.
    pub(crate) fn finish(&mut self, request: &FinishEntry) -> Vec<u8> {
        let staged = self.entry(request.entry);
        let count = model::chunk_count(request.size_bytes);
        staged.chunks.retain(|chunk, _| u64::from(*chunk) < count);
        let bytes = staged.bytes();
        assert_eq!(
            staged.chunks.len() as u64,
            count,
            "a finished file has holes"
        );
        assert_eq!(
            bytes.len() as u64,
            request.size_bytes,
            "a finished file has another size"
        );
        staged.state = StagedState::Finished {
            modified: request.modified,
        };
        bytes
    }

    pub(crate) fn drop_entry(&mut self, entry: u32) {
        let staged = self.entry(entry);
        assert!(
            !matches!(staged.state, StagedState::Finished { .. }),
            "a finished file is dropped"
        );
        staged.state = StagedState::Dropped;
        staged.chunks.clear();
    }

    pub(crate) fn close_page(&mut self, page: u32) {
        let mut complete = CompletePage {
            page,
            entries: 0,
            bytes: 0,
            files: 0,
            skipped: 0,
        };
        for number in &self.pages[&page] {
            let staged = &self.entries[number];
            complete.entries += 1;
            match staged.state {
                StagedState::Finished { .. } => complete.bytes += staged.bytes().len() as u64,
                StagedState::Dropped => complete.skipped += 1,
                StagedState::Partial => panic!("a page is closed with an unfinished entry"),
            }
            let is_folder = staged.entry.kind == EntryKind::Directory;
            complete.files += u32::from(!is_folder && staged.state != StagedState::Dropped);
        }
        self.complete_pages.retain(|known| known.page != page);
        self.complete_pages.push(complete);
        self.complete_pages.sort_by_key(|complete| complete.page);
    }

    /// Puts everything under its final name, once.
    pub(crate) fn commit(&mut self) -> Completion {
        assert_eq!(self.completion, None, "a transfer is committed twice");
        let mut digest = TransferDigest::new();
        let mut skipped = 0;
        for staged in self.entries.values() {
            match staged.state {
                StagedState::Finished { .. } => {
                    let size = staged.bytes().len() as u64;
                    digest.push(
                        &staged.entry.path,
                        staged.entry.kind,
                        size,
                        &staged.digest(),
                    );
                }
                StagedState::Dropped => skipped += 1,
                StagedState::Partial => panic!("an unfinished file is committed"),
            }
        }
        let completion = Completion {
            digest: digest.finish(),
            skipped,
        };
        self.completion = Some(completion);
        completion
    }

    /// Every entry that is known, with its number and what was stored of it.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (u32, &StagedEntry)> {
        self.entries
            .iter()
            .map(|(number, staged)| (*number, staged))
    }

    fn entry(&mut self, number: u32) -> &mut StagedEntry {
        self.entries
            .get_mut(&number)
            .expect("the entry's page is stored")
    }
}

impl StagedEntry {
    fn new(number: u32, entry: Entry) -> Self {
        Self {
            revision: EntryRevision {
                entry: number,
                version: 0,
                size_bytes: entry.size_bytes(),
                modified: entry.modified,
            },
            entry,
            revised: false,
            chunks: BTreeMap::new(),
            state: StagedState::Partial,
        }
    }

    /// What was stored, in order.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let chunks: Vec<&[u8]> = (self.chunks.values())
            .map(|(_, bytes)| bytes.as_ref())
            .collect();
        chunks.concat()
    }

    fn digest(&self) -> Digest {
        let size = self
            .chunks
            .values()
            .map(|(_, bytes)| bytes.len() as u64)
            .sum();
        let mut file = FileDigest::new(size);
        for (digest, bytes) in self.chunks.values() {
            file.push(bytes.len() as u64, digest);
        }
        file.finish()
    }

    fn held(&self) -> Option<HeldEntry> {
        if self.chunks.is_empty() && !self.revised {
            return None;
        }
        let mut chunks = ChunkSet::new();
        for chunk in self.chunks.keys() {
            chunks.insert(u64::from(*chunk));
        }
        Some(HeldEntry {
            revision: self.revision,
            chunks,
            mixed: self.revised,
        })
    }
}
