//! The inside of an envelope: `length ‖ body ‖ signature ‖ zeros`, as long as the envelope's size asks.

use model::{Signature, limits};

use super::{NONCE_BYTES, TAG_BYTES};

/// Lays out the plaintext so that the sealed envelope has the smallest of the permitted sizes.
///
/// `body` is at most [`BODY_BYTES`] long.
pub(super) fn pad(body: &[u8], signature: &Signature) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("a body is bounded");
    let content = [&length.to_be_bytes(), body, &signature.0].concat();
    let size = plaintext_sizes()
        .find(|&size| size >= content.len())
        .expect("the largest size holds every body");

    let mut plaintext = content;
    plaintext.resize(size, 0);
    plaintext
}

/// Takes body and signature out again; `None` if lengths or padding are not exactly as [`pad`] writes.
pub(super) fn unpad(plaintext: &[u8]) -> Option<(&[u8], Signature)> {
    let (length, rest) = plaintext.split_first_chunk::<LENGTH_BYTES>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (body, rest) = rest.split_at_checked(length)?;
    let (signature, zeros) = rest.split_first_chunk::<SIGNATURE_BYTES>()?;
    if zeros.iter().any(|&byte| byte != 0) {
        return None;
    }

    let content = plaintext.len() - zeros.len();
    let smallest = plaintext_sizes().find(|&size| size >= content)?;
    (plaintext.len() == smallest).then_some((body, Signature(*signature)))
}

fn plaintext_sizes() -> impl Iterator<Item = usize> {
    limits::ENVELOPE_BYTES
        .into_iter()
        .map(|size| size - NONCE_BYTES - TAG_BYTES)
}

const LENGTH_BYTES: usize = 4;
const SIGNATURE_BYTES: usize = 64;
/// The largest body that an envelope holds.
pub(super) const BODY_BYTES: usize =
    limits::ENVELOPE_BYTES[3] - NONCE_BYTES - TAG_BYTES - LENGTH_BYTES - SIGNATURE_BYTES;
