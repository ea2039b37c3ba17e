use model::{Description, Digest, DtlsRole, SessionId, sdp};

use super::{
    Answer, Negotiated, NegotiationError, Offer, Refusal, RefusalReason, Terms, transcript,
};

/// The answerer's side: an offer was taken and an answer will follow.
#[derive(Debug, Clone)]
pub struct Answering {
    terms: Terms,
    session: SessionId,
    offer: Digest,
    version: u16,
    remote: Description,
    relayed: Option<Description>,
    resumes: Option<SessionId>,
}

impl Answering {
    /// Takes the offer; `digest` is that of its [`crate::envelope::Opened`].
    pub fn accept(terms: Terms, offer: &Offer, digest: Digest) -> Result<Self, NegotiationError> {
        let version = terms
            .versions
            .best_common(&offer.versions)
            .ok_or(NegotiationError::UnsupportedVersion)?;
        let parse = |text: &String| parse_offer(text, &terms);
        let remote = parse(&offer.sdp)?;
        let relayed = offer.relayed.as_ref().map(parse).transpose()?;
        Ok(Self {
            terms,
            session: offer.session,
            offer: digest,
            version,
            remote,
            relayed,
            resumes: offer.resumes,
        })
    }

    /// Refuses an offer, whether or not [`Answering::accept`] would take it.
    pub fn refuse(offer: &Offer, digest: Digest, reason: RefusalReason) -> Refusal {
        Refusal {
            session: offer.session,
            offer: digest,
            reason,
        }
    }

    /// The session offered.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// The session that goes on in this one.
    pub fn resumes(&self) -> Option<SessionId> {
        self.resumes
    }

    /// The offerer's description, from which the peer connection makes its own.
    pub fn remote(&self) -> &Description {
        &self.remote
    }

    /// The same for the second connection, if one is offered.
    pub fn relayed(&self) -> Option<&Description> {
        self.relayed.as_ref()
    }

    /// Makes the answer to seal; `sdp` is this device's description, `relayed` that of the second connection.
    pub fn answer(&self, sdp: String, relayed: Option<String>) -> Answer {
        Answer {
            session: self.session,
            offer: self.offer,
            version: self.version,
            versions: self.terms.versions.clone(),
            sdp,
            relayed,
            offerer: self.terms.peer,
            answerer: self.terms.own,
        }
    }

    /// Ends the negotiation; `digest` is that of the answer's [`crate::envelope::SealedEnvelope`].
    pub fn finish(self, digest: &Digest) -> Negotiated {
        Negotiated {
            session: self.session,
            version: self.version,
            transcript: transcript(&self.offer, digest),
            remote: self.remote,
            relayed: self.relayed,
        }
    }
}

fn parse_offer(text: &str, terms: &Terms) -> Result<Description, NegotiationError> {
    let description = sdp::parse(text, terms.policy)?;
    match description.dtls_role {
        DtlsRole::ActPass => Ok(description),
        DtlsRole::Active | DtlsRole::Passive => Err(NegotiationError::WrongDtlsRole),
    }
}
