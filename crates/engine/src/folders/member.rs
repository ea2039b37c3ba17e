//! What runs for each member with a session: one task that speaks, one that puts chunks together, one that sends them.

use std::sync::Arc;

use bytes::Bytes;
use model::{DeviceId, Digest, SessionId};
use session_proto::CloseReason;
use sync_proto::{
    AddressedToFolder, Chunk, FileState, FolderPath, GatheredChunk, PieceGatherer, PiecePacker,
    Recipe,
};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::disk::{PlannedChunk, ServePlan};
use crate::session::{SessionCommand, SessionHandle};

/// A member with a session; dropping it ends its tasks.
pub(super) struct Member {
    pub(super) session: SessionId,
    handle: SessionHandle,
    words: mpsc::Sender<AddressedToFolder>,
    plans: mpsc::Sender<ServePlan>,
    _tasks: JoinSet<()>,
}

/// What the tasks of members tell the folder.
#[derive(Debug)]
pub(super) enum FromTasks {
    /// The session is over.
    Gone {
        device: DeviceId,
        session: SessionId,
    },
    /// A chunk arrived whole.
    Chunk {
        device: DeviceId,
        chunk: GatheredChunk,
    },
    /// What a plan came to.
    Served {
        device: DeviceId,
        file: Digest,
        sent: Vec<u32>,
        missing: Vec<u32>,
        /// The file is not what it was.
        is_stale: bool,
    },
    /// A version that a person wants back was found.
    Restore {
        path: FolderPath,
        file: FileState,
        reply: oneshot::Sender<Result<api::Reply, api::CommandError>>,
    },
}

impl Member {
    pub(super) fn start(
        device: DeviceId,
        handle: SessionHandle,
        token: u64,
        tell: mpsc::Sender<FromTasks>,
    ) -> Self {
        let session = handle.session;
        let (words, said) = mpsc::channel(WORDS);
        let (plans, planned) = mpsc::channel(PLANS);
        let (bulk, arrived) = mpsc::channel(BULK);
        handle.try_command(SessionCommand::Expect { token, bulk });
        let mut tasks = JoinSet::new();
        let gone = FromTasks::Gone { device, session };
        tasks.spawn(speak(handle.clone(), said, gone, tell.clone()));
        tasks.spawn(gather(handle.clone(), device, arrived, tell.clone()));
        tasks.spawn(serve(handle.clone(), planned, tell));
        Self {
            session,
            handle,
            words,
            plans,
            _tasks: tasks,
        }
    }

    /// Says something; a member that takes nothing any more loses its session.
    pub(super) fn say(&self, message: AddressedToFolder) {
        if self.words.try_send(message).is_err() {
            self.close(CloseReason::Idle);
        }
    }

    pub(super) fn serve(&self, plan: ServePlan) {
        if self.plans.try_send(plan).is_err() {
            self.close(CloseReason::Idle);
        }
    }

    pub(super) fn close(&self, reason: CloseReason) {
        self.handle.try_command(SessionCommand::Close(reason));
    }
}

async fn speak(
    handle: SessionHandle,
    mut said: mpsc::Receiver<AddressedToFolder>,
    gone: FromTasks,
    tell: mpsc::Sender<FromTasks>,
) {
    loop {
        let message = tokio::select! {
            message = said.recv() => message,
            () = handle.over() => None,
        };
        let Some(message) = message else { break };
        match handle.reserve_command().await {
            Some(place) => place.send(SessionCommand::SendFolder(message)),
            None => break,
        }
    }
    tell.send(gone).await.ok();
}

async fn gather(
    handle: SessionHandle,
    device: DeviceId,
    mut arrived: mpsc::Receiver<Bytes>,
    tell: mpsc::Sender<FromTasks>,
) {
    let mut gatherer = PieceGatherer::default();
    while let Some(message) = arrived.recv().await {
        let mut whole = Vec::new();
        if let Err(error) = gatherer.take(message, |chunk| whole.push(chunk)) {
            tracing::warn!(%error, "a member of a folder breaks the protocol");
            handle.try_command(SessionCommand::Close(CloseReason::Violation));
            return;
        }
        for chunk in whole {
            let chunk = FromTasks::Chunk { device, chunk };
            if tell.send(chunk).await.is_err() {
                return;
            }
        }
    }
}

async fn serve(
    handle: SessionHandle,
    mut planned: mpsc::Receiver<ServePlan>,
    tell: mpsc::Sender<FromTasks>,
) {
    let mut next = None;
    loop {
        let first = match next.take() {
            Some(plan) => Some(plan),
            None => planned.recv().await,
        };
        let Some(first) = first else {
            return;
        };
        // Small files travel together.
        let mut plans = vec![first];
        while plans.len() < PLANS_AT_ONCE
            && next.is_none()
            && let Ok(plan) = planned.try_recv()
        {
            if plan.token == plans[0].token {
                plans.push(plan);
            } else {
                next = Some(plan);
            }
        }
        let Some(served) = serve_together(&handle, plans).await else {
            return;
        };
        for told in served {
            if tell.send(told).await.is_err() {
                return;
            }
        }
    }
}

/// Sends the chunks of plans with one token; what they came to, unless the session is over.
async fn serve_together(
    handle: &SessionHandle,
    mut plans: Vec<ServePlan>,
) -> Option<Vec<FromTasks>> {
    let mut packer = PiecePacker::new(plans[0].token);
    let mut pieces = Vec::new();
    let mut results = Vec::new();
    for (number, plan) in plans.iter_mut().enumerate() {
        let missing = std::mem::take(&mut plan.missing);
        results.push((Vec::new(), missing));
        let chunks = std::mem::take(&mut plan.chunks).into_iter();
        pieces.extend(chunks.map(|chunk| (number, chunk)));
    }
    let plans = Arc::new(plans);
    for group in pieces.chunks(AT_ONCE) {
        let (sources, group) = (Arc::clone(&plans), group.to_vec());
        let read = tokio::task::spawn_blocking(move || {
            let read_one = |(number, chunk): &(usize, PlannedChunk)| {
                (*number, chunk.0, read(&sources[*number], chunk))
            };
            group.iter().map(read_one).collect::<Vec<_>>()
        });
        for (number, chunk, data) in read.await.unwrap_or_default() {
            let (sent, missing) = &mut results[number];
            let Some(data) = data else {
                missing.push(chunk);
                continue;
            };
            let mut full = Vec::new();
            let file = &plans[number].file;
            packer.push(file, chunk, &data, |message| full.push(message));
            if !send(handle, full).await {
                return None;
            }
            sent.push(chunk);
        }
    }
    let rest = packer.flush().into_iter().collect();
    if !send(handle, rest).await {
        return None;
    }
    let served = plans.iter().zip(results);
    let served = served.map(|(plan, (sent, missing))| FromTasks::Served {
        device: plan.device,
        file: plan.file,
        sent,
        is_stale: !missing.is_empty(),
        missing,
    });
    Some(served.collect())
}

/// Reads a chunk and checks that it is still one of the file.
fn read(plan: &ServePlan, (_, offset, length, digest): &PlannedChunk) -> Option<Vec<u8>> {
    let data = plan.source.as_ref()?.read(*offset, *length).ok()?;
    let is_it = match digest {
        Some(digest) => Chunk::of(&data).digest == *digest,
        None => Recipe::of(&data).digest() == plan.file,
    };
    is_it.then_some(data)
}

async fn send(handle: &SessionHandle, messages: Vec<Bytes>) -> bool {
    for message in messages {
        match handle.reserve_bulk().await {
            Some(place) => place.send(message),
            None => return false,
        }
    }
    true
}

/// Messages to a member that its session has not taken: more than the protocol has open at once.
const WORDS: usize = 4_096;
/// Requests of a member that are not served: it may not have more open.
const PLANS: usize = 1_024;
/// Bulk messages that are not put together.
const BULK: usize = 32;
/// Requests that are served together.
const PLANS_AT_ONCE: usize = 64;
/// Chunks read at once.
const AT_ONCE: usize = 16;
