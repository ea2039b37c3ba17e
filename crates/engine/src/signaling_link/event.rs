use std::time::{Duration, Instant};

use model::MailboxId;
use signaling_proto::client::ClientOutput;
use signaling_proto::message::{CodeRefusal, PairingEnd, PostOutcome, RelayGrant, ServerRefusal};

/// What the hub learns from the link; each as in [`ClientOutput`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LinkEvent {
    /// The server knows this device.
    Online,
    /// There is no connection.
    Offline {
        /// When the next one will be tried.
        retry_at: Instant,
    },
    /// A post has its outcome.
    PostFinished {
        /// Of the post.
        ticket: u64,
        /// What became of it.
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
        /// Another process holds the same keys.
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
    /// A code is over.
    PairingClosed {
        /// The code's number.
        nameplate: u32,
        /// How it ended.
        end: PairingEnd,
    },
    /// The server's relays, and credentials for them.
    RelaysReceived(RelayGrant),
    /// The server refuses this device.
    Refused(ServerRefusal),
}

/// What the link does with an output of its machine.
#[derive(Debug)]
pub(crate) enum Effect {
    OpenSocket,
    CloseSocket,
    Send(Vec<u8>),
    Tell(LinkEvent),
}

impl From<ClientOutput> for Effect {
    fn from(output: ClientOutput) -> Self {
        Self::Tell(match output {
            ClientOutput::OpenSocket => return Self::OpenSocket,
            ClientOutput::CloseSocket => return Self::CloseSocket,
            ClientOutput::Send(bytes) => return Self::Send(bytes),
            ClientOutput::Online => LinkEvent::Online,
            ClientOutput::Offline { retry_at } => LinkEvent::Offline { retry_at },
            ClientOutput::PostFinished { ticket, outcome } => {
                LinkEvent::PostFinished { ticket, outcome }
            }
            ClientOutput::EnvelopeReceived { mailbox, envelope } => {
                LinkEvent::EnvelopeReceived { mailbox, envelope }
            }
            ClientOutput::MailboxReplaced { mailbox, foreign } => {
                LinkEvent::MailboxReplaced { mailbox, foreign }
            }
            ClientOutput::CodeAllocated {
                ticket,
                nameplate,
                lifetime,
            } => LinkEvent::CodeAllocated {
                ticket,
                nameplate,
                lifetime,
            },
            ClientOutput::CodeClaimed { ticket, nameplate } => {
                LinkEvent::CodeClaimed { ticket, nameplate }
            }
            ClientOutput::CodeRefused { ticket, reason } => {
                LinkEvent::CodeRefused { ticket, reason }
            }
            ClientOutput::PairingPeerJoined { nameplate } => {
                LinkEvent::PairingPeerJoined { nameplate }
            }
            ClientOutput::PairingReceived { nameplate, body } => {
                LinkEvent::PairingReceived { nameplate, body }
            }
            ClientOutput::PairingClosed { nameplate, end } => {
                LinkEvent::PairingClosed { nameplate, end }
            }
            ClientOutput::RelaysReceived(grant) => LinkEvent::RelaysReceived(grant),
            ClientOutput::Refused(refusal) => LinkEvent::Refused(refusal),
        })
    }
}
