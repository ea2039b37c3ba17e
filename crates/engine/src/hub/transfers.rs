//! The transfer table: every transfer that is not forgotten yet, and what faces hear of it.

mod arriving;
mod committing;
mod discarding;
mod queue;
mod receiving;
mod records;
mod roaming;
mod sending;
mod speed;

pub(super) use records::view as record_view;

use std::collections::BTreeMap;
use std::io;
use std::time::Instant;

use api::{
    CommandError, ErrorCode, Event, PauseReason, Reply, TransferCommand, TransferDirection,
    TransferState, TransferView, Wishes,
};
use model::{ContactId, DisplayName, PathKind, TransferId, wire};
use transfer_proto::Summary;

use super::prompts::Prompts;
use super::{ClientId, Hub, Receiving};
use crate::progress::Progress;
use crate::receipts::Listed;
use crate::session::{SessionCommand, SessionHandle};
use crate::transfer::{Done, Inbound, Keep, Steer, TransferInbox, TransferReport};
use crate::{clock, problem};
use model::limits::ACTIVE_TRANSFERS;
use queue::{Turn, turn_view};
pub(super) use speed::Speed;

/// Transfers with a task, and transfers that are expected.
#[derive(Debug)]
pub(super) struct Transfers {
    live: BTreeMap<TransferId, Live>,
    /// Code sessions whose one transfer has not been offered yet.
    expected: BTreeMap<ContactId, Expected>,
    prompts: Prompts,
    /// What those who picked up a code session want besides.
    wishes: BTreeMap<ContactId, Wishes>,
    /// Ends that a face hears of once the sender knows too.
    told_later: BTreeMap<TransferId, Told>,
    /// How many sends go at once.
    places: usize,
    speed: Speed,
}

#[derive(Debug)]
struct Told {
    /// `None` for every face.
    client: Option<ClientId>,
    contact: ContactId,
    event: Event,
    at: Instant,
}

impl Transfers {
    pub(super) fn new(speed: Speed) -> Self {
        Self {
            live: BTreeMap::new(),
            expected: BTreeMap::new(),
            prompts: Prompts::default(),
            wishes: BTreeMap::new(),
            told_later: BTreeMap::new(),
            places: ACTIVE_TRANSFERS,
            speed,
        }
    }

    /// When the hub must call [`Hub::transfers_timeout`].
    pub(super) fn deadline(&self) -> Option<Instant> {
        let told_later = self.told_later.values().map(|told| told.at);
        told_later
            .chain(self.queue_deadline())
            .chain(self.speed.deadline())
            .min()
    }
}

#[derive(Debug)]
struct Expected {
    client: ClientId,
    receiving: Receiving,
}

/// A transfer that has a task.
#[derive(Debug)]
struct Live {
    /// `None` while a code waits to be claimed.
    contact: Option<ContactId>,
    direction: TransferDirection,
    inbox: TransferInbox,
    state: TransferState,
    summary: Option<Summary>,
    bytes: u64,
    total_bytes: u64,
    /// From the moment both sides agreed.
    started: Option<Progress>,
    /// For the store, once the contact is known.
    sources: Vec<std::path::PathBuf>,
    turn: Turn,
}

impl Live {
    fn new(
        contact: Option<ContactId>,
        direction: TransferDirection,
        inbox: TransferInbox,
        turn: Turn,
    ) -> Self {
        Self {
            contact,
            direction,
            inbox,
            turn,
            state: TransferState::Preparing,
            summary: None,
            bytes: 0,
            total_bytes: 0,
            started: None,
            sources: Vec::new(),
        }
    }

    fn steer(&self, steer: Steer) {
        // A transfer whose inbox is full or closed is ending anyway.
        self.inbox.try_send(Inbound::Steer(steer)).ok();
    }

    /// Tells the transfer of its session first: once attached, messages may come at once.
    fn attach(&mut self, transfer: TransferId, session: &SessionHandle) {
        self.note_offered();
        self.inbox
            .try_send(Inbound::SessionUp(session.clone()))
            .ok();
        session.try_command(SessionCommand::Attach {
            transfer,
            inbox: self.inbox.clone(),
        });
    }
}

impl Hub {
    pub(super) fn transfer_command(
        &mut self,
        command: &TransferCommand,
    ) -> Result<Reply, CommandError> {
        match command {
            TransferCommand::List => self.list_transfers(),
            TransferCommand::Pause { transfer } => self.pause_transfer(*transfer),
            TransferCommand::Resume { transfer } => self.resume_transfer(*transfer),
            TransferCommand::Cancel { transfer } => self.cancel_transfer(*transfer),
            TransferCommand::PauseAll => self.hold_all(true),
            TransferCommand::ResumeAll => self.hold_all(false),
            TransferCommand::CancelAll => self.cancel_all(),
            TransferCommand::Prioritize { transfer, priority } => {
                self.prioritize(*transfer, *priority)
            }
            TransferCommand::Move { transfer, to } => self.move_transfer(*transfer, *to),
            TransferCommand::Limit {
                transfer,
                bytes_per_s,
            } => self.limit_transfer(*transfer, *bytes_per_s),
        }
    }

    pub(super) fn list_transfers(&self) -> Result<Reply, CommandError> {
        let mut transfers: Vec<TransferView> = self
            .transfers
            .live
            .iter()
            .map(|(&transfer, live)| self.live_view(transfer, live))
            .collect();
        let records = self.store.transfers().map_err(problem::store)?;
        let kept = records
            .iter()
            .rev()
            .filter(|record| !self.transfers.live.contains_key(&record.id))
            .map(|record| self.record_view(record));
        transfers.extend(kept);
        Ok(Reply::Transfers { transfers })
    }

    /// Ends a transfer, also one that only the store still knows.
    pub(super) fn cancel_transfer(&mut self, transfer: TransferId) -> Result<Reply, CommandError> {
        if let Ok(live) = self.live(transfer) {
            live.steer(Steer::Cancel);
            return Ok(Reply::Done);
        }
        self.store
            .set_transfer_state(
                transfer,
                &store::TransferState::Cancelled,
                clock::timestamp(),
            )
            .map_err(problem::transfer)?;
        self.home.remove_spool(transfer).map_err(problem::home)?;
        Ok(Reply::Done)
    }

    fn live(&mut self, transfer: TransferId) -> Result<&mut Live, CommandError> {
        let live = self.transfers.live.get_mut(&transfer);
        live.ok_or_else(problem::unknown_transfer)
    }

    /// Forgets what the limits say is old.
    pub(super) fn forget_the_old(&mut self) {
        let now = clock::timestamp();
        let forgotten = self.store.purge_code_sessions(now).map(|_| ());
        let forgotten =
            forgotten.and_then(|()| self.store.purge_finished(now, self.history_time()));
        match forgotten {
            Ok(transfers) => {
                for transfer in transfers {
                    self.home.remove_spool(transfer).ok();
                }
            }
            Err(error) => tracing::warn!(%error, "old records could not be removed"),
        }
        self.forget_old_receipts();
        self.end_lost_texts();
        for transfer in self.home.spools().unwrap_or_default() {
            // A send under a code is in the store once somebody claimed it; killed before that, or right
            // after the end, a process leaves its spool.
            if let Ok(record) = self.store.transfer(transfer)
                && record.is_none_or(|record| record.state.is_finished())
            {
                self.home.remove_spool(transfer).ok();
            }
        }
    }

    /// A text is kept nowhere, so one that was not sent when the program ended is lost: both sides hear it.
    fn end_lost_texts(&mut self) {
        for record in self.store.unfinished_transfers().unwrap_or_default() {
            let is_send = matches!(record.direction, store::TransferDirection::Send { .. });
            if record.summary.text && is_send {
                self.cancel_transfer(record.id).ok();
            }
        }
    }

    pub(super) fn has_work_to_send(&self, contact: ContactId) -> bool {
        self.has_live(contact, TransferDirection::Outgoing) || self.has_roaming(contact)
    }

    pub(super) fn has_work_to_receive(&self, contact: ContactId) -> bool {
        if self.transfers.expected.contains_key(&contact)
            || self.has_live(contact, TransferDirection::Incoming)
        {
            return true;
        }
        let mut told = self.transfers.told_later.values();
        if told.any(|told| told.contact == contact) {
            return true;
        }
        let records = self.store.transfers_with(contact).unwrap_or_default();
        records.iter().any(|record| {
            let incoming = matches!(record.direction, store::TransferDirection::Receive { .. });
            incoming && !record.state.is_finished()
        })
    }

    fn has_live(&self, contact: ContactId, direction: TransferDirection) -> bool {
        self.transfers.live.values().any(|live| {
            let is_work = live.state != TransferState::Preparing && !live.is_held();
            live.contact == Some(contact) && live.direction == direction && is_work
        })
    }

    /// A proven session stands: every transfer with this contact goes on.
    pub(super) fn session_stands(&mut self, contact: ContactId, session: &SessionHandle) {
        self.take_roaming(contact);
        self.clients.tell_all(&Event::ContactConnected {
            contact: self.person_of(contact),
            path: Some(session.path),
        });
        self.repeat_cancels(contact, session);
        self.repeat_statements(contact, session);
        self.go_on_with(contact, session);
    }

    pub(super) fn transfers_lost_session(&mut self, contact: ContactId) {
        self.clients.tell_all(&Event::ContactConnected {
            contact: self.person_of(contact),
            path: None,
        });
    }

    /// The contact is not there: its transfers wait, and say so once.
    pub(super) fn transfers_wait_for_peer(&mut self, contact: ContactId) {
        let reason = PauseReason::PeerOffline;
        for (&transfer, live) in &mut self.transfers.live {
            if live.contact != Some(contact) {
                continue;
            }
            live.wait_for_peer();
            self.clients
                .tell_all(&Event::TransferPaused { transfer, reason });
        }
        self.admit();
    }

    /// Both are there, but nothing connects: code sessions end, contacts are tried on.
    pub(super) fn transfers_find_no_path(&mut self, contact: ContactId) {
        let is_code = self
            .store
            .contact(contact)
            .ok()
            .flatten()
            .is_some_and(|contact| matches!(contact.kind, store::ContactKind::CodeSession(_)));
        if !is_code {
            self.transfers_wait_for_peer(contact);
            return;
        }
        let error = CommandError::new(
            ErrorCode::NoPath,
            "No connection to the other device came about. Nothing was lost; the same command tries again.",
        );
        self.end_transfers_with(contact, &error);
    }

    /// The contact, or whoever stands between, broke the protocol: nothing with it goes on by itself.
    pub(super) fn transfers_meet_violation(&mut self, contact: ContactId) {
        let error = CommandError::new(
            ErrorCode::PeerViolation,
            "The other device broke the protocol, so the connection was closed. Nothing of this transfer was put in place.",
        );
        self.end_transfers_with(contact, &error);
    }

    /// Ends what is under way with a contact, for now: the same command may pick it up again.
    fn end_transfers_with(&mut self, contact: ContactId, error: &CommandError) {
        if let Some(expected) = self.transfers.expected.remove(&contact) {
            let event = Event::PairingFailed {
                code: error.code,
                message: error.message.clone(),
            };
            self.clients.tell(expected.client, event);
        }
        let stuck: Vec<TransferId> = self
            .transfers
            .live
            .iter()
            .filter(|(_, live)| live.contact == Some(contact))
            .map(|(&transfer, _)| transfer)
            .collect();
        for transfer in stuck {
            self.break_off(transfer, error);
        }
    }

    /// Ends a transfer here and now; the store keeps it as it is, so it can be resumed.
    fn break_off(&mut self, transfer: TransferId, error: &CommandError) {
        if self.transfers.live.remove(&transfer).is_some() {
            self.tell_failed(transfer, error);
        }
    }

    pub(super) fn transfer_report(&mut self, transfer: TransferId, report: TransferReport) {
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
            TransferReport::Renamed(renamed) => self.tell_renamed(transfer, renamed),
            TransferReport::Clashed { unchanged, clashes } => {
                self.tell_clashes(transfer, unchanged, clashes);
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
    fn rearrange(&mut self) {
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
        self.clients.tell_all(&Event::TransferProgress {
            transfer,
            bytes,
            total_bytes,
            rate_bytes_per_s: figures.rate_bytes_per_s,
            eta_s: figures.eta_s,
            path,
        });
    }

    fn path_of(&self, transfer: TransferId) -> PathKind {
        let live = self.transfers.live.get(&transfer);
        let contact = live.and_then(|live| live.contact);
        let session = contact.and_then(|contact| self.meetings.session(contact));
        session.map_or(PathKind::Local, |session| session.path)
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
    pub(super) fn fail_transfer(&mut self, transfer: TransferId, error: &CommandError) {
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

    fn tell_failed(&mut self, transfer: TransferId, error: &CommandError) {
        self.clients.tell_all(&Event::TransferFailed {
            transfer,
            code: error.code,
            message: error.message.clone(),
        });
    }

    /// Makes something durable before its transfer goes on.
    pub(super) fn keep(&mut self, transfer: TransferId, what: Keep) -> io::Result<()> {
        let kept = match what {
            Keep::Intents(intents) => {
                let intents: Vec<Vec<u8>> = intents.iter().map(wire::encode).collect();
                self.store.record_intents(transfer, &intents)
            }
            Keep::Completed(digest) => {
                self.store
                    .complete_transfer(transfer, &digest, clock::timestamp())
            }
        };
        kept.map_err(io::Error::other)
    }

    fn live_view(&self, transfer: TransferId, live: &Live) -> TransferView {
        let contact = live
            .contact
            .and_then(|id| self.store.contact(id).ok().flatten());
        let summary = live.summary.as_ref();
        TransferView {
            transfer,
            direction: live.direction,
            peer: contact.map(|contact| contact.name),
            name: summary.map_or_else(|| DisplayName::new(""), |summary| summary.name.clone()),
            state: live.state,
            entries: summary.map_or(0, |summary| summary.entries),
            bytes: live.bytes,
            total_bytes: live.total_bytes,
            path: live.contact.and_then(|id| {
                let session = self.meetings.session(id);
                session.map(|session| session.path)
            }),
            turn: live.turn_view(),
        }
    }

    fn record_view(&self, record: &store::TransferRecord) -> TransferView {
        let entry = self.store.queue_entry(record.id).ok().flatten();
        TransferView {
            turn: entry.as_ref().map(turn_view),
            ..records::view(record)
        }
    }
}
