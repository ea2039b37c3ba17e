//! What all sessions of a relay go by.

use std::fmt;
use std::net::SocketAddr;

use stun_types::attribute::{AttributeStaticType, Nonce, Realm};
use stun_types::message::Message;

use super::{Signer, nonce};
use crate::Now;
use crate::credentials::{self, Credentials, Secret};
use crate::message::{self, Draft};
use crate::policy::PeerPolicy;

/// The rules of a relay; a driver may hand in others with every call, such as after a rotation of secrets.
#[derive(Clone)]
pub struct Rules {
    /// Named to clients, and part of what they sign with.
    pub realm: String,
    /// Whose credentials are taken: one secret, or two while one replaces the other.
    pub secrets: Vec<Secret>,
    /// For nonces; random, and of this process only.
    pub nonce_key: [u8; 32],
    /// What one allocation may do.
    pub limits: AllocationLimits,
    /// Whom it may reach.
    pub peers: PeerPolicy,
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rules({} secrets)", self.secrets.len())
    }
}

/// What one allocation may do; 0 is no limit where that is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllocationLimits {
    /// How long it lives without a refresh, unless the client asks for another time.
    pub lifetime_s: u32,
    /// The longest time a client gets.
    pub longest_lifetime_s: u32,
    /// From its first request to its end, however often it is refreshed.
    pub total_s: u64,
    /// How long a permission lives without a refresh (RFC 8656 §9 has 300 s).
    pub permission_s: u32,
    /// How long a channel does (RFC 8656 §12 has 600 s).
    pub channel_s: u32,
    /// Addresses a client may send to at a time; channels, too.
    pub permissions: usize,
    /// How long a nonce is good.
    pub nonce_s: u64,
    /// Bytes per second, both ways together; 0 is no limit.
    pub bytes_per_s: u64,
    /// Bytes in all; 0 is no limit.
    pub bytes: u64,
}

impl Default for AllocationLimits {
    fn default() -> Self {
        Self {
            lifetime_s: 600,
            longest_lifetime_s: 3_600,
            total_s: 24 * 60 * 60,
            permission_s: 300,
            channel_s: 600,
            permissions: 64,
            nonce_s: 600,
            bytes_per_s: 0,
            bytes: 0,
        }
    }
}

impl Rules {
    /// Answers with what the client has to sign (RFC 8489 §9.2.4).
    pub(super) fn challenge(
        &self,
        request: &Message<'_>,
        code: u16,
        client: SocketAddr,
        now: Now,
    ) -> Vec<u8> {
        let nonce = nonce::make(&self.nonce_key, client, now.unix_s);
        Draft::error(request, code)
            .put(Realm::TYPE, self.realm.as_bytes())
            .put(Nonce::TYPE, nonce.as_bytes())
            .finish()
    }

    pub(super) fn is_fresh(&self, nonce: &str, client: SocketAddr, now: Now) -> bool {
        let time = (now.unix_s, self.limits.nonce_s);
        nonce::is_fresh(&self.nonce_key, nonce, client, time)
    }

    /// Who signed `request`, if their credentials are good and were made with one of the secrets.
    pub(super) fn signer(&self, request: &Message<'_>, username: &str, now: Now) -> Option<Signer> {
        let id = credentials::owner(username, now.unix_s).ok()?;
        self.secrets.iter().find_map(|secret| {
            let credentials = Credentials {
                username: username.to_owned(),
                password: secret.password(username),
            };
            let key = message::long_term_key(&credentials, &self.realm);
            message::is_signed(request, &key).then(|| Signer {
                username: username.to_owned(),
                id: id.to_owned(),
                key,
            })
        })
    }
}
