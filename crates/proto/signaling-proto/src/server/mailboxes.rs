//! Who reads which mailbox, and what is kept for readers that vanished a moment ago.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use model::{Digest, MailboxId};

use super::SocketId;
use super::address::AddressKey;
use super::gate::Post;
use super::limits::MailboxLimits;

#[derive(Debug)]
pub(super) struct Mailboxes {
    limits: MailboxLimits,
    mailboxes: BTreeMap<MailboxId, Mailbox>,
    /// Mailboxes without a reader, by the end of their time.
    vanished: BTreeSet<(Instant, MailboxId)>,
    per_address: BTreeMap<AddressKey, usize>,
    stored_bytes: usize,
}

#[derive(Debug)]
struct Mailbox {
    token_hash: Digest,
    reader: Reader,
    presence: Presence,
    stored: VecDeque<Stored>,
}

/// The socket that reads a mailbox, or did so last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reader {
    pub(super) socket: SocketId,
    pub(super) epoch: u64,
    pub(super) address: AddressKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Live,
    Vanished { until: Instant },
}

#[derive(Debug)]
struct Stored {
    expires: Instant,
    envelope: Vec<u8>,
}

/// Where a post goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Into the queue of this socket.
    Live(SocketId),
    /// Into the mailbox: its reader vanished, or must first read what is stored there.
    Store,
    /// Nowhere: the token is wrong.
    Barred,
    /// Nobody reads it on this node.
    Elsewhere,
}

/// The answer to a post that was to be stored.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Storing {
    /// Kept.
    Stored,
    /// No room.
    Full,
}

/// Why nothing was subscribed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoRoom;

impl Mailboxes {
    pub(super) fn new(limits: MailboxLimits) -> Self {
        Self {
            limits,
            mailboxes: BTreeMap::new(),
            vanished: BTreeSet::new(),
            per_address: BTreeMap::new(),
            stored_bytes: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.mailboxes.len()
    }

    pub(super) fn stored_bytes(&self) -> usize {
        self.stored_bytes
    }

    /// Whether a reader that reads `own` mailboxes may also read all of `wanted`.
    pub(super) fn check_room(
        &self,
        own: &BTreeSet<MailboxId>,
        address: AddressKey,
        wanted: &[(MailboxId, Digest)],
    ) -> Result<(), NoRoom> {
        let more = |known: &dyn Fn(&MailboxId) -> bool| {
            wanted.iter().filter(|(mailbox, _)| !known(mailbox)).count()
        };
        let more_of_socket = more(&|mailbox| own.contains(mailbox));
        let more_of_node = more(&|mailbox| self.mailboxes.contains_key(mailbox));
        let more_of_address = more(&|mailbox| {
            let held = self.mailboxes.get(mailbox);
            held.is_some_and(|held| held.reader.address == address)
        });
        let of_address = self.per_address.get(&address).copied().unwrap_or(0);
        let fits = own.len() + more_of_socket <= self.limits.per_socket
            && of_address + more_of_address <= self.limits.per_address
            && self.len() + more_of_node <= self.limits.total;
        fits.then_some(()).ok_or(NoRoom)
    }

    /// Makes `reader` the reader of `mailbox` and returns the live reader it replaces.
    pub(super) fn subscribe(
        &mut self,
        mailbox: MailboxId,
        token_hash: Digest,
        reader: Reader,
    ) -> Option<Reader> {
        *self.per_address.entry(reader.address).or_default() += 1;
        let Some(held) = self.mailboxes.get_mut(&mailbox) else {
            let new = Mailbox {
                token_hash,
                reader,
                presence: Presence::Live,
                stored: VecDeque::new(),
            };
            self.mailboxes.insert(mailbox, new);
            return None;
        };

        let before = std::mem::replace(&mut held.reader, reader);
        let presence = std::mem::replace(&mut held.presence, Presence::Live);
        held.token_hash = token_hash;
        self.release_address(before.address);
        match presence {
            Presence::Live if before.socket != reader.socket => Some(before),
            Presence::Live => None,
            Presence::Vanished { until } => {
                self.vanished.remove(&(until, mailbox));
                None
            }
        }
    }

    /// Removes a mailbox that `socket` reads; tells whether it did.
    pub(super) fn unsubscribe(&mut self, mailbox: MailboxId, socket: SocketId) -> bool {
        let reads = self.is_live(mailbox, socket);
        if reads {
            self.remove(mailbox);
        }
        reads
    }

    /// Notes that the socket which reads `mailbox` closed.
    pub(super) fn vanish(&mut self, mailbox: MailboxId, socket: SocketId, now: Instant) {
        if !self.is_live(mailbox, socket) {
            return;
        }
        let until = now + Duration::from_secs(self.limits.stored_s.into());
        if let Some(held) = self.mailboxes.get_mut(&mailbox) {
            held.presence = Presence::Vanished { until };
            self.vanished.insert((until, mailbox));
        }
    }

    /// Forgets a mailbox that a socket of another node reads now; returns the live reader here.
    pub(super) fn give_up(&mut self, mailbox: MailboxId) -> Option<Reader> {
        let held = self.remove(mailbox)?;
        match held.presence {
            Presence::Live => Some(held.reader),
            Presence::Vanished { .. } => None,
        }
    }

    pub(super) fn route(&self, mailbox: MailboxId, token_hash: &Digest) -> Route {
        let Some(held) = self.mailboxes.get(&mailbox) else {
            return Route::Elsewhere;
        };
        if held.token_hash != *token_hash {
            return Route::Barred;
        }
        match held.presence {
            // Envelopes are numbered: none may overtake a stored one.
            Presence::Live if held.stored.is_empty() => Route::Live(held.reader.socket),
            Presence::Live | Presence::Vanished { .. } => Route::Store,
        }
    }

    pub(super) fn store(&mut self, post: Post, now: Instant) -> Storing {
        self.drop_expired(post.mailbox, now);
        let Some(held) = self.mailboxes.get_mut(&post.mailbox) else {
            return Storing::Full;
        };
        let size = post.envelope.len();
        let kept: usize = held.stored.iter().map(|stored| stored.envelope.len()).sum();
        let fits = held.stored.len() < self.limits.stored_messages
            && kept + size <= self.limits.stored_bytes
            && self.stored_bytes + size <= self.limits.stored_bytes_total;
        if !fits {
            return Storing::Full;
        }
        self.stored_bytes += size;
        held.stored.push_back(Stored {
            expires: now + post.lifetime,
            envelope: post.envelope,
        });
        Storing::Stored
    }

    /// The size of the oldest stored envelope that is still worth delivering.
    pub(super) fn next_stored_bytes(&mut self, mailbox: MailboxId, now: Instant) -> Option<usize> {
        self.drop_expired(mailbox, now);
        let next = self.mailboxes.get(&mailbox)?.stored.front()?;
        Some(next.envelope.len())
    }

    pub(super) fn take_stored(&mut self, mailbox: MailboxId) -> Option<Vec<u8>> {
        let stored = self.mailboxes.get_mut(&mailbox)?.stored.pop_front()?;
        self.stored_bytes -= stored.envelope.len();
        Some(stored.envelope)
    }

    /// Removes the mailboxes whose readers did not come back, and returns them.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<MailboxId> {
        let mut gone = Vec::new();
        while let Some(&(until, mailbox)) = self.vanished.first() {
            if until > now {
                break;
            }
            self.remove(mailbox);
            gone.push(mailbox);
        }
        gone
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.vanished.first().map(|(until, _)| *until)
    }

    fn is_live(&self, mailbox: MailboxId, socket: SocketId) -> bool {
        self.mailboxes
            .get(&mailbox)
            .is_some_and(|held| held.reader.socket == socket && held.presence == Presence::Live)
    }

    fn drop_expired(&mut self, mailbox: MailboxId, now: Instant) {
        let Some(held) = self.mailboxes.get_mut(&mailbox) else {
            return;
        };
        let stored_bytes = &mut self.stored_bytes;
        held.stored.retain(|stored| {
            let keep = stored.expires > now;
            if !keep {
                *stored_bytes -= stored.envelope.len();
            }
            keep
        });
    }

    fn remove(&mut self, mailbox: MailboxId) -> Option<Mailbox> {
        let held = self.mailboxes.remove(&mailbox)?;
        if let Presence::Vanished { until } = held.presence {
            self.vanished.remove(&(until, mailbox));
        }
        for stored in &held.stored {
            self.stored_bytes -= stored.envelope.len();
        }
        self.release_address(held.reader.address);
        Some(held)
    }

    fn release_address(&mut self, address: AddressKey) {
        super::address::release(&mut self.per_address, address);
    }
}
