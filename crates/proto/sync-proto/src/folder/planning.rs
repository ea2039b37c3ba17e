//! What the disk is to do about what others did.

use model::limits::FOLDER_FETCHES;

use super::tasks::Job;
use super::{Deed, Direction, Folder, FolderEvent, Keep, Source, Task};
use crate::conflict::copy_path;
use crate::{FileState, FolderPath, Record, Rival, State, Verdict, VersionVector, reconcile};

impl Folder {
    /// Looks at every path that may have something to do.
    pub(super) fn plan(&mut self) {
        while self.work.jobs.len() < FOLDER_FETCHES {
            let Some(path) = self.work.ready.pop_first() else {
                break;
            };
            self.look_at(&path);
        }
        while self.fetches.has_room() && self.work.jobs.len() < FOLDER_FETCHES {
            let Some(path) = self.work.queued.pop_first() else {
                break;
            };
            self.look_at(&path);
        }
    }

    pub(super) fn look_at(&mut self, path: &FolderPath) {
        if self.work.is_busy(path) {
            self.work.block(path, path);
            return;
        }
        let Some(wanted) = self.index.wanted(path) else {
            self.fetches.forget_path(path, &mut self.outputs);
            return;
        };
        let record = wanted.record.clone();
        let is_directory = record.state == State::Directory;
        let is_one_way = self.setup.settings.direction == Direction::SendOnly;
        if is_one_way || self.is_left_out(path, is_directory) {
            self.work.parked.insert(path.clone());
            return;
        }
        let verdict = reconcile(self.index.local(path), &record);
        if verdict == Verdict::Reassert && self.may_tell() {
            self.reassert(path);
            return;
        }
        if self.adopt_what_is_there(path, &record) {
            return;
        }
        if record.state == State::Deleted {
            let on_disk = self.index.on_disk(path);
            self.work.doom(path, &on_disk);
            return;
        }
        if self.is_held_up(path) {
            return;
        }
        let keep = self.what_to_keep(path, verdict, &record);
        match record.state {
            State::Deleted => {}
            State::Directory => self.replace(path, record, keep, Deed::MakeDirectory),
            State::File(file) => self.bring(path, record, keep, file),
        }
    }

    /// Says anew what is here, because somebody deleted it who had not seen it.
    pub(super) fn reassert(&mut self, path: &FolderPath) {
        let on_disk = self.index.on_disk(path);
        let rival = self.index.local(path).and_then(|it| it.rival.clone());
        if let Some(mut record) = self.own_version(path, on_disk) {
            record.rival = rival;
            self.set_local(path, record);
            self.tell(FolderEvent::EditOutlived(path.clone()));
        }
    }

    /// Takes a version for which the disk has nothing to do.
    fn adopt_what_is_there(&mut self, path: &FolderPath, record: &Record) -> bool {
        let on_disk = self.index.on_disk(path);
        let is_there = match (&on_disk, &record.state) {
            (State::File(ours), State::File(theirs)) => {
                on_disk.is_same(&record.state) && ours.modified == theirs.modified
            }
            (State::Deleted | State::Directory | State::File(_), _) => on_disk == record.state,
        };
        if is_there {
            self.work.voided.remove(path);
            self.set_local(path, record.clone());
            self.fetches.forget_path(path, &mut self.outputs);
            self.work.unblock(path);
        }
        is_there
    }

    /// Whether something else has to happen before anything can be placed at `path`.
    fn is_held_up(&mut self, path: &FolderPath) -> bool {
        for folder in path.ancestors() {
            if self.work.is_busy(&folder) {
                self.work.block(path, &folder);
                return true;
            }
            match self.index.on_disk(&folder) {
                State::Directory => {}
                State::Deleted => {
                    // Whoever holds what is below holds the folder too, and will say so.
                    self.work.block(path, &folder);
                    return true;
                }
                State::File(_) => {
                    self.make_way(&folder);
                    self.work.block(path, &folder);
                    return true;
                }
            }
        }
        self.is_taken_for_another(path)
    }

    /// A file lies where others have a folder with something in it: the folder wins, the file is kept beside it.
    fn make_way(&mut self, path: &FolderPath) {
        let wanted = self.index.wanted(path);
        let is_coming = wanted.is_some_and(|it| it.record.state == State::Directory);
        if is_coming || !self.may_tell() {
            self.work.ready.insert(path.clone());
            return;
        }
        let Some(record) = self.own_version(path, State::Directory) else {
            return;
        };
        let keep = self.what_to_keep(path, Verdict::AdoptKeepingCopy, &record);
        self.replace(path, record, keep, Deed::MakeDirectory);
    }

    /// Whether this disk, or another member's, takes something that lies here for `path`.
    fn is_taken_for_another(&mut self, path: &FolderPath) -> bool {
        let Some(other) = self.index.same_to_some(path).cloned() else {
            return false;
        };
        if !self.setup.settings.folds_names {
            return false;
        }
        if self.work.doomed.contains(&other) && self.is_same_file(path, &other) {
            return false;
        }
        self.work.parked.insert(path.clone());
        self.work.clashing.insert(other);
        true
    }

    /// Whether `other` holds what is wanted at `path`.
    pub(super) fn is_same_file(&self, path: &FolderPath, other: &FolderPath) -> bool {
        let wanted = self.index.wanted(path).map(|wanted| wanted.record.state);
        let wanted = wanted.unwrap_or_else(|| self.index.on_disk(path));
        wanted.has_same_bytes(&self.index.on_disk(other))
    }

    fn what_to_keep(&self, path: &FolderPath, verdict: Verdict, record: &Record) -> Keep {
        let on_disk = self.index.on_disk(path);
        if on_disk.has_same_bytes(&record.state) {
            return Keep::Nothing;
        }
        let slot = self.index.slot(path);
        let is_own_way =
            slot.is_some_and(|it| it.drift.is_some()) && !self.work.voided.contains(path);
        let is_copied = verdict == Verdict::AdoptKeepingCopy || is_own_way;
        if on_disk.file().is_none() || !is_copied {
            return Keep::Version;
        }
        let held = self.index.local(path).cloned();
        let held = held.unwrap_or(Record {
            version: VersionVector::default(),
            state: on_disk,
            rival: None,
        });
        let taken = |path: &FolderPath| self.is_taken(path, &on_disk);
        match copy_path(path, &held, &self.roster, taken) {
            Some(copy) => Keep::Copy(copy),
            None => Keep::Version,
        }
    }

    /// Whether a copy of `state` cannot go to `path`.
    fn is_taken(&self, path: &FolderPath, state: &State) -> bool {
        let is_there = self.index.on_disk(path) != State::Deleted;
        let is_coming = self.index.wanted(path);
        let is_coming = is_coming
            .is_some_and(|it| it.record.is_live() && !it.record.state.has_same_bytes(state));
        let is_same = self.index.same_to_some(path).is_some();
        is_there || is_coming || is_same || self.work.is_busy(path)
    }

    /// Gets the bytes of a file to where they are wanted, the cheapest way.
    fn bring(&mut self, path: &FolderPath, record: Record, keep: Keep, file: FileState) {
        if self.index.on_disk(path) == State::Directory && self.index.has_children(path) {
            self.work.parked.insert(path.clone());
            return;
        }
        let place = |source| Deed::Place { file, source };
        if self.index.on_disk(path).has_same_bytes(&record.state) {
            self.replace(path, record, keep, place(Source::Here));
            return;
        }
        if let Some(from) = self.movable(path, &file) {
            self.move_here(path, record, keep, file, from);
            return;
        }
        if file.size_bytes == 0 || self.fetches.is_ready(&file.digest) {
            self.replace(path, record, keep, place(Source::Staged));
            return;
        }
        self.fetch(path, &file);
    }

    /// A path that is to vanish and holds just these bytes.
    fn movable(&self, path: &FolderPath, file: &FileState) -> Option<FolderPath> {
        let same = self.work.doomed_files.get(&file.digest)?;
        let mut same = same.iter().filter(|it| *it != path);
        same.find(|from| {
            let slot = self.index.slot(from);
            let is_plain = slot.is_some_and(|slot| slot.drift.is_none());
            is_plain && !self.work.is_busy(from)
        })
        .cloned()
    }

    fn move_here(
        &mut self,
        path: &FolderPath,
        record: Record,
        keep: Keep,
        file: FileState,
        from: FolderPath,
    ) {
        let gone = self.index.wanted(&from).map(|it| it.record.clone());
        let Some(gone) = gone.filter(|record| !record.is_live()) else {
            self.work.doomed_no_more(&from);
            self.work.ready.insert(path.clone());
            return;
        };
        self.work.doomed_no_more(&from);
        self.fetches.forget_path(path, &mut self.outputs);
        let source = Source::Move(from.clone());
        let mut job = self.job(path, record, keep, Deed::Place { file, source });
        job.also.push((from, gone));
        self.begin(job);
    }

    pub(super) fn replace(&mut self, path: &FolderPath, record: Record, keep: Keep, deed: Deed) {
        let job = self.job(path, record, keep, deed);
        self.begin(job);
    }

    fn job(&self, path: &FolderPath, record: Record, keep: Keep, deed: Deed) -> Job {
        let expected = self.index.on_disk(path);
        let mut job = Job {
            record: Some(record),
            also: Vec::new(),
            event: None,
            task: Task {
                path: path.clone(),
                expected,
                keep,
                deed,
            },
            rescan: false,
        };
        if let Keep::Copy(copy) = &job.task.keep {
            job.event = Some(FolderEvent::ConflictKept {
                path: path.clone(),
                copy: copy.clone(),
            });
            let held = self.index.local(path).map(|held| held.version.clone());
            if let (true, Some(mut kept)) = (self.may_tell(), self.own_version(copy, expected)) {
                kept.rival = Some(Box::new(Rival {
                    path: path.clone(),
                    version: held.unwrap_or_default(),
                }));
                job.also.push((copy.clone(), kept));
            }
        }
        job
    }
}
