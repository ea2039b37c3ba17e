//! What a device knows of a folder: what it holds at each path, and what better it has heard of.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use model::limits::{FOLDER_ENTRIES, INDEX_PAGE_BYTES};
use model::{Digest, wire};
use serde::{Deserialize, Serialize};

use crate::{Announced, FolderPath, Record, Seat, State};

/// The index of one folder on one device. Small: see the test of its memory.
#[derive(Debug, Clone, Default)]
pub struct Index {
    slots: BTreeMap<FolderPath, Slot>,
    /// Paths with a record, by when the record was set: what others do not know yet stands last.
    order: BTreeMap<u64, FolderPath>,
    sequence: u64,
    files: usize,
    /// Live paths by a digest of what some disks take for the same, if that matters to anybody.
    folded: Option<BTreeSet<(u64, FolderPath)>>,
}

/// What is known of one path.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Slot {
    /// What this device holds.
    pub local: Option<Record>,
    /// When that was set, counted by this device; 0 if never.
    pub sequence: u64,
    /// A better version that others hold.
    pub wanted: Option<Box<Wanted>>,
    /// What lies on the disk, if it is not `local` and must not be told to others.
    pub drift: Option<Box<State>>,
    /// `drift` counts for nothing: it makes place for what others have, or vanishes.
    pub voided: bool,
}

/// A version that is better than what this device holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The version.
    pub record: Record,
    /// Seats that said they hold it, as bits.
    pub holders: u128,
    /// Versions that were wanted before it, the last ones: one of them may lie on the disk already, put there by a
    /// process that was killed before it noted so.
    pub before: Vec<Record>,
}

/// How a record that was offered compares to what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Novelty {
    /// Better than everything known: it is wanted now.
    Better,
    /// The version that is wanted already.
    Wanted,
    /// The version that is held, or a worse one.
    Known,
    /// There is no room for further paths.
    Full,
}

/// Some records that follow each other in an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexPage {
    /// The count behind which it begins.
    pub after: u64,
    /// The records, in the order in which they were set.
    pub records: Vec<Announced>,
    /// The count of the last.
    pub through: u64,
    /// Whether there are more behind.
    pub more: bool,
}

impl Index {
    /// Takes a slot as it was kept, at the start.
    pub fn load(&mut self, path: FolderPath, slot: Slot) {
        if slot.sequence > 0 {
            self.order.insert(slot.sequence, path.clone());
            self.sequence = self.sequence.max(slot.sequence);
        }
        self.files += usize::from(is_file(slot.local.as_ref()));
        self.slots.insert(path.clone(), slot);
        self.refold(&path);
    }

    /// Whether [`Index::same_to_some`] answers.
    pub fn folds(&self) -> bool {
        self.folded.is_some()
    }

    /// From now on [`Index::same_to_some`] answers.
    pub fn fold_names(&mut self) {
        if self.folds() {
            return;
        }
        self.folded = Some(BTreeSet::new());
        let paths: Vec<FolderPath> = self.slots.keys().cloned().collect();
        paths.iter().for_each(|path| self.refold(path));
    }

    /// Another path on this device's disk that some disks take for `path`; none as long as no disk does.
    pub fn same_to_some(&self, path: &FolderPath) -> Option<&FolderPath> {
        let mut same = self.same(path);
        same.find(|other| *other != path)
    }

    /// Paths on this device's disk that some disks take for one another.
    pub(crate) fn clashes(&self) -> Vec<FolderPath> {
        let folded = self.folded.iter().flatten();
        let pairs = folded.clone().zip(folded.skip(1));
        let near = pairs.filter(|(one, other)| one.0 == other.0);
        let paths = near.flat_map(|((_, one), (_, other))| [one, other]);
        let clashing = paths.filter(|path| self.same_to_some(path).is_some());
        clashing.cloned().collect()
    }

    /// The path on this device's disk that is `composed` but for how its accents are written.
    pub fn known_as(&self, composed: &FolderPath) -> Option<&FolderPath> {
        let mut same = self.same(composed);
        same.find(|path| path.composed() == *composed)
    }

    fn refold(&mut self, path: &FolderPath) {
        let is_there = self.on_disk(path) != State::Deleted;
        let Some(folded) = &mut self.folded else {
            return;
        };
        let item = (fold(&path.collision_key()), path.clone());
        if is_there {
            folded.insert(item);
        } else {
            folded.remove(&item);
        }
    }

    /// Paths on this device's disk that some disks take for `path`, itself included.
    fn same<'a>(&'a self, path: &FolderPath) -> impl Iterator<Item = &'a FolderPath> + use<'a> {
        let key = path.collision_key();
        let number = fold(&key);
        let folded = self.folded.iter();
        let near = folded.flat_map(move |folded| {
            let first = Bound::Included((number, FolderPath::first()));
            folded.range((first, Bound::Unbounded))
        });
        near.take_while(move |(it, _)| *it == number)
            .map(|(_, path)| path)
            .filter(move |it| it.collision_key() == key)
    }

    /// What is known of `path`.
    pub fn slot(&self, path: &FolderPath) -> Option<&Slot> {
        self.slots.get(path)
    }

    /// What this device holds at `path`.
    pub fn local(&self, path: &FolderPath) -> Option<&Record> {
        self.slots.get(path)?.local.as_ref()
    }

    /// The version of `path` that is better than what this device holds.
    pub fn wanted(&self, path: &FolderPath) -> Option<&Wanted> {
        self.slots.get(path)?.wanted.as_deref()
    }

    /// What lies on the disk at `path`, as far as this device knows.
    pub fn on_disk(&self, path: &FolderPath) -> State {
        let Some(slot) = self.slots.get(path) else {
            return State::Deleted;
        };
        match (&slot.drift, &slot.local) {
            (Some(drift), _) => **drift,
            (None, Some(local)) => local.state,
            (None, None) => State::Deleted,
        }
    }

    /// Sets what this device holds. What was wanted stays so only if it is still better.
    pub fn set_local(&mut self, path: &FolderPath, record: Record) {
        self.sequence += 1;
        let slot = self.slots.entry(path.clone()).or_default();
        self.files -= usize::from(is_file(slot.local.as_ref()));
        self.files += usize::from(is_file(Some(&record)));
        self.order.remove(&slot.sequence);
        slot.sequence = self.sequence;
        slot.drift = None;
        slot.voided = false;
        let is_better = |wanted: &Wanted| wanted.record.version.rank() > record.version.rank();
        slot.wanted = slot.wanted.take().filter(|wanted| is_better(wanted));
        if let Some(wanted) = &mut slot.wanted {
            wanted.before.clear();
        }
        slot.local = Some(record);
        self.order.insert(self.sequence, path.clone());
        self.refold(path);
    }

    /// Notes that the disk holds something else than the record says, or no longer.
    pub fn set_drift(&mut self, path: &FolderPath, drift: Option<State>) {
        let slot = self.slots.entry(path.clone()).or_default();
        slot.drift = drift.map(Box::new);
        slot.voided = false;
        self.refold(path);
    }

    /// Forgets what this device holds and wants at `path`: what lies there is drift from now on, and counts for nothing.
    pub fn forget(&mut self, path: &FolderPath) {
        let on_disk = self.on_disk(path);
        let Some(slot) = self.slots.get_mut(path) else {
            return;
        };
        self.files -= usize::from(is_file(slot.local.as_ref()));
        self.order.remove(&slot.sequence);
        *slot = Slot::default();
        if on_disk != State::Deleted {
            slot.drift = Some(Box::new(on_disk));
            slot.voided = true;
        }
    }

    /// Forgets the version that is wanted at `path`.
    pub fn forget_wanted(&mut self, path: &FolderPath) {
        if let Some(slot) = self.slots.get_mut(path) {
            slot.wanted = None;
        }
    }

    /// Compares what `seat` holds with what is known, and wants it if it is better.
    pub fn offer(&mut self, seat: Seat, path: &FolderPath, record: &Record) -> Novelty {
        if !self.slots.contains_key(path) && self.slots.len() >= FOLDER_ENTRIES {
            return Novelty::Full;
        }
        let slot = self.slots.entry(path.clone()).or_default();
        if let Some(wanted) = &mut slot.wanted {
            if wanted.record == *record {
                wanted.holders |= bit(seat);
                return Novelty::Wanted;
            }
            if wanted.record.version.rank() >= record.version.rank() {
                return Novelty::Known;
            }
        }
        let local = slot.local.as_ref();
        if local.is_some_and(|local| local.version.rank() >= record.version.rank()) {
            return Novelty::Known;
        }
        let mut before = Vec::new();
        if let Some(worse) = slot.wanted.take() {
            before = worse.before;
            before.truncate(MOST_BEFORE - 1);
            before.insert(0, worse.record);
        }
        slot.wanted = Some(Box::new(Wanted {
            record: record.clone(),
            holders: bit(seat),
            before,
        }));
        Novelty::Better
    }

    /// The version that was wanted at `path`, or still is, and is just this on the disk.
    pub fn expected(&self, path: &FolderPath, found: &State) -> Option<&Record> {
        let wanted = self.wanted(path)?;
        let mut versions = std::iter::once(&wanted.record).chain(&wanted.before);
        versions.find(|record| record.state.is_same(found))
    }

    /// What lies at `path` is known: none of the versions that were wanted before lies there unnoted. Returns
    /// whether that is news.
    pub fn settle(&mut self, path: &FolderPath) -> bool {
        let wanted = self.slots.get_mut(path).and_then(|it| it.wanted.as_mut());
        wanted.is_some_and(|it| !std::mem::take(&mut it.before).is_empty())
    }

    /// Notes that `seat` holds the wanted version of `path` after all, or not.
    pub fn note_holder(&mut self, seat: Seat, path: &FolderPath, record: &Record) {
        let wanted = self.slots.get_mut(path).and_then(|it| it.wanted.as_mut());
        if let Some(wanted) = wanted.filter(|wanted| wanted.record == *record) {
            wanted.holders |= bit(seat);
        }
    }

    /// The records that were set after the count `after`, as many as fit a page.
    pub fn page(&self, after: u64) -> IndexPage {
        let mut page = IndexPage {
            after,
            records: Vec::new(),
            through: after,
            more: false,
        };
        let mut bytes = PAGE_FRAME_BYTES;
        let later = (Bound::Excluded(after), Bound::Unbounded);
        for (sequence, path) in self.order.range(later) {
            let Some(record) = self.local(path) else {
                continue;
            };
            let announced = Announced {
                path: path.clone(),
                record: record.clone(),
            };
            bytes += wire::encode(&announced).len();
            if bytes > INDEX_PAGE_BYTES {
                page.more = true;
                break;
            }
            page.records.push(announced);
            page.through = *sequence;
        }
        page
    }

    /// The count of the record that was set last.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Everything that is known.
    pub fn slots(&self) -> impl Iterator<Item = (&FolderPath, &Slot)> {
        self.slots.iter()
    }

    /// Everything below `folder`, not itself.
    pub fn below<'a>(
        &'a self,
        folder: &'a FolderPath,
    ) -> impl Iterator<Item = (&'a FolderPath, &'a Slot)> {
        let later = (Bound::Excluded(folder), Bound::Unbounded);
        let range = self.slots.range::<FolderPath, _>(later);
        // Names like `folder.txt` stand between a folder and what is below it.
        let near = range.take_while(move |(path, _)| path.as_str().starts_with(folder.as_str()));
        near.filter(move |(path, _)| path.is_below(folder))
    }

    /// Whether anything lies below `folder` on this device's disk.
    pub fn has_children(&self, folder: &FolderPath) -> bool {
        let mut below = self.below(folder);
        below.any(|(path, _)| self.on_disk(path) != State::Deleted)
    }

    /// How many files this device holds.
    pub fn files(&self) -> usize {
        self.files
    }
}

/// The bit of a seat in [`Wanted::holders`].
pub fn bit(seat: Seat) -> u128 {
    1 << seat.number()
}

/// A number that different names hardly share; whoever finds one compares the names.
fn fold(key: &str) -> u64 {
    let digest = Digest::of(key.as_bytes()).0;
    digest.first_chunk().map_or(0, |it| u64::from_be_bytes(*it))
}

fn is_file(record: Option<&Record>) -> bool {
    record.is_some_and(|record| record.state.file().is_some())
}

/// More versions than come while one is placed.
const MOST_BEFORE: usize = 8;
/// What a page needs besides its records.
const PAGE_FRAME_BYTES: usize = 64;

#[cfg(test)]
mod tests;
