use std::fmt;

use model::Entropy;
use rand_core::{CryptoRng, RngCore};
use spake2::{Ed25519Group, Identity, Password};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Role;

/// A password-authenticated key exchange: one message each way gives both sides a key, which is the same
/// exactly if their passwords are.
///
/// A passive listener learns nothing, an active one tests one password per run. Neither side knows
/// whether the keys match until they are confirmed.
pub trait Pake: Sized {
    /// Starts a run; gives the message for the other side.
    ///
    /// Both sides must name the same `context`.
    fn start(
        role: Role,
        password: &[u8],
        context: &[u8],
        entropy: &mut dyn Entropy,
    ) -> (Self, Vec<u8>);

    /// Ends the run with the other side's message.
    fn finish(self, message: &[u8]) -> Result<PakeKey, PakeError>;
}

/// Why a message cannot be the other side's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PakeError {
    /// Not an element of the group, or from the wrong side.
    #[error("not a message of the key exchange")]
    Malformed,
}

/// What an exchange ends with: 32 bytes, not yet confirmed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct PakeKey(pub(crate) [u8; 32]);

impl fmt::Debug for PakeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PakeKey(…)")
    }
}

/// SPAKE2 over the Ed25519 group (RFC 9382 describes the family; elements and transcript are those of the
/// `spake2` crate): messages of 33 bytes.
pub struct Spake2(spake2::Spake2<Ed25519Group>);

impl Pake for Spake2 {
    fn start(
        role: Role,
        password: &[u8],
        context: &[u8],
        entropy: &mut dyn Entropy,
    ) -> (Self, Vec<u8>) {
        let password = Password::new(password);
        let identity = |role: Role| Identity::new(&[role.label(), context].concat());
        let (claimer, issuer) = (identity(Role::Claimer), identity(Role::Issuer));
        let random = HandedIn(entropy);
        let (run, message) = match role {
            Role::Claimer => spake2::Spake2::start_a_with_rng(&password, &claimer, &issuer, random),
            Role::Issuer => spake2::Spake2::start_b_with_rng(&password, &claimer, &issuer, random),
        };
        (Self(run), message)
    }

    fn finish(self, message: &[u8]) -> Result<PakeKey, PakeError> {
        let key = self.0.finish(message).map_err(|_| PakeError::Malformed)?;
        let key = key.try_into().map_err(|_| PakeError::Malformed)?;
        Ok(PakeKey(key))
    }
}

impl fmt::Debug for Spake2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spake2(…)")
    }
}

/// Lends our randomness to a crate that asks for `rand_core`'s.
struct HandedIn<'a>(&'a mut dyn Entropy);

impl RngCore for HandedIn<'_> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_be_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_be_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl CryptoRng for HandedIn<'_> {}
