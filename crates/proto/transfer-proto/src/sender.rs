//! The sending half of a transfer, without IO.

mod interface;

use std::time::Instant;

pub use interface::{
    ReadChunk, SenderConfig, SenderEvent, SenderInput, SenderOutcome, SenderOutput, SenderViolation,
};

/// The sending half of a transfer.
#[derive(Debug)]
pub struct Sender {
    config: SenderConfig,
}

impl Sender {
    /// Starts, or starts again after a restart; nothing happens before [`SenderInput::SessionUp`].
    pub fn new(config: SenderConfig, _now: Instant) -> Self {
        Self { config }
    }

    /// Advances the transfer by one input.
    pub fn handle_input(&mut self, _input: SenderInput, _now: Instant) {}

    /// Returns the next request to the driver, or `None` when there is nothing left to do.
    pub fn poll_output(&mut self) -> Option<SenderOutput> {
        None
    }

    /// Returns the instant at which the driver must feed [`SenderInput::Timeout`].
    pub fn deadline(&self) -> Option<Instant> {
        None
    }

    /// The transfer this is a half of.
    pub fn transfer(&self) -> model::TransferId {
        self.config.transfer
    }

    /// Bytes that are confirmed as stored by the receiver, of the current versions of all files.
    pub fn bytes_done(&self) -> u64 {
        0
    }

    /// Bytes of all entries as known now: changed files count as they are, skipped ones not at all.
    pub fn total_bytes(&self) -> u64 {
        0
    }

    /// Entries that need nothing more.
    pub fn entries_done(&self) -> u64 {
        0
    }

    /// Entries that are left out.
    pub fn entries_skipped(&self) -> u64 {
        0
    }

    /// Chunk bytes put into bulk messages so far in this run, repetitions included.
    pub fn sent_bytes(&self) -> u64 {
        0
    }
}
