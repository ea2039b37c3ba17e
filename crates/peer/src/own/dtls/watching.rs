//! The cryptography of a handshake, watched for the keys that it ends with.
//!
//! The DTLS crate encrypts one record at a time and copies each several times; the keys with which it protects the
//! last messages of the handshake are those of all later records (RFC 5246 §6.3), so that `Records` can do the same in place.

use std::sync::{Arc, OnceLock};

use rtc_dtls::crypto_provider::{
    ActiveKeyExchange, AeadAlgorithm, AeadCipher, BlockCipherAlgorithm, CbcAlgorithm, CbcCipher,
    CryptoAlgorithm, CryptoError, HashAlgorithm, HmacAlgorithm, KeyExchangeAlgorithm, Mac,
    PublicKey, RTCCrypto, RTCCryptoProvider, RTCRandom, SignatureScheme, SigningKey, StreamCipher,
    StreamCipherAlgorithm,
};
use zeroize::Zeroizing;

/// What protects one direction of a session; forgotten with it.
#[derive(Clone)]
pub(super) struct Secret {
    pub(super) key: Zeroizing<[u8; KEY_BYTES]>,
    /// The part of each nonce that is not in the record (RFC 5288 §3).
    pub(super) salt: [u8; SALT_BYTES],
}

/// What was seen; nothing where another cipher was agreed on.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) own: OnceLock<Secret>,
    pub(super) peer: OnceLock<Secret>,
}

/// Does what another provider does, and notes the keys of AES-GCM when they are used.
pub(super) struct Watching {
    inner: Arc<dyn RTCCryptoProvider>,
    seen: Arc<Seen>,
}

struct WatchedCipher {
    inner: Box<dyn AeadCipher>,
    key: Zeroizing<[u8; KEY_BYTES]>,
    seen: Arc<Seen>,
}

impl Watching {
    pub(super) fn new(inner: Arc<dyn RTCCryptoProvider>) -> (Arc<Self>, Arc<Seen>) {
        let seen = Arc::<Seen>::default();
        let watching = Self {
            inner,
            seen: seen.clone(),
        };
        (Arc::new(watching), seen)
    }
}

impl AeadCipher for WatchedCipher {
    fn tag_len(&self) -> usize {
        self.inner.tag_len()
    }

    fn seal_in_place(
        &mut self,
        nonce: &[u8],
        aad: &[u8],
        plaintext_and_ciphertext: &mut [u8],
        tag_out: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.note(&self.seen.own, nonce);
        self.inner
            .seal_in_place(nonce, aad, plaintext_and_ciphertext, tag_out)
    }

    fn open_in_place(
        &mut self,
        nonce: &[u8],
        aad: &[u8],
        ciphertext_and_plaintext: &mut [u8],
        tag: &[u8],
    ) -> Result<(), CryptoError> {
        let opened = self
            .inner
            .open_in_place(nonce, aad, ciphertext_and_plaintext, tag);
        if opened.is_ok() {
            self.note(&self.seen.peer, nonce);
        }
        opened
    }
}

impl WatchedCipher {
    fn note(&self, place: &OnceLock<Secret>, nonce: &[u8]) {
        if let Some(salt) = nonce.first_chunk() {
            place.get_or_init(|| Secret {
                key: self.key.clone(),
                salt: *salt,
            });
        }
    }
}

impl RTCCryptoProvider for Watching {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn crypto(&self) -> &dyn RTCCrypto {
        self
    }

    fn random(&self) -> &dyn RTCRandom {
        self.inner.random()
    }
}

impl RTCCrypto for Watching {
    fn new_aead(
        &self,
        algorithm: AeadAlgorithm,
        key: &[u8],
    ) -> Result<Box<dyn AeadCipher>, CryptoError> {
        let inner = self.inner.crypto().new_aead(algorithm, key)?;
        match (algorithm, <[u8; KEY_BYTES]>::try_from(key)) {
            (AeadAlgorithm::Aes128Gcm, Ok(key)) => Ok(Box::new(WatchedCipher {
                inner,
                key: Zeroizing::new(key),
                seen: self.seen.clone(),
            })),
            _ => Ok(inner),
        }
    }

    fn supports(&self, algorithm: CryptoAlgorithm) -> bool {
        self.inner.crypto().supports(algorithm)
    }

    fn hash(&self, algorithm: HashAlgorithm, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.inner.crypto().hash(algorithm, data)
    }

    fn block_encrypt(
        &self,
        algorithm: BlockCipherAlgorithm,
        key: &[u8],
        block: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.inner.crypto().block_encrypt(algorithm, key, block)
    }

    fn new_hmac(&self, algorithm: HmacAlgorithm, key: &[u8]) -> Result<Box<dyn Mac>, CryptoError> {
        self.inner.crypto().new_hmac(algorithm, key)
    }

    fn new_stream_cipher(
        &self,
        algorithm: StreamCipherAlgorithm,
        key: &[u8],
    ) -> Result<Box<dyn StreamCipher>, CryptoError> {
        self.inner.crypto().new_stream_cipher(algorithm, key)
    }

    fn new_cbc(
        &self,
        algorithm: CbcAlgorithm,
        key: &[u8],
    ) -> Result<Box<dyn CbcCipher>, CryptoError> {
        self.inner.crypto().new_cbc(algorithm, key)
    }

    fn start_key_exchange(
        &self,
        algorithm: KeyExchangeAlgorithm,
    ) -> Result<Box<dyn ActiveKeyExchange>, CryptoError> {
        self.inner.crypto().start_key_exchange(algorithm)
    }

    fn generate_signing_key(
        &self,
        scheme: SignatureScheme,
    ) -> Result<Arc<dyn SigningKey>, CryptoError> {
        self.inner.crypto().generate_signing_key(scheme)
    }

    fn import_signing_key(
        &self,
        scheme: SignatureScheme,
        pkcs8_der: &[u8],
    ) -> Result<Arc<dyn SigningKey>, CryptoError> {
        self.inner.crypto().import_signing_key(scheme, pkcs8_der)
    }

    fn verify_signature(
        &self,
        scheme: SignatureScheme,
        public_key: PublicKey<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let crypto = self.inner.crypto();
        crypto.verify_signature(scheme, public_key, message, signature)
    }
}

pub(super) const KEY_BYTES: usize = 16;
pub(super) const SALT_BYTES: usize = 4;
