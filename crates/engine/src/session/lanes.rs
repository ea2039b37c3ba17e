use model::{CandidateKind, Description, RelayWish};

use crate::connector::{Lane, Way};

/// The ways to a contact.
#[derive(Debug, Clone)]
pub(crate) struct Lanes {
    pub(crate) wish: RelayWish,
    pub(crate) direct: Lane,
    /// None while no relay is known.
    pub(crate) relayed: Option<Lane>,
}

impl Lanes {
    /// How to answer an offer; `None` if the only way is one that this person does not want.
    pub(crate) fn to_answer(&self, offer: &Description) -> Option<Lane> {
        match (self.wish, is_relayed(offer)) {
            (RelayWish::Only, _) => self.relayed.clone(),
            (RelayWish::Never, true) => None,
            (RelayWish::Automatic, true) => Some(self.of(Way::Relayed).clone()),
            (RelayWish::Automatic | RelayWish::Never, false) => Some(self.direct.clone()),
        }
    }

    /// How further connections of a session are offered that goes `way`.
    pub(super) fn to_offer(&self, way: Way) -> Option<Lane> {
        match self.wish {
            RelayWish::Only => self.relayed.clone(),
            RelayWish::Automatic | RelayWish::Never => Some(self.of(way).clone()),
        }
    }

    /// Whether a session that goes `way` is to look for a better one.
    pub(super) fn hope_for_better(&self, way: Way) -> bool {
        way == Way::Relayed && self.wish == RelayWish::Automatic
    }

    fn of(&self, way: Way) -> &Lane {
        match (way, &self.relayed) {
            (Way::Relayed, Some(relayed)) => relayed,
            (Way::Relayed, None) | (Way::Direct, _) => &self.direct,
        }
    }
}

/// Whether everything that a peer offers is at a relay.
pub(super) fn is_relayed(description: &Description) -> bool {
    let mut candidates = description.candidates.iter();
    !description.candidates.is_empty()
        && candidates.all(|candidate| candidate.kind == CandidateKind::Relayed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Candidate, DtlsFingerprint, DtlsRole};
    use peer::ConnectionConfig;

    fn lanes(wish: RelayWish, has_relay: bool) -> Lanes {
        let lane = |way| Lane {
            way,
            config: ConnectionConfig::default(),
        };
        Lanes {
            wish,
            direct: lane(Way::Direct),
            relayed: has_relay.then(|| lane(Way::Relayed)),
        }
    }

    fn offer(kind: CandidateKind) -> Description {
        Description {
            ice_ufrag: "ufrag".into(),
            ice_pwd: "0123456789abcdefghijkl".into(),
            fingerprint: DtlsFingerprint([1; 32]),
            dtls_role: DtlsRole::ActPass,
            candidates: vec![Candidate {
                kind,
                address: ([11, 0, 0, 1], 9).into(),
                priority: 1,
            }],
        }
    }

    #[test]
    fn who_wants_relays_only_names_no_address_of_its_own_whatever_is_offered() {
        let (direct, relayed) = (offer(CandidateKind::Host), offer(CandidateKind::Relayed));
        for offer in [&direct, &relayed] {
            let way = |lanes: &Lanes| lanes.to_answer(offer).map(|lane| lane.way);
            assert_eq!(way(&lanes(RelayWish::Only, true)), Some(Way::Relayed));
            assert_eq!(way(&lanes(RelayWish::Only, false)), None);
        }
        for way in [Way::Direct, Way::Relayed] {
            let offered = lanes(RelayWish::Only, true).to_offer(way);
            assert_eq!(offered.map(|lane| lane.way), Some(Way::Relayed));
            assert!(lanes(RelayWish::Only, false).to_offer(way).is_none());
            assert!(!lanes(RelayWish::Only, true).hope_for_better(way));
        }
    }

    #[test]
    fn who_never_wants_a_relay_answers_none() {
        let never = lanes(RelayWish::Never, true);
        assert!(never.to_answer(&offer(CandidateKind::Relayed)).is_none());
        let direct = never.to_answer(&offer(CandidateKind::ServerReflexive));
        assert_eq!(direct.map(|lane| lane.way), Some(Way::Direct));
    }

    #[test]
    fn only_a_session_through_a_relay_hopes_for_better() {
        let lanes = lanes(RelayWish::Automatic, true);
        assert!(lanes.hope_for_better(Way::Relayed));
        assert!(!lanes.hope_for_better(Way::Direct));
    }
}
