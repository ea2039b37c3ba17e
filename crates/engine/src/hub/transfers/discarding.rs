use std::time::{Duration, Instant};

use api::{CommandError, Event};
use model::{ContactId, TransferId};
use store::TransferRecord;
use vfs::sink::Sink;

use super::Transfers;
use crate::hub::Hub;
use crate::transfer::Steer;
use crate::{clock, problem};

impl Transfers {
    /// For how long yet three declines mute a contact.
    pub(in crate::hub) fn muted_for(&self, contact: ContactId, now: Instant) -> Option<Duration> {
        self.prompts.muted_for(contact, now)
    }

    /// Forgets what was declined.
    pub(in crate::hub) fn forgive(&mut self, contact: ContactId) {
        self.prompts.accepted(contact);
    }
}

impl Hub {
    /// Whether a task carries this transfer.
    pub(in crate::hub) fn has_task(&self, transfer: TransferId) -> bool {
        self.transfers.live.contains_key(&transfer)
    }

    /// Tells every task of a contact's transfers to end, and expects nothing more from it.
    pub(in crate::hub) fn cancel_live_with(&mut self, contact: ContactId) {
        self.transfers.expected.remove(&contact);
        let of_contact = self.transfers.live.values();
        for live in of_contact.filter(|live| live.contact == Some(contact)) {
            live.steer(Steer::Cancel);
        }
    }

    /// A person said no; the third time in a row the contact is muted for a while, and faces hear of it.
    pub(super) fn offer_declined(&mut self, contact: ContactId) {
        let muted = self.transfers.prompts.declined(contact, Instant::now());
        if let (Some(time), Ok(Some(known))) = (muted, self.store.contact(contact)) {
            self.clients.tell_all(&Event::ContactMuted {
                contact,
                name: known.name,
                seconds: time.as_secs(),
            });
        }
    }

    /// Ends a transfer that has no task, and removes what is staged and spooled for it.
    pub(in crate::hub) fn discard_transfer(
        &mut self,
        record: &TransferRecord,
    ) -> Result<(), CommandError> {
        self.store
            .set_transfer_state(
                record.id,
                &store::TransferState::Cancelled,
                clock::timestamp(),
            )
            .map_err(problem::transfer)?;
        self.home.remove_spool(record.id).map_err(problem::home)?;
        let store::TransferDirection::Receive {
            destination: Some(folder),
        } = &record.direction
        else {
            return Ok(());
        };
        let discarded = Sink::open(folder, false)
            .and_then(|sink| sink.stage(record.id))
            .and_then(|staging| staging.discard());
        if let Err(error) = discarded {
            tracing::warn!(%error, "what was staged could not be removed");
        }
        Ok(())
    }
}
