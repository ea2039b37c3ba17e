use std::time::{Duration, Instant};

use model::MailboxId;
use signaling_proto::client::ClientOutput;
use signaling_proto::message::{CodeRefusal, PairingEnd, PostOutcome, ServerRefusal};

/// What the hub learns from the link; each as in [`ClientOutput`].
#[derive(Debug, PartialEq, Eq)]
pub enum LinkEvent {
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
    /// The server refuses this device.
    Refused(ServerRefusal),
}

impl LinkEvent {
    /// What an output tells the hub; `None` for what only the socket needs.
    pub(super) fn of(output: ClientOutput) -> Option<Self> {
        Some(match output {
            ClientOutput::OpenSocket | ClientOutput::CloseSocket | ClientOutput::Send(_) => {
                return None;
            }
            ClientOutput::Online => Self::Online,
            ClientOutput::Offline { retry_at } => Self::Offline { retry_at },
            ClientOutput::PostFinished { ticket, outcome } => {
                Self::PostFinished { ticket, outcome }
            }
            ClientOutput::EnvelopeReceived { mailbox, envelope } => {
                Self::EnvelopeReceived { mailbox, envelope }
            }
            ClientOutput::MailboxReplaced { mailbox, foreign } => {
                Self::MailboxReplaced { mailbox, foreign }
            }
            ClientOutput::CodeAllocated {
                ticket,
                nameplate,
                lifetime,
            } => Self::CodeAllocated {
                ticket,
                nameplate,
                lifetime,
            },
            ClientOutput::CodeClaimed { ticket, nameplate } => {
                Self::CodeClaimed { ticket, nameplate }
            }
            ClientOutput::CodeRefused { ticket, reason } => Self::CodeRefused { ticket, reason },
            ClientOutput::PairingPeerJoined { nameplate } => Self::PairingPeerJoined { nameplate },
            ClientOutput::PairingReceived { nameplate, body } => {
                Self::PairingReceived { nameplate, body }
            }
            ClientOutput::PairingClosed { nameplate, end } => {
                Self::PairingClosed { nameplate, end }
            }
            ClientOutput::Refused(refusal) => Self::Refused(refusal),
        })
    }
}
