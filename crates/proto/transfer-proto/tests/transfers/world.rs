//! A sender, a receiver, their disks and a network between them, all in memory and driven by chance.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use model::{DisplayName, EntryKind, TransferId};
use transfer_proto::*;

use crate::chance::{Chance, Draws};
use crate::disk::Disk;
use crate::source::Source;

pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) chance: Chance,
    pub(crate) sources: Vec<Source>,
    pub(crate) page_entries: usize,
    pub(crate) summary: Summary,
    pub(crate) sender: Sender,
    pub(crate) receiver: Receiver,
    pub(crate) sender_jobs: Vec<SenderOutput>,
    pub(crate) receiver_jobs: Vec<ReceiverOutput>,
    pub(crate) network: Network,
    pub(crate) disk: Disk,
    pub(crate) tally: Tally,
}

/// What is on its way.
#[derive(Default)]
pub(crate) struct Network {
    to_receiver: VecDeque<TransferMessage>,
    to_sender: VecDeque<TransferMessage>,
    lanes: [VecDeque<Bytes>; 4],
    is_up: bool,
    /// How many messages arrive with a bent byte of data.
    pub(crate) damage: u32,
    /// Whether either side lies.
    pub(crate) is_hostile: bool,
}

/// What was seen.
#[derive(Default)]
pub(crate) struct Tally {
    sent_earlier: u64,
    pub(crate) control_messages: u64,
    pub(crate) interruptions: u64,
    pub(crate) outcome: Option<SenderOutcome>,
    pub(crate) violations: Vec<String>,
}

pub(crate) const TRANSFER: TransferId = TransferId([7; 16]);

#[expect(
    clippy::disallowed_methods,
    reason = "the one place a test starts its clock"
)]
fn epoch() -> Instant {
    Instant::now()
}

impl World {
    pub(crate) fn new(sources: Vec<Source>, page_entries: usize, seed: u64) -> Self {
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
            kind: TransferKind::Files,
        };
        let pages = u32::try_from(sources.len().div_ceil(page_entries)).unwrap();
        let sender = Sender::new(
            SenderConfig {
                transfer: TRANSFER,
                summary: summary.clone(),
                pages,
                resume: false,
                left_out: LeftOut::default(),
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
            summary,
            sender,
            receiver,
            sender_jobs: Vec::new(),
            receiver_jobs: Vec::new(),
            network: Network::default(),
            disk: Disk::default(),
            tally: Tally::default(),
        }
    }

    pub(crate) fn pages(&self) -> u32 {
        u32::try_from(self.sources.len().div_ceil(self.page_entries)).unwrap()
    }

    pub(crate) fn sent_bytes(&self) -> u64 {
        self.tally.sent_earlier + self.sender.sent_bytes()
    }

    pub(crate) fn tell_sender(&mut self, input: SenderInput) {
        self.sender.handle_input(input, self.now);
        self.drain_sender();
    }

    pub(crate) fn tell_receiver(&mut self, input: ReceiverInput) {
        self.receiver.handle_input(input, self.now);
        self.drain_receiver();
    }

    pub(crate) fn session_up(&mut self) {
        if self.network.is_up {
            return;
        }
        self.network.is_up = true;
        self.tell_receiver(ReceiverInput::SessionUp);
        self.tell_sender(SenderInput::SessionUp);
    }

    pub(crate) fn session_down(&mut self) {
        if !self.network.is_up {
            return;
        }
        self.network.is_up = false;
        self.tally.interruptions += 1;
        self.network.to_receiver.clear();
        self.network.to_sender.clear();
        self.network.lanes.iter_mut().for_each(VecDeque::clear);
        self.tell_sender(SenderInput::SessionDown);
        self.tell_receiver(ReceiverInput::SessionDown);
    }

    pub(crate) fn connection_lost(&mut self) {
        let lane = self.chance.below(self.network.lanes.len());
        self.network.lanes[lane].clear();
        self.tally.interruptions += 1;
        self.tell_sender(SenderInput::ConnectionLost);
    }

    pub(crate) fn restart_sender(&mut self) {
        self.session_down();
        self.tally.sent_earlier += self.sender.sent_bytes();
        self.sender_jobs.clear();
        self.sender = Sender::new(
            SenderConfig {
                transfer: TRANSFER,
                summary: self.summary.clone(),
                pages: self.pages(),
                resume: self.disk.accepted,
                left_out: LeftOut::default(),
                tuning: Tuning::default(),
            },
            self.now,
        );
    }

    pub(crate) fn restart_receiver(&mut self) {
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
                tuning: Tuning::default(),
            },
            self.now,
        );
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
                    self.tally.control_messages += 1;
                    let message = Addressed::decode(&bytes).unwrap().message;
                    if self.network.is_up {
                        self.network.to_receiver.push_back(message);
                    }
                }
                SenderOutput::SendBulk { message } => {
                    let lane = self.chance.below(self.network.lanes.len());
                    if self.network.is_up {
                        self.network.lanes[lane].push_back(message);
                    }
                }
                SenderOutput::Event(_) => {}
                SenderOutput::Findings(_) | SenderOutput::Stalled => {}
                SenderOutput::Violation(violation) => {
                    self.tally
                        .violations
                        .push(format!("sender saw: {violation}"));
                }
                SenderOutput::Finished(outcome) => {
                    assert!(
                        self.network.is_hostile
                            || self.tally.outcome.is_none_or(|known| known == outcome),
                        "one outcome"
                    );
                    self.tally.outcome = Some(outcome);
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
                    self.tally.control_messages += 1;
                    let message = Addressed::decode(&addressed.encode()).unwrap().message;
                    if self.network.is_up {
                        self.network.to_sender.push_back(message);
                    }
                }
                ReceiverOutput::Event(_) => {}
                ReceiverOutput::LeftOut(_) | ReceiverOutput::Stalled => {}
                ReceiverOutput::Violation(violation) => {
                    self.tally
                        .violations
                        .push(format!("receiver saw: {violation}"));
                }
                ReceiverOutput::Finished(_) => {}
                ReceiverOutput::Discard => {
                    self.disk.discarded = true;
                }
                ReceiverOutput::ClosePage { .. } => {}
                job @ (ReceiverOutput::Prompt(_)
                | ReceiverOutput::StorePage { .. }
                | ReceiverOutput::ReviseEntry(_)
                | ReceiverOutput::CompareChunk(_)
                | ReceiverOutput::StoreChunk(_)
                | ReceiverOutput::FinishEntry(_)
                | ReceiverOutput::DropEntry { .. }
                | ReceiverOutput::Commit) => self.receiver_jobs.push(job),
            }
        }
    }

    pub(crate) fn do_receiver_job(&mut self) -> bool {
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

    pub(crate) fn deliver_control(&mut self) -> bool {
        let to_receiver = self.network.to_sender.is_empty() || self.chance.one_in(2);
        if to_receiver && let Some(message) = self.network.to_receiver.pop_front() {
            if let Some(message) = self.bend(message) {
                self.tell_receiver(ReceiverInput::MessageReceived(message));
            }
            return true;
        }
        if let Some(message) = self.network.to_sender.pop_front() {
            if let Some(message) = self.bend(message) {
                self.tell_sender(SenderInput::MessageReceived(message));
            }
            return true;
        }
        false
    }

    /// Changes some bytes of a message of a liar, or loses it.
    fn bend(&mut self, message: TransferMessage) -> Option<TransferMessage> {
        if !self.network.is_hostile || !self.chance.one_in(6) {
            return Some(message);
        }
        let addressed = Addressed {
            transfer: TRANSFER,
            message,
        };
        let mut bytes = addressed.encode();
        for _ in 0..1 + self.chance.below(3) {
            let place = 16 + self.chance.below(bytes.len() - 16);
            bytes[place] ^= 1 << self.chance.below(8);
        }
        let bent = Addressed::decode(&bytes).ok()?;
        Some(bent.message)
    }

    pub(crate) fn deliver_bulk(&mut self) -> bool {
        let first = self.chance.below(self.network.lanes.len());
        let count = self.network.lanes.len();
        for lane in (first..count).chain(0..first) {
            if let Some(message) = self.network.lanes[lane].pop_front() {
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
        if self.network.is_hostile && self.chance.one_in(6) {
            let mut bent = message.to_vec();
            let place = self.chance.below(bent.len().min(60));
            bent[place] ^= 1 << self.chance.below(8);
            return bent.into();
        }
        if self.network.damage == 0 || !self.chance.one_in(8) {
            return message;
        }
        self.network.damage -= 1;
        let mut bent = message.to_vec();
        *bent.last_mut().unwrap() ^= 1;
        bent.into()
    }

    /// Runs fairly until nothing moves any more.
    pub(crate) fn run(&mut self) {
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
    pub(crate) fn wait(&mut self) -> bool {
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
}
