//! Just enough STUN (RFC 8489) to tell a peer's connectivity check from anybody else's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

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

/// A binding request with this transaction id.
pub(crate) fn binding_request(id: &[u8; ID_BYTES]) -> [u8; HEADER_BYTES] {
    let mut request = [0; HEADER_BYTES];
    request[..2].copy_from_slice(&BINDING_REQUEST);
    request[4..8].copy_from_slice(&MAGIC_COOKIE);
    request[8..].copy_from_slice(id);
    request
}

/// The address that a successful answer to the request with this id names (RFC 8489 §14.2).
pub(crate) fn mapped_address(datagram: &[u8], id: &[u8; ID_BYTES]) -> Option<SocketAddr> {
    let is_ours =
        is_stun(datagram) && datagram[..2] == BINDING_ANSWERS[0] && datagram[8..20] == *id;
    let mut at = HEADER_BYTES;
    while is_ours && let Some((kind, value)) = attribute(datagram, at) {
        if kind == XOR_MAPPED_ADDRESS {
            return unmask(value, &datagram[4..HEADER_BYTES]);
        }
        at += ATTRIBUTE_HEADER_BYTES + value.len().next_multiple_of(4);
    }
    None
}

/// Takes the mask of cookie and transaction id off an address.
fn unmask(value: &[u8], mask: &[u8]) -> Option<SocketAddr> {
    let port = u16::from_be_bytes([value.get(2)? ^ mask[0], value.get(3)? ^ mask[1]]);
    let octets = value.get(4..)?;
    let bare: Vec<u8> = octets.iter().zip(mask).map(|(a, b)| a ^ b).collect();
    let ip: IpAddr = match (value.get(1)?, octets.len()) {
        (1, 4) => Ipv4Addr::from(*bare.first_chunk::<4>()?).into(),
        (2, 16) => Ipv6Addr::from(*bare.first_chunk::<16>()?).into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
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

/// Of a transaction id.
pub(crate) const ID_BYTES: usize = 12;
const HEADER_BYTES: usize = 20;
const ATTRIBUTE_HEADER_BYTES: usize = 4;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_ANSWERS: [[u8; 2]; 2] = [[0x01, 0x01], [0x01, 0x11]];
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
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

    fn answer(family: u8, address: &[u8]) -> Vec<u8> {
        let mut datagram = [&[0x01, 0x01, 0, 0][..], &MAGIC_COOKIE, &[7; 12]].concat();
        let mask = datagram[4..20].to_vec();
        let mut value = vec![0, family, 0x12 ^ mask[0], 0x34 ^ mask[1]];
        value.extend(address.iter().zip(&mask).map(|(a, b)| a ^ b));
        push_attribute(&mut datagram, 0x8022, b"server");
        push_attribute(&mut datagram, XOR_MAPPED_ADDRESS, &value);
        datagram
    }

    #[test]
    fn an_answer_names_the_address_behind_its_mask() {
        let v4 = mapped_address(&answer(1, &[198, 51, 100, 7]), &[7; 12]);
        assert_eq!(v4, Some("198.51.100.7:4660".parse().unwrap()));
        let ip: Ipv6Addr = "2001:db8::5".parse().unwrap();
        let v6 = mapped_address(&answer(2, &ip.octets()), &[7; 12]);
        assert_eq!(v6, Some(SocketAddr::new(ip.into(), 4_660)));
        assert_eq!(
            mapped_address(&answer(1, &[198, 51, 100, 7]), &[8; 12]),
            None
        );
        assert_eq!(
            mapped_address(&answer(2, &[198, 51, 100, 7]), &[7; 12]),
            None
        );
        assert_eq!(mapped_address(&binding_request(&[7; 12]), &[7; 12]), None);
    }

    proptest! {
        #[test]
        fn arbitrary_answers_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let mut datagram = [&[0x01, 0x01, 0, 0][..], &MAGIC_COOKIE, &[7; 12], &bytes].concat();
            let length = u16::try_from(bytes.len()).unwrap();
            datagram[2..4].copy_from_slice(&length.to_be_bytes());
            mapped_address(&datagram, &[7; 12]);
        }

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
