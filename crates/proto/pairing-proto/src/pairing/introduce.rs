//! The Noise handshake in which the devices tell each other who they are.

use hkdf::Hkdf;
use model::{Digest, PairSecret};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::commit::Committing;
use super::decide::Deciding;
use super::{Next, Outputs, Own, Paired, PairingError, Role, State};
use crate::confirmation::Agreement;
use crate::introduction::{Contribution, Introduction};
use crate::noise::{Handshake, NoiseError};
use crate::{ComparisonWords, Message};

/// Waiting for the next message of the handshake.
pub(super) struct Introducing {
    handshake: Handshake,
    step: Step,
}

/// What the next message is.
enum Step {
    /// The claimer's first, without a payload if a code was proven. Until it came, the claimer may still find this side's proof
    /// wrong.
    Greeting,
    /// The issuer's, with its introduction.
    IssuerIntroduction,
    /// The claimer's second, with its introduction.
    ClaimerIntroduction,
}

impl Introducing {
    /// Begins the handshake, after a code was proven or without one; the claimer speaks.
    pub(super) fn begin(
        agreement: Option<&Agreement>,
        own: &Own,
        outputs: &mut Outputs,
    ) -> Result<Self, PairingError> {
        let private = Zeroizing::new(own.secrets.noise_private());
        let mut handshake = Handshake::new(own.role, agreement, &private, &own.seed)?;
        let step = match own.role {
            Role::Claimer => {
                outputs.send(&Message::Handshake(handshake.write(&own.greeting())?));
                Step::IssuerIntroduction
            }
            Role::Issuer => Step::Greeting,
        };
        Ok(Self { handshake, step })
    }

    pub(super) fn receive(
        self: Box<Self>,
        message: &Message,
        own: &Own,
        outputs: &mut Outputs,
    ) -> Result<Next, PairingError> {
        match (message, &self.step) {
            (Message::Handshake(bytes), Step::Greeting) => self.greeted(bytes, own, outputs),
            (Message::Handshake(bytes), Step::IssuerIntroduction) => {
                self.issuer_introduced(bytes, own, outputs)
            }
            (Message::Handshake(bytes), Step::ClaimerIntroduction) => {
                self.claimer_introduced(bytes, own, outputs)
            }
            (Message::WrongCode, Step::Greeting) => Err(PairingError::WrongCode),
            (
                Message::Pake { .. }
                | Message::Confirmation(_)
                | Message::WrongCode
                | Message::Sealed(_),
                Step::Greeting | Step::IssuerIntroduction | Step::ClaimerIntroduction,
            ) => Err(PairingError::Malformed),
        }
    }

    fn greeted(
        mut self: Box<Self>,
        bytes: &[u8],
        own: &Own,
        outputs: &mut Outputs,
    ) -> Result<Next, PairingError> {
        let greeting = self.handshake.read(bytes)?;
        if *greeting != own.greeting() {
            return Err(own.wrong_greeting());
        }
        self.introduce(own, outputs)?;
        self.step = Step::ClaimerIntroduction;
        Ok(Next::State(State::Introducing(self)))
    }

    fn issuer_introduced(
        mut self: Box<Self>,
        bytes: &[u8],
        own: &Own,
        outputs: &mut Outputs,
    ) -> Result<Next, PairingError> {
        let peer = self.read_introduction(bytes)?;
        self.introduce(own, outputs)?; // Also if it does not fit: the issuer must find out too.
        self.finish(peer, own, outputs)
    }

    fn claimer_introduced(
        mut self: Box<Self>,
        bytes: &[u8],
        own: &Own,
        outputs: &mut Outputs,
    ) -> Result<Next, PairingError> {
        let peer = self.read_introduction(bytes)?;
        self.finish(peer, own, outputs)
    }

    fn introduce(&mut self, own: &Own, outputs: &mut Outputs) -> Result<(), PairingError> {
        let payload = Zeroizing::new(own.introduction.encode());
        outputs.send(&Message::Handshake(self.handshake.write(&payload)?));
        Ok(())
    }

    fn read_introduction(&mut self, bytes: &[u8]) -> Result<Introduction, PairingError> {
        let payload = self.handshake.read(bytes)?;
        let peer = Introduction::decode(&payload).map_err(|_| PairingError::Malformed)?;
        peer.check_static(self.handshake.remote_static())
            .map_err(|_| PairingError::Malformed)?;
        Ok(peer)
    }

    fn finish(
        self: Box<Self>,
        peer: Introduction,
        own: &Own,
        outputs: &mut Outputs,
    ) -> Result<Next, PairingError> {
        let keys = &own.introduction.keys;
        if peer.keys.signing == keys.signing || peer.keys.noise == keys.noise {
            return Err(PairingError::SelfPairing);
        }
        if peer.purpose != own.purpose() {
            return Err(PairingError::PurposeMismatch);
        }

        let hash = self.handshake.hash()?;
        let mine = &own.introduction.contribution;
        let secret = match own.role {
            Role::Claimer => secret(&hash, mine, &peer.contribution),
            Role::Issuer => secret(&hash, &peer.contribution, mine),
        };
        let paired = Paired {
            keys: peer.keys,
            name: peer.name,
            secret,
            words: ComparisonWords::of_digest(&hash),
        };
        let transport = self.handshake.into_transport()?;
        if let Some(tap) = &own.tap {
            let committing = Committing::begin(transport, paired, hash, (own.role, tap), outputs)?;
            return Ok(Next::State(State::Committing(Box::new(committing))));
        }
        let deciding = Deciding::begin(transport, paired, own.purpose(), outputs)?;
        Ok(Next::State(State::Deciding(Box::new(deciding))))
    }
}

impl From<NoiseError> for PairingError {
    fn from(_: NoiseError) -> Self {
        Self::Malformed
    }
}

/// HKDF-SHA-256 over both contributions, salted with the handshake hash.
fn secret(hash: &Digest, claimer: &Contribution, issuer: &Contribution) -> PairSecret {
    let both = Zeroizing::new([claimer.0, issuer.0].concat());
    let mut secret = PairSecret([0; 32]);
    Hkdf::<Sha256>::new(Some(&hash.0), &both)
        .expand(b"wherry 1 pair secret", &mut secret.0)
        .expect("32 bytes are fewer than 255 hash lengths");
    secret
}
