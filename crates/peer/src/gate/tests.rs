use model::{Candidate, CandidateKind, DtlsFingerprint, DtlsRole};
use proptest::prelude::*;

use super::*;
use crate::stun::tests::signed_check;

const HANDSHAKE_RECORD: u8 = 22;

#[test]
fn nothing_passes_before_the_peer_is_known() {
    let mut gate = Gate::default();
    assert!(!gate.admits(candidate(), &signed_check("ours:theirs", PASSWORD)));
    assert!(!gate.admits(candidate(), &record(HANDSHAKE_RECORD, 100)));
}

#[test]
fn stun_and_dtls_pass_from_a_candidate_and_nothing_else_does() {
    let mut gate = open_gate();
    assert!(gate.admits(candidate(), &signed_check("any:body", "any")));
    assert!(gate.admits(candidate(), &record(HANDSHAKE_RECORD, 100)));
    for first in [4, 16, 19, 64, 79, 128, 191, 192, 255] {
        let mut datagram = record(APPLICATION_RECORD, 100);
        datagram[0] = first;
        assert!(!gate.admits(candidate(), &datagram), "{first}");
    }
    assert!(!gate.admits(candidate(), &[]));
}

#[test]
fn a_third_address_gets_nothing_through() {
    let mut gate = open_gate();
    gate.establish();
    assert!(!gate.admits(third(), &record(APPLICATION_RECORD, 100)));
    assert!(!gate.admits(third(), &record(HANDSHAKE_RECORD, 100)));
    assert!(!gate.admits(third(), &signed_check("ours:theirs", "guess")));
    assert!(!gate.admits(third(), &signed_check("ours:others", PASSWORD)));
}

#[test]
fn an_address_that_signs_a_check_is_let_in() {
    let mut gate = open_gate();
    assert!(gate.admits(third(), &signed_check("ours:theirs", PASSWORD)));
    assert!(gate.admits(third(), &record(HANDSHAKE_RECORD, 100)));
}

#[test]
fn learned_addresses_are_bounded() {
    let mut gate = open_gate();
    let check = signed_check("ours:theirs", PASSWORD);
    let source = |port| SocketAddr::new(third().ip(), port);
    let admitted = (1..=100)
        .filter(|&port| gate.admits(source(port), &check))
        .count();
    assert_eq!(admitted, LEARNED_ADDRESSES);
    assert!(gate.admits(source(1), &check), "those known stay known");
}

#[test]
fn handshake_datagrams_are_bounded_for_life() {
    let mut gate = open_gate();
    gate.establish();
    let fragment = record(HANDSHAKE_RECORD, 13);
    let admitted = (0..30_000)
        .filter(|_| gate.admits(candidate(), &fragment))
        .count();
    assert_eq!(admitted, limits::DTLS_HANDSHAKE_FRAGMENTS);
    assert!(gate.admits(candidate(), &record(APPLICATION_RECORD, 1_000)));
}

#[test]
fn handshake_bytes_are_bounded() {
    let mut gate = open_gate();
    let large = record(HANDSHAKE_RECORD, 16_000);
    let admitted = (0..10).filter(|_| gate.admits(candidate(), &large)).count();
    assert_eq!(admitted, limits::DTLS_HANDSHAKE_BYTES / large.len());
}

#[test]
fn application_records_are_bounded_until_the_handshake_is_done() {
    let mut gate = open_gate();
    let early = record(APPLICATION_RECORD, 50);
    let admitted = (0..1_000)
        .filter(|_| gate.admits(candidate(), &early))
        .count();
    assert_eq!(admitted, limits::DTLS_EARLY_RECORDS);
    gate.establish();
    assert!((0..1_000).all(|_| gate.admits(candidate(), &early)));
}

#[test]
fn a_handshake_record_cannot_hide_behind_an_application_record() {
    let mut gate = open_gate();
    gate.establish();
    let hidden = [record(APPLICATION_RECORD, 1), record(HANDSHAKE_RECORD, 13)].concat();
    let admitted = (0..1_000)
        .filter(|_| gate.admits(candidate(), &hidden))
        .count();
    assert_eq!(admitted, limits::DTLS_HANDSHAKE_FRAGMENTS);
}

#[test]
fn records_that_are_cut_short_do_not_pass() {
    let mut gate = open_gate();
    gate.establish();
    let whole = record(APPLICATION_RECORD, 100);
    for length in 1..whole.len() {
        assert!(!gate.admits(candidate(), &whole[..length]), "{length}");
    }
}

#[test]
fn answers_of_servers_pass_only_until_a_peer_is_expected() {
    let mut gate = Gate::default();
    let request = stun::tests::signed_check("a:b", "c");
    let mut answer = request.clone();
    answer[..2].copy_from_slice(&[0x01, 0x01]);
    assert!(!gate.admits(third(), &answer));
    gate.expect_servers(&[third()]);
    assert!(gate.admits(third(), &answer));
    assert!(!gate.admits(third(), &request), "a server asks nothing");
    assert!(!gate.admits(third(), &record(HANDSHAKE_RECORD, 13)));
    let mut gate = open_gate();
    assert!(!gate.admits(third(), &answer));
}

proptest! {
    /// Whatever arrives, and from wherever, the stack sees at most the bounded number of early datagrams.
    #[test]
    fn arbitrary_datagrams_stay_within_the_bounds(
        datagrams in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..40)), 0..300)
    ) {
        let mut gate = open_gate();
        let mut dtls = 0;
        for (from_peer, datagram) in datagrams {
            let source = if from_peer { candidate() } else { third() };
            let admitted = gate.admits(source, &datagram);
            prop_assert!(!admitted || from_peer);
            dtls += usize::from(admitted && datagram[0] >= 20);
        }
        prop_assert!(dtls <= limits::DTLS_HANDSHAKE_FRAGMENTS + limits::DTLS_EARLY_RECORDS);
    }
}

const PASSWORD: &str = "abcdefghijklmnopqrstuv";

fn open_gate() -> Gate {
    let mut gate = Gate::default();
    gate.expect_peer(
        &description("ours", Vec::new()),
        &description("theirs", vec![candidate()]),
    );
    gate
}

fn description(ice_ufrag: &str, addresses: Vec<SocketAddr>) -> Description {
    let candidate = |address| Candidate {
        kind: CandidateKind::Host,
        address,
        priority: 1,
    };
    Description {
        ice_ufrag: ice_ufrag.to_owned(),
        ice_pwd: PASSWORD.to_owned(),
        fingerprint: DtlsFingerprint([0; 32]),
        dtls_role: DtlsRole::ActPass,
        candidates: addresses.into_iter().map(candidate).collect(),
    }
}

fn candidate() -> SocketAddr {
    "192.0.2.1:4000".parse().unwrap()
}

fn third() -> SocketAddr {
    "192.0.2.3:4000".parse().unwrap()
}

fn record(kind: u8, length: u16) -> Vec<u8> {
    let mut record = vec![kind, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1];
    record.extend(length.to_be_bytes());
    record.resize(RECORD_HEADER_BYTES + usize::from(length), 1);
    record
}
