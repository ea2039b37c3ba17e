//! What waits to be sent, and how fast it may go.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use model::MailboxId;
use model::limits::SIGNALING_MESSAGE_BYTES;

use crate::message::{ClientToServer, Pace};
use crate::rate::Bucket;

/// Messages in order, sent below the server's pace.
///
/// A stalled network delivers at once what was sent over a while. So the pace keeps half of the burst in
/// hand, and at most a third of it is unanswered: together they never exceed what the server allows.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: VecDeque<Waiting>,
    unanswered: BTreeSet<u32>,
    window: usize,
    messages: Bucket,
    bytes: Bucket,
    resume_at: Option<Instant>,
}

/// A message that is written when its turn comes, from what is true then.
#[derive(Debug)]
pub(super) enum Waiting {
    Post { request: u32 },
    Subscribe { mailboxes: Vec<MailboxId> },
    Message(ClientToServer),
}

impl Queue {
    /// Starts empty, at the server's `pace`.
    pub(super) fn new(pace: Pace, now: Instant) -> Self {
        let rate = u64::from(pace.messages_per_second.max(1)) * 3;
        let burst = u64::from(pace.message_burst / 2).max(1);
        let refill = Duration::from_millis(burst * 4_000 / rate);
        let least_bytes = u64::try_from(SIGNALING_MESSAGE_BYTES).unwrap_or(u64::MAX);
        let bytes = u64::from(pace.bytes_per_minute / 2).max(least_bytes);
        Self {
            waiting: VecDeque::new(),
            unanswered: BTreeSet::new(),
            window: usize::try_from(pace.message_burst / 3).unwrap_or(1).max(1),
            messages: Bucket::new(burst, refill, now),
            bytes: Bucket::new(bytes, MINUTE, now),
            resume_at: None,
        }
    }

    pub(super) fn push(&mut self, waiting: Waiting) {
        self.waiting.push_back(waiting);
    }

    /// Takes the next message to write, if one may be sent now.
    pub(super) fn next(&mut self, now: Instant) -> Option<Waiting> {
        self.resume_at = None;
        if self.waiting.is_empty() || self.unanswered.len() >= self.window {
            return None;
        }
        if let Err(wait) = self.messages.take(1, now) {
            self.resume_at = Some(now + wait);
            return None;
        }
        self.waiting.pop_front()
    }

    /// Whether a message of this size may be sent now.
    pub(super) fn pay(&mut self, bytes: usize, now: Instant) -> bool {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let paid = self.bytes.take(bytes, now);
        self.resume_at = paid.err().map(|wait| now + wait);
        paid.is_ok()
    }

    /// Puts a message back that was too large for now.
    pub(super) fn put_back(&mut self, waiting: Waiting, now: Instant) {
        self.messages.refund(1, now);
        self.waiting.push_front(waiting);
    }

    /// Notes that nothing needs to be sent any more.
    pub(super) fn skip(&mut self, now: Instant) {
        self.messages.refund(1, now);
    }

    /// Notes that an answer is expected.
    pub(super) fn expect_answer(&mut self, request: u32) {
        self.unanswered.insert(request);
    }

    /// Notes that the answer came, or will not be waited for.
    pub(super) fn answered(&mut self, request: u32) {
        self.unanswered.remove(&request);
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.resume_at
    }
}

const MINUTE: Duration = Duration::from_secs(60);
