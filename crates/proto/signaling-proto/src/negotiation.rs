//! How two devices agree on one peer connection through envelopes.
//!
//! The offerer seals an [`Offer`] and keeps an [`Offering`]; the answerer turns it into an
//! [`Answering`], seals the [`Answer`], and both end with the same [`Negotiated`]: session, version and a
//! transcript digest that the session's handshake is bound to. The answer repeats the offer's digest,
//! both identities and the session, so that neither half can be exchanged for another (the attacks of
//! RFC 8844). The wire is described in `docs/protocol/envelopes.md`.

mod answering;
mod offering;
#[cfg(test)]
mod tests;
mod versions;

use std::fmt;

use model::sdp::{CandidatePolicy, SdpError};
use model::{Description, DeviceId, Digest, SessionId};
use serde::{Deserialize, Serialize};

pub use answering::Answering;
pub use offering::Offering;
pub use versions::{Versions, VersionsError};

/// Presence: posted to each contact on connecting, and again while something is pending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// What the sender speaks.
    pub versions: Versions,
    /// Whether the sender has something pending and would answer or make an offer now.
    pub wants_session: bool,
    /// Random per process: another epoch of the same device is another process, or a copy of it.
    pub epoch: u64,
}

/// A session is wanted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Names the session; chosen by the offerer at random.
    pub session: SessionId,
    /// What the offerer speaks.
    pub versions: Versions,
    /// The offerer's session description, as text, at most [`model::limits::SDP_BYTES`].
    pub sdp: String,
    /// Another connection, through a relay, for whoever finds no way to the first; same form.
    pub relayed: Option<String>,
    /// The session whose connections were lost and which goes on in this one.
    pub resumes: Option<SessionId>,
}

impl Offer {
    /// Makes an offer under `terms`.
    pub fn new(terms: &Terms, session: SessionId, sdp: String, resumes: Option<SessionId>) -> Self {
        Self {
            session,
            versions: terms.versions.clone(),
            sdp,
            relayed: None,
            resumes,
        }
    }

    /// Offers a second connection, through a relay.
    #[must_use]
    pub fn with_relayed(self, relayed: Option<String>) -> Self {
        Self { relayed, ..self }
    }
}

impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Offer({:?}, {} bytes)", self.session, self.sdp.len())
    }
}

/// The session of an offer can begin.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The session of the offer.
    pub session: SessionId,
    /// The digest of the offer's signed body: its counter, versions and description are in it.
    pub offer: Digest,
    /// The version chosen: the highest that both speak.
    pub version: u16,
    /// What the answerer speaks.
    pub versions: Versions,
    /// The answerer's session description, as text, at most [`model::limits::SDP_BYTES`].
    pub sdp: String,
    /// The same for the offer's second connection, if there was one and it is wanted.
    pub relayed: Option<String>,
    /// Who made the offer.
    pub offerer: DeviceId,
    /// Who answers.
    pub answerer: DeviceId,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({:?}, {} bytes)", self.session, self.sdp.len())
    }
}

/// The session of an offer cannot begin. A blocked contact gets none of these, but silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The session of the offer.
    pub session: SessionId,
    /// The digest of the offer's signed body.
    pub offer: Digest,
    /// Why.
    pub reason: RefusalReason,
}

/// Why an offer is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusalReason {
    /// Too many handshakes at once: try again later.
    Busy,
    /// No version in common.
    UnsupportedVersion {
        /// What the refusing device speaks.
        versions: Versions,
    },
}

/// What does not change during one attempt to connect: the same on both sides, mirrored.
#[derive(Debug, Clone)]
pub struct Terms {
    /// This device.
    pub own: DeviceId,
    /// The other.
    pub peer: DeviceId,
    /// What this device speaks.
    pub versions: Versions,
    /// Which addresses the peer may make this device send packets to.
    pub policy: CandidatePolicy,
}

/// The outcome, equal on both sides except for the peer's descriptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negotiated {
    /// The session to begin or to go on with.
    pub session: SessionId,
    /// The version of everything inside the peer connection.
    pub version: u16,
    /// Covers both signed bodies; the session's handshake is bound to it.
    pub transcript: Digest,
    /// The peer's description.
    pub remote: Description,
    /// The peer's description of the second connection.
    pub relayed: Option<Description>,
}

/// Why an offer, an answer or a refusal is not taken, although its sender is proven.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NegotiationError {
    /// It belongs to another session.
    #[error("the message belongs to another session")]
    WrongSession,
    /// It replies to another offer.
    #[error("the message replies to another offer")]
    WrongOffer,
    /// It names other devices than the two that talk.
    #[error("the answer names other devices")]
    WrongParties,
    /// No version in common: reply with [`RefusalReason::UnsupportedVersion`].
    #[error("the other device speaks no version that this one knows")]
    UnsupportedVersion,
    /// The version chosen is not the highest that both speak.
    #[error("the version chosen is not the best that both speak")]
    Downgraded,
    /// The `setup` attribute does not fit an offer or an answer (RFC 8842 §5).
    #[error("the session description names a DTLS role it may not name")]
    WrongDtlsRole,
    /// The session description is refused.
    #[error("the session description is refused: {0}")]
    Description(#[from] SdpError),
}

/// Whether this device's offer stands when both have offered: the one of the lower id does.
///
/// The other side drops its own offer, before ICE starts, and answers.
pub fn wins_glare(own: &DeviceId, peer: &DeviceId) -> bool {
    own < peer
}

/// Ties a session to exactly one offer and one answer.
fn transcript(offer: &Digest, answer: &Digest) -> Digest {
    Digest::of_parts(&[b"wherry 1 negotiation\0", &offer.0, &answer.0])
}
