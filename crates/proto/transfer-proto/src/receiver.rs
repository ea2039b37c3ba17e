//! The receiving half of a transfer, without IO.

mod interface;

use std::time::Instant;

pub use interface::{
    CompletePage, FinishEntry, HeldEntry, HeldPage, ReceiverConfig, ReceiverEvent, ReceiverInput,
    ReceiverOutcome, ReceiverOutput, ReceiverStart, ReceiverViolation, ResumeState, StoreChunk,
};

/// The receiving half of a transfer.
pub struct Receiver {
    config: ReceiverConfig,
}

impl Receiver {
    /// Starts, or starts again after a restart; nothing happens before an offer arrives.
    pub fn new(config: ReceiverConfig, _now: Instant) -> Self {
        Self { config }
    }

    /// Advances the transfer by one input.
    pub fn handle_input(&mut self, _input: ReceiverInput, _now: Instant) {}

    /// Returns the next request to the driver, or `None` when there is nothing left to do.
    pub fn poll_output(&mut self) -> Option<ReceiverOutput> {
        None
    }

    /// Returns the instant at which the driver must feed [`ReceiverInput::Timeout`].
    pub fn deadline(&self) -> Option<Instant> {
        None
    }

    /// The transfer this is a half of.
    pub fn transfer(&self) -> model::TransferId {
        self.config.transfer
    }

    /// The token of the consent in force: bulk messages that begin with it belong to this transfer.
    pub fn token(&self) -> Option<u64> {
        None
    }

    /// Bytes that are verified and on the disk, of the current versions of all files.
    pub fn bytes_done(&self) -> u64 {
        0
    }

    /// Bytes of all entries as known now: changed files count as they are, skipped ones not at all.
    pub fn total_bytes(&self) -> u64 {
        0
    }

    /// Entries that are finished.
    pub fn entries_done(&self) -> u64 {
        0
    }

    /// Entries that are left out.
    pub fn entries_skipped(&self) -> u64 {
        0
    }
}
