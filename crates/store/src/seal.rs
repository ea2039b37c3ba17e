use std::fmt;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use model::Entropy;
use zeroize::Zeroizing;

/// The one key that everything secret in the database is sealed with.
pub(crate) struct StoreKey(Zeroizing<[u8; KEY_BYTES]>);

/// What a sealed value is and whose, so that none can be moved to another place.
#[derive(Clone, Copy)]
pub(crate) struct SealLabel<'a> {
    pub(crate) purpose: &'static str,
    pub(crate) owner: &'a [u8],
}

/// The bytes were not sealed by this key for this place, or were changed since.
#[derive(Debug)]
pub(crate) struct BrokenSeal;

impl StoreKey {
    pub(crate) fn generate(entropy: &mut impl Entropy) -> Self {
        Self(Zeroizing::new(entropy.draw()))
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        if bytes.len() != KEY_BYTES {
            return None;
        }
        key.copy_from_slice(bytes);
        Some(Self(key))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Seals `plain` as `version ‖ nonce ‖ ciphertext`, XChaCha20-Poly1305 with a random nonce.
    pub(crate) fn seal(
        &self,
        label: SealLabel<'_>,
        plain: &[u8],
        entropy: &mut impl Entropy,
    ) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = entropy.draw();
        let aad = label.to_bytes();
        let payload = Payload {
            msg: plain,
            aad: &aad,
        };
        let sealed = self
            .cipher()
            .encrypt(XNonce::from_slice(&nonce), payload)
            .expect("what the store seals is far below the cipher's limit");
        [&[VERSION], nonce.as_slice(), &sealed].concat()
    }

    pub(crate) fn open(
        &self,
        label: SealLabel<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, BrokenSeal> {
        let (&version, rest) = sealed.split_first().ok_or(BrokenSeal)?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_BYTES).ok_or(BrokenSeal)?;
        if version != VERSION {
            return Err(BrokenSeal);
        }
        let aad = label.to_bytes();
        let payload = Payload {
            msg: ciphertext,
            aad: &aad,
        };
        self.cipher()
            .decrypt(XNonce::from_slice(nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| BrokenSeal)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.as_slice().into())
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey(…)")
    }
}

impl SealLabel<'_> {
    fn to_bytes(self) -> Vec<u8> {
        [
            b"wherry store 1 ",
            self.purpose.as_bytes(),
            &[0],
            self.owner,
        ]
        .concat()
    }
}

pub(crate) const KEY_BYTES: usize = 32;
/// Long enough to be drawn at random for any number of values.
const NONCE_BYTES: usize = 24;
/// The first byte of every sealed value: another cipher would be another version.
const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::TestEntropy;
    use proptest::prelude::*;

    const LABEL: SealLabel<'_> = SealLabel {
        purpose: "test",
        owner: b"ana",
    };

    proptest! {
        #[test]
        fn a_sealed_value_opens_only_whole_and_in_its_place(plain: Vec<u8>, place: prop::sample::Index, flip in 1u8..) {
            let mut entropy = TestEntropy::new(1);
            let key = StoreKey::generate(&mut entropy);
            let sealed = key.seal(LABEL, &plain, &mut entropy);
            prop_assert_eq!(&*key.open(LABEL, &sealed).unwrap(), &plain);

            let mut changed = sealed.clone();
            changed[place.index(sealed.len())] ^= flip;
            prop_assert!(key.open(LABEL, &changed).is_err());
            prop_assert!(key.open(LABEL, &sealed[..place.index(sealed.len())]).is_err());

            let elsewhere = SealLabel { owner: b"ben", ..LABEL };
            prop_assert!(key.open(elsewhere, &sealed).is_err());
            let other = StoreKey::generate(&mut entropy);
            prop_assert!(other.open(LABEL, &sealed).is_err());
        }

        #[test]
        fn any_bytes_are_opened_without_panic(bytes: Vec<u8>) {
            let key = StoreKey::generate(&mut TestEntropy::new(1));
            prop_assert!(key.open(LABEL, &bytes).is_err());
        }
    }

    #[test]
    fn sealing_twice_shows_nothing_in_common() {
        let mut entropy = TestEntropy::new(1);
        let key = StoreKey::generate(&mut entropy);
        let first = key.seal(LABEL, b"the same", &mut entropy);
        let second = key.seal(LABEL, b"the same", &mut entropy);
        assert_ne!(first[1..], second[1..]);
        assert_eq!(format!("{key:?}"), "StoreKey(…)");
    }
}
