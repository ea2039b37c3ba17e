//! The receiving half of a transfer, without IO.
//!
//! Consent and sessions are in [`session`]; pages in [`manifest`]; pieces and digests arrive in
//! [`arriving`] and are put together in [`intake`]; what the disk answers is in [`storing`]; files that
//! change, vanish or end are in [`changing`].

mod arriving;
mod assembly;
mod changing;
mod disk;
mod entry;
mod intake;
mod interface;
mod manifest;
mod page;
mod reports;
mod session;
mod storing;

use std::collections::VecDeque;
use std::fmt;
use std::time::Instant;

use model::{Entropy, TransferId};

pub use interface::{
    CompletePage, FinishEntry, HeldEntry, HeldPage, ReceiverConfig, ReceiverEvent, ReceiverInput,
    ReceiverOutcome, ReceiverOutput, ReceiverStart, ReceiverViolation, ResumeState, StoreChunk,
};

use crate::pauses::Pauses;
use crate::stall::{Stall, StallClock};
use crate::{CancelReason, Offer, PauseReason, Side, ToSender, TransferMessage, Tuning};
use disk::Disk;
use intake::Intake;
use manifest::{Manifest, Totals};
use reports::Reports;
use session::{Consent, ConsentState};

/// The receiving half of a transfer.
#[derive(Debug)]
pub struct Receiver {
    setup: Setup,
    phase: Phase,
    consent: Consent,
    manifest: Manifest,
    intake: Intake,
    disk: Disk,
    reports: Reports,
    pauses: Pauses,
    stall: StallClock,
    /// Whether the sender said in this session that it told everything.
    is_all_sent: bool,
    corrupt_in_session: u32,
    outputs: VecDeque<ReceiverOutput>,
}

struct Setup {
    transfer: TransferId,
    tuning: Tuning,
    entropy: Box<dyn Entropy>,
}

/// Where the receiver stands with its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No session.
    Down,
    /// A session, and no consent in it.
    Up,
    /// Accepted in this session.
    Running,
    /// The sender broke the protocol; nothing happens in this session.
    Halted,
    /// The transfer ended.
    Over(ReceiverOutcome),
}

impl Receiver {
    /// Starts, or starts again after a restart; nothing happens before an offer arrives.
    pub fn new(config: ReceiverConfig, _now: Instant) -> Self {
        let mut consent = Consent {
            state: ConsentState::Unasked,
            offer: None,
            is_offered: false,
            has_left_out: false,
            bytes_per_s: None,
            checksums: false,
            offered_checksums: false,
        };
        let mut manifest = Manifest::new(&[]);
        let phase = match config.start {
            ReceiverStart::New => Phase::Down,
            ReceiverStart::Resumed(state) => {
                manifest = Manifest::new(&state.complete_pages);
                consent.state = ConsentState::Given;
                consent.offer = Some(Offer {
                    summary: state.summary,
                    pages: state.pages,
                    resume: true,
                    checksums: false,
                });
                Phase::Down
            }
            ReceiverStart::Completed(completion) => {
                Phase::Over(ReceiverOutcome::Completed(completion))
            }
            ReceiverStart::Canceled(reason) => {
                let by = Side::Own;
                Phase::Over(ReceiverOutcome::Canceled { by, reason })
            }
        };
        Self {
            phase,
            consent,
            manifest,
            intake: Intake::new(&config.tuning),
            disk: Disk::default(),
            reports: Reports::new(&config.tuning),
            pauses: Pauses::default(),
            stall: StallClock::new(config.tuning.stall_time),
            is_all_sent: false,
            corrupt_in_session: 0,
            outputs: VecDeque::new(),
            setup: Setup {
                transfer: config.transfer,
                tuning: config.tuning,
                entropy: config.entropy,
            },
        }
    }

    /// Sets the sizes for the next session; to be called while there is none.
    pub fn retune(&mut self, tuning: Tuning) {
        if self.phase == Phase::Down {
            self.intake = Intake::new(&tuning);
            self.reports = Reports::new(&tuning);
            self.setup.tuning = tuning;
        }
    }

    /// Asks for the plain SHA-256 of every file in the sessions accepted from now on.
    pub fn ask_for_checksums(&mut self) {
        self.consent.checksums = true;
    }

    /// Whether either side asks for the plain SHA-256 of every file in this session.
    pub fn wants_checksums(&self) -> bool {
        self.consent.checksums || self.consent.offered_checksums
    }

    /// Advances the transfer by one input.
    pub fn handle_input(&mut self, input: ReceiverInput, now: Instant) {
        if !self.is_over() || input.is_of_session() {
            self.handle(input, now);
        }
        if self.reports.is_due(now) {
            self.flush_reports();
        }
        let is_owed = self.is_running() && self.intake.is_waiting() && !self.pauses.is_paused();
        self.stall.watch(is_owed, now);
    }

    /// Returns the next request to the driver, or `None` when there is nothing left to do.
    pub fn poll_output(&mut self) -> Option<ReceiverOutput> {
        self.outputs.pop_front()
    }

    /// Returns the instant at which the driver must feed [`ReceiverInput::Timeout`].
    pub fn deadline(&self) -> Option<Instant> {
        let report = self.reports.deadline();
        report.into_iter().chain(self.stall.deadline()).min()
    }

    /// The transfer this is a half of.
    pub fn transfer(&self) -> TransferId {
        self.setup.transfer
    }

    /// The token of the consent in force: bulk messages that begin with it belong to this transfer.
    ///
    /// It stays until the session ends, so that what is still on its way finds the ended transfer.
    pub fn token(&self) -> Option<u64> {
        self.intake.token()
    }

    /// Bytes that are verified and on the disk, of the current versions of all files.
    pub fn bytes_done(&self) -> u64 {
        self.totals().bytes_done
    }

    /// Bytes of all entries as known now: changed files count as they are, skipped ones not at all.
    pub fn total_bytes(&self) -> u64 {
        self.totals().bytes
    }

    /// Entries that are finished.
    pub fn entries_done(&self) -> u64 {
        self.totals().entries_done
    }

    /// Entries that are left out.
    pub fn entries_skipped(&self) -> u64 {
        self.totals().entries_skipped
    }

    fn handle(&mut self, input: ReceiverInput, now: Instant) {
        match input {
            ReceiverInput::SessionUp => self.begin_session(),
            ReceiverInput::SessionDown => self.end_session(),
            ReceiverInput::MessageReceived(TransferMessage::ToReceiver(message)) => {
                self.handle_message(message, now);
            }
            ReceiverInput::MessageReceived(TransferMessage::ToSender(_)) => {
                self.violate(ReceiverViolation::UnexpectedMessage);
            }
            ReceiverInput::BulkReceived(message) => self.handle_bulk(message, now),
            ReceiverInput::Accept => self.accept(),
            ReceiverInput::Decline(reason) => self.decline(reason),
            ReceiverInput::Limit { bytes_per_s } => self.limit(bytes_per_s),
            ReceiverInput::Pause => self.pause(PauseReason::Person),
            ReceiverInput::Resume => self.resume(),
            ReceiverInput::Cancel => self.cancel(CancelReason::Person),
            ReceiverInput::SpaceAvailable => self.handle_space(),
            ReceiverInput::Timeout => self.handle_timeout(now),
            ReceiverInput::PageStored { page, held } => self.handle_page_stored(page, &held),
            ReceiverInput::PlaceRefused => self.cancel(CancelReason::Unwritable),
            ReceiverInput::PageRefused { page: _, entry } => {
                self.cancel(CancelReason::NameRefused { entry });
            }
            ReceiverInput::PageFailed { page, failure } => self.handle_page_failed(page, failure),
            ReceiverInput::ChunkStored { name } => self.handle_chunk_stored(name, now),
            ReceiverInput::TextRefused => self.cancel(CancelReason::NotText),
            ReceiverInput::ChunkCorrupt { name } => self.handle_chunk_corrupt(name),
            ReceiverInput::WriteFailed { name, failure } => self.handle_write_failed(name, failure),
            ReceiverInput::ChunkCompared { name, same } => {
                self.handle_chunk_compared(name, same, now);
            }
            ReceiverInput::EntryFinished { entry } => self.handle_entry_finished(entry),
            ReceiverInput::FinishFailed { entry, failure } => {
                self.handle_finish_failed(entry, failure);
            }
            ReceiverInput::Committed { digest } => self.handle_committed(digest),
            ReceiverInput::CommitFailed { failure } => self.handle_commit_failed(failure),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        match self.stall.check(now) {
            Some(Stall::Reconnect) => self.outputs.push_back(ReceiverOutput::Stalled),
            Some(Stall::Pause) => self.pause(PauseReason::Stalled),
            None => {}
        }
    }

    fn totals(&self) -> Totals {
        let announced = self.consent.offer.as_ref();
        let bytes = announced.map_or(0, |offer| offer.summary.bytes);
        self.manifest.totals(bytes)
    }

    fn flush_reports(&mut self) {
        for message in self.reports.take() {
            self.send(message);
        }
    }

    fn send(&mut self, message: ToSender) {
        let message = TransferMessage::ToSender(message);
        self.outputs.push_back(ReceiverOutput::Send(message));
    }

    fn tell(&mut self, event: ReceiverEvent) {
        self.outputs.push_back(ReceiverOutput::Event(event));
    }

    fn violate_on_error(&mut self, taken: Result<(), ReceiverViolation>) {
        if let Err(violation) = taken {
            self.violate(violation);
        }
    }

    fn violate(&mut self, violation: ReceiverViolation) {
        match self.phase {
            Phase::Up | Phase::Running => {
                self.drop_session_state();
                self.phase = Phase::Halted;
                self.outputs.push_back(ReceiverOutput::Violation(violation));
            }
            Phase::Down | Phase::Halted | Phase::Over(_) => {}
        }
    }
}

impl ReceiverInput {
    /// Whether an ended transfer still listens to it.
    fn is_of_session(&self) -> bool {
        matches!(
            self,
            Self::SessionUp | Self::SessionDown | Self::MessageReceived(_)
        )
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("transfer", &self.transfer)
            .field("tuning", &self.tuning)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
