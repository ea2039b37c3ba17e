//! What people do on this device: a scan finds it, and it becomes a version that the others take.

use super::{Folder, FolderEvent, FolderOutput};
use crate::{FolderPath, Record, State};

impl Folder {
    /// Takes in what lies at `path`.
    pub(super) fn scanned(&mut self, path: &FolderPath, found: State) {
        self.work.seen(path, found == State::Directory);
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
            return;
        }
        self.changed(path, found);
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
        let wanted = self.index.wanted(path);
        if let Some(wanted) = wanted.filter(|wanted| wanted.record.state.is_same(&found)) {
            let record = wanted.record.clone();
            self.set_local(path, record);
            return;
        }
        if !self.may_tell() {
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
