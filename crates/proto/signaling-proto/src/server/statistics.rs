use crate::message::PostOutcome;

/// What a node holds and what it has done since it started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Open sockets.
    pub sockets: usize,
    /// Bytes waiting to be sent on them.
    pub queue_bytes: usize,
    /// Mailboxes with a reader, or whose reader vanished a moment ago.
    pub mailboxes: usize,
    /// Bytes stored in them.
    pub stored_bytes: usize,
    /// Pairing codes, resting numbers included.
    pub codes: usize,
    /// Connections that got no socket.
    pub turned_away: u64,
    /// Sockets that the server closed.
    pub refused: u64,
    /// Claims of codes that were refused.
    pub failed_claims: u64,
    /// Posts by outcome.
    pub posts: PostCounts,
}

/// How many posts had which outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PostCounts {
    /// Put into the queue of a live socket.
    pub delivered: u64,
    /// Nobody read the mailbox, or the token was wrong.
    pub offline: u64,
    /// A queue was full.
    pub busy: u64,
    /// Stored, or not answered in time.
    pub unknown: u64,
}

impl Statistics {
    pub(super) fn count_post(&mut self, outcome: PostOutcome) {
        let counter = match outcome {
            PostOutcome::Delivered => &mut self.posts.delivered,
            PostOutcome::Offline => &mut self.posts.offline,
            PostOutcome::Busy => &mut self.posts.busy,
            PostOutcome::Unknown { .. } => &mut self.posts.unknown,
        };
        *counter += 1;
    }
}
