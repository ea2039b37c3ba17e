//! What travels over the WebSocket: postcard, one message per binary frame.
//!
//! The layout is described in `docs/protocol/signaling.md`. Enum variants are numbered in the order in
//! which they stand here, so a new one goes to the end.

use model::limits::SIGNALING_MESSAGE_BYTES;
use model::wire::{self, WireError};
use model::{Digest, MailboxId, PostToken, Signature, SigningPublicKey};
use serde::{Deserialize, Serialize};

/// The version this code speaks.
pub const VERSION: u16 = 1;

/// Mailboxes in one [`ClientToServer::Subscribe`] or [`ClientToServer::Unsubscribe`], at most.
///
/// A proof is 128 bytes, so 256 of them fill half of a message.
pub const MAILBOXES_PER_MESSAGE: usize = 256;

/// Relays in one [`RelayGrant`], at most.
pub const RELAYS_PER_GRANT: usize = 8;

/// A user name or password for a relay, at most; they have about 60 bytes.
pub const RELAY_CREDENTIAL_BYTES: usize = 256;

/// A relay's host, at most: the longest name (RFC 1035, section 2.3.4).
pub const RELAY_HOST_BYTES: usize = 253;

/// What a message takes in a queue besides its content, in bytes.
pub const QUEUE_OVERHEAD: usize = 128;

/// From a device to the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientToServer {
    /// Answers [`ServerToClient::Challenge`]; must be the first message.
    Authenticate {
        /// One of the versions the challenge listed.
        version: u16,
        /// The device's pseudonym at this server.
        account: SigningPublicKey,
        /// Random per process: tells a reconnect from a second process.
        epoch: u64,
        /// Over [`authentication_message`], for `Purpose::SignalingChallenge`.
        signature: Signature,
    },
    /// Asks for what is posted to some mailboxes; answered by [`ServerToClient::Subscribed`].
    Subscribe {
        /// Named in the answer.
        request: u32,
        /// At most [`MAILBOXES_PER_MESSAGE`].
        mailboxes: Vec<MailboxProof>,
    },
    /// Leaves mailboxes for good: from now on their posters learn `Offline`. Not answered.
    Unsubscribe {
        /// At most [`MAILBOXES_PER_MESSAGE`].
        mailboxes: Vec<MailboxId>,
    },
    /// Puts an envelope into a mailbox; answered by [`ServerToClient::Posted`].
    Post {
        /// Named in the answer.
        request: u32,
        /// Where to.
        mailbox: MailboxId,
        /// Proves that the mailbox's reader wants to hear from this device.
        token: PostToken,
        /// How long the envelope is worth delivering, in seconds.
        lifetime_s: u16,
        /// Opaque to the server.
        envelope: Vec<u8>,
    },
    /// Asks for a nameplate; answered by `CodeAllocated` or `CodeRefused`.
    AllocateCode {
        /// Named in the answer.
        request: u32,
    },
    /// Takes the other side of a nameplate; answered by `CodeClaimed` or `CodeRefused`.
    ClaimCode {
        /// Named in the answer.
        request: u32,
        /// The number in front of the code.
        nameplate: u32,
    },
    /// Says something to the other side of a nameplate.
    Pairing {
        /// Which one.
        nameplate: u32,
        /// At most [`model::limits::PAIRING_MESSAGE_BYTES`], opaque to the server.
        body: Vec<u8>,
    },
    /// Ends this side of a nameplate.
    ClosePairing {
        /// Which one.
        nameplate: u32,
        /// How it went.
        mood: PairingMood,
    },
    /// Asks for a [`ServerToClient::Pong`]: the socket is alive.
    Ping,
    /// Asks for relays and credentials for them; answered by [`ServerToClient::Relays`].
    AskRelays {
        /// Named in the answer.
        request: u32,
    },
}

/// From the server to a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerToClient {
    /// The first message on every socket. Its layout never changes.
    Challenge {
        /// The versions the server speaks.
        versions: Vec<u16>,
        /// Random per socket.
        nonce: [u8; 32],
    },
    /// The device is authenticated and may go on, at this pace.
    Welcome(Pace),
    /// Answers [`ClientToServer::Subscribe`].
    Subscribed {
        /// Of the request.
        request: u32,
        /// For all of its mailboxes alike.
        outcome: SubscribeOutcome,
    },
    /// Answers [`ClientToServer::Post`].
    Posted {
        /// Of the request.
        request: u32,
        /// What became of the envelope.
        outcome: PostOutcome,
    },
    /// Something was posted to a mailbox of this socket.
    Envelope {
        /// Which one.
        mailbox: MailboxId,
        /// As it was posted.
        envelope: Vec<u8>,
    },
    /// Another socket reads this mailbox from now on.
    MailboxReplaced {
        /// Which one.
        mailbox: MailboxId,
        /// Whether that socket has another epoch: a second process holds the same keys.
        foreign: bool,
    },
    /// Answers [`ClientToServer::AllocateCode`].
    CodeAllocated {
        /// Of the request.
        request: u32,
        /// The number to put in front of the code.
        nameplate: u32,
        /// For how long it can be claimed and used.
        lifetime_s: u16,
    },
    /// Answers [`ClientToServer::ClaimCode`].
    CodeClaimed {
        /// Of the request.
        request: u32,
        /// The claimed number.
        nameplate: u32,
        /// For how long it can be used.
        lifetime_s: u16,
    },
    /// Answers a request for a code that could not be met.
    CodeRefused {
        /// Of the request.
        request: u32,
        /// Why.
        reason: CodeRefusal,
    },
    /// The nameplate that this socket allocated was claimed.
    PairingPeerJoined {
        /// Which one.
        nameplate: u32,
    },
    /// The other side of a nameplate said something.
    Pairing {
        /// Which one.
        nameplate: u32,
        /// Opaque to the server.
        body: Vec<u8>,
    },
    /// The other side of a nameplate is gone, or its time is over.
    PairingClosed {
        /// Which one.
        nameplate: u32,
        /// How it ended.
        end: PairingEnd,
    },
    /// Answers [`ClientToServer::Ping`].
    Pong,
    /// The server is about to stop: the socket works until it closes.
    GoAway,
    /// The last message before the server closes the socket. Its layout never changes.
    Refused(ServerRefusal),
    /// Answers [`ClientToServer::AskRelays`].
    Relays {
        /// Of the request.
        request: u32,
        /// Without any relay if the server knows none.
        grant: RelayGrant,
    },
}

/// Relays, and what a device shows them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayGrant {
    /// At most [`RELAYS_PER_GRANT`], the best first.
    pub relays: Vec<RelayAddress>,
    /// At most [`RELAY_CREDENTIAL_BYTES`].
    pub username: String,
    /// At most [`RELAY_CREDENTIAL_BYTES`].
    pub password: String,
    /// For how long new allocations are made with them.
    pub lifetime_s: u32,
}

impl std::fmt::Debug for RelayGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RelayGrant({} relays)", self.relays.len())
    }
}

impl RelayGrant {
    /// Whether it keeps to the limits, and names places that can be connected to.
    pub fn is_well_formed(&self) -> bool {
        let is_place = |relay: &RelayAddress| {
            let is_allowed = |it: u8| it.is_ascii_alphanumeric() || b"-.:".contains(&it);
            relay.port != 0
                && relay.host.len() <= RELAY_HOST_BYTES
                && relay.host.bytes().all(is_allowed)
        };
        self.relays.len() <= RELAYS_PER_GRANT
            && self.username.len() <= RELAY_CREDENTIAL_BYTES
            && self.password.len() <= RELAY_CREDENTIAL_BYTES
            && self.relays.iter().all(is_place)
    }
}

/// Where a relay is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayAddress {
    /// A name or an address; empty is the host that the signaling server was reached at.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How to speak to it.
    pub transport: RelayTransport,
}

/// How a device speaks to a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RelayTransport {
    /// Datagrams.
    Udp,
    /// A plain connection.
    Tcp,
    /// A connection under TLS.
    Tls,
}

/// The right to read one mailbox, proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailboxProof {
    /// The key whose hash names the mailbox ([`MailboxId::of_key`]).
    pub public_key: SigningPublicKey,
    /// Over [`subscription_message`], for `Purpose::MailboxSubscription`.
    pub signature: Signature,
    /// The SHA-256 of the token that posters must show.
    pub token_hash: Digest,
}

/// What a socket may do; a device stays a little below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// Messages, sustained.
    pub messages_per_second: u32,
    /// Messages at once.
    pub message_burst: u32,
    /// Bytes, sustained and at once.
    pub bytes_per_minute: u32,
    /// How often to send [`ClientToServer::Ping`].
    pub keepalive_s: u16,
}

/// What became of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PostOutcome {
    /// It was put into the queue of a live socket.
    Delivered,
    /// Nobody reads this mailbox, or the token is not the reader's: the two look the same.
    Offline,
    /// The reader's queue is full: try later.
    Busy,
    /// It may or may not arrive: the reader's socket vanished a moment ago, or time ran out.
    Unknown {
        /// When asking again makes sense.
        retry_after_s: u16,
    },
}

/// What became of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubscribeOutcome {
    /// What is posted arrives from now on.
    Done,
    /// The socket, its address or the server reads as many mailboxes as it may: nothing was subscribed.
    TooMany,
}

/// Why there is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodeRefusal {
    /// No such code, or it was claimed before.
    UnknownCode,
    /// Too many claims that came to nothing.
    TooManyAttempts {
        /// When the next one is allowed.
        retry_after_s: u16,
    },
    /// Too many codes are open, or the server is about to stop.
    ServerBusy,
    /// There is no connection to a server. Never sent; the client machine says it.
    NotConnected,
}

/// How one side leaves a pairing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PairingMood {
    /// It succeeded.
    Paired,
    /// The confirmation failed: the code is burnt.
    WrongCode,
    /// The person or the device stopped.
    GaveUp,
}

/// How a pairing ended, as the other side learns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PairingEnd {
    /// The other side succeeded.
    Paired,
    /// The other side found the confirmation wrong: the code is burnt.
    WrongCode,
    /// The other side stopped, or said more than a pairing needs.
    GaveUp,
    /// The code's time is over.
    Expired,
    /// A socket closed. The client machine says it too when its own is lost.
    ConnectionLost,
}

impl From<PairingMood> for PairingEnd {
    fn from(mood: PairingMood) -> Self {
        match mood {
            PairingMood::Paired => Self::Paired,
            PairingMood::WrongCode => Self::WrongCode,
            PairingMood::GaveUp => Self::GaveUp,
        }
    }
}

/// Why the server closes a socket.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    thiserror::Error,
)]
pub enum ServerRefusal {
    /// No version in common.
    #[error("the server and this app are of different versions")]
    Version,
    /// A signature over the challenge is wrong.
    #[error("the server does not accept this device's signature")]
    BadSignature,
    /// No authentication in time.
    #[error("the server did not hear who we are in time")]
    AuthenticationTimedOut,
    /// The device has as many sockets as it may.
    #[error("this device is connected to the server too many times")]
    TooManySockets,
    /// The same process connected again; this is the older socket.
    #[error("this device connected to the server again")]
    Superseded,
    /// More messages or bytes than allowed.
    #[error("this device sent too much to the server")]
    TooFast,
    /// Its messages are not read.
    #[error("this device does not read what the server sends")]
    TooSlow,
    /// Nothing was heard for three keepalive periods.
    #[error("the server did not hear from this device")]
    Silent,
    /// Not a message, or not one that is allowed now.
    #[error("the server did not understand this device")]
    Malformed,
    /// More mailboxes than allowed.
    #[error("the server has no room for more contacts")]
    TooManyMailboxes,
}

impl ServerRefusal {
    /// Whether connecting again cannot help before something else changes.
    pub fn is_final(self) -> bool {
        match self {
            Self::Version | Self::BadSignature => true,
            Self::AuthenticationTimedOut
            | Self::TooManySockets
            | Self::Superseded
            | Self::TooFast
            | Self::TooSlow
            | Self::Silent
            | Self::Malformed
            | Self::TooManyMailboxes => false,
        }
    }
}

impl ClientToServer {
    /// Reads one message of at most [`SIGNALING_MESSAGE_BYTES`].
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        wire::decode(bytes, SIGNALING_MESSAGE_BYTES)
    }

    /// Writes the message.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }
}

impl ServerToClient {
    /// Reads one message of at most [`SIGNALING_MESSAGE_BYTES`].
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        wire::decode(bytes, SIGNALING_MESSAGE_BYTES)
    }

    /// Writes the message.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// What the message takes in a queue, in bytes: its content and a fixed share for the rest.
    pub fn queue_bytes(&self) -> usize {
        QUEUE_OVERHEAD
            + match self {
                Self::Envelope { envelope, .. } => envelope.len(),
                Self::Pairing { body, .. } => body.len(),
                Self::Challenge { .. }
                | Self::Welcome(_)
                | Self::Subscribed { .. }
                | Self::Posted { .. }
                | Self::MailboxReplaced { .. }
                | Self::CodeAllocated { .. }
                | Self::CodeClaimed { .. }
                | Self::CodeRefused { .. }
                | Self::PairingPeerJoined { .. }
                | Self::PairingClosed { .. }
                | Self::Pong
                | Self::GoAway
                | Self::Refused(_)
                | Self::Relays { .. } => 0,
            }
    }
}

/// What a device signs to authenticate: the nonce, then its epoch (8 bytes, big-endian).
pub fn authentication_message(nonce: &[u8; 32], epoch: u64) -> Vec<u8> {
    [nonce.as_slice(), &epoch.to_be_bytes()].concat()
}

/// What a mailbox's key signs to subscribe: the socket's nonce, then the mailbox id.
pub fn subscription_message(nonce: &[u8; 32], mailbox: &MailboxId) -> Vec<u8> {
    [nonce.as_slice(), &mailbox.0].concat()
}

#[cfg(test)]
mod tests;
