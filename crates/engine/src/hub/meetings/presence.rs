//! Which devices of contacts are there, as far as this device was told: by themselves, or by the server that took
//! a message for them. It decides nothing; people see it before they send.

use std::time::Duration;

use api::{CommandError, Event, PresenceView};
use model::ContactId;
use signaling_proto::envelope::Sealed;
use store::{Contact, Moments};

use super::{ASK_AGAIN, Meetings, UNHEARD_TIME};
use crate::hub::Hub;
use crate::{clock, problem};

impl Hub {
    /// An authentic word of a device came in, or one to it was delivered.
    pub(in crate::hub) fn device_is_here(&mut self, id: ContactId) {
        if self.meetings.here.insert(id) {
            self.note_seen(id);
            self.tell_presence(id);
        }
        self.meetings.ask_again(id);
    }

    /// It said goodbye, or the server has nobody who reads its mail.
    pub(in crate::hub) fn device_is_away(&mut self, id: ContactId) {
        if self.meetings.here.remove(&id) && !self.meetings.is_connected(id) {
            self.note_seen(id);
            self.tell_presence(id);
        }
    }

    pub(super) fn note_seen(&mut self, id: ContactId) {
        if let Err(error) = self.store.note_seen(id, clock::timestamp()) {
            tracing::warn!(%error, "when a contact was there could not be noted");
        }
    }

    /// Signaling says that nobody reads the contact's mailbox; what it says of other messages is no news.
    pub(in crate::hub) fn offer_not_delivered(&mut self, id: ContactId, ticket: u64) {
        if let Some(attempt) = self.meetings.attempt(id)
            && attempt.is_posted_as(ticket)
        {
            self.contact_not_there(id, ASK_AGAIN);
        }
    }

    /// It vanished, and signaling cannot tell whether it is back: that is likelier soon than late.
    pub(super) fn contact_unheard(&mut self, id: ContactId) {
        let meeting = self.meetings.contacts.entry(id).or_default();
        let factor = 1_u32.checked_shl(meeting.unheard).unwrap_or(u32::MAX);
        meeting.unheard += 1;
        let pause = UNHEARD_TIME.saturating_mul(factor).min(ASK_AGAIN);
        self.contact_not_there(id, pause);
    }

    fn contact_not_there(&mut self, id: ContactId, pause: Duration) {
        if let Some(meeting) = self.meetings.contacts.get_mut(&id)
            && let Some(attempt) = meeting.attempt.take_if(|attempt| attempt.is_ours())
        {
            attempt.task.abort();
            self.device_is_away(id);
            self.transfers_wait_for_peer(id);
            self.retry_after(id, pause);
        }
    }

    /// Signaling kept the offer for a contact that just vanished: no answer soon means it is not there.
    pub(in crate::hub) fn contact_may_be_gone(&mut self, id: ContactId, ticket: u64) {
        if let Some(attempt) = self.meetings.attempt(id)
            && attempt.is_posted_as(ticket)
        {
            attempt.unheard = true;
            attempt.until = attempt.until.min(clock::instant() + UNHEARD_TIME);
        }
    }

    /// Tells whoever knows that this device is there that it leaves.
    pub(in crate::hub) fn say_goodbye(&mut self) {
        let bye = Sealed::Bye {
            epoch: self.signaling.epoch,
        };
        for id in std::mem::take(&mut self.meetings.here) {
            let Ok(Some(contact)) = self.store.contact(id) else {
                continue;
            };
            if contact.blocked {
                continue; // To it this device was never there.
            }
            // A neighbour that nothing was said to hears of it by what is announced.
            let said = match self.meetings.nearby.has_line_with(id) {
                true => self.post(&contact, &bye),
                false if !self.signaling.online => continue,
                false => self.post_at_server(&contact, &bye),
            };
            if let Err(error) = said {
                tracing::info!(%error, "no goodbye could be said");
            }
        }
    }

    /// Without the server nothing is known of anybody but neighbours.
    pub(in crate::hub) fn presence_is_unknown(&mut self) {
        for id in std::mem::take(&mut self.meetings.here) {
            if self.meetings.nearby.reaches(id) {
                self.meetings.here.insert(id);
            } else {
                self.tell_presence(id);
            }
        }
    }

    /// It is in none of this device's networks any more; the server may know better.
    pub(in crate::hub) fn neighbour_is_away(&mut self, id: ContactId) {
        if !self.signaling.online {
            self.device_is_away(id);
        }
    }

    /// Whether and how a person's devices can be reached.
    pub(in crate::hub) fn presence_of<'a>(
        &self,
        devices: impl Iterator<Item = &'a Contact> + Clone,
    ) -> PresenceView {
        let any = |holds: &dyn Fn(ContactId) -> bool| devices.clone().any(|row| holds(row.id));
        let seen = devices
            .clone()
            .filter_map(|row| self.moments(row.id).seen_at);
        PresenceView {
            connected: any(&|id| self.meetings.is_connected(id)),
            here: any(&|id| self.meetings.is_here(id)),
            last_seen_at: seen.max().map(|at| at.to_string()),
        }
    }

    /// When words were compared with a contact, if that counts still.
    pub(in crate::hub) fn verified_at(&self, contact: &Contact) -> Option<String> {
        let at = self.moments(contact.id).verified_at?;
        contact.verified.then(|| at.to_string())
    }

    /// Words were compared just now.
    pub(in crate::hub) fn note_verified(&mut self, id: ContactId) -> Result<(), CommandError> {
        let now = clock::timestamp();
        self.store.note_verified(id, now).map_err(problem::store)
    }

    fn moments(&self, id: ContactId) -> Moments {
        self.store.moments(id).unwrap_or_else(|error| {
            tracing::warn!(%error, "what is remembered of a contact cannot be read");
            Moments::default()
        })
    }

    fn tell_presence(&mut self, id: ContactId) {
        let contact = self.person_of(id);
        let here = self.is_person_here(contact);
        self.clients.tell_all(&Event::ContactHere { contact, here });
    }

    /// Whether any device of a person is there.
    pub(in crate::hub) fn is_person_here(&self, person: ContactId) -> bool {
        let rows = self.store.devices_of(person).unwrap_or_default();
        rows.iter().any(|row| self.meetings.is_here(row.id))
    }
}

impl Meetings {
    /// Whether the device is there, as far as is known.
    fn is_here(&self, contact: ContactId) -> bool {
        self.is_connected(contact) || self.here.contains(&contact)
    }

    /// A device that is there may go without a word: it is greeted again, some time.
    fn ask_again(&mut self, id: ContactId) {
        let meeting = self.contacts.entry(id).or_default();
        if meeting.session.is_none() && meeting.retry_at.is_none() {
            meeting.retry_at = Some(clock::instant() + ASK_AGAIN);
        }
    }
}
