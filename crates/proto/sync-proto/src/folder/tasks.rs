//! What there is to do on the disk, what it is doing, and what it did.

use std::time::{Duration, Instant};

use model::Digest;

use super::{Deed, Folder, FolderEvent, FolderOutput, Keep, Outcome, PathMap, Paths, Source, Task};
use crate::{FolderPath, Record, State};

/// Everything there is to do.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// Paths to look at.
    pub(super) ready: Paths,
    /// Paths that wait for something that is not of this folder: another member, a decision, room on the disk.
    pub(super) parked: Paths,
    /// Paths that wait for a place among the fetches.
    pub(super) queued: Paths,
    /// Paths that are to vanish.
    pub(super) doomed: Paths,
    /// Those of them that are files, by what is in them: a file that moves comes from there.
    pub(super) doomed_files: std::collections::BTreeMap<Digest, Paths>,
    /// Paths whose content does not count any more, and must not be told.
    pub(super) voided: Paths,
    /// Paths that another path here may be taken for.
    pub(super) clashing: Paths,
    /// What the disk is doing.
    pub(super) jobs: PathMap<Job>,
    /// Paths from which it moves something away.
    moving: Paths,
    /// Paths at which the disk found something else: a scan will tell what.
    pub(super) stale: Paths,
    /// Paths that wait for the disk to finish at another.
    pub(super) blocked: PathMap<Paths>,
    pub(super) retry: Retry,
}

/// When parked paths are looked at again.
#[derive(Debug, Default)]
pub(super) struct Retry {
    pub(super) at: Option<Instant>,
    /// How often they were since something was done.
    times: u32,
}

impl Retry {
    /// Something was done: the next time is as soon as the first.
    pub(super) fn hope(&mut self) {
        self.times = 0;
    }

    fn later(&mut self, now: Instant) {
        let pause = RETRY_TIME * (1 << self.times);
        self.at.get_or_insert(now + pause);
    }

    /// Whether it is time; the next time comes after a longer while, if nothing is done until then.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let is_due = self.at.is_some_and(|at| at <= now);
        if is_due {
            self.at = None;
            self.times = (self.times + 1).min(MOST_RETRIES);
        }
        is_due
    }
}

/// One task and what it means when it is done.
#[derive(Debug)]
pub(super) struct Job {
    /// What is held then; nothing if the content did not count.
    pub(super) record: Option<Record>,
    /// What is held at other paths then.
    pub(super) also: Vec<(FolderPath, Record)>,
    /// Why something may want to be told then.
    pub(super) event: Option<FolderEvent>,
    pub(super) task: Task,
    /// Something was seen there meanwhile.
    pub(super) rescan: bool,
}

impl Work {
    pub(super) fn is_idle(&self) -> bool {
        self.ready.is_empty() && self.jobs.is_empty() && self.stale.is_empty()
    }

    /// What waits is looked at again in a while.
    pub(super) fn retry_later(&mut self, now: Instant) {
        self.retry.later(now);
    }

    /// Whether the disk does something at `path`, or is about to.
    pub(super) fn is_on_its_way(&self, path: &FolderPath) -> bool {
        self.ready.contains(path) || self.is_busy(path)
    }

    pub(super) fn unpark(&mut self) {
        self.ready.append(&mut self.parked);
    }

    /// Looks again at what waits and some disks take for `path`.
    pub(super) fn unpark_same(&mut self, path: &FolderPath) {
        if self.parked.is_empty() {
            return;
        }
        let key = path.collision_key();
        let same = self.parked.extract_if(.., |it| it.collision_key() == key);
        self.ready.extend(same);
    }

    pub(super) fn block(&mut self, path: &FolderPath, on: &FolderPath) {
        let waiting = self.blocked.entry(on.clone()).or_default();
        waiting.insert(path.clone());
    }

    /// Whether nothing can be decided about `path` before the disk said something.
    pub(super) fn is_busy(&self, path: &FolderPath) -> bool {
        self.is_changing(path) || self.stale.contains(path)
    }

    /// Whether the disk makes a change at `path`, or takes from there what it puts elsewhere.
    fn is_changing(&self, path: &FolderPath) -> bool {
        self.jobs.contains_key(path) || self.moving.contains(path)
    }

    /// Whether something will be looked at when the disk is done with what it is doing.
    pub(super) fn waits_for_disk(&self) -> bool {
        let mut waited_for = self.blocked.keys();
        waited_for.any(|path| self.is_changing(path))
    }

    /// A scan told what lies at `path`; if it is no folder, it told of everything below too.
    ///
    /// Returns whether something waited for that.
    pub(super) fn seen(&mut self, path: &FolderPath, is_directory: bool) -> bool {
        let stale = self.stale.iter();
        let told = stale.filter(|it| *it == path || !is_directory && it.is_below(path));
        let told: Vec<FolderPath> = told.cloned().collect();
        for path in &told {
            self.stale.remove(path);
            self.unblock(path);
            self.ready.insert(path.clone());
        }
        !told.is_empty()
    }

    /// Everything that waits is looked at again.
    pub(super) fn wake_all(&mut self) {
        self.unpark();
        for (_, mut waiting) in std::mem::take(&mut self.blocked) {
            self.ready.append(&mut waiting);
        }
    }

    pub(super) fn unblock(&mut self, on: &FolderPath) {
        if let Some(mut waiting) = self.blocked.remove(on) {
            self.ready.append(&mut waiting);
        }
    }

    pub(super) fn doom(&mut self, path: &FolderPath, on_disk: &State) {
        self.doomed.insert(path.clone());
        if let Some(file) = on_disk.file() {
            let same = self.doomed_files.entry(file.digest).or_default();
            same.insert(path.clone());
        }
    }

    pub(super) fn doomed_no_more(&mut self, path: &FolderPath) {
        if self.doomed.remove(path) {
            self.doomed_files.retain(|_, same| {
                same.remove(path);
                !same.is_empty()
            });
        }
    }
}

impl Folder {
    /// Gives the disk a task whose end makes `path` hold `record`.
    pub(super) fn begin(&mut self, job: Job) {
        let task = job.task.clone();
        self.work.moving.extend(moved_from(&task).cloned());
        self.work.jobs.insert(task.path.clone(), job);
        self.outputs.push_back(FolderOutput::Apply(task));
    }

    pub(super) fn applied(&mut self, path: &FolderPath, outcome: Outcome) {
        let Some(job) = self.work.jobs.remove(path) else {
            return;
        };
        if let Some(from) = moved_from(&job.task) {
            self.work.moving.remove(from);
        }
        match outcome {
            Outcome::Done => {
                self.watch.moved();
                self.book(path, &job);
            }
            Outcome::Stale => self.look_again(path, &job),
            Outcome::NotEmpty => self.book_not_empty(path),
            Outcome::Unholdable => {
                self.work.parked.insert(path.clone());
                // What came to lie there meanwhile may have to go.
                self.work
                    .clashing
                    .extend(self.index.same_to_some(path).cloned());
                self.tell(FolderEvent::NotHeld(path.clone()));
            }
            Outcome::Lost => self.fetch_again(path, &job),
            Outcome::Failed => {
                self.work.parked.insert(path.clone());
                self.work.retry_later(self.now.instant);
            }
        }
        if job.rescan {
            self.rescan_tree(path);
        }
        if !self.work.stale.contains(path) {
            self.work.unblock(path);
        }
        if let Some(from) = moved_from(&job.task) {
            self.work.unblock(from);
            if self.index.wanted(from).is_some() {
                self.work.ready.insert(from.clone());
            }
        }
        for folder in path.ancestors() {
            if self.index.wanted(&folder).is_some() {
                self.work.ready.insert(folder);
            }
        }
    }

    /// The bytes that were to be placed are not there: they come again, but not so fast that a disk which loses
    /// everything keeps members busy.
    fn fetch_again(&mut self, path: &FolderPath, job: &Job) {
        if let Deed::Place { file, .. } = &job.task.deed {
            let paths = self.fetches.give_up(&file.digest, &mut self.outputs);
            self.work.parked.extend(paths);
        }
        self.work.parked.insert(path.clone());
        self.work.retry_later(self.now.instant);
    }

    /// What lies below may have gone with a folder that is there again.
    fn rescan_tree(&mut self, path: &FolderPath) {
        self.outputs.push_back(FolderOutput::Rescan(path.clone()));
        let below = self.index.below(path);
        let there = below.filter(|(it, _)| self.index.on_disk(it) != State::Deleted);
        let there: Vec<FolderPath> = there.map(|(it, _)| it.clone()).collect();
        self.outputs
            .extend(there.into_iter().map(FolderOutput::Rescan));
    }

    fn book(&mut self, path: &FolderPath, job: &Job) {
        self.work.voided.remove(path);
        if job.task.deed == Deed::Remove && job.task.expected.file().is_some() {
            self.brake.count(self.now.instant);
        }
        match &job.record {
            Some(record) => self.hold(path, record),
            None => {
                self.index.set_drift(path, None);
                self.work.doomed_no_more(path);
                self.make_free(path);
                self.keep(path);
            }
        }
        for (other, record) in &job.also {
            self.hold(other, record);
        }
        if let Keep::Copy(copy) = &job.task.keep
            && !self.may_tell()
        {
            self.index.set_drift(copy, Some(job.task.expected));
            self.keep(copy);
        }
        if let Deed::Place { file, .. } = &job.task.deed {
            self.fetches.placed(path, &file.digest, &mut self.outputs);
        }
        if let Some(event) = &job.event {
            self.tell(event.clone());
        }
    }

    /// Holds what a job made, unless something newer was said of the path meanwhile: then the disk decides.
    fn hold(&mut self, path: &FolderPath, record: &Record) {
        let local = self.index.local(path);
        if local.is_some_and(|local| local.version.rank() > record.version.rank()) {
            // A disk that folds names may have done it to another spelling.
            let same = self.index.same_to_some(path).into_iter();
            let paths = same.chain([path]).cloned().collect::<Vec<_>>();
            let rescans = paths.into_iter().map(FolderOutput::Rescan);
            self.outputs.extend(rescans);
        } else {
            self.set_local(path, record.clone());
        }
    }

    /// Something else lay there: what is on the disk decides.
    fn look_again(&mut self, path: &FolderPath, job: &Job) {
        self.outputs.push_back(FolderOutput::Rescan(path.clone()));
        self.work.doomed_no_more(path);
        self.work.stale.insert(path.clone());
        if let Deed::Place {
            source: Source::Move(from) | Source::Copy(from),
            ..
        } = &job.task.deed
        {
            self.outputs.push_back(FolderOutput::Rescan(from.clone()));
        }
        if let Keep::Copy(copy) = &job.task.keep {
            self.outputs.push_back(FolderOutput::Rescan(copy.clone()));
        }
        self.work.retry_later(self.now.instant);
    }

    /// A folder that was to vanish holds what nobody shares: it stays, for everybody.
    fn book_not_empty(&mut self, path: &FolderPath) {
        self.work.doomed_no_more(path);
        self.keep_directory(path);
    }

    /// A folder that others deleted is not empty here.
    pub(super) fn keep_directory(&mut self, path: &FolderPath) {
        let wants_deletion = self
            .index
            .wanted(path)
            .is_some_and(|it| !it.record.is_live());
        if !wants_deletion {
            self.work.parked.insert(path.clone());
            self.tell(FolderEvent::NotHeld(path.clone()));
            return;
        }
        if self.may_tell() {
            if let Some(record) = self.own_version(path, State::Directory) {
                self.set_local(path, record);
            }
        } else if let Some(wanted) = self.index.wanted(path).cloned() {
            self.set_local(path, wanted.record);
            self.index.set_drift(path, Some(State::Directory));
            self.keep(path);
        }
    }
}

/// From where a task moves what it places.
fn moved_from(task: &Task) -> Option<&FolderPath> {
    match &task.deed {
        Deed::Place {
            source: Source::Move(from),
            ..
        } => Some(from),
        Deed::Place { .. } | Deed::Remove | Deed::MakeDirectory => None,
    }
}

/// After so long, what the disk could not do is tried again.
const RETRY_TIME: Duration = Duration::from_secs(10);
/// How often that time doubles at most, if nothing comes of it.
const MOST_RETRIES: u32 = 4;
