//! Two messages that lead to a key, and two that prove it.

use model::{Digest, Entropy};

use super::introduce::Introducing;
use super::{Next, Outputs, Own, PairingError, Role, State};
use crate::confirmation::Agreement;
use crate::message::VERSION;
use crate::{Code, Message, Pake, Spake2};

/// Waiting for the other side's half of the key exchange.
pub(super) struct Exchanging {
    pake: Spake2,
    element: Vec<u8>,
    nameplate: u32,
    joined: bool,
}

impl Exchanging {
    pub(super) fn new(role: Role, code: &Code, entropy: &mut dyn Entropy) -> Self {
        let nameplate = code.nameplate();
        let context = nameplate.to_be_bytes();
        let (pake, element) = Spake2::start(role, &code.password(), &context, entropy);
        Self {
            pake,
            element,
            nameplate,
            joined: false,
        }
    }

    /// Sends this side's half as soon as somebody is there, once; says whether this was the moment.
    pub(super) fn join(&mut self, outputs: &mut Outputs) -> bool {
        if self.joined {
            return false;
        }
        self.joined = true;
        outputs.send(&Message::Pake {
            version: VERSION,
            element: self.element.clone(),
        });
        true
    }

    pub(super) fn receive(
        self,
        message: &Message,
        own: &Own,
        outputs: &mut Outputs,
    ) -> Result<Next, PairingError> {
        let Message::Pake { version, element } = message else {
            return Err(PairingError::Malformed);
        };
        if *version != VERSION {
            return Err(PairingError::UnsupportedVersion);
        }

        let transcript = match own.role {
            Role::Claimer => transcript(self.nameplate, &self.element, element),
            Role::Issuer => transcript(self.nameplate, element, &self.element),
        };
        let key = self.pake.finish(element);
        let key = key.map_err(|_| PairingError::Malformed)?;
        let agreement = Agreement::new(&key, transcript);
        match own.role {
            Role::Claimer => outputs.send(&Message::Confirmation(agreement.tag(Role::Claimer))),
            Role::Issuer => {} // Proves nothing before the claimer did.
        }
        Ok(Next::State(State::Confirming(Confirming { agreement })))
    }
}

/// Waiting for the other side's proof that it has the same key.
pub(super) struct Confirming {
    agreement: Agreement,
}

impl Confirming {
    pub(super) fn receive(
        self,
        message: &Message,
        own: &Own,
        outputs: &mut Outputs,
    ) -> Result<Next, PairingError> {
        let tag = match message {
            Message::Confirmation(tag) => tag,
            Message::WrongCode => return Err(PairingError::WrongCode),
            Message::Pake { .. } | Message::Handshake(_) | Message::Sealed(_) => {
                return Err(PairingError::Malformed);
            }
        };
        if !self.agreement.verify(own.role.other(), tag) {
            outputs.send(&Message::WrongCode);
            return Err(PairingError::WrongCode);
        }

        match own.role {
            Role::Claimer => {}
            Role::Issuer => outputs.send(&Message::Confirmation(self.agreement.tag(Role::Issuer))),
        }
        let introducing = Introducing::begin(Some(&self.agreement), own, outputs)?;
        Ok(Next::State(State::Introducing(Box::new(introducing))))
    }
}

/// What was said before the proofs: any difference makes both of them wrong.
pub(super) fn transcript(nameplate: u32, claimer: &[u8], issuer: &[u8]) -> Digest {
    let length = |part: &[u8]| u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes();
    Digest::of_parts(&[
        b"wherry 1 pairing exchange\0",
        &VERSION.to_be_bytes(),
        &nameplate.to_be_bytes(),
        &length(claimer),
        claimer,
        &length(issuer),
        issuer,
    ])
}
