//! From an unconfirmed key to proof: each side shows that it has the same key and saw the same messages.

use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use model::Digest;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{PakeKey, Role};

/// A key with everything that both sides must agree on.
pub(crate) struct Agreement {
    confirmation_key: Zeroizing<[u8; 32]>,
    /// The pre-shared key of the Noise handshake that follows.
    pub(crate) psk: Zeroizing<[u8; 32]>,
    /// What was said to reach the key; the Noise handshake is bound to it too.
    pub(crate) transcript: Digest,
}

impl Agreement {
    /// Derives what follows from the key: HKDF-SHA-256 salted with the transcript.
    pub(crate) fn new(key: &PakeKey, transcript: Digest) -> Self {
        let hkdf = Hkdf::<Sha256>::new(Some(&transcript.0), &key.0);
        let derive = |label: &[u8]| {
            let mut okm = Zeroizing::new([0; 32]);
            hkdf.expand(label, okm.as_mut_slice())
                .expect("32 bytes are fewer than 255 hash lengths");
            okm
        };
        Self {
            confirmation_key: derive(b"wherry 1 pairing confirmation"),
            psk: derive(b"wherry 1 pairing noise psk"),
            transcript,
        }
    }

    /// The proof that `role` gives: HMAC-SHA-256 over its label and the transcript.
    pub(crate) fn tag(&self, role: Role) -> [u8; 32] {
        self.mac(role).finalize().into_bytes().into()
    }

    /// Checks the proof of `role` in constant time.
    pub(crate) fn verify(&self, role: Role, tag: &[u8; 32]) -> bool {
        self.mac(role).verify_slice(tag).is_ok()
    }

    fn mac(&self, role: Role) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.confirmation_key.as_slice())
            .expect("HMAC takes keys of any length");
        mac.update(role.label());
        mac.update(&self.transcript.0);
        mac
    }
}
