use std::net::{Ipv4Addr, SocketAddr};

use model::sdp::{self, SdpKind};
use model::{Candidate, CandidateKind, DtlsFingerprint, DtlsRole};
use proptest::prelude::*;

use super::*;

const ANA: DeviceId = DeviceId([1; 32]);
const BEN: DeviceId = DeviceId([2; 32]);
const OFFER_DIGEST: Digest = Digest([3; 32]);
const ANSWER_DIGEST: Digest = Digest([4; 32]);

fn terms(own: DeviceId, peer: DeviceId, versions: &[u16]) -> Terms {
    Terms {
        own,
        peer,
        versions: Versions::new(versions.to_vec()).unwrap(),
        policy: CandidatePolicy::EVERYTHING,
    }
}

fn description(fingerprint: u8, role: DtlsRole) -> Description {
    Description {
        ice_ufrag: "ufrag".into(),
        ice_pwd: "0123456789abcdefghijkl".into(),
        fingerprint: DtlsFingerprint([fingerprint; 32]),
        dtls_role: role,
        candidates: vec![Candidate {
            kind: CandidateKind::Host,
            address: SocketAddr::from((Ipv4Addr::new(203, 0, 113, 7), 4_000)),
            priority: 1,
        }],
    }
}

fn offer_sdp() -> String {
    sdp::render(&description(10, DtlsRole::ActPass), SdpKind::Offer)
}

fn answer_sdp() -> String {
    sdp::render(&description(20, DtlsRole::Active), SdpKind::Answer)
}

/// Ana offers to Ben; both go as far as an answer.
fn exchange(ana: &[u16], ben: &[u16]) -> Result<(Offering, Answering, Answer), NegotiationError> {
    let terms_of_ana = terms(ANA, BEN, ana);
    let offer = Offer::new(&terms_of_ana, SessionId([5; 16]), offer_sdp(), None);
    let offering = Offering::new(terms_of_ana, &offer, OFFER_DIGEST);
    let answering = Answering::accept(terms(BEN, ANA, ben), &offer, OFFER_DIGEST)?;
    let answer = answering.answer(answer_sdp(), None);
    Ok((offering, answering, answer))
}

fn version_lists() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::btree_set(0u16..8, 1..6).prop_map(|set| set.into_iter().collect())
}

proptest! {
    #[test]
    fn both_sides_end_with_the_same_session_version_and_transcript(
        ana in version_lists(), ben in version_lists(),
    ) {
        let best = ana.iter().rev().find(|version| ben.contains(version)).copied();
        match exchange(&ana, &ben) {
            Ok((offering, answering, answer)) => {
                let at_ana = offering.accept(&answer, &ANSWER_DIGEST).unwrap();
                let at_ben = answering.finish(&ANSWER_DIGEST);
                prop_assert_eq!(Some(at_ana.version), best);
                prop_assert_eq!(at_ana.version, at_ben.version);
                prop_assert_eq!(at_ana.session, at_ben.session);
                prop_assert_eq!(at_ana.transcript, at_ben.transcript);
                prop_assert_eq!(at_ana.remote.fingerprint, DtlsFingerprint([20; 32]));
                prop_assert_eq!(at_ben.remote.fingerprint, DtlsFingerprint([10; 32]));
            }
            Err(error) => {
                prop_assert_eq!(error, NegotiationError::UnsupportedVersion);
                prop_assert_eq!(best, None);
            }
        }
    }

    #[test]
    fn an_answer_below_the_best_common_version_is_a_downgrade(
        ana in version_lists(), ben in version_lists(), chosen in 0u16..8,
    ) {
        let Ok((offering, _, mut answer)) = exchange(&ana, &ben) else {
            return Ok(());
        };
        let honest = answer.version;
        answer.version = chosen;
        let accepted = offering.accept(&answer, &ANSWER_DIGEST);
        if chosen == honest {
            prop_assert!(accepted.is_ok());
        } else {
            prop_assert_eq!(accepted, Err(NegotiationError::Downgraded));
        }
    }

    #[test]
    fn any_text_as_a_description_is_judged_without_panic(text in any::<String>()) {
        let offer = Offer::new(&terms(ANA, BEN, &[1]), SessionId([5; 16]), text, None);
        prop_assert!(Answering::accept(terms(BEN, ANA, &[1]), &offer, OFFER_DIGEST).is_err());
    }

    #[test]
    fn exactly_one_of_two_offers_stands(a: [u8; 32], b: [u8; 32]) {
        let (a, b) = (DeviceId(a), DeviceId(b));
        prop_assert_eq!(wins_glare(&a, &b), a != b && !wins_glare(&b, &a));
    }
}

#[test]
fn an_answer_to_another_offer_session_or_pair_is_refused() {
    let (offering, _, answer) = exchange(&[1], &[1]).unwrap();
    let refused = |change: &dyn Fn(&mut Answer)| {
        let mut answer = answer.clone();
        change(&mut answer);
        offering.accept(&answer, &ANSWER_DIGEST).unwrap_err()
    };

    let error = refused(&|answer| answer.session = SessionId([6; 16]));
    assert_eq!(error, NegotiationError::WrongSession);
    let error = refused(&|answer| answer.offer = Digest([9; 32]));
    assert_eq!(error, NegotiationError::WrongOffer);
    let error = refused(&|answer| answer.offerer = DeviceId([9; 32]));
    assert_eq!(error, NegotiationError::WrongParties);
    let error = refused(&|answer| answer.answerer = ANA);
    assert_eq!(error, NegotiationError::WrongParties);
    let error = refused(&|answer| answer.versions = Versions::new(vec![2]).unwrap());
    assert_eq!(error, NegotiationError::UnsupportedVersion);
    let error = refused(&|answer| answer.sdp = offer_sdp());
    assert_eq!(error, NegotiationError::WrongDtlsRole);

    assert!(offering.accept(&answer, &ANSWER_DIGEST).is_ok());
}

#[test]
fn an_offer_that_already_chose_its_dtls_role_is_refused() {
    let terms_of_ana = terms(ANA, BEN, &[1]);
    let mut offer = Offer::new(&terms_of_ana, SessionId([5; 16]), answer_sdp(), None);
    let accepted = Answering::accept(terms(BEN, ANA, &[1]), &offer, OFFER_DIGEST);
    assert_eq!(accepted.unwrap_err(), NegotiationError::WrongDtlsRole);
    offer.sdp = offer_sdp();
    assert!(Answering::accept(terms(BEN, ANA, &[1]), &offer, OFFER_DIGEST).is_ok());
}

#[test]
fn the_transcript_covers_both_bodies() {
    let (offering, answering, answer) = exchange(&[1], &[1]).unwrap();
    let one = offering.accept(&answer, &ANSWER_DIGEST).unwrap();
    let other = answering.finish(&Digest([0; 32]));
    assert_ne!(one.transcript, other.transcript);
    assert_ne!(
        transcript(&OFFER_DIGEST, &ANSWER_DIGEST),
        transcript(&ANSWER_DIGEST, &OFFER_DIGEST)
    );
}

#[test]
fn a_refusal_counts_only_for_the_offer_it_names() {
    let terms_of_ana = terms(ANA, BEN, &[1]);
    let offer = Offer::new(&terms_of_ana, SessionId([5; 16]), offer_sdp(), None);
    let offering = Offering::new(terms_of_ana, &offer, OFFER_DIGEST);

    let refusal = Answering::refuse(&offer, OFFER_DIGEST, RefusalReason::Busy);
    assert_eq!(offering.refused(&refusal), Ok(&RefusalReason::Busy));
    let stale = Answering::refuse(&offer, ANSWER_DIGEST, RefusalReason::Busy);
    assert_eq!(offering.refused(&stale), Err(NegotiationError::WrongOffer));
}

#[test]
fn a_second_connection_is_described_by_both_and_as_strictly_as_the_first() {
    let terms_of_ana = terms(ANA, BEN, &[1]);
    let offer = Offer::new(&terms_of_ana, SessionId([5; 16]), offer_sdp(), None);
    let offer = offer.with_relayed(Some(offer_sdp()));
    let offering = Offering::new(terms_of_ana, &offer, OFFER_DIGEST);
    let answering = Answering::accept(terms(BEN, ANA, &[1]), &offer, OFFER_DIGEST).unwrap();
    assert_eq!(
        answering.relayed(),
        Some(&description(10, DtlsRole::ActPass))
    );
    let answer = answering.answer(answer_sdp(), Some(answer_sdp()));
    let negotiated = offering.accept(&answer, &ANSWER_DIGEST).unwrap();
    assert_eq!(negotiated.relayed, Some(description(20, DtlsRole::Active)));

    for bad in [answer_sdp(), "v=0".to_owned()] {
        let offer = offer.clone().with_relayed(Some(bad));
        let refused = Answering::accept(terms(BEN, ANA, &[1]), &offer, OFFER_DIGEST);
        assert!(refused.is_err(), "{refused:?}");
    }
    for bad in [offer_sdp(), "v=0".to_owned()] {
        let answer = answering.answer(answer_sdp(), Some(bad));
        assert!(offering.accept(&answer, &ANSWER_DIGEST).is_err());
    }
}
