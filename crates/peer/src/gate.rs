//! Decides which datagrams the WebRTC stack gets to see.
//!
//! The stack takes DTLS from any address once it has chosen a pair, and buffers handshake fragments
//! generously. So, before it sees anything:
//!
//! - An address is *known* if it is one of the peer's candidates, or if it has sent a connectivity check
//!   signed with the password in our description (a peer-reflexive address; at most
//!   [`LEARNED_ADDRESSES`] of these). Nothing else passes from unknown addresses.
//! - From known addresses STUN and DTLS pass (RFC 7983 §7), and nothing else.
//! - Datagrams with a handshake, alert or change-cipher record are counted and bounded over the whole
//!   life of a connection; application records are, until the handshake is done.

use std::net::SocketAddr;

use model::{Description, limits};
use ring::hmac;

use crate::stun;

/// The gate of one connection.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// Servers whose answers pass while candidates are gathered.
    servers: Vec<SocketAddr>,
    check: Option<Check>,
    known: Vec<SocketAddr>,
    learned: usize,
    handshake_datagrams: usize,
    handshake_bytes: usize,
    early_records: usize,
    established: bool,
}

/// What a connectivity check from our peer looks like.
#[derive(Debug)]
struct Check {
    username: String,
    key: hmac::Key,
}

impl Gate {
    /// Lets answers of these STUN servers pass until a peer is expected.
    pub(crate) fn expect_servers(&mut self, servers: &[SocketAddr]) {
        self.servers = servers.to_vec();
    }

    /// Opens the gate for the peer that sent `peer`; before this, only answers of STUN servers pass.
    pub(crate) fn expect_peer(&mut self, own: &Description, peer: &Description) {
        self.servers.clear();
        self.known = peer
            .candidates
            .iter()
            .map(|candidate| candidate.address)
            .collect();
        self.check = Some(Check {
            username: format!("{}:{}", own.ice_ufrag, peer.ice_ufrag),
            key: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, own.ice_pwd.as_bytes()),
        });
    }

    /// Notes that the DTLS handshake is done: application records are no longer early.
    pub(crate) fn establish(&mut self) {
        self.established = true;
    }

    /// Whether `datagram` may pass; counts it if it is of a kind that is bounded.
    pub(crate) fn admits(&mut self, source: SocketAddr, datagram: &[u8]) -> bool {
        match datagram.first() {
            Some(0..=3) => self.admits_stun(source, datagram),
            Some(20..=63) => self.is_known(source) && self.admits_dtls(datagram),
            _ => false,
        }
    }

    fn admits_stun(&mut self, source: SocketAddr, datagram: &[u8]) -> bool {
        if self.is_known(source) {
            return stun::is_stun(datagram);
        }
        if self.servers.contains(&source) {
            return stun::is_answer(datagram);
        }
        let Some(check) = &self.check else {
            return false;
        };
        let is_welcome = self.learned < LEARNED_ADDRESSES
            && stun::is_signed_check(datagram, &check.username, &check.key);
        if is_welcome {
            self.learned += 1;
            self.known.push(source);
        }
        is_welcome
    }

    fn admits_dtls(&mut self, datagram: &[u8]) -> bool {
        match Records::read(datagram) {
            Records::Application => self.admits_application(1),
            Records::Mixed { application } => {
                self.admits_handshake(datagram.len()) && self.admits_application(application)
            }
            Records::Malformed => false,
        }
    }

    fn admits_application(&mut self, records: usize) -> bool {
        if self.established {
            return true;
        }
        self.early_records += records;
        self.early_records <= limits::DTLS_EARLY_RECORDS
    }

    fn admits_handshake(&mut self, bytes: usize) -> bool {
        self.handshake_datagrams = self.handshake_datagrams.saturating_add(1);
        self.handshake_bytes = self.handshake_bytes.saturating_add(bytes);
        self.handshake_datagrams <= limits::DTLS_HANDSHAKE_FRAGMENTS
            && self.handshake_bytes <= limits::DTLS_HANDSHAKE_BYTES
    }

    fn is_known(&self, source: SocketAddr) -> bool {
        // Flow labels and scopes of IPv6 are no part of a candidate.
        let same = |known: &SocketAddr| known.port() == source.port() && known.ip() == source.ip();
        self.known.iter().any(same)
    }
}

/// What kinds of record a datagram holds (RFC 6347 §4.1).
#[derive(Debug, PartialEq, Eq)]
enum Records {
    /// One application record, as nearly every datagram of a connection.
    Application,
    /// Records of the handshake, alerts, or several records at once.
    Mixed { application: usize },
    /// Bytes that are not whole records.
    Malformed,
}

impl Records {
    fn read(datagram: &[u8]) -> Self {
        let mut records = 0;
        let mut application = 0;
        let mut rest = datagram;
        while !rest.is_empty() {
            let Some(header) = rest.first_chunk::<RECORD_HEADER_BYTES>() else {
                return Self::Malformed;
            };
            let length = usize::from(u16::from_be_bytes([header[11], header[12]]));
            let Some(next) = rest.get(RECORD_HEADER_BYTES + length..) else {
                return Self::Malformed;
            };
            records += 1;
            application += usize::from(header[0] == APPLICATION_RECORD);
            rest = next;
        }
        if (records, application) == (1, 1) {
            Self::Application
        } else {
            Self::Mixed { application }
        }
    }
}

/// Peer-reflexive addresses of one peer: a device behind a few NATs shows one or two for each socket.
const LEARNED_ADDRESSES: usize = 16;
/// Type, version, epoch, sequence number, length.
const RECORD_HEADER_BYTES: usize = 13;
const APPLICATION_RECORD: u8 = 23;

#[cfg(test)]
mod tests;
