//! Which ways an attempt takes: straight, through a relay, or both at once.

use std::time::Duration;

use model::{ContactId, Description, RelayWish};
use session_proto::CloseReason;

use super::Attempt;
use crate::connector::{self, Lane, Way};
use crate::hub::Hub;
use crate::session::{Lanes, SessionCommand};
use crate::settings::table::{RELAY, STUN_SERVERS};
use crate::stun::{AUTOMATIC, KnownServers, StunServers};

/// The connections of an attempt.
pub(super) struct Plan {
    pub(super) first: Lane,
    pub(super) second: Option<Lane>,
}

impl From<Lane> for Plan {
    fn from(first: Lane) -> Self {
        Self {
            first,
            second: None,
        }
    }
}

impl Hub {
    /// How to offer; `None` if only a relay would do and none is known.
    pub(super) fn plan_to_offer(&self, id: ContactId, wants_relay: bool) -> Option<Plan> {
        let Lanes {
            wish,
            direct,
            relayed,
            ..
        } = self.lanes(id);
        match (wish, relayed) {
            (RelayWish::Only, relayed) => relayed.map(Plan::from),
            (RelayWish::Automatic, Some(relayed)) if wants_relay => Some(relayed.into()),
            (RelayWish::Automatic, second) => Some(Plan {
                first: direct,
                second,
            }),
            (RelayWish::Never, _) => Some(direct.into()),
        }
    }

    /// How to answer an offer, which may have a second connection; `None` if the only way is one that this
    /// person does not want.
    pub(super) fn plan_to_answer(
        &self,
        id: ContactId,
        offer: &Description,
        has_second: bool,
    ) -> Option<Plan> {
        let lanes = self.lanes(id);
        let first = lanes.to_answer(offer)?;
        let second = match lanes.wish {
            RelayWish::Automatic if has_second => Some(lanes.relayed.unwrap_or(lanes.direct)),
            RelayWish::Automatic | RelayWish::Never | RelayWish::Only => None,
        };
        Some(Plan { first, second })
    }

    /// All ways to a contact.
    pub(super) fn lanes(&self, id: ContactId) -> Lanes {
        let is_spent = self.is_relay_budget_spent();
        let relays = self.signaling.relays.usable();
        let relays = if is_spent { &[] } else { relays };
        let wish = self.affordable(self.relay_wish(id));
        let config = connector::config(self.signaling.is_loopback());
        let relayed = (!relays.is_empty() && wish != RelayWish::Never).then(|| {
            let mut config = config.clone();
            config.relays = Some(relays.to_vec());
            Lane {
                way: Way::Relayed,
                config,
            }
        });
        let stun = self.meetings.stun.known();
        let mut direct = Lane {
            way: Way::Direct,
            config,
        };
        // An attempt asks again, and waits for those that are still looked up.
        direct.config.stun_servers = stun.map_or_else(Vec::new, |it| it.addresses_so_far());
        let would_relay = relayed.is_some() && wish == RelayWish::Automatic;
        if would_relay || self.lacks_budget(id) {
            // Who may go on with a relay, or is to be told why not, does not wait for the last straw.
            direct.config.path_time = DIRECT_TIME;
        }
        Lanes {
            wish,
            direct,
            relayed,
        }
    }

    /// Goes on through a relay at once if a straight way was not found; tells whether it does.
    pub(super) fn tries_relay_next(&mut self, id: ContactId, failed: Option<&Attempt>) -> bool {
        let has_relay = !self.signaling.relays.usable().is_empty();
        let was_direct = failed.is_some_and(|it| it.way == Way::Direct && !it.is_unanswered());
        let was_ours = failed.is_some_and(Attempt::is_ours);
        let wish = self.affordable(self.relay_wish(id));
        let may = has_relay && wish == RelayWish::Automatic;
        let meeting = self.meetings.contacts.entry(id).or_default();
        meeting.wants_relay = may && was_direct;
        let tries = meeting.wants_relay && was_ours;
        if tries {
            self.meet(id);
        }
        tries
    }

    /// Other ways are wished for than those that were taken.
    pub(in crate::hub) fn reroute(&mut self, id: ContactId) {
        self.drop_session(id, CloseReason::Superseded);
        self.drop_attempt(id, |_| true);
        if let Some(meeting) = self.meetings.contacts.get_mut(&id) {
            meeting.wants_relay = false;
        }
        self.greet(id);
    }

    /// Other ways are there for those whom none of the old ones reached.
    pub(in crate::hub) fn reroute_unconnected(&mut self) {
        let contacts = self.meetings.contacts.iter();
        let unconnected = contacts.filter(|(_, meeting)| meeting.session.is_none());
        let ids: Vec<ContactId> = unconnected.map(|(&id, _)| id).collect();
        for id in ids {
            self.reroute(id);
        }
    }

    /// Other relays or another network: sessions that stand make their further connections with these.
    pub(in crate::hub) fn renew_lanes(&mut self) {
        let contacts: Vec<ContactId> = self.meetings.contacts.keys().copied().collect();
        for id in contacts {
            if self.meetings.session(id).is_none() {
                continue;
            }
            let lanes = Box::new(self.lanes(id));
            if let Some(session) = self.meetings.session(id) {
                session.try_command(SessionCommand::Reroute(lanes));
            }
        }
    }

    /// Asks the STUN servers of the settings from now on; without any there, those that the signaling
    /// server names. Devices of one machine need none.
    pub(in crate::hub) fn apply_stun_servers(&mut self) {
        self.meetings.stun = match self.settings.text(&STUN_SERVERS).unwrap_or(AUTOMATIC) {
            AUTOMATIC if self.signaling.is_loopback() => StunServers::default(),
            AUTOMATIC => StunServers::look_up(&self.signaling.relays.stun_hosts()),
            hosts => StunServers::look_up(hosts),
        };
    }

    pub(in crate::hub) fn stun_servers(&self) -> Option<KnownServers> {
        self.meetings.stun.known()
    }

    /// What is said of the contact, unless a policy holds what is said of all.
    pub(in crate::hub) fn relay_wish(&self, id: ContactId) -> RelayWish {
        let of_all = self.settings.text(&RELAY).unwrap_or_default();
        let of_all = of_all.parse().unwrap_or_default();
        if self.settings.is_locked(&RELAY) {
            return of_all;
        }
        let of_contact = self.store.relay_wish(id).ok().flatten();
        of_contact.unwrap_or(of_all)
    }
}

/// Longer than a straight way takes to open, on slow and crowded networks too.
const DIRECT_TIME: Duration = Duration::from_secs(6);
