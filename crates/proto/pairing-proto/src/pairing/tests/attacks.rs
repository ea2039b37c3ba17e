//! What a hostile server, a guesser and a hostile peer get: nothing.

use super::*;

/// What a hostile wire does to one message.
#[derive(Debug, Clone)]
pub(super) enum Mischief {
    Flip { place: prop::sample::Index, bit: u8 },
    Truncate(prop::sample::Index),
    Extend(u8),
    Drop,
    Duplicate,
    Delay,
    Replace(Vec<u8>),
    Reflect,
}

pub(super) fn mischief() -> impl Strategy<Value = Mischief> {
    prop_oneof![
        any::<(prop::sample::Index, u8)>().prop_map(|(place, bit)| Mischief::Flip {
            place,
            bit: bit % 8
        }),
        any::<prop::sample::Index>().prop_map(Mischief::Truncate),
        any::<u8>().prop_map(Mischief::Extend),
        Just(Mischief::Drop),
        Just(Mischief::Duplicate),
        Just(Mischief::Delay),
        prop::collection::vec(any::<u8>(), 0..200).prop_map(Mischief::Replace),
        Just(Mischief::Reflect),
    ]
}

/// Does `mischief` to message number `target` and carries the others as they are.
pub(super) fn bent(
    mischief: &Mischief,
    target: usize,
) -> impl FnMut(Role, usize, Vec<u8>) -> Vec<Vec<u8>> {
    let mut delayed: Option<Vec<u8>> = None;
    let mut last = Vec::new();
    move |_, number, mut bytes| {
        let previous = std::mem::replace(&mut last, bytes.clone());
        if number != target {
            return std::iter::once(bytes).chain(delayed.take()).collect();
        }
        match mischief {
            Mischief::Flip { place, bit } => {
                let place = place.index(bytes.len());
                bytes[place] ^= 1 << bit;
                vec![bytes]
            }
            Mischief::Truncate(length) => {
                bytes.truncate(length.index(bytes.len()));
                vec![bytes]
            }
            Mischief::Extend(byte) => {
                bytes.push(*byte);
                vec![bytes]
            }
            Mischief::Drop => vec![],
            Mischief::Duplicate => vec![bytes.clone(), bytes],
            Mischief::Delay => {
                delayed = Some(bytes);
                vec![]
            }
            Mischief::Replace(other) => vec![other.clone()],
            Mischief::Reflect => vec![previous],
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn no_mischief_with_a_message_confuses_anybody(
        mischief in mischief(), target in 0usize..9, contact: bool,
    ) {
        let purpose = if contact { PairingPurpose::Contact } else { PairingPurpose::Transfer };
        let mut claimer = Side::with(Role::Claimer, CODE, 1, purpose);
        let mut issuer = Side::with(Role::Issuer, CODE, 2, purpose);
        run(&mut claimer, &mut issuer, bent(&mischief, target));
        prop_assert!(claimer.result.is_some() && issuer.result.is_some(), "both end");
        assert_no_confusion(&claimer, &issuer);
    }

    #[test]
    fn a_flipped_bit_before_the_introductions_is_noticed_by_both(
        place in any::<prop::sample::Index>(), bit in 0u8..8, target in 0usize..7,
    ) {
        let (mut claimer, mut issuer) = sides();
        run(&mut claimer, &mut issuer, bent(&Mischief::Flip { place, bit }, target));
        prop_assert!(claimer.paired().is_none() && issuer.paired().is_none());
    }

    #[test]
    fn random_bytes_at_any_point_pair_nobody(
        bytes in prop::collection::vec(any::<u8>(), 0..300), after in 0usize..9,
    ) {
        let (mut claimer, mut issuer) = sides();
        run(&mut claimer, &mut issuer, |_, number, honest| {
            vec![if number >= after { bytes.clone() } else { honest }]
        });
        if after < 7 {
            prop_assert!(claimer.paired().is_none() && issuer.paired().is_none());
        }
        assert_no_confusion(&claimer, &issuer);
    }
}

/// Mallory sits at the server, is the claimer for one and the issuer for the other, and guesses.
#[test]
fn someone_in_the_middle_without_the_code_gets_nothing_and_burns_it() {
    let (mut claimer, mut issuer) = sides();
    let mut to_issuer = Side::new(Role::Claimer, "7-lunar-bison", 3);
    let mut to_claimer = Side::new(Role::Issuer, "7-acorn-basil", 4);
    run_undisturbed(&mut claimer, &mut to_claimer);
    run_undisturbed(&mut to_issuer, &mut issuer);
    for side in [&claimer, &issuer] {
        assert_eq!(side.error(), PairingError::WrongCode);
        assert!(side.error().burns_code());
        for bytes in &side.sent {
            let message = Message::decode(bytes).unwrap();
            assert!(
                !matches!(message, Message::Handshake(_) | Message::Sealed(_)),
                "nobody introduces itself to Mallory"
            );
        }
    }
    let confirmations = issuer
        .sent
        .iter()
        .filter(|bytes| matches!(Message::decode(bytes), Ok(Message::Confirmation(_))));
    assert_eq!(
        confirmations.count(),
        0,
        "a wrong claimer cannot check its guess elsewhere"
    );
}

#[test]
fn someone_in_the_middle_who_relays_sees_neither_names_nor_keys() {
    let (mut claimer, mut issuer) = sides();
    let mut seen = Vec::new();
    run(&mut claimer, &mut issuer, |_, _, bytes| {
        seen.extend_from_slice(&bytes);
        vec![bytes]
    });
    assert!(claimer.paired().is_some() && issuer.paired().is_some());
    let secret = &claimer.paired().unwrap().secret.0;
    for keys in [claimer.keys(), issuer.keys()] {
        assert!(!contains(&seen, &keys.signing.0));
        assert!(!contains(&seen, &keys.noise.0));
    }
    assert!(!contains(&seen, b"device"));
    assert!(!contains(&seen, secret));
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn messages_of_another_run_with_the_same_code_are_worth_nothing() {
    let (mut claimer, mut issuer) = sides();
    run_undisturbed(&mut claimer, &mut issuer);

    for replayed in [&claimer.sent, &issuer.sent] {
        let victim_role = if std::ptr::eq(replayed, &claimer.sent) {
            Role::Issuer
        } else {
            Role::Claimer
        };
        let mut victim = Side::new(victim_role, CODE, 5);
        victim.feed(PairingInput::PeerJoined, epoch());
        for bytes in replayed {
            victim.receive(bytes.clone(), epoch());
        }
        victim.wait_for_the_end();
        assert_eq!(victim.error(), PairingError::WrongCode);
        assert!(victim.compared.is_none());
    }
}

#[test]
fn one_old_message_among_new_ones_pairs_nobody() {
    let (mut old_claimer, mut old_issuer) = sides();
    let mut old = Vec::new();
    run(&mut old_claimer, &mut old_issuer, |_, _, bytes| {
        old.push(bytes.clone());
        vec![bytes]
    });
    for (target, replayed) in old.iter().enumerate() {
        let mut claimer = Side::new(Role::Claimer, CODE, 5);
        let mut issuer = Side::new(Role::Issuer, CODE, 6);
        run(&mut claimer, &mut issuer, |_, number, bytes| {
            vec![if number == target {
                replayed.clone()
            } else {
                bytes
            }]
        });
        let both = claimer.paired().is_some() && issuer.paired().is_some();
        assert!(!both, "message {target}");
        assert_no_confusion(&claimer, &issuer);
    }
}

#[test]
fn a_peer_that_shows_somebody_elses_keys_is_refused() {
    for forger_is_claimer in [true, false] {
        let (mut claimer, mut issuer) = sides();
        let somebody = Side::new(Role::Claimer, CODE, 9).keys();
        let forger = if forger_is_claimer {
            &mut claimer
        } else {
            &mut issuer
        };
        forger.pairing.own.introduction.keys = somebody;
        run_undisturbed(&mut claimer, &mut issuer);
        let victim = if forger_is_claimer { &issuer } else { &claimer };
        assert_eq!(victim.error(), PairingError::Malformed);
        assert!(victim.compared.is_none());
    }
}

#[test]
fn a_peer_with_another_version_is_told_apart_from_a_wrong_code() {
    let (mut claimer, mut issuer) = sides();
    run(&mut claimer, &mut issuer, |_, _, bytes| {
        let Ok(Message::Pake { element, .. }) = Message::decode(&bytes) else {
            return vec![bytes];
        };
        let version = 2;
        vec![Message::Pake { version, element }.encode()]
    });
    assert_eq!(claimer.error(), PairingError::UnsupportedVersion);
    assert_eq!(issuer.error(), PairingError::UnsupportedVersion);
}

#[test]
fn a_false_alarm_about_the_code_ends_only_what_is_not_proven() {
    for after in 0..9 {
        let (mut claimer, mut issuer) = sides();
        run(&mut claimer, &mut issuer, |_, number, bytes| {
            let alarm = Message::WrongCode.encode();
            vec![if number == after { alarm } else { bytes }]
        });
        let alarmed = [&claimer, &issuer].map(|side| side.result.clone());
        let wrong_code = alarmed.contains(&Some(Err(PairingError::WrongCode)));
        assert_eq!(wrong_code, (2..5).contains(&after), "message {after}");
    }
}

#[test]
fn a_failure_spares_the_code_only_if_the_other_side_surely_knew_it() {
    for (error, burns) in [
        (PairingError::WrongCode, true),
        (PairingError::Malformed, true),
        (PairingError::TimedOut, true),
        (PairingError::UnsupportedVersion, true),
        (PairingError::Rejected, false),
        (PairingError::Stopped, false),
        (PairingError::PurposeMismatch, false),
        (PairingError::SelfPairing, false),
    ] {
        assert_eq!(error.burns_code(), burns, "{error:?}");
    }
}
