//! One device: its folder machine, its disk, and a driver that does what the machine says.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use model::{ChunkSet, DeviceId, Digest};
use sync_proto::{
    Cursor, Deed, FileState, Folder, FolderConfig, FolderEvent, FolderInput, FolderMessage,
    FolderOutput, FolderPath, FolderRoster, FolderSettings, Moment, Outcome, Recipe, Seat, Slot,
    Source, State, Task,
};

use super::disk::{Disk, Item, Manners};
use super::ledger::{Content, Ledger};

/// Something on its way to another device.
#[derive(Debug, Clone)]
pub(crate) enum Parcel {
    Message(FolderMessage),
    Chunk {
        file: Digest,
        chunk: u32,
        data: Bytes,
    },
}

/// What the driver still has to do.
#[derive(Debug)]
pub(crate) enum Chore {
    Apply(Task),
    Answer(FolderInput),
    Scan(FolderPath),
    ScanAll,
    Recipe {
        device: DeviceId,
        file: Digest,
        base: Option<Digest>,
        from: u32,
    },
    Serve {
        device: DeviceId,
        file: Digest,
        chunks: Vec<u32>,
    },
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: DeviceId,
    pub(crate) settings: FolderSettings,
    pub(crate) disk: Disk,
    /// By how many milliseconds its clock is wrong.
    pub(crate) skew: i64,
    pub(crate) folder: Option<Folder>,
    pub(crate) chores: VecDeque<Chore>,
    pub(crate) outbox: Vec<(DeviceId, Parcel)>,
    pub(crate) events: Vec<FolderEvent>,
    /// Nothing can be said of single paths for now.
    pub(crate) is_blind: bool,
    staging: BTreeMap<Digest, Staged>,
    kept: Kept,
}

#[derive(Debug, Default)]
struct Staged {
    recipe: Option<Recipe>,
    chunks: BTreeSet<u32>,
}

/// What survives a crash.
#[derive(Debug)]
struct Kept {
    slots: BTreeMap<FolderPath, Slot>,
    cursors: BTreeMap<Seat, Cursor>,
    roster: FolderRoster,
    index: u64,
}

impl Node {
    pub(crate) fn new(
        id: DeviceId,
        roster: FolderRoster,
        settings: FolderSettings,
        manners: Manners,
        skew: i64,
    ) -> Self {
        let index = u64::from(id.0[0]) + 1;
        Self {
            id,
            settings,
            disk: Disk::new(manners),
            skew,
            folder: None,
            chores: VecDeque::new(),
            outbox: Vec::new(),
            events: Vec::new(),
            is_blind: false,
            staging: BTreeMap::new(),
            kept: Kept {
                slots: BTreeMap::new(),
                cursors: BTreeMap::new(),
                roster,
                index,
            },
        }
    }

    /// Starts the process: everything is looked at first.
    pub(crate) fn start(&mut self, now: Moment) {
        let config = FolderConfig {
            own: self.id,
            roster: self.kept.roster.clone(),
            slots: self.kept.slots.clone().into_iter().collect(),
            cursors: self.kept.cursors.clone().into_iter().collect(),
            index: self.kept.index,
            token: 7,
            settings: self.settings.clone(),
        };
        self.folder = Some(Folder::new(config, now));
        self.chores.push_back(Chore::ScanAll);
    }

    /// Ends the process at once: what was not kept is gone.
    pub(crate) fn crash(&mut self, staging_survives: bool) {
        self.folder = None;
        self.chores.clear();
        self.outbox.clear();
        if !staging_survives {
            self.staging.clear();
        }
    }

    /// Somebody tidies the disk up: what was fetched and has no place is gone.
    pub(crate) fn lose_staged(&mut self) {
        self.staging.clear();
    }

    pub(crate) fn folder(&self) -> &Folder {
        self.folder.as_ref().expect("the process runs")
    }

    pub(crate) fn tell(&mut self, input: FolderInput, now: Moment) {
        let Some(folder) = &mut self.folder else {
            return;
        };
        folder.handle_input(input, now);
        let outputs: Vec<FolderOutput> = std::iter::from_fn(|| folder.poll_output()).collect();
        outputs.into_iter().for_each(|output| self.obey(output));
    }

    fn obey(&mut self, output: FolderOutput) {
        match output {
            FolderOutput::Send { device, message } => {
                self.outbox.push((device, Parcel::Message(message)));
            }
            FolderOutput::Keep { path, slot } => drop(self.kept.slots.insert(path, slot)),
            FolderOutput::KeepCursor { seat, cursor } => {
                self.kept.cursors.insert(seat, cursor);
            }
            FolderOutput::KeepRoster(bytes) => {
                let folder = self.kept.roster.folder();
                self.kept.roster = FolderRoster::decode(&bytes, folder).expect("it was checked");
            }
            FolderOutput::Apply(task) => self.chores.push_back(Chore::Apply(task)),
            FolderOutput::Stage { file, recipe, base } => self.stage(file, recipe, base),
            FolderOutput::StoreChunk { file, chunk, .. } => {
                self.staging.entry(file).or_default().chunks.insert(chunk);
            }
            FolderOutput::Unstage(file) => drop(self.staging.remove(&file)),
            FolderOutput::ReadRecipe {
                device,
                file,
                base,
                from,
            } => {
                self.chores.push_back(Chore::Recipe {
                    device,
                    file,
                    base,
                    from,
                });
            }
            FolderOutput::Serve {
                device,
                file,
                chunks,
                ..
            } => {
                self.chores.push_back(Chore::Serve {
                    device,
                    file,
                    chunks,
                });
            }
            FolderOutput::Rescan(path) => self.chores.push_back(Chore::Scan(path)),
            FolderOutput::Violation { kind, .. } => panic!("an honest member is accused: {kind}"),
            FolderOutput::Event(event) => self.events.push(event),
        }
    }

    fn stage(&mut self, file: Digest, recipe: Recipe, _base: Option<FolderPath>) {
        let staged = self.staging.entry(file).or_default();
        staged.recipe = Some(recipe);
        let mut held = ChunkSet::new();
        for chunk in &staged.chunks {
            held.insert(u64::from(*chunk));
        }
        self.chores
            .push_back(Chore::Answer(FolderInput::Staged { file, held }));
    }

    /// Does the next thing on the driver's list.
    pub(crate) fn work(&mut self, ledger: &Ledger, now: Moment) {
        let Some(chore) = self.chores.pop_front() else {
            return;
        };
        match chore {
            Chore::Apply(task) => self.apply(&task, ledger),
            Chore::Recipe {
                device,
                file,
                base,
                from,
            } => {
                let find = |file| self.find(&file, ledger).map(|it| ledger.recipe(it).clone());
                let (recipe, base) = (find(file), base.and_then(find));
                let input = FolderInput::RecipeRead {
                    device,
                    file,
                    from,
                    recipe,
                    base,
                };
                self.tell(input, now);
            }
            Chore::Answer(FolderInput::Staged { file, held }) => {
                let held = self.chunks_here(&file, held, ledger);
                self.tell(FolderInput::Staged { file, held }, now);
            }
            Chore::Answer(input) => self.tell(input, now),
            Chore::Scan(path) if self.is_blind => self.tell(FolderInput::Unseen(path), now),
            Chore::Scan(path) => self.scan(&path, ledger, now),
            Chore::ScanAll => self.scan_all(ledger, now),
            Chore::Serve {
                device,
                file,
                chunks,
            } => self.serve(device, file, &chunks, ledger, now),
        }
    }

    fn apply(&mut self, task: &Task, ledger: &Ledger) {
        let fetched = match &task.deed {
            Deed::Place {
                file,
                source: Source::Staged,
            } => Some(*file),
            Deed::Place { .. } | Deed::Remove | Deed::MakeDirectory => None,
        };
        let staged = fetched.and_then(|file| self.staged(&file, ledger));
        let outcome = match (fetched, staged) {
            (Some(_), None) => Outcome::Lost,
            (Some(_) | None, _) => self.disk.apply(task, staged, ledger),
        };
        if let (Some(file), Outcome::Done) = (fetched, outcome) {
            self.staging.remove(&file.digest);
        }
        let path = task.path.clone();
        // A crash may come between the change and its note.
        self.chores
            .push_front(Chore::Answer(FolderInput::Applied { path, outcome }));
    }

    /// What was fetched, if all of it is in the staging, or has been placed elsewhere.
    fn staged(&self, file: &FileState, ledger: &Ledger) -> Option<Content> {
        let content = ledger.named(&file.digest)?;
        let here = self.staging.get(&file.digest).map(|it| it.chunks.len());
        let is_whole = here == Some(ledger.recipe(content).chunks().len());
        let is_there = is_whole || file.size_bytes == 0;
        is_there
            .then_some(content)
            .or_else(|| self.find(&file.digest, ledger))
    }

    /// A content that lies on the disk, whole.
    fn find(&self, file: &Digest, ledger: &Ledger) -> Option<Content> {
        let content = ledger.named(file)?;
        self.disk.contents().find(|it| *it == content)
    }

    /// Chunks of a file that are somewhere on this device.
    fn chunks_here(&mut self, file: &Digest, mut held: ChunkSet, ledger: &Ledger) -> ChunkSet {
        let here: BTreeSet<_> = self
            .disk
            .contents()
            .flat_map(|content| ledger.recipe(content).chunks())
            .collect();
        let Some(staged) = self.staging.get_mut(file) else {
            return held;
        };
        if let Some(recipe) = &staged.recipe {
            for (place, chunk) in (0u32..).zip(recipe.chunks()) {
                if here.contains(chunk) {
                    staged.chunks.insert(place);
                    held.insert(u64::from(place));
                }
            }
        }
        held
    }

    fn serve(
        &mut self,
        device: DeviceId,
        file: Digest,
        chunks: &[u32],
        ledger: &Ledger,
        now: Moment,
    ) {
        let whole = self.find(&file, ledger);
        let (mut sent, mut missing) = (Vec::new(), Vec::new());
        for chunk in chunks {
            let staged = self
                .staging
                .get(&file)
                .is_some_and(|it| it.chunks.contains(chunk));
            let content = whole.or_else(|| ledger.named(&file).filter(|_| staged));
            let span = content.and_then(|it| ledger.recipe(it).places().nth(*chunk as usize));
            let (Some(content), Some((place, named))) = (content, span) else {
                missing.push(*chunk);
                continue;
            };
            let place = usize::try_from(place).expect("contents are short");
            let data = &ledger.bytes(content)[place..place + named.length as usize];
            let data = Bytes::copy_from_slice(data);
            self.outbox.push((
                device,
                Parcel::Chunk {
                    file,
                    chunk: *chunk,
                    data,
                },
            ));
            sent.push(*chunk);
        }
        self.tell(
            FolderInput::Served {
                device,
                file,
                sent,
                missing,
            },
            now,
        );
    }

    /// Looks at one path, as the folder spells it.
    fn scan(&mut self, path: &FolderPath, ledger: &Ledger, now: Moment) {
        let asked = path;
        let path = match self.disk.manners {
            Manners::Decomposing => self.folder().spelled(path),
            Manners::Exact | Manners::Folding => path.clone(),
        };
        if path != *asked {
            let found = State::Deleted;
            self.tell(
                FolderInput::Scanned {
                    path: asked.clone(),
                    found,
                },
                now,
            );
        }
        for folder in path.ancestors() {
            let found = self.disk.found(&folder, ledger);
            if found != State::Directory {
                self.tell(
                    FolderInput::Scanned {
                        path: folder,
                        found,
                    },
                    now,
                );
                return;
            }
            if self.folder().index().on_disk(&folder) != State::Directory {
                self.tell(
                    FolderInput::Scanned {
                        path: folder,
                        found,
                    },
                    now,
                );
            }
        }
        let found = self.disk.found(&path, ledger);
        self.tell(FolderInput::Scanned { path, found }, now);
    }

    /// Looks at everything: what is gone first, then what is there.
    fn scan_all(&mut self, ledger: &Ledger, now: Moment) {
        let index = self.folder().index();
        let known = index.slots().map(|(path, _)| path.clone());
        let known = known.filter(|path| index.on_disk(path) != State::Deleted);
        let gone = known.filter(|path| self.disk.found(path, ledger) == State::Deleted);
        for path in gone.collect::<Vec<_>>() {
            self.scan(&path, ledger, now);
        }
        for (path, _) in self.disk.listing() {
            self.scan(&path, ledger, now);
        }
    }

    /// The tree as the folder spells it.
    pub(crate) fn tree(&self) -> BTreeMap<FolderPath, Option<(Content, bool)>> {
        let listing = self.disk.listing().into_iter();
        let spelled = |path: &FolderPath| match self.disk.manners {
            Manners::Decomposing => self.folder().spelled(path),
            Manners::Exact | Manners::Folding => path.clone(),
        };
        listing
            .map(|(path, item)| {
                let file = match item {
                    Item::Directory => None,
                    Item::File {
                        content,
                        executable,
                        ..
                    } => Some((content, executable)),
                };
                (spelled(&path), file)
            })
            .collect()
    }
}
