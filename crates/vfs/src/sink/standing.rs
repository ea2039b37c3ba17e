use std::ops::Range;

use model::{Entry, EntryKind};

use super::pages::Outcome;
use super::staging::Staging;
use crate::manifest::ManifestError;

/// How far an entry of a staged transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing of it is here.
    Waiting,
    /// Some of it is here.
    Begun,
    /// It is whole: a finished file, or a folder.
    Whole,
    /// It is left out.
    Dropped,
}

impl Staging {
    /// Tells how far the entries in `range` are, in their order; those that are not told yet are missing.
    pub fn standings(&self, range: &Range<u32>) -> Result<Vec<(Entry, Standing)>, ManifestError> {
        let entries = self.manifest.entries_in(range)?;
        let standings = range.clone().zip(entries).map(|(index, entry)| {
            let standing = self.standing(index, &entry);
            (entry, standing)
        });
        Ok(standings.collect())
    }

    fn standing(&self, index: u32, entry: &Entry) -> Standing {
        if self.progress.dropped.contains(index.into()) {
            return Standing::Dropped;
        }
        let is_folder = entry.kind == EntryKind::Directory;
        if is_folder || self.progress.finished.contains(index.into()) {
            return Standing::Whole;
        }
        let state = self.state_of(index);
        match state.map(|state| (state.outcome, state.chunks.is_empty())) {
            Some((Some(Outcome::Dropped), _)) => Standing::Dropped,
            Some((Some(Outcome::Folder | Outcome::File { .. }), _)) => Standing::Whole,
            Some((None, false)) => Standing::Begun,
            Some((None, true)) | None => Standing::Waiting,
        }
    }
}
