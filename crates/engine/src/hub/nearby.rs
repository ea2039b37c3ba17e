//! Contacts on the same network: who is there, and the lines to them.
//!
//! A device reads its mailboxes at its own endpoint, and posts at that of the contact. Where only one of two
//! can reach the other, both use the endpoint that is reached.

mod lines;
mod showing;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use lan::Acquaintance;
use model::ContactId;
use signaling_proto::client::{ClientInput, MailboxSubscription};
use signaling_proto::message::PostOutcome;

use showing::Sight;

use super::Hub;
use crate::neighbourhood::{Errand, NeighbourReport, Neighbourhood};
use crate::settings::table::{LAN_INTERFACES, LAN_VISIBILITY};
use crate::signaling_link::{LinkEvent, LinkHandle};

/// What is known of the local networks.
#[derive(Debug, Default)]
pub(super) struct Nearby {
    /// The door, while it is open, and what it was opened for.
    open: Option<Open>,
    present: BTreeMap<ContactId, Present>,
    /// Lines of contacts to our endpoint.
    callers: BTreeMap<ContactId, usize>,
    next_serial: u64,
    sight: Sight,
}

#[derive(Debug)]
struct Open {
    neighbourhood: Neighbourhood,
    /// To our own endpoint.
    own: LinkHandle,
    visibility: String,
    interfaces: String,
}

/// A contact that is near.
#[derive(Debug)]
struct Present {
    door: SocketAddr,
    /// To its endpoint, once there is something to say.
    line: Option<Line>,
}

#[derive(Debug)]
struct Line {
    serial: u64,
    link: LinkHandle,
}

impl Nearby {
    /// Whether there is a door.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// How many contacts are near.
    pub(super) fn count(&self) -> usize {
        let callers = self.callers.keys();
        self.present.len() + callers.filter(|it| !self.present.contains_key(it)).count()
    }

    /// Whether something was said to a contact, so that it can be told more.
    pub(super) fn has_line_with(&self, contact: ContactId) -> bool {
        let line = self.present.get(&contact).map(|it| it.line.is_some());
        line.unwrap_or_default() || self.callers.contains_key(&contact)
    }

    /// Whether a contact can be told something without any server.
    pub(super) fn reaches(&self, contact: ContactId) -> bool {
        self.present.contains_key(&contact) || self.callers.contains_key(&contact)
    }
}

impl Hub {
    /// Opens the door, if this device is to be seen and the door is not open.
    pub(super) fn open_door(&mut self) {
        let visibility = self.settings.text(&LAN_VISIBILITY).unwrap_or(NOBODY);
        let interfaces = self.settings.text(&LAN_INTERFACES).unwrap_or_default();
        let (visibility, interfaces) = (visibility.to_owned(), interfaces.to_owned());
        let is_same = |open: &Open| open.visibility == visibility && open.interfaces == interfaces;
        if self.meetings.nearby.open.as_ref().is_some_and(is_same) {
            return;
        }
        self.close_door();
        if visibility == NOBODY {
            return;
        }
        let chosen = interfaces.parse().unwrap_or_default();
        let neighbourhood = match Neighbourhood::open(chosen, self.ties.hub.clone()) {
            Ok(neighbourhood) => neighbourhood,
            Err(error) => {
                tracing::warn!(%error, "no door could be opened on the local network");
                return;
            }
        };
        let own = self.open_own_line(&neighbourhood);
        self.meetings.nearby.open = Some(Open {
            neighbourhood,
            own,
            visibility,
            interfaces,
        });
        if let Err(error) = self.refresh_mailboxes() {
            tracing::warn!(%error, "the contacts on the local network are not known");
        }
        self.call_saved();
        self.look_again();
    }

    /// Is no longer seen, and sees nobody.
    pub(super) fn close_door(&mut self) {
        if !self.meetings.nearby.is_open() {
            return;
        }
        self.drop_near_pairings();
        self.lose_sight();
        self.meetings.nearby.open = None;
        self.meetings.nearby.callers.clear();
        self.forget_neighbours();
    }

    /// The same once everything is said.
    pub(super) async fn leave_neighbours(&mut self) {
        self.drop_near_pairings();
        let present = std::mem::take(&mut self.meetings.nearby.present).into_values();
        let lines = present.filter_map(|it| it.line);
        let own = self
            .meetings
            .nearby
            .open
            .take()
            .map(|open| (open.own, open.neighbourhood));
        join_all(lines.map(|line| line.link.close())).await;
        if let Some((own, _open_until_then)) = own {
            own.close().await;
        }
    }

    fn forget_neighbours(&mut self) {
        for (contact, _) in std::mem::take(&mut self.meetings.nearby.present) {
            self.neighbour_is_away(contact);
        }
        self.tell_nearby();
    }

    /// Follows the settings, if this device is online at all.
    pub(super) fn follow_visibility(&mut self) {
        if self.meetings.nearby.is_open() || self.signaling.is_open() {
            self.open_door();
        }
    }

    /// The contacts' keys are these from now on.
    pub(super) fn know_neighbours(
        &mut self,
        known: Vec<Acquaintance>,
        subscriptions: &[MailboxSubscription],
    ) {
        let Some(open) = &self.meetings.nearby.open else {
            return;
        };
        open.neighbourhood.know(known);
        let mailboxes = ClientInput::SetMailboxes(subscriptions.to_vec());
        if open.own.try_send(mailboxes).is_err() {
            tracing::warn!("the line to our own endpoint is jammed");
        }
    }

    pub(super) fn neighbour_report(&mut self, report: NeighbourReport) {
        if !self.meetings.nearby.is_open() {
            return;
        }
        match report {
            NeighbourReport::Met { contact, door } => self.met_neighbour(contact, door),
            NeighbourReport::Left { contact } => {
                let present = self.meetings.nearby.present.get(&contact);
                // While something is said to it, it has not left.
                if present.is_some_and(|it| it.line.is_none()) {
                    self.meetings.nearby.present.remove(&contact);
                    self.neighbour_is_away(contact);
                    self.tell_nearby();
                }
            }
            NeighbourReport::LineOpened { contact } => {
                *self.meetings.nearby.callers.entry(contact).or_default() += 1;
            }
            NeighbourReport::LineClosed { contact } => self.line_closed(contact),
            NeighbourReport::Called(stranger) => self.stranger_called(stranger),
            NeighbourReport::Admitted { serial, found } => self.admitted(serial, found),
            NeighbourReport::PairingSaid { .. } | NeighbourReport::PairingLeft { .. } => {
                self.pairing_report(report);
            }
            NeighbourReport::Shown(shown) => self.strangers_seen(shown),
            NeighbourReport::NewDay => {
                if let Err(error) = self.refresh_mailboxes() {
                    tracing::warn!(%error, "the keys of the new day could not be read");
                }
            }
            NeighbourReport::Said { line, event } => self.line_said(line, event),
        }
    }

    /// The networks are others: whoever was near may not be.
    pub(super) fn left_networks(&mut self) {
        self.forget_neighbours();
        if let Some(open) = &self.meetings.nearby.open {
            open.neighbourhood.send(Errand::CallAll);
        }
        self.call_saved();
    }

    /// Calls a contact that is not to be found where it was the last time.
    pub(super) fn look_for(&mut self, contact: ContactId) {
        let Some(open) = &self.meetings.nearby.open else {
            return;
        };
        if let Ok(Some(door)) = self.store.door(contact) {
            open.neighbourhood.send(Errand::Call { contact, door });
        }
    }

    fn call_saved(&mut self) {
        for contact in self.store.contacts().unwrap_or_default() {
            if !contact.blocked {
                self.look_for(contact.id);
            }
        }
    }

    fn met_neighbour(&mut self, id: ContactId, door: SocketAddr) {
        let known = self.store.contact(id).ok().flatten();
        if known.is_none_or(|contact| contact.blocked) {
            return;
        }
        if let Err(error) = self.store.set_door(id, door) {
            tracing::warn!(%error, "where a contact is could not be kept");
        }
        let same = self
            .meetings
            .nearby
            .present
            .get(&id)
            .is_some_and(|it| it.door == door);
        if !same {
            let line = None;
            self.meetings
                .nearby
                .present
                .insert(id, Present { door, line });
            self.tell_nearby();
        }
        self.device_is_here(id);
        if self.meetings.is_connected(id) {
            return;
        }
        if !self.signaling.online {
            self.forget_unanswered(id);
        }
        self.greet(id);
    }

    fn line_closed(&mut self, id: ContactId) {
        if let Some(count) = self.meetings.nearby.callers.get_mut(&id) {
            *count -= 1;
            if *count == 0 {
                self.meetings.nearby.callers.remove(&id);
            }
        }
    }

    fn line_said(&mut self, line: Option<(ContactId, u64)>, event: LinkEvent) {
        if let Some((contact, serial)) = line
            && !self.is_current(contact, serial)
        {
            return;
        }
        match event {
            LinkEvent::PostFinished {
                ticket,
                outcome: PostOutcome::Offline,
            } => self.neighbour_silent(ticket),
            LinkEvent::PostFinished { ticket, outcome } => self.post_finished(ticket, outcome),
            LinkEvent::EnvelopeReceived { mailbox, envelope } => {
                self.envelope_received(mailbox, &envelope);
            }
            LinkEvent::Offline { .. } => {
                if let Some((contact, _)) = line {
                    self.neighbour_lost(contact);
                }
            }
            LinkEvent::Refused(refusal) => {
                tracing::info!(%refusal, "a neighbour's endpoint refuses for now");
            }
            // Nobody pairs or relays by these lines, and whoever takes a mailbox of a pair is of that pair.
            LinkEvent::Online
            | LinkEvent::MailboxReplaced { .. }
            | LinkEvent::CodeAllocated { .. }
            | LinkEvent::CodeClaimed { .. }
            | LinkEvent::CodeRefused { .. }
            | LinkEvent::PairingPeerJoined { .. }
            | LinkEvent::PairingReceived { .. }
            | LinkEvent::PairingClosed { .. }
            | LinkEvent::RelaysReceived(_) => {}
        }
    }

    /// It does not read its mailbox at this endpoint any more, or not yet: there may be another way.
    fn neighbour_silent(&mut self, ticket: u64) {
        if let Some(contact) = self.signaling.posts.get(&ticket) {
            self.meetings.nearby.present.remove(contact);
            self.meetings.nearby.callers.remove(contact);
        }
        self.post_finished(ticket, PostOutcome::Busy);
    }

    /// The line to it broke: what was said last may not have arrived.
    fn neighbour_lost(&mut self, id: ContactId) {
        self.meetings.nearby.present.remove(&id);
        self.neighbour_is_away(id);
        self.forget_unanswered(id);
        self.retry_after(id, LOST_PAUSE);
    }
}

/// The word of the setting.
const NOBODY: &str = "nobody";
/// After a line broke; the neighbour may be back by then, at another door.
const LOST_PAUSE: Duration = Duration::from_secs(1);
