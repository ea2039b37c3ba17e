use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io;

use model::{Entry, EntryKind, Name};

use super::merge::{Clash, Clashes};
use super::staging::Staging;
use super::{PageError, SinkError, numbered};
use crate::failpoint::{self, Point};
use crate::manifest::ManifestError;
use crate::platform::{self, Dir};

/// Where a top-level entry goes: its name in the staging tree, and the one it gets in the destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// As the sender named it.
    pub staged: Name,
    /// As it is called here: the same, or numbered if that name was taken.
    pub placed: Name,
}

/// Keeps intents so that they survive a crash: they must be durable when it returns.
///
/// A later intent for the same `staged` name replaces the earlier one.
pub type RecordIntents<'a> = &'a mut dyn FnMut(&[Placement]) -> io::Result<()>;

/// What a commit put in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// How many top-level entries.
    pub entries: u64,
    /// The first [`NAMES_TOLD`] of them.
    pub names: Vec<Placement>,
    /// Files that were in the destination already, with the same content.
    pub unchanged: u64,
    /// The first [`super::CLASHES_TOLD`] names that were taken by something else.
    pub clashes: Vec<Clash>,
}

/// How many names [`Committed`] tells: a person reads no more.
pub const NAMES_TOLD: usize = 1_000;

/// Why a transfer is not in place yet. Everything staged is intact; the commit may be tried again.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// An entry is neither finished nor dropped, or was found damaged.
    #[error("entry {entry} is not finished")]
    Unfinished {
        /// Its index in the manifest.
        entry: u32,
    },
    /// A staged entry has gone without an intent.
    #[error("a received file was removed before it was in place")]
    Missing {
        /// Its name.
        name: Name,
    },
    /// No name was free.
    #[error("too many files have this name")]
    NoFreeName {
        /// The name as it was sent.
        name: Name,
    },
    /// The intents could not be kept.
    #[error("the intent could not be stored: {0}")]
    Record(#[source] io::Error),
    /// The disk is full.
    #[error("the disk is full")]
    NoSpace,
    /// The staging folder or its list of entries cannot be used.
    #[error(transparent)]
    Sink(SinkError),
    /// A page could not be read back.
    #[error(transparent)]
    Page(PageError),
    /// The file system refused.
    #[error("the files could not be put in place: {0}")]
    Io(#[source] io::Error),
}

impl From<io::Error> for CommitError {
    fn from(error: io::Error) -> Self {
        if platform::is_out_of_space(&error) {
            Self::NoSpace
        } else {
            Self::Io(error)
        }
    }
}

impl From<ManifestError> for CommitError {
    fn from(error: ManifestError) -> Self {
        of_sink(error.into())
    }
}

pub(super) fn of_sink(error: SinkError) -> CommitError {
    match error {
        SinkError::NoSpace => CommitError::NoSpace,
        SinkError::Io(error) => CommitError::Io(error),
        other @ (SinkError::NotFound
        | SinkError::NotAFolder
        | SinkError::Unwritable
        | SinkError::Busy
        | SinkError::Occupied
        | SinkError::Manifest(_)) => CommitError::Sink(other),
    }
}

fn of_page(error: PageError) -> CommitError {
    match error {
        PageError::NoSpace => CommitError::NoSpace,
        PageError::Io(error) => CommitError::Io(error),
        other @ (PageError::OutOfOrder
        | PageError::Changed
        | PageError::Name { .. }
        | PageError::Reserved { .. }
        | PageError::Collision { .. }
        | PageError::ParentMissing { .. }
        | PageError::Manifest(_)
        | PageError::Committing) => CommitError::Page(other),
    }
}

impl Committed {
    /// What is in place when every recorded intent was carried out.
    pub(super) fn of_intents(intents: &[Placement]) -> Self {
        let mut placed = Placed::default();
        for (staged, name) in latest(intents) {
            placed.note(staged, name);
        }
        placed.told
    }
}

impl Staging {
    /// Puts everything in place: first on the disk, then visible, each top-level entry by one rename.
    ///
    /// Every entry must be finished or dropped. A name that is taken gets a number; nothing is replaced.
    /// Afterwards the private folder is gone.
    pub fn commit(&mut self, record: RecordIntents<'_>) -> Result<Committed, CommitError> {
        self.commit_again(&[], record)
    }

    pub(super) fn commit_again(
        &mut self,
        intents: &[Placement],
        record: RecordIntents<'_>,
    ) -> Result<Committed, CommitError> {
        if !self.progress.committing {
            self.verify_rest()?;
            self.tree.close_all();
            self.date_folders()?;
            failpoint::pass(Point::Persist);
            self.persist()?;
            self.begin_renames()?;
            failpoint::pass(Point::Commit);
        }
        let committed = self.place(latest(intents), record)?;
        self.home.root.sync()?;
        self.tree.top().sync()?;
        self.remove_home()?;
        Ok(committed)
    }

    /// Reads back the pages that an earlier process stored, then checks that nothing is missing.
    fn verify_rest(&mut self) -> Result<(), CommitError> {
        for page in 0..self.pages() {
            if !self.progress.verified_pages.contains(page.into()) {
                self.open_page(page).map_err(of_page)?;
            }
        }
        match self.progress.first_unfinished(self.entries()) {
            Some(entry) => {
                let entry = u32::try_from(entry).unwrap_or(u32::MAX);
                Err(CommitError::Unfinished { entry })
            }
            None => Ok(()),
        }
    }

    /// Sets the times of the folders, now that nothing in them changes any more.
    fn date_folders(&mut self) -> Result<(), CommitError> {
        for page in 0..self.pages() {
            let entries = self.manifest.page(page)?;
            for (index, entry) in self.range(page).zip(entries) {
                if entry.kind == EntryKind::Directory
                    && !self.progress.dropped.contains(index.into())
                    && let Some(modified) = entry.modified
                {
                    self.tree.folder(&entry.path)?.set_modified(modified)?;
                }
            }
        }
        Ok(())
    }

    /// Puts the tree on the disk: a few entries one by one, many with the whole file system at once.
    fn persist(&mut self) -> Result<(), CommitError> {
        let many = self.entries() > FLUSHED_SINGLY;
        if !many || !self.tree.top().sync_file_system()? {
            for page in 0..self.pages() {
                let entries = self.manifest.page(page)?;
                for (index, entry) in self.range(page).zip(&entries) {
                    self.flush(index, entry)?;
                }
            }
            self.tree.top().sync()?;
        }
        Ok(())
    }

    fn flush(&mut self, index: u32, entry: &Entry) -> io::Result<()> {
        if self.progress.dropped.contains(index.into()) {
            return Ok(());
        }
        match entry.kind {
            EntryKind::Directory => self.tree.folder(&entry.path)?.sync(),
            EntryKind::File { .. } | EntryKind::Stream => self.tree.sync(&entry.path),
        }
    }

    fn begin_renames(&mut self) -> io::Result<()> {
        self.journal.append(&super::journal::Record::Committing)?;
        self.journal.sync()?;
        self.home.dir.sync()?;
        self.progress.committing = true;
        Ok(())
    }

    fn place(
        &mut self,
        mut known: BTreeMap<Name, Name>,
        record: RecordIntents<'_>,
    ) -> Result<Committed, CommitError> {
        let mut placed = Placed::default();
        let mut batch = Vec::new();
        for page in 0..self.pages() {
            let entries = self.manifest.page(page)?;
            for (index, entry) in self.range(page).zip(&entries) {
                let [name] = entry.path.names() else {
                    continue;
                };
                if self.is_staged(name)? {
                    known.remove(name);
                    batch.push((name.clone(), entry.kind == EntryKind::Directory));
                } else if !known.contains_key(name) && !self.progress.dropped.contains(index.into())
                {
                    return Err(CommitError::Missing { name: name.clone() });
                }
                if batch.len() == INTENTS_AT_ONCE {
                    self.place_batch(&mut batch, record, &mut placed)?;
                }
            }
        }
        self.place_batch(&mut batch, record, &mut placed)?;
        self.merge_folders(&mut placed.clashes)?;
        for (staged, name) in known {
            placed.note(staged, name);
        }
        Ok(placed.into_told())
    }

    fn place_batch(
        &mut self,
        batch: &mut Vec<(Name, bool)>,
        record: RecordIntents<'_>,
        placed: &mut Placed,
    ) -> Result<(), CommitError> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut chosen = BTreeSet::new();
        let mut intents = Vec::with_capacity(batch.len());
        for (name, is_folder) in &*batch {
            intents.push(self.choose_place(name, *is_folder, &chosen)?);
            chosen.extend(intents.last().map(|intent| intent.placed.collision_key()));
        }
        record(&intents).map_err(CommitError::Record)?;
        for (intent, (_, is_folder)) in intents.into_iter().zip(batch.drain(..)) {
            let keeps_name = intent.placed == intent.staged;
            let done = if keeps_name && self.seeds.existing.merges() {
                self.settle_top(&intent.staged, is_folder, &mut placed.clashes)?;
                intent
            } else {
                self.rename(intent, is_folder, record)?
            };
            placed.clashes.note_numbered(&done);
            placed.note(done.staged, done.placed);
        }
        Ok(())
    }

    /// Where a top-level entry goes: one that is merged, replaces or is there already keeps its name.
    fn choose_place(
        &self,
        name: &Name,
        is_folder: bool,
        chosen: &BTreeSet<String>,
    ) -> Result<Placement, CommitError> {
        if !chosen.contains(&name.collision_key()) && self.takes_name(name, is_folder)? {
            return Ok(Placement {
                staged: name.clone(),
                placed: name.clone(),
            });
        }
        choose(&self.home.root, name, is_folder, chosen)
    }

    /// Renames one entry; if somebody took its name meanwhile, another is chosen and recorded.
    fn rename(
        &self,
        mut intent: Placement,
        is_folder: bool,
        record: RecordIntents<'_>,
    ) -> Result<Placement, CommitError> {
        let root = &self.home.root;
        loop {
            failpoint::pass(Point::Rename);
            let tree = self.tree.top();
            match tree.rename_new(intent.staged.as_str(), root, intent.placed.as_str()) {
                Ok(()) => {
                    failpoint::pass(Point::Rename);
                    return Ok(intent);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    intent = choose(root, &intent.staged, is_folder, &BTreeSet::new())?;
                    record(std::slice::from_ref(&intent)).map_err(CommitError::Record)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn is_staged(&self, name: &Name) -> io::Result<bool> {
        Ok(!is_free(self.tree.top(), name)?)
    }
}

/// What was placed so far: all are counted, the first are told.
#[derive(Debug)]
struct Placed {
    told: Committed,
    clashes: Clashes,
}

impl Default for Placed {
    fn default() -> Self {
        let told = Committed {
            entries: 0,
            names: Vec::new(),
            unchanged: 0,
            clashes: Vec::new(),
        };
        Self {
            told,
            clashes: Clashes::default(),
        }
    }
}

impl Placed {
    fn into_told(self) -> Committed {
        Committed {
            unchanged: self.clashes.unchanged,
            clashes: self.clashes.told,
            ..self.told
        }
    }

    fn note(&mut self, staged: Name, placed: Name) {
        self.told.entries += 1;
        if self.told.names.len() < NAMES_TOLD {
            self.told.names.push(Placement { staged, placed });
        }
    }
}

fn latest(intents: &[Placement]) -> BTreeMap<Name, Name> {
    let pairs = intents.iter().cloned();
    pairs.map(|intent| (intent.staged, intent.placed)).collect()
}

fn choose(
    root: &Dir,
    staged: &Name,
    is_folder: bool,
    chosen: &BTreeSet<String>,
) -> Result<Placement, CommitError> {
    let mut placed = staged.clone();
    for number in 2..=NUMBERS_TRIED {
        if !chosen.contains(&placed.collision_key()) && is_free(root, &placed)? {
            let staged = staged.clone();
            return Ok(Placement { staged, placed });
        }
        placed = numbered(staged, number, is_folder);
    }
    let name = staged.clone();
    Err(CommitError::NoFreeName { name })
}

pub(super) fn is_free(dir: &Dir, name: &Name) -> io::Result<bool> {
    match dir.stat(OsStr::new(name.as_str())) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Up to so many entries are flushed one by one, which spares the rest of the file system.
const FLUSHED_SINGLY: u64 = 64;
/// Intents recorded together: each recording waits for the disk.
const INTENTS_AT_ONCE: usize = 256;
/// A folder with more copies of one name is not sensible.
pub(super) const NUMBERS_TRIED: u32 = 100_000;
