//! Noise `XXpsk0`, or `XX` where there is no code (revision 34), with handed-in randomness.

use model::{Digest, NoisePublicKey, limits};
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::{CryptoResolver, DefaultResolver};
use snow::types::{Cipher, Dh, Hash, Random};
use zeroize::Zeroizing;

use crate::Role;
use crate::confirmation::Agreement;

/// A message that is not the other side's, or a step out of turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a message of this handshake")]
pub(crate) struct NoiseError;

impl From<snow::Error> for NoiseError {
    fn from(_: snow::Error) -> Self {
        Self
    }
}

/// A handshake under way; the claimer is the initiator.
pub(crate) struct Handshake(snow::HandshakeState);

impl Handshake {
    /// Begins a handshake bound to `agreement`, if a code led to one; `seed` becomes the ephemeral key.
    pub(crate) fn new(
        role: Role,
        agreement: Option<&Agreement>,
        noise_private: &[u8; 32],
        seed: &Seed,
    ) -> Result<Self, NoiseError> {
        let resolver = Box::new(Resolver(seed.clone()));
        let Some(agreement) = agreement else {
            let builder = snow::Builder::with_resolver(PATTERN_OF_TAP.parse()?, resolver)
                .local_private_key(noise_private)?
                .prologue(PROLOGUE_OF_TAP)?;
            return Self::build(builder, role);
        };
        let prologue = [PROLOGUE, &agreement.transcript.0].concat();
        let builder = snow::Builder::with_resolver(PATTERN.parse()?, resolver)
            .local_private_key(noise_private)?
            .psk(0, &agreement.psk)?
            .prologue(&prologue)?;
        Self::build(builder, role)
    }

    fn build(builder: snow::Builder<'_>, role: Role) -> Result<Self, NoiseError> {
        let state = match role {
            Role::Claimer => builder.build_initiator()?,
            Role::Issuer => builder.build_responder()?,
        };
        Ok(Self(state))
    }

    pub(crate) fn write(&mut self, payload: &[u8]) -> Result<Vec<u8>, NoiseError> {
        let mut message = vec![0; limits::PAIRING_MESSAGE_BYTES];
        let length = self.0.write_message(payload, &mut message)?;
        message.truncate(length);
        Ok(message)
    }

    pub(crate) fn read(&mut self, message: &[u8]) -> Result<Zeroizing<Vec<u8>>, NoiseError> {
        let mut payload = Zeroizing::new(vec![0; limits::PAIRING_MESSAGE_BYTES]);
        let length = self.0.read_message(message, &mut payload)?;
        payload.truncate(length);
        Ok(payload)
    }

    /// The Noise key that the other side proved to have.
    pub(crate) fn remote_static(&self) -> Option<NoisePublicKey> {
        let key = self.0.get_remote_static()?.try_into().ok()?;
        Some(NoisePublicKey(key))
    }

    /// Covers everything said; equal on both sides after the last message.
    pub(crate) fn hash(&self) -> Result<Digest, NoiseError> {
        let hash = self.0.get_handshake_hash();
        hash.try_into().map(Digest).map_err(|_| NoiseError)
    }

    pub(crate) fn into_transport(self) -> Result<Transport, NoiseError> {
        Ok(Transport(self.0.into_transport_mode()?))
    }
}

/// The encrypted channel after a handshake.
pub(crate) struct Transport(snow::TransportState);

impl Transport {
    pub(crate) fn write(&mut self, payload: &[u8]) -> Result<Vec<u8>, NoiseError> {
        let mut message = vec![0; limits::PAIRING_MESSAGE_BYTES];
        let length = self.0.write_message(payload, &mut message)?;
        message.truncate(length);
        Ok(message)
    }

    pub(crate) fn read(&mut self, message: &[u8]) -> Result<Vec<u8>, NoiseError> {
        let mut payload = vec![0; limits::PAIRING_MESSAGE_BYTES];
        let length = self.0.read_message(message, &mut payload)?;
        payload.truncate(length);
        Ok(payload)
    }
}

/// The 32 random bytes of one ephemeral key, wiped when dropped.
pub(crate) type Seed = Zeroizing<[u8; 32]>;

/// The default primitives, with a generator that gives exactly one seed.
struct Resolver(Seed);

impl CryptoResolver for Resolver {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(OneSeed(Some(self.0.clone()))))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        DefaultResolver.resolve_dh(choice)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        DefaultResolver.resolve_hash(choice)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        DefaultResolver.resolve_cipher(choice)
    }
}

/// Refuses to give the same randomness twice.
struct OneSeed(Option<Seed>);

impl Random for OneSeed {
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), snow::Error> {
        let seed = self.0.take().ok_or(snow::Error::Rng)?;
        if bytes.len() != seed.len() {
            return Err(snow::Error::Rng);
        }
        bytes.copy_from_slice(seed.as_slice());
        Ok(())
    }
}

const PATTERN: &str = "Noise_XXpsk0_25519_ChaChaPoly_SHA256";
const PROLOGUE: &[u8] = b"wherry 1 pairing noise\0";
const PATTERN_OF_TAP: &str = "Noise_XX_25519_ChaChaPoly_SHA256";
const PROLOGUE_OF_TAP: &[u8] = b"wherry 1 pairing tap\0";
