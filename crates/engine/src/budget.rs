//! The memory that transfers share: [`BUFFER_BUDGET_BYTES`] for the whole process.
//!
//! A transfer's window bounds everything that is on its way: what a sender queued, what connections buffer on
//! both sides, what a receiver puts together. So the windows, and what a sender reads ahead, are what is
//! shared out. The first transfers get all they can use, later ones less, and nobody waits or is cut down.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::limits::{BUFFER_BUDGET_BYTES, CHUNK_BYTES, UNCONFIRMED_BYTES};
use transfer_proto::{READ_AHEAD_BYTES, Tuning};

/// The memory of a process; clones are the same memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Budget {
    taken_bytes: Arc<AtomicUsize>,
}

/// What one transfer may use for the time of one session; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Share {
    taken_bytes: Arc<AtomicUsize>,
    bytes: usize,
}

impl Budget {
    /// Takes as much as a transfer can use, but no more than half of what is left, and no less than it needs.
    pub(crate) fn share(&self) -> Share {
        let mut bytes = LEAST_BYTES;
        let taken = |taken: usize| {
            let left = SHARED_BYTES.saturating_sub(taken);
            bytes = (left / 2).clamp(LEAST_BYTES, MOST_BYTES);
            Some(taken + bytes)
        };
        let order = Ordering::Relaxed;
        // The closure always has a next value.
        self.taken_bytes.fetch_update(order, order, taken).ok();
        Share {
            taken_bytes: self.taken_bytes.clone(),
            bytes,
        }
    }
}

impl Share {
    /// Half for the window, half for reading ahead of it; a window has at least one chunk.
    pub(crate) fn tuning(&self) -> Tuning {
        let half = u64::try_from(self.bytes / 2).unwrap_or(CHUNK_BYTES);
        let window_bytes = half.clamp(CHUNK_BYTES, UNCONFIRMED_BYTES);
        Tuning {
            window_bytes,
            queue_bytes: window_bytes,
            read_ahead_bytes: half.clamp(CHUNK_BYTES, READ_AHEAD_BYTES),
            ..Tuning::default()
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.taken_bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

const CHUNK: usize = 1024 * 1024;
/// What is left of the budget beside the control queues and what connections copy.
const SHARED_BYTES: usize = BUFFER_BUDGET_BYTES - 8 * CHUNK;
/// A window of one chunk, and one chunk read ahead of it.
const LEAST_BYTES: usize = 2 * CHUNK;
/// The whole window, and all that is read ahead of it.
const MOST_BYTES: usize = 8 * CHUNK;

#[cfg(test)]
mod tests {
    use super::*;

    fn used_bytes(shares: &[Share]) -> u64 {
        let tunings = shares.iter().map(Share::tuning);
        tunings
            .map(|tuning| tuning.window_bytes + tuning.read_ahead_bytes)
            .sum()
    }

    #[test]
    fn the_windows_of_several_transfers_fit_the_budget() {
        let budget = Budget::default();
        let mut shares = Vec::new();
        for _ in 0..5 {
            shares.push(budget.share());
            assert!(used_bytes(&shares) <= SHARED_BYTES as u64);
        }
        let first = shares[0].tuning();
        assert_eq!(first.window_bytes, UNCONFIRMED_BYTES);
        assert_eq!(first.read_ahead_bytes, READ_AHEAD_BYTES);
        // Everything is given out, and whoever still comes has the least there is.
        assert_eq!(used_bytes(&shares), SHARED_BYTES as u64);
        assert_eq!(budget.share().tuning().window_bytes, CHUNK_BYTES);
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let budget = Budget::default();
        drop((0..20).map(|_| budget.share()).collect::<Vec<_>>());
        assert_eq!(budget.share().bytes, MOST_BYTES);
    }
}
