//! Who is on the local network, for people who look; and showing this device to everybody for a while.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Instant;

use api::{CommandError, Event, NearbyCommand, NearbyView, Reply};
use model::ContactId;
use model::limits::{LAN_EVERYONE_TIME, LAN_TAPS};
use tokio::task::JoinSet;

use super::Nearby;
use crate::hub::status::seconds_until;
use crate::hub::{ClientId, Hub};
use crate::neighbourhood::{Everybody, Shown, looking};
use crate::problem;

/// Who looks, who is seen, and to whom this device shows itself.
#[derive(Debug, Default)]
pub(super) struct Sight {
    lookers: BTreeSet<ClientId>,
    /// Runs while anybody looks.
    looking: Option<JoinSet<()>>,
    shown: Vec<Shown>,
    visible: Option<Visible>,
}

#[derive(Debug)]
struct Visible {
    client: ClientId,
    until: Instant,
    /// How often strangers may still ask to pair.
    taps: usize,
}

impl Visible {
    fn new(client: ClientId, now: Instant) -> Self {
        Self {
            client,
            until: now + LAN_EVERYONE_TIME,
            taps: LAN_TAPS,
        }
    }
}

impl Nearby {
    /// When this device hides again.
    pub(in crate::hub) fn deadline(&self) -> Option<Instant> {
        self.sight.visible.as_ref().map(|it| it.until)
    }

    /// For how long this device is shown to everybody.
    pub(in crate::hub) fn visible_s(&self, now: Instant) -> u64 {
        let until = self.deadline().filter(|until| *until > now);
        until.map_or(0, |until| seconds_until(until, now))
    }

    /// The numbers of the codes that are let in.
    pub(in crate::hub) fn open_codes(&self, numbers: BTreeSet<u32>) {
        if let Some(open) = &self.open {
            open.neighbourhood.open_codes(numbers);
        }
    }

    /// What calls at other doors begin with: the port of our own, and who is announced.
    pub(in crate::hub) fn outside(&self) -> Option<(u16, Everybody)> {
        let neighbourhood = &self.open.as_ref()?.neighbourhood;
        Some((neighbourhood.port, neighbourhood.everybody()))
    }

    /// Whoever is to be asked about a stranger that wants to pair, unless that is too much.
    pub(in crate::hub) fn take_tap(&mut self, is_busy: bool) -> Option<ClientId> {
        let visible = self.sight.visible.as_mut().filter(|_| !is_busy)?;
        visible.taps = visible.taps.checked_sub(1)?;
        Some(visible.client)
    }
}

impl Hub {
    pub(in crate::hub) fn nearby_command(
        &mut self,
        client: ClientId,
        command: NearbyCommand,
    ) -> Result<Reply, CommandError> {
        match command {
            NearbyCommand::LookAway => {
                self.look_away(client);
                return Ok(Reply::Done);
            }
            NearbyCommand::Hide => {
                self.hide();
                return Ok(Reply::Done);
            }
            NearbyCommand::Look | NearbyCommand::Show | NearbyCommand::Tap { .. } => {}
        }
        self.go_online()?;
        self.check_door()?;
        match command {
            NearbyCommand::Look => self.look(client),
            NearbyCommand::Show => self.show(client),
            NearbyCommand::Tap { id } => {
                let mut shown = self.meetings.nearby.sight.shown.iter();
                let found = shown.find(|it| it.instance == id);
                let doors = found.map(|it| it.doors.clone()).ok_or_else(gone)?;
                return self.tap(client, doors);
            }
            NearbyCommand::LookAway | NearbyCommand::Hide => {}
        }
        Ok(Reply::Done)
    }

    fn look(&mut self, client: ClientId) {
        let sight = &mut self.meetings.nearby.sight;
        sight.lookers.insert(client);
        if sight.looking.is_none() {
            self.start_looking();
        }
        let event = self.nearby_event();
        self.clients.tell(client, event);
    }

    fn start_looking(&mut self) {
        let Some((_, everybody)) = self.meetings.nearby.outside() else {
            return;
        };
        let mut looking = JoinSet::new();
        looking.spawn(looking::look(everybody, self.ties.hub.clone()));
        self.meetings.nearby.sight.looking = Some(looking);
    }

    fn look_away(&mut self, client: ClientId) {
        let sight = &mut self.meetings.nearby.sight;
        sight.lookers.remove(&client);
        if sight.lookers.is_empty() {
            sight.looking = None;
            sight.shown.clear();
        }
    }

    fn show(&mut self, client: ClientId) {
        let name = self.device_name();
        let Some(open) = &self.meetings.nearby.open else {
            return;
        };
        open.neighbourhood.show(Some(name));
        let visible = Visible::new(client, Instant::now());
        self.meetings.nearby.sight.visible = Some(visible);
        self.clients.tell_all(&Event::Visible {
            seconds: LAN_EVERYONE_TIME.as_secs(),
        });
    }

    fn hide(&mut self) {
        if self.meetings.nearby.sight.visible.take().is_none() {
            return;
        }
        if let Some(open) = &self.meetings.nearby.open {
            open.neighbourhood.show(None);
        }
        self.clients.tell_all(&Event::Visible { seconds: 0 });
    }

    /// Hides when it is time.
    pub(in crate::hub) fn nearby_timeout(&mut self) {
        let until = self.meetings.nearby.deadline();
        if until.is_some_and(|until| until <= Instant::now()) {
            self.hide();
        }
    }

    /// A face left: nobody is there any more to whom it showed anything.
    pub(in crate::hub) fn forget_looker(&mut self, client: ClientId) {
        self.look_away(client);
        let visible = self.meetings.nearby.sight.visible.as_ref();
        if visible.is_some_and(|it| it.client == client) {
            self.hide();
        }
    }

    /// The door was opened anew.
    pub(super) fn look_again(&mut self) {
        let sight = &mut self.meetings.nearby.sight;
        sight.shown.clear();
        sight.looking = None;
        if !sight.lookers.is_empty() {
            self.start_looking();
        }
    }

    /// The door is closed: nobody is seen, and nobody sees this device.
    pub(super) fn lose_sight(&mut self) {
        self.hide();
        self.meetings.nearby.sight.looking = None;
        self.meetings.nearby.sight.shown.clear();
        self.tell_nearby();
    }

    pub(super) fn strangers_seen(&mut self, shown: Vec<Shown>) {
        self.meetings.nearby.sight.shown = shown;
        self.tell_nearby();
    }

    pub(super) fn tell_nearby(&mut self) {
        if self.meetings.nearby.sight.lookers.is_empty() {
            return;
        }
        let event = self.nearby_event();
        for client in self.meetings.nearby.sight.lookers.clone() {
            self.clients.tell(client, event.clone());
        }
    }

    fn nearby_event(&self) -> Event {
        let nearby = &self.meetings.nearby;
        let doors: BTreeMap<ContactId, SocketAddr> = nearby
            .present
            .iter()
            .map(|(contact, present)| (*contact, present.door))
            .collect();
        let contacts = doors.into_iter().filter_map(|(id, door)| {
            let contact = self.store.contact(id).ok().flatten()?;
            Some(NearbyView {
                id: id.to_string(),
                name: contact.name,
                address: door.to_string(),
                contact: Some(id),
            })
        });
        let mut listed: Vec<NearbyView> = contacts.collect();
        listed.sort_by(|one, other| one.name.cmp(&other.name));
        let mut strangers: Vec<NearbyView> = nearby.sight.shown.iter().map(stranger).collect();
        strangers.sort_by(|one, other| one.name.cmp(&other.name));
        listed.extend(strangers);
        Event::NearbyChanged { nearby: listed }
    }
}

fn stranger(shown: &Shown) -> NearbyView {
    NearbyView {
        id: shown.instance.clone(),
        name: shown.name.clone(),
        address: shown
            .doors
            .first()
            .map(ToString::to_string)
            .unwrap_or_default(),
        contact: None,
    }
}

fn gone() -> CommandError {
    problem::usage("That device shows itself no more.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_shows_itself_for_ten_minutes_and_is_tapped_sixteen_times_at_most() {
        let now = Instant::now();
        let mut nearby = Nearby::default();
        assert_eq!(nearby.take_tap(false), None, "it does not show itself");
        nearby.sight.visible = Some(Visible::new(ClientId(7), now));
        assert_eq!(nearby.deadline(), Some(now + LAN_EVERYONE_TIME));
        assert_eq!(nearby.visible_s(now + LAN_EVERYONE_TIME), 0);
        assert_eq!(nearby.take_tap(true), None, "one at a time");
        for _ in 0..LAN_TAPS {
            assert_eq!(nearby.take_tap(false), Some(ClientId(7)));
        }
        assert_eq!(nearby.take_tap(false), None);
        assert_eq!((LAN_EVERYONE_TIME.as_secs(), LAN_TAPS), (600, 16));
    }
}
