use std::time::{Duration, Instant};

use model::{Digest, DirectionKeys, MailboxId, PostToken, SigningPublicKey};

use crate::message::{
    CodeRefusal, PairingEnd, PairingMood, PostOutcome, RelayGrant, ServerRefusal,
};

/// A mailbox this device wants to read.
#[derive(Debug, Clone)]
pub struct MailboxSubscription {
    /// The key whose hash names the mailbox.
    pub public_key: SigningPublicKey,
    /// The mailbox.
    pub mailbox: MailboxId,
    /// The SHA-256 of the token that posters must show.
    pub token_hash: Digest,
    /// Signs the server's challenge.
    pub prove: DirectionKeys,
}

impl MailboxSubscription {
    /// The subscription to what a contact posts for this device on one day.
    pub fn of(to_own: DirectionKeys) -> Self {
        Self {
            public_key: to_own.mailbox_key(),
            mailbox: to_own.mailbox(),
            token_hash: Digest::of(&to_own.post_token.0),
            prove: to_own,
        }
    }
}

/// What the driver tells the client.
#[derive(Debug)]
pub enum ClientInput {
    /// The socket that [`ClientOutput::OpenSocket`] asked for is open.
    SocketOpened,
    /// It could not be opened, or closed. Not told after [`ClientOutput::CloseSocket`].
    SocketClosed,
    /// A binary message arrived.
    MessageReceived(Vec<u8>),
    /// The whole set of mailboxes to read from now on; only differences go over the wire.
    SetMailboxes(Vec<MailboxSubscription>),
    /// Posts an envelope, now or after the next reconnect; answered by [`ClientEvent::PostFinished`].
    Post {
        /// Named in the answer.
        ticket: u64,
        /// Where to.
        mailbox: MailboxId,
        /// The peer's token.
        token: PostToken,
        /// At most the largest of `model::limits::ENVELOPE_BYTES`.
        envelope: Vec<u8>,
        /// After this time the envelope is not worth delivering any more.
        lifetime: Duration,
    },
    /// Asks for the number of a new code.
    AllocateCode {
        /// Named in the answer.
        ticket: u64,
    },
    /// Asks for the other side of somebody's code.
    ClaimCode {
        /// Named in the answer.
        ticket: u64,
        /// The number of that code.
        nameplate: u32,
    },
    /// Says something to the other side of an open code.
    SendPairing {
        /// The code's number.
        nameplate: u32,
        /// At most [`model::limits::PAIRING_MESSAGE_BYTES`].
        body: Vec<u8>,
    },
    /// Ends this side of a code.
    ClosePairing {
        /// The code's number.
        nameplate: u32,
        /// How it went.
        mood: PairingMood,
    },
    /// Asks for relays; answered by [`ClientEvent::RelaysReceived`], again and again before the credentials
    /// expire, until the socket is lost.
    AskRelays,
    /// Something about the network changed: waiting is pointless, and an open socket may be dead.
    NetworkChanged,
    /// What the socket was opened over is gone: the next one is opened at once.
    NetworkMoved,
    /// The deadline from [`super::Client::deadline`] has passed.
    Timeout,
}

/// What the client asks the driver to do, and what it tells.
#[derive(Debug, PartialEq, Eq)]
pub enum ClientOutput {
    /// Open a socket; answer with `SocketOpened` or, within a bounded time, `SocketClosed`.
    OpenSocket,
    /// Close the socket; it is forgotten already.
    CloseSocket,
    /// Send this as one binary message.
    Send(Vec<u8>),
    /// Tell whoever uses the client.
    Event(ClientEvent),
}

/// What the client tells whoever uses it.
#[derive(Debug, PartialEq, Eq)]
pub enum ClientEvent {
    /// The server knows this device.
    Online,
    /// There is no connection.
    Offline {
        /// When the next one will be tried.
        retry_at: Instant,
    },
    /// A post has its outcome. Terminal for its ticket.
    PostFinished {
        /// Of the post.
        ticket: u64,
        /// `Busy` also if too much waits to be sent, `Unknown` also if its lifetime is over.
        outcome: PostOutcome,
    },
    /// Somebody posted to a mailbox of this device.
    EnvelopeReceived {
        /// Which one.
        mailbox: MailboxId,
        /// Sealed, from outside.
        envelope: Vec<u8>,
    },
    /// Another socket reads this mailbox now.
    MailboxReplaced {
        /// Which one.
        mailbox: MailboxId,
        /// Another process holds the same keys; this client will not ask for the mailbox again.
        foreign: bool,
    },
    /// The number of a new code.
    CodeAllocated {
        /// Of the request.
        ticket: u64,
        /// The number.
        nameplate: u32,
        /// For how long it can be claimed and used.
        lifetime: Duration,
    },
    /// The other side of somebody's code is this device's.
    CodeClaimed {
        /// Of the request.
        ticket: u64,
        /// The number.
        nameplate: u32,
    },
    /// There is no code.
    CodeRefused {
        /// Of the request.
        ticket: u64,
        /// Why.
        reason: CodeRefusal,
    },
    /// The code this device shows was claimed.
    PairingPeerJoined {
        /// The code's number.
        nameplate: u32,
    },
    /// The other side of a code said something.
    PairingReceived {
        /// The code's number.
        nameplate: u32,
        /// From outside.
        body: Vec<u8>,
    },
    /// A code is over. After `Paired` this device still says how it went, by `ClosePairing`.
    PairingClosed {
        /// The code's number.
        nameplate: u32,
        /// How it ended.
        end: PairingEnd,
    },
    /// The server's relays, and credentials for them.
    RelaysReceived(RelayGrant),
    /// The server refuses this device. It is asked again, later, unless the refusal is final.
    Refused(ServerRefusal),
}
