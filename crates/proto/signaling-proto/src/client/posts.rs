//! Posts without an outcome; they outlive sockets.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use model::limits::ENVELOPE_BYTES;
use model::{MailboxId, PostToken};

use crate::message::ClientToServer;

#[derive(Debug, Default)]
pub(super) struct Posts {
    posts: BTreeMap<u32, Post>,
    deadlines: BTreeSet<(Instant, u32)>,
    bytes: usize,
}

#[derive(Debug)]
pub(super) struct Post {
    pub(super) ticket: u64,
    pub(super) mailbox: MailboxId,
    pub(super) token: PostToken,
    pub(super) envelope: Vec<u8>,
    pub(super) deadline: Instant,
}

/// Too much waits already, or this is more than an envelope.
#[derive(Debug)]
pub(super) struct Full;

impl Posts {
    pub(super) fn add(&mut self, request: u32, post: Post) -> Result<(), Full> {
        let bytes = post.envelope.len();
        let largest = ENVELOPE_BYTES.into_iter().max().unwrap_or(0);
        if bytes > largest || self.posts.len() >= POSTS || self.bytes + bytes > POST_BYTES {
            return Err(Full);
        }
        self.bytes += bytes;
        self.deadlines.insert((post.deadline, request));
        self.posts.insert(request, post);
        Ok(())
    }

    pub(super) fn requests(&self) -> Vec<u32> {
        self.posts.keys().copied().collect()
    }

    /// Writes the message of a post that still has no outcome.
    pub(super) fn message(&self, request: u32, now: Instant) -> Option<ClientToServer> {
        let post = self.posts.get(&request)?;
        let left = post.deadline.saturating_duration_since(now) + ALMOST_A_SECOND;
        Some(ClientToServer::Post {
            request,
            mailbox: post.mailbox,
            token: post.token,
            lifetime_s: u16::try_from(left.as_secs()).unwrap_or(u16::MAX),
            envelope: post.envelope.clone(),
        })
    }

    /// Removes a post that has its outcome, and returns its ticket.
    pub(super) fn finish(&mut self, request: u32) -> Option<u64> {
        let post = self.posts.remove(&request)?;
        self.bytes -= post.envelope.len();
        self.deadlines.remove(&(post.deadline, request));
        Some(post.ticket)
    }

    /// Names a post whose lifetime is over.
    pub(super) fn first_expired(&self, now: Instant) -> Option<u32> {
        let (deadline, request) = self.deadlines.first()?;
        (*deadline <= now).then_some(*request)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }
}

/// One to each of a thousand contacts.
const POSTS: usize = 1_024;
/// Of the 32 MiB for all buffers of a process.
const POST_BYTES: usize = 4 * 1024 * 1024;
/// Rounds up.
const ALMOST_A_SECOND: Duration = Duration::from_millis(999);
