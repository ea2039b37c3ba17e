//! The sending half of a transfer, without IO.
//!
//! Pages go ahead of data ([`manifest`]); chunks are read in order, several at once ([`reading`]), wait
//! for the window and are packed ([`line`]), and leave it when the receiver confirms them ([`confirming`]).
//! What a session begins and ends is in [`session`].

mod confirming;
mod entry;
mod interface;
mod line;
mod manifest;
mod page;
mod reading;
mod session;
mod standing;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use model::TransferId;

pub use interface::{
    ReadChunk, SenderConfig, SenderEvent, SenderInput, SenderOutcome, SenderOutput, SenderViolation,
};

pub use standing::EntryStanding;

use crate::pauses::Pauses;
use crate::stall::{Stall, StallClock};
use crate::{CancelReason, PageHave, PauseReason, Side, ToReceiver, ToSender, TransferMessage};
use line::Line;
use manifest::{Manifest, Step};
use page::Totals;
use reading::Reads;

/// The sending half of a transfer.
#[derive(Debug)]
pub struct Sender {
    config: SenderConfig,
    phase: Phase,
    manifest: Manifest,
    /// `PageStored` for pages that are still being read from the own manifest.
    haves: BTreeMap<u32, PageHave>,
    /// Pages of which the receiver told its findings in this session.
    found: BTreeSet<u32>,
    reads: Reads,
    line: Line,
    pauses: Pauses,
    stall: StallClock,
    counts: Counts,
    outputs: VecDeque<SenderOutput>,
}

/// Where the sender stands with its receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No session.
    Down,
    /// Offered in this session; a person may take long.
    Offered,
    /// Accepted in this session.
    Running {
        ceiling_bytes: u64,
        is_all_sent: bool,
    },
    /// The receiver broke the protocol; nothing happens in this session.
    Halted,
    /// The transfer ended; `last_word` is what the receiver does not know yet.
    Over { last_word: Option<CancelReason> },
}

#[derive(Debug, Default)]
struct Counts {
    /// Chunk bytes put into messages.
    sent_bytes: u64,
    /// Rejected chunks of this session.
    rejected: u32,
    /// Whether the receiver agreed at any time.
    was_accepted: bool,
    /// Whether this side asks for the plain SHA-256 of every file.
    asks_checksums: bool,
}

impl Sender {
    /// Starts, or starts again after a restart; nothing happens before [`SenderInput::SessionUp`].
    pub fn new(config: SenderConfig, _now: Instant) -> Self {
        Self {
            phase: Phase::Down,
            manifest: Manifest::new(config.pages),
            haves: BTreeMap::new(),
            found: BTreeSet::new(),
            reads: Reads::default(),
            line: Line::new(0, 0, &config.tuning),
            pauses: Pauses::default(),
            stall: StallClock::new(config.tuning.stall_time),
            counts: Counts {
                was_accepted: config.resume,
                ..Counts::default()
            },
            outputs: VecDeque::new(),
            config,
        }
    }

    /// Sets the sizes for the next session; to be called while there is none.
    pub fn retune(&mut self, tuning: crate::Tuning) {
        if matches!(self.phase, Phase::Down) {
            self.config.tuning = tuning;
        }
    }

    /// Asks for the plain SHA-256 of every file in the sessions from now on.
    pub fn ask_for_checksums(&mut self) {
        self.counts.asks_checksums = true;
    }

    /// Advances the transfer by one input.
    pub fn handle_input(&mut self, input: SenderInput, now: Instant) {
        if !self.is_over() || input.is_of_session() {
            self.handle(input, now);
        }
        self.advance(now);
    }

    /// Returns the next request to the driver, or `None` when there is nothing left to do.
    pub fn poll_output(&mut self) -> Option<SenderOutput> {
        self.outputs.pop_front()
    }

    /// Returns the instant at which the driver must feed [`SenderInput::Timeout`].
    pub fn deadline(&self) -> Option<Instant> {
        let flush = self.line.outbox.deadline();
        flush.into_iter().chain(self.stall.deadline()).min()
    }

    /// The transfer this is a half of.
    pub fn transfer(&self) -> TransferId {
        self.config.transfer
    }

    /// Bytes that are confirmed as stored by the receiver, of the current versions of all files.
    pub fn bytes_done(&self) -> u64 {
        self.totals().bytes_done
    }

    /// Bytes of all entries as known now: changed files count as they are, skipped ones not at all.
    pub fn total_bytes(&self) -> u64 {
        self.totals().bytes
    }

    /// Entries that need nothing more.
    pub fn entries_done(&self) -> u64 {
        self.totals().entries_done
    }

    /// Entries that were left out in this run.
    pub fn entries_skipped(&self) -> u64 {
        self.totals().entries_skipped
    }

    /// Chunk bytes put into bulk messages so far in this run, repetitions included.
    pub fn sent_bytes(&self) -> u64 {
        self.counts.sent_bytes
    }

    fn handle(&mut self, input: SenderInput, now: Instant) {
        match input {
            SenderInput::SessionUp => self.begin_session(),
            SenderInput::SessionDown => self.end_session(),
            SenderInput::ConnectionLost => self.handle_connection_lost(),
            SenderInput::MessageReceived(TransferMessage::ToSender(message)) => {
                self.handle_message(message, now);
            }
            SenderInput::MessageReceived(TransferMessage::ToReceiver(_)) => {
                self.violate(SenderViolation::UnexpectedMessage);
            }
            SenderInput::PageRead { page, entries } => self.handle_page_read(page, entries),
            SenderInput::PageLost { page: _ } => self.cancel(CancelReason::ManifestLost),
            SenderInput::ChunkRead {
                ticket,
                data,
                digest,
                version,
            } => self.handle_chunk_read(ticket, line::LoadedChunk { data, digest }, version),
            SenderInput::SourceChanged { ticket, version } => {
                self.handle_source_changed(ticket, version);
            }
            SenderInput::ReadFailed { ticket, failure } => self.handle_read_failed(ticket, failure),
            SenderInput::StreamEnded { entry, size_bytes } => {
                self.handle_stream_ended(entry, size_bytes);
            }
            SenderInput::BulkSent { bytes } => {
                self.line.note_sent(bytes);
                self.stall.delay(now);
            }
            SenderInput::Pause => self.pause(PauseReason::Person),
            SenderInput::Resume => self.resume(),
            SenderInput::Cancel => self.cancel(CancelReason::Person),
            SenderInput::Timeout => self.handle_timeout(now),
        }
    }

    fn handle_message(&mut self, message: ToSender, now: Instant) {
        match self.phase {
            Phase::Down | Phase::Halted => {}
            Phase::Offered => self.handle_answer(message),
            Phase::Running { .. } => self.handle_running(message, now),
            Phase::Over { .. } => {
                if let ToSender::Complete(_) = message {
                    self.send(ToReceiver::CompleteSeen);
                }
            }
        }
    }

    fn handle_running(&mut self, message: ToSender, now: Instant) {
        match message {
            ToSender::Accept(_) | ToSender::Decline(_) | ToSender::Receipt(_) => {
                self.violate(SenderViolation::UnexpectedMessage);
            }
            ToSender::Findings(findings) => self.handle_findings(findings),
            ToSender::PageStored(have) => self.handle_page_stored(have),
            ToSender::PageFinished { page } => self.handle_page_finished(page, now),
            ToSender::ChunksStored(names) => self.handle_chunks_stored(&names, now),
            ToSender::ChunksWanted(names) => self.handle_chunks_wanted(&names),
            ToSender::ChunkRejected(name) => self.handle_chunk_rejected(name),
            ToSender::EntryKept { entry } => self.handle_entry_kept(entry),
            ToSender::EntryReleased { entry, below } => self.line.window.release(entry, below),
            ToSender::Complete(completion) => self.handle_complete(completion),
            ToSender::Pause(reason) => self.set_peer_pause(Some(reason)),
            ToSender::Resume => self.set_peer_pause(None),
            ToSender::Cancel(reason) => self.end_by_peer(reason),
            ToSender::Limit { bytes_per_s } => self.tell(SenderEvent::Limited { bytes_per_s }),
        }
    }

    /// Does whatever has become possible.
    fn advance(&mut self, now: Instant) {
        if let Phase::Running { .. } = self.phase {
            self.walk_pages();
            if !self.pauses.is_paused() {
                self.send_chunks(now);
                self.request_reads();
            }
            self.flush_unless_filling(now);
            self.announce_end();
        }
        let is_running = matches!(self.phase, Phase::Running { .. });
        let is_owed = is_running && !self.line.window.is_empty() && !self.pauses.is_paused();
        self.stall.watch(is_owed, now);
    }

    fn walk_pages(&mut self) {
        loop {
            match self.manifest.step() {
                Step::Read(page) => self.outputs.push_back(SenderOutput::ReadPage { page }),
                Step::Tell(page) => {
                    self.send(ToReceiver::Page(page));
                    continue;
                }
                Step::Wait => {}
            }
            break;
        }
        self.apply_haves();
    }

    fn send_chunks(&mut self, now: Instant) {
        while let Some((name, chunk)) = self.line.take_sendable() {
            let mut messages = Vec::new();
            let outbox = &mut self.line.outbox;
            outbox.push(name, &chunk, now, |message| messages.push(message));
            self.line.window.insert(name, chunk.named(name).length);
            self.counts.sent_bytes += chunk.data.len() as u64;
            for message in messages {
                self.send_bulk(message);
            }
            if let Some(digests) = self.line.outbox.take_full_digests() {
                self.send(ToReceiver::Digests(digests));
            }
        }
    }

    /// Sends what is not full when nothing is about to fill it.
    fn flush_unless_filling(&mut self, now: Instant) {
        let Some(deadline) = self.line.outbox.deadline() else {
            return;
        };
        let is_filling = !self.reads.is_empty() && self.line.shelf.is_empty();
        if is_filling && now < deadline && !self.pauses.is_paused() {
            return;
        }
        if let Some(digests) = self.line.outbox.take_digests() {
            self.send(ToReceiver::Digests(digests));
        }
        if let Some(message) = self.line.outbox.take_message() {
            self.send_bulk(message);
        }
    }

    fn announce_end(&mut self) {
        let Phase::Running { is_all_sent, .. } = &mut self.phase else {
            return;
        };
        let has_work = !self.reads.is_empty() || !self.line.shelf.is_empty();
        if *is_all_sent || has_work || self.line.outbox.deadline().is_some() {
            return;
        }
        if !self.manifest.is_told_entirely() || self.manifest.next_unread().is_some() {
            return;
        }
        *is_all_sent = true;
        self.send(ToReceiver::AllSent);
    }

    fn handle_timeout(&mut self, now: Instant) {
        match self.stall.check(now) {
            Some(Stall::Reconnect) => self.outputs.push_back(SenderOutput::Stalled),
            Some(Stall::Pause) => self.pause(PauseReason::Stalled),
            None => {}
        }
    }

    fn totals(&self) -> Totals {
        self.manifest.totals(self.config.summary.bytes)
    }

    fn send(&mut self, message: ToReceiver) {
        let message = TransferMessage::ToReceiver(message);
        self.outputs.push_back(SenderOutput::Send(message));
    }

    fn send_bulk(&mut self, message: bytes::Bytes) {
        self.line.note_queued(message.len());
        self.outputs.push_back(SenderOutput::SendBulk { message });
    }

    fn tell(&mut self, event: SenderEvent) {
        self.outputs.push_back(SenderOutput::Event(event));
    }

    fn violate(&mut self, violation: SenderViolation) {
        match self.phase {
            Phase::Offered | Phase::Running { .. } => {
                self.drop_session_state();
                self.phase = Phase::Halted;
                self.outputs.push_back(SenderOutput::Violation(violation));
            }
            Phase::Down | Phase::Halted | Phase::Over { .. } => {}
        }
    }

    fn pause(&mut self, reason: PauseReason) {
        if !self.pauses.pause(reason) || self.is_over() {
            return;
        }
        let by = Side::Own;
        self.tell(SenderEvent::Paused { by, reason });
        if self.is_up() {
            self.send(ToReceiver::Pause(reason));
        }
    }

    fn resume(&mut self) {
        if !self.pauses.lift_all() || self.is_over() {
            return;
        }
        self.tell(SenderEvent::Resumed { by: Side::Own });
        if self.is_up() {
            self.send(ToReceiver::Resume);
        }
    }

    fn set_peer_pause(&mut self, reason: Option<PauseReason>) {
        if !self.pauses.set_peer(reason) {
            return;
        }
        let by = Side::Peer;
        self.tell(match reason {
            Some(reason) => SenderEvent::Paused { by, reason },
            None => SenderEvent::Resumed { by },
        });
    }

    /// Whether the receiver listens to this transfer in this session.
    fn is_up(&self) -> bool {
        matches!(self.phase, Phase::Offered | Phase::Running { .. })
    }

    fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over { .. })
    }
}

impl SenderInput {
    /// Whether an ended transfer still listens to it.
    fn is_of_session(&self) -> bool {
        matches!(
            self,
            Self::SessionUp | Self::SessionDown | Self::MessageReceived(_)
        )
    }
}

#[cfg(test)]
mod tests;
