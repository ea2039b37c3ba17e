use super::*;
use crate::message::PairingEnd;

fn closed(nameplate: u32, end: PairingEnd) -> ServerToClient {
    ServerToClient::PairingClosed { nameplate, end }
}

fn pairing(nameplate: u32, body: &[u8]) -> ClientToServer {
    let body = body.to_vec();
    ClientToServer::Pairing { nameplate, body }
}

/// Two sockets joined by a code.
fn joined(node: &mut Node) -> (SocketId, SocketId, u32) {
    let (issuer, claimer) = (node.join(1, 1), node.join(2, 1));
    let nameplate = node.allocate(issuer).unwrap();
    assert_eq!(node.claim(claimer, nameplate), Ok(nameplate));
    assert_eq!(
        node.heard(issuer),
        [ServerToClient::PairingPeerJoined { nameplate }]
    );
    (issuer, claimer, nameplate)
}

#[test]
fn two_devices_talk_through_a_code() {
    let mut node = Node::new();
    let (issuer, claimer, nameplate) = joined(&mut node);
    assert!((1..100).contains(&nameplate), "the number is short");

    node.say(issuer, &pairing(nameplate, b"one"));
    node.say(claimer, &pairing(nameplate, b"two"));

    let body = b"one".to_vec();
    assert_eq!(
        node.heard(claimer),
        [ServerToClient::Pairing { nameplate, body }]
    );
    let body = b"two".to_vec();
    assert_eq!(
        node.heard(issuer),
        [ServerToClient::Pairing { nameplate, body }]
    );
}

#[test]
fn a_code_is_claimed_once_whatever_happens_afterwards() {
    let mut node = Node::new();
    let (_issuer, claimer, nameplate) = joined(&mut node);
    let third = node.join(3, 1);
    assert_eq!(node.claim(third, nameplate), Err(CodeRefusal::UnknownCode));
    node.close(claimer);
    assert_eq!(node.claim(third, nameplate), Err(CodeRefusal::UnknownCode));
}

#[test]
fn a_device_cannot_claim_its_own_code() {
    let mut node = Node::new();
    let issuer = node.join(1, 1);
    let nameplate = node.allocate(issuer).unwrap();
    assert_eq!(node.claim(issuer, nameplate), Err(CodeRefusal::UnknownCode));
}

#[test]
fn a_third_device_neither_speaks_nor_listens() {
    let mut node = Node::new();
    let (issuer, claimer, nameplate) = joined(&mut node);
    let third = node.join(3, 1);
    node.heard(third);
    node.say(third, &pairing(nameplate, b"let me in"));
    node.close_code(third, nameplate, PairingMood::WrongCode);
    node.say(issuer, &pairing(nameplate, b"secret"));

    assert_eq!(node.heard(third), []);
    assert_eq!(node.heard(issuer), []);
    assert_eq!(node.heard(claimer).len(), 1);
}

#[test]
fn one_wrong_confirmation_burns_the_code_for_both() {
    let mut node = Node::new();
    let (issuer, claimer, nameplate) = joined(&mut node);
    node.heard(claimer);
    node.close_code(claimer, nameplate, PairingMood::WrongCode);

    assert_eq!(
        node.heard(issuer),
        [closed(nameplate, PairingEnd::WrongCode)]
    );
    node.say(issuer, &pairing(nameplate, b"still there?"));
    assert_eq!(node.heard(claimer), []);
    let third = node.join(3, 1);
    assert_eq!(node.claim(third, nameplate), Err(CodeRefusal::UnknownCode));
}

#[test]
fn both_sides_learn_that_the_time_is_over() {
    let mut limits = ServerLimits::default();
    limits.sockets.keepalive_s = 1_000;
    let mut node = Node::with(limits);
    let (issuer, claimer, nameplate) = joined(&mut node);
    node.heard(claimer);
    let alone = node.allocate(issuer).unwrap();

    node.wait(Duration::from_secs(599));
    assert_eq!(node.heard(issuer), []);
    node.wait(Duration::from_secs(1));

    let expired = [
        closed(nameplate, PairingEnd::Expired),
        closed(alone, PairingEnd::Expired),
    ];
    let mut heard = node.heard(issuer);
    heard.sort_by_key(|message| *message != expired[0]);
    assert_eq!(heard, expired);
    assert_eq!(
        node.heard(claimer),
        [closed(nameplate, PairingEnd::Expired)]
    );
}

#[test]
fn a_code_ends_with_the_socket_of_either_side() {
    let mut node = Node::new();
    let (issuer, claimer, nameplate) = joined(&mut node);
    node.close(claimer);
    assert_eq!(
        node.heard(issuer),
        [closed(nameplate, PairingEnd::ConnectionLost)]
    );

    let nameplate = node.allocate(issuer).unwrap();
    let claimer = node.join(2, 2);
    node.claim(claimer, nameplate).unwrap();
    node.close(issuer);
    assert_eq!(
        node.heard(claimer),
        [closed(nameplate, PairingEnd::ConnectionLost)]
    );
}

#[test]
fn a_number_rests_before_it_leads_to_another_person() {
    let mut limits = ServerLimits::default();
    limits.sockets.keepalive_s = 1_000;
    let mut node = Node::with(limits);
    let issuer = node.join(1, 1);
    let nameplate = node.allocate(issuer).unwrap();
    node.close_code(issuer, nameplate, PairingMood::GaveUp);
    assert_eq!(node.server.statistics().codes, 1, "it rests");
    node.wait(Duration::from_secs(600));
    assert_eq!(node.server.statistics().codes, 0, "it is free");
}

#[test]
fn ten_failed_claims_of_an_address_are_enough_for_an_hour() {
    let mut node = Node::new();
    let guesser = node.join(7, 1);
    for _ in 0..10 {
        assert_eq!(node.claim(guesser, 12), Err(CodeRefusal::UnknownCode));
    }
    let refused = node.claim(guesser, 12).unwrap_err();
    let CodeRefusal::TooManyAttempts { retry_after_s } = refused else {
        panic!("the eleventh claim is refused: {refused:?}")
    };
    assert!(
        (300..=361).contains(&retry_after_s),
        "one attempt comes back every six minutes"
    );

    // Another socket of the same address changes nothing, another address does.
    let again = node.connect("192.0.2.7");
    node.authenticate(again, 8, 1);
    assert!(matches!(
        node.claim(again, 12),
        Err(CodeRefusal::TooManyAttempts { .. })
    ));
    let elsewhere = node.join(9, 1);
    assert_eq!(node.claim(elsewhere, 12), Err(CodeRefusal::UnknownCode));
}

#[test]
fn claims_that_end_in_a_pairing_are_not_counted() {
    let mut node = Node::new();
    let (issuer, claimer) = (node.join(1, 1), node.join(2, 1));
    for _ in 0..30 {
        let nameplate = node.allocate(issuer).unwrap();
        node.claim(claimer, nameplate).unwrap();
        node.close_code(claimer, nameplate, PairingMood::Paired);
        node.close_code(issuer, nameplate, PairingMood::Paired);
        node.now += Duration::from_secs(1);
    }
}

#[test]
fn a_claimer_cannot_clear_itself_by_saying_that_all_went_well() {
    let mut limits = ServerLimits::default();
    limits.codes.failed_claims_per_hour = 3;
    let mut node = Node::with(limits);
    let (issuer, eve) = (node.join(1, 1), node.join(2, 1));
    for _ in 0..3 {
        let nameplate = node.allocate(issuer).unwrap();
        node.claim(eve, nameplate).unwrap();
        node.close_code(eve, nameplate, PairingMood::Paired);
        node.close_code(issuer, nameplate, PairingMood::WrongCode);
    }
    let nameplate = node.allocate(issuer).unwrap();
    assert!(matches!(
        node.claim(eve, nameplate),
        Err(CodeRefusal::TooManyAttempts { .. })
    ));
}

#[test]
fn a_code_is_no_tunnel() {
    let mut limits = ServerLimits::default();
    limits.codes.messages = 5;
    let mut node = Node::with(limits);
    let (issuer, claimer, nameplate) = joined(&mut node);
    for _ in 0..6 {
        node.say(claimer, &pairing(nameplate, b"data"));
    }
    let heard = node.heard(issuer);
    assert_eq!(heard.len(), 6);
    assert_eq!(heard[5], closed(nameplate, PairingEnd::GaveUp));
}

#[test]
fn numbers_grow_longer_only_when_the_short_ones_are_used() {
    let mut limits = ServerLimits::default();
    limits.codes.per_socket = 1_000;
    limits.codes.per_address = 1_000;
    limits.sockets.message_burst = 1_000;
    let mut node = Node::with(limits);
    let issuer = node.join(1, 1);
    let numbers: Vec<u32> = (0..200).map(|_| node.allocate(issuer).unwrap()).collect();
    assert!(numbers[..50].iter().all(|number| (1..100).contains(number)));
    assert!(numbers.iter().all(|number| (1..1_000).contains(number)));
    let different: std::collections::BTreeSet<_> = numbers.iter().collect();
    assert_eq!(different.len(), 200);
}
