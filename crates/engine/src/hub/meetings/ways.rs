//! Which way an attempt takes: straight, or through a relay.

use std::time::Duration;

use model::{CandidateKind, ContactId, Description};
use peer::ConnectionConfig;

use super::Attempt;
use crate::connector;
use crate::hub::Hub;
use crate::settings::table::RELAY;

/// The one kind of path that a connection has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Between the devices' own addresses.
    Direct,
    /// Through a relay, so that the peer learns no address of this device.
    Relayed,
}

/// What a person wants of relays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Automatic,
    Never,
    Only,
}

impl Hub {
    /// How to offer; `None` if only a relay would do and none is known.
    pub(super) fn way_to_offer(&self, wants_relay: bool) -> Option<Way> {
        let has_relay = !self.signaling.relays.usable().is_empty();
        match self.relay_wish() {
            Wish::Only => has_relay.then_some(Way::Relayed),
            Wish::Automatic if wants_relay && has_relay => Some(Way::Relayed),
            Wish::Automatic | Wish::Never => Some(Way::Direct),
        }
    }

    /// How to answer an offer; `None` if the only way is one that this person does not want.
    pub(super) fn way_to_answer(&self, offer: &Description) -> Option<Way> {
        let has_relay = !self.signaling.relays.usable().is_empty();
        match (self.relay_wish(), is_relayed(offer)) {
            (Wish::Only, _) => has_relay.then_some(Way::Relayed),
            (Wish::Never, true) => None,
            (Wish::Automatic, true) if has_relay => Some(Way::Relayed),
            (Wish::Automatic | Wish::Never, _) => Some(Way::Direct),
        }
    }

    /// How connections of this way are made.
    pub(super) fn connection_config(&self, way: Way) -> ConnectionConfig {
        let relays = self.signaling.relays.usable();
        let mut config = connector::config(self.signaling.is_loopback());
        match way {
            Way::Relayed => config.relays = Some(relays.to_vec()),
            // Who may go on with a relay does not wait for the last straw.
            Way::Direct if !relays.is_empty() && self.relay_wish() == Wish::Automatic => {
                config.path_time = DIRECT_TIME;
            }
            Way::Direct => {}
        }
        config
    }

    /// Goes on through a relay at once if a straight way was not found; tells whether it does.
    pub(super) fn tries_relay_next(&mut self, id: ContactId, failed: Option<&Attempt>) -> bool {
        let has_relay = !self.signaling.relays.usable().is_empty();
        let was_direct = failed.is_some_and(|it| it.way == Way::Direct && !it.is_unanswered());
        let was_ours = failed.is_some_and(Attempt::is_ours);
        let may = has_relay && self.relay_wish() == Wish::Automatic;
        let meeting = self.meetings.contacts.entry(id).or_default();
        meeting.wants_relay = may && was_direct;
        let tries = meeting.wants_relay && was_ours;
        if tries {
            self.meet(id);
        }
        tries
    }

    fn relay_wish(&self) -> Wish {
        match self.settings.text(&RELAY) {
            Some("only") => Wish::Only,
            Some("never") => Wish::Never,
            Some(_) | None => Wish::Automatic,
        }
    }
}

/// Whether everything that a peer offers is at a relay.
fn is_relayed(description: &Description) -> bool {
    let mut candidates = description.candidates.iter();
    !description.candidates.is_empty()
        && candidates.all(|candidate| candidate.kind == CandidateKind::Relayed)
}

/// Longer than a straight way takes to open, on slow and crowded networks too.
const DIRECT_TIME: Duration = Duration::from_secs(6);
