//! Content that lies in the destination already: compared chunk by chunk, and copied instead of carried.

use std::fs::File;

use hashing::chunk_digest;
use model::limits::CHUNK_BYTES;
use model::{ChunkSet, Digest, EntryKind, Existing, RelPath};

use super::staging::{Staging, WriteError, page_of};
use crate::platform::{self, NodeKind, joined, read_chunk};

/// What may be done with files of the destination.
#[derive(Debug)]
pub(super) struct Seeds {
    pub(super) existing: Existing,
    /// The file that was asked for last.
    open: Option<(u32, Option<File>)>,
}

impl Seeds {
    pub(super) fn new(existing: Existing) -> Self {
        Self {
            existing,
            open: None,
        }
    }
}

impl Staging {
    /// The unfinished files of an open page for which the destination has a file at the same place.
    ///
    /// What it holds says nothing yet: see [`Self::adopt_chunk`].
    pub fn candidates(&self, page: u32) -> ChunkSet {
        let mut found = ChunkSet::new();
        if !self.seeds.existing.merges() {
            return found;
        }
        let Some(page) = self.pages.get(&page) else {
            return found;
        };
        for (index, entry, state) in page.iter() {
            let is_open_file = matches!(entry.kind, EntryKind::File { size_bytes, .. } if size_bytes > 0)
                && state.outcome.is_none();
            if is_open_file && self.existing_file(&entry.path).is_some() {
                found.insert(index.into());
            }
        }
        found
    }

    /// Whether a chunk with this digest is stored, or lies at its place in the destination: then it is
    /// copied from there, after its own digest was compared.
    pub fn adopt_chunk(
        &mut self,
        entry: u32,
        chunk: u32,
        length: u32,
        digest: &Digest,
    ) -> Result<bool, WriteError> {
        if self.chunk_digest(entry, chunk)?.as_ref() == Some(digest) {
            return Ok(true);
        }
        if !self.seeds.existing.merges() || u64::from(length) > CHUNK_BYTES {
            return Ok(false);
        }
        let offset = u64::from(chunk) * CHUNK_BYTES;
        let Some(file) = self.seed(entry)? else {
            return Ok(false);
        };
        let Ok(bytes) = read_chunk(file, offset, length) else {
            return Ok(false);
        };
        let is_same =
            bytes.len() == usize::try_from(length).unwrap_or(0) && chunk_digest(&bytes) == *digest;
        if is_same {
            self.write_chunk(entry, chunk, offset, &bytes, digest)?;
        }
        Ok(is_same)
    }

    fn seed(&mut self, entry: u32) -> Result<Option<&File>, WriteError> {
        let is_open = matches!(self.seeds.open, Some((open, _)) if open == entry);
        if !is_open {
            let page = page_of(&self.pages, entry).ok_or(WriteError::UnknownEntry)?;
            let place = page.place(entry).ok_or(WriteError::UnknownEntry)?;
            let file = self.existing_file(&page.entries[place].path);
            self.seeds.open = Some((entry, file));
        }
        let open = self.seeds.open.as_ref();
        Ok(open.and_then(|(_, file)| file.as_ref()))
    }

    fn existing_file(&self, path: &RelPath) -> Option<File> {
        let file = self.home.root.open_file(&joined(path.names())).ok()?;
        let stat = platform::stat(&file).ok()?;
        (stat.kind == NodeKind::File).then_some(file)
    }
}
