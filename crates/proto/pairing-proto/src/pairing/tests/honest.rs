//! What two honest devices and their people get.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_two_devices_with_one_code_end_with_one_secret_and_each_others_keys(
        code in codes(), seed in any::<u32>(), purpose in purposes(),
    ) {
        let contact = purpose != PairingPurpose::Transfer;
        let seed = u64::from(seed);
        let mut claimer = Side::with(Role::Claimer, &code, 2 * seed, purpose);
        let mut issuer = Side::with(Role::Issuer, &code, 2 * seed + 1, purpose);
        run_undisturbed(&mut claimer, &mut issuer);

        assert_no_confusion(&claimer, &issuer);
        let (at_claimer, at_issuer) = (claimer.paired().unwrap(), issuer.paired().unwrap());
        prop_assert_eq!(at_claimer.name.as_str(), format!("device {}", 2 * seed + 1));
        prop_assert_eq!(at_issuer.name.as_str(), format!("device {}", 2 * seed));
        prop_assert_eq!(claimer.compared.is_some(), contact);
        prop_assert_eq!(issuer.compared, contact.then_some(at_issuer.words));
        prop_assert_eq!(claimer.shown_peer.is_some(), contact);
        if contact {
            prop_assert_eq!(claimer.shown_peer.as_ref(), Some(&at_claimer.name));
            prop_assert_eq!(issuer.shown_peer.as_ref(), Some(&at_issuer.name));
        }
    }

    #[test]
    fn any_two_codes_that_differ_end_with_wrong_code_on_both_sides(one in codes(), other in codes()) {
        prop_assume!(one != other);
        let mut claimer = Side::new(Role::Claimer, &one, 1);
        let mut issuer = Side::new(Role::Issuer, &other, 2);
        run_undisturbed(&mut claimer, &mut issuer);
        prop_assert_eq!(claimer.error(), PairingError::WrongCode);
        prop_assert_eq!(issuer.error(), PairingError::WrongCode);
    }
}

fn purposes() -> impl Strategy<Value = PairingPurpose> {
    prop::sample::select(vec![
        PairingPurpose::Contact,
        PairingPurpose::Transfer,
        PairingPurpose::Device,
    ])
}

#[test]
fn one_wrong_word_or_another_nameplate_is_a_wrong_code() {
    for other in ["7-lunar-bison", "7-basil-lunar", "8-lunar-basil"] {
        let mut claimer = Side::new(Role::Claimer, other, 1);
        let mut issuer = Side::new(Role::Issuer, CODE, 2);
        run_undisturbed(&mut claimer, &mut issuer);
        assert_eq!(claimer.error(), PairingError::WrongCode, "{other}");
        assert_eq!(issuer.error(), PairingError::WrongCode, "{other}");
    }
}

#[test]
fn each_run_ends_with_another_secret_and_other_words() {
    let (mut claimer, mut issuer) = sides();
    run_undisturbed(&mut claimer, &mut issuer);
    let mut again = Side::new(Role::Claimer, CODE, 3);
    let mut issuer_again = Side::new(Role::Issuer, CODE, 4);
    run_undisturbed(&mut again, &mut issuer_again);
    let (first, second) = (claimer.paired().unwrap(), again.paired().unwrap());
    assert_ne!(first.secret, second.secret);
    assert_ne!(first.words, second.words);
}

#[test]
fn a_run_with_the_same_randomness_is_the_same_run() {
    let (mut claimer, mut issuer) = sides();
    run_undisturbed(&mut claimer, &mut issuer);
    let (mut claimer_again, mut issuer_again) = sides();
    run_undisturbed(&mut claimer_again, &mut issuer_again);
    assert_eq!(claimer.sent, claimer_again.sent);
    assert_eq!(issuer.sent, issuer_again.sent);
}

/// Pins every byte of version 1: whoever changes this digest has changed the protocol.
#[test]
fn the_wire_of_version_one_does_not_change() {
    let (mut claimer, mut issuer) = sides();
    run_undisturbed(&mut claimer, &mut issuer);
    let wire = [claimer.sent.concat(), issuer.sent.concat()].concat();
    assert_eq!(
        Digest::of(&wire).to_string(),
        "ef850bef487c2d37d8d3dd0f44a5dbb938413f68cd616d66891669a80f005c5b"
    );
    let paired = claimer.paired().unwrap();
    assert_eq!(
        Digest::of(&paired.secret.0).to_string(),
        "a1d8287f6a66898a37f6e609833d349b1fbf6878e14cb838de19c628b6315a8b"
    );
    assert_eq!(
        paired.words.to_string(),
        "offside chamber algae acacia barn dungeon"
    );
}

#[test]
fn a_message_that_overtakes_the_news_of_the_peer_starts_the_exchange() {
    let (mut claimer, mut issuer) = sides();
    let first = claimer.feed(PairingInput::PeerJoined, epoch());
    let reply = issuer.receive(first[0].clone(), epoch());
    assert_eq!(reply.len(), 1, "the issuer's half of the exchange");
    assert!(issuer.feed(PairingInput::PeerJoined, epoch()).is_empty());
}

#[test]
fn a_person_who_stops_is_told_apart_from_one_who_is_refused() {
    for claimer_adds in [true, false] {
        let (mut claimer, mut issuer) = sides();
        claimer.answer = Some(claimer_adds);
        issuer.answer = Some(!claimer_adds);
        run_undisturbed(&mut claimer, &mut issuer);
        let (stopper, refused) = if claimer_adds {
            (&issuer, &claimer)
        } else {
            (&claimer, &issuer)
        };
        assert_eq!(stopper.error(), PairingError::Stopped);
        assert_eq!(refused.error(), PairingError::Rejected);
    }
}

#[test]
fn nobody_is_paired_before_both_added() {
    let (mut claimer, mut issuer) = sides();
    claimer.answer = None;
    run_until_quiet(&mut claimer, &mut issuer);
    let now = epoch();
    assert!(claimer.compared.is_some());
    assert_eq!(claimer.compared, issuer.compared);
    assert!(claimer.result.is_none() && issuer.result.is_none());

    let added = claimer.feed(PairingInput::Decision(true), now);
    assert!(claimer.paired().is_some(), "the issuer added before");
    issuer.receive(added[0].clone(), now);
    assert!(issuer.paired().is_some());
}

#[test]
fn a_person_may_stop_before_anybody_came() {
    let (mut claimer, _) = sides();
    assert!(
        claimer
            .feed(PairingInput::Decision(true), epoch())
            .is_empty()
    );
    assert!(claimer.result.is_none(), "there is nothing to add yet");
    claimer.feed(PairingInput::Decision(false), epoch());
    assert_eq!(claimer.error(), PairingError::Stopped);
    assert_eq!(claimer.pairing.deadline(), None);
    assert!(claimer.feed(PairingInput::PeerJoined, epoch()).is_empty());
}

#[test]
fn both_sides_notice_that_they_want_different_things() {
    let mut claimer = Side::with(Role::Claimer, CODE, 1, PairingPurpose::Contact);
    let mut issuer = Side::with(Role::Issuer, CODE, 2, PairingPurpose::Transfer);
    run_undisturbed(&mut claimer, &mut issuer);
    assert_eq!(claimer.error(), PairingError::PurposeMismatch);
    assert_eq!(issuer.error(), PairingError::PurposeMismatch);
}

#[test]
fn a_device_does_not_pair_with_itself() {
    let mut claimer = Side::new(Role::Claimer, CODE, 1);
    let mut issuer = Side::new(Role::Issuer, CODE, 2);
    issuer.pairing.own.secrets = claimer.pairing.own.secrets.clone();
    issuer.pairing.own.introduction.keys = claimer.keys();
    run_undisturbed(&mut claimer, &mut issuer);
    assert_eq!(claimer.error(), PairingError::SelfPairing);
    assert_eq!(issuer.error(), PairingError::SelfPairing);
}

#[test]
fn nothing_secret_is_printed() {
    let (mut claimer, mut issuer) = sides();
    run_undisturbed(&mut claimer, &mut issuer);
    let paired = claimer.paired().unwrap();
    let shown = format!("{paired:?} {:?}", claimer.pairing);
    assert!(!shown.contains("device 2"), "{shown}");
    assert!(!shown.contains(paired.words.words()[0]), "{shown}");
    assert!(shown.contains("Pairing(Claimer, ended)"), "{shown}");
}
