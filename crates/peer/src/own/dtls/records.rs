//! The records of a session after its handshake (RFC 6347 §4.1, AES-GCM of RFC 5288), written and read in place.

mod replay;

use bytes::{Bytes, BytesMut};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::watching::{SALT_BYTES, Secret, Seen};
use replay::Replay;

/// Both directions of one session.
pub(super) struct Records {
    seal: Half,
    open: Half,
    next: u64,
    replay: Replay,
}

/// One direction.
struct Half {
    key: LessSafeKey,
    salt: [u8; SALT_BYTES],
}

/// What a record carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Alert = 21,
    Data = 23,
}

/// One record of a datagram.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opened<'a> {
    /// It was sealed by the peer, for the first time.
    Data(Bytes),
    /// Part of the handshake, or an alert: for whoever leads the session.
    Other(&'a [u8]),
    /// Forged, broken or repeated.
    Nothing,
}

impl Records {
    /// From what the handshake ended with; `None` where another cipher was agreed on.
    pub(super) fn new(seen: &Seen) -> Option<Self> {
        Some(Self {
            seal: Half::new(seen.own.get()?)?,
            open: Half::new(seen.peer.get()?)?,
            next: FIRST,
            replay: Replay::default(),
        })
    }

    /// Appends one record to `out`.
    pub(super) fn seal(&mut self, content: Content, plain: &[u8], out: &mut Vec<u8>) {
        if self.next >> NUMBER_BITS != 0 || plain.len() > PLAIN_BYTES {
            return; // A session is renewed long before, and no packet is so large.
        }
        let Ok(length) = u16::try_from(NONCE_BYTES + plain.len() + TAG_BYTES) else {
            return;
        };
        let number = EPOCH << NUMBER_BITS | self.next;
        self.next += 1;
        out.push(content as u8);
        out.extend_from_slice(&VERSION);
        out.extend_from_slice(&number.to_be_bytes());
        out.extend_from_slice(&length.to_be_bytes());
        // A counter as the nonce never repeats (RFC 5288 §3). The few records that the handshake sealed with this key have
        // random ones: 64 bits, of which a counter uses a vanishing part.
        out.extend_from_slice(&number.to_be_bytes());
        let start = out.len();
        out.extend_from_slice(plain);
        let aad = additional_data(number, content as u8, plain.len());
        let nonce = self.seal.nonce(number.to_be_bytes());
        let sealed = (self.seal.key)
            .seal_in_place_separate_tag(nonce, Aad::from(aad), &mut out[start..])
            .expect("a record is shorter than what a key may protect at once");
        out.extend_from_slice(sealed.as_ref());
    }

    /// Takes the next record off a datagram; `None` at its end, or where nothing can be made of the rest.
    pub(super) fn open<'a>(&mut self, datagram: &mut &'a [u8]) -> Option<Opened<'a>> {
        let header: &[u8; HEADER_BYTES] = datagram.first_chunk()?;
        let [content, major, minor, number @ .., high, low] = *header;
        let end = HEADER_BYTES + usize::from(u16::from_be_bytes([high, low]));
        let (record, rest) = datagram.split_at_checked(end)?;
        *datagram = rest;
        let number = u64::from_be_bytes(number);
        let epoch = number >> NUMBER_BITS;
        if content != Content::Data as u8 {
            // Anybody can say goodbye without a key.
            let is_forged = content == Content::Alert as u8 && epoch != EPOCH;
            return Some(if is_forged {
                Opened::Nothing
            } else {
                Opened::Other(record)
            });
        }
        if epoch != EPOCH || [major, minor] != VERSION {
            return Some(Opened::Nothing);
        }
        let opened = self.open_data(number, &record[HEADER_BYTES..]);
        Some(opened.map_or(Opened::Nothing, Opened::Data))
    }

    fn open_data(&mut self, number: u64, body: &[u8]) -> Option<Bytes> {
        if !self.replay.is_new(number) {
            return None;
        }
        let (explicit, sealed) = body.split_first_chunk::<NONCE_BYTES>()?;
        let length = sealed.len().checked_sub(TAG_BYTES)?;
        let aad = additional_data(number, Content::Data as u8, length);
        let nonce = self.open.nonce(*explicit);
        let mut bytes = BytesMut::from(sealed);
        self.open
            .key
            .open_in_place(nonce, Aad::from(aad), &mut bytes)
            .ok()?;
        self.replay.note(number);
        bytes.truncate(length);
        Some(bytes.freeze())
    }
}

impl Half {
    fn new(secret: &Secret) -> Option<Self> {
        let key = UnboundKey::new(&AES_128_GCM, secret.key.as_slice()).ok()?;
        Some(Self {
            key: LessSafeKey::new(key),
            salt: secret.salt,
        })
    }

    fn nonce(&self, explicit: [u8; NONCE_BYTES]) -> Nonce {
        let mut nonce = [0; SALT_BYTES + NONCE_BYTES];
        nonce[..SALT_BYTES].copy_from_slice(&self.salt);
        nonce[SALT_BYTES..].copy_from_slice(&explicit);
        Nonce::assume_unique_for_key(nonce)
    }
}

/// What is protected besides the content (RFC 5246 §6.2.3.3, with the numbers of RFC 6347 §4.1.2.1).
fn additional_data(number: u64, content: u8, length: usize) -> [u8; HEADER_BYTES] {
    let mut data = [0; HEADER_BYTES];
    data[..8].copy_from_slice(&number.to_be_bytes());
    data[8] = content;
    data[9..11].copy_from_slice(&VERSION);
    let length = u16::try_from(length).unwrap_or(u16::MAX);
    data[11..].copy_from_slice(&length.to_be_bytes());
    data
}

const HEADER_BYTES: usize = 13;
const NONCE_BYTES: usize = 8;
const TAG_BYTES: usize = 16;
/// DTLS 1.2.
const VERSION: [u8; 2] = [254, 253];
/// The first one with keys, and the last: nothing is negotiated anew.
const EPOCH: u64 = 1;
const NUMBER_BITS: u32 = 48;
/// Lower numbers are those of the handshake's last messages, and of their repetitions: few, so that one that comes late
/// is still within the window of a peer whose window is small.
const FIRST: u64 = 16;
/// The most that a record carries (RFC 6347 §4.1.1).
const PLAIN_BYTES: usize = 1 << 14;

#[cfg(test)]
mod tests;
