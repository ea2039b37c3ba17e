//! The thread that looks at the files of a folder, hashes them and changes them.

mod applying;
mod hints;
mod keeping;
mod previewing;
mod reading;
mod scanning;
mod seen;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem::discriminant;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use api::{CommandError, ContentView, FolderNote, VersionView};
use model::{DeviceId, Digest, RelPath};
use sync_proto::{FolderInput, FolderPath, IgnoreRules, Recipe, Task};
use tokio::sync::{mpsc, oneshot};
use vfs::shared_folder::{OpenFile, SharedFolder};
use vfs::watch::{Hint, Watch, WatchError};

use super::FolderTrouble;
use super::books::Books;
use hints::Hints;
use reading::Staged;
pub(super) use seen::Seen;

/// What the disk is asked for.
pub(super) enum DiskJob {
    Apply(Box<Task>),
    Look(FolderPath),
    Stage {
        file: Digest,
        recipe: Recipe,
        base: Option<FolderPath>,
    },
    Store {
        file: Digest,
        chunk: u32,
        offset: u64,
        data: Vec<u8>,
    },
    Unstage(Digest),
    Recipe {
        device: DeviceId,
        file: Digest,
        base: Option<Digest>,
        from: u32,
    },
    Serve {
        device: DeviceId,
        token: u64,
        file: Digest,
        chunks: Vec<u32>,
    },
    /// What the watcher says.
    Hint(Hint),
    Versions(oneshot::Sender<Result<Vec<VersionView>, CommandError>>),
    /// Tell what a version is: answered by its path and content.
    Version {
        version: String,
        found: oneshot::Sender<Result<(FolderPath, sync_proto::FileState), CommandError>>,
    },
    /// Change the list of what is not shared; answered by the list.
    Ignore {
        add: Vec<String>,
        remove: Vec<String>,
        changed: oneshot::Sender<Result<Vec<String>, CommandError>>,
    },
    /// Show what is in some files.
    Preview {
        paths: Vec<FolderPath>,
        seen: oneshot::Sender<Vec<ContentView>>,
    },
    /// Nothing more comes.
    End,
}

/// What the disk tells.
#[derive(Default)]
pub(super) struct DiskReport {
    pub(super) inputs: Vec<FolderInput>,
    /// To be kept with what follows from the inputs.
    pub(super) seen: Vec<(String, Option<Vec<u8>>)>,
    pub(super) recipes: Vec<(Digest, Vec<u8>)>,
    pub(super) serve: Vec<ServePlan>,
    /// The list of what is not shared is another one.
    pub(super) rules: Option<IgnoreRules>,
    /// What a person should know from now on, if that is something else than before.
    pub(super) notes: Option<Vec<FolderNote>>,
    /// Everything was looked at.
    pub(super) has_looked: bool,
    pub(super) ended: Option<FolderTrouble>,
}

/// Chunks to be sent, and where they are.
pub(super) struct ServePlan {
    pub(super) device: DeviceId,
    pub(super) token: u64,
    pub(super) file: Digest,
    pub(super) source: Option<OpenFile>,
    pub(super) chunks: Vec<PlannedChunk>,
    pub(super) missing: Vec<u32>,
}

/// Place, where it begins, how long it is, and its digest; `None` for the only chunk of a file.
pub(super) type PlannedChunk = (u32, u64, u32, Option<Digest>);

/// What the thread begins with.
pub(super) struct DiskStart {
    pub(super) shared: SharedFolder,
    pub(super) root: PathBuf,
    pub(super) seen: Seen,
    pub(super) books: Books,
    pub(super) version_time: Duration,
    /// What unfinished files are still wanted.
    pub(super) wanted: Vec<Digest>,
}

struct Disk {
    shared: SharedFolder,
    root: PathBuf,
    books: Books,
    seen: Seen,
    rules: IgnoreRules,
    hints: Hints,
    staged: BTreeMap<Digest, Staged>,
    /// Paths of which the machine waits to hear what lies there.
    owed: BTreeSet<FolderPath>,
    recipes: VecDeque<(Digest, Arc<Recipe>)>,
    version_time: Duration,
    notes: Vec<FolderNote>,
    report: DiskReport,
}

/// Starts the thread; it ends when the sender of jobs is dropped.
pub(super) fn start(begin: DiskStart) -> (SyncSender<DiskJob>, mpsc::Receiver<DiskReport>) {
    let (jobs, queue) = sync_channel(JOBS);
    let (reports, told) = mpsc::channel(REPORTS);
    let missed = Arc::new(AtomicBool::new(false));
    let hear = {
        // The watcher must not keep the thread alive: it ends with it.
        let (jobs, missed) = (jobs.clone(), Arc::clone(&missed));
        move |hint| {
            if jobs.try_send(DiskJob::Hint(hint)).is_err() {
                missed.store(true, Ordering::Relaxed);
            }
        }
    };
    tokio::task::spawn_blocking(move || {
        let mut disk = Disk::new(begin);
        let watch = Watch::start(&disk.root, hear);
        if let Err(error) = &watch {
            disk.note(match error {
                WatchError::TooMany => FolderNote::WatchLimit,
                WatchError::Refused(reason) => FolderNote::NotWatched {
                    reason: reason.clone(),
                },
            });
            disk.hints.is_blind = true;
        }
        disk.run(&queue, &reports, &missed);
    });
    (jobs, told)
}

impl Disk {
    fn new(begin: DiskStart) -> Self {
        let mut disk = Self {
            shared: begin.shared,
            root: begin.root,
            books: begin.books,
            seen: begin.seen,
            rules: IgnoreRules::none(),
            hints: Hints::default(),
            staged: BTreeMap::new(),
            owed: BTreeSet::new(),
            recipes: VecDeque::new(),
            version_time: begin.version_time,
            notes: Vec::new(),
            report: DiskReport::default(),
        };
        disk.read_rules();
        disk.tidy_up(&begin.wanted);
        disk
    }

    fn run(
        mut self,
        queue: &Receiver<DiskJob>,
        reports: &mpsc::Sender<DiskReport>,
        missed: &AtomicBool,
    ) {
        self.look_at_everything();
        loop {
            if !self.tell(reports) {
                return;
            }
            let wait = self.hints.wait(Instant::now());
            let first = match queue.recv_timeout(wait) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let mut tasks = Vec::new();
            for job in first.into_iter().chain(queue.try_iter()).take(BATCH) {
                if matches!(job, DiskJob::End) {
                    return;
                }
                if let DiskJob::Apply(task) = job {
                    tasks.push(*task);
                    continue;
                }
                // What was asked for first is done first.
                self.apply_all(&mut tasks);
                self.work(job);
            }
            self.apply_all(&mut tasks);
            if missed.swap(false, Ordering::Relaxed) {
                self.hints.hear(Hint::Everything, Instant::now());
            }
            self.follow_hints();
        }
    }

    fn work(&mut self, job: DiskJob) {
        match job {
            DiskJob::Apply(task) => self.apply_all(&mut vec![*task]),
            DiskJob::End => {}
            DiskJob::Look(path) => self.look_again(&path),
            DiskJob::Stage { file, recipe, base } => self.stage(file, recipe, base.as_ref()),
            DiskJob::Store {
                file,
                chunk,
                offset,
                data,
            } => self.store(file, chunk, offset, &data),
            DiskJob::Unstage(file) => self.unstage(&file),
            DiskJob::Recipe {
                device,
                file,
                base,
                from,
            } => self.read_recipe(device, file, base, from),
            DiskJob::Serve {
                device,
                token,
                file,
                chunks,
            } => self.plan_to_serve(device, token, file, &chunks),
            DiskJob::Hint(hint) => self.hints.hear(hint, Instant::now()),
            DiskJob::Versions(listed) => {
                listed.send(self.versions()).ok();
            }
            DiskJob::Version { version, found } => {
                found.send(self.version(&version)).ok();
            }
            DiskJob::Ignore {
                add,
                remove,
                changed,
            } => {
                changed.send(self.change_rules(&add, &remove)).ok();
            }
            DiskJob::Preview { paths, seen } => {
                let shown = paths.iter().map(|path| self.preview(path));
                seen.send(shown.collect()).ok();
            }
        }
    }

    /// Hands over what there is to tell; whether anybody listens.
    fn tell(&mut self, reports: &mpsc::Sender<DiskReport>) -> bool {
        let ends = self.report.ended.is_some();
        if self.report.is_empty() {
            return !reports.is_closed();
        }
        let report = std::mem::take(&mut self.report);
        reports.blocking_send(report).is_ok() && !ends
    }

    /// Tells a person from now on; takes the place of what was told of the same kind.
    fn note(&mut self, note: FolderNote) {
        if self.notes.contains(&note) {
            return;
        }
        let kind = discriminant(&note);
        self.notes.retain(|it| discriminant(it) != kind);
        self.notes.push(note);
        self.report.notes = Some(self.notes.clone());
    }

    /// What was told of this kind is over.
    fn settle(&mut self, is_over: impl Fn(&FolderNote) -> bool) {
        let before = self.notes.len();
        self.notes.retain(|note| !is_over(note));
        if self.notes.len() < before {
            self.report.notes = Some(self.notes.clone());
        }
    }

    fn input(&mut self, input: FolderInput) {
        self.report.inputs.push(input);
    }
}

impl DiskReport {
    fn is_empty(&self) -> bool {
        self.inputs.is_empty()
            && self.seen.is_empty()
            && self.recipes.is_empty()
            && self.serve.is_empty()
            && self.rules.is_none()
            && self.notes.is_none()
            && !self.has_looked
            && self.ended.is_none()
    }
}

/// A path as files have it.
pub(super) fn rel(path: &FolderPath) -> RelPath {
    RelPath::from(path)
}

/// Jobs that wait for the disk.
pub(super) const JOBS: usize = 4_096;
/// Reports that nobody has taken yet.
const REPORTS: usize = 64;
/// Jobs between two looks at what else is to be done.
const BATCH: usize = 256;

#[cfg(test)]
mod tests;
