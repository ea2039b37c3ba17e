//! What is known of every file on its way here.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use model::limits::{FETCH_TIME, FOLDER_FETCHES, FOLDER_SLEEPING_FETCHES};
use model::{ChunkSet, Digest};

use crate::folder::{FolderOutput, Paths};
use crate::swarm::{Load, Swarm};
use crate::{ChunkSizes, FolderPath, Piece, Recipe, Seat, bit};

/// All files on their way here.
#[derive(Debug, Default)]
pub(in crate::folder) struct Fetches {
    pub(super) by_file: BTreeMap<Digest, Fetch>,
    /// Those of them that nobody who is there can be asked for: they take no place from others.
    pub(super) asleep: BTreeSet<Digest>,
    pub(super) load: Load,
}

#[derive(Debug)]
pub(super) struct Fetch {
    pub(super) size_bytes: u64,
    /// Where it is wanted.
    pub(super) paths: Paths,
    /// What probably shares most of its chunks.
    pub(super) base: Option<(FolderPath, Digest)>,
    pub(super) step: Step,
}

#[derive(Debug)]
pub(super) enum Step {
    /// Its chunks are not known.
    Recipe {
        asked: Option<(Seat, Instant)>,
        refused: u128,
        pieces: Vec<Piece>,
    },
    /// Its chunks were told as a difference to another file: the driver looks for the chunks of that one.
    Assembling {
        by: Seat,
        base: Digest,
        pieces: Vec<Piece>,
    },
    /// The driver looks for chunks on this device.
    Staging(Recipe),
    Chunks {
        recipe: Recipe,
        swarm: Box<Swarm>,
    },
    /// All of it is here.
    Ready,
}

/// How many files are fetched, by what each of them waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FetchCounts {
    /// A member was asked for their chunks.
    pub recipes_asked: usize,
    /// Nobody can be asked for their chunks.
    pub recipes_open: usize,
    /// The disk is to tell the chunks of what lies here.
    pub assembling: usize,
    /// The disk looks for chunks on this device.
    pub staging: usize,
    /// Members were asked for chunks.
    pub chunks_asked: usize,
    /// Nobody is asked for the chunks that are missing.
    pub chunks_open: usize,
    /// All of it is here.
    pub whole: usize,
    /// Those of them that nobody who is there can be asked for.
    pub asleep: usize,
}

impl Fetches {
    pub(in crate::folder) fn counts(&self) -> FetchCounts {
        let mut counts = FetchCounts {
            asleep: self.asleep.len(),
            ..FetchCounts::default()
        };
        for fetch in self.by_file.values() {
            *match &fetch.step {
                Step::Recipe { asked: Some(_), .. } => &mut counts.recipes_asked,
                Step::Recipe { .. } => &mut counts.recipes_open,
                Step::Assembling { .. } => &mut counts.assembling,
                Step::Staging(_) => &mut counts.staging,
                Step::Chunks { swarm, .. } if swarm.is_asking() => &mut counts.chunks_asked,
                Step::Chunks { .. } => &mut counts.chunks_open,
                Step::Ready => &mut counts.whole,
            } += 1;
        }
        counts
    }

    /// Whether nothing comes.
    pub(in crate::folder) fn are_idle(&self) -> bool {
        self.by_file.len() == self.asleep.len()
    }

    /// Whether something is still to come.
    pub(in crate::folder) fn are_waiting(&self) -> bool {
        let mut fetches = self.by_file.values();
        fetches.any(|fetch| !matches!(fetch.step, Step::Ready))
    }

    pub(in crate::folder) fn has_room(&self) -> bool {
        let awake = self.by_file.len() - self.asleep.len();
        awake < FOLDER_FETCHES && self.by_file.len() < FOLDER_SLEEPING_FETCHES
    }

    pub(in crate::folder) fn is_ready(&self, file: &Digest) -> bool {
        let fetch = self.by_file.get(file);
        fetch.is_some_and(|fetch| matches!(fetch.step, Step::Ready))
    }

    /// `path` is not to hold any of these files any more.
    pub(in crate::folder) fn forget_path(
        &mut self,
        path: &FolderPath,
        outputs: &mut VecDeque<FolderOutput>,
    ) {
        self.keep_only(path, None, outputs);
    }

    /// `path` is to hold this file, if any, and no other.
    pub(in crate::folder) fn keep_only(
        &mut self,
        path: &FolderPath,
        wanted: Option<Digest>,
        outputs: &mut VecDeque<FolderOutput>,
    ) {
        let files = self.by_file.iter();
        let files = files.filter(|(_, fetch)| fetch.paths.contains(path));
        let files = files.filter(|(file, _)| Some(**file) != wanted);
        let files: Vec<Digest> = files.map(|(file, _)| *file).collect();
        files
            .iter()
            .for_each(|file| self.placed(path, file, outputs));
    }

    /// `path` holds the file, or does not want it any more.
    pub(in crate::folder) fn placed(
        &mut self,
        path: &FolderPath,
        file: &Digest,
        outputs: &mut VecDeque<FolderOutput>,
    ) {
        let Some(fetch) = self.by_file.get_mut(file) else {
            return;
        };
        fetch.paths.remove(path);
        if !fetch.paths.is_empty() {
            return;
        }
        self.give_up(file, outputs);
    }

    /// Forgets all that is here of a file; returns where it is wanted.
    pub(in crate::folder) fn give_up(
        &mut self,
        file: &Digest,
        outputs: &mut VecDeque<FolderOutput>,
    ) -> Paths {
        let Some(fetch) = self.by_file.remove(file) else {
            return Paths::new();
        };
        self.asleep.remove(file);
        if let Step::Chunks { mut swarm, .. } = fetch.step {
            swarm.abandon(&mut self.load);
        }
        outputs.push_back(FolderOutput::Unstage(*file));
        fetch.paths
    }

    /// Begins every file anew that is not whole; returns where the others are wanted.
    pub(in crate::folder) fn begin_again(&mut self, now: Instant) -> Paths {
        let mut whole = Paths::new();
        for (file, fetch) in &mut self.by_file {
            match &mut fetch.step {
                Step::Ready => whole.extend(fetch.paths.iter().cloned()),
                Step::Chunks { swarm, .. } => swarm.begin_again(&mut self.load, now),
                step @ (Step::Recipe { .. } | Step::Assembling { .. } | Step::Staging(_)) => {
                    *step = Step::first(file, fetch.size_bytes, now);
                }
            }
        }
        self.asleep.clear();
        whole
    }

    /// A file that was whole is not: what is missing of it comes again.
    pub(super) fn damaged(&mut self, file: &Digest, now: Instant) {
        if let Some(fetch) = self.by_file.get_mut(file) {
            fetch.step = Step::first(file, fetch.size_bytes, now);
        }
    }

    /// Members who did not have a file may be asked again.
    pub(super) fn forgive(&mut self, file: &Digest) {
        self.asleep.remove(file);
        if let Some(Fetch {
            step: Step::Recipe { refused, .. },
            ..
        }) = self.by_file.get_mut(file)
        {
            *refused = 0;
        }
    }

    pub(in crate::folder) fn remove_member(&mut self, seat: Seat) {
        for fetch in self.by_file.values_mut() {
            match &mut fetch.step {
                Step::Recipe { asked, refused, .. } => {
                    *refused &= !bit(seat);
                    if asked.is_some_and(|(it, _)| it == seat) {
                        *asked = None;
                    }
                }
                Step::Chunks { swarm, .. } => swarm.remove_member(seat, &mut self.load),
                // What it told is worth as much without it.
                Step::Assembling { .. } | Step::Staging(_) | Step::Ready => {}
            }
        }
    }

    pub(in crate::folder) fn expire(&mut self, now: Instant) {
        for fetch in self.by_file.values_mut() {
            match &mut fetch.step {
                Step::Recipe { asked, refused, .. } => {
                    if let Some((seat, since)) = *asked
                        && now.duration_since(since) >= FETCH_TIME
                    {
                        *refused |= bit(seat);
                        *asked = None;
                    }
                }
                Step::Chunks { swarm, .. } => swarm.expire(&mut self.load, now),
                Step::Assembling { .. } | Step::Staging(_) | Step::Ready => {}
            }
        }
    }

    pub(in crate::folder) fn deadline(&self) -> Option<Instant> {
        let deadlines = self.by_file.values().filter_map(|fetch| match &fetch.step {
            Step::Recipe { asked, .. } => asked.map(|(_, since)| since + FETCH_TIME),
            Step::Chunks { swarm, .. } => swarm.deadline(),
            Step::Assembling { .. } | Step::Staging(_) | Step::Ready => None,
        });
        deadlines.min()
    }
}

impl Step {
    pub(super) fn first(file: &Digest, size_bytes: u64, now: Instant) -> Self {
        if !ChunkSizes::is_one_chunk(size_bytes) {
            return Self::Recipe {
                asked: None,
                refused: 0,
                pieces: Vec::new(),
            };
        }
        let length = u32::try_from(size_bytes).expect("a chunk is far below 4 GiB");
        let mut missing = ChunkSet::new();
        missing.insert(0);
        Self::Chunks {
            recipe: Recipe::default(),
            swarm: Box::new(Swarm::new(*file, vec![length], missing, now)),
        }
    }
}
