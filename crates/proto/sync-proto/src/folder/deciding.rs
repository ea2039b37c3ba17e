//! What people decide: conflicts, versions that come back, changes that count or do not, many deletions.

use super::tasks::Job;
use super::{Choice, Deed, Direction, Folder, FolderSettings, Keep, Source, Task};
use crate::{FileState, FolderPath, Record, Rival, State};

impl Folder {
    /// Copies that wait for a decision, each with the path at which the other version lies.
    pub fn conflicts(&self) -> impl Iterator<Item = (&FolderPath, &Rival)> {
        self.index.slots().filter_map(|(path, slot)| {
            let local = slot.local.as_ref().filter(|local| local.is_live())?;
            let rival = local.rival.as_deref()?;
            Some((path, rival))
        })
    }

    pub(super) fn decide(&mut self, copy: &FolderPath, choice: Choice) {
        let Some(held) = self.index.local(copy).cloned() else {
            return;
        };
        let (Some(rival), Some(file)) = (&held.rival, held.state.file()) else {
            return;
        };
        let is_busy = |path| self.work.is_busy(path);
        if !self.may_tell() || is_busy(copy) || is_busy(&rival.path) {
            return;
        }
        let Some(mut decided) = self.own_version(&rival.path, self.index.on_disk(&rival.path))
        else {
            return;
        };
        decided.version = decided.version.joined(&rival.version);
        match choice {
            Choice::Both => {
                if let Some(record) = self.own_version(copy, held.state) {
                    self.set_local(copy, record);
                }
            }
            Choice::Present => {
                let path = rival.path.clone();
                self.set_local(&path, decided);
                self.let_vanish(copy, held.state);
            }
            Choice::Copy => {
                decided.state = held.state;
                let Some(gone) = self.own_version(copy, State::Deleted) else {
                    return;
                };
                let (path, file) = (rival.path.clone(), *file);
                self.put(&path, file, Source::Move(copy.clone()), decided);
                if let Some(job) = self.work.jobs.get_mut(&path) {
                    job.also.push((copy.clone(), gone));
                }
            }
        }
    }

    fn let_vanish(&mut self, path: &FolderPath, expected: State) {
        let record = self.own_version(path, State::Deleted);
        self.begin(Job {
            record,
            also: Vec::new(),
            event: None,
            task: Task {
                path: path.clone(),
                expected,
                keep: Keep::Version,
                deed: Deed::Remove,
            },
            rescan: false,
        });
    }

    fn put(&mut self, path: &FolderPath, file: FileState, source: Source, record: Record) {
        self.begin(Job {
            record: Some(record),
            also: Vec::new(),
            event: None,
            task: Task {
                path: path.clone(),
                expected: self.index.on_disk(path),
                keep: Keep::Version,
                deed: Deed::Place { file, source },
            },
            rescan: false,
        });
    }

    pub(super) fn restore(&mut self, path: &FolderPath, file: FileState) {
        if self.work.is_busy(path) || !self.may_tell() {
            return;
        }
        if let Some(record) = self.own_version(path, State::File(file)) {
            self.put(path, file, Source::Version, record);
        }
    }

    pub(super) fn change_settings(&mut self, settings: FolderSettings) {
        if settings.folds_names {
            self.index.fold_names();
        }
        self.setup.settings = settings;
        self.tell_drifted();
        let wanted = self.index.slots();
        let wanted = wanted.filter(|(_, slot)| slot.wanted.is_some());
        let wanted: Vec<FolderPath> = wanted.map(|(path, _)| path.clone()).collect();
        self.work.ready.extend(wanted);
        self.work.parked.clear();
        let slots = self.index.slots();
        let left_out = slots.filter(|(path, slot)| {
            let is_directory = self.index.on_disk(path) == State::Directory;
            slot.local.is_some() && self.is_left_out(path, is_directory)
        });
        let left_out: Vec<FolderPath> = left_out.map(|(path, _)| path.clone()).collect();
        left_out.iter().for_each(|path| self.leave_out(path));
    }

    /// What is not wanted here any more is neither told nor deleted by anybody: it is only not this device's.
    fn leave_out(&mut self, path: &FolderPath) {
        let Some(local) = self.index.local(path).cloned() else {
            return;
        };
        let Some(seat) = self.own_seat() else {
            return;
        };
        self.index.forget(path);
        self.index.set_drift(path, None);
        self.index.offer(seat, path, &local);
        self.work.parked.insert(path.clone());
        self.keep(path);
    }

    /// What is here counts, whatever others did meanwhile.
    pub(super) fn override_others(&mut self) {
        if self.setup.settings.direction != Direction::SendOnly || !self.may_tell() {
            return;
        }
        let wanted = self.index.slots();
        let wanted = wanted.filter(|(_, slot)| slot.wanted.is_some());
        let wanted: Vec<FolderPath> = wanted.map(|(path, _)| path.clone()).collect();
        for path in wanted {
            let on_disk = self.index.on_disk(&path);
            if let Some(record) = self.own_version(&path, on_disk) {
                self.work.parked.remove(&path);
                self.set_local(&path, record);
            }
        }
    }

    /// What was changed here and does not go to the others makes place for what they have; it goes to the versions.
    pub(super) fn revert(&mut self) {
        let drifted = self.index.slots();
        let drifted = drifted.filter(|(_, slot)| slot.drift.is_some());
        let drifted: Vec<FolderPath> = drifted.map(|(path, _)| path.clone()).collect();
        if drifted.is_empty() {
            return;
        }
        drifted.iter().for_each(|path| self.void(path));
        self.begin_anew();
    }

    pub(super) fn allow_deletions(&mut self) {
        let pending = self.work.doomed.len();
        self.brake.release(pending);
    }

    /// Takes the deletions back for everybody.
    pub(super) fn refuse_deletions(&mut self) {
        self.brake.refuse();
        if !self.may_tell() {
            return;
        }
        for path in self.work.doomed.clone() {
            // What is vanishing this moment was allowed before.
            if !self.work.is_busy(&path) {
                self.reassert(&path);
            }
        }
    }
}
