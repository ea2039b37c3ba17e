//! When something vanishes, and what becomes of names that some disks take for the same.

use model::limits::FOLDER_FETCHES;

use super::tasks::Job;
use super::{Deed, Folder, FolderEvent, Keep, Source, Task};
use crate::conflict::copy_path;
use crate::{FolderPath, Record, Rival, State};

impl Folder {
    /// Lets vanish what others deleted: when nothing else is to do, so that what only moved is not lost on its way.
    pub(super) fn plan_deletions(&mut self) {
        let is_early = !self.work.ready.is_empty() || self.work.waits_for_disk();
        if is_early || !self.members.are_known() {
            return;
        }
        self.plan_voided();
        if self.work.doomed.is_empty() || self.brake.is_asking() {
            return;
        }
        let files = self.doomed_files();
        if !self
            .brake
            .allows(files, self.index.files(), self.now.instant)
        {
            self.tell(FolderEvent::ManyDeletions { count: files });
            return;
        }
        // What lies in a folder goes before it.
        let doomed: Vec<FolderPath> = self.work.doomed.iter().rev().cloned().collect();
        for path in doomed {
            if self.work.jobs.len() >= FOLDER_FETCHES {
                break;
            }
            self.remove(&path);
        }
    }

    fn doomed_files(&self) -> usize {
        let doomed = self.work.doomed.iter();
        let files = doomed.filter(|path| self.index.on_disk(path).file().is_some());
        files.count()
    }

    fn remove(&mut self, path: &FolderPath) {
        if self.work.is_busy(path) {
            return;
        }
        let wanted = self.index.wanted(path).map(|it| it.record.clone());
        let Some(record) = wanted.filter(|record| !record.is_live()) else {
            self.work.doomed_no_more(path);
            return;
        };
        let expected = self.index.on_disk(path);
        if expected == State::Directory && self.index.has_children(path) {
            if !self.goes_on_below(path) {
                self.work.doomed_no_more(path);
                self.keep_directory(path);
            }
            return;
        }
        self.begin_removal(path, Some(record), expected);
    }

    /// Whether something below `path` is vanishing, or about to.
    fn goes_on_below(&self, path: &FolderPath) -> bool {
        let mut below = self.index.below(path);
        below.any(|(it, _)| self.work.doomed.contains(it) || self.work.is_busy(it))
    }

    fn begin_removal(&mut self, path: &FolderPath, record: Option<Record>, expected: State) {
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

    /// Takes back what does not count any more and nobody else has in another version.
    fn plan_voided(&mut self) {
        if self.members.by_seat.is_empty() {
            return;
        }
        let voided: Vec<FolderPath> = self.work.voided.iter().rev().cloned().collect();
        for path in voided {
            let is_waiting = self.index.wanted(&path).is_some();
            if is_waiting || self.work.is_busy(&path) {
                continue;
            }
            let on_disk = self.index.on_disk(&path);
            let is_held = self.index.local(&path).is_some();
            if is_held || on_disk == State::Deleted {
                self.work.voided.remove(&path);
            } else if on_disk != State::Directory || !self.index.has_children(&path) {
                self.begin_removal(&path, None, on_disk);
            }
        }
    }

    /// Gives one of two files another name if some member's disk takes them for the same.
    pub(super) fn plan_clashes(&mut self) {
        if !self.work.ready.is_empty() || !self.members.are_known() || !self.may_tell() {
            return;
        }
        for path in std::mem::take(&mut self.work.clashing) {
            self.settle_clash(&path);
        }
    }

    fn settle_clash(&mut self, path: &FolderPath) {
        let Some(held) = self.index.local(path).cloned() else {
            return;
        };
        if self.work.is_busy(path) || self.index.wanted(path).is_some() {
            self.work.clashing.insert(path.clone());
            return;
        }
        if held.state.file().is_none() {
            return;
        }
        let key = path.collision_key();
        let parked = self.work.parked.iter();
        let parked = parked.filter(|it| *it != path && it.collision_key() == key);
        let here = self.index.same_to_some(path).into_iter();
        let rivals = parked.chain(here).filter_map(|rival| {
            let record = match self.index.wanted(rival) {
                Some(wanted) => &wanted.record,
                None => self.index.local(rival)?,
            };
            Some((rival.clone(), record.clone()))
        });
        let better = rivals.filter(|(other, record)| {
            let ours = (held.version.rank(), path);
            record.is_live() && (record.version.rank(), other) > ours
        });
        let Some((other, record)) =
            better.max_by(|a, b| a.1.version.rank().cmp(&b.1.version.rank()))
        else {
            // The other one will get another name, where it lies.
            self.work.clashing.extend(
                self.index
                    .same_to_some(path)
                    .cloned()
                    .filter(|it| self.loses(it, &held, path)),
            );
            return;
        };
        self.rename_loser(path, &held, &other, &record);
    }

    /// Whether what lies at `other` ranks below `held` at `path`, and is not being looked at.
    fn loses(&self, other: &FolderPath, held: &Record, path: &FolderPath) -> bool {
        let local = self.index.local(other);
        local.is_some_and(|it| {
            it.state.file().is_some() && (it.version.rank(), other) < (held.version.rank(), path)
        })
    }

    fn rename_loser(
        &mut self,
        path: &FolderPath,
        held: &Record,
        other: &FolderPath,
        rival: &Record,
    ) {
        let Some(gone) = self.own_version(path, State::Deleted) else {
            return;
        };
        if held.state.has_same_bytes(&rival.state) {
            self.begin_removal(path, Some(gone), held.state);
            self.work.block(other, path);
            self.work.parked.remove(other);
            return;
        }
        let taken = |it: &FolderPath| {
            self.index.on_disk(it) != State::Deleted
                || self.work.is_busy(it)
                || self.index.wanted(it).is_some()
                || self.index.same_to_some(it).is_some()
        };
        let Some(copy) = copy_path(path, held, &self.roster, taken) else {
            return;
        };
        let (Some(mut kept), Some(file)) = (self.own_version(&copy, held.state), held.state.file())
        else {
            return;
        };
        kept.rival = Some(Box::new(Rival {
            path: other.clone(),
            version: held.version.clone(),
        }));
        let deed = Deed::Place {
            file: *file,
            source: Source::Move(path.clone()),
        };
        self.begin(Job {
            record: Some(kept),
            also: vec![(path.clone(), gone)],
            event: Some(FolderEvent::ConflictKept {
                path: other.clone(),
                copy: copy.clone(),
            }),
            task: Task {
                path: copy.clone(),
                expected: State::Deleted,
                keep: Keep::Nothing,
                deed,
            },
            rescan: false,
        });
        self.work.parked.remove(other);
        self.work.block(other, &copy);
    }
}
