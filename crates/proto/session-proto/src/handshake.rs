use model::limits::NOISE_BYTES;
use model::{DeviceSecrets, Digest, DtlsFingerprint, Entropy, NoisePublicKey, SessionId, wire};
use serde::{Deserialize, Serialize};
use snow::resolvers::{BoxedCryptoResolver, CryptoResolver, DefaultResolver};
use snow::{Builder, HandshakeState, TransportState};
use zeroize::Zeroizing;

/// Who begins a handshake: the device whose offer won in signaling. It stays so for a session's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Chooses the connection that carries control and begins there.
    Initiator,
    /// Waits for it.
    Responder,
}

/// Why the peer could not prove itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// Longer than [`NOISE_BYTES`].
    #[error("the handshake message is too long")]
    TooLong,
    /// Made with other keys, another pair secret, for other DTLS certificates, another session or
    /// another negotiation, or changed on its way.
    #[error("the peer could not prove who it is")]
    NotAuthentic,
    /// Authentic, but not the content this version expects.
    #[error("the handshake message is malformed")]
    Malformed,
    /// Not done within [`model::limits::NOISE_TIME`].
    #[error("the peer did not prove who it is in time")]
    TimedOut,
}

/// What a handshake is bound to, apart from the connection.
pub(crate) struct Binding {
    pub(crate) role: Role,
    pub(crate) session: SessionId,
    pub(crate) transcript: Digest,
    pub(crate) own: DeviceSecrets,
    pub(crate) peer: NoisePublicKey,
    pub(crate) psk: Zeroizing<[u8; 32]>,
}

/// The certificates that both sides showed in the DTLS handshake of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fingerprints {
    pub(crate) own: DtlsFingerprint,
    pub(crate) peer: DtlsFingerprint,
}

/// What each side says in its handshake message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Greeting {
    /// The number of the piece it expects next.
    pub(crate) next: u64,
    /// Of the initiator: how many handshakes it began in this session, this one included. Of the
    /// responder: 0.
    pub(crate) round: u32,
}

/// A handshake that this side began.
pub(crate) struct Initiation {
    noise: Box<HandshakeState>,
}

/// A handshake that this side answered; the peer is proven by its first transport message.
pub(crate) struct Answer {
    pub(crate) noise: TransportState,
    pub(crate) greeting: Greeting,
    pub(crate) message: Vec<u8>,
}

impl Binding {
    /// Begins a handshake; returns it with the message to send.
    pub(crate) fn begin(
        &self,
        fingerprints: Fingerprints,
        greeting: Greeting,
        entropy: &mut dyn Entropy,
    ) -> (Initiation, Vec<u8>) {
        let mut noise = Box::new(self.noise(fingerprints, entropy));
        let message =
            write(&mut noise, greeting).expect("the keys are set and the message is short");
        (Initiation { noise }, message)
    }

    /// Answers the message that began a handshake.
    pub(crate) fn answer(
        &self,
        fingerprints: Fingerprints,
        greeting: Greeting,
        message: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<Answer, HandshakeError> {
        let mut noise = self.noise(fingerprints, entropy);
        let theirs = read(&mut noise, message)?;
        // An ephemeral key of small order is noticed no earlier than here.
        let message = write(&mut noise, greeting)?;
        Ok(Answer {
            noise: transport(noise)?,
            greeting: theirs,
            message,
        })
    }

    fn noise(&self, fingerprints: Fingerprints, entropy: &mut dyn Entropy) -> HandshakeState {
        let params = PATTERN
            .parse()
            .expect("the pattern is one that Noise knows");
        let own = Zeroizing::new(self.own.noise_private());
        let prologue = self.prologue(fingerprints);
        let builder = Builder::with_resolver(params, resolver(entropy))
            .local_private_key(&*own)
            .and_then(|builder| builder.remote_public_key(&self.peer.0))
            .and_then(|builder| builder.psk(0, &self.psk))
            .and_then(|builder| builder.prologue(&prologue))
            .expect("each is set once and has its length");
        match self.role {
            Role::Initiator => builder.build_initiator(),
            Role::Responder => builder.build_responder(),
        }
        .expect("the pattern's keys are set")
    }

    /// Every part has a fixed length, so no two bindings share a prologue.
    fn prologue(&self, fingerprints: Fingerprints) -> Vec<u8> {
        let (initiator, responder) = match self.role {
            Role::Initiator => (fingerprints.own, fingerprints.peer),
            Role::Responder => (fingerprints.peer, fingerprints.own),
        };
        [
            LABEL.as_slice(),
            &initiator.0,
            &responder.0,
            &self.session.0,
            &self.transcript.0,
        ]
        .concat()
    }
}

impl Initiation {
    /// Takes the peer's answer: it has proven itself.
    pub(crate) fn finish(
        mut self,
        message: &[u8],
    ) -> Result<(TransportState, Greeting), HandshakeError> {
        let greeting = read(&mut self.noise, message)?;
        Ok((transport(*self.noise)?, greeting))
    }
}

fn write(noise: &mut HandshakeState, greeting: Greeting) -> Result<Vec<u8>, HandshakeError> {
    let mut message = vec![0; HANDSHAKE_BYTES];
    let length = noise
        .write_message(&wire::encode(&greeting), &mut message)
        .map_err(|_| HandshakeError::NotAuthentic)?;
    message.truncate(length);
    Ok(message)
}

fn read(noise: &mut HandshakeState, message: &[u8]) -> Result<Greeting, HandshakeError> {
    if message.len() > NOISE_BYTES {
        return Err(HandshakeError::TooLong);
    }
    let mut payload = vec![0; message.len()];
    let length = noise
        .read_message(message, &mut payload)
        .map_err(|_| HandshakeError::NotAuthentic)?;
    payload.truncate(length);
    wire::decode(&payload, HANDSHAKE_BYTES).map_err(|_| HandshakeError::Malformed)
}

fn transport(noise: HandshakeState) -> Result<TransportState, HandshakeError> {
    noise
        .into_transport_mode()
        .map_err(|_| HandshakeError::NotAuthentic)
}

fn resolver(entropy: &mut dyn Entropy) -> BoxedCryptoResolver {
    let mut ephemeral = Zeroizing::new([0; 32]);
    entropy.fill(&mut *ephemeral);
    Box::new(DrawnResolver { ephemeral })
}

/// The usual primitives, and as randomness the one ephemeral key that was drawn beforehand.
struct DrawnResolver {
    ephemeral: Zeroizing<[u8; 32]>,
}

impl CryptoResolver for DrawnResolver {
    fn resolve_rng(&self) -> Option<Box<dyn snow::types::Random>> {
        Some(Box::new(Drawn(Some(self.ephemeral.clone()))))
    }

    fn resolve_dh(&self, choice: &snow::params::DHChoice) -> Option<Box<dyn snow::types::Dh>> {
        DefaultResolver.resolve_dh(choice)
    }

    fn resolve_hash(
        &self,
        choice: &snow::params::HashChoice,
    ) -> Option<Box<dyn snow::types::Hash>> {
        DefaultResolver.resolve_hash(choice)
    }

    fn resolve_cipher(
        &self,
        choice: &snow::params::CipherChoice,
    ) -> Option<Box<dyn snow::types::Cipher>> {
        DefaultResolver.resolve_cipher(choice)
    }
}

/// Gives its bytes once; asking again is an error, never a repetition.
struct Drawn(Option<Zeroizing<[u8; 32]>>);

impl snow::types::Random for Drawn {
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), snow::Error> {
        let drawn = self.0.take().ok_or(snow::Error::Rng)?;
        if dest.len() != drawn.len() {
            return Err(snow::Error::Rng);
        }
        dest.copy_from_slice(&*drawn);
        Ok(())
    }
}

/// Both static keys are known beforehand; the pair's secret of the day is mixed in first.
const PATTERN: &str = "Noise_KKpsk0_25519_ChaChaPoly_SHA256";
/// Names the protocol and its version.
const LABEL: [u8; 16] = *b"wherry session 1";
/// Room for an ephemeral key, a greeting and a tag.
const HANDSHAKE_BYTES: usize = 128;

#[cfg(test)]
mod tests;
