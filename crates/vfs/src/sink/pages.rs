use std::collections::BTreeMap;

use model::{ChunkSet, Digest, Entry, EntryKind};

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A folder; it needs no data.
    Folder,
    /// A file that is whole in the staging tree.
    File {
        /// Its final size.
        size_bytes: u64,
        /// Its [`model::FileDigest`].
        digest: Digest,
    },
    /// A file that the sender gave up.
    Dropped,
}

/// What of a page is on this disk already, verified. Entries are named by their index in the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageHave {
    /// The index of the page's first entry.
    pub first_entry: u32,
    /// Entries that need nothing more.
    pub finished: BTreeMap<u32, Outcome>,
    /// Chunks of files that are not whole yet.
    pub chunks: BTreeMap<u32, ChunkSet>,
    /// Those of `finished` whose names cannot be held here: they are left out.
    pub refused: ChunkSet,
}

/// A page some of whose entries are not finished.
#[derive(Debug)]
pub(super) struct OpenPage {
    pub(super) first_entry: u32,
    pub(super) entries: Vec<Entry>,
    pub(super) states: Vec<EntryState>,
    pub(super) unfinished: usize,
    /// Entries whose names cannot be held here.
    pub(super) refused: ChunkSet,
}

/// How far an entry of an open page is.
#[derive(Debug, Default)]
pub(super) struct EntryState {
    /// The journal records of its chunks, by chunk.
    pub(super) chunks: BTreeMap<u32, u32>,
    pub(super) outcome: Option<Outcome>,
}

impl OpenPage {
    /// A page of which nothing is stored.
    pub(super) fn new(first_entry: u32, entries: Vec<Entry>) -> Self {
        let states = entries.iter().map(EntryState::of).collect();
        let mut page = Self {
            first_entry,
            entries,
            states,
            unfinished: 0,
            refused: ChunkSet::new(),
        };
        page.count();
        page
    }

    /// Counts the unfinished entries anew.
    pub(super) fn count(&mut self) {
        let open = self.states.iter().filter(|state| state.outcome.is_none());
        self.unfinished = open.count();
    }

    /// Where `entry` stands in this page.
    pub(super) fn place(&self, entry: u32) -> Option<usize> {
        let place = usize::try_from(entry.checked_sub(self.first_entry)?).ok()?;
        (place < self.entries.len()).then_some(place)
    }

    /// Entries and states, with their indices in the manifest.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Entry, &EntryState)> {
        let pairs = self.entries.iter().zip(&self.states);
        (self.first_entry..)
            .zip(pairs)
            .map(|(index, (entry, state))| (index, entry, state))
    }

    /// What the sender need not send.
    pub(super) fn have(&self) -> PageHave {
        let mut have = PageHave {
            first_entry: self.first_entry,
            finished: BTreeMap::new(),
            chunks: BTreeMap::new(),
            refused: self.refused.clone(),
        };
        for (index, _, state) in self.iter() {
            if let Some(outcome) = state.outcome {
                have.finished.insert(index, outcome);
            } else if !state.chunks.is_empty() {
                have.chunks.insert(index, state.chunk_set());
            }
        }
        have
    }
}

impl EntryState {
    fn of(entry: &Entry) -> Self {
        let outcome = match entry.kind {
            EntryKind::Directory => Some(Outcome::Folder),
            EntryKind::File { .. } | EntryKind::Stream => None,
        };
        Self {
            chunks: BTreeMap::new(),
            outcome,
        }
    }

    fn chunk_set(&self) -> ChunkSet {
        let mut set = ChunkSet::new();
        for &chunk in self.chunks.keys() {
            set.insert(chunk.into());
        }
        set
    }
}
