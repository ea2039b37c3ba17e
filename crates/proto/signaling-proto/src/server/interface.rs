use std::net::IpAddr;

use model::MailboxId;

use super::gate::{Post, Request};
use super::sockets::AdmissionRefusal;
use crate::message::{PostOutcome, RelayGrant, ServerRefusal, ServerToClient};

/// One socket; its driver never uses a number twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub u64);

/// What the driver tells the server.
#[derive(Debug)]
pub enum ServerInput {
    /// Somebody wants a socket; answered by `Admit` or `TurnAway`.
    SocketOpened {
        /// Its number from now on.
        socket: SocketId,
        /// Where it comes from, as far as the driver trusts anybody to say.
        address: IpAddr,
    },
    /// The socket's gate let this pass.
    Requested {
        /// Which socket.
        socket: SocketId,
        /// What it asks for.
        request: Request,
    },
    /// Messages from [`ServerOutput::Send`] left this node.
    Sent {
        /// On which socket.
        socket: SocketId,
        /// How many.
        messages: usize,
        /// Their [`ServerToClient::queue_bytes`] together.
        bytes: usize,
    },
    /// The socket is closed.
    SocketClosed {
        /// Which one.
        socket: SocketId,
    },
    /// Answers [`ServerOutput::Forward`].
    Forwarded {
        /// Of the question.
        ticket: u64,
        /// What the other nodes said.
        outcome: PostOutcome,
    },
    /// Answers [`ServerOutput::GrantRelays`].
    RelaysGranted {
        /// Whom to tell.
        socket: SocketId,
        /// Of its request.
        request: u32,
        /// What to tell.
        grant: RelayGrant,
    },
    /// Another node forwards a post; answered by [`ServerOutput::Answer`].
    ForwardReceived {
        /// Named in the answer.
        ticket: u64,
        /// The post.
        post: Post,
    },
    /// A socket of another node reads this mailbox now.
    HeldElsewhere {
        /// Which one.
        mailbox: MailboxId,
        /// Of the process that reads it.
        epoch: u64,
    },
    /// The node is about to stop.
    Stop,
    /// The deadline from [`Server::deadline`] has passed.
    Timeout,
}

/// What the server asks the driver to do.
#[derive(Debug, PartialEq, Eq)]
pub enum ServerOutput {
    /// Let the socket in.
    Admit {
        /// Which one.
        socket: SocketId,
    },
    /// Close the connection without a socket.
    TurnAway {
        /// Which one.
        socket: SocketId,
        /// Why.
        reason: AdmissionRefusal,
    },
    /// Queue this on the socket, and report it with [`ServerInput::Sent`] when it has left.
    ///
    /// At most twice `queue_messages` and `queue_bytes` of [`SocketLimits`] wait at any time.
    Send {
        /// On which socket.
        socket: SocketId,
        /// What.
        message: ServerToClient,
    },
    /// Say why, then close the socket; it is forgotten already.
    Close {
        /// Which one.
        socket: SocketId,
        /// Why.
        reason: ServerRefusal,
    },
    /// Make credentials for the relays, and say so with [`ServerInput::RelaysGranted`].
    GrantRelays {
        /// Who asks.
        socket: SocketId,
        /// To answer.
        request: u32,
        /// The device, as relays count it: the same for all of its sockets, and told to nobody else.
        user: String,
    },
    /// Ask the other nodes for this mailbox, for a short time.
    Forward {
        /// To answer with [`ServerInput::Forwarded`].
        ticket: u64,
        /// The post.
        post: Post,
    },
    /// Tell the node that forwarded a post what became of it.
    Answer {
        /// Its question.
        ticket: u64,
        /// The answer.
        outcome: PostOutcome,
    },
    /// Tell the other nodes that this one holds the mailbox now.
    Hold {
        /// Which one.
        mailbox: MailboxId,
        /// Of the process that reads it.
        epoch: u64,
    },
    /// Tell the other nodes that this one does not hold the mailbox any more.
    Release {
        /// Which one.
        mailbox: MailboxId,
    },
}
