//! What the driver was asked to do with the disk and has not answered, or could not do.

use std::collections::{BTreeMap, BTreeSet};

use super::FinishEntry;
use super::intake::Place;
use crate::ChunkName;

/// Requests to the disk.
#[derive(Debug, Default)]
pub(super) struct Disk {
    storing: BTreeMap<Place, Storing>,
    comparing: BTreeSet<ChunkName>,
    /// Chunks of this session that could not be written.
    unwritten: BTreeSet<ChunkName>,
    unfinished: BTreeMap<u32, FinishEntry>,
    pub(super) commit: Commit,
    /// Counts sessions, to know what an answer belongs to.
    session: u32,
}

/// A chunk the driver is writing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Storing {
    pub(super) name: ChunkName,
    pub(super) length: u32,
    session: u32,
}

/// How far the last step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Commit {
    /// Something is missing still.
    #[default]
    NotYet,
    /// The driver was asked.
    Asked,
    /// The driver could not.
    Failed,
}

impl Disk {
    pub(super) fn begin_session(&mut self) {
        self.session += 1;
        self.comparing.clear();
        self.unwritten.clear();
    }

    pub(super) fn is_storing(&self, place: Place) -> bool {
        self.storing.contains_key(&place)
    }

    pub(super) fn begin_store(&mut self, name: ChunkName, length: u32) {
        let storing = Storing {
            name,
            length,
            session: self.session,
        };
        self.storing.insert(place_of(name), storing);
    }

    /// Ends the write the driver answered, if it was asked for.
    pub(super) fn end_store(&mut self, name: ChunkName) -> Option<Storing> {
        let place = place_of(name);
        let storing = self
            .storing
            .get(&place)
            .filter(|storing| storing.name == name)?;
        let storing = *storing;
        self.storing.remove(&place);
        Some(storing)
    }

    /// Whether the sender knows of this write.
    pub(super) fn is_of_session(&self, storing: &Storing) -> bool {
        storing.session == self.session
    }

    pub(super) fn begin_compare(&mut self, name: ChunkName) -> bool {
        self.comparing.insert(name)
    }

    pub(super) fn end_compare(&mut self, name: &ChunkName) -> bool {
        self.comparing.remove(name)
    }

    pub(super) fn comparing(&self) -> usize {
        self.comparing.len()
    }

    pub(super) fn note_unwritten(&mut self, name: ChunkName) {
        self.unwritten.insert(name);
    }

    /// The chunk comes once more.
    pub(super) fn forget_unwritten(&mut self, name: &ChunkName) {
        self.unwritten.remove(name);
    }

    pub(super) fn take_unwritten(&mut self) -> BTreeSet<ChunkName> {
        std::mem::take(&mut self.unwritten)
    }

    pub(super) fn note_unfinished(&mut self, finish: FinishEntry) {
        self.unfinished.insert(finish.entry, finish);
    }

    pub(super) fn take_unfinished(&mut self) -> BTreeMap<u32, FinishEntry> {
        std::mem::take(&mut self.unfinished)
    }
}

pub(super) fn place_of(name: ChunkName) -> Place {
    Place {
        entry: name.entry,
        chunk: name.chunk,
    }
}
