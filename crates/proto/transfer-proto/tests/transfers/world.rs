//! A sender, a receiver, their disks and a network between them, all in memory and driven by chance.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use model::limits::OPEN_PAGES;
use model::{
    ChunkSet, Digest, DisplayName, Entropy, Entry, EntryKind, EntryVersion, FileDigest, Name,
    RelPath, Timestamp, TransferId, chunk_count, chunk_span,
};
use transfer_proto::*;

/// A generator of choices: every run repeats from its seed.
#[derive(Debug, Clone)]
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap()
    }

    pub fn one_in(&mut self, odds: usize) -> bool {
        self.below(odds) == 0
    }
}

struct Draws(Chance);

impl Entropy for Draws {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0.next().to_be_bytes()[0];
        }
    }
}

/// One source on the sender's disk.
#[derive(Debug, Clone)]
pub struct Source {
    pub entry: Entry,
    pub content: Vec<u8>,
    pub stamp: i64,
    pub is_gone: bool,
    /// Every content it ever had.
    pub history: Vec<Vec<u8>>,
}

/// What survives a restart of the receiver.
#[derive(Debug, Default)]
pub struct Disk {
    pub accepted: bool,
    pub pages: BTreeMap<u32, (u32, Vec<Entry>)>,
    pub chunks: BTreeMap<(u32, u32), Vec<u8>>,
    pub revised: BTreeSet<u32>,
    pub finished: BTreeMap<u32, Vec<u8>>,
    pub dropped: BTreeSet<u32>,
    pub is_full: bool,
    pub commits: u32,
    pub completion: Option<Completion>,
    pub discarded: bool,
}

pub struct World {
    pub now: Instant,
    pub chance: Chance,
    pub sources: Vec<Source>,
    pub page_entries: usize,
    pub tuning: Tuning,
    pub summary: Summary,
    pub sender: Sender,
    pub receiver: Receiver,
    pub sender_jobs: Vec<SenderOutput>,
    pub receiver_jobs: Vec<ReceiverOutput>,
    pub to_receiver: VecDeque<TransferMessage>,
    pub to_sender: VecDeque<TransferMessage>,
    pub lanes: Vec<VecDeque<Bytes>>,
    pub disk: Disk,
    pub is_up: bool,
    pub sent_earlier: u64,
    pub control_messages: u64,
    pub interruptions: u64,
    pub outcome: Option<SenderOutcome>,
    pub ended: Option<ReceiverOutcome>,
    pub skipped: BTreeSet<u32>,
    pub damage: u32,
    pub violations: Vec<String>,
    pub stalls: u32,
}

pub const TRANSFER: TransferId = TransferId([7; 16]);

pub fn path(text: &str) -> RelPath {
    RelPath::new(
        text.split('/')
            .map(|name| Name::parse(name).unwrap())
            .collect(),
    )
    .unwrap()
}

pub fn file(name: &str, content: Vec<u8>) -> Source {
    Source {
        entry: Entry {
            path: path(name),
            kind: EntryKind::File {
                size_bytes: content.len() as u64,
                executable: name.len() % 2 == 0,
            },
            modified: Some(stamp(1)),
        },
        history: vec![content.clone()],
        content,
        stamp: 1,
        is_gone: false,
    }
}

pub fn folder(name: &str) -> Source {
    let mut source = file(name, Vec::new());
    source.entry.kind = EntryKind::Directory;
    source
}

pub fn stream(name: &str, content: Vec<u8>) -> Source {
    let mut source = file(name, content);
    source.entry.kind = EntryKind::Stream;
    source.entry.modified = None;
    source
}

fn stamp(seconds: i64) -> Timestamp {
    Timestamp {
        seconds,
        nanoseconds: 0,
    }
}

pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        bytes.extend_from_slice(&chance.next().to_be_bytes());
    }
    bytes.truncate(length);
    bytes
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place a test starts its clock"
)]
fn epoch() -> Instant {
    Instant::now()
}

impl World {
    pub fn new(sources: Vec<Source>, page_entries: usize, seed: u64) -> Self {
        let now = epoch();
        let tuning = Tuning::default();
        let is_stream = |source: &&Source| source.entry.kind == EntryKind::Stream;
        let summary = Summary {
            name: DisplayName::new("tree"),
            entries: sources.len() as u64,
            files: sources
                .iter()
                .filter(|source| source.entry.kind != EntryKind::Directory)
                .count() as u64,
            bytes: sources.iter().map(|source| source.entry.size_bytes()).sum(),
            stream: sources.iter().any(|source| is_stream(&source)),
        };
        let pages = u32::try_from(sources.len().div_ceil(page_entries)).unwrap();
        let sender = Sender::new(
            SenderConfig {
                transfer: TRANSFER,
                summary: summary.clone(),
                pages,
                resume: false,
                tuning,
            },
            now,
        );
        let receiver = Receiver::new(
            ReceiverConfig {
                transfer: TRANSFER,
                start: ReceiverStart::New,
                entropy: Box::new(Draws(Chance(seed | 1))),
                tuning,
            },
            now,
        );
        Self {
            now,
            chance: Chance(seed | 1),
            sources,
            page_entries,
            tuning,
            summary,
            sender,
            receiver,
            sender_jobs: Vec::new(),
            receiver_jobs: Vec::new(),
            to_receiver: VecDeque::new(),
            to_sender: VecDeque::new(),
            lanes: vec![VecDeque::new(); 4],
            disk: Disk::default(),
            is_up: false,
            sent_earlier: 0,
            control_messages: 0,
            interruptions: 0,
            outcome: None,
            ended: None,
            skipped: BTreeSet::new(),
            damage: 0,
            violations: Vec::new(),
            stalls: 0,
        }
    }

    pub fn pages(&self) -> u32 {
        u32::try_from(self.sources.len().div_ceil(self.page_entries)).unwrap()
    }

    pub fn sent_bytes(&self) -> u64 {
        self.sent_earlier + self.sender.sent_bytes()
    }

    pub fn tell_sender(&mut self, input: SenderInput) {
        self.sender.handle_input(input, self.now);
        self.drain_sender();
    }

    pub fn tell_receiver(&mut self, input: ReceiverInput) {
        self.receiver.handle_input(input, self.now);
        self.drain_receiver();
    }

    pub fn session_up(&mut self) {
        if self.is_up {
            return;
        }
        self.is_up = true;
        self.tell_receiver(ReceiverInput::SessionUp);
        self.tell_sender(SenderInput::SessionUp);
    }

    pub fn session_down(&mut self) {
        if !self.is_up {
            return;
        }
        self.is_up = false;
        self.interruptions += 1;
        self.to_receiver.clear();
        self.to_sender.clear();
        self.lanes.iter_mut().for_each(VecDeque::clear);
        self.tell_sender(SenderInput::SessionDown);
        self.tell_receiver(ReceiverInput::SessionDown);
    }

    pub fn connection_lost(&mut self) {
        let lane = self.chance.below(self.lanes.len());
        self.lanes[lane].clear();
        self.interruptions += 1;
        self.tell_sender(SenderInput::ConnectionLost);
    }

    pub fn restart_sender(&mut self) {
        self.session_down();
        self.sent_earlier += self.sender.sent_bytes();
        self.sender_jobs.clear();
        self.sender = Sender::new(
            SenderConfig {
                transfer: TRANSFER,
                summary: self.summary.clone(),
                pages: self.pages(),
                resume: self.disk.accepted,
                tuning: self.tuning,
            },
            self.now,
        );
    }

    pub fn restart_receiver(&mut self) {
        self.session_down();
        self.receiver_jobs.clear();
        let start = match (self.disk.completion, self.disk.accepted) {
            (Some(completion), _) => ReceiverStart::Completed(completion),
            (None, true) => ReceiverStart::Resumed(self.resume_state()),
            (None, false) => ReceiverStart::New,
        };
        self.receiver = Receiver::new(
            ReceiverConfig {
                transfer: TRANSFER,
                start,
                entropy: Box::new(Draws(Chance(self.chance.next() | 1))),
                tuning: self.tuning,
            },
            self.now,
        );
    }

    /// The complete pages are told only sometimes, as a driver may leave them out.
    fn resume_state(&mut self) -> ResumeState {
        let tells = self.chance.one_in(2);
        let disk = &self.disk;
        let complete = disk.pages.iter().filter_map(|(page, (first, entries))| {
            let mut done = CompletePage {
                page: *page,
                entries: u32::try_from(entries.len()).unwrap(),
                bytes: 0,
                files: 0,
                skipped: 0,
            };
            for (index, entry) in (*first..).zip(entries) {
                match disk.finished.get(&index) {
                    Some(content) => {
                        done.bytes += content.len() as u64;
                        done.files += u32::from(entry.kind != EntryKind::Directory);
                    }
                    None if disk.dropped.contains(&index) => done.skipped += 1,
                    None => return None,
                }
            }
            Some(done)
        });
        ResumeState {
            summary: self.summary.clone(),
            pages: self.pages(),
            complete_pages: if tells {
                complete.collect()
            } else {
                Vec::new()
            },
        }
    }

    fn drain_sender(&mut self) {
        while let Some(output) = self.sender.poll_output() {
            match output {
                SenderOutput::Send(message) => {
                    let addressed = Addressed {
                        transfer: TRANSFER,
                        message,
                    };
                    let bytes = addressed.encode();
                    self.control_messages += 1;
                    let message = Addressed::decode(&bytes).unwrap().message;
                    if self.is_up {
                        self.to_receiver.push_back(message);
                    }
                }
                SenderOutput::SendBulk { message } => {
                    let lane = self.chance.below(self.lanes.len());
                    if self.is_up {
                        self.lanes[lane].push_back(message);
                    }
                }
                SenderOutput::Event(SenderEvent::EntrySkipped { entry, .. }) => {
                    self.skipped.insert(entry);
                }
                SenderOutput::Event(SenderEvent::EntryKept { entry }) => {
                    self.skipped.remove(&entry);
                }
                SenderOutput::Event(_) => {}
                SenderOutput::Stalled => self.stalls += 1,
                SenderOutput::Violation(violation) => {
                    self.violations.push(format!("sender saw: {violation}"));
                }
                SenderOutput::Finished(outcome) => {
                    assert!(
                        self.outcome.is_none() || self.outcome == Some(outcome),
                        "one outcome"
                    );
                    self.outcome = Some(outcome);
                }
                job @ (SenderOutput::ReadPage { .. } | SenderOutput::ReadChunk(_)) => {
                    self.sender_jobs.push(job);
                }
            }
        }
    }

    fn drain_receiver(&mut self) {
        while let Some(output) = self.receiver.poll_output() {
            match output {
                ReceiverOutput::Send(message) => {
                    let addressed = Addressed {
                        transfer: TRANSFER,
                        message,
                    };
                    self.control_messages += 1;
                    let message = Addressed::decode(&addressed.encode()).unwrap().message;
                    if self.is_up {
                        self.to_sender.push_back(message);
                    }
                }
                ReceiverOutput::Event(_) => {}
                ReceiverOutput::Stalled => self.stalls += 1,
                ReceiverOutput::Violation(violation) => {
                    self.violations.push(format!("receiver saw: {violation}"));
                }
                ReceiverOutput::Finished(outcome) => self.ended = Some(outcome),
                ReceiverOutput::Discard => {
                    self.disk.discarded = true;
                }
                ReceiverOutput::ClosePage { .. } => {}
                job => self.receiver_jobs.push(job),
            }
        }
    }

    pub fn do_sender_job(&mut self) -> bool {
        if self.sender_jobs.is_empty() {
            return false;
        }
        let place = self.chance.below(self.sender_jobs.len());
        match self.sender_jobs.swap_remove(place) {
            SenderOutput::ReadPage { page } => {
                let from = page as usize * self.page_entries;
                let to = self.sources.len().min(from + self.page_entries);
                let entries = self.sources[from..to]
                    .iter()
                    .map(|source| source.entry.clone())
                    .collect();
                self.tell_sender(SenderInput::PageRead { page, entries });
            }
            SenderOutput::ReadChunk(read) => {
                let input = self.read(&read);
                self.tell_sender(input);
            }
            other => panic!("{other:?} is no job"),
        }
        true
    }

    fn read(&mut self, read: &ReadChunk) -> SenderInput {
        let ticket = read.ticket;
        let source = &self.sources[read.entry as usize];
        assert_eq!(*read.path, source.entry.path);
        if source.is_gone {
            return SenderInput::ReadFailed {
                ticket,
                failure: SourceFailure::Vanished,
            };
        }
        let version = EntryVersion {
            size_bytes: source.content.len() as u64,
            modified: stamp(source.stamp),
            file_number: 9,
        };
        let start = source
            .content
            .len()
            .min(usize::try_from(read.offset).unwrap());
        let end = source.content.len().min(start + read.length as usize);
        if source.entry.kind == EntryKind::Stream && start == end {
            return SenderInput::StreamEnded {
                entry: read.entry,
                size_bytes: source.content.len() as u64,
            };
        }
        let is_torn = read.expected.is_some_and(|expected| expected != version);
        if is_torn && self.chance.one_in(2) {
            return SenderInput::SourceChanged { ticket, version };
        }
        let data = Bytes::copy_from_slice(&source.content[start..end]);
        SenderInput::ChunkRead {
            ticket,
            digest: Digest::of(&data),
            data,
            version,
        }
    }

    pub fn do_receiver_job(&mut self) -> bool {
        if self.receiver_jobs.is_empty() {
            return false;
        }
        let place = self.chance.below(self.receiver_jobs.len());
        let job = self.receiver_jobs.swap_remove(place);
        if let Some(input) = self.do_job(job) {
            self.tell_receiver(input);
        }
        true
    }

    fn do_job(&mut self, job: ReceiverOutput) -> Option<ReceiverInput> {
        let failure = SinkFailure::DiskFull;
        let is_full = self.disk.is_full;
        Some(match job {
            ReceiverOutput::Prompt(summary) => {
                assert_eq!(summary, self.summary);
                self.disk.accepted = true;
                ReceiverInput::Accept
            }
            ReceiverOutput::StorePage { page, .. } if is_full => {
                ReceiverInput::PageFailed { page, failure }
            }
            ReceiverOutput::StorePage {
                page,
                first_entry,
                entries,
            } => {
                let known = self
                    .disk
                    .pages
                    .entry(page)
                    .or_insert((first_entry, entries.clone()));
                assert_eq!(
                    known,
                    &(first_entry, entries),
                    "a page is told the same twice"
                );
                let held = self.held(page);
                ReceiverInput::PageStored { page, held }
            }
            ReceiverOutput::ReviseEntry(revision) => {
                self.disk.revised.insert(revision.entry);
                return None;
            }
            ReceiverOutput::CompareChunk(digest) => {
                let name = digest.name;
                let stored = self.disk.chunks.get(&(name.entry, name.chunk));
                ReceiverInput::ChunkCompared {
                    name,
                    same: stored.is_some_and(|stored| Digest::of(stored) == digest.digest),
                }
            }
            ReceiverOutput::StoreChunk(store) => self.store(store),
            ReceiverOutput::FinishEntry(finish) if is_full => ReceiverInput::FinishFailed {
                entry: finish.entry,
                failure,
            },
            ReceiverOutput::FinishEntry(finish) => self.finish(&finish),
            ReceiverOutput::DropEntry { entry } => {
                assert!(self.disk.dropped.insert(entry) || self.disk.accepted);
                self.disk.chunks.retain(|(owner, _), _| *owner != entry);
                return None;
            }
            ReceiverOutput::Commit if is_full => ReceiverInput::CommitFailed { failure },
            ReceiverOutput::Commit => {
                self.disk.commits += 1;
                let digest = self.transfer_digest();
                self.disk.completion = Some(Completion {
                    digest,
                    skipped: self.receiver.entries_skipped(),
                });
                ReceiverInput::Committed { digest }
            }
            other => panic!("{other:?} is no job"),
        })
    }

    fn store(&mut self, store: StoreChunk) -> ReceiverInput {
        let name = store.name;
        let key = (name.entry, name.chunk);
        let twin = |job: &ReceiverOutput| match job {
            ReceiverOutput::StoreChunk(other) => (other.name.entry, other.name.chunk) == key,
            _ => false,
        };
        assert!(
            !self.receiver_jobs.iter().any(twin),
            "never two writes of one place"
        );
        if self.disk.is_full {
            let failure = SinkFailure::DiskFull;
            return ReceiverInput::WriteFailed { name, failure };
        }
        if Digest::of(&store.data) != store.digest {
            return ReceiverInput::ChunkCorrupt { name };
        }
        assert_eq!(store.offset, u64::from(name.chunk) * (1 << 20));
        self.disk.chunks.insert(key, store.data.to_vec());
        ReceiverInput::ChunkStored { name }
    }

    fn finish(&mut self, finish: &FinishEntry) -> ReceiverInput {
        let entry = finish.entry;
        let mut content = Vec::new();
        for chunk in 0..chunk_count(finish.size_bytes) {
            let chunk = u32::try_from(chunk).unwrap();
            let stored = &self.disk.chunks[&(entry, chunk)];
            let length = chunk_span(finish.size_bytes, u64::from(chunk)).unwrap().1;
            assert_eq!(stored.len(), length as usize, "chunks tile the file");
            content.extend_from_slice(stored);
        }
        self.disk.chunks.retain(|(owner, _), _| *owner != entry);
        let before = self.disk.finished.insert(entry, content);
        assert!(
            before.is_none() || before.as_deref() == Some(&[]),
            "an entry is finished once"
        );
        ReceiverInput::EntryFinished { entry }
    }

    fn held(&self, page: u32) -> HeldPage {
        let (first, entries) = &self.disk.pages[&page];
        let mut held = HeldPage::default();
        for (index, entry) in (*first..).zip(entries) {
            if self.disk.finished.contains_key(&index) {
                held.finished.insert(u64::from(index));
            } else if self.disk.dropped.contains(&index) {
                held.dropped.insert(u64::from(index));
            } else {
                let mut chunks = ChunkSet::new();
                let stored = self.disk.chunks.range((index, 0)..=(index, u32::MAX));
                stored.for_each(|((_, chunk), _)| {
                    chunks.insert(u64::from(*chunk));
                });
                if !chunks.is_empty() {
                    held.partial.push(HeldEntry {
                        revision: EntryRevision {
                            entry: index,
                            version: 0,
                            size_bytes: entry.size_bytes(),
                            modified: entry.modified,
                        },
                        chunks,
                        mixed: self.disk.revised.contains(&index),
                    });
                }
            }
        }
        held
    }

    fn transfer_digest(&self) -> Digest {
        let mut digest = TransferDigest::new();
        for (first, entries) in self.disk.pages.values() {
            for (index, entry) in (*first..).zip(entries) {
                let Some(content) = self.disk.finished.get(&index) else {
                    continue;
                };
                let mut file = FileDigest::new(content.len() as u64);
                for chunk in content.chunks(1 << 20) {
                    file.push(chunk.len() as u64, &Digest::of(chunk));
                }
                digest.push(
                    &entry.path,
                    entry.kind,
                    content.len() as u64,
                    &file.finish(),
                );
            }
        }
        digest.finish()
    }

    pub fn deliver_control(&mut self) -> bool {
        let to_receiver = self.chance.one_in(2);
        if to_receiver && let Some(message) = self.to_receiver.pop_front() {
            self.tell_receiver(ReceiverInput::MessageReceived(message));
            return true;
        }
        if let Some(message) = self.to_sender.pop_front() {
            self.tell_sender(SenderInput::MessageReceived(message));
            return true;
        }
        if let Some(message) = self.to_receiver.pop_front() {
            self.tell_receiver(ReceiverInput::MessageReceived(message));
            return true;
        }
        false
    }

    pub fn deliver_bulk(&mut self) -> bool {
        let first = self.chance.below(self.lanes.len());
        let count = self.lanes.len();
        for lane in (first..count).chain(0..first) {
            if let Some(message) = self.lanes[lane].pop_front() {
                let bytes = message.len() as u64;
                let message = self.damage(message);
                self.tell_receiver(ReceiverInput::BulkReceived(message));
                self.tell_sender(SenderInput::BulkSent { bytes });
                return true;
            }
        }
        false
    }

    /// Bends one payload byte of some messages.
    fn damage(&mut self, message: Bytes) -> Bytes {
        if self.damage == 0 || !self.chance.one_in(8) {
            return message;
        }
        self.damage -= 1;
        let mut bent = message.to_vec();
        *bent.last_mut().unwrap() ^= 1;
        bent.into()
    }

    /// Runs fairly until nothing moves any more.
    pub fn run(&mut self) {
        for _ in 0..2_000_000 {
            let moved = match self.chance.below(4) {
                0 => self.do_sender_job(),
                1 => self.do_receiver_job(),
                2 => self.deliver_bulk(),
                _ => self.deliver_control(),
            };
            if moved
                || self.do_sender_job()
                || self.do_receiver_job()
                || self.deliver_bulk()
                || self.deliver_control()
            {
                continue;
            }
            if !self.wait() {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    /// Lets time pass to the next deadline within a second.
    pub fn wait(&mut self) -> bool {
        let deadlines = [self.sender.deadline(), self.receiver.deadline()];
        let Some(next) = deadlines.into_iter().flatten().min() else {
            return false;
        };
        if next > self.now + Duration::from_secs(1) {
            return false;
        }
        self.now = self.now.max(next);
        self.tell_sender(SenderInput::Timeout);
        self.tell_receiver(ReceiverInput::Timeout);
        true
    }

    /// Checks what is on the receiver's disk against the sources.
    pub fn check_result(&self) {
        assert_eq!(self.violations, Vec::<String>::new());
        assert_eq!(self.disk.commits, 1, "committed exactly once");
        let Some(SenderOutcome::Completed(completion)) = self.outcome else {
            panic!("the sender ended with {:?}", self.outcome);
        };
        assert_eq!(Some(completion), self.disk.completion);
        for (index, source) in (0..).zip(&self.sources) {
            let Some(content) = self.disk.finished.get(&index) else {
                assert!(
                    self.disk.dropped.contains(&index),
                    "entry {index} is missing"
                );
                continue;
            };
            let is_version = source.history.contains(content);
            assert!(is_version, "entry {index} is one version, not a mixture");
        }
        assert!(self.open_pages() <= OPEN_PAGES);
    }

    fn open_pages(&self) -> usize {
        0
    }
}
