//! Envelopes: what one device tells another through a mailbox, so that the server learns nothing.
//!
//! An envelope is encrypted with a key of the pair, the direction and the day, signed inside with the
//! sender's identity key, and padded, so that its size is one of [`limits::ENVELOPE_BYTES`]. The wire is
//! described in `docs/protocol/envelopes.md`.

mod padding;
#[cfg(test)]
mod tests;

use std::fmt;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use model::{
    Day, DeviceId, DeviceSecrets, Digest, DirectionKeys, Entropy, Purpose, SigningPublicKey,
    limits, verify, wire,
};
use serde::{Deserialize, Serialize};

use crate::negotiation::{Answer, Hello, Offer, Refusal};

/// What an envelope holds.
///
/// There is no message for "you are blocked": a blocked contact gets no answer, as if nobody were there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sealed {
    /// This device is here.
    Hello(Hello),
    /// A session is wanted.
    Offer(Offer),
    /// The session of an offer can begin.
    Answer(Answer),
    /// The session of an offer cannot begin.
    Refusal(Refusal),
    /// This device goes away on purpose.
    Bye {
        /// The process that goes, as in [`Hello::epoch`].
        epoch: u64,
    },
    /// Another process uses the recipient's keys. A device writes this to itself when a copy took its
    /// place at the server, and to a contact that speaks from two places.
    Copied {
        /// The process that says so.
        epoch: u64,
    },
    /// An envelope was refused, because its counter is not above this one: its sender sends what follows
    /// with a higher one. If it never gave this one out, or gave it to what was refused, its identity
    /// was copied.
    Behind {
        /// The counter of the last envelope taken from the recipient of this one.
        counter: u64,
        /// The counter of the envelope that was refused.
        refused: u64,
    },
    /// Something that is kept until the recipient took it; what is in it is none of this protocol's business.
    Notice {
        /// Repeated by [`Sealed::NoticeTaken`].
        number: u64,
        /// At most [`limits::NOTICE_BYTES`].
        body: Vec<u8>,
    },
    /// A notice was taken, and need not be sent again.
    NoticeTaken {
        /// As in [`Sealed::Notice`].
        number: u64,
    },
}

/// From whom to whom an envelope goes: the sender's view.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// The day's keys towards the recipient: `DayKeys::to_peer`.
    pub keys: &'a DirectionKeys,
    /// Who signs.
    pub own: &'a DeviceSecrets,
    /// Who may open.
    pub recipient: &'a DeviceId,
    /// The day of `keys`.
    pub day: Day,
    /// Greater than in every envelope before to this recipient; the first is 1.
    pub counter: u64,
}

/// From whom to whom an envelope must go: the recipient's view.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// The day's keys towards this device: `DayKeys::to_own`.
    pub keys: &'a DirectionKeys,
    /// Whose signature is expected.
    pub sender: &'a SigningPublicKey,
    /// This device.
    pub own: &'a DeviceId,
    /// The day of `keys`.
    pub day: Day,
    /// The counter of the last envelope taken from this sender, 0 before the first.
    pub last_counter: u64,
}

/// An envelope ready to post.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedEnvelope {
    /// What the server sees: its length is one of [`limits::ENVELOPE_BYTES`].
    pub bytes: Vec<u8>,
    /// The digest of the signed body, for transcripts.
    pub digest: Digest,
}

impl fmt::Debug for SealedEnvelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedEnvelope({} bytes)", self.bytes.len())
    }
}

/// An envelope whose sender is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What it says.
    pub payload: Sealed,
    /// Keep it as the sender's last counter before acting on the payload.
    pub counter: u64,
    /// The digest of the signed body, for transcripts.
    pub digest: Digest,
}

/// Why a payload cannot be sealed: the caller filled it beyond its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The session description exceeds [`limits::SDP_BYTES`].
    #[error("the session description is too long for an envelope")]
    SdpTooLong,
    /// The notice exceeds [`limits::NOTICE_BYTES`].
    #[error("the notice is too long for an envelope")]
    NoticeTooLong,
    /// Counters begin at 1.
    #[error("an envelope's counter is at least 1")]
    ZeroCounter,
}

/// Why bytes from a mailbox are not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not one of the lengths that envelopes have.
    #[error("the envelope has no length that envelopes have")]
    WrongLength,
    /// Not sealed with this key for this recipient and day: try the keys of the neighbouring days.
    #[error("the envelope is not for these keys")]
    NotForTheseKeys,
    /// The inside does not have the shape of an envelope's inside.
    #[error("the envelope's content is malformed")]
    Malformed,
    /// The signature is not the sender's.
    #[error("the envelope is not signed by the contact")]
    BadSignature,
    /// Signed by the contact, and it names another sender.
    #[error("the envelope names another sender")]
    WrongSender,
    /// Signed by the contact for another device.
    #[error("the envelope was made for another device")]
    WrongRecipient,
    /// Signed by the contact for another day.
    #[error("the envelope was made for another day")]
    WrongDay,
    /// Its counter is not above the last one: a replay, an envelope overtaken by another, or a copied
    /// identity.
    #[error("the envelope is older than one already taken")]
    Replayed,
}

/// Seals `payload` for one recipient and day.
///
/// `entropy` gives the nonce (24 bytes, drawn anew for every envelope).
pub fn seal(
    payload: &Sealed,
    outgoing: &Outgoing<'_>,
    entropy: &mut dyn Entropy,
) -> Result<SealedEnvelope, SealError> {
    check_limits(payload)?;
    if outgoing.counter == 0 {
        return Err(SealError::ZeroCounter);
    }

    let body = wire::encode(&Body {
        sender: outgoing.own.device_id(),
        recipient: *outgoing.recipient,
        day: outgoing.day,
        counter: outgoing.counter,
        payload,
    });
    let signature = outgoing.own.sign(Purpose::Envelope, &body);
    let plaintext = padding::pad(&body, &signature);

    let mut nonce = [0; NONCE_BYTES];
    entropy.fill(&mut nonce);
    Ok(SealedEnvelope {
        bytes: encrypt(&nonce, &plaintext, outgoing),
        digest: digest_of_body(&body),
    })
}

/// Opens an envelope: proves its sender, recipient, day and freshness, strictly and in this order.
pub fn open(bytes: &[u8], incoming: &Incoming<'_>) -> Result<Opened, OpenError> {
    if !limits::ENVELOPE_BYTES.contains(&bytes.len()) {
        return Err(OpenError::WrongLength);
    }
    let (nonce, sealed) = bytes.split_at(NONCE_BYTES);
    let plaintext = XChaCha20Poly1305::new(&incoming.keys.envelope.into())
        .decrypt(
            XNonce::from_slice(nonce),
            Payload {
                msg: sealed,
                aad: &associated_data(incoming.day, incoming.own),
            },
        )
        .map_err(|_| OpenError::NotForTheseKeys)?;
    open_plaintext(&plaintext, incoming)
}

/// Does the part of [`open`] that follows decryption: takes any bytes.
///
/// Whoever holds the pair's keys and not the identity key gets as far as this and no further.
pub fn open_plaintext(plaintext: &[u8], incoming: &Incoming<'_>) -> Result<Opened, OpenError> {
    let (bytes, signature) = padding::unpad(plaintext).ok_or(OpenError::Malformed)?;
    verify(incoming.sender, Purpose::Envelope, bytes, &signature)
        .map_err(|_| OpenError::BadSignature)?;

    let body = decode_body(bytes)?;
    if body.sender != DeviceId::of_key(&incoming.sender.0) {
        return Err(OpenError::WrongSender);
    }
    if body.recipient != *incoming.own {
        return Err(OpenError::WrongRecipient);
    }
    if body.day != incoming.day {
        return Err(OpenError::WrongDay);
    }
    if body.counter <= incoming.last_counter {
        return Err(OpenError::Replayed);
    }
    Ok(Opened {
        payload: body.payload,
        counter: body.counter,
        digest: digest_of_body(bytes),
    })
}

/// Reads what a signed body says without judging whose it is: takes any bytes.
pub fn decode_payload(body: &[u8]) -> Result<Sealed, OpenError> {
    decode_body(body).map(|body| body.payload)
}

fn encrypt(nonce: &[u8; NONCE_BYTES], plaintext: &[u8], outgoing: &Outgoing<'_>) -> Vec<u8> {
    let payload = Payload {
        msg: plaintext,
        aad: &associated_data(outgoing.day, outgoing.recipient),
    };
    let sealed = XChaCha20Poly1305::new(&outgoing.keys.envelope.into())
        .encrypt(XNonce::from_slice(nonce), payload)
        .expect("a bounded plaintext is far below the cipher's limit");
    [nonce.as_slice(), &sealed].concat()
}

/// What the signature covers.
#[derive(Serialize, Deserialize)]
struct Body<P> {
    sender: DeviceId,
    recipient: DeviceId,
    day: Day,
    counter: u64,
    payload: P,
}

fn decode_body(bytes: &[u8]) -> Result<Body<Sealed>, OpenError> {
    let body: Body<Sealed> =
        wire::decode(bytes, padding::BODY_BYTES).map_err(|_| OpenError::Malformed)?;
    check_limits(&body.payload).map_err(|_| OpenError::Malformed)?;
    Ok(body)
}

fn check_limits(payload: &Sealed) -> Result<(), SealError> {
    let sdp = match payload {
        Sealed::Offer(offer) => &offer.sdp,
        Sealed::Answer(answer) => &answer.sdp,
        Sealed::Notice { body, .. } if body.len() > limits::NOTICE_BYTES => {
            return Err(SealError::NoticeTooLong);
        }
        Sealed::Hello(_)
        | Sealed::Refusal(_)
        | Sealed::Bye { .. }
        | Sealed::Copied { .. }
        | Sealed::Behind { .. }
        | Sealed::Notice { .. }
        | Sealed::NoticeTaken { .. } => return Ok(()),
    };
    if sdp.len() > limits::SDP_BYTES {
        return Err(SealError::SdpTooLong);
    }
    Ok(())
}

fn digest_of_body(body: &[u8]) -> Digest {
    Digest::of_parts(&[b"wherry 1 envelope body\0", body])
}

/// Ties the ciphertext to the protocol, the day and the recipient.
fn associated_data(day: Day, recipient: &DeviceId) -> Vec<u8> {
    [
        b"wherry 1 sealed envelope\0".as_slice(),
        &day.0.to_be_bytes(),
        &recipient.0,
    ]
    .concat()
}

/// XChaCha20-Poly1305 nonces: long enough to be drawn at random.
const NONCE_BYTES: usize = 24;
/// The Poly1305 tag.
const TAG_BYTES: usize = 16;
