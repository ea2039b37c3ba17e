//! What the tasks of transfers report, and what the store and the faces hear of it.

use std::io;
use std::time::Instant;

use api::{CommandError, Event, PauseReason, TransferDirection, TransferState};
use model::{DisplayName, PathKind, TransferId, wire};

use super::records;
use crate::clock;
use crate::hub::Hub;
use crate::progress::Progress;
use crate::receipts::Listed;
use crate::transfer::{Done, Keep, TransferReport};

impl Hub {
    pub(in crate::hub) fn transfer_report(&mut self, transfer: TransferId, report: TransferReport) {
        match report {
            TransferReport::Prepared(summary) => self.prepared(transfer, &summary),
            TransferReport::Prompt(summary) => self.prompted(transfer, &summary),
            TransferReport::Started { bytes, total_bytes } => {
                self.started(transfer, bytes, total_bytes);
                self.rearrange();
            }
            TransferReport::Progress { bytes, total_bytes } => {
                self.progressed(transfer, bytes, total_bytes);
            }
            TransferReport::Paused(reason) => {
                if reason == PauseReason::Problem {
                    self.hold_for_person(transfer);
                }
                self.set_state(transfer, TransferState::Paused { reason });
                self.clients
                    .tell_all(&Event::TransferPaused { transfer, reason });
                self.rearrange();
            }
            TransferReport::Resumed => {
                self.resumed(transfer);
                self.rearrange();
            }
            TransferReport::Skipped { path, reason } => {
                self.clients.tell_all(&Event::EntrySkipped {
                    transfer,
                    path,
                    reason,
                });
            }
            TransferReport::Listed(listed) => self.listed(transfer, &listed),
            TransferReport::Unlisted(reason) => {
                self.clients.tell_all(&Event::ReceiptFailed {
                    transfer,
                    message: format!("There is no receipt: {reason}"),
                });
            }
            TransferReport::Text(text) => self.text_arrived(transfer, text),
            TransferReport::Found(found) => self.tell_found(transfer, found),
            TransferReport::Renamed(renamed) => self.tell_renamed(transfer, renamed),
            TransferReport::Placed(committed) => {
                self.keep_placed_names(transfer, &committed);
                self.tell_clashes(transfer, committed);
            }
            TransferReport::Committing(figures) => self.keep_figures(transfer, figures),
            TransferReport::Completed(done) => {
                self.completed(transfer, done);
                self.rearrange();
            }
            TransferReport::Failed(error) => {
                self.fail_transfer(transfer, &error);
                self.rearrange();
            }
            TransferReport::Broken(error) => {
                self.break_off(transfer, &error);
                self.rearrange();
            }
        }
    }

    fn listed(&mut self, transfer: TransferId, listed: &Listed) {
        let Some(live) = self.transfers.live.get(&transfer) else {
            return;
        };
        let outgoing = live.direction == TransferDirection::Outgoing;
        if let Some(contact) = live.contact {
            self.keep_listed(transfer, contact, outgoing, listed);
        }
    }

    /// Whoever is here sees the text; it is kept nowhere.
    fn text_arrived(&mut self, transfer: TransferId, text: String) {
        let live = self.transfers.live.get(&transfer);
        let contact = live.and_then(|live| live.contact);
        let known = contact.and_then(|id| self.store.contact(id).ok().flatten());
        let from = known.map_or_else(|| DisplayName::new(""), |contact| contact.name);
        self.clients.tell_all(&Event::TextReceived {
            transfer,
            from,
            text,
        });
    }

    /// A transfer changed: its place, or its share of the speed, may be another's now.
    pub(super) fn rearrange(&mut self) {
        self.admit();
        self.share_receive_rate();
    }

    fn set_state(&mut self, transfer: TransferId, state: TransferState) {
        if let Some(live) = self.transfers.live.get_mut(&transfer) {
            live.state = state;
        }
    }

    fn started(&mut self, transfer: TransferId, bytes: u64, total_bytes: u64) {
        let now = Instant::now();
        self.stop_roaming(transfer);
        if let Some(live) = self.transfers.live.get_mut(&transfer) {
            live.state = TransferState::Active;
            live.bytes = bytes;
            live.total_bytes = total_bytes;
            live.started = Some(Progress::start(bytes, now));
        }
    }

    fn progressed(&mut self, transfer: TransferId, bytes: u64, total_bytes: u64) {
        let path = self.path_of(transfer);
        let Some(live) = self.transfers.live.get_mut(&transfer) else {
            return;
        };
        live.bytes = bytes;
        live.total_bytes = total_bytes;
        let Some(progress) = &mut live.started else {
            return;
        };
        let Some(figures) = progress.advance(bytes, total_bytes, Instant::now()) else {
            return;
        };
        // What was on its way when somebody paused is counted, but it does not move again.
        if live.state != TransferState::Active {
            return;
        }
        self.clients.tell_all(&Event::TransferProgress {
            transfer,
            bytes,
            total_bytes,
            rate_bytes_per_s: figures.rate_bytes_per_s,
            eta_s: figures.eta_s,
            path,
        });
    }

    pub(super) fn path_of(&self, transfer: TransferId) -> PathKind {
        let live = self.transfers.live.get(&transfer);
        let contact = live.and_then(|live| live.contact);
        let session = contact.and_then(|contact| self.meetings.session(contact));
        session.map_or(PathKind::Local, |session| session.path())
    }

    fn completed(&mut self, transfer: TransferId, done: Done) {
        let path = self.path_of(transfer);
        self.keep_figures(transfer, done.figures);
        let Some(live) = self.transfers.live.remove(&transfer) else {
            return;
        };
        // Told first: whoever is killed before hearing of it says the same command again, and it must
        // find the transfer rather than begin another one.
        self.clients
            .tell_all(&records::completed(transfer, &done, path));
        if live.direction == TransferDirection::Outgoing
            && let Err(error) =
                self.store
                    .complete_transfer(transfer, &done.digest, clock::timestamp())
        {
            tracing::warn!(%error, "a completed transfer could not be noted");
        }
        if let (TransferDirection::Outgoing, Some(contact)) = (live.direction, live.contact) {
            self.state_receipt(transfer, contact);
        }
        self.home.remove_spool(transfer).ok();
    }

    /// Ends a transfer for good and tells why.
    pub(in crate::hub) fn fail_transfer(&mut self, transfer: TransferId, error: &CommandError) {
        if self.transfers.live.remove(&transfer).is_none() {
            return;
        }
        let state = records::stored_failure(error.code);
        // A transfer that never got a contact is in no store.
        self.store
            .set_transfer_state(transfer, &state, clock::timestamp())
            .ok();
        self.home.remove_spool(transfer).ok();
        self.tell_failed(transfer, error);
    }

    pub(super) fn tell_failed(&mut self, transfer: TransferId, error: &CommandError) {
        self.clients.tell_all(&Event::TransferFailed {
            transfer,
            code: error.code,
            message: error.message.clone(),
        });
    }

    /// Makes something durable before its transfer goes on.
    pub(in crate::hub) fn keep(&mut self, transfer: TransferId, what: Keep) -> io::Result<()> {
        let kept = match what {
            Keep::Intents(intents) => {
                let intents: Vec<Vec<u8>> = intents.iter().map(wire::encode).collect();
                self.store.record_intents(transfer, &intents)
            }
            Keep::Completed(digest) => {
                let time = clock::timestamp();
                let completed = self.store.complete_transfer(transfer, &digest, time);
                completed.inspect(|()| self.run_after(transfer))
            }
        };
        kept.map_err(io::Error::other)
    }
}
