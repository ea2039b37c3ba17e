//! Lines to endpoints: our own, and those of contacts that are near.

use model::{ContactId, Entropy as _};
use signaling_proto::client::{ClientInput, MailboxSubscription};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Line, Open};
use crate::clock;
use crate::entropy::OsEntropy;
use crate::hub::{Hub, HubMessage};
use crate::neighbourhood::{NeighbourReport, Neighbourhood};
use crate::signaling_link::{AtDoor, Dial, LinkEvent, LinkHandle, SignalingLink};

impl Hub {
    /// Says something to a contact that is near; gives it back if that cannot be.
    pub(in crate::hub) fn send_near(
        &mut self,
        contact: ContactId,
        input: ClientInput,
    ) -> Result<(), ClientInput> {
        if self.meetings.nearby.present.contains_key(&contact) && self.has_line_to(contact) {
            let present = self.meetings.nearby.present.get(&contact);
            if let Some(line) = present.and_then(|it| it.line.as_ref()) {
                return send(&line.link, input);
            }
        }
        let Some(open) = &self.meetings.nearby.open else {
            return Err(input);
        };
        match self.meetings.nearby.callers.contains_key(&contact) {
            true => send(&open.own, input),
            false => Err(input),
        }
    }

    pub(super) fn is_current(&self, contact: ContactId, serial: u64) -> bool {
        let present = self.meetings.nearby.present.get(&contact);
        let line = present.and_then(|it| it.line.as_ref());
        line.is_some_and(|line| line.serial == serial)
    }

    pub(super) fn open_own_line(&mut self, neighbourhood: &Neighbourhood) -> LinkHandle {
        self.start_line(Dial::Inside(neighbourhood.inside()), None)
    }

    /// Opens a line to a contact that is near, unless there is one.
    fn has_line_to(&mut self, contact: ContactId) -> bool {
        let today = clock::today();
        let (Some(Open { neighbourhood, .. }), Some(present)) = (
            &self.meetings.nearby.open,
            self.meetings.nearby.present.get(&contact),
        ) else {
            return false;
        };
        if present.line.is_some() {
            return true;
        }
        let Some(known) = neighbourhood.acquaintance(contact, today) else {
            return false;
        };
        let dial = Dial::Door(AtDoor {
            address: present.door,
            own_port: neighbourhood.port,
            known,
        });
        self.meetings.nearby.next_serial += 1;
        let serial = self.meetings.nearby.next_serial;
        let link = self.start_line(dial, Some((contact, serial)));
        // The contact may be unable to reach our own endpoint: it answers at its own.
        let mailboxes = ClientInput::SetMailboxes(self.mailboxes_of(contact));
        if link.try_send(mailboxes).is_err() {
            return false;
        }
        if let Some(present) = self.meetings.nearby.present.get_mut(&contact) {
            present.line = Some(Line { serial, link });
        }
        true
    }

    fn mailboxes_of(&self, contact: ContactId) -> Vec<MailboxSubscription> {
        let Ok(Some(contact)) = self.store.contact(contact) else {
            return Vec::new();
        };
        let own = self.identity.secrets.device_id();
        let keys = |day| contact.chain.keys(day, &own, &contact.device_id());
        let days = clock::today().window().into_iter().filter_map(keys);
        days.map(|keys| MailboxSubscription::of(keys.to_own))
            .collect()
    }

    /// Starts a line under a name that nobody has seen before.
    fn start_line(&mut self, dial: Dial, line: Option<(ContactId, u64)>) -> LinkHandle {
        let account = OsEntropy.draw();
        let epoch = self.signaling.epoch;
        let (link, events) = SignalingLink::start(dial, account, epoch, CancellationToken::new());
        let hub = self.ties.hub.clone();
        let shutdown = self.ties.shutdown.clone();
        self.tasks.spawn(async move {
            shutdown.run_until_cancelled(tell(events, line, hub)).await;
        });
        link
    }
}

/// Tells the hub what a line says, until it ends.
async fn tell(
    mut events: mpsc::Receiver<LinkEvent>,
    line: Option<(ContactId, u64)>,
    hub: mpsc::Sender<HubMessage>,
) {
    while let Some(event) = events.recv().await {
        let report = NeighbourReport::Said { line, event };
        if hub.send(HubMessage::Neighbour(report)).await.is_err() {
            return;
        }
    }
}

fn send(link: &LinkHandle, input: ClientInput) -> Result<(), ClientInput> {
    if link.try_send(input).is_err() {
        tracing::warn!("a line on the local network is jammed");
    }
    Ok(())
}
