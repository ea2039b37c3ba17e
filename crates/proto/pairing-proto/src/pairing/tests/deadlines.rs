//! Nobody waits for ever.

use super::*;

#[test]
fn a_code_waits_ten_minutes_for_its_claimer() {
    let (_, mut issuer) = sides();
    let deadline = epoch() + limits::CODE_TIME;
    assert_eq!(issuer.pairing.deadline(), Some(deadline));
    issuer.feed(PairingInput::Timeout, deadline - Duration::from_millis(1));
    assert!(issuer.result.is_none(), "an early call changes nothing");
    issuer.feed(PairingInput::Timeout, deadline);
    assert_eq!(issuer.error(), PairingError::TimedOut);
    assert_eq!(issuer.pairing.deadline(), None);
}

#[test]
fn a_peer_has_ten_seconds_for_every_step() {
    let now = epoch() + Duration::from_secs(60);
    let (mut claimer, mut issuer) = sides();
    let from_claimer = claimer.feed(PairingInput::PeerJoined, now);
    issuer.feed(PairingInput::PeerJoined, now);
    assert_eq!(issuer.pairing.deadline(), Some(now + limits::NOISE_TIME));

    let later = now + Duration::from_secs(9);
    issuer.receive(from_claimer[0].clone(), later);
    assert_eq!(issuer.pairing.deadline(), Some(later + limits::NOISE_TIME));
    issuer.feed(PairingInput::PeerJoined, later + Duration::from_secs(5));
    assert_eq!(
        issuer.pairing.deadline(),
        Some(later + limits::NOISE_TIME),
        "news that is not new buys no time"
    );
    issuer.wait_for_the_end();
    assert_eq!(issuer.error(), PairingError::TimedOut);
}

#[test]
fn a_person_has_ten_minutes_and_the_other_is_told_afterwards() {
    let (mut claimer, mut issuer) = sides();
    claimer.answer = None;
    issuer.answer = None;
    run_until_quiet(&mut claimer, &mut issuer);
    assert!(claimer.compared.is_some() && issuer.compared.is_some());
    let deadline = epoch() + limits::CODE_TIME;
    assert_eq!(claimer.pairing.deadline(), Some(deadline));
    let mut sent = claimer.feed(PairingInput::Timeout, deadline);
    assert_eq!(claimer.error(), PairingError::TimedOut);
    issuer.receive(sent.remove(0), deadline);
    assert_eq!(issuer.error(), PairingError::Rejected);
}

#[test]
fn a_transfer_waits_for_no_person() {
    let purpose = PairingPurpose::Transfer;
    let mut claimer = Side::with(Role::Claimer, CODE, 1, purpose);
    let mut issuer = Side::with(Role::Issuer, CODE, 2, purpose);
    run(&mut claimer, &mut issuer, |_, number, bytes| {
        // The last words of both get lost.
        if number < 7 { vec![bytes] } else { vec![] }
    });
    assert_eq!(claimer.error(), PairingError::TimedOut);
    assert_eq!(issuer.error(), PairingError::TimedOut);
    assert!(claimer.compared.is_none());
}
