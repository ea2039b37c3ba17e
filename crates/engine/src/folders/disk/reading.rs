//! Chunks: those that are fetched, and those that others ask for.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::FolderNote;
use model::{ChunkSet, DeviceId, Digest};
use sync_proto::{Chunk, ChunkSizes, FolderInput, FolderPath, Recipe};
use vfs::shared_folder::{Found, OpenFile, StagedFile};

use super::scanning::Hashed;
use super::seen::Item;
use super::{Disk, ServePlan, rel};

/// A file that is fetched.
#[derive(Debug)]
pub(super) struct Staged {
    file: StagedFile,
    recipe: Arc<Recipe>,
    held: ChunkSet,
}

impl Staged {
    pub(super) fn is_whole(&self) -> bool {
        self.held.covers(self.recipe.chunks().len() as u64)
    }
}

impl Disk {
    /// Prepares to receive a file, and takes what is here of it.
    pub(super) fn stage(&mut self, file: Digest, recipe: Recipe, base: Option<&FolderPath>) {
        let held = match self.try_stage(file, recipe, base) {
            Ok(held) => held,
            Err(error) => {
                self.complain(&error);
                ChunkSet::new()
            }
        };
        self.input(FolderInput::Staged { file, held });
    }

    fn try_stage(
        &mut self,
        file: Digest,
        recipe: Recipe,
        base: Option<&FolderPath>,
    ) -> io::Result<ChunkSet> {
        let staged = self.shared.stage(&file)?;
        let recipe = Arc::new(recipe);
        let mut held = ChunkSet::new();
        for (place, (offset, chunk)) in (0u64..).zip(recipe.places()) {
            let data = staged.read(offset, chunk.length)?;
            if data.is_empty() {
                break; // Nothing is there yet from here on.
            }
            if Chunk::of(&data) == chunk {
                held.insert(place);
            }
        }
        if let Some(base) = base {
            self.take_from(base, &staged, &recipe, &mut held);
        }
        self.remember_recipe(file, Arc::clone(&recipe));
        let staged = Staged {
            file: staged,
            recipe,
            held: held.clone(),
        };
        self.staged.insert(file, staged);
        Ok(held)
    }

    /// Copies chunks that another file of this device shares.
    fn take_from(
        &mut self,
        base: &FolderPath,
        staged: &StagedFile,
        recipe: &Recipe,
        held: &mut ChunkSet,
    ) {
        let Some(Item::File { digest, .. }) = self.seen.item(base).copied() else {
            return;
        };
        let Some(known) = self.recipe_of(&digest) else {
            return;
        };
        let Ok(file) = self.shared.open_file(&rel(base)) else {
            return;
        };
        let here: BTreeMap<Digest, u64> = known
            .places()
            .map(|(offset, chunk)| (chunk.digest, offset))
            .collect();
        let wanted = (0u64..).zip(recipe.places());
        let wanted = wanted.filter(|(place, _)| !held.contains(*place));
        let copies = wanted.filter_map(|(place, (to, chunk))| {
            let from = *here.get(&chunk.digest)?;
            Some(Copied {
                place,
                from,
                to,
                chunk,
            })
        });
        let copies: Vec<Copied> = copies.collect();
        for place in copy_all(&copies, &file, staged) {
            held.insert(place);
        }
    }

    /// Writes a verified chunk.
    pub(super) fn store(&mut self, file: Digest, chunk: u32, offset: u64, data: &[u8]) {
        match self.try_store(file, chunk, offset, data) {
            Ok(()) => {}
            Err(error) => {
                self.complain(&error);
                // Not so often that a full disk keeps everybody busy.
                std::thread::sleep(TROUBLED);
                self.input(FolderInput::ChunkLost { file, chunk });
            }
        }
    }

    fn try_store(&mut self, file: Digest, chunk: u32, offset: u64, data: &[u8]) -> io::Result<()> {
        if !self.staged.contains_key(&file) {
            let recipe = Recipe::of(data);
            if recipe.digest() != file {
                return Ok(()); // A file of several chunks that is not wanted any more.
            }
            let staged = Staged {
                file: self.shared.stage(&file)?,
                recipe: Arc::new(recipe),
                held: ChunkSet::new(),
            };
            self.staged.insert(file, staged);
        }
        if let Some(staged) = self.staged.get_mut(&file) {
            staged.file.write(offset, data)?;
            staged.held.insert(u64::from(chunk));
        }
        Ok(())
    }

    pub(super) fn unstage(&mut self, file: &Digest) {
        self.staged.remove(file);
        if let Err(error) = self.shared.unstage(file) {
            tracing::debug!(%error, "an unfinished file could not be removed");
        }
    }

    pub(super) fn read_recipe(
        &mut self,
        device: DeviceId,
        file: Digest,
        base: Option<Digest>,
        from: u32,
    ) {
        let is_here = self.seen.holding(&file).next().is_some() || self.staged.contains_key(&file);
        let recipe = match is_here {
            true => self.recipe_of(&file),
            false => None,
        };
        let base = base.and_then(|base| self.recipe_of(&base));
        let owned = |recipe: Arc<Recipe>| Recipe::clone(&recipe);
        self.input(FolderInput::RecipeRead {
            device,
            file,
            from,
            recipe: recipe.map(owned),
            base: base.map(owned),
        });
    }

    pub(super) fn plan_to_serve(
        &mut self,
        device: DeviceId,
        token: u64,
        file: Digest,
        chunks: &[u32],
    ) {
        let mut plan = ServePlan {
            device,
            token,
            file,
            source: None,
            chunks: Vec::new(),
            missing: Vec::new(),
        };
        match self.source_of(&file) {
            Some((source, recipe, held)) => {
                plan.source = Some(source);
                let places: Vec<(u64, Chunk)> = recipe.places().collect();
                for &chunk in chunks {
                    let is_held = held.as_ref().is_none_or(|it| it.contains(chunk.into()));
                    match places.get(chunk as usize).filter(|_| is_held) {
                        Some((offset, it)) => {
                            let named = (chunk, *offset, it.length, Some(it.digest));
                            plan.chunks.push(named);
                        }
                        None => plan.missing.push(chunk),
                    }
                }
            }
            None => match self.only_chunk(&file).filter(|_| chunks == [0]) {
                Some((source, length)) => {
                    plan.source = Some(source);
                    plan.chunks.push((0, 0, length, None));
                }
                None => plan.missing = chunks.to_vec(),
            },
        }
        self.report.serve.push(plan);
    }

    /// A file of several chunks that is here, or on its way here: its chunks, and which of them are here.
    fn source_of(&mut self, file: &Digest) -> Option<(OpenFile, Arc<Recipe>, Option<ChunkSet>)> {
        let paths: Vec<FolderPath> = self.seen.holding(file).cloned().collect();
        for path in paths {
            let Some(Item::File { stat, .. }) = self.seen.item(&path).copied() else {
                continue;
            };
            if ChunkSizes::is_one_chunk(stat.size_bytes) {
                return None;
            }
            let Ok(source) = self.shared.open_file(&rel(&path)) else {
                self.hints.look_at(path, Duration::ZERO, Instant::now());
                continue;
            };
            if let Some(recipe) = self.recipe_of(file) {
                return Some((source, recipe, None));
            }
        }
        let staged = self.staged.get(file)?;
        let reader = staged.file.reader().ok()?;
        Some((
            reader,
            Arc::clone(&staged.recipe),
            Some(staged.held.clone()),
        ))
    }

    fn only_chunk(&mut self, file: &Digest) -> Option<(OpenFile, u32)> {
        for path in self.seen.holding(file) {
            if let Ok(Found::File(stat)) = self.shared.look(&rel(path))
                && ChunkSizes::is_one_chunk(stat.size_bytes)
                && let Ok(source) = self.shared.open_file(&rel(path))
            {
                return Some((source, u32::try_from(stat.size_bytes).ok()?));
            }
        }
        None
    }

    /// The chunks of a file, if they are known or can be found.
    pub(super) fn recipe_of(&mut self, file: &Digest) -> Option<Arc<Recipe>> {
        let place = self.recipes.iter().position(|(it, _)| it == file);
        if let Some(found) = place.and_then(|place| self.recipes.remove(place)) {
            let recipe = Arc::clone(&found.1);
            self.recipes.push_back(found);
            return Some(recipe);
        }
        if let Some(recipe) = self.books.recipe(file) {
            let recipe = Arc::new(recipe);
            self.remember_recipe(*file, Arc::clone(&recipe));
            return Some(recipe);
        }
        let path = self.seen.holding(file).next().cloned()?;
        match self.hash(&path) {
            Hashed::As(_, recipe) if recipe.digest() == *file => {
                self.keep_recipe(*file, recipe.clone());
                Some(Arc::new(recipe))
            }
            Hashed::As(..) | Hashed::Later | Hashed::Closed | Hashed::Gone => {
                self.hints.look_at(path, Duration::ZERO, Instant::now());
                None
            }
        }
    }

    pub(super) fn remember_recipe(&mut self, file: Digest, recipe: Arc<Recipe>) {
        self.recipes.retain(|(it, _)| *it != file);
        self.recipes.push_back((file, recipe));
        if self.recipes.len() > RECIPES {
            self.recipes.pop_front();
        }
    }

    fn complain(&mut self, error: &io::Error) {
        tracing::debug!(%error, "a file of a folder cannot be received");
        if error.kind() == io::ErrorKind::StorageFull {
            self.note(FolderNote::DiskFull);
        }
    }
}

/// A chunk that is copied on this device.
struct Copied {
    place: u64,
    from: u64,
    to: u64,
    chunk: Chunk,
}

/// Copies chunks that are still what they were, on some cores at once; returns their places.
fn copy_all(copies: &[Copied], from: &OpenFile, to: &StagedFile) -> Vec<u64> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = copies.len().div_ceil(cores.min(COPIERS)).max(FEW_CHUNKS);
    let copy = |it: &Copied| {
        let data = from.read(it.from, it.chunk.length).unwrap_or_default();
        let is_it = Chunk::of(&data) == it.chunk && to.write(it.to, &data).is_ok();
        is_it.then_some(it.place)
    };
    std::thread::scope(|scope| {
        let shares = copies.chunks(share);
        let workers = shares
            .map(|share| scope.spawn(move || share.iter().filter_map(copy).collect::<Vec<u64>>()));
        let workers: Vec<_> = workers.collect();
        let places = workers.into_iter().filter_map(|worker| worker.join().ok());
        places.flatten().collect()
    })
}

/// Threads that copy chunks of one file.
const COPIERS: usize = 4;
/// Fewer chunks than these are not worth a thread.
const FEW_CHUNKS: usize = 64;
/// Chunk lists at hand; a list of a file of 1 GiB has 1 MiB.
const RECIPES: usize = 8;
/// What cannot be written is asked for again after this.
const TROUBLED: Duration = Duration::from_secs(2);
