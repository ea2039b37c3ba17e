//! How the bytes of files come here and go from here.

mod fetches;
mod recipes;
mod serving;

use std::collections::BTreeMap;

use model::limits::{CORRUPT_CHUNKS_PER_SESSION, FOLDER_FETCHES, RECIPE_CHUNKS};
use model::{ChunkSet, DeviceId, Digest};

use super::{Folder, FolderInput, FolderOutput, FolderViolation, Paths};
use crate::swarm::Swarm;
use crate::{Chunk, ChunkSizes, FileState, FolderMessage, FolderPath, Recipe, Seat, bit};
pub use fetches::FetchCounts;
pub(super) use fetches::Fetches;
use fetches::{Fetch, Step};

impl Folder {
    /// Gets a file from whoever holds it, or waits for a place.
    pub(super) fn fetch(&mut self, path: &FolderPath, file: &FileState) {
        if let Some(fetch) = self.fetches.by_file.get_mut(&file.digest) {
            if fetch.size_bytes == file.size_bytes {
                fetch.paths.insert(path.clone());
            }
            return;
        }
        self.fetches.forget_path(path, &mut self.outputs);
        if !self.fetches.has_room() {
            self.work.queued.insert(path.clone());
            return;
        }
        let here = self.index.on_disk(path);
        let base = here.file().map(|here| (path.clone(), here.digest));
        let fetch = Fetch {
            size_bytes: file.size_bytes,
            paths: Paths::from([path.clone()]),
            base,
            step: Step::first(&file.digest, file.size_bytes, self.now.instant),
        };
        self.fetches.by_file.insert(file.digest, fetch);
        self.introduce_holders(&file.digest);
    }

    /// Members who hold a file, or may: nobody says so of what was announced before this process began.
    fn holders(&self, file: &Digest) -> Vec<Seat> {
        let Some(fetch) = self.fetches.by_file.get(file) else {
            return Vec::new();
        };
        let wanted = fetch
            .paths
            .iter()
            .filter_map(|path| self.index.wanted(path));
        let named = wanted.fold(0, |named, wanted| named | wanted.holders);
        let present = self.members.by_seat.iter();
        let present = present.filter(|(_, member)| member.token.is_some());
        let present: Vec<Seat> = present.map(|(seat, _)| *seat).collect();
        let known: Vec<Seat> = present
            .iter()
            .filter(|seat| named & bit(**seat) != 0)
            .copied()
            .collect();
        if known.is_empty() { present } else { known }
    }

    /// Tells the swarm of a file who holds it.
    pub(super) fn introduce_holders(&mut self, file: &Digest) {
        let holders = self.holders(file);
        let members = &self.members.by_seat;
        if let Some(Fetch {
            step: Step::Chunks { swarm, .. },
            ..
        }) = self.fetches.by_file.get_mut(file)
        {
            for (seat, member) in members {
                if let Some(held) = member.holding.get(file) {
                    swarm.add_fetching(*seat, held);
                }
            }
            holders.into_iter().for_each(|seat| swarm.add_whole(seat));
        }
    }

    /// Somebody said that it holds what is wanted at `path`, or came: it may be asked.
    pub(super) fn holders_changed(&mut self, path: &FolderPath) {
        let wanted = self
            .index
            .wanted(path)
            .and_then(|it| it.record.state.file().copied());
        if let Some(file) = wanted {
            self.fetches.forgive(&file.digest);
            self.introduce_holders(&file.digest);
        }
    }

    /// Tells every fetch of the members that are there, also if they did not hold it before.
    pub(super) fn members_changed(&mut self) {
        let files: Vec<Digest> = self.fetches.by_file.keys().copied().collect();
        for file in files {
            self.fetches.forgive(&file);
            self.introduce_holders(&file);
        }
    }

    pub(super) fn handle_bytes(&mut self, input: FolderInput) {
        match input {
            FolderInput::ChunkReceived {
                device,
                file,
                chunk,
                data,
            } => {
                self.chunk_received(device, file, chunk, data);
            }
            FolderInput::Staged { file, held } => self.staged(file, &held),
            FolderInput::ChunkLost { file, chunk } => {
                if let Some(Fetch { step, .. }) = self.fetches.by_file.get_mut(&file) {
                    match step {
                        Step::Chunks { swarm, .. } => swarm.lost(chunk),
                        Step::Ready => self.lost_of_whole(&file),
                        Step::Recipe { .. } | Step::Assembling { .. } | Step::Staging(_) => {}
                    }
                }
            }
            FolderInput::RecipeRead {
                device,
                file,
                from,
                recipe,
                base,
            } => {
                self.recipe_read(device, file, from, recipe, base);
            }
            FolderInput::Served {
                device,
                file,
                sent,
                missing,
            } => {
                self.served(device, file, sent.len() + missing.len(), missing);
            }
            FolderInput::Connected(_)
            | FolderInput::Disconnected(_)
            | FolderInput::MessageReceived { .. }
            | FolderInput::Scanned { .. }
            | FolderInput::Unseen(_)
            | FolderInput::Applied { .. }
            | FolderInput::Roster(_)
            | FolderInput::Settings(_)
            | FolderInput::Decide { .. }
            | FolderInput::Restore { .. }
            | FolderInput::Override
            | FolderInput::Revert
            | FolderInput::AllowDeletions
            | FolderInput::RefuseDeletions
            | FolderInput::Timeout => {}
        }
    }

    /// The last chunk of a file could not be kept.
    fn lost_of_whole(&mut self, file: &Digest) {
        self.fetches.damaged(file, self.now.instant);
        self.introduce_holders(file);
    }

    /// What nobody who is there can bring, and what cannot be placed now, makes room for the rest.
    fn let_fetches_sleep(&mut self) {
        let awake = self.fetches.by_file.iter();
        let awake = awake.filter(|(file, _)| !self.fetches.asleep.contains(*file));
        let hopeless = awake.filter(|(file, fetch)| self.is_hopeless(file, fetch));
        let hopeless: Vec<Digest> = hopeless.map(|(file, _)| *file).collect();
        self.fetches.asleep.extend(hopeless);
    }

    fn is_hopeless(&self, file: &Digest, fetch: &Fetch) -> bool {
        match &fetch.step {
            Step::Recipe { asked, refused, .. } => {
                let is_open = |seat: &Seat| refused & bit(*seat) == 0;
                asked.is_none() && !self.holders(file).iter().any(is_open)
            }
            Step::Chunks { swarm, .. } => swarm.is_hopeless(),
            Step::Ready => !fetch.paths.iter().any(|path| self.work.is_on_its_way(path)),
            Step::Assembling { .. } | Step::Staging(_) => false,
        }
    }

    /// Asks for what is missing, until no place is free or nothing waits for one.
    pub(super) fn bring_on(&mut self) {
        loop {
            self.ask_for_recipes();
            self.ask_for_chunks();
            self.let_fetches_sleep();
            if self.work.queued.is_empty() || !self.has_free_place() {
                return;
            }
            self.plan();
        }
    }

    /// Whether a path that waits for a place among the fetches may take one.
    pub(super) fn has_free_place(&self) -> bool {
        self.fetches.has_room() && self.work.jobs.len() < FOLDER_FETCHES
    }

    fn staged(&mut self, file: Digest, held: &ChunkSet) {
        let now = self.now.instant;
        let Some(fetch) = self.fetches.by_file.get_mut(&file) else {
            return;
        };
        let Step::Staging(recipe) = &mut fetch.step else {
            return;
        };
        let recipe = std::mem::take(recipe);
        self.watch.moved();
        let lengths: Vec<u32> = recipe.chunks().iter().map(|chunk| chunk.length).collect();
        let mut missing = ChunkSet::new();
        missing.insert_range(0..lengths.len() as u64);
        for chunk in held.iter() {
            missing.remove(chunk);
        }
        let swarm = Box::new(Swarm::new(file, lengths, missing, now));
        fetch.step = Step::Chunks { recipe, swarm };
        self.introduce_holders(&file);
        self.say_what_is_held(file);
        self.finish_if_whole(file);
    }

    /// Tells everybody that this device fetches a file, and what it has of it.
    fn say_what_is_held(&mut self, file: Digest) {
        let Some(Fetch {
            step: Step::Chunks { swarm, .. },
            ..
        }) = self.fetches.by_file.get(&file)
        else {
            return;
        };
        let chunks = swarm.held();
        self.broadcast(&FolderMessage::Holding { file, chunks });
    }

    fn broadcast(&mut self, message: &FolderMessage) {
        let members = self.members.by_seat.values();
        let open = members.filter(|member| member.token.is_some());
        let devices: Vec<DeviceId> = open.map(|member| member.device).collect();
        for device in devices {
            self.send(device, message.clone());
        }
    }

    fn chunk_received(&mut self, device: DeviceId, file: Digest, chunk: u32, data: Vec<u8>) {
        let Some(seat) = self.roster.seat_of(&device) else {
            return;
        };
        let Some(fetch) = self.fetches.by_file.get_mut(&file) else {
            return;
        };
        let Step::Chunks { recipe, swarm } = &mut fetch.step else {
            return;
        };
        let Some((offset, is_right)) = place_of(&file, fetch.size_bytes, recipe, chunk, &data)
        else {
            return;
        };
        if !is_right {
            swarm.refuse(seat, &[chunk], &mut self.fetches.load);
            self.damaged(seat);
            return;
        }
        self.watch.moved();
        if swarm.arrived(chunk, &mut self.fetches.load, self.now.instant) {
            self.outputs.push_back(FolderOutput::StoreChunk {
                file,
                chunk,
                offset,
                data,
            });
        }
        if let Some(chunks) = swarm.take_untold() {
            self.broadcast(&FolderMessage::Holding { file, chunks });
        }
        self.finish_if_whole(file);
    }

    fn finish_if_whole(&mut self, file: Digest) {
        let Some(fetch) = self.fetches.by_file.get_mut(&file) else {
            return;
        };
        let is_whole = match &fetch.step {
            Step::Chunks { swarm, .. } => swarm.is_done(),
            Step::Recipe { .. } | Step::Assembling { .. } | Step::Staging(_) | Step::Ready => false,
        };
        if is_whole {
            fetch.step = Step::Ready;
            self.work.ready.extend(fetch.paths.iter().cloned());
        }
    }

    fn damaged(&mut self, seat: Seat) {
        let Some(member) = self.members.by_seat.get_mut(&seat) else {
            return;
        };
        member.corrupt += 1;
        if member.corrupt > CORRUPT_CHUNKS_PER_SESSION {
            self.violation(seat, FolderViolation::TooManyCorrupt);
        }
    }

    fn ask_for_chunks(&mut self) {
        let Some(own) = self.own_seat() else {
            return;
        };
        let mut asks: BTreeMap<(Seat, Digest), Vec<u32>> = BTreeMap::new();
        for (file, fetch) in &mut self.fetches.by_file {
            if let Step::Chunks { swarm, .. } = &mut fetch.step {
                for (seat, chunk) in swarm.next_asks(own, &mut self.fetches.load, self.now.instant)
                {
                    asks.entry((seat, *file)).or_default().push(chunk);
                }
            }
        }
        for ((seat, file), chunks) in asks {
            if let Some(member) = self.members.by_seat.get(&seat) {
                let device = member.device;
                self.send(device, FolderMessage::ChunksWanted { file, chunks });
            }
        }
    }

    pub(super) fn hear_missing(&mut self, seat: Seat, file: &Digest, chunks: &[u32]) {
        let fetch = self.fetches.by_file.get_mut(file);
        if let Some(Fetch {
            step: Step::Chunks { swarm, .. },
            ..
        }) = fetch
        {
            swarm.refuse(seat, chunks, &mut self.fetches.load);
            self.work.retry_later(self.now.instant);
        }
    }

    pub(super) fn hear_holding(&mut self, seat: Seat, file: Digest, chunks: &ChunkSet) {
        let Some(member) = self.members.by_seat.get_mut(&seat) else {
            return;
        };
        if member.holding.len() >= FOLDER_FETCHES && !member.holding.contains_key(&file) {
            member.holding.pop_first();
        }
        let is_sane = chunks.runs().all(|run| run.end <= RECIPE_CHUNKS as u64);
        if !is_sane {
            return;
        }
        let held = member.holding.entry(file).or_default();
        chunks.runs().for_each(|run| held.insert_range(run));
        let fetch = self.fetches.by_file.get_mut(&file);
        if let Some(Fetch {
            step: Step::Chunks { swarm, .. },
            ..
        }) = fetch
        {
            swarm.add_fetching(seat, chunks);
            self.fetches.asleep.remove(&file);
        }
    }
}

/// Where a chunk begins, and whether these are its bytes; `None` if there is no such chunk.
fn place_of(
    file: &Digest,
    size_bytes: u64,
    recipe: &Recipe,
    chunk: u32,
    data: &[u8],
) -> Option<(u64, bool)> {
    if ChunkSizes::is_one_chunk(size_bytes) {
        let is_whole = chunk == 0 && data.len() as u64 == size_bytes;
        return Some((0, is_whole && Recipe::of(data).digest() == *file));
    }
    let (offset, named) = recipe.places().nth(chunk as usize)?;
    let is_right = data.len() == named.length as usize && Chunk::of(data) == named;
    Some((offset, is_right))
}
