use std::sync::Arc;

use model::limits::CHUNK_BYTES;
use model::{
    ChunkSet, Entry, EntryKind, EntryVersion, RelPath, Timestamp, chunk_count, chunk_span,
};

use super::standing::EntryStanding;
use crate::tuning::FILE_BYTES;
use crate::{EntryRevision, GoneReason};

/// One entry of an open page, as its sender sees it.
#[derive(Debug)]
pub(super) struct SourceEntry {
    pub(super) path: Arc<RelPath>,
    kind: EntryKind,
    modified: Option<Timestamp>,
    pub(super) progress: Progress,
}

#[derive(Debug)]
pub(super) enum Progress {
    /// Nothing of it was read or confirmed.
    Untouched,
    /// Some of it was.
    Active(Box<Active>),
    /// The receiver has all of it.
    Done { size_bytes: u64 },
    /// It is left out.
    Gone(GoneReason),
}

/// A file of which chunks are read, sent and confirmed.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) version: u8,
    /// `None` for a stream that did not end yet.
    pub(super) size_bytes: Option<u64>,
    pub(super) modified: Option<Timestamp>,
    /// What the first read of this run saw.
    pub(super) pinned: Option<EntryVersion>,
    /// Versions begun in this run.
    pub(super) changes: u32,
    /// Whether the receiver has bytes that may be the right ones.
    pub(super) compare: bool,
    pub(super) confirmed: ChunkSet,
    /// Chunks before this one were asked for.
    pub(super) next: u64,
    pub(super) rejected: u32,
}

impl SourceEntry {
    pub(super) fn new(entry: Entry) -> Self {
        Self {
            path: Arc::new(entry.path),
            kind: entry.kind,
            modified: entry.modified,
            progress: Progress::Untouched,
        }
    }

    /// What the manifest says.
    pub(super) fn to_entry(&self) -> Entry {
        Entry {
            path: (*self.path).clone(),
            kind: self.kind,
            modified: self.modified,
        }
    }

    pub(super) fn manifest_bytes(&self) -> u64 {
        match self.kind {
            EntryKind::File { size_bytes, .. } => size_bytes,
            EntryKind::Directory | EntryKind::Stream => 0,
        }
    }

    /// Its size as known now.
    pub(super) fn current_bytes(&self) -> u64 {
        match &self.progress {
            Progress::Untouched => self.manifest_bytes(),
            Progress::Active(active) => active.size_bytes.unwrap_or(active.confirmed_bytes()),
            Progress::Done { size_bytes } => *size_bytes,
            Progress::Gone(_) => 0,
        }
    }

    pub(super) fn confirmed_bytes(&self) -> u64 {
        match &self.progress {
            Progress::Untouched | Progress::Gone(_) => 0,
            Progress::Active(active) => active.confirmed_bytes(),
            Progress::Done { size_bytes } => *size_bytes,
        }
    }

    pub(super) fn standing(&self) -> EntryStanding {
        match &self.progress {
            Progress::Untouched => EntryStanding::Waiting,
            Progress::Active(_) => EntryStanding::Moving,
            Progress::Done { .. } => EntryStanding::Done,
            Progress::Gone(_) => EntryStanding::LeftOut,
        }
    }

    pub(super) fn is_settled(&self) -> bool {
        match self.progress {
            Progress::Done { .. } | Progress::Gone(_) => true,
            Progress::Untouched | Progress::Active(_) => false,
        }
    }

    pub(super) fn is_directory(&self) -> bool {
        self.kind == EntryKind::Directory
    }

    pub(super) fn is_stream(&self) -> bool {
        self.kind == EntryKind::Stream
    }

    /// Whether it has no bytes by its kind or size, so that its page alone is enough.
    pub(super) fn needs_no_data(&self) -> bool {
        match self.kind {
            EntryKind::File { size_bytes, .. } => size_bytes == 0,
            EntryKind::Directory => true,
            EntryKind::Stream => false,
        }
    }

    pub(super) fn active(&self) -> Option<&Active> {
        match &self.progress {
            Progress::Active(active) => Some(active),
            Progress::Untouched | Progress::Done { .. } | Progress::Gone(_) => None,
        }
    }

    pub(super) fn active_mut(&mut self) -> Option<&mut Active> {
        match &mut self.progress {
            Progress::Active(active) => Some(active),
            Progress::Untouched | Progress::Done { .. } | Progress::Gone(_) => None,
        }
    }

    /// The state to work on, begun from the manifest's version; `None` for a settled entry.
    pub(super) fn activate(&mut self) -> Option<&mut Active> {
        if matches!(self.progress, Progress::Untouched) {
            self.progress = Progress::Active(Box::new(Active {
                version: 0,
                size_bytes: (!self.is_stream()).then_some(self.manifest_bytes()),
                modified: self.modified,
                pinned: None,
                changes: 0,
                compare: false,
                confirmed: ChunkSet::new(),
                next: 0,
                rejected: 0,
            }));
        }
        self.active_mut()
    }

    /// Turns a file whose every chunk is confirmed into a finished one.
    pub(super) fn settle(&mut self) {
        let Some(size_bytes) = self.active().and_then(Active::complete_size) else {
            return;
        };
        self.progress = Progress::Done { size_bytes };
    }
}

impl Active {
    /// The chunks it has as far as anybody knows.
    pub(super) fn chunk_count(&self) -> u64 {
        match self.size_bytes {
            Some(size_bytes) => chunk_count(size_bytes),
            None => MAX_CHUNKS,
        }
    }

    /// Where a chunk lies, as `(offset, length)`.
    pub(super) fn span(&self, chunk: u64) -> Option<(u64, u32)> {
        match self.size_bytes {
            Some(size_bytes) => chunk_span(size_bytes, chunk),
            None => chunk_span(FILE_BYTES, chunk),
        }
    }

    /// The next chunk to ask for.
    pub(super) fn take_next(&mut self) -> Option<u32> {
        let chunk = self.confirmed.next_missing(self.next);
        if chunk >= self.chunk_count() {
            return None;
        }
        self.next = chunk + 1;
        u32::try_from(chunk).ok()
    }

    /// Whether a read saw the version that is being sent.
    pub(super) fn matches(&self, version: &EntryVersion) -> bool {
        match &self.pinned {
            Some(pinned) => pinned == version,
            None => {
                self.size_bytes == Some(version.size_bytes)
                    && self.modified.is_none_or(|known| known == version.modified)
            }
        }
    }

    pub(super) fn revision(&self, entry: u32) -> EntryRevision {
        EntryRevision {
            entry,
            version: self.version,
            size_bytes: self.size_bytes.unwrap_or(0),
            modified: self.modified,
        }
    }

    /// Starts the file over as it is now; nothing that was confirmed counts.
    pub(super) fn revise(&mut self, number: u8, version: EntryVersion) {
        self.version = number;
        self.size_bytes = Some(version.size_bytes);
        self.modified = Some(version.modified);
        self.pinned = Some(version);
        self.compare = true;
        self.confirmed = ChunkSet::new();
        self.next = 0;
    }

    fn confirmed_bytes(&self) -> u64 {
        let count = self.confirmed.len();
        let Some(size_bytes) = self.size_bytes else {
            return count * CHUNK_BYTES;
        };
        let Some((last, length)) = chunk_count(size_bytes)
            .checked_sub(1)
            .and_then(|last| Some((last, chunk_span(size_bytes, last)?.1)))
        else {
            return 0;
        };
        if self.confirmed.contains(last) {
            (count - 1) * CHUNK_BYTES + u64::from(length)
        } else {
            count * CHUNK_BYTES
        }
    }

    fn complete_size(&self) -> Option<u64> {
        self.size_bytes
            .filter(|&size_bytes| self.confirmed.covers(chunk_count(size_bytes)))
    }
}

/// Chunk indices are 32-bit: 4 PiB.
const MAX_CHUNKS: u64 = 1 << 32;
