//! The other devices of a folder: who is there, what they told, what they may.

use std::collections::BTreeMap;

use model::{ChunkSet, DeviceId, Digest};

use super::{Cursor, Folder, FolderEvent, FolderOutput, FolderViolation, Phase};
use crate::{
    Announced, FILE_BYTES, FolderHello, FolderMessage, FolderRoster, Index, IndexPage, Novelty,
    Record, Role, Seat, State,
};
use model::limits::STAMP_AHEAD_MS;

/// The devices that are there, and how far the indexes of all are known.
#[derive(Debug)]
pub(super) struct Members {
    pub(super) by_seat: BTreeMap<Seat, Member>,
    pub(super) cursors: BTreeMap<Seat, Cursor>,
    /// Devices with a session, members or not.
    pub(super) present: std::collections::BTreeSet<DeviceId>,
}

/// A member with a session.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) device: DeviceId,
    /// What opens bulk messages to it; it said hello.
    pub(super) token: Option<u64>,
    /// It wants what is behind this count of the index, and was not answered yet.
    wants: Option<u64>,
    /// It was answered in this session.
    was_told: bool,
    /// This device asked for its next page.
    is_asked: bool,
    /// Everything it had to tell was told.
    is_known: bool,
    /// Chunks it asked for that are not yet sent.
    pub(super) serving: usize,
    /// Recipes it asked for that are not yet sent.
    pub(super) reading: usize,
    pub(super) corrupt: u32,
    /// It said that it does not know this device.
    is_doubtful: bool,
    /// What it has of files that it fetches.
    pub(super) holding: BTreeMap<Digest, ChunkSet>,
}

impl Members {
    pub(super) fn new(cursors: BTreeMap<Seat, Cursor>) -> Self {
        Self {
            by_seat: BTreeMap::new(),
            cursors,
            present: std::collections::BTreeSet::new(),
        }
    }

    /// Whether everybody who is there told everything.
    pub(super) fn are_known(&self) -> bool {
        let mut members = self.by_seat.values();
        members.all(Member::has_told_all)
    }
}

impl Member {
    fn new(device: DeviceId) -> Self {
        Self {
            device,
            token: None,
            wants: None,
            was_told: false,
            is_asked: false,
            is_known: false,
            serving: 0,
            reading: 0,
            corrupt: 0,
            is_doubtful: false,
            holding: BTreeMap::new(),
        }
    }

    /// Whether nothing is to be heard from it. Who has not said hello has not joined, or pauses.
    pub(super) fn has_told_all(&self) -> bool {
        self.is_known || self.token.is_none()
    }

    /// Whether it knows everything this device holds, and the other way round.
    pub(super) fn is_in_step(&self, index: &Index) -> bool {
        self.is_known && self.wants == Some(index.sequence())
    }
}

impl Folder {
    pub(super) fn connect(&mut self, device: DeviceId) {
        self.members.present.insert(device);
        self.greet(device);
    }

    fn greet(&mut self, device: DeviceId) {
        let seat = self.roster.seat_of(&device);
        let Some(seat) = seat.filter(|_| self.phase == Phase::Running) else {
            return;
        };
        if device == self.setup.own || self.members.by_seat.contains_key(&seat) {
            return;
        }
        self.members.by_seat.insert(seat, Member::new(device));
        self.say_hello(device);
    }

    fn say_hello(&mut self, device: DeviceId) {
        let hello = FolderHello {
            roster: self.roster.digest(),
            index: self.setup.index,
            folds_names: self.setup.settings.folds_names,
            token: self.setup.token,
        };
        self.send(device, FolderMessage::Hello(hello));
    }

    pub(super) fn disconnect(&mut self, device: &DeviceId) {
        self.members.present.remove(device);
        let members = self.members.by_seat.iter();
        let mut gone = members.filter(|(_, member)| member.device == *device);
        if let Some(seat) = gone.next().map(|(seat, _)| *seat) {
            self.drop_member(seat);
        }
    }

    pub(super) fn drop_member(&mut self, seat: Seat) {
        self.members.by_seat.remove(&seat);
        self.fetches.remove_member(seat);
    }

    pub(super) fn hear(&mut self, device: DeviceId, message: FolderMessage) {
        if let FolderMessage::Roster(bytes) = &message {
            self.hear_roster(device, bytes);
            return;
        }
        if self.phase == Phase::Removed {
            return;
        }
        let seat = self.roster.seat_of(&device);
        let Some(seat) = seat.filter(|seat| self.members.by_seat.contains_key(seat)) else {
            if matches!(message, FolderMessage::Hello(_)) {
                self.send(device, FolderMessage::Unknown);
            }
            return;
        };
        self.hear_member(seat, device, message);
    }

    fn hear_member(&mut self, seat: Seat, device: DeviceId, message: FolderMessage) {
        match message {
            FolderMessage::Hello(hello) => self.hear_hello(seat, device, &hello),
            FolderMessage::Unknown => self.hear_unknown(seat, device),
            FolderMessage::IndexWanted { after } => self.hear_index_wish(seat, after),
            FolderMessage::IndexTold(page) => self.hear_index(seat, &page),
            FolderMessage::RecipeWanted { file, base, from } => {
                self.hear_recipe_wish(seat, file, base, from);
            }
            FolderMessage::RecipeTold {
                file,
                from,
                pieces,
                more,
            } => self.hear_recipe(seat, file, from, pieces, more),
            FolderMessage::ChunksWanted { file, chunks } => self.hear_wish(seat, file, chunks),
            FolderMessage::ChunksMissing { file, chunks } => {
                self.hear_missing(seat, &file, &chunks)
            }
            FolderMessage::Holding { file, chunks } => self.hear_holding(seat, file, &chunks),
            // The folder is here already.
            FolderMessage::Invite { .. } | FolderMessage::Roster(_) => {}
        }
    }

    fn hear_hello(&mut self, seat: Seat, device: DeviceId, hello: &FolderHello) {
        if hello.roster != self.roster.digest() {
            self.send(device, FolderMessage::Roster(self.roster.encode()));
        }
        if hello.folds_names && !self.index.folds() {
            self.fold_names();
        }
        let cursor = self.members.cursors.entry(seat).or_default();
        if cursor.index != hello.index {
            *cursor = Cursor {
                index: hello.index,
                through: 0,
                folds_names: hello.folds_names,
            };
        }
        let after = cursor.through;
        let Some(member) = self.members.by_seat.get_mut(&seat) else {
            return;
        };
        let before = member.token.replace(hello.token);
        if before.is_some_and(|token| token != hello.token) {
            // It began anew within this session, and knows nothing of what was said.
            *member = Member::new(device);
            member.token = Some(hello.token);
            self.fetches.remove_member(seat);
            self.say_hello(device);
        }
        let Some(member) = self.members.by_seat.get_mut(&seat) else {
            return;
        };
        if !member.is_asked {
            member.is_asked = true;
            self.send(device, FolderMessage::IndexWanted { after });
        }
        self.work.unpark();
        self.members_changed();
    }

    fn fold_names(&mut self) {
        self.index.fold_names();
        self.work.clashing.extend(self.index.clashes());
    }

    /// It does not know this device, or not yet: the roster may tell it better.
    fn hear_unknown(&mut self, seat: Seat, device: DeviceId) {
        let Some(member) = self.members.by_seat.get_mut(&seat) else {
            return;
        };
        if std::mem::replace(&mut member.is_doubtful, true) {
            self.tell(FolderEvent::NotWelcome(device));
            return;
        }
        self.send(device, FolderMessage::Roster(self.roster.encode()));
        self.say_hello(device);
    }

    fn hear_index_wish(&mut self, seat: Seat, after: u64) {
        if let Some(member) = self.members.by_seat.get_mut(&seat) {
            // Who asks again before there was an answer waits for one, even if there is nothing to tell.
            member.was_told &= member.wants.is_none();
            member.wants = Some(after);
        }
    }

    /// Answers members who wait for news, if there is some.
    pub(super) fn tell_news(&mut self) {
        let sequence = self.index.sequence();
        let members = self.members.by_seat.iter();
        let due = members.filter_map(|(seat, member)| {
            let after = member.wants?;
            (after < sequence || !member.was_told).then_some((*seat, after))
        });
        let due: Vec<(Seat, u64)> = due.collect();
        for (seat, after) in due {
            let page = self.index.page(after);
            let Some(member) = self.members.by_seat.get_mut(&seat) else {
                continue;
            };
            member.wants = None;
            member.was_told = true;
            let device = member.device;
            self.send(device, FolderMessage::IndexTold(page));
        }
    }

    fn hear_index(&mut self, seat: Seat, page: &IndexPage) {
        let IndexPage { through, more, .. } = *page;
        let cursor = self.members.cursors.get(&seat).copied().unwrap_or_default();
        let Some(member) = self.members.by_seat.get_mut(&seat) else {
            return;
        };
        let goes_on = through > page.after || through == page.after && !more;
        if !member.is_asked || !goes_on {
            self.violation(seat, FolderViolation::ForgedIndex);
            return;
        }
        if page.after != cursor.through {
            // It answers a question that was asked anew meanwhile.
            return;
        }
        let was_known = std::mem::replace(&mut member.is_known, !more);
        if !was_known {
            self.watch.moved();
        }
        let device = member.device;
        let seats = self.roster.seats().count();
        for Announced { path, record } in &page.records {
            if !is_of_seats(record, seats) {
                self.violation(seat, FolderViolation::ForgedIndex);
                return;
            }
            self.take_record(seat, path, record);
        }
        self.look_at_deletions(page);
        let cursor = Cursor { through, ..cursor };
        self.members.cursors.insert(seat, cursor);
        self.outputs
            .push_back(FolderOutput::KeepCursor { seat, cursor });
        self.send(device, FolderMessage::IndexWanted { after: through });
        if !was_known && !more {
            self.work.unpark();
        }
    }

    /// What goes is known before what comes is looked at: the same bytes under another name only move.
    fn look_at_deletions(&mut self, page: &IndexPage) {
        let records = page.records.iter();
        for gone in records.filter(|it| it.record.state == State::Deleted) {
            if self.work.ready.remove(&gone.path) {
                self.look_at(&gone.path);
            }
        }
    }

    fn take_record(&mut self, seat: Seat, path: &crate::FolderPath, record: &Record) {
        let role = self.roster.member(seat).map(|member| member.role);
        if !role.is_some_and(Role::may_change) {
            // It holds what others made; what it makes itself stays with it.
            self.index.note_holder(seat, path, record);
            self.holders_changed(path);
            return;
        }
        if !self.counts(record) || !self.is_in_time(path, record) {
            return;
        }
        match self.index.offer(seat, path, record) {
            Novelty::Better => {
                let file = record.state.file().map(|file| file.digest);
                self.fetches.keep_only(path, file, &mut self.outputs);
                self.work.doomed_no_more(path);
                self.work.parked.remove(path);
                self.work.ready.insert(path.clone());
                self.keep(path);
            }
            Novelty::Wanted => self.holders_changed(path),
            Novelty::Known => {}
            Novelty::Full => self.tell(FolderEvent::NotHeld(path.clone())),
        }
    }

    /// Whether a change was made by somebody who belonged to the folder then, and is possible.
    pub(super) fn counts(&self, record: &Record) -> bool {
        let author = record
            .version
            .author()
            .and_then(|seat| self.roster.member(seat));
        let is_members = match author.map(|author| author.role) {
            Some(Role::Removed { at }) => record.version.latest() <= at,
            Some(Role::Owner | Role::Admin | Role::Change | Role::Read) => true,
            None => false,
        };
        let size = record.state.file().map_or(0, |file| file.size_bytes);
        is_members && size <= FILE_BYTES
    }

    /// Whether a stamp is not so far ahead that nothing could follow it.
    fn is_in_time(&self, path: &crate::FolderPath, record: &Record) -> bool {
        let local = self.index.local(path).map(|local| local.version.latest());
        let wanted = self.index.wanted(path).map(|it| it.record.version.latest());
        let known = local.into_iter().chain(wanted).max().unwrap_or(0);
        let latest = known.max(self.now.wall).saturating_add(STAMP_AHEAD_MS);
        record.version.latest() <= latest
    }

    pub(super) fn violation(&mut self, seat: Seat, kind: FolderViolation) {
        if let Some(device) = self.members.by_seat.get(&seat).map(|it| it.device) {
            self.drop_member(seat);
            self.outputs
                .push_back(FolderOutput::Violation { device, kind });
        }
    }

    /// Begins with everybody who is there and belongs to the folder, and ends with everybody who does not.
    pub(super) fn admit(&mut self) {
        let members = self.members.by_seat.iter();
        let gone = members.filter(|(_, it)| self.roster.seat_of(&it.device).is_none());
        let gone: Vec<Seat> = gone.map(|(seat, _)| *seat).collect();
        gone.into_iter().for_each(|seat| self.drop_member(seat));
        let present: Vec<DeviceId> = self.members.present.iter().copied().collect();
        present.into_iter().for_each(|device| self.greet(device));
    }

    /// Asks everybody for everything anew.
    pub(super) fn begin_anew(&mut self) {
        for (seat, cursor) in &mut self.members.cursors {
            cursor.through = 0;
            let (seat, cursor) = (*seat, *cursor);
            self.outputs
                .push_back(FolderOutput::KeepCursor { seat, cursor });
        }
        let asked = self.members.by_seat.values_mut().filter(|it| it.is_asked);
        let mut devices = Vec::new();
        for member in asked {
            member.is_known = false;
            devices.push(member.device);
        }
        for device in devices {
            self.send(device, FolderMessage::IndexWanted { after: 0 });
        }
    }
}

fn is_of_seats(record: &Record, seats: usize) -> bool {
    let known = |version: &crate::VersionVector| {
        let stamps: Vec<(Seat, u64)> = version.clone().into();
        let mut all = stamps.iter().map(|(seat, _)| usize::from(seat.number()));
        all.all(|number| number < seats)
    };
    let rival = record.rival.as_ref();
    let is_bounded = record.state != State::Deleted || rival.is_none();
    known(&record.version) && rival.is_none_or(|rival| known(&rival.version)) && is_bounded
}

impl Folder {
    fn hear_roster(&mut self, device: DeviceId, bytes: &[u8]) {
        match FolderRoster::decode(bytes, self.roster.folder()) {
            Ok(roster) => self.adopt_roster(roster),
            Err(_) => self.outputs.push_back(FolderOutput::Violation {
                device,
                kind: FolderViolation::BadRoster,
            }),
        }
    }
}
