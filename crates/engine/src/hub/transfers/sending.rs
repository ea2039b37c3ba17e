use std::path::PathBuf;

use api::{
    CommandError, Event, OnProblem, PauseReason, Reply, SendCommand, SendOptions, SendSources,
    SentTransfer, TransferDirection, TransferState,
};
use model::limits::TEXT_BYTES;
use model::{Entropy as _, Name, TransferId};
use store::{Contact, ContactKind, TransferRecord, TransferSummary};
use tokio::sync::mpsc;
use transfer_proto::{Addressed, CancelReason, Summary, ToReceiver, TransferKind, TransferMessage};

use super::Live;
use super::queue::{Turn, check_limit};
use crate::entropy::OsEntropy;
use crate::hub::{Aim, ClientId, ClientKind, Hub};
use crate::outgoing::{self, OutgoingSource, OutgoingStart};
use crate::pace::Pace;
use crate::receipts::ListPlan;
use crate::session::{SessionCommand, SessionHandle};
use crate::transfer::Steer;
use crate::transfer::{INBOX_MESSAGES, Reporter};
use crate::{clock, problem};
use model::limits::RECIPIENTS;
use store::QueueEntry;

/// What a task is to send.
struct Outgoing {
    source: OutgoingSource,
    resume: bool,
    checksums: bool,
    on_problem: OnProblem,
}

impl Hub {
    pub(in crate::hub) fn send_command(
        &mut self,
        client: ClientId,
        command: SendCommand,
    ) -> Result<Reply, CommandError> {
        match command {
            SendCommand::ToContacts {
                recipients,
                sources,
                options,
            } => self.send_to_contacts(client, &recipients, &sources, &options),
            SendCommand::ByCode { sources, options } => {
                self.send_by_code(client, sources, &options)
            }
        }
    }

    /// One transfer for each; nothing begins unless all of them can.
    pub(super) fn send_to_contacts(
        &mut self,
        client: ClientId,
        names: &[String],
        sources: &SendSources,
        options: &SendOptions,
    ) -> Result<Reply, CommandError> {
        check_limit(options.limit_bytes_per_s)?;
        let recipients = self.find_recipients(names)?;
        check_recipients(&recipients, sources)?;
        self.go_online()?;
        let mut transfers = Vec::new();
        for contact in recipients {
            let first = self.device_to_send_to(&contact, options.device.as_deref())?;
            let fits = |known: &Contact| match &options.device {
                Some(_) => known.id == first.id,
                None => known.person == first.person,
            };
            let transfer = match self.earlier_send(sources, fits)? {
                Some(record) => self.resume_send(&record, options.checksums)?,
                None => {
                    let transfer =
                        self.start_send(client, sources.clone(), Some(&first), options)?;
                    if options.device.is_none() {
                        self.let_roam(transfer, &first);
                    }
                    transfer
                }
            };
            transfers.push(SentTransfer {
                transfer,
                contact: contact.id,
                name: contact.name,
            });
        }
        Ok(Reply::Sent { transfers })
    }

    pub(in crate::hub) fn send_by_code(
        &mut self,
        client: ClientId,
        sources: SendSources,
        options: &SendOptions,
    ) -> Result<Reply, CommandError> {
        check_limit(options.limit_bytes_per_s)?;
        self.go_to_server()?;
        let is_code_session = |known: &Contact| match &known.kind {
            ContactKind::CodeSession(session) => session.expires_at > clock::timestamp(),
            ContactKind::Contact | ContactKind::Device | ContactKind::Own => false,
        };
        if let Some(record) = self.earlier_send(&sources, is_code_session)? {
            let transfer = self.resume_send(&record, options.checksums)?;
            self.greet(record.contact);
            return Ok(Reply::Transfer { transfer });
        }
        let transfer = self.start_send(client, sources, None, options)?;
        self.issue_code(client, Aim::Send { transfer })?;
        Ok(Reply::Transfer { transfer })
    }

    /// Takes up every unfinished send to a contact, as after a restart.
    pub(in crate::hub) fn resume_sends(&mut self) -> Result<(), CommandError> {
        for record in self.store.unfinished_transfers().map_err(problem::store)? {
            let is_send = matches!(&record.direction,
                store::TransferDirection::Send { sources } if !sources.is_empty());
            let known = self.store.contact(record.contact).map_err(problem::store)?;
            if is_send && known.is_some_and(|contact| !contact.blocked) {
                self.resume_send(&record, false)?;
            }
        }
        Ok(())
    }

    /// An unfinished send of the same sources, so that the same command picks up again.
    fn earlier_send(
        &self,
        sources: &SendSources,
        fits: impl Fn(&Contact) -> bool,
    ) -> Result<Option<TransferRecord>, CommandError> {
        let SendSources::Paths(paths) = sources else {
            return Ok(None);
        };
        let records = self
            .store
            .find_sends_by_sources(paths)
            .map_err(problem::store)?;
        for record in records {
            let contact = self.store.contact(record.contact).map_err(problem::store)?;
            if contact.is_some_and(|contact| fits(&contact)) {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    fn resume_send(
        &mut self,
        record: &TransferRecord,
        checksums: bool,
    ) -> Result<TransferId, CommandError> {
        let transfer = record.id;
        if self.transfers.live.contains_key(&transfer) {
            return Ok(transfer);
        }
        let store::TransferDirection::Send { sources } = &record.direction else {
            return Err(problem::unknown_transfer());
        };
        let turn = self.kept_turn(transfer)?;
        let outgoing = Outgoing {
            source: OutgoingSource::Paths(sources.clone()),
            resume: true,
            checksums,
            on_problem: OnProblem::GoOn, // Unless its spool says otherwise.
        };
        self.spawn_send(transfer, outgoing, (Some(record.contact), turn))?;
        Ok(transfer)
    }

    fn start_send(
        &mut self,
        client: ClientId,
        sources: SendSources,
        contact: Option<&Contact>,
        options: &SendOptions,
    ) -> Result<TransferId, CommandError> {
        let transfer = TransferId(OsEntropy.draw());
        let turn = self.transfers.new_turn(options);
        let source = self.outgoing_source(client, &sources)?;
        if let Some(contact) = contact {
            let record = new_record(transfer, contact, paths_of(&sources));
            self.store
                .add_transfer(&record)
                .map_err(problem::transfer)?;
            self.store
                .set_queue_entry(transfer, &turn)
                .map_err(problem::store)?;
        }
        let outgoing = Outgoing {
            source,
            resume: false,
            checksums: options.checksums,
            on_problem: options.on_problem,
        };
        let contact = contact.map(|contact| contact.id);
        self.spawn_send(transfer, outgoing, (contact, turn))?;
        if let Some(live) = self.transfers.live.get_mut(&transfer) {
            live.sources = paths_of(&sources);
        }
        Ok(transfer)
    }

    fn outgoing_source(
        &self,
        client: ClientId,
        sources: &SendSources,
    ) -> Result<OutgoingSource, CommandError> {
        match sources {
            SendSources::Paths(paths) => Ok(OutgoingSource::Paths(paths.clone())),
            SendSources::Text(text) if text.is_empty() || text.len() > TEXT_BYTES => Err(
                problem::usage("A text has 1 byte to 64 KiB: send more as a file."),
            ),
            SendSources::Text(text) => Ok(OutgoingSource::Text(text.clone())),
            SendSources::StandardInput { name } => {
                self.must_own_streams(client)?;
                let name =
                    Name::parse(name).map_err(|error| problem::usage(problem::sentence(&error)))?;
                Ok(OutgoingSource::StandardInput(name))
            }
        }
    }

    /// Standard input and output exist only in the process that owns the home.
    pub(in crate::hub) fn must_own_streams(&self, client: ClientId) -> Result<(), CommandError> {
        match self.clients.kind(client) {
            Some(ClientKind::Own) => Ok(()),
            Some(ClientKind::Attached) | None => Err(problem::usage(
                "Another wherry process runs on this home, so standard input and output cannot be used here. Use another --home, or a file.",
            )),
        }
    }

    fn spawn_send(
        &mut self,
        transfer: TransferId,
        outgoing: Outgoing,
        (contact, turn): (Option<model::ContactId>, QueueEntry),
    ) -> Result<(), CommandError> {
        let spool = self.home.spool(transfer).map_err(problem::home)?;
        let (inbox, inbound) = mpsc::channel(INBOX_MESSAGES);
        let reporter = Reporter {
            transfer,
            hub: self.ties.hub.clone(),
        };
        let start = OutgoingStart {
            transfer,
            source: outgoing.source,
            spool,
            tally: self.tally(transfer),
            resume: outgoing.resume,
            on_problem: outgoing.on_problem,
            list: ListPlan {
                path: self.home.receipt_list(transfer),
                checksums: outgoing.checksums,
            },
            pace: Pace::new(self.transfers.speed.sending.clone(), turn.limit_bytes_per_s),
        };
        let work = outgoing::run(start, inbound, reporter, self.ties.shutdown.clone());
        self.tasks.spawn(Box::pin(work));
        let live = Live::new(contact, TransferDirection::Outgoing, inbox, Turn::new(turn));
        if live.is_held() {
            live.steer(Steer::Pause);
        }
        self.transfers.live.insert(transfer, live);
        Ok(())
    }

    /// The sources are listed: offer them as soon as there is somebody to offer them to.
    pub(super) fn prepared(&mut self, transfer: TransferId, summary: &Summary) {
        let Some(live) = self.transfers.live.get_mut(&transfer) else {
            return;
        };
        self.clients.tell_all(&Event::TransferAdded {
            transfer,
            entries: summary.entries,
            bytes: summary.bytes,
        });
        live.total_bytes = summary.bytes;
        live.state = match live.is_held() {
            true => TransferState::Paused {
                reason: PauseReason::Here,
            },
            false => TransferState::WaitingForPeer,
        };
        live.summary = Some(summary.clone());
        let Some(contact) = live.contact else {
            return;
        };
        self.keep_summary(transfer, summary);
        self.carry(transfer, contact);
        self.meet_any(transfer);
    }

    fn keep_summary(&mut self, transfer: TransferId, summary: &Summary) {
        let Ok(Some(mut record)) = self.store.transfer(transfer) else {
            return;
        };
        record.summary = stored_summary(summary);
        if let Err(error) = self.store.update_transfer(&record) {
            tracing::warn!(%error, "a transfer could not be noted");
        }
    }

    /// Offers a prepared transfer in the session that stands when its turn comes, or asks for a session.
    fn carry(&mut self, transfer: TransferId, contact: model::ContactId) {
        if !self.meetings.is_connected(contact) {
            self.meet(contact);
            return;
        }
        if let Some(live) = self.transfers.live.get_mut(&transfer) {
            live.queue();
        }
        self.admit();
    }

    /// Says again which transfers were cancelled: the word may have been lost with its session.
    pub(super) fn repeat_cancels(&self, contact: model::ContactId, session: &SessionHandle) {
        let records = self.store.transfers_with(contact).unwrap_or_default();
        let cancelled = records.iter().rev().filter(|record| {
            let outgoing = matches!(record.direction, store::TransferDirection::Send { .. });
            outgoing && matches!(record.state, store::TransferState::Cancelled)
        });
        for record in cancelled.take(CANCELS_REPEATED) {
            session.try_command(SessionCommand::Send(Addressed {
                transfer: record.id,
                message: TransferMessage::ToReceiver(ToReceiver::Cancel(CancelReason::Person)),
            }));
        }
    }

    /// The code of a transfer was claimed: from now on it belongs to that device.
    pub(in crate::hub) fn code_transfer_paired(
        &mut self,
        transfer: TransferId,
        contact: &Contact,
    ) -> Result<(), CommandError> {
        let Some(live) = self.transfers.live.get_mut(&transfer) else {
            return Ok(());
        };
        live.contact = Some(contact.id);
        let mut record = new_record(transfer, contact, live.sources.clone());
        if let Some(summary) = &live.summary {
            record.summary = stored_summary(summary);
        }
        let turn = live.turn.entry;
        self.store
            .add_transfer(&record)
            .map_err(problem::transfer)?;
        self.store
            .set_queue_entry(transfer, &turn)
            .map_err(problem::store)
    }
}

fn check_number(recipients: usize) -> Result<(), CommandError> {
    match recipients {
        1..=RECIPIENTS => Ok(()),
        0 => Err(problem::usage("Name somebody to send to.")),
        _ => Err(problem::usage(format!(
            "That is more than {RECIPIENTS} people: send to some of them at a time."
        ))),
    }
}

/// One sender, many receivers: within bounds, and nobody whom this device pretends not to see.
fn check_recipients(recipients: &[Contact], sources: &SendSources) -> Result<(), CommandError> {
    check_number(recipients.len())?;
    if let Some(blocked) = recipients.iter().find(|contact| contact.blocked) {
        let name = &blocked.name;
        return Err(problem::usage(format!(
            "{name} is blocked: unblock it first."
        )));
    }
    match sources {
        SendSources::StandardInput { .. } if recipients.len() > 1 => Err(problem::usage(
            "Standard input can be read only once: send it to one person, or save it in a file first.",
        )),
        SendSources::StandardInput { .. } | SendSources::Paths(_) | SendSources::Text(_) => Ok(()),
    }
}

fn paths_of(sources: &SendSources) -> Vec<PathBuf> {
    match sources {
        SendSources::Paths(paths) => paths.clone(),
        SendSources::StandardInput { .. } | SendSources::Text(_) => Vec::new(),
    }
}

fn new_record(transfer: TransferId, contact: &Contact, sources: Vec<PathBuf>) -> TransferRecord {
    TransferRecord {
        id: transfer,
        contact: contact.id,
        peer_name: contact.name.clone(),
        direction: store::TransferDirection::Send { sources },
        state: store::TransferState::Waiting,
        summary: TransferSummary {
            name: model::DisplayName::new(""),
            entries: 0,
            files: 0,
            bytes: 0,
            stream: false,
            text: false,
        },
        token: None,
        created_at: clock::timestamp(),
        finished_at: None,
        digest: None,
        resent_bytes: 0,
    }
}

/// The newest cancelled transfers that a receiver may not know of.
const CANCELS_REPEATED: usize = 16;

/// A summary as the store keeps it.
pub(super) fn stored_summary(summary: &Summary) -> TransferSummary {
    TransferSummary {
        name: summary.name.clone(),
        entries: summary.entries,
        files: summary.files,
        bytes: summary.bytes,
        stream: summary.stream,
        text: summary.kind == TransferKind::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_send_goes_to_so_many_people_at_most() {
        assert!(check_number(0).is_err());
        assert!(check_number(1).is_ok());
        assert!(check_number(RECIPIENTS).is_ok());
        assert!(check_number(RECIPIENTS + 1).is_err());
    }
}
