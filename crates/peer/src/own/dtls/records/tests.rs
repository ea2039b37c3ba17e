use proptest::prelude::*;

use super::*;

/// Two ends of one session.
fn pair() -> [Records; 2] {
    let secrets = [1, 2].map(|number| Secret {
        key: [number; KEY_BYTES],
        salt: [number + 2; SALT_BYTES],
    });
    [0, 1].map(|side| {
        let seen = Seen::default();
        seen.own.set(secrets[side]).ok().unwrap();
        seen.peer.set(secrets[1 - side]).ok().unwrap();
        Records::new(&seen).unwrap()
    })
}

fn all<'a>(records: &mut Records, mut datagram: &'a [u8]) -> Vec<Opened<'a>> {
    std::iter::from_fn(|| records.open(&mut datagram)).collect()
}

#[test]
fn records_of_one_datagram_are_read_in_order_and_once() {
    let [mut ana, mut ben] = pair();
    let mut datagram = Vec::new();
    ana.seal(Content::Data, b"one", &mut datagram);
    ana.seal(Content::Data, b"", &mut datagram);
    let alert = datagram.len();
    ana.seal(Content::Alert, &[1, 0], &mut datagram);
    let expected = [
        Opened::Data(Bytes::from_static(b"one")),
        Opened::Data(Bytes::new()),
        Opened::Other(&datagram[alert..]),
    ];
    assert_eq!(all(&mut ben, &datagram), expected);
    assert_eq!(
        all(&mut ben, &datagram)[..2],
        [Opened::Nothing, Opened::Nothing]
    );
}

#[test]
fn what_is_not_of_this_session_is_left_to_its_leader() {
    let [mut ana, mut ben] = pair();
    let mut datagram = Vec::new();
    ana.seal(Content::Data, b"early", &mut datagram);
    datagram[4] = 0; // The epoch of the handshake.
    assert_eq!(all(&mut ben, &datagram), [Opened::Other(&datagram)]);
}

#[test]
fn what_was_sealed_with_other_keys_or_comes_back_says_nothing() {
    let [mut ana, mut ben] = pair();
    let mut datagram = Vec::new();
    ana.seal(Content::Data, b"mine", &mut datagram);
    assert_eq!(all(&mut ana, &datagram), [Opened::Nothing]);
    ben.open.salt = [9; SALT_BYTES];
    assert_eq!(all(&mut ben, &datagram), [Opened::Nothing]);
}

#[test]
fn the_nonce_is_never_the_same_twice() {
    let [mut ana, _] = pair();
    let mut datagram = Vec::new();
    for _ in 0..100 {
        ana.seal(Content::Data, b"x", &mut datagram);
    }
    let each = HEADER_BYTES + NONCE_BYTES + 1 + TAG_BYTES;
    let nonces = datagram.chunks(each);
    let nonces = nonces.map(|record| &record[HEADER_BYTES..HEADER_BYTES + NONCE_BYTES]);
    let different: std::collections::BTreeSet<_> = nonces.collect();
    assert_eq!(different.len(), 100);
}

proptest! {
    #[test]
    fn a_record_with_a_changed_bit_says_nothing(
        plain in prop::collection::vec(any::<u8>(), 0..200),
        at in any::<prop::sample::Index>(),
        bit in 0u8..8,
    ) {
        let [mut ana, mut ben] = pair();
        let mut datagram = Vec::new();
        ana.seal(Content::Data, &plain, &mut datagram);
        let whole = datagram.clone();
        let at = at.index(datagram.len());
        datagram[at] ^= 1 << bit;
        for opened in all(&mut ben, &datagram) {
            prop_assert!(!matches!(opened, Opened::Data(_)));
        }
        // It did no harm to the right one.
        prop_assert_eq!(all(&mut ben, &whole), [Opened::Data(plain.into())]);
    }

    #[test]
    fn any_bytes_are_read_to_their_end(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let [mut ana, _] = pair();
        for opened in all(&mut ana, &bytes) {
            prop_assert!(!matches!(opened, Opened::Data(_)));
        }
    }
}
