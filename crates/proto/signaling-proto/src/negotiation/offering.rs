use model::{Description, Digest, DtlsRole, SessionId, sdp};

use super::{
    Answer, Negotiated, NegotiationError, Offer, Refusal, RefusalReason, Terms, transcript,
};

/// The offerer's side: an offer was posted and waits for its answer.
#[derive(Debug, Clone)]
pub struct Offering {
    terms: Terms,
    session: SessionId,
    digest: Digest,
}

impl Offering {
    /// Remembers the posted `offer`; `digest` is that of its [`crate::envelope::SealedEnvelope`].
    pub fn new(terms: Terms, offer: &Offer, digest: Digest) -> Self {
        Self {
            terms,
            session: offer.session,
            digest,
        }
    }

    /// The session offered.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// Takes the answer; `digest` is that of its [`crate::envelope::Opened`].
    ///
    /// After an error the offer still stands: a genuine answer may follow.
    pub fn accept(&self, answer: &Answer, digest: &Digest) -> Result<Negotiated, NegotiationError> {
        self.check_reply(answer.session, &answer.offer)?;
        if answer.offerer != self.terms.own || answer.answerer != self.terms.peer {
            return Err(NegotiationError::WrongParties);
        }
        let best = self.terms.versions.best_common(&answer.versions);
        let best = best.ok_or(NegotiationError::UnsupportedVersion)?;
        if answer.version != best {
            return Err(NegotiationError::Downgraded);
        }
        let relayed = answer.relayed.as_ref();
        let relayed = relayed.map(|text| self.parse_answer(text));
        Ok(Negotiated {
            session: self.session,
            version: best,
            transcript: transcript(&self.digest, digest),
            remote: self.parse_answer(&answer.sdp)?,
            relayed: relayed.transpose()?,
        })
    }

    /// Takes the refusal and gives its reason.
    pub fn refused<'r>(&self, refusal: &'r Refusal) -> Result<&'r RefusalReason, NegotiationError> {
        self.check_reply(refusal.session, &refusal.offer)?;
        Ok(&refusal.reason)
    }

    fn check_reply(&self, session: SessionId, offer: &Digest) -> Result<(), NegotiationError> {
        if session != self.session {
            return Err(NegotiationError::WrongSession);
        }
        if *offer != self.digest {
            return Err(NegotiationError::WrongOffer);
        }
        Ok(())
    }

    fn parse_answer(&self, text: &str) -> Result<Description, NegotiationError> {
        let description = sdp::parse(text, self.terms.policy)?;
        match description.dtls_role {
            DtlsRole::Active | DtlsRole::Passive => Ok(description),
            DtlsRole::ActPass => Err(NegotiationError::WrongDtlsRole),
        }
    }
}
