//! The near side of one socket at the server: pace, decoding, signatures.
//!
//! Everything that costs time and needs no other socket happens here, in the socket's own task; what
//! passes the gate is trusted by [`super::Server`].

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use model::limits::PAIRING_MESSAGE_BYTES;
use model::{Digest, MailboxId, Purpose, SigningPublicKey, verify};

use super::limits::ServerLimits;
use crate::message::{
    ClientToServer, MAILBOXES_PER_MESSAGE, MailboxProof, PairingMood, ServerRefusal,
    ServerToClient, VERSION, authentication_message, subscription_message,
};
use crate::rate::Bucket;

/// One socket, from its challenge to its end.
#[derive(Debug)]
pub struct Gate {
    stage: Stage,
    nonce: [u8; 32],
    messages: Bucket,
    bytes: Bucket,
    proofs: Bucket,
    deadline: Instant,
    silence: Duration,
    outputs: VecDeque<GateOutput>,
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Challenged,
    Authenticated,
    Closed,
}

/// What the driver tells the gate.
#[derive(Debug)]
pub enum GateInput {
    /// A binary message arrived.
    MessageReceived(Vec<u8>),
    /// A ping or pong of the WebSocket arrived: a sign of life, and a message to pay for.
    ControlReceived,
    /// Something arrived that is no binary message, or is too long for one.
    Garbled,
    /// The deadline from [`Gate::deadline`] has passed.
    Timeout,
}

/// What the gate asks the driver to do.
#[derive(Debug, PartialEq, Eq)]
pub enum GateOutput {
    /// Send this on the socket.
    Send(ServerToClient),
    /// Hand this to the node's [`super::Server`].
    Pass(Request),
    /// Say why, then close the socket. Terminal.
    Close(ServerRefusal),
}

/// What a device asks for, checked: every signature in it was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// The socket belongs to this account.
    Authenticate {
        /// Pseudonym of the device.
        account: SigningPublicKey,
        /// Of its process.
        epoch: u64,
    },
    /// It may read these mailboxes.
    Subscribe {
        /// To answer.
        request: u32,
        /// Mailboxes and the hashes of their tokens.
        mailboxes: Vec<(MailboxId, Digest)>,
    },
    /// It leaves these mailboxes.
    Unsubscribe {
        /// Some may not be its own.
        mailboxes: Vec<MailboxId>,
    },
    /// It posts.
    Post {
        /// To answer.
        request: u32,
        /// What and where to.
        post: Post,
    },
    /// It wants a code.
    AllocateCode {
        /// To answer.
        request: u32,
    },
    /// It was told a code.
    ClaimCode {
        /// To answer.
        request: u32,
        /// The code's number.
        nameplate: u32,
    },
    /// It talks through a code.
    Pairing {
        /// The code's number.
        nameplate: u32,
        /// Opaque.
        body: Vec<u8>,
    },
    /// It wants to know relays.
    AskRelays {
        /// To answer.
        request: u32,
    },
    /// It is done with a code.
    ClosePairing {
        /// The code's number.
        nameplate: u32,
        /// How it went.
        mood: PairingMood,
    },
}

/// An envelope on its way to a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Where to.
    pub mailbox: MailboxId,
    /// The SHA-256 of the token that was shown.
    pub token_hash: Digest,
    /// How long it is worth delivering.
    pub lifetime: Duration,
    /// Opaque.
    pub envelope: Vec<u8>,
}

impl Gate {
    /// Challenges a new socket with `nonce`, which must be random.
    pub fn new(limits: &ServerLimits, nonce: [u8; 32], now: Instant) -> Self {
        let sockets = &limits.sockets;
        let burst = u64::from(sockets.message_burst.max(1));
        let rate = u64::from(sockets.messages_per_second.max(1));
        let refill = Duration::from_millis(burst * 1_000 / rate);
        let proofs = u64::try_from(limits.mailboxes.per_socket).unwrap_or(u64::MAX);
        let challenge = ServerToClient::Challenge {
            versions: vec![VERSION],
            nonce,
        };
        Self {
            stage: Stage::Challenged,
            nonce,
            messages: Bucket::new(burst, refill, now),
            bytes: Bucket::new(u64::from(sockets.bytes_per_minute), MINUTE, now),
            proofs: Bucket::new(proofs, PROOF_REFILL_TIME, now),
            deadline: now + Duration::from_secs(sockets.authenticate_s.into()),
            silence: KEEPALIVES_MISSED * Duration::from_secs(sockets.keepalive_s.max(1).into()),
            outputs: VecDeque::from([GateOutput::Send(challenge)]),
        }
    }

    /// Advances by one input.
    pub fn handle_input(&mut self, input: GateInput, now: Instant) {
        if self.stage == Stage::Closed {
            return;
        }
        match input {
            GateInput::MessageReceived(bytes) => {
                if let Err(refusal) = self.handle_message(&bytes, now) {
                    self.close(refusal);
                }
            }
            GateInput::ControlReceived => self.handle_control(now),
            GateInput::Garbled => self.close(ServerRefusal::Malformed),
            GateInput::Timeout => self.handle_timeout(now),
        }
    }

    /// Returns the next request to the driver, or `None` when there is nothing left to do.
    pub fn poll_output(&mut self) -> Option<GateOutput> {
        self.outputs.pop_front()
    }

    /// Returns when the driver must feed [`GateInput::Timeout`].
    pub fn deadline(&self) -> Option<Instant> {
        (self.stage != Stage::Closed).then_some(self.deadline)
    }

    fn handle_message(&mut self, bytes: &[u8], now: Instant) -> Result<(), ServerRefusal> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let paid = self.messages.take(1, now).and(self.bytes.take(length, now));
        paid.map_err(|_| ServerRefusal::TooFast)?;

        let message = ClientToServer::decode(bytes).map_err(|_| ServerRefusal::Malformed)?;
        match (&self.stage, message) {
            (
                Stage::Challenged,
                ClientToServer::Authenticate {
                    version,
                    account,
                    epoch,
                    signature,
                },
            ) => {
                if version != VERSION {
                    return Err(ServerRefusal::Version);
                }
                let signed = authentication_message(&self.nonce, epoch);
                verify(&account, Purpose::SignalingChallenge, &signed, &signature)
                    .map_err(|_| ServerRefusal::BadSignature)?;
                self.stage = Stage::Authenticated;
                self.pass(Request::Authenticate { account, epoch });
            }
            (Stage::Authenticated, message) => self.handle_request(message, now)?,
            (Stage::Challenged | Stage::Closed, _) => return Err(ServerRefusal::Malformed),
        }
        self.deadline = now + self.silence;
        Ok(())
    }

    fn handle_control(&mut self, now: Instant) {
        if self.messages.take(1, now).is_err() {
            self.close(ServerRefusal::TooFast);
        } else if self.stage == Stage::Authenticated {
            self.deadline = now + self.silence;
        }
    }

    fn handle_request(
        &mut self,
        message: ClientToServer,
        now: Instant,
    ) -> Result<(), ServerRefusal> {
        let request = match message {
            ClientToServer::Authenticate { .. } => return Err(ServerRefusal::Malformed),
            ClientToServer::Ping => {
                self.outputs
                    .push_back(GateOutput::Send(ServerToClient::Pong));
                return Ok(());
            }
            ClientToServer::Subscribe { request, mailboxes } => {
                let mailboxes = self.check_proofs(&mailboxes, now)?;
                Request::Subscribe { request, mailboxes }
            }
            ClientToServer::Unsubscribe { mailboxes } => {
                at_most(mailboxes.len(), MAILBOXES_PER_MESSAGE)?;
                Request::Unsubscribe { mailboxes }
            }
            ClientToServer::Post {
                request,
                mailbox,
                token,
                lifetime_s,
                envelope,
            } => Request::Post {
                request,
                post: Post {
                    mailbox,
                    token_hash: Digest::of(&token.0),
                    lifetime: Duration::from_secs(lifetime_s.into()),
                    envelope,
                },
            },
            ClientToServer::AllocateCode { request } => Request::AllocateCode { request },
            ClientToServer::ClaimCode { request, nameplate } => {
                Request::ClaimCode { request, nameplate }
            }
            ClientToServer::AskRelays { request } => Request::AskRelays { request },
            ClientToServer::Pairing { nameplate, body } => {
                at_most(body.len(), PAIRING_MESSAGE_BYTES)?;
                Request::Pairing { nameplate, body }
            }
            ClientToServer::ClosePairing { nameplate, mood } => {
                Request::ClosePairing { nameplate, mood }
            }
        };
        self.pass(request);
        Ok(())
    }

    fn check_proofs(
        &mut self,
        proofs: &[MailboxProof],
        now: Instant,
    ) -> Result<Vec<(MailboxId, Digest)>, ServerRefusal> {
        at_most(proofs.len(), MAILBOXES_PER_MESSAGE)?;
        let count = u64::try_from(proofs.len()).unwrap_or(u64::MAX);
        self.proofs
            .take(count, now)
            .map_err(|_| ServerRefusal::TooFast)?;

        let mut seen = BTreeSet::new();
        let mut mailboxes = Vec::with_capacity(proofs.len());
        for proof in proofs {
            let mailbox = MailboxId::of_key(&proof.public_key.0);
            let signed = subscription_message(&self.nonce, &mailbox);
            verify(
                &proof.public_key,
                Purpose::MailboxSubscription,
                &signed,
                &proof.signature,
            )
            .map_err(|_| ServerRefusal::BadSignature)?;
            if !seen.insert(mailbox) {
                return Err(ServerRefusal::Malformed);
            }
            mailboxes.push((mailbox, proof.token_hash));
        }
        Ok(mailboxes)
    }

    fn handle_timeout(&mut self, now: Instant) {
        if now < self.deadline {
            return;
        }
        self.close(match self.stage {
            Stage::Challenged => ServerRefusal::AuthenticationTimedOut,
            Stage::Authenticated | Stage::Closed => ServerRefusal::Silent,
        });
    }

    fn pass(&mut self, request: Request) {
        self.outputs.push_back(GateOutput::Pass(request));
    }

    fn close(&mut self, refusal: ServerRefusal) {
        self.stage = Stage::Closed;
        self.outputs.push_back(GateOutput::Close(refusal));
    }
}

fn at_most(count: usize, limit: usize) -> Result<(), ServerRefusal> {
    if count > limit {
        return Err(ServerRefusal::Malformed);
    }
    Ok(())
}

const MINUTE: Duration = Duration::from_secs(60);
/// A socket that proved as many mailboxes as it may read can prove as many again after this time:
/// signatures are the most expensive thing a device can ask for.
const PROOF_REFILL_TIME: Duration = Duration::from_secs(10 * 60);
/// Keepalive periods without a message after which a device is gone.
const KEEPALIVES_MISSED: u32 = 3;
