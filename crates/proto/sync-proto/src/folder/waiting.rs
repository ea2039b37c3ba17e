//! What a folder waits for, and how it begins again when it waits in vain.
//!
//! Every step has somebody who answers it: a look or a change the disk, a chunk a member. If one of them does not,
//! whatever the reason, the folder does not stand still for ever: after a while without progress, what waits
//! is asked for anew.

use std::fmt::{self, Display, Formatter};
use std::time::{Duration, Instant};

use super::fetching::FetchCounts;
use super::{Folder, FolderEvent, FolderMessage, FolderOutput};
use crate::FolderPath;

/// Whether a folder that has something to do goes on.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Since when nothing came of what there is to do; nothing if there is nothing to do.
    still: Option<Instant>,
    /// How often it was begun again in vain.
    times: u32,
    has_moved: bool,
}

impl Watch {
    /// Something that there was to do is done.
    pub(super) fn moved(&mut self) {
        *self = Self {
            has_moved: true,
            ..Self::default()
        };
    }

    /// Notes whether there is something to do; returns whether something was done since.
    pub(super) fn look(&mut self, is_something: bool, now: Instant) -> bool {
        let has_moved = std::mem::take(&mut self.has_moved);
        if is_something {
            self.still.get_or_insert(now);
        } else {
            *self = Self::default();
        }
        has_moved
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.still
            .map(|since| since + STILL_TIME * (1 << self.times))
    }

    /// Whether it stood still for too long; the next time it is patient for longer.
    pub(super) fn is_due(&mut self, now: Instant) -> bool {
        let is_due = self.deadline().is_some_and(|at| at <= now);
        if is_due {
            self.still = Some(now);
            self.times = (self.times + 1).min(MOST_PATIENT);
        }
        is_due
    }
}

/// How much of what a folder has to do waits for what. Says no names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FolderWaits {
    /// Paths that are to be looked at.
    pub ready: usize,
    /// Paths at which the disk makes a change.
    pub jobs: usize,
    /// Paths of which a look at the disk is to tell what lies there.
    pub stale: usize,
    /// Paths that wait for the disk to finish at another, or for a folder to be there.
    pub blocked: usize,
    /// Paths that wait for a member, a decision or the disk.
    pub parked: usize,
    /// Paths that wait for a place among the fetches.
    pub queued: usize,
    /// Paths that are to vanish.
    pub doomed: usize,
    /// Files that are fetched.
    pub fetches: FetchCounts,
    /// Members that are there and have not told everything.
    pub unheard: usize,
}

impl Folder {
    /// What it waits for.
    pub fn waits(&self) -> FolderWaits {
        let work = &self.work;
        let members = self.members.by_seat.values();
        FolderWaits {
            ready: work.ready.len(),
            jobs: work.jobs.len(),
            stale: work.stale.len(),
            blocked: work.blocked.values().map(super::Paths::len).sum(),
            parked: work.parked.len(),
            queued: work.queued.len(),
            doomed: work.doomed.len(),
            fetches: self.fetches.counts(),
            unheard: members.filter(|it| !it.has_told_all()).count(),
        }
    }
}

impl Folder {
    /// Whether something is to be done that others or the disk do not hold up rightly.
    pub(super) fn has_to_go_on(&self) -> bool {
        !self.is_calm() || !self.work.blocked.is_empty() || !self.members.are_known()
    }

    /// Asks anew for everything that did not come.
    pub(super) fn begin_again(&mut self) {
        self.tell(FolderEvent::StoodStill);
        let stale: Vec<FolderPath> = self.work.stale.iter().cloned().collect();
        self.outputs
            .extend(stale.into_iter().map(FolderOutput::Rescan));
        self.work.wake_all();
        let whole = self.fetches.begin_again(self.now.instant);
        self.work.ready.extend(whole);
        self.members_changed();
        self.ask_for_indexes();
    }

    /// Asks members for what follows in their index who did not tell all of it.
    fn ask_for_indexes(&mut self) {
        let members = self.members.by_seat.iter();
        let unheard = members.filter(|(_, member)| !member.has_told_all());
        let unheard: Vec<_> = unheard.map(|(seat, it)| (*seat, it.device)).collect();
        for (seat, device) in unheard {
            let cursor = self.members.cursors.get(&seat);
            let after = cursor.map_or(0, |cursor| cursor.through);
            self.send(device, FolderMessage::IndexWanted { after });
        }
    }
}

impl Display for FolderWaits {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let fetches = &self.fetches;
        let counts = [
            ("ready", self.ready),
            ("jobs", self.jobs),
            ("stale", self.stale),
            ("blocked", self.blocked),
            ("parked", self.parked),
            ("queued", self.queued),
            ("doomed", self.doomed),
            ("recipes asked", fetches.recipes_asked),
            ("recipes open", fetches.recipes_open),
            ("assembling", fetches.assembling),
            ("staging", fetches.staging),
            ("chunks asked", fetches.chunks_asked),
            ("chunks open", fetches.chunks_open),
            ("asleep", fetches.asleep),
            ("whole", fetches.whole),
            ("members unheard", self.unheard),
        ];
        let mut is_first = true;
        for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            let comma = if is_first { "" } else { ", " };
            write!(f, "{comma}{name} {count}")?;
            is_first = false;
        }
        Ok(())
    }
}

/// After so long without anything done, what waits is begun again; the next time after twice as long.
const STILL_TIME: Duration = Duration::from_secs(20);
/// How often that time doubles at most: it is never more than 11 minutes.
const MOST_PATIENT: u32 = 5;
