//! Two devices that show themselves and have no code: the words are all there is, and nobody can choose them.

use super::attacks::{bent, mischief};
use super::*;

fn tapped(claimer: u64, issuer: u64) -> (Side, Side) {
    (
        Side::tapping(Role::Claimer, claimer),
        Side::tapping(Role::Issuer, issuer),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_two_devices_end_with_one_secret_the_same_words_and_each_others_keys(seed in any::<u32>()) {
        let seed = u64::from(seed);
        let (mut claimer, mut issuer) = tapped(2 * seed, 2 * seed + 1);
        run_undisturbed(&mut claimer, &mut issuer);
        assert_no_confusion(&claimer, &issuer);
        let (at_claimer, at_issuer) = (claimer.paired().unwrap(), issuer.paired().unwrap());
        prop_assert_eq!(at_claimer.words, at_issuer.words);
        prop_assert_eq!(claimer.compared, Some(at_claimer.words));
        prop_assert_eq!(issuer.compared, Some(at_issuer.words));
        prop_assert_eq!(at_issuer.name.as_str(), format!("device {}", 2 * seed));
    }

    #[test]
    fn whatever_happens_to_a_message_nobody_takes_one_for_another(
        mischief in mischief(), target in 0usize..9,
    ) {
        let (mut claimer, mut issuer) = tapped(1, 2);
        run(&mut claimer, &mut issuer, bent(&mischief, target));
        prop_assert!(claimer.result.is_some() && issuer.result.is_some());
        assert_no_confusion(&claimer, &issuer);
    }
}

#[test]
fn whoever_sits_in_between_shows_both_people_other_words() {
    let (mut ana, mut at_ana) = tapped(1, 11);
    let (mut at_ben, mut ben) = tapped(12, 2);
    for side in [&mut ana, &mut ben] {
        side.answer = None;
    }
    run_until_quiet(&mut ana, &mut at_ana);
    run_until_quiet(&mut at_ben, &mut ben);
    assert!(ana.compared.is_some());
    assert_ne!(ana.compared, ben.compared);
    assert!(ana.paired().is_none() && ben.paired().is_none());
}

#[test]
fn a_number_that_was_not_committed_to_ends_the_pairing() {
    let (mut claimer, mut issuer) = tapped(1, 2);
    let now = epoch();
    // Up to the commitment, which waits at the issuer's.
    let greeting = claimer.feed(PairingInput::PeerJoined, now).remove(0);
    let introduction = issuer.receive(greeting, now).remove(0);
    let [introduced, commitment]: [Vec<u8>; 2] =
        claimer.receive(introduction, now).try_into().unwrap();
    assert!(issuer.receive(introduced, now).is_empty(), "it waits");
    let number = issuer.receive(commitment, now).remove(0);
    // Having heard the other's number, the claimer would like another one of its own.
    let State::Committing(committing) = &mut claimer.pairing.state else {
        panic!("it is committed");
    };
    committing.own[0] ^= 1;
    let chosen = claimer.receive(number, now).remove(0);
    issuer.receive(chosen, now);
    assert_eq!(issuer.error(), PairingError::Malformed);
    assert_eq!(issuer.compared, None);
}

#[test]
fn a_device_that_has_a_code_and_one_that_has_none_do_not_meet() {
    let mut claimer = Side::tapping(Role::Claimer, 1);
    let mut issuer = Side::new(Role::Issuer, CODE, 2);
    run_undisturbed(&mut claimer, &mut issuer);
    assert_eq!(issuer.error(), PairingError::Malformed);
    assert!(claimer.paired().is_none());
}

#[test]
fn another_version_is_said_to_be_one() {
    let mut claimer = Side::tapping(Role::Claimer, 1);
    let mut issuer = Side::tapping(Role::Issuer, 2);
    let mut greeting = claimer.feed(PairingInput::PeerJoined, epoch()).remove(0);
    *greeting.last_mut().unwrap() += 1;
    issuer.receive(greeting, epoch());
    assert_eq!(issuer.error(), PairingError::UnsupportedVersion);
}

#[test]
fn a_device_does_not_pair_with_itself() {
    let (mut claimer, mut issuer) = tapped(5, 5);
    run_undisturbed(&mut claimer, &mut issuer);
    assert_eq!(issuer.error(), PairingError::SelfPairing);
    assert!(claimer.paired().is_none());
}

#[test]
fn what_one_side_says_fits_what_a_stranger_may_say_at_a_door() {
    let (mut claimer, mut issuer) = tapped(1, 2);
    run_undisturbed(&mut claimer, &mut issuer);
    for side in [claimer, issuer] {
        let said: usize = side.sent.iter().map(Vec::len).sum();
        // The rest is for the request and the introduction at the door.
        assert!(said < limits::LAN_BYTES / 2, "{said}");
    }
}

#[test]
fn a_silent_neighbour_is_given_up_soon_and_people_may_take_their_time() {
    let (mut claimer, mut issuer) = tapped(1, 2);
    assert_eq!(
        claimer.pairing.deadline(),
        Some(epoch() + limits::NOISE_TIME)
    );
    claimer.answer = None;
    issuer.answer = None;
    run_until_quiet(&mut claimer, &mut issuer);
    assert_eq!(
        claimer.pairing.deadline(),
        Some(epoch() + limits::CODE_TIME)
    );
    claimer.wait_for_the_end();
    assert_eq!(claimer.error(), PairingError::TimedOut);
}
