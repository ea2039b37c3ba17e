use std::net::Ipv6Addr;

use model::sdp::{self, CandidatePolicy, SdpKind};
use model::{CandidateKind, DtlsRole, PathKind, limits};
use peer::{ConnectError, Connection, ConnectionConfig};

use crate::pair::{V4, config, connect, connect_with};

#[tokio::test]
async fn both_sides_see_the_certificates_that_were_shown() {
    let (offering, answering) = connect().await;
    assert_eq!(offering.fingerprints().own, answering.fingerprints().peer);
    assert_eq!(offering.fingerprints().peer, answering.fingerprints().own);
    assert_ne!(offering.fingerprints().own, offering.fingerprints().peer);
    assert_eq!(offering.path(), PathKind::Local);
}

#[tokio::test]
async fn every_connection_has_a_certificate_and_credentials_of_its_own() {
    let (_first_pending, first) = Connection::offer(config(V4)).await.unwrap();
    let (_second_pending, second) = Connection::offer(config(V4)).await.unwrap();
    assert_ne!(first.fingerprint, second.fingerprint);
    assert_ne!(first.ice_ufrag, second.ice_ufrag);
    assert_ne!(first.ice_pwd, second.ice_pwd);
}

#[tokio::test]
async fn connections_are_made_over_ipv6() {
    let (offering, answering) = connect_with(Ipv6Addr::LOCALHOST.into(), |_| {}, |_| {}).await;
    assert_eq!(offering.unwrap().path(), PathKind::Local);
    assert_eq!(answering.unwrap().path(), PathKind::Local);
}

#[tokio::test]
async fn descriptions_survive_the_strict_reader() {
    let (_pending, offer) = Connection::offer(config(V4)).await.unwrap();
    assert_eq!(offer.dtls_role, DtlsRole::ActPass);
    assert!(
        offer
            .candidates
            .iter()
            .all(|candidate| candidate.kind == CandidateKind::Host)
    );
    let text = sdp::render(&offer, SdpKind::Offer);
    assert_eq!(sdp::parse(&text, CandidatePolicy::EVERYTHING), Ok(offer));
}

#[tokio::test]
async fn a_candidate_that_nobody_answers_at_does_no_harm() {
    let dead = |description: &mut model::Description| {
        let mut candidate = description.candidates[0];
        candidate.address.set_port(9);
        candidate.priority += 1;
        description.candidates.insert(0, candidate);
    };
    let (offering, answering) = connect_with(V4, dead, dead).await;
    offering.unwrap();
    answering.unwrap();
}

/// The answering side is reached from an address that its peer's description does not name.
#[tokio::test]
async fn a_peer_without_candidates_is_found_by_its_signed_checks() {
    let silent = |description: &mut model::Description| description.candidates.clear();
    let (offering, answering) = connect_with(V4, silent, |_| {}).await;
    offering.unwrap();
    answering.unwrap();
}

#[tokio::test]
async fn a_certificate_that_the_answer_did_not_announce_is_refused() {
    let swapped = |description: &mut model::Description| description.fingerprint.0[0] ^= 1;
    let (offering, answering) = connect_with(V4, |_| {}, swapped).await;
    // One side gives up within its limit, the other by then or by the farewell.
    assert!(
        matches!(offering, Err(ConnectError::DtlsTimedOut))
            || matches!(answering, Err(ConnectError::DtlsTimedOut)),
        "{offering:?}, {answering:?}"
    );
    assert!(offering.is_err(), "the side that was lied to");
    assert!(answering.is_err(), "{answering:?}");
}

#[tokio::test]
async fn a_certificate_that_the_offer_did_not_announce_is_refused() {
    let swapped = |description: &mut model::Description| description.fingerprint.0[31] ^= 128;
    let (offering, answering) = connect_with(V4, swapped, |_| {}).await;
    assert!(answering.is_err(), "the side that was lied to");
    assert!(offering.is_err(), "{offering:?}");
}

#[tokio::test]
async fn a_peer_with_other_ice_credentials_is_never_reached() {
    let (mut offering, offer) = Connection::offer(config(V4)).await.unwrap();
    let (_answering, mut answer) = Connection::answer(config(V4), &offer).await.unwrap();
    answer.ice_pwd = "somebodyelsespassword0".to_owned();
    offering.accept_answer(&answer).await.unwrap();
    let attempt = tokio::time::timeout(limits::ICE_TIME / 10, offering.connect()).await;
    assert!(!matches!(attempt, Ok(Ok(_))), "{attempt:?}");
}

#[tokio::test]
async fn nothing_starts_without_an_address() {
    let refused = Connection::offer(ConnectionConfig::default()).await;
    assert!(matches!(refused, Err(ConnectError::NoAddress)));
}

#[tokio::test]
async fn an_offer_waits_for_its_answer() {
    let (offering, _) = Connection::offer(config(V4)).await.unwrap();
    assert!(matches!(
        offering.connect().await,
        Err(ConnectError::NoAnswer)
    ));
}

#[tokio::test]
async fn an_answer_is_taken_once_and_by_the_offering_side() {
    let (mut offering, offer) = Connection::offer(config(V4)).await.unwrap();
    let (mut answering, answer) = Connection::answer(config(V4), &offer).await.unwrap();
    assert!(matches!(
        answering.accept_answer(&answer).await,
        Err(ConnectError::NotAnAnswer)
    ));
    let mut open = answer.clone();
    open.dtls_role = DtlsRole::ActPass;
    assert!(matches!(
        offering.accept_answer(&open).await,
        Err(ConnectError::NotAnAnswer)
    ));
    offering.accept_answer(&answer).await.unwrap();
    assert!(matches!(
        offering.accept_answer(&answer).await,
        Err(ConnectError::NotAnAnswer)
    ));
}

/// The answer leads nowhere; half as long again as the limit is for a slow machine.
#[tokio::test]
async fn a_path_is_looked_for_no_longer_than_its_limit() {
    let (mut offering, offer) = Connection::offer(config(V4)).await.unwrap();
    let (answering, answer) = Connection::answer(config(V4), &offer).await.unwrap();
    drop(answering);
    offering.accept_answer(&answer).await.unwrap();
    let patience = limits::ICE_TIME + limits::ICE_TIME / 2;
    let attempt = tokio::time::timeout(patience, offering.connect()).await;
    let attempt = attempt.expect("the limit ends the attempt");
    assert!(
        matches!(
            attempt,
            Err(ConnectError::IceTimedOut | ConnectError::Ended(_))
        ),
        "{attempt:?}"
    );
}
