//! What lies in a folder, and what its conflicts are.

use api::{
    CommandError, ConflictSide, ConflictView, ENTRIES_AT_ONCE, FolderFileState, FolderFileView,
    Reply,
};
use sync_proto::{FolderPath, Slot, State, VersionVector};
use tokio::sync::oneshot;

use super::Task;
use super::asking::no_conflict;
use super::doing::shown;
use crate::folders::disk::DiskJob;
use crate::problem;

impl Task {
    pub(super) fn list_files(&self, offset: u32, limit: u32) -> Result<Reply, CommandError> {
        if !(1..=ENTRIES_AT_ONCE).contains(&limit) {
            return Err(problem::usage(format!(
                "Ask for 1 to {ENTRIES_AT_ONCE} files at a time."
            )));
        }
        let slots = self.machine.index().slots();
        let mut total = 0;
        let mut bytes = 0;
        let mut files = Vec::new();
        for (path, slot) in slots {
            let Some((state, held)) = standing(slot) else {
                continue;
            };
            total += 1;
            if total <= u64::from(offset) || files.len() >= limit as usize || bytes > ANSWER_BYTES {
                continue;
            }
            let path = shown(path);
            bytes += path.len();
            files.push(FolderFileView {
                path,
                folder: *held == State::Directory,
                bytes: held.file().map_or(0, |file| file.size_bytes),
                state,
            });
        }
        Ok(Reply::FolderFiles { total, files })
    }

    pub(super) fn list_conflicts(&self) -> Reply {
        let index = self.machine.index();
        let conflicts = self.machine.conflicts();
        let conflicts = conflicts.map(|(copy, rival)| {
            let present = index.local(&rival.path);
            ConflictView {
                copy: shown(copy),
                path: shown(&rival.path),
                present: self.side(present.map(|it| &it.version), &index.on_disk(&rival.path)),
                kept: self.side(Some(&rival.version), &index.on_disk(copy)),
            }
        });
        Reply::FolderConflicts {
            conflicts: conflicts.collect(),
        }
    }

    fn side(&self, version: Option<&VersionVector>, state: &State) -> ConflictSide {
        let roster = self.machine.roster();
        let author = version.and_then(VersionVector::author);
        let author = author.and_then(|seat| roster.member(seat));
        let file = state.file();
        ConflictSide {
            by: author.map(|it| it.name.clone()),
            this: author.is_some_and(|it| it.keys.device_id() == self.known.own),
            modified_ms: file.map(|file| milliseconds(file.modified)),
            bytes: file.map(|file| file.size_bytes),
        }
    }

    /// Answers with what is in both files of a conflict; only these are shown.
    pub(super) fn compare(
        &mut self,
        copy: &str,
        reply: oneshot::Sender<Result<Reply, CommandError>>,
    ) {
        let mut conflicts = self.machine.conflicts();
        let found = conflicts.find(|(it, _)| shown(it) == copy);
        let Some((copy, rival)) = found else {
            // Whoever asked may be gone.
            reply.send(Err(no_conflict())).ok();
            return;
        };
        let paths: Vec<FolderPath> = vec![rival.path.clone(), copy.clone()];
        drop(conflicts);
        let (seen, contents) = oneshot::channel();
        self.desk.ask(DiskJob::Preview { paths, seen });
        self.tasks.spawn(async move {
            let answer = match contents.await.map(<[_; 2]>::try_from) {
                Ok(Ok([present, kept])) => Ok(Reply::FolderComparison { present, kept }),
                Ok(Err(_)) | Err(_) => Err(problem::engine_ended()),
            };
            reply.send(answer).ok();
        });
    }
}

/// Where something stands, and what is or will be there; `None` of what is gone.
fn standing(slot: &Slot) -> Option<(FolderFileState, &State)> {
    let local = slot.local.as_ref().map(|it| &it.state);
    let here = slot.drift.as_deref().or(local);
    let here = here.filter(|state| **state != State::Deleted);
    let wanted = slot.wanted.as_ref().map(|it| &it.record.state);
    match (here, wanted) {
        (Some(here), _) if slot.drift.is_some() => Some((FolderFileState::StaysHere, here)),
        (Some(here), Some(State::Deleted)) => Some((FolderFileState::Going, here)),
        (_, Some(wanted @ (State::Directory | State::File(_)))) => {
            Some((FolderFileState::Coming, wanted))
        }
        (Some(here), None) => Some((FolderFileState::Here, here)),
        (None, None | Some(State::Deleted)) => None,
    }
}

fn milliseconds(time: model::Timestamp) -> u64 {
    let seconds = u64::try_from(time.seconds).unwrap_or(0);
    seconds.saturating_mul(1_000) + u64::from(time.nanoseconds / 1_000_000)
}

/// An answer ends after a path that reaches this.
const ANSWER_BYTES: usize = 256 * 1_024;
