//! Without a code, the six words are all that tells who is in between: so nobody may choose them.
//!
//! The handshake is over, and its hash is fixed. The claimer commits itself to a number, the issuer names one, and only
//! then the claimer names its own. Whoever sits in between fixes both runs before it learns what the words will be.

use model::Digest;

use super::decide::Deciding;
use super::{Next, Outputs, Paired, PairingError, Role, State};
use crate::introduction::PairingPurpose;
use crate::noise::{Seed, Transport};
use crate::{ComparisonWords, Message};

/// Waiting for the other side's commitment or number.
pub(super) struct Committing {
    transport: Transport,
    paired: Paired,
    hash: Digest,
    pub(super) own: [u8; 32],
    step: Step,
}

/// What comes next.
enum Step {
    /// The issuer waits for what the claimer commits itself to,
    Commitment,
    /// then for the number that fits.
    ClaimerNumber([u8; 32]),
    /// The claimer waits for the issuer's number.
    IssuerNumber,
}

impl Committing {
    /// The claimer speaks.
    pub(super) fn begin(
        mut transport: Transport,
        paired: Paired,
        hash: Digest,
        (role, own): (Role, &Seed),
        outputs: &mut Outputs,
    ) -> Result<Self, PairingError> {
        let own = **own;
        let step = match role {
            Role::Claimer => {
                let commitment = commitment(&hash, &own);
                outputs.send(&Message::Sealed(transport.write(&commitment)?));
                Step::IssuerNumber
            }
            Role::Issuer => Step::Commitment,
        };
        Ok(Self {
            transport,
            paired,
            hash,
            own,
            step,
        })
    }

    pub(super) fn receive(
        mut self: Box<Self>,
        message: &Message,
        outputs: &mut Outputs,
    ) -> Result<Next, PairingError> {
        let Message::Sealed(sealed) = message else {
            return Err(PairingError::Malformed);
        };
        let said = self.transport.read(sealed)?;
        let said: [u8; 32] = said.try_into().map_err(|_| PairingError::Malformed)?;
        match self.step {
            Step::Commitment => {
                self.tell_number(outputs)?;
                self.step = Step::ClaimerNumber(said);
                Ok(Next::State(State::Committing(self)))
            }
            Step::ClaimerNumber(committed) => {
                if commitment(&self.hash, &said) != committed {
                    return Err(PairingError::Malformed);
                }
                let words = words(&self.hash, &said, &self.own);
                self.finish(words, outputs)
            }
            Step::IssuerNumber => {
                self.tell_number(outputs)?;
                let words = words(&self.hash, &self.own, &said);
                self.finish(words, outputs)
            }
        }
    }

    fn tell_number(&mut self, outputs: &mut Outputs) -> Result<(), PairingError> {
        let sealed = self.transport.write(&self.own)?;
        outputs.send(&Message::Sealed(sealed));
        Ok(())
    }

    fn finish(
        mut self: Box<Self>,
        words: ComparisonWords,
        outputs: &mut Outputs,
    ) -> Result<Next, PairingError> {
        self.paired.words = words;
        let purpose = PairingPurpose::Contact;
        let deciding = Deciding::begin(self.transport, self.paired, purpose, outputs)?;
        Ok(Next::State(State::Deciding(Box::new(deciding))))
    }
}

fn commitment(hash: &Digest, number: &[u8; 32]) -> [u8; 32] {
    Digest::of_parts(&[b"wherry 1 pairing commitment\0", &hash.0, number]).0
}

fn words(hash: &Digest, claimer: &[u8; 32], issuer: &[u8; 32]) -> ComparisonWords {
    let parts: [&[u8]; 4] = [b"wherry 1 pairing words\0", &hash.0, claimer, issuer];
    ComparisonWords::of_digest(&Digest::of_parts(&parts))
}
