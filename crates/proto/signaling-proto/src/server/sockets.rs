//! The sockets of a node: whose they are, what waits in their queues.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::{MailboxId, SigningPublicKey};

use super::SocketId;
use super::address::{self, AddressKey};
use super::limits::SocketLimits;

#[derive(Debug)]
pub(super) struct Sockets {
    limits: SocketLimits,
    sockets: BTreeMap<SocketId, Socket>,
    per_address: BTreeMap<AddressKey, usize>,
    per_account: BTreeMap<SigningPublicKey, Vec<SocketId>>,
    queue_bytes: usize,
}

#[derive(Debug)]
pub(super) struct Socket {
    pub(super) address: AddressKey,
    pub(super) identity: Option<Identity>,
    pub(super) mailboxes: BTreeSet<MailboxId>,
    /// Mailboxes whose stored envelopes wait for room in the queue.
    pub(super) refilling: VecDeque<MailboxId>,
    /// Codes this socket issued or claimed and has not closed.
    pub(super) codes: BTreeSet<u32>,
    queue_messages: usize,
    queue_bytes: usize,
}

/// Who is behind a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) account: SigningPublicKey,
    pub(super) epoch: u64,
}

/// Why a connection gets no socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdmissionRefusal {
    /// Its address has as many as it may.
    TooManyFromAddress,
    /// The node has as many as it may, or is about to stop.
    NodeFull,
}

/// What happens to a device's other sockets when one more is authenticated.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Identified {
    /// Nothing.
    Welcome,
    /// This one is of the same process, which has evidently lost it.
    Superseding(SocketId),
    /// The new one must go.
    TooMany,
}

/// How much of a queue a message may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    /// What other devices say: the first half.
    Others,
    /// What the server answers: all of it.
    Own,
}

impl Sockets {
    pub(super) fn new(limits: SocketLimits) -> Self {
        Self {
            limits,
            sockets: BTreeMap::new(),
            per_address: BTreeMap::new(),
            per_account: BTreeMap::new(),
            queue_bytes: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.sockets.len()
    }

    pub(super) fn queue_bytes(&self) -> usize {
        self.queue_bytes
    }

    pub(super) fn ids(&self) -> Vec<SocketId> {
        self.sockets.keys().copied().collect()
    }

    pub(super) fn open(
        &mut self,
        id: SocketId,
        address: AddressKey,
    ) -> Result<(), AdmissionRefusal> {
        if self.sockets.len() >= self.limits.total {
            return Err(AdmissionRefusal::NodeFull);
        }
        let of_address = self.per_address.entry(address).or_default();
        if *of_address >= self.limits.per_address {
            return Err(AdmissionRefusal::TooManyFromAddress);
        }
        *of_address += 1;
        self.sockets.insert(id, Socket::new(address));
        Ok(())
    }

    pub(super) fn find(&mut self, id: SocketId) -> Option<&mut Socket> {
        self.sockets.get_mut(&id)
    }

    pub(super) fn is_identified(&self, id: SocketId) -> bool {
        let socket = self.sockets.get(&id);
        socket.is_some_and(|socket| socket.identity.is_some())
    }

    pub(super) fn identify(&mut self, id: SocketId, identity: Identity) -> Identified {
        let others = self.per_account.entry(identity.account).or_default();
        let sockets = &self.sockets;
        let older = others.iter().copied().find(|other| {
            let other = sockets.get(other).and_then(|socket| socket.identity);
            other.is_some_and(|other| other.epoch == identity.epoch)
        });
        if older.is_none() && others.len() >= self.limits.per_device {
            return Identified::TooMany;
        }
        others.push(id);
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.identity = Some(identity);
        }
        older.map_or(Identified::Welcome, Identified::Superseding)
    }

    pub(super) fn remove(&mut self, id: SocketId) -> Option<Socket> {
        let socket = self.sockets.remove(&id)?;
        self.queue_bytes -= socket.queue_bytes;
        address::release(&mut self.per_address, socket.address);
        if let Some(identity) = socket.identity {
            self.remove_from_account(id, identity.account);
        }
        Some(socket)
    }

    /// Whether `bytes` more fit into `share` of the queue.
    pub(super) fn has_room(&self, id: SocketId, bytes: usize, share: Share) -> bool {
        let Some(socket) = self.sockets.get(&id) else {
            return false;
        };
        let (parts, total) = match share {
            Share::Others => (1, self.limits.queue_bytes_total),
            Share::Own => (2, usize::MAX),
        };
        socket.queue_messages < self.limits.queue_messages * parts
            && socket.queue_bytes + bytes <= self.limits.queue_bytes * parts
            && self.queue_bytes.saturating_add(bytes) <= total
    }

    pub(super) fn queue(&mut self, id: SocketId, bytes: usize) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.queue_messages += 1;
            socket.queue_bytes += bytes;
            self.queue_bytes += bytes;
        }
    }

    pub(super) fn drain(&mut self, id: SocketId, messages: usize, bytes: usize) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            let bytes = bytes.min(socket.queue_bytes);
            socket.queue_messages = socket.queue_messages.saturating_sub(messages);
            socket.queue_bytes -= bytes;
            self.queue_bytes -= bytes;
        }
    }

    fn remove_from_account(&mut self, id: SocketId, account: SigningPublicKey) {
        let Some(sockets) = self.per_account.get_mut(&account) else {
            return;
        };
        sockets.retain(|other| *other != id);
        if sockets.is_empty() {
            self.per_account.remove(&account);
        }
    }
}

impl Socket {
    fn new(address: AddressKey) -> Self {
        Self {
            address,
            identity: None,
            mailboxes: BTreeSet::new(),
            refilling: VecDeque::new(),
            codes: BTreeSet::new(),
            queue_messages: 0,
            queue_bytes: 0,
        }
    }
}
