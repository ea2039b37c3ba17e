use std::path::Path;
use std::time::{Duration, Instant};

use api::{CommandError, Event};
use model::limits::ABANDONED_TRANSFER_TIME;
use model::{ContactId, Timestamp, TransferId};
use store::TransferRecord;
use vfs::sink::{Sink, SinkError};

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
        discard_staged(folder, record.id);
        Ok(())
    }

    /// Ends what nobody went on with for [`ABANDONED_TRANSFER_TIME`], and removes what ended ones left.
    pub(super) fn discard_abandoned(&mut self) {
        let records = self.store.transfers().unwrap_or_default();
        for record in records {
            let store::TransferDirection::Receive {
                destination: Some(folder),
            } = &record.direction
            else {
                continue;
            };
            match record.state {
                store::TransferState::Completed => {}
                store::TransferState::Cancelled
                | store::TransferState::Declined
                | store::TransferState::Failed { .. } => {
                    discard_staged(folder, record.id);
                }
                store::TransferState::Offered
                | store::TransferState::Waiting
                | store::TransferState::Active
                | store::TransferState::Paused { .. } => {
                    let last = last_stored(folder, record.id).unwrap_or(record.created_at);
                    let is_old = seconds_since(last) > ABANDONED_TRANSFER_TIME.as_secs();
                    if is_old && let Err(error) = self.discard_transfer(&record) {
                        tracing::warn!(%error, "an abandoned transfer could not be ended");
                    }
                }
            }
        }
    }
}

fn discard_staged(folder: &Path, transfer: TransferId) {
    let discarded = Sink::open(folder, false).and_then(|sink| sink.discard(transfer));
    match discarded {
        // A folder that is gone holds nothing.
        Ok(_) | Err(SinkError::NotFound) => {}
        Err(error) => tracing::warn!(%error, "what was staged could not be removed"),
    }
}

fn last_stored(folder: &Path, transfer: TransferId) -> Option<Timestamp> {
    let sink = Sink::open(folder, false).ok()?;
    sink.last_stored(transfer).ok().flatten()
}

fn seconds_since(then: Timestamp) -> u64 {
    let seconds = clock::timestamp().seconds.saturating_sub(then.seconds);
    u64::try_from(seconds).unwrap_or(0)
}
