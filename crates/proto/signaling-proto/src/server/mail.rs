//! What the node does with mailboxes: subscriptions, posts, and what was stored.

use std::time::Instant;

use model::{Digest, MailboxId};

use super::gate::Post;
use super::mailboxes::{Reader, Route, Storing};
use super::sockets::{Identity, Share, Socket};
use super::{Poster, Server, ServerOutput, SocketId};
use crate::message::{PostOutcome, QUEUE_OVERHEAD, ServerToClient, SubscribeOutcome};

impl Server {
    pub(super) fn subscribe(
        &mut self,
        id: SocketId,
        request: u32,
        mailboxes: &[(MailboxId, Digest)],
        now: Instant,
    ) {
        let Some(socket) = self.sockets.find(id) else {
            return;
        };
        let Some(Identity { epoch, .. }) = socket.identity else {
            return;
        };
        let address = socket.address;
        let room = self
            .mailboxes
            .check_room(&socket.mailboxes, address, mailboxes);
        if room.is_err() {
            let outcome = SubscribeOutcome::TooMany;
            self.send(id, ServerToClient::Subscribed { request, outcome });
            return;
        }

        socket
            .mailboxes
            .extend(mailboxes.iter().map(|(mailbox, _)| *mailbox));
        socket
            .refilling
            .extend(mailboxes.iter().map(|(mailbox, _)| *mailbox));
        let reader = Reader {
            socket: id,
            epoch,
            address,
        };
        for &(mailbox, token_hash) in mailboxes {
            if let Some(older) = self.mailboxes.subscribe(mailbox, token_hash, reader) {
                self.tell_replaced(mailbox, older, epoch);
            }
            self.outputs
                .push_back(ServerOutput::Hold { mailbox, epoch });
        }
        let outcome = SubscribeOutcome::Done;
        self.send(id, ServerToClient::Subscribed { request, outcome });
        self.refill(id, now);
    }

    pub(super) fn unsubscribe(&mut self, id: SocketId, mailboxes: &[MailboxId]) {
        for &mailbox in mailboxes {
            if let Some(socket) = self.sockets.find(id) {
                socket.mailboxes.remove(&mailbox);
            }
            if self.mailboxes.unsubscribe(mailbox, id) {
                self.outputs.push_back(ServerOutput::Release { mailbox });
            }
        }
    }

    fn tell_replaced(&mut self, mailbox: MailboxId, older: Reader, epoch: u64) {
        if let Some(socket) = self.sockets.find(older.socket) {
            socket.mailboxes.remove(&mailbox);
        }
        let foreign = older.epoch != epoch;
        self.send(
            older.socket,
            ServerToClient::MailboxReplaced { mailbox, foreign },
        );
    }

    pub(super) fn give_up(&mut self, mailbox: MailboxId, epoch: u64) {
        if let Some(reader) = self.mailboxes.give_up(mailbox) {
            self.tell_replaced(mailbox, reader, epoch);
        }
    }

    pub(super) fn post(&mut self, poster: Poster, post: Post, now: Instant) {
        let outcome = match (self.mailboxes.route(post.mailbox, &post.token_hash), poster) {
            (Route::Live(socket), _) => self.deliver(socket, post.mailbox, post.envelope),
            (Route::Store, _) => match self.mailboxes.store(post, now) {
                Storing::Stored => PostOutcome::Unknown {
                    retry_after_s: RETRY_AFTER_S,
                },
                Storing::Full => PostOutcome::Busy,
            },
            (Route::Barred, _) | (Route::Elsewhere, Poster::OtherNode { .. }) => {
                PostOutcome::Offline
            }
            (Route::Elsewhere, Poster::Socket { .. }) if self.forwarded.len() >= FORWARDED => {
                PostOutcome::Busy
            }
            (Route::Elsewhere, Poster::Socket { .. }) => {
                self.last_ticket += 1;
                let ticket = self.last_ticket;
                self.forwarded.insert(ticket, poster);
                self.outputs
                    .push_back(ServerOutput::Forward { ticket, post });
                return;
            }
        };
        self.answer_post(poster, outcome);
    }

    pub(super) fn answer_post(&mut self, poster: Poster, outcome: PostOutcome) {
        match poster {
            Poster::Socket { socket, request } => {
                self.statistics.count_post(outcome);
                self.send(socket, ServerToClient::Posted { request, outcome });
            }
            Poster::OtherNode { ticket } => {
                self.outputs
                    .push_back(ServerOutput::Answer { ticket, outcome });
            }
        }
    }

    fn deliver(&mut self, socket: SocketId, mailbox: MailboxId, envelope: Vec<u8>) -> PostOutcome {
        let message = ServerToClient::Envelope { mailbox, envelope };
        if !self
            .sockets
            .has_room(socket, message.queue_bytes(), Share::Others)
        {
            return PostOutcome::Busy;
        }
        self.send(socket, message);
        PostOutcome::Delivered
    }

    /// Moves stored envelopes into the queue of their reader, as far as there is room.
    pub(super) fn refill(&mut self, id: SocketId, now: Instant) {
        while let Some(&mailbox) = self
            .sockets
            .find(id)
            .and_then(|socket| socket.refilling.front())
        {
            let socket_reads = |socket: &mut Socket| socket.mailboxes.contains(&mailbox);
            let reads = self.sockets.find(id).is_some_and(socket_reads);
            let next = self
                .mailboxes
                .next_stored_bytes(mailbox, now)
                .filter(|_| reads);
            let Some(bytes) = next else {
                if let Some(socket) = self.sockets.find(id) {
                    socket.refilling.pop_front();
                }
                continue;
            };
            if !self
                .sockets
                .has_room(id, bytes + QUEUE_OVERHEAD, Share::Others)
            {
                return;
            }
            if let Some(envelope) = self.mailboxes.take_stored(mailbox) {
                self.send(id, ServerToClient::Envelope { mailbox, envelope });
            }
        }
    }
}

/// How soon a reader that vanished may be back: the second retry of a device comes by then.
const RETRY_AFTER_S: u16 = 10;
/// Posts about which other nodes are asked at a time.
const FORWARDED: usize = 65_536;
