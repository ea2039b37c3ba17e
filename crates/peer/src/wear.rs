//! How much of a DTLS session's life is used up.

use tokio::sync::watch;

/// Counts what one direction of a DTLS session carried, against what it may carry under its key.
#[derive(Debug)]
pub(crate) struct Wear {
    passed_bytes: watch::Sender<u64>,
    limit_bytes: u64,
}

impl Wear {
    pub(crate) fn new(limit_bytes: u64) -> Self {
        Self {
            passed_bytes: watch::Sender::new(0),
            limit_bytes,
        }
    }

    /// Counts `bytes`, unless they are too many.
    pub(crate) fn pass(&self, bytes: u64) -> bool {
        let mut may_pass = false;
        self.passed_bytes.send_if_modified(|passed| {
            let before = *passed;
            let after = passed.saturating_add(bytes);
            may_pass = after <= self.limit_bytes;
            if may_pass {
                *passed = after;
            }
            may_pass && self.eighths(before) < self.eighths(after)
        });
        may_pass
    }

    /// Whether so many eighths are used up.
    pub(crate) fn has_reached(&self, eighths: u64) -> bool {
        self.eighths(*self.passed_bytes.borrow()) >= eighths
    }

    /// Waits until so many eighths are used up.
    pub(crate) async fn reached(&self, eighths: u64) {
        let mut passed = self.passed_bytes.subscribe();
        let reached = passed.wait_for(|&passed| self.eighths(passed) >= eighths);
        reached.await.expect("the sender lives in self");
    }

    fn eighths(&self, passed_bytes: u64) -> u64 {
        passed_bytes.saturating_mul(8) / self.limit_bytes.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_carries_its_limit_and_not_one_byte_more() {
        let wear = Wear::new(100);
        assert!(wear.pass(60));
        assert!(!wear.pass(41));
        assert!(wear.pass(40));
        assert!(!wear.pass(1));
    }

    #[tokio::test]
    async fn an_eighth_is_reached_at_its_last_byte() {
        let wear = Wear::new(800);
        assert!(wear.pass(599));
        tokio::select! {
            biased;
            () = wear.reached(6) => panic!("reached too early"),
            () = std::future::ready(()) => {}
        }
        assert!(!wear.has_reached(6));
        let (_, passed) = tokio::join!(wear.reached(6), async { wear.pass(1) });
        assert!(passed && wear.has_reached(6));
    }
}
