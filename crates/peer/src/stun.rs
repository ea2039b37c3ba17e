//! Just enough STUN (RFC 8489) to tell a peer's connectivity check from anybody else's.

use ring::hmac;

/// Whether `datagram` has the form of a STUN message.
pub(crate) fn is_stun(datagram: &[u8]) -> bool {
    let Some(header) = datagram.first_chunk::<HEADER_BYTES>() else {
        return false;
    };
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    header[0] < 4
        && header[4..8] == MAGIC_COOKIE
        && length.is_multiple_of(4)
        && datagram.len() == HEADER_BYTES + length
}

/// Whether `datagram` answers a binding request, with an address or an error.
pub(crate) fn is_answer(datagram: &[u8]) -> bool {
    is_stun(datagram) && BINDING_ANSWERS.contains(&[datagram[0], datagram[1]])
}

/// Whether `datagram` is a binding request for `username` that was signed with `key`.
///
/// Only somebody who has read the description that this side sent can make one (RFC 8445 §7.3).
pub(crate) fn is_signed_check(datagram: &[u8], username: &str, key: &hmac::Key) -> bool {
    if !is_stun(datagram) || datagram[..2] != BINDING_REQUEST {
        return false;
    }
    let mut names_us = false;
    let mut at = HEADER_BYTES;
    while let Some((kind, value)) = attribute(datagram, at) {
        match kind {
            USERNAME => names_us = value == username.as_bytes(),
            MESSAGE_INTEGRITY => return names_us && is_intact(datagram, at, value, key),
            _ => {}
        }
        at += ATTRIBUTE_HEADER_BYTES + value.len().next_multiple_of(4);
    }
    false
}

/// Reads the attribute that starts at `at`.
fn attribute(datagram: &[u8], at: usize) -> Option<(u16, &[u8])> {
    let rest = datagram.get(at..)?;
    let header = rest.first_chunk::<ATTRIBUTE_HEADER_BYTES>()?;
    let kind = u16::from_be_bytes([header[0], header[1]]);
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let value = rest.get(ATTRIBUTE_HEADER_BYTES..ATTRIBUTE_HEADER_BYTES + length)?;
    Some((kind, value))
}

/// Checks the tag over everything before it, with a header that ends right after it (RFC 8489 §14.5).
fn is_intact(datagram: &[u8], tag_at: usize, tag: &[u8], key: &hmac::Key) -> bool {
    let length = tag_at - HEADER_BYTES + ATTRIBUTE_HEADER_BYTES + tag.len();
    let Ok(length) = u16::try_from(length) else {
        return false;
    };
    let mut signed = datagram[..tag_at].to_vec();
    signed[2..4].copy_from_slice(&length.to_be_bytes());
    hmac::verify(key, &signed, tag).is_ok()
}

const HEADER_BYTES: usize = 20;
const ATTRIBUTE_HEADER_BYTES: usize = 4;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_ANSWERS: [[u8; 2]; 2] = [[0x01, 0x01], [0x01, 0x11]];
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Writes a binding request as a peer does.
    pub(crate) fn signed_check(username: &str, password: &str) -> Vec<u8> {
        let mut datagram = [&BINDING_REQUEST[..], &[0, 0], &MAGIC_COOKIE, &[7; 12]].concat();
        push_attribute(&mut datagram, USERNAME, username.as_bytes());
        push_attribute(&mut datagram, 0x0024, &[0x6e, 0x00, 0x1e, 0xff]);
        let covered = datagram.clone();
        push_attribute(&mut datagram, MESSAGE_INTEGRITY, &[0; 20]);
        let mut signed = covered.clone();
        signed[2..4].copy_from_slice(&datagram[2..4]);
        let tag = hmac::sign(&key(password), &signed);
        datagram[covered.len() + 4..].copy_from_slice(tag.as_ref());
        datagram
    }

    pub(crate) fn key(password: &str) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes())
    }

    fn push_attribute(datagram: &mut Vec<u8>, kind: u16, value: &[u8]) {
        datagram.extend(kind.to_be_bytes());
        datagram.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        datagram.extend(value);
        datagram.resize(datagram.len().next_multiple_of(4), 0);
        let length = u16::try_from(datagram.len() - HEADER_BYTES).unwrap();
        datagram[2..4].copy_from_slice(&length.to_be_bytes());
    }

    #[test]
    fn a_check_signed_with_our_password_is_recognised() {
        let datagram = signed_check("ours:theirs", "secret");
        assert!(is_signed_check(&datagram, "ours:theirs", &key("secret")));
    }

    #[test]
    fn a_check_for_somebody_else_or_with_another_password_is_not() {
        let datagram = signed_check("ours:theirs", "secret");
        assert!(!is_signed_check(&datagram, "ours:others", &key("secret")));
        assert!(!is_signed_check(&datagram, "ours:theirs", &key("guess")));
    }

    #[test]
    fn an_unsigned_check_is_not() {
        let mut datagram = [&BINDING_REQUEST[..], &[0, 0], &MAGIC_COOKIE, &[7; 12]].concat();
        push_attribute(&mut datagram, USERNAME, b"ours:theirs");
        assert!(is_stun(&datagram));
        assert!(!is_signed_check(&datagram, "ours:theirs", &key("secret")));
    }

    proptest! {
        #[test]
        fn a_changed_byte_spoils_a_check(at in 0usize..68, flip in 1u8..) {
            let mut datagram = signed_check("ours:theirs", "secret");
            let at = at % datagram.len();
            datagram[at] ^= flip;
            prop_assert!(!is_signed_check(&datagram, "ours:theirs", &key("secret")));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let mut stun = [&BINDING_REQUEST[..], &[0, 0], &MAGIC_COOKIE, &[7; 12], &bytes].concat();
            let length = u16::try_from(bytes.len()).unwrap();
            stun[2..4].copy_from_slice(&length.to_be_bytes());
            prop_assert!(!is_signed_check(&stun, "ours:theirs", &key("secret")));
            prop_assert!(!is_signed_check(&bytes, "ours:theirs", &key("secret")));
        }
    }
}
