use std::path::PathBuf;

use model::TransferId;
use store::Arrival;
use tokio::sync::{mpsc, oneshot};
use transfer_proto::{ReceiverInput, ReceiverOutput};

use super::writer::{Context, Writer};
use crate::entries::EntriesQuery;

/// Where received things go, decided by a person.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// Staged and committed in a folder.
    Folder {
        folder: PathBuf,
        /// Free space to leave, `None` for the default.
        reserve_bytes: Option<u64>,
        /// What was decided when it was accepted.
        arrival: Arrival,
    },
    /// The standard output of this process; one file only.
    StandardOutput,
    /// Whoever shows it; one text only.
    Text,
}

/// The thread that verifies and writes for one transfer; it owns what is staged.
#[derive(Debug)]
pub(super) struct Disk {
    jobs: mpsc::Sender<DiskJob>,
}

#[derive(Debug)]
pub(super) enum DiskJob {
    /// Open the place for so many bytes; everything else waits for it.
    Open(Place, u64),
    /// What the machine asks of the disk.
    Work(Box<ReceiverOutput>),
    /// Take the plain SHA-256 of every file at the end.
    TakeSums,
    /// Say when there is space again.
    CheckSpace,
    PathOf {
        entry: u32,
        path: oneshot::Sender<String>,
    },
    /// Tell a part of what is announced.
    Entries(EntriesQuery),
}

impl Disk {
    /// Starts the thread; it ends when the disk is dropped.
    pub(super) fn start(
        transfer: TransferId,
        context: Context,
    ) -> (Self, mpsc::Receiver<ReceiverInput>) {
        let (jobs, queue) = mpsc::channel(JOBS);
        let (results, done) = mpsc::channel(RESULTS);
        let writer = Writer::new(transfer, context);
        tokio::task::spawn_blocking(move || run(writer, queue, &results));
        (Self { jobs }, done)
    }

    /// Asks for something; the answer comes as an input of the machine.
    pub(super) fn ask(&self, job: DiskJob) {
        if self.jobs.try_send(job).is_err() {
            tracing::error!("the disk's queue is full: more was asked than the window allows");
        }
    }

    /// The path of an entry, escaped for people.
    pub(super) async fn path_of(&self, entry: u32) -> String {
        let (path, answer) = oneshot::channel();
        self.ask(DiskJob::PathOf { entry, path });
        answer.await.unwrap_or_default()
    }
}

fn run(
    mut writer: Writer,
    mut queue: mpsc::Receiver<DiskJob>,
    results: &mpsc::Sender<ReceiverInput>,
) {
    while let Some(job) = queue.blocking_recv() {
        let mut inputs = Vec::new();
        match job {
            DiskJob::Open(place, bytes) => inputs.extend(writer.open(place, bytes)),
            DiskJob::TakeSums => writer.take_sums(),
            DiskJob::Work(output) => writer.work(*output, &mut inputs),
            DiskJob::Entries(query) => writer.tell_entries(query),
            DiskJob::CheckSpace => {
                if writer.has_space() {
                    inputs.push(ReceiverInput::SpaceAvailable);
                }
            }
            DiskJob::PathOf { entry, path } => {
                // Whoever asked may be gone.
                path.send(writer.path_of(entry)).ok();
            }
        }
        for input in inputs {
            if results.blocking_send(input).is_err() {
                return;
            }
        }
    }
}

/// Work asked for and not begun: more than the windows of all open pages allow.
const JOBS: usize = 128 * 1_024;
/// Results the transfer has not taken yet: as many, so that nobody waits for the other.
const RESULTS: usize = 128 * 1_024;
