//! Another roster: who comes, who goes, and what no longer counts.

use super::{Folder, FolderEvent, FolderOutput, Phase};
use crate::{FolderMessage, FolderPath, FolderRoster, Record, Role};

impl Folder {
    /// Takes a roster if it supersedes the one that is held; an old one changes nothing.
    pub(super) fn adopt_roster(&mut self, roster: FolderRoster) {
        if roster.folder() != self.roster.folder() || !roster.supersedes(&self.roster) {
            return;
        }
        self.outputs
            .push_back(FolderOutput::KeepRoster(roster.encode()));
        self.roster = roster;
        self.tell(FolderEvent::RosterChanged);
        self.tell_roster();
        if self.own_seat().is_none() {
            self.leave();
            return;
        }
        self.phase = Phase::Running;
        self.admit();
        self.take_back();
        self.tell_drifted();
        self.work.unpark();
    }

    /// Tells everybody who is there, also who belongs to it no more: nobody goes on with the old one.
    fn tell_roster(&mut self) {
        let members = self.members.by_seat.values();
        let greeted = members.filter(|member| member.token.is_some());
        let devices: Vec<_> = greeted.map(|member| member.device).collect();
        for device in devices {
            self.send(device, FolderMessage::Roster(self.roster.encode()));
        }
    }

    /// This device does not belong any more: its files stay, and nothing else happens.
    fn leave(&mut self) {
        self.phase = Phase::Removed;
        let seats: Vec<_> = self.members.by_seat.keys().copied().collect();
        seats.into_iter().for_each(|seat| self.drop_member(seat));
        self.tell(FolderEvent::Removed);
    }

    /// Takes back what was changed by members after they were removed, however it came here.
    fn take_back(&mut self) {
        let has_removed = self.roster.seats();
        let has_removed = has_removed.filter(|(_, it)| matches!(it.role, Role::Removed { .. }));
        if has_removed.count() == 0 {
            return;
        }
        let stands = |record: Option<&Record>| record.is_none_or(|record| self.counts(record));
        let slots = self.index.slots();
        let wanted = slots.filter(|(_, slot)| !stands(slot.wanted.as_ref().map(|it| &it.record)));
        let wanted: Vec<FolderPath> = wanted.map(|(path, _)| path.clone()).collect();
        let held = self.index.slots();
        let held = held.filter(|(_, slot)| !stands(slot.local.as_ref()));
        let held: Vec<FolderPath> = held.map(|(path, _)| path.clone()).collect();
        for path in &wanted {
            self.work.doomed_no_more(path);
            self.index.forget_wanted(path);
            self.keep(path);
        }
        for path in &held {
            self.void(path);
            self.tell(FolderEvent::TakenBack(path.clone()));
        }
        if !held.is_empty() || !wanted.is_empty() {
            self.begin_anew();
        }
    }

    /// What lies at `path` counts for nothing: the others' version comes, or it vanishes.
    pub(super) fn void(&mut self, path: &FolderPath) {
        self.work.doomed_no_more(path);
        self.index.forget(path);
        self.work.voided.insert(path.clone());
        self.keep(path);
    }
}
