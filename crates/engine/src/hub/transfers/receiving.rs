use std::time::{Duration, Instant};

use api::{
    CommandError, Destination, ErrorCode, Event, ItemKind, ReceiveCommand, Reply,
    TransferDirection, TransferState, Wishes,
};
use model::{ContactId, DisplayName, TransferId};
use store::{Arrival, CodeRole, Tally, TransferRecord};
use tokio::sync::mpsc;
use transfer_proto::{
    Addressed, Completion, DeclineReason, Offer, ReceiverStart, ResumeState, Summary, ToReceiver,
    TransferKind, TransferMessage,
};

use super::queue::Turn;
use super::sending::stored_summary;
use super::{Expected, Live, Told};
use crate::hub::pairings::{code_digest, parse_code};
use crate::hub::{Aim, ClientId, Hub, Receiving};
use crate::incoming::{self, IncomingStart, Place};
use crate::receipts::ListPlan;
use crate::transfer::{INBOX_MESSAGES, Inbound, Reporter, Steer};
use crate::{clock, problem};

impl Hub {
    pub(in crate::hub) fn receive_command(
        &mut self,
        client: ClientId,
        command: ReceiveCommand,
    ) -> Result<Reply, CommandError> {
        match command {
            ReceiveCommand::ByCode {
                code,
                destination,
                accept,
                wishes,
            } => {
                let receiving = Receiving {
                    destination,
                    accept,
                    wishes,
                };
                self.receive_by_code(client, &code, receiving)
            }
            ReceiveCommand::FromContacts {
                destination,
                accept,
                wishes,
            } => {
                let receiving = Receiving {
                    destination,
                    accept,
                    wishes,
                };
                self.start_folders();
                self.receive_from_contacts(client, receiving)
            }
            ReceiveCommand::Answer {
                transfer,
                destination,
                wishes,
            } => self.answer_offer(client, transfer, destination.map(|it| (it, wishes))),
        }
    }

    /// Receives under a code, or picks up what an earlier run of it left unfinished.
    pub(in crate::hub) fn receive_by_code(
        &mut self,
        client: ClientId,
        code: &str,
        receiving: Receiving,
    ) -> Result<Reply, CommandError> {
        self.check_destination(client, &receiving.destination)?;
        self.check_held_existing(receiving.wishes.existing)?;
        let parsed = parse_code(code)?;
        let known = self
            .store
            .find_code_session(&code_digest(&parsed), CodeRole::Receiver)
            .map_err(problem::store)?;
        let Some(contact) = known else {
            return self.claim_code(client, Aim::Receive(receiving), code);
        };
        let records = self
            .store
            .transfers_with(contact.id)
            .map_err(problem::store)?;
        self.go_online()?;
        let Some(record) = records.into_iter().next() else {
            self.expect_code_transfer(contact.id, client, receiving);
            self.greet(contact.id);
            return Ok(Reply::Done);
        };
        self.transfers.wishes.insert(contact.id, receiving.wishes);
        let transfer = record.id;
        if !record.state.is_finished() && !self.finish_commit(&record) {
            self.greet(contact.id);
            return Ok(Reply::Transfer { transfer });
        }
        // It is all here already; the sender may not know yet.
        let record = self.store.transfer(transfer).map_err(problem::store)?;
        if let Some(record) = record {
            self.tell_later(client, &record);
        }
        self.greet(contact.id);
        Ok(Reply::Transfer { transfer })
    }

    pub(in crate::hub) fn receive_from_contacts(
        &mut self,
        client: ClientId,
        receiving: Receiving,
    ) -> Result<Reply, CommandError> {
        self.check_destination(client, &receiving.destination)?;
        self.check_held_existing(receiving.wishes.existing)?;
        if receiving.accept && self.asks_always() {
            return Err(problem::usage(
                "automatic-acceptance is set to never: what contacts send cannot be accepted without asking.",
            ));
        }
        self.go_online()?;
        self.clients.receive(client, receiving);
        self.resume_sends()?;
        for record in self.store.unfinished_transfers().map_err(problem::store)? {
            self.finish_commit(&record);
        }
        Ok(Reply::Done)
    }

    pub(in crate::hub) fn answer_offer(
        &mut self,
        client: ClientId,
        transfer: TransferId,
        answer: Option<(Destination, Wishes)>,
    ) -> Result<Reply, CommandError> {
        let contact = self.live(transfer)?.contact;
        match answer {
            Some((destination, wishes)) => {
                self.check_destination(client, &destination)?;
                self.check_held_existing(wishes.existing)?;
                self.accept(transfer, &destination, wishes)?;
            }
            None => {
                if let Some(contact) = contact {
                    self.offer_declined(contact);
                }
                self.live(transfer)?
                    .steer(Steer::Decline(DeclineReason::Person));
            }
        }
        Ok(Reply::Done)
    }

    fn check_destination(
        &self,
        client: ClientId,
        destination: &Destination,
    ) -> Result<(), CommandError> {
        match destination {
            Destination::StandardOutput => {
                self.check_held_output()?;
                self.must_own_streams(client)
            }
            Destination::Folder(folder) if folder.is_absolute() => self.check_held_folder(folder),
            Destination::Folder(_) => Err(problem::usage("The folder must be an absolute path.")),
        }
    }

    /// The device that showed the code will offer one transfer.
    pub(in crate::hub) fn expect_code_transfer(
        &mut self,
        contact: ContactId,
        client: ClientId,
        receiving: Receiving,
    ) {
        self.transfers
            .expected
            .insert(contact, Expected { client, receiving });
    }

    /// A message that came before its transfer was attached to the session, or for one without a task:
    /// an offer starts one, anything else comes too late.
    pub(in crate::hub) fn unrouted(&mut self, contact: ContactId, message: Addressed) {
        if message.is_receipt() {
            self.receipt_message(contact, message);
            return;
        }
        let transfer = message.transfer;
        if let Some(live) = self.transfers.live.get(&transfer) {
            if live.contact == Some(contact) {
                // A full inbox belongs to a flood, and loses.
                live.inbox.try_send(Inbound::Message(message.message)).ok();
            }
            return;
        }
        if let TransferMessage::ToReceiver(ToReceiver::Cancel(_)) = &message.message {
            self.cancelled_by_sender(contact, transfer);
            return;
        }
        let TransferMessage::ToReceiver(ToReceiver::Offer(offer)) = &message.message else {
            return;
        };
        let Some(session) = self.meetings.session(contact).cloned() else {
            return;
        };
        let Some(start) = self.incoming_start(contact, transfer, offer) else {
            return;
        };
        let known = !matches!(start.known, ReceiverStart::New);
        let (inbox, inbound) = mpsc::channel(INBOX_MESSAGES);
        let reporter = Reporter {
            transfer,
            hub: self.ties.hub.clone(),
        };
        let work = incoming::run(start, inbound, reporter, self.ties.shutdown.clone());
        self.tasks.spawn(Box::pin(work));
        let turn = Turn::new(self.transfers.new_turn(&api::SendOptions::default()));
        let mut live = Live::new(
            Some(contact),
            TransferDirection::Incoming,
            inbox.clone(),
            turn,
        );
        live.summary = Some(offer.summary.clone());
        live.total_bytes = offer.summary.bytes;
        live.state = match known {
            true => TransferState::Active,
            false => TransferState::WaitingForAnswer,
        };
        live.attach(transfer, &session);
        // The inbox is new, so there is room.
        inbox.try_send(Inbound::Message(message.message)).ok();
        self.transfers.live.insert(transfer, live);
    }

    /// The sender ended a transfer that has no task here: what was staged goes.
    fn cancelled_by_sender(&mut self, contact: ContactId, transfer: TransferId) {
        let Ok(Some(record)) = self.store.transfer(transfer) else {
            return;
        };
        if !matches!(record.direction, store::TransferDirection::Receive { .. }) {
            return;
        }
        if record.contact != contact || record.state.is_finished() {
            return;
        }
        if let Err(error) = self.discard_transfer(&record) {
            tracing::warn!(%error, "a cancelled transfer could not be noted");
        }
    }

    /// What is known of an offered transfer, or `None` if it is somebody else's.
    fn incoming_start(
        &mut self,
        contact: ContactId,
        transfer: TransferId,
        offer: &Offer,
    ) -> Option<IncomingStart> {
        let record = self.store.transfer(transfer).ok()?;
        if let Some(record) = &record {
            let is_incoming = matches!(record.direction, store::TransferDirection::Receive { .. });
            if record.contact != contact || !is_incoming {
                return None;
            }
            self.finish_commit(record);
        }
        let finished = self.store.finished_transfer(transfer).ok()?;
        let wishes = self.transfers.wishes.get(&contact).copied();
        let wishes = wishes.or_else(|| self.clients.receiving().map(|receiving| receiving.wishes));
        let list = ListPlan {
            path: self.home.receipt_list(transfer),
            checksums: wishes.unwrap_or_default().checksums,
        };
        let mut tally = Tally::of_this_run();
        let (known, place) = match (finished, record) {
            (Some(finished), _) if finished.contact != contact => return None,
            (Some(finished), _) => {
                self.tell_soon(transfer);
                (finished_start(&finished), None)
            }
            (None, Some(record)) => {
                let place = self.place_of(&record);
                tally = self.tally(transfer);
                (resumed_start(&record, offer), place)
            }
            (None, None) => (ReceiverStart::New, None),
        };
        Some(IncomingStart {
            transfer,
            known,
            summary: offer.summary.clone(),
            place,
            tally,
            list,
        })
    }

    fn place_of(&self, record: &TransferRecord) -> Option<Place> {
        if record.summary.text
            && matches!(
                &record.direction,
                store::TransferDirection::Receive { destination: None }
            )
        {
            return Some(Place::Text);
        }
        let store::TransferDirection::Receive {
            destination: Some(folder),
        } = &record.direction
        else {
            return None;
        };
        Some(Place::Folder {
            folder: folder.clone(),
            reserve_bytes: self.disk_reserve_bytes(),
            arrival: self.store.arrival(record.id).unwrap_or_default(),
        })
    }

    /// A transfer wants to be accepted: a rule decides, or a person is asked.
    pub(super) fn prompted(&mut self, transfer: TransferId, summary: &Summary) {
        let Some(contact) = self
            .transfers
            .live
            .get(&transfer)
            .and_then(|live| live.contact)
        else {
            return;
        };
        let expected = self.transfers.expected.remove(&contact);
        let Ok(Some(known)) = self.store.contact(contact) else {
            return;
        };
        let is_code = matches!(known.kind, store::ContactKind::CodeSession(_));
        if is_code && expected.is_none() {
            self.decline(transfer, DeclineReason::Policy); // One transfer for each code.
            return;
        }
        if known.muted || !self.transfers.prompts.may_ask(contact, Instant::now()) {
            self.decline(transfer, DeclineReason::Busy);
            return;
        }
        let from = known.name.clone();
        let event = offer_event(transfer, from, summary);
        let receiving = match expected {
            Some(expected) => {
                self.clients.tell(expected.client, event);
                Some(expected.receiving)
            }
            None => {
                let mut receiving = self.clients.receiving().cloned();
                if let Some(receiving) = &mut receiving {
                    receiving.accept &= !self.asks_always();
                }
                let accepts = receiving.as_ref().is_some_and(|it| it.accept);
                if !accepts && self.accepted_by_rule(transfer, &known, summary) {
                    return;
                }
                self.clients.tell_all(&event);
                receiving
            }
        };
        // Whose keys changed is not the one whom the rule was made for, until words are compared.
        if let Some(receiving) = receiving.filter(|rule| rule.accept && !known.key_changed)
            && let Err(error) = self.accept(transfer, &receiving.destination, receiving.wishes)
        {
            self.decline(transfer, DeclineReason::Policy);
            self.fail_transfer(transfer, &error);
        }
    }

    fn decline(&mut self, transfer: TransferId, reason: DeclineReason) {
        if let Ok(live) = self.live(transfer) {
            live.steer(Steer::Decline(reason));
        }
    }

    fn accept(
        &mut self,
        transfer: TransferId,
        destination: &Destination,
        wishes: Wishes,
    ) -> Result<(), CommandError> {
        let arrival = self.arrival(wishes.existing);
        self.accept_as(transfer, destination, wishes, arrival)
    }

    /// Accepts an offer with everything decided.
    pub(in crate::hub) fn accept_as(
        &mut self,
        transfer: TransferId,
        destination: &Destination,
        wishes: Wishes,
        arrival: Arrival,
    ) -> Result<(), CommandError> {
        let reserve_bytes = self.disk_reserve_bytes();
        let live = self.live(transfer)?;
        let (Some(contact), Some(summary)) = (live.contact, live.summary.clone()) else {
            return Err(problem::unknown_transfer());
        };
        let (place, folder) = match destination {
            Destination::StandardOutput => (Place::StandardOutput, None),
            Destination::Folder(_) if summary.kind == TransferKind::Text && !wishes.keep_texts => {
                (Place::Text, None)
            }
            Destination::Folder(folder) => {
                let place = Place::Folder {
                    folder: folder.clone(),
                    reserve_bytes,
                    arrival,
                };
                (place, Some(folder.clone()))
            }
        };
        self.transfers.prompts.accepted(contact);
        let peer_name = self.store.contact(contact).map_err(problem::store)?;
        let record = TransferRecord {
            id: transfer,
            contact,
            peer_name: peer_name.map_or_else(|| DisplayName::new(""), |contact| contact.name),
            direction: store::TransferDirection::Receive {
                destination: folder,
            },
            state: store::TransferState::Active,
            summary: stored_summary(&summary),
            token: None,
            created_at: clock::timestamp(),
            finished_at: None,
            digest: None,
            resent_bytes: 0,
        };
        self.store
            .add_transfer(&record)
            .map_err(problem::transfer)?;
        self.store
            .set_arrival(transfer, &arrival)
            .map_err(problem::store)?;
        let tally = Box::new(self.tally(transfer));
        let place = Box::new(place);
        self.live(transfer)?.steer(Steer::Accept {
            place,
            tally,
            checksums: wishes.checksums,
        });
        Ok(())
    }

    /// An earlier run of the same command finished, but its face did not live to hear it.
    ///
    /// It is told when the sender has asked and was answered, or after a while.
    fn tell_later(&mut self, client: ClientId, record: &TransferRecord) {
        let event = match (&record.state, record.digest) {
            (store::TransferState::Completed, Some(digest)) => {
                self.completed_before(record, digest)
            }
            _ => Event::TransferFailed {
                transfer: record.id,
                code: ErrorCode::ExpiredCode,
                message: "The transfer under this code has ended. Ask for a new code.".into(),
            },
        };
        let told = Told {
            client: Some(client),
            contact: record.contact,
            event,
            at: Instant::now() + SENDER_TIME,
        };
        self.transfers.told_later.insert(record.id, told);
    }

    /// The sender of a finished transfer asked: once it is answered, nothing is left to wait for.
    ///
    /// If nobody asked for this transfer by its code, everybody hears of it: the face that received it did
    /// not live to tell.
    fn tell_soon(&mut self, transfer: TransferId) {
        let at = Instant::now() + ANSWER_TIME;
        if let Some(told) = self.transfers.told_later.get_mut(&transfer) {
            told.at = at;
            return;
        }
        let Ok(Some(record)) = self.store.transfer(transfer) else {
            return;
        };
        if let (store::TransferState::Completed, Some(digest)) = (&record.state, record.digest) {
            let told = Told {
                client: None,
                contact: record.contact,
                event: self.completed_before(&record, digest),
                at,
            };
            self.transfers.told_later.insert(transfer, told);
        }
    }

    /// Tells what is due.
    pub(in crate::hub) fn transfers_timeout(&mut self) {
        let now = Instant::now();
        let due = self
            .transfers
            .told_later
            .extract_if(.., |_, told| told.at <= now);
        for (transfer, told) in due.collect::<Vec<_>>() {
            // Its task had to answer the sender, and did.
            self.transfers.live.remove(&transfer);
            match told.client {
                Some(client) => self.clients.tell(client, told.event),
                None => self.clients.tell_all(&told.event),
            }
        }
        self.rearrange();
    }
}

fn offer_event(transfer: TransferId, from: DisplayName, summary: &Summary) -> Event {
    Event::OfferReceived {
        transfer,
        from,
        name: summary.name.clone(),
        entries: summary.entries,
        bytes: summary.bytes,
        kind: match summary.kind {
            TransferKind::Files => ItemKind::Files,
            TransferKind::Text => ItemKind::Text,
        },
    }
}

fn finished_start(finished: &store::FinishedTransfer) -> ReceiverStart {
    match (&finished.state, finished.digest) {
        (store::TransferState::Completed, Some(digest)) => {
            let skipped = finished.skipped;
            ReceiverStart::Completed(Completion { digest, skipped })
        }
        _ => ReceiverStart::Canceled(transfer_proto::CancelReason::Person),
    }
}

fn resumed_start(record: &TransferRecord, offer: &Offer) -> ReceiverStart {
    ReceiverStart::Resumed(ResumeState {
        summary: Summary {
            name: record.summary.name.clone(),
            entries: record.summary.entries,
            files: record.summary.files,
            bytes: record.summary.bytes,
            stream: record.summary.stream,
            kind: match record.summary.text {
                true => TransferKind::Text,
                false => TransferKind::Files,
            },
        },
        pages: offer.pages,
        complete_pages: Vec::new(),
    })
}

/// How long a sender that may be online is given to ask for a transfer that is all here.
const SENDER_TIME: Duration = Duration::from_secs(10);
/// How long the answer to it may take to reach the session.
const ANSWER_TIME: Duration = Duration::from_millis(500);
