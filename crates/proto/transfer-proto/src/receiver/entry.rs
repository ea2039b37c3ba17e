use model::limits::CHUNK_BYTES;
use model::{ChunkSet, Entry, EntryKind, Timestamp, chunk_count, chunk_span};

use super::{FinishEntry, HeldEntry, ReceiverViolation};
use crate::tuning::FILE_BYTES;
use crate::{ChunkDigest, EntryHave, EntryRevision};

/// One entry of an open page, as its receiver sees it.
#[derive(Debug)]
pub(super) struct SinkEntry {
    kind: EntryKind,
    modified: Option<Timestamp>,
    pub(super) progress: Progress,
}

#[derive(Debug)]
pub(super) enum Progress {
    /// Nothing of it is here.
    Untouched,
    /// Some of it is.
    Active(Box<Active>),
    /// All of it is on the disk and the driver was asked to finish it.
    Finishing(Box<FinishEntry>),
    /// It needs nothing more.
    Done { size_bytes: u64 },
    /// It was given up; the driver still writes some of its chunks.
    Leaving { writing: u32 },
    /// It was given up.
    Gone,
}

/// A file of which chunks arrive.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) version: u8,
    /// `None` for a stream that did not end yet.
    size_bytes: Option<u64>,
    modified: Option<Timestamp>,
    /// Verified chunks of this version that are on the disk.
    stored: ChunkSet,
    /// Whether other chunks of uncertain version are there.
    mixed: bool,
    /// The chunk of an unfinished stream that is shorter than others, with its length.
    tail: Option<(u32, u32)>,
    /// Whether chunks of an earlier run are among the stored ones: the tail may be one of them.
    is_resumed: bool,
    /// Chunks the driver is writing, of any version.
    pub(super) writing: u32,
    pub(super) corrupt: u32,
}

/// What the receiver makes of a chunk that is spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is missing; so it lies in its file, as `(offset, length)`.
    Wanted(u64, u32),
    /// It is on the disk.
    Here,
    /// It belongs to something that was given up or replaced.
    Stale,
}

impl SinkEntry {
    pub(super) fn new(entry: &Entry) -> Self {
        Self {
            kind: entry.kind,
            modified: entry.modified,
            progress: Progress::Untouched,
        }
    }

    /// Its size as known now.
    pub(super) fn current_bytes(&self) -> u64 {
        match &self.progress {
            Progress::Untouched => self.manifest_bytes(),
            Progress::Active(active) => active.current_bytes(),
            Progress::Finishing(finish) => finish.size_bytes,
            Progress::Done { size_bytes } => *size_bytes,
            Progress::Leaving { .. } | Progress::Gone => 0,
        }
    }

    /// What it adds to the bytes that the ceiling bounds: an open stream counts when it ends.
    pub(super) fn counted_bytes(&self) -> u64 {
        match &self.progress {
            Progress::Active(active) => active.size_bytes.unwrap_or(0),
            Progress::Untouched
            | Progress::Finishing(_)
            | Progress::Done { .. }
            | Progress::Leaving { .. }
            | Progress::Gone => self.current_bytes(),
        }
    }

    pub(super) fn stored_bytes(&self) -> u64 {
        match &self.progress {
            Progress::Untouched | Progress::Leaving { .. } | Progress::Gone => 0,
            Progress::Active(active) => active.stored_bytes(),
            Progress::Finishing(finish) => finish.size_bytes,
            Progress::Done { size_bytes } => *size_bytes,
        }
    }

    pub(super) fn manifest_bytes(&self) -> u64 {
        match self.kind {
            EntryKind::File { size_bytes, .. } => size_bytes,
            EntryKind::Directory | EntryKind::Stream => 0,
        }
    }

    pub(super) fn is_file(&self) -> bool {
        self.kind != EntryKind::Directory
    }

    pub(super) fn is_stream(&self) -> bool {
        self.kind == EntryKind::Stream
    }

    /// Whether nothing more is awaited from the sender or the driver.
    pub(super) fn is_settled(&self) -> bool {
        match self.progress {
            Progress::Done { .. } | Progress::Gone => true,
            Progress::Untouched
            | Progress::Active(_)
            | Progress::Finishing(_)
            | Progress::Leaving { .. } => false,
        }
    }

    /// Whether all of it was on the disk in one version.
    pub(super) fn is_complete(&self) -> bool {
        match self.progress {
            Progress::Finishing(_) | Progress::Done { .. } => true,
            Progress::Untouched
            | Progress::Active(_)
            | Progress::Leaving { .. }
            | Progress::Gone => false,
        }
    }

    pub(super) fn is_given_up(&self) -> bool {
        matches!(self.progress, Progress::Leaving { .. } | Progress::Gone)
    }

    pub(super) fn active_mut(&mut self) -> Option<&mut Active> {
        match &mut self.progress {
            Progress::Active(active) => Some(active),
            Progress::Untouched
            | Progress::Finishing(_)
            | Progress::Done { .. }
            | Progress::Leaving { .. }
            | Progress::Gone => None,
        }
    }

    /// The state to work on, begun from the manifest's version; `None` if nothing is awaited.
    pub(super) fn activate(&mut self) -> Option<&mut Active> {
        if matches!(self.progress, Progress::Untouched) {
            self.progress = Progress::Active(Box::new(Active {
                version: 0,
                size_bytes: (!self.is_stream()).then_some(self.manifest_bytes()),
                modified: self.modified,
                stored: ChunkSet::new(),
                mixed: false,
                tail: None,
                is_resumed: false,
                writing: 0,
                corrupt: 0,
            }));
        }
        self.active_mut()
    }

    /// Takes what the disk holds.
    pub(super) fn take_held(&mut self, held: &HeldEntry) {
        let Some(active) = self.activate() else {
            return;
        };
        active.version = held.revision.version;
        if active.size_bytes.is_some() {
            active.size_bytes = Some(held.revision.size_bytes);
        }
        active.modified = held.revision.modified;
        active.mixed = held.mixed;
        active.is_resumed = true;
        if !held.mixed {
            active.stored = held.chunks.clone();
        }
    }

    /// What to tell the sender about it, if it is begun.
    pub(super) fn have(&self, entry: u32) -> Option<EntryHave> {
        let Progress::Active(active) = &self.progress else {
            return None;
        };
        let is_worth_telling = !active.stored.is_empty() || active.mixed || active.version > 0;
        is_worth_telling.then(|| EntryHave {
            revision: EntryRevision {
                entry,
                version: active.version,
                size_bytes: active.size_bytes.unwrap_or(0),
                modified: active.modified,
            },
            chunks: active.stored.clone(),
            compare: active.mixed,
        })
    }

    /// What to make of a chunk that the sender speaks of.
    pub(super) fn standing(
        &mut self,
        version: u8,
        chunk: u32,
    ) -> Result<Standing, ReceiverViolation> {
        if !self.is_file() {
            return Err(ReceiverViolation::OutsideFile);
        }
        if self.is_complete() {
            return Ok(Standing::Here);
        }
        let Some(active) = self.activate() else {
            return Ok(Standing::Stale);
        };
        if version > active.version {
            return Err(ReceiverViolation::UnknownVersion);
        }
        if version < active.version {
            return Ok(Standing::Stale);
        }
        let chunk = u64::from(chunk);
        let (offset, length) = active.span(chunk).ok_or(ReceiverViolation::OutsideFile)?;
        if active.stored.contains(chunk) {
            return Ok(Standing::Here);
        }
        Ok(Standing::Wanted(offset, length))
    }

    /// Turns a file whose every chunk is on the disk into one to finish.
    pub(super) fn finish_if_whole(&mut self, entry: u32) -> Option<FinishEntry> {
        let is_executable = matches!(
            self.kind,
            EntryKind::File {
                executable: true,
                ..
            }
        );
        let is_untouched = matches!(self.progress, Progress::Untouched);
        if is_untouched && (self.manifest_bytes() > 0 || self.is_stream()) {
            return None;
        }
        let active = self.activate()?;
        let size_bytes = active.size_bytes?;
        if active.writing > 0 || !active.stored.covers(chunk_count(size_bytes)) {
            return None;
        }
        let finish = FinishEntry {
            entry,
            version: active.version,
            size_bytes,
            modified: active.modified,
            executable: is_executable,
        };
        self.progress = Progress::Finishing(Box::new(finish.clone()));
        Some(finish)
    }
}

impl Active {
    /// Starts the file over in a later version.
    pub(super) fn revise(&mut self, revision: &EntryRevision) {
        self.version = revision.version;
        self.size_bytes = Some(revision.size_bytes);
        self.modified = revision.modified;
        self.stored = ChunkSet::new();
    }

    /// Notes a verified chunk of this version.
    pub(super) fn note_stored(&mut self, chunk: u32) {
        self.stored.insert(u64::from(chunk));
    }

    /// Checks the length that a digest gives to a missing chunk.
    pub(super) fn check_length(
        &mut self,
        digest: &ChunkDigest,
        span: u32,
    ) -> Result<(), ReceiverViolation> {
        if digest.length == span {
            return Ok(());
        }
        if !self.is_open_stream() || digest.length == 0 || digest.length > span {
            return Err(ReceiverViolation::OutsideFile);
        }
        let tail = (digest.name.chunk, digest.length);
        if *self.tail.get_or_insert(tail) != tail {
            return Err(ReceiverViolation::OutsideFile);
        }
        Ok(())
    }

    /// Whether it is a stream whose end is not known.
    pub(super) fn is_open_stream(&self) -> bool {
        self.size_bytes.is_none()
    }

    /// Takes the size of a stream; every chunk spoken of so far must fit it.
    pub(super) fn end_stream(&mut self, size_bytes: u64) -> Result<(), ReceiverViolation> {
        if let Some(known) = self.size_bytes {
            let is_same = known == size_bytes;
            return is_same.then_some(()).ok_or(ReceiverViolation::OutsideFile);
        }
        if size_bytes > FILE_BYTES {
            return Err(ReceiverViolation::OutsideFile);
        }
        let last_end = self.stored.runs().last().map_or(0, |run| run.end);
        let is_beyond = last_end > chunk_count(size_bytes);
        let is_cut = match self.tail {
            Some((chunk, length)) => {
                u64::from(chunk) * CHUNK_BYTES + u64::from(length) != size_bytes
            }
            None => !self.is_resumed && last_end * CHUNK_BYTES > size_bytes,
        };
        if is_beyond || is_cut {
            return Err(ReceiverViolation::OutsideFile);
        }
        self.size_bytes = Some(size_bytes);
        Ok(())
    }

    fn span(&self, chunk: u64) -> Option<(u64, u32)> {
        match self.size_bytes {
            Some(size_bytes) => chunk_span(size_bytes, chunk),
            None => chunk_span(FILE_BYTES, chunk),
        }
    }

    fn current_bytes(&self) -> u64 {
        self.size_bytes.unwrap_or(self.stored.len() * CHUNK_BYTES)
    }

    fn stored_bytes(&self) -> u64 {
        let count = self.stored.len();
        let last = self
            .size_bytes
            .map(chunk_count)
            .and_then(|count| count.checked_sub(1));
        let short_by = match (last, self.size_bytes) {
            (Some(last), Some(size_bytes)) if self.stored.contains(last) => {
                (last + 1) * CHUNK_BYTES - size_bytes
            }
            (Some(_) | None, Some(_) | None) => 0,
        };
        (count * CHUNK_BYTES).saturating_sub(short_by)
    }
}
