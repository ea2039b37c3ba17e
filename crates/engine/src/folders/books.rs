//! The thread that keeps the index of a folder.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use model::{Digest, FolderId, wire};
use store::{FolderIndex, FolderIndexError, Home, IndexChanges, IndexContents, StoreError};
use sync_proto::{Chunk, Recipe};
use tokio::sync::oneshot;

/// How the index is reached; the thread ends when all of these are gone.
#[derive(Debug, Clone)]
pub(super) struct Books {
    jobs: SyncSender<Job>,
}

enum Job {
    Keep(IndexChanges, oneshot::Sender<Result<(), StoreError>>),
    Recipe(Digest, SyncSender<Option<Vec<u8>>>),
}

impl Books {
    /// Opens the index of a folder: its number and what is in it. Blocks.
    pub(super) fn open(
        home: &Home,
        folder: FolderId,
        fresh: u64,
    ) -> Result<(Self, u64, IndexContents), FolderIndexError> {
        let mut index = FolderIndex::open(home, folder)?;
        let number = index.number(fresh)?;
        let contents = index.contents()?;
        let (jobs, queue) = sync_channel(JOBS);
        tokio::task::spawn_blocking(move || work(index, &queue));
        Ok((Self { jobs }, number, contents))
    }

    /// Keeps changes; they are durable when it returns.
    pub(super) async fn keep(&self, changes: IndexChanges) -> Result<(), StoreError> {
        let (done, kept) = oneshot::channel();
        // One is on its way at a time, and recipes are asked for one by one: there is room.
        if self.jobs.try_send(Job::Keep(changes, done)).is_err() {
            tracing::error!("the index of a folder takes nothing any more");
        }
        kept.await.unwrap_or(Err(StoreError::Damaged {
            what: "the index of a folder",
        }))
    }

    /// The chunks of a file, if they were kept. Blocks.
    pub(super) fn recipe(&self, file: &Digest) -> Option<Recipe> {
        let (answer, found) = sync_channel(1);
        self.jobs.send(Job::Recipe(*file, answer)).ok()?;
        recipe_of(&found.recv().ok()??, file)
    }
}

/// The chunks of a file as they are kept.
pub(super) fn kept_recipe(recipe: &Recipe) -> Vec<u8> {
    wire::encode(&recipe.chunks())
}

fn recipe_of(bytes: &[u8], file: &Digest) -> Option<Recipe> {
    let chunks: Vec<Chunk> = wire::decode(bytes, bytes.len()).ok()?;
    let size = chunks.iter().map(|chunk| u64::from(chunk.length)).sum();
    Recipe::checked(chunks, size, file).ok()
}

fn work(mut index: FolderIndex, queue: &Receiver<Job>) {
    while let Ok(job) = queue.recv() {
        match job {
            Job::Keep(changes, done) => {
                let kept = index.keep(&changes);
                // Whoever asked may be gone.
                done.send(kept).ok();
            }
            Job::Recipe(file, answer) => {
                let found = index.recipe(&file).ok().flatten();
                answer.send(found).ok();
            }
        }
    }
}

const JOBS: usize = 16;
