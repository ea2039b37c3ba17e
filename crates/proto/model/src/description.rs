use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// The SHA-256 fingerprint of a DTLS certificate (RFC 8122).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DtlsFingerprint(pub [u8; 32]);

impl fmt::Debug for DtlsFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DtlsFingerprint(…)")
    }
}

/// Who starts the DTLS handshake (RFC 8842 §5.1, the `setup` attribute).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DtlsRole {
    /// Either: only in an offer.
    ActPass,
    /// Sends the `ClientHello`.
    Active,
    /// Waits for it.
    Passive,
}

/// How an ICE candidate was found (RFC 8445 §5.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CandidateKind {
    /// An address of the device itself.
    Host,
    /// Its address as a STUN server sees it.
    ServerReflexive,
    /// An address at a TURN server.
    Relayed,
}

/// One ICE candidate, UDP only. The related address is never carried: it would leak the private one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Candidate {
    /// How it was found.
    pub kind: CandidateKind,
    /// Where it is.
    pub address: SocketAddr,
    /// RFC 8445 §5.1.2.
    pub priority: u32,
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Candidate({:?})", self.kind)
    }
}

/// One side of a peer connection, as much of a session description (RFC 8866, 8829) as Wherry uses:
/// one data m-line, one fingerprint, a bounded list of candidates.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// The ICE user name fragment (RFC 8839 §5.4), 4 to 256 ice-chars.
    pub ice_ufrag: String,
    /// The ICE password, 22 to 256 ice-chars.
    pub ice_pwd: String,
    /// The certificate that the DTLS handshake must show.
    pub fingerprint: DtlsFingerprint,
    /// The `setup` attribute.
    pub dtls_role: DtlsRole,
    /// At most [`crate::limits::CANDIDATES`].
    pub candidates: Vec<Candidate>,
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Description({} candidates)", self.candidates.len())
    }
}

/// The route that a connection takes, shown to people as a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PathKind {
    /// Within one machine or local network.
    Local,
    /// Straight across the internet.
    Direct,
    /// Through a TURN relay.
    Relay,
}

impl fmt::Display for PathKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Local => "local",
            Self::Direct => "direct",
            Self::Relay => "relay",
        })
    }
}
