//! Who is asked for which chunk of a file that several members fetch at once.
//!
//! Whoever has the whole file is asked by each fetching member for a share of its own only: the chunks for which this
//! member is the first in an order that all compute alike. The others come from those whose share they are, as soon
//! as they say that they hold them. So a file costs its source little more than once, however many fetch it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use model::limits::{FETCH_TIME, FETCH_WINDOW_BYTES, FOLDER_ASKED_CHUNKS};
use model::{ChunkSet, Digest};

use crate::Seat;

/// One file on its way here.
#[derive(Debug)]
pub(crate) struct Swarm {
    file: Digest,
    lengths: Vec<u32>,
    missing: ChunkSet,
    asked: BTreeMap<u32, Asked>,
    open: Open,
    /// Members who hold all of it.
    whole: BTreeSet<Seat>,
    /// Members who fetch it as well, with what they hold so far.
    fetching: BTreeMap<Seat, ChunkSet>,
    /// What this member got since it last told the others.
    untold: ChunkSet,
    moved: Instant,
    /// Nothing came for a while: whoever has the file is asked for everything.
    is_impatient: bool,
}

/// Chunks that somebody may be asked for, the next first; some may be here or asked for by now.
#[derive(Debug, Default)]
struct Open {
    /// Those that members who fetch as well hold.
    offered: VecDeque<u32>,
    /// Those that are to come from whoever has it all.
    share: VecDeque<u32>,
    /// Both have to be made anew: who has what is not as it was.
    is_outdated: bool,
}

/// Who is asked for a chunk.
enum Best {
    Member(Seat),
    /// All who hold it were asked for enough.
    Busy,
    Nobody,
}

#[derive(Debug, Clone, Copy)]
struct Asked {
    seat: Seat,
    since: Instant,
}

/// How much each member was asked for and has not brought yet: shared by all files of a folder.
#[derive(Debug, Default)]
pub(crate) struct Load {
    bytes: BTreeMap<Seat, u64>,
    chunks: BTreeMap<Seat, usize>,
}

impl Swarm {
    /// Begins to fetch the chunks `missing` of a file that is cut into `lengths`.
    pub(crate) fn new(file: Digest, lengths: Vec<u32>, missing: ChunkSet, now: Instant) -> Self {
        Self {
            file,
            lengths,
            missing,
            asked: BTreeMap::new(),
            open: Open::default(),
            whole: BTreeSet::new(),
            fetching: BTreeMap::new(),
            untold: ChunkSet::new(),
            moved: now,
            is_impatient: false,
        }
    }

    /// Whether nothing is missing.
    pub(crate) fn is_done(&self) -> bool {
        self.missing.is_empty()
    }

    /// Whether somebody is to bring something.
    pub(crate) fn is_asking(&self) -> bool {
        !self.asked.is_empty()
    }

    /// `seat` holds the whole file.
    pub(crate) fn add_whole(&mut self, seat: Seat) {
        self.fetching.remove(&seat);
        self.open.is_outdated |= self.whole.insert(seat);
    }

    /// `seat` fetches the file as well, and holds these chunks.
    pub(crate) fn add_fetching(&mut self, seat: Seat, chunks: &ChunkSet) {
        let known = chunks
            .runs()
            .all(|run| run.end <= self.lengths.len() as u64);
        if self.whole.contains(&seat) || !known {
            return;
        }
        // Whoever comes to it takes a share from the others.
        self.open.is_outdated |= !self.fetching.contains_key(&seat);
        let held = self.fetching.entry(seat).or_default();
        for run in chunks.runs() {
            let mut new = held.next_missing(run.start);
            while new < run.end {
                if self.missing.contains(new) {
                    self.open.offered.extend(u32::try_from(new).ok());
                }
                new = held.next_missing(new + 1);
            }
            held.insert_range(run);
        }
    }

    /// `seat` is gone: what it was asked for is asked of others.
    pub(crate) fn remove_member(&mut self, seat: Seat, load: &mut Load) {
        self.whole.remove(&seat);
        self.fetching.remove(&seat);
        self.open.is_outdated = true;
        let lost: Vec<u32> = self.chunks_asked_of(seat);
        lost.into_iter().for_each(|chunk| self.unask(chunk, load));
    }

    /// The file is not wanted any more.
    pub(crate) fn abandon(&mut self, load: &mut Load) {
        let asked: Vec<u32> = self.asked.keys().copied().collect();
        asked.into_iter().for_each(|chunk| self.unask(chunk, load));
        self.open.is_outdated = true;
    }

    /// `seat` does not hold these chunks after all.
    pub(crate) fn refuse(&mut self, seat: Seat, chunks: &[u32], load: &mut Load) {
        self.whole.remove(&seat);
        if let Some(held) = self.fetching.get_mut(&seat) {
            for chunk in chunks {
                held.remove(u64::from(*chunk));
            }
        }
        for chunk in chunks {
            let is_its = self.asked.get(chunk).is_some_and(|it| it.seat == seat);
            if is_its {
                self.unask(*chunk, load);
                self.open.offered.push_back(*chunk);
            }
        }
    }

    /// A chunk came; returns whether it was missing.
    pub(crate) fn arrived(&mut self, chunk: u32, load: &mut Load, now: Instant) -> bool {
        self.unask(chunk, load);
        self.moved = now;
        self.is_impatient = false;
        let is_new = self.missing.remove(u64::from(chunk));
        if is_new {
            self.untold.insert(u64::from(chunk));
        }
        is_new
    }

    /// A chunk could not be kept, or was damaged: it is missing again.
    pub(crate) fn lost(&mut self, chunk: u32) {
        self.missing.insert(u64::from(chunk));
        self.open.offered.push_back(chunk);
        self.untold.remove(u64::from(chunk));
    }

    /// Whether others fetch as well and there is enough to tell them; and what.
    pub(crate) fn take_untold(&mut self) -> Option<ChunkSet> {
        let is_enough = self.untold.len() >= CHUNKS_TO_TELL || self.is_done();
        (is_enough && !self.untold.is_empty()).then(|| std::mem::take(&mut self.untold))
    }

    /// Everything this member holds of the file by now.
    pub(crate) fn held(&self) -> ChunkSet {
        let mut held = ChunkSet::new();
        held.insert_range(0..self.lengths.len() as u64);
        for chunk in self.missing.iter() {
            held.remove(chunk);
        }
        held
    }

    /// Whether nothing was asked for and nobody who could be asked is known.
    pub(crate) fn is_hopeless(&self) -> bool {
        let is_missing = |held: &ChunkSet| held.iter().any(|chunk| self.missing.contains(chunk));
        self.asked.is_empty()
            && !self.is_done()
            && self.whole.is_empty()
            && !self.fetching.values().any(is_missing)
    }

    /// Takes everything back that was asked, so that it is asked anew, of whoever has it.
    pub(crate) fn begin_again(&mut self, load: &mut Load, now: Instant) {
        self.abandon(load);
        self.is_impatient = true;
        self.moved = now;
    }

    /// Takes back what was asked too long ago, so that somebody else is asked.
    pub(crate) fn expire(&mut self, load: &mut Load, now: Instant) {
        let late = self.asked.iter();
        let late = late.filter(|(_, asked)| now.duration_since(asked.since) >= FETCH_TIME);
        let late: Vec<(u32, Seat)> = late.map(|(chunk, asked)| (*chunk, asked.seat)).collect();
        if self.asked.is_empty() && now.duration_since(self.moved) >= PATIENCE {
            self.is_impatient = true;
            self.open.is_outdated = true;
            self.moved = now;
        }
        for (chunk, seat) in late {
            self.refuse(seat, &[chunk], load);
            // Asked again only when nobody else holds it: it said that it does.
            self.add_fetching(seat, &ChunkSet::new());
        }
    }

    /// When [`Swarm::expire`] or [`Swarm::next_asks`] has something to do without anything arriving.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        if self.is_done() {
            return None;
        }
        let late = self.asked.values().map(|asked| asked.since + FETCH_TIME);
        let is_patient = self.asked.is_empty() && !self.whole.is_empty();
        let impatient = is_patient.then(|| self.moved + PATIENCE);
        late.chain(impatient).min()
    }

    /// Picks the next chunks to ask for, and of whom, as far as everybody's window allows.
    pub(crate) fn next_asks(
        &mut self,
        own: Seat,
        load: &mut Load,
        now: Instant,
    ) -> Vec<(Seat, u32)> {
        if !self.is_worth_asking(load) {
            return Vec::new();
        }
        if std::mem::take(&mut self.open.is_outdated) {
            self.look_for_open(own);
        }
        let mut asks = Vec::new();
        let offered = std::mem::take(&mut self.open.offered);
        self.open.offered = self.ask_some(offered, own, load, now, &mut asks);
        let share = std::mem::take(&mut self.open.share);
        self.open.share = self.ask_some(share, own, load, now, &mut asks);
        asks
    }

    /// Asks for `chunks` as far as windows allow; returns those that wait for one.
    fn ask_some(
        &mut self,
        mut chunks: VecDeque<u32>,
        own: Seat,
        load: &mut Load,
        now: Instant,
        asks: &mut Vec<(Seat, u32)>,
    ) -> VecDeque<u32> {
        let mut waiting = Vec::new();
        while waiting.len() < LOOK_AHEAD
            && let Some(chunk) = chunks.pop_front()
        {
            let is_here = !self.missing.contains(u64::from(chunk));
            if is_here || self.asked.contains_key(&chunk) {
                continue;
            }
            match self.best(chunk, self.may_ask_whole(chunk, own), load) {
                Best::Member(seat) => {
                    load.add(seat, self.length(chunk));
                    self.asked.insert(chunk, Asked { seat, since: now });
                    asks.push((seat, chunk));
                }
                Best::Busy => waiting.push(chunk),
                // It is here again when somebody says that it holds it.
                Best::Nobody => {}
            }
        }
        for chunk in waiting.into_iter().rev() {
            chunks.push_front(chunk);
        }
        chunks
    }

    /// Whether a chunk may be asked of whoever has it all.
    fn may_ask_whole(&self, chunk: u32, own: Seat) -> bool {
        let is_alone = self.fetching.is_empty() || self.lengths.len() < CHUNKS_TO_SHARE;
        is_alone || self.is_impatient || self.is_mine(chunk, own)
    }

    /// Finds the chunks that are neither here nor asked for, and that somebody may be asked for.
    fn look_for_open(&mut self, own: Seat) {
        // Everybody begins elsewhere, so that they have something to give each other soon.
        let count = self.lengths.len() as u64;
        let begin = rank(&self.file, own, u32::MAX) % count.max(1);
        let behind = self.missing.runs().filter(|run| run.end > begin);
        let behind = behind.flat_map(|run| run.start.max(begin)..run.end);
        let before = self.missing.iter().take_while(|chunk| *chunk < begin);
        let chunks = behind.chain(before).filter_map(|it| u32::try_from(it).ok());
        let open = chunks.filter(|chunk| !self.asked.contains_key(chunk));
        let is_offered = |chunk: &u32| {
            let mut fetching = self.fetching.values();
            fetching.any(|held| held.contains(u64::from(*chunk)))
        };
        let (offered, mut share): (VecDeque<u32>, VecDeque<u32>) = open.partition(is_offered);
        share.retain(|chunk| self.may_ask_whole(*chunk, own));
        self.open.offered = offered;
        self.open.share = share;
    }

    /// Whether somebody could be asked for a good part of a window: single chunks are not worth a message.
    fn is_worth_asking(&self, load: &Load) -> bool {
        let mut members = self.whole.iter().chain(self.fetching.keys());
        members.any(|seat| load.has_much_room(*seat))
    }

    /// The member with the least to bring among those who hold `chunk`; one who fetches as well if there is one.
    fn best(&self, chunk: u32, from_whole: bool, load: &Load) -> Best {
        let partly = self.fetching.iter();
        let partly = partly.filter(|(_, held)| held.contains(u64::from(chunk)));
        let partly = partly.map(|(seat, _)| (0, *seat));
        let whole = self.whole.iter().filter(|_| from_whole);
        let mut best = None;
        let mut is_held = false;
        for (kind, seat) in partly.chain(whole.map(|seat| (1, *seat))) {
            is_held = true;
            if load.has_room(seat) {
                best = best.into_iter().chain([(kind, load.of(seat), seat)]).min();
            }
        }
        match best {
            Some((_, _, seat)) => Best::Member(seat),
            None if is_held => Best::Busy,
            None => Best::Nobody,
        }
    }

    /// Whether `own` is the first of all who fetch the file in the order of this chunk.
    fn is_mine(&self, chunk: u32, own: Seat) -> bool {
        let mine = (rank(&self.file, own, chunk), own);
        let mut others = self.fetching.keys();
        others.all(|seat| (rank(&self.file, *seat, chunk), *seat) > mine)
    }

    fn chunks_asked_of(&self, seat: Seat) -> Vec<u32> {
        let asked = self.asked.iter().filter(|(_, asked)| asked.seat == seat);
        asked.map(|(chunk, _)| *chunk).collect()
    }

    fn unask(&mut self, chunk: u32, load: &mut Load) {
        if let Some(asked) = self.asked.remove(&chunk) {
            load.remove(asked.seat, self.length(chunk));
        }
    }

    fn length(&self, chunk: u32) -> u64 {
        self.lengths
            .get(chunk as usize)
            .map_or(0, |it| u64::from(*it))
    }
}

impl Load {
    fn of(&self, seat: Seat) -> u64 {
        self.bytes.get(&seat).copied().unwrap_or(0)
    }

    fn has_room(&self, seat: Seat) -> bool {
        let chunks = self.chunks.get(&seat).copied().unwrap_or(0);
        self.of(seat) < FETCH_WINDOW_BYTES && chunks < FOLDER_ASKED_CHUNKS
    }

    fn has_much_room(&self, seat: Seat) -> bool {
        let chunks = self.chunks.get(&seat).copied().unwrap_or(0);
        self.of(seat) <= FETCH_WINDOW_BYTES * 3 / 4 && chunks <= FOLDER_ASKED_CHUNKS * 3 / 4
    }

    fn add(&mut self, seat: Seat, bytes: u64) {
        *self.bytes.entry(seat).or_default() += bytes;
        *self.chunks.entry(seat).or_default() += 1;
    }

    fn remove(&mut self, seat: Seat, bytes: u64) {
        if let Some(load) = self.bytes.get_mut(&seat) {
            *load = load.saturating_sub(bytes);
        }
        if let Some(load) = self.chunks.get_mut(&seat) {
            *load = load.saturating_sub(1);
        }
    }
}

/// A number that all members compute alike and nobody can foresee the order of (SplitMix64).
fn rank(file: &Digest, seat: Seat, chunk: u32) -> u64 {
    let salt = file
        .0
        .first_chunk::<8>()
        .map_or(0, |it| u64::from_be_bytes(*it));
    let mut mixed = salt ^ (u64::from(chunk) << 8 | u64::from(seat.number()));
    mixed = mixed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Below so many chunks, sharing the work costs more than it saves.
const CHUNKS_TO_SHARE: usize = 16;
/// Chunks to gather before the others are told.
const CHUNKS_TO_TELL: u64 = 16;
/// Chunks of which all who hold them are busy that are passed over to find one of which somebody is not.
const LOOK_AHEAD: usize = 32;
/// After so long without any chunk on its way, whoever has the file is asked for what others were to bring.
const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests;
