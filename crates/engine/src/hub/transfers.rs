//! The transfer table: every transfer that is not forgotten yet, and what faces hear of it.

mod after;
mod arriving;
mod committing;
mod discarding;
mod entries;
mod looking;
mod queue;
mod receiving;
mod records;
mod reports;
mod roaming;
mod sending;
mod speed;

pub(super) use records::view as record_view;

use std::collections::BTreeMap;
use std::time::Instant;

use api::{
    CommandError, ErrorCode, Event, ItemKind, PauseReason, Reply, TransferCommand,
    TransferDirection, TransferState, TransferView, Wishes,
};
use model::{ContactId, DisplayName, TransferId};
use tokio::sync::mpsc;
use transfer_proto::{Summary, TransferKind};

use super::prompts::Prompts;
use super::{ClientId, Hub, Receiving};
use crate::after_receive::Arrived;
use crate::progress::Progress;
use crate::session::{SessionCommand, SessionHandle};
use crate::transfer::{Inbound, Steer, TransferInbox};
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
    /// What waits for the command that runs after receiving.
    arrived: mpsc::Sender<Arrived>,
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
    pub(super) fn new(speed: Speed, arrived: mpsc::Sender<Arrived>) -> Self {
        Self {
            live: BTreeMap::new(),
            expected: BTreeMap::new(),
            prompts: Prompts::default(),
            wishes: BTreeMap::new(),
            told_later: BTreeMap::new(),
            places: ACTIVE_TRANSFERS,
            speed,
            arrived,
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
        client: ClientId,
        command: &TransferCommand,
    ) -> Result<Reply, CommandError> {
        match command {
            TransferCommand::List => self.list_transfers(),
            // Told by the transfer itself.
            TransferCommand::Entries { .. } => {
                Err(problem::usage("A transfer is asked by itself."))
            }
            TransferCommand::Retry { transfer } => self.retry_transfer(client, *transfer),
            TransferCommand::Forget { transfer } => self.forget_transfer(*transfer),
            TransferCommand::Locate { transfer } => self.locate_transfer(*transfer),
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
        self.discard_abandoned();
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
        self.device_is_here(contact);
        self.clients.tell_all(&Event::ContactConnected {
            contact: self.person_of(contact),
            path: Some(session.path()),
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
        self.transfers_wait(contact, PauseReason::PeerOffline);
    }

    fn transfers_wait(&mut self, contact: ContactId, reason: PauseReason) {
        for (&transfer, live) in &mut self.transfers.live {
            if live.contact != Some(contact) {
                continue;
            }
            live.wait_for_peer();
            self.clients
                .tell_all(&Event::TransferPaused { transfer, reason });
        }
        self.rearrange();
    }

    /// Both are there, but nothing connects: code sessions end, contacts are tried on.
    pub(super) fn transfers_find_no_path(&mut self, contact: ContactId) {
        if self.lacks_budget(contact) {
            let error = Self::budget_error();
            return self.transfers_lack(contact, PauseReason::RelayBudget, &error);
        }
        let error = CommandError::new(
            ErrorCode::NoPath,
            "No connection to the other device came about. Nothing was lost; the same command tries again.",
        );
        self.transfers_lack(contact, PauseReason::PeerOffline, &error);
    }

    /// Something is missing on the way to a contact: its transfers wait and say why, those of code sessions end.
    pub(super) fn transfers_lack(
        &mut self,
        contact: ContactId,
        reason: PauseReason,
        error: &CommandError,
    ) {
        let known = self.store.contact(contact).ok().flatten();
        let is_code = known.is_some_and(|it| matches!(it.kind, store::ContactKind::CodeSession(_)));
        match is_code {
            true => self.end_transfers_with(contact, error),
            false => self.transfers_wait(contact, reason),
        }
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
        self.rearrange();
    }

    /// Ends a transfer here and now; the store keeps it as it is, so it can be resumed.
    fn break_off(&mut self, transfer: TransferId, error: &CommandError) {
        if self.transfers.live.remove(&transfer).is_some() {
            self.tell_failed(transfer, error);
        }
    }

    fn live_view(&self, transfer: TransferId, live: &Live) -> TransferView {
        let contact = live
            .contact
            .and_then(|id| self.store.contact(id).ok().flatten());
        let summary = live.summary.as_ref();
        TransferView {
            transfer,
            direction: live.direction,
            contact: contact.as_ref().and_then(person_of),
            kind: match summary.map(|summary| summary.kind) {
                Some(TransferKind::Text) => ItemKind::Text,
                Some(TransferKind::Files) | None => ItemKind::Files,
            },
            peer: contact.map(|contact| contact.name),
            name: summary.map_or_else(|| DisplayName::new(""), |summary| summary.name.clone()),
            state: live.state,
            entries: summary.map_or(0, |summary| summary.entries),
            bytes: live.bytes,
            total_bytes: live.total_bytes,
            path: live.contact.and_then(|id| {
                let session = self.meetings.session(id);
                session.map(|session| session.path())
            }),
            turn: live.turn_view(),
        }
    }

    fn record_view(&self, record: &store::TransferRecord) -> TransferView {
        let entry = self.store.queue_entry(record.id).ok().flatten();
        let known = self.store.contact(record.contact).ok().flatten();
        TransferView {
            contact: known.as_ref().and_then(person_of),
            turn: entry.as_ref().map(turn_view),
            ..records::view(record)
        }
    }
}

/// The contact whose device this is; code sessions and own devices are none.
fn person_of(device: &store::Contact) -> Option<ContactId> {
    match device.kind {
        store::ContactKind::Contact | store::ContactKind::Device => Some(device.person),
        store::ContactKind::Own | store::ContactKind::CodeSession(_) => None,
    }
}

#[cfg(test)]
impl Hub {
    /// Something waits to be sent; what becomes of it shows in the inbox.
    pub(super) fn add_waiting_send(
        &mut self,
        transfer: TransferId,
        contact: ContactId,
    ) -> mpsc::Receiver<Inbound> {
        let (inbox, inbound) = mpsc::channel(crate::transfer::INBOX_MESSAGES);
        let turn = Turn::new(self.transfers.new_turn(&api::SendOptions::default()));
        let mut live = Live::new(Some(contact), TransferDirection::Outgoing, inbox, turn);
        live.state = TransferState::WaitingForPeer;
        self.transfers.live.insert(transfer, live);
        inbound
    }

    pub(super) fn drop_send(&mut self, transfer: TransferId) {
        self.transfers.live.remove(&transfer);
    }
}
