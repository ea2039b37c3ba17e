//! What people do on this device: a scan finds it, and it becomes a version that the others take.

use super::{Folder, FolderEvent, FolderOutput};
use crate::{FolderPath, Record, State};

impl Folder {
    /// Takes in what lies at `path`.
    pub(super) fn scanned(&mut self, path: &FolderPath, found: State) {
        if self.work.seen(path, found == State::Directory) {
            self.watch.moved();
        }
        if let Some(job) = self.work.jobs.get_mut(path) {
            job.rescan = true;
            return;
        }
        let is_directory = found == State::Directory;
        if self.is_left_out(path, is_directory) {
            return;
        }
        if self.work.parked.remove(path) || self.index.wanted(path).is_some() {
            self.work.ready.insert(path.clone());
        }
        if !is_directory {
            self.empty(path);
        }
        let on_disk = self.index.on_disk(path);
        if found.is_same(&on_disk) {
            if self.index.settle(path) {
                self.keep(path);
            }
            return;
        }
        self.changed(path, found);
    }

    /// Nothing can be said of what lies at `path`: what is wanted there waits for a while.
    pub(super) fn unseen(&mut self, path: &FolderPath) {
        if !self.work.stale.remove(path) {
            return;
        }
        self.work.unblock(path);
        if self.index.wanted(path).is_some() {
            self.work.parked.insert(path.clone());
            self.work.retry_later(self.now.instant);
        }
    }

    /// There is no folder, and so nothing below.
    fn empty(&mut self, folder: &FolderPath) {
        let below = self.index.below(folder);
        let below: Vec<FolderPath> = below.map(|(path, _)| path.clone()).collect();
        for path in below.into_iter().rev() {
            if self.work.jobs.contains_key(&path) {
                self.outputs.push_back(FolderOutput::Rescan(path));
            } else if self.index.on_disk(&path) != State::Deleted {
                self.changed(&path, State::Deleted);
            }
        }
    }

    /// What was changed here while this device could not tell, and can now, goes to the others.
    pub(super) fn tell_drifted(&mut self) {
        if !self.may_tell() {
            return;
        }
        let slots = self.index.slots();
        let drifted = slots.filter(|(_, slot)| slot.drift.is_some() && !slot.voided);
        let drifted: Vec<FolderPath> = drifted.map(|(path, _)| path.clone()).collect();
        for path in drifted {
            let found = self.index.on_disk(&path);
            self.changed(&path, found);
        }
    }

    fn changed(&mut self, path: &FolderPath, found: State) {
        self.work.voided.remove(path);
        // What waits for a folder to be there may go on.
        self.work.unblock(path);
        if found == State::Deleted {
            self.make_free(path);
        }
        let local = self.index.local(path);
        let is_as_held = match local {
            Some(local) => local.state.is_same(&found),
            None => found == State::Deleted,
        };
        if is_as_held {
            self.index.set_drift(path, None);
            self.keep(path);
            return;
        }
        // What others made and this device placed before it was killed, or a person made alike.
        if let Some(record) = self.index.expected(path, &found).cloned() {
            self.set_local(path, record);
            return;
        }
        if !self.may_tell() {
            self.index.settle(path);
            self.index.set_drift(path, Some(found));
            self.keep(path);
            self.tell(FolderEvent::ChangeStaysHere(path.clone()));
            return;
        }
        let Some(seat) = self.own_seat() else {
            return;
        };
        let known = local.map(|local| local.version.clone()).unwrap_or_default();
        let rival = local.and_then(|local| local.rival.clone());
        let record = Record {
            version: known.bumped(seat, self.now.wall),
            state: found,
            rival: rival.filter(|_| found.file().is_some()),
        };
        self.set_local(path, record);
    }
}
