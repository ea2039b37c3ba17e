//! Nonces that nobody has to remember: the time, and a tag over it and the client's address.
//!
//! A request that was overheard is worth nothing from another address, and nothing after a while.

use std::net::SocketAddr;

use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

/// Makes the nonce that `client` is to show.
pub(super) fn make(key: &[u8; 32], client: SocketAddr, unix_s: u64) -> String {
    let tag = tag(key, client, unix_s);
    format!("{unix_s:016x}{}", HEXLOWER.encode(&tag))
}

/// Whether `client` was given this nonce, and not longer than `lifetime_s` ago.
pub(super) fn is_fresh(
    key: &[u8; 32],
    nonce: &str,
    client: SocketAddr,
    (unix_s, lifetime_s): (u64, u64),
) -> bool {
    let Some(made) = nonce.get(..16) else {
        return false;
    };
    let Ok(made) = u64::from_str_radix(made, 16) else {
        return false;
    };
    // The clock may have been set back since: then the client simply gets a new one.
    let is_recent = made <= unix_s && unix_s - made < lifetime_s;
    let expected = make(key, client, made);
    is_recent && bool::from(expected.as_bytes().ct_eq(nonce.as_bytes()))
}

fn tag(key: &[u8; 32], client: SocketAddr, unix_s: u64) -> [u8; 10] {
    let mut tag = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes any key");
    tag.update(&unix_s.to_be_bytes());
    tag.update(client.to_string().as_bytes());
    let whole: [u8; 20] = tag.finalize().into_bytes().into();
    let mut short = [0; 10];
    short.copy_from_slice(&whole[..10]);
    short
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn client() -> SocketAddr {
        ([192, 0, 2, 7], 4_000).into()
    }

    #[test]
    fn a_nonce_is_good_for_its_client_and_its_time() {
        let nonce = make(&KEY, client(), 1_000);
        assert!(is_fresh(&KEY, &nonce, client(), (1_000, 600)));
        assert!(is_fresh(&KEY, &nonce, client(), (1_599, 600)));
        assert!(!is_fresh(&KEY, &nonce, client(), (1_600, 600)));
        assert!(!is_fresh(&KEY, &nonce, client(), (999, 600)));
        let other = SocketAddr::new(client().ip(), 4_001);
        assert!(!is_fresh(&KEY, &nonce, other, (1_000, 600)));
        assert!(!is_fresh(&[8; 32], &nonce, client(), (1_000, 600)));
    }

    proptest! {
        #[test]
        fn nothing_made_up_is_fresh(nonce in "\\PC{0,60}|[0-9a-f]{36}") {
            prop_assert!(!is_fresh(&KEY, &nonce, client(), (u64::MAX, u64::MAX)));
        }
    }
}
