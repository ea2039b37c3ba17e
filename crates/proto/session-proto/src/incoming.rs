use std::time::{Duration, Instant};

use model::limits::CONTROL_MESSAGE_BYTES;

use crate::outgoing::FRAGMENT_BYTES;
use crate::session::Violation;

/// How long an acknowledgement waits for something to travel with: memory at the peer depends on it,
/// not latency.
pub const ACKNOWLEDGE_TIME: Duration = Duration::from_millis(25);
/// Bytes that are acknowledged at once: a sixteenth of what the peer may have on its way.
pub const ACKNOWLEDGE_BYTES: usize = 256 * 1024;
/// Pieces that are acknowledged at once.
pub const ACKNOWLEDGE_FRAGMENTS: u32 = 64;

/// The receiving half of the numbered stream: joins pieces to messages and owes acknowledgements.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    /// The number that must come next.
    next: u64,
    /// The message of which the end has not come yet.
    partial: Vec<u8>,
    owed_bytes: usize,
    owed_fragments: u32,
    owed: Owed,
}

/// When the next acknowledgement goes out.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Owed {
    #[default]
    Nothing,
    By(Instant),
    Now,
}

impl Incoming {
    /// The number that must come next: what the peer is told after a move.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// Takes one piece; returns the message that it ends.
    pub(crate) fn accept(
        &mut self,
        number: u64,
        last: bool,
        bytes: &[u8],
        now: Instant,
    ) -> Result<Option<Vec<u8>>, Violation> {
        if number != self.next {
            return Err(Violation::Number);
        }
        if bytes.is_empty() || bytes.len() > FRAGMENT_BYTES {
            return Err(Violation::Malformed);
        }
        if self.partial.len() + bytes.len() > CONTROL_MESSAGE_BYTES {
            return Err(Violation::MessageTooLong);
        }
        self.next += 1;
        self.partial.extend_from_slice(bytes);
        self.owe(bytes.len(), now);
        Ok(last.then(|| std::mem::take(&mut self.partial)))
    }

    /// Makes the next acknowledgement immediate.
    pub(crate) fn owe_now(&mut self) {
        self.owed = Owed::Now;
    }

    /// Lets time pass.
    pub(crate) fn advance(&mut self, now: Instant) {
        if self.deadline().is_some_and(|by| by <= now) {
            self.owed = Owed::Now;
        }
    }

    /// When an acknowledgement must go even alone.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.owed {
            Owed::By(by) => Some(by),
            Owed::Nothing | Owed::Now => None,
        }
    }

    /// Takes the acknowledgement that is due, or any that is owed when it has `company`.
    pub(crate) fn take_acknowledgement(&mut self, company: bool) -> Option<u64> {
        let due = match self.owed {
            Owed::Nothing => false,
            Owed::By(_) => company,
            Owed::Now => true,
        };
        if !due {
            return None;
        }
        self.owed = Owed::Nothing;
        self.owed_bytes = 0;
        self.owed_fragments = 0;
        Some(self.next)
    }

    fn owe(&mut self, bytes: usize, now: Instant) {
        self.owed_bytes += bytes;
        self.owed_fragments += 1;
        if self.owed_bytes >= ACKNOWLEDGE_BYTES || self.owed_fragments >= ACKNOWLEDGE_FRAGMENTS {
            self.owed = Owed::Now;
        }
        if self.owed == Owed::Nothing {
            self.owed = Owed::By(now + ACKNOWLEDGE_TIME);
        }
    }
}

#[cfg(test)]
mod tests;
