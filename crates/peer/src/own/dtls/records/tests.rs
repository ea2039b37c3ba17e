use proptest::prelude::*;

use super::super::watching::KEY_BYTES;
use super::*;

/// Two ends of one session.
fn pair() -> [Records; 2] {
    let secrets = [1, 2].map(|number| Secret {
        key: [number; KEY_BYTES].into(),
        salt: [number + 2; SALT_BYTES],
    });
    [0, 1].map(|side| {
        let seen = Seen::default();
        seen.own.set(secrets[side].clone()).ok().unwrap();
        seen.peer.set(secrets[1 - side].clone()).ok().unwrap();
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
fn the_handshake_is_left_to_its_leader_and_data_or_a_goodbye_without_a_key_to_nobody() {
    let [mut ana, mut ben] = pair();
    let mut datagram = Vec::new();
    ana.seal(Content::Data, b"early", &mut datagram);
    for epoch in [0, 2] {
        datagram[4] = epoch;
        for (content, expected) in [
            (21, Opened::Nothing),
            (22, Opened::Other(&[])),
            (23, Opened::Nothing),
        ] {
            datagram[0] = content;
            let opened = all(&mut ben, &datagram);
            let [opened] = opened.as_slice() else {
                panic!("{opened:?}");
            };
            let is_other = matches!(opened, Opened::Other(it) if *it == datagram);
            assert_eq!(is_other, matches!(expected, Opened::Other(_)));
        }
    }
}

#[test]
fn the_last_number_is_the_last_record_and_one_that_is_too_long_is_none() {
    let [mut ana, mut ben] = pair();
    let mut datagram = Vec::new();
    ana.seal(Content::Data, &[0; PLAIN_BYTES + 1], &mut datagram);
    assert!(datagram.is_empty());
    ana.next = (1 << NUMBER_BITS) - 1;
    ana.seal(Content::Data, b"last", &mut datagram);
    assert_eq!(
        all(&mut ben, &datagram),
        [Opened::Data(Bytes::from_static(b"last"))]
    );
    let length = datagram.len();
    ana.seal(Content::Data, b"one more", &mut datagram);
    assert_eq!(datagram.len(), length);
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
