//! One shared folder on one device, without IO.
//!
//! [`members`] talks to the other devices; [`scanning`] takes in what people do on this device; [`planning`] decides
//! what the disk is to do about what others did, and [`deleting`] when something is to vanish; [`fetching`] brings the
//! bytes; [`tasks`] books what the disk did; [`deciding`] is what people decide afterwards. `docs/protocol/folders.md` tells the protocol.

mod admission;
mod deciding;
mod deleting;
mod fetching;
mod interface;
mod members;
mod planning;
mod scanning;
mod tasks;
mod waiting;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use model::DeviceId;

pub use interface::{
    Choice, Cursor, Deed, Direction, FolderConfig, FolderEvent, FolderInput, FolderOutput,
    FolderSettings, FolderStatus, FolderViolation, Keep, Moment, Outcome, Source, Task,
};

pub use fetching::FetchCounts;
pub use waiting::FolderWaits;

use crate::brake::Brake;
use crate::{FolderMessage, FolderPath, FolderRoster, Index, Record, Role, Seat, State};
use fetching::Fetches;
use members::Members;
use tasks::Work;
use waiting::Watch;

/// One shared folder on one device.
#[derive(Debug)]
pub struct Folder {
    setup: Setup,
    roster: FolderRoster,
    index: Index,
    members: Members,
    work: Work,
    fetches: Fetches,
    brake: Brake,
    watch: Watch,
    phase: Phase,
    now: Moment,
    outputs: VecDeque<FolderOutput>,
}

#[derive(Debug)]
struct Setup {
    own: DeviceId,
    index: u64,
    token: u64,
    settings: FolderSettings,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    /// This device does not belong to the folder any more: its files stay as they are.
    Removed,
}

impl Folder {
    /// Begins, or begins again after a restart.
    pub fn new(config: FolderConfig, now: Moment) -> Self {
        let mut index = Index::default();
        let mut work = Work::default();
        if config.settings.folds_names || config.cursors.iter().any(|(_, it)| it.folds_names) {
            index.fold_names();
        }
        for (path, slot) in config.slots {
            if slot.wanted.is_some() {
                work.ready.insert(path.clone());
            }
            if slot.voided {
                work.voided.insert(path.clone());
            }
            index.load(path, slot);
        }
        work.clashing.extend(index.clashes());
        let mut folder = Self {
            setup: Setup {
                own: config.own,
                index: config.index,
                token: config.token,
                settings: config.settings,
            },
            roster: config.roster,
            index,
            members: Members::new(config.cursors.into_iter().collect()),
            work,
            fetches: Fetches::default(),
            brake: Brake::default(),
            watch: Watch::default(),
            phase: Phase::Running,
            now,
            outputs: VecDeque::new(),
        };
        if folder.own_seat().is_none() {
            folder.phase = Phase::Removed;
        }
        folder.tell_drifted();
        folder
    }

    /// Takes one input. Drain [`Folder::poll_output`] after each.
    pub fn handle_input(&mut self, input: FolderInput, now: Moment) {
        self.now = now;
        match input {
            FolderInput::Connected(device) => self.connect(device),
            FolderInput::Disconnected(device) => self.disconnect(&device),
            FolderInput::MessageReceived { device, message } => self.hear(device, message),
            FolderInput::Roster(roster) => self.adopt_roster(roster),
            FolderInput::Applied { path, outcome } => self.applied(&path, outcome),
            FolderInput::Timeout => self.time_passed(),
            FolderInput::Scanned { .. }
            | FolderInput::Settings(_)
            | FolderInput::Decide { .. }
            | FolderInput::Restore { .. }
            | FolderInput::Override
            | FolderInput::Revert
            | FolderInput::AllowDeletions
            | FolderInput::RefuseDeletions
            | FolderInput::Unseen(_) => self.hear_people(input),
            FolderInput::ChunkReceived { .. }
            | FolderInput::Staged { .. }
            | FolderInput::ChunkLost { .. }
            | FolderInput::RecipeRead { .. }
            | FolderInput::Served { .. } => self.handle_bytes(input),
        }
        self.go_on();
    }

    /// What the driver is to do next, or `None` when it waits for an input.
    pub fn poll_output(&mut self) -> Option<FolderOutput> {
        self.outputs.pop_front()
    }

    /// When to give [`FolderInput::Timeout`] if nothing else comes.
    pub fn deadline(&self) -> Option<Instant> {
        let fetches = self.fetches.deadline();
        let still = self.watch.deadline();
        fetches
            .into_iter()
            .chain(self.work.retry.at)
            .chain(still)
            .min()
    }

    /// What is known of the folder.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Who belongs to it.
    pub fn roster(&self) -> &FolderRoster {
        &self.roster
    }

    /// Whether the member at `seat` ever said hello.
    pub fn knows(&self, seat: Seat) -> bool {
        self.members.cursors.contains_key(&seat)
    }

    /// How the folder spells a path that a scan found on a disk which spells accents in its own way.
    pub fn spelled(&self, found: &FolderPath) -> FolderPath {
        let composed = found.composed();
        let known = self.index.known_as(&composed);
        known.cloned().unwrap_or(composed)
    }

    /// How it stands. Looks at everything: not for every moment.
    pub fn status(&self) -> FolderStatus {
        let wanted = || {
            self.index
                .slots()
                .filter_map(|(_, slot)| slot.wanted.as_ref())
        };
        let bytes = wanted().filter_map(|wanted| wanted.record.state.file());
        let members = self.members.by_seat.values();
        FolderStatus {
            folder: self.roster.folder(),
            behind: wanted().count(),
            behind_bytes: bytes.map(|file| file.size_bytes).sum(),
            conflicts: self.conflicts().count(),
            drifted: self
                .index
                .slots()
                .filter(|(_, it)| it.drift.is_some())
                .count(),
            deletions: if self.brake.is_asking() {
                self.work.doomed.len()
            } else {
                0
            },
            members: members
                .map(|member| (member.device, member.is_in_step(&self.index)))
                .collect(),
        }
    }

    /// Whether nothing is to be done until somebody says or does something.
    pub fn is_calm(&self) -> bool {
        let is_full = self.fetches.are_idle() && !self.has_free_place();
        self.work.is_idle() && self.fetches.are_idle() && (is_full || self.work.queued.is_empty())
    }

    fn hear_people(&mut self, input: FolderInput) {
        match input {
            FolderInput::Scanned { path, found } => self.scanned(&path, found),
            FolderInput::Unseen(path) => self.unseen(&path),
            FolderInput::Settings(settings) => self.change_settings(settings),
            FolderInput::Decide { copy, choice } => self.decide(&copy, choice),
            FolderInput::Restore { path, file } => self.restore(&path, file),
            FolderInput::Override => self.override_others(),
            FolderInput::Revert => self.revert(),
            FolderInput::AllowDeletions => self.allow_deletions(),
            FolderInput::RefuseDeletions => self.refuse_deletions(),
            FolderInput::Connected(_)
            | FolderInput::Disconnected(_)
            | FolderInput::MessageReceived { .. }
            | FolderInput::ChunkReceived { .. }
            | FolderInput::Applied { .. }
            | FolderInput::Staged { .. }
            | FolderInput::ChunkLost { .. }
            | FolderInput::RecipeRead { .. }
            | FolderInput::Served { .. }
            | FolderInput::Roster(_)
            | FolderInput::Timeout => {}
        }
    }

    fn go_on(&mut self) {
        if self.phase == Phase::Removed {
            return;
        }
        self.plan();
        self.plan_deletions();
        self.plan_clashes();
        self.bring_on();
        self.tell_news();
        if self.watch.look(self.has_to_go_on(), self.now.instant) {
            self.work.retry.hope();
        }
    }

    fn time_passed(&mut self) {
        let now = self.now.instant;
        if self.work.retry.take(now) {
            self.work.wake_all();
            self.members_changed();
        }
        self.fetches.expire(now);
        if self.fetches.are_waiting() {
            self.work.retry_later(now);
        }
        if self.watch.is_due(now) {
            self.begin_again();
        }
    }

    fn own_seat(&self) -> Option<Seat> {
        self.roster.seat_of(&self.setup.own)
    }

    fn own_role(&self) -> Option<Role> {
        let member = self.roster.member(self.own_seat()?)?;
        Some(member.role)
    }

    /// Whether the others take what changes here.
    fn may_tell(&self) -> bool {
        let is_one_way = self.setup.settings.direction == Direction::ReceiveOnly;
        !is_one_way && self.own_role().is_some_and(Role::may_change)
    }

    /// Whether `path` has no place on this device.
    fn is_left_out(&self, path: &FolderPath, is_directory: bool) -> bool {
        let settings = &self.setup.settings;
        let mut left_out = settings.left_out.iter();
        left_out.any(|it| it == path || path.is_below(it))
            || settings.rules.ignores(path, is_directory)
    }

    /// A version by this device on top of everything known of `path`.
    fn own_version(&self, path: &FolderPath, state: State) -> Option<Record> {
        let local = self.index.local(path).map(|local| &local.version);
        let wanted = self.index.wanted(path).map(|it| &it.record.version);
        let known = local.into_iter().chain(wanted).cloned();
        let known = known.reduce(|a, b| a.joined(&b)).unwrap_or_default();
        Some(Record {
            version: known.bumped(self.own_seat()?, self.now.wall),
            state,
            rival: None,
        })
    }

    /// Sets what this device holds, durably.
    fn set_local(&mut self, path: &FolderPath, record: Record) {
        self.work.doomed_no_more(path);
        self.work.unblock(path);
        if !record.is_live() {
            self.make_free(path);
        } else if self.index.folds() {
            // What waits for the name may be the one that has to go.
            self.work.unpark_same(path);
        }
        self.index.set_local(path, record);
        if self.index.same_to_some(path).is_some() {
            self.work.clashing.insert(path.clone());
        }
        if self.index.wanted(path).is_some() {
            self.work.ready.insert(path.clone());
        } else {
            self.work.parked.remove(path);
            self.fetches.forget_path(path, &mut self.outputs);
        }
        self.keep(path);
    }

    /// Nothing lies at `path` any more: what waited for its place, or for a folder to be empty, is looked at again.
    fn make_free(&mut self, path: &FolderPath) {
        if self.index.folds() {
            self.work.unpark();
        }
        for folder in path.ancestors() {
            if self.work.parked.remove(&folder) {
                self.work.ready.insert(folder);
            }
        }
    }

    fn keep(&mut self, path: &FolderPath) {
        let slot = self.index.slot(path).cloned().unwrap_or_default();
        let path = path.clone();
        self.outputs.push_back(FolderOutput::Keep { path, slot });
    }

    fn send(&mut self, device: DeviceId, message: FolderMessage) {
        self.outputs
            .push_back(FolderOutput::Send { device, message });
    }

    fn tell(&mut self, event: FolderEvent) {
        self.outputs.push_back(FolderOutput::Event(event));
    }
}

type Paths = BTreeSet<FolderPath>;
type PathMap<T> = BTreeMap<FolderPath, T>;

#[cfg(test)]
mod tests;
