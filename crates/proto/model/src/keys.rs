use std::fmt;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use x25519_dalek::StaticSecret;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{DeviceId, Entropy};

/// Why keys from outside are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The bytes are no Ed25519 public key (or one of small order).
    #[error("not a public key")]
    NotAKey,
    /// The signature does not belong to this key, purpose and message.
    #[error("the signature does not match")]
    BadSignature,
}

/// What a signature is for; a signature made for one purpose never verifies for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The identity key vouches for the Noise key.
    NoiseKeyCertificate,
    /// A sealed envelope's content.
    Envelope,
    /// The challenge of a signaling server.
    SignalingChallenge,
    /// The right to read a mailbox.
    MailboxSubscription,
    /// What a sender says of a transfer that arrived.
    ReceiptStatement,
    /// What its receiver adds to it.
    ReceiptAcknowledgement,
    /// A change of a person's devices.
    RosterChange,
    /// The members of a shared folder.
    FolderRoster,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::NoiseKeyCertificate => b"wherry 1 noise key certificate\0",
            Self::Envelope => b"wherry 1 envelope\0",
            Self::SignalingChallenge => b"wherry 1 signaling challenge\0",
            Self::RosterChange => b"wherry 1 roster change\0",
            Self::FolderRoster => b"wherry 1 folder roster\0",
            Self::MailboxSubscription => b"wherry 1 mailbox subscription\0",
            Self::ReceiptStatement => b"wherry 1 receipt statement\0",
            Self::ReceiptAcknowledgement => b"wherry 1 receipt acknowledgement\0",
        }
    }
}

/// An Ed25519 signature (RFC 8032), 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(…)")
    }
}

impl Serialize for Signature {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (head, tail) = self.0.split_at(32);
        (head_array(head), head_array(tail)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (head, tail) = <([u8; 32], [u8; 32])>::deserialize(deserializer)?;
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&head);
        bytes[32..].copy_from_slice(&tail);
        Ok(Self(bytes))
    }
}

fn head_array(half: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(half);
    bytes
}

/// An Ed25519 public key: what a device *is*.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SigningPublicKey(pub [u8; 32]);

impl fmt::Debug for SigningPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningPublicKey(…)")
    }
}

/// An X25519 public key: what a device speaks Noise with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NoisePublicKey(pub [u8; 32]);

impl fmt::Debug for NoisePublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NoisePublicKey(…)")
    }
}

/// Checks `signature` over `message`, strictly (no malleable or small-order forms).
pub fn verify(
    key: &SigningPublicKey,
    purpose: Purpose,
    message: &[u8],
    signature: &Signature,
) -> Result<(), KeyError> {
    let key = VerifyingKey::from_bytes(&key.0).map_err(|_| KeyError::NotAKey)?;
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    key.verify_strict(&[purpose.label(), message].concat(), &signature)
        .map_err(|_| KeyError::BadSignature)
}

/// A device's public half: identity key, Noise key, and the certificate that ties them.
///
/// [`DeviceKeys::check`] must pass before a value from outside is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceKeys {
    /// The identity key.
    pub signing: SigningPublicKey,
    /// The Noise key.
    pub noise: NoisePublicKey,
    /// The identity key's signature over the Noise key.
    pub certificate: Signature,
}

impl DeviceKeys {
    /// The device these keys name.
    pub fn device_id(&self) -> DeviceId {
        DeviceId::of_key(&self.signing.0)
    }

    /// Verifies the certificate.
    pub fn check(&self) -> Result<(), KeyError> {
        verify(
            &self.signing,
            Purpose::NoiseKeyCertificate,
            &self.noise.0,
            &self.certificate,
        )
    }
}

/// A device's secret half, 64 bytes; wiped when dropped and never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DeviceSecrets {
    signing_seed: [u8; 32],
    noise_secret: [u8; 32],
}

impl DeviceSecrets {
    /// Makes a new identity.
    pub fn generate(entropy: &mut impl Entropy) -> Self {
        Self {
            signing_seed: entropy.draw(),
            noise_secret: entropy.draw(),
        }
    }

    /// Restores an identity from [`DeviceSecrets::to_bytes`].
    pub fn from_bytes(bytes: &[u8; 64]) -> Self {
        Self {
            signing_seed: head_array(&bytes[..32]),
            noise_secret: head_array(&bytes[32..]),
        }
    }

    /// The 64 bytes to keep in the operating system's key store.
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&self.signing_seed);
        bytes[32..].copy_from_slice(&self.noise_secret);
        bytes
    }

    /// The public half, freshly certified.
    pub fn public(&self) -> DeviceKeys {
        let noise = NoisePublicKey(x25519_dalek::PublicKey::from(&self.noise_key()).to_bytes());
        DeviceKeys {
            signing: SigningPublicKey(self.signing_key().verifying_key().to_bytes()),
            noise,
            certificate: self.sign(Purpose::NoiseKeyCertificate, &noise.0),
        }
    }

    /// The device these secrets belong to.
    pub fn device_id(&self) -> DeviceId {
        DeviceId::of_key(&self.signing_key().verifying_key().to_bytes())
    }

    /// Signs with the identity key.
    pub fn sign(&self, purpose: Purpose, message: &[u8]) -> Signature {
        sign_with_seed(&self.signing_seed, purpose, message)
    }

    /// The Noise static private key (X25519, 32 bytes).
    pub fn noise_private(&self) -> [u8; 32] {
        self.noise_secret
    }

    /// A secret of this device for one purpose, 32 bytes: HKDF-SHA-256 over the identity seed.
    ///
    /// Gives, for example, a key per signaling server that no two servers can link.
    pub fn derive(&self, purpose: &str, context: &[u8]) -> [u8; 32] {
        crate::pair_chain::hkdf(&self.signing_seed, purpose.as_bytes(), context)
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.signing_seed)
    }

    fn noise_key(&self) -> StaticSecret {
        StaticSecret::from(self.noise_secret)
    }
}

impl fmt::Debug for DeviceSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceSecrets(…)")
    }
}

/// Signs with the Ed25519 key that `seed` makes.
pub(crate) fn sign_with_seed(seed: &[u8; 32], purpose: Purpose, message: &[u8]) -> Signature {
    let key = SigningKey::from_bytes(seed);
    Signature(key.sign(&[purpose.label(), message].concat()).to_bytes())
}

/// The public key that belongs to `seed`.
pub(crate) fn public_of_seed(seed: &[u8; 32]) -> SigningPublicKey {
    SigningPublicKey(SigningKey::from_bytes(seed).verifying_key().to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(seed: u8) -> DeviceSecrets {
        DeviceSecrets::from_bytes(&[seed; 64])
    }

    #[test]
    fn public_keys_carry_a_certificate_that_checks() {
        secrets(1).public().check().unwrap();
    }

    #[test]
    fn a_certificate_for_another_noise_key_is_refused() {
        let mut keys = secrets(1).public();
        keys.noise = secrets(2).public().noise;
        assert_eq!(keys.check(), Err(KeyError::BadSignature));
    }

    #[test]
    fn a_signature_for_one_purpose_is_none_for_another() {
        let signature = secrets(1).sign(Purpose::Envelope, b"hello");
        let key = secrets(1).public().signing;
        verify(&key, Purpose::Envelope, b"hello", &signature).unwrap();
        let wrong = verify(&key, Purpose::SignalingChallenge, b"hello", &signature);
        assert_eq!(wrong, Err(KeyError::BadSignature));
    }

    #[test]
    fn secrets_survive_storage_and_are_never_printed() {
        let secrets = DeviceSecrets::from_bytes(&[7; 64]);
        let restored = DeviceSecrets::from_bytes(&secrets.to_bytes());
        assert_eq!(secrets.device_id(), restored.device_id());
        assert_eq!(format!("{secrets:?}"), "DeviceSecrets(…)");
    }
}
