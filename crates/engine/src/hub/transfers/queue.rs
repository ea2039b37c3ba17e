//! Which sends go now, and which wait for their turn.
//!
//! A send takes a place when it is offered and gives it up when it ends, pauses or loses its receiver, or
//! when its offer stays unanswered for [`OFFER_TURN_TIME`]. Free places go by priority, then by position.

use std::num::NonZeroU64;
use std::time::Instant;

use api::{
    CommandError, Event, PauseReason, Priority, QueueEnd, Reply, SendOptions, TransferDirection,
    TransferState, TurnView,
};
use model::limits::OFFER_TURN_TIME;
use model::{ContactId, TransferId};
use store::QueueEntry;

use super::{Live, Transfers};
use crate::hub::Hub;
use crate::problem;
use crate::session::SessionHandle;
use crate::transfer::Steer;

/// Where a transfer stands among others.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) entry: QueueEntry,
    /// When it was offered in the session that stands.
    offered: Option<Instant>,
    /// Whether faces know that it waits for others.
    told: bool,
    /// The speed it was told to keep to as a receiver.
    pub(super) receive_limit: Option<NonZeroU64>,
}

impl Turn {
    pub(super) fn new(entry: QueueEntry) -> Self {
        Self {
            entry,
            offered: None,
            told: false,
            receive_limit: None,
        }
    }
}

impl Live {
    /// Whether a person, here, wants it to wait.
    pub(super) fn is_held(&self) -> bool {
        self.turn.entry.held
    }

    pub(super) fn turn_view(&self) -> Option<TurnView> {
        let is_send = self.direction == TransferDirection::Outgoing;
        is_send.then(|| turn_view(&self.turn.entry))
    }

    fn is_waiting_for_turn(&self) -> bool {
        self.direction == TransferDirection::Outgoing && self.state == TransferState::Queued
    }

    fn has_place(&self, now: Instant) -> bool {
        let is_asked = self.state == TransferState::WaitingForAnswer
            && self.place_until().is_some_and(|until| now < until);
        self.direction == TransferDirection::Outgoing
            && (self.state == TransferState::Active || is_asked)
    }

    fn place_until(&self) -> Option<Instant> {
        self.turn.offered.map(|offered| offered + OFFER_TURN_TIME)
    }
}

impl Transfers {
    /// The next transfer that may begin.
    fn next(&self, is_there: impl Fn(ContactId) -> bool) -> Option<TransferId> {
        let waiting = self
            .live
            .iter()
            .filter(|(_, live)| live.is_waiting_for_turn() && live.contact.is_some_and(&is_there));
        let first = waiting.min_by_key(|(_, live)| order(&live.turn.entry));
        first.map(|(&transfer, _)| transfer)
    }

    fn has_free_place(&self, now: Instant) -> bool {
        let taken = self.live.values().filter(|live| live.has_place(now));
        taken.count() < self.places
    }

    /// When an unanswered offer makes room for somebody who waits.
    pub(super) fn queue_deadline(&self) -> Option<Instant> {
        self.live.values().find(|live| live.is_waiting_for_turn())?;
        let now = Instant::now();
        let asked = self
            .live
            .values()
            .filter(|live| live.state == TransferState::WaitingForAnswer && live.has_place(now));
        asked.filter_map(Live::place_until).min()
    }

    /// A position before or behind all that are known.
    pub(super) fn position(&self, end: QueueEnd) -> i64 {
        let positions = self.live.values().map(|live| live.turn.entry.position);
        match end {
            QueueEnd::First => positions.min().unwrap_or(0).saturating_sub(1),
            QueueEnd::Last => positions.max().unwrap_or(0).saturating_add(1),
        }
    }

    /// Those who wait hear once how many go first.
    fn newly_waiting(&mut self) -> Vec<(TransferId, u64)> {
        let mut waiting: Vec<(TransferId, &mut Live)> = self
            .live
            .iter_mut()
            .filter(|(_, live)| live.is_waiting_for_turn())
            .map(|(&transfer, live)| (transfer, live))
            .collect();
        waiting.sort_by_key(|(_, live)| order(&live.turn.entry));
        let mut untold = Vec::new();
        for (ahead, (transfer, live)) in (0..).zip(waiting) {
            if !std::mem::replace(&mut live.turn.told, true) {
                untold.push((transfer, ahead));
            }
        }
        untold
    }
}

impl Hub {
    pub(in crate::hub) fn set_places(&mut self, places: usize) {
        self.transfers.places = places;
        self.admit();
    }

    /// Gives free places to those who wait for one.
    pub(in crate::hub) fn admit(&mut self) {
        while self.transfers.has_free_place(Instant::now()) {
            let meetings = &self.meetings;
            let next = self
                .transfers
                .next(|contact| meetings.session(contact).is_some());
            let Some(transfer) = next else {
                break;
            };
            self.offer(transfer);
        }
        for (transfer, ahead) in self.transfers.newly_waiting() {
            self.clients
                .tell_all(&Event::TransferQueued { transfer, ahead });
        }
    }

    fn offer(&mut self, transfer: TransferId) {
        let Some(live) = self.transfers.live.get_mut(&transfer) else {
            return;
        };
        let session = live.contact.and_then(|id| self.meetings.session(id));
        if let Some(session) = session {
            live.state = TransferState::WaitingForAnswer;
            live.attach(transfer, session);
        }
    }

    /// A proven session stands: what was offered goes on, what was not waits for its turn.
    pub(super) fn go_on_with(&mut self, contact: ContactId, session: &SessionHandle) {
        for (&transfer, live) in &mut self.transfers.live {
            if live.contact != Some(contact) || live.state == TransferState::Preparing {
                continue;
            }
            let is_send = live.direction == TransferDirection::Outgoing;
            let was_offered = live.turn.offered.is_some();
            match live.state {
                TransferState::WaitingForPeer if is_send => live.queue(),
                TransferState::Paused { .. } if is_send && !was_offered => {}
                TransferState::WaitingForPeer => {
                    live.attach(transfer, session);
                    live.state = TransferState::WaitingForAnswer;
                }
                TransferState::Queued => {}
                TransferState::Preparing
                | TransferState::WaitingForAnswer
                | TransferState::Active
                | TransferState::Paused { .. }
                | TransferState::Completed
                | TransferState::Failed { .. } => live.attach(transfer, session),
            }
        }
        self.admit();
    }

    /// A transfer that was paused goes on: where, depends on whether its receiver is there.
    pub(super) fn resumed(&mut self, transfer: TransferId) {
        let Some(live) = self.transfers.live.get_mut(&transfer) else {
            return;
        };
        let is_there = live
            .contact
            .is_some_and(|id| self.meetings.is_connected(id));
        let is_send = live.direction == TransferDirection::Outgoing;
        if is_send && live.turn.offered.is_none() {
            match is_there {
                true => live.queue(),
                false => live.state = TransferState::WaitingForPeer,
            }
        } else {
            live.state = match live.started {
                Some(_) => TransferState::Active,
                None => TransferState::WaitingForAnswer,
            };
        }
        let contact = live.contact;
        self.clients.tell_all(&Event::TransferResumed { transfer });
        if let Some(contact) = contact.filter(|_| !is_there) {
            self.meet(contact);
        }
    }

    pub(super) fn pause_transfer(&mut self, transfer: TransferId) -> Result<Reply, CommandError> {
        self.hold(transfer, true)
    }

    pub(super) fn resume_transfer(&mut self, transfer: TransferId) -> Result<Reply, CommandError> {
        self.hold(transfer, false)
    }

    fn hold(&mut self, transfer: TransferId, held: bool) -> Result<Reply, CommandError> {
        self.change_turn(transfer, |entry| entry.held = held)?;
        if let Some(live) = self.transfers.live.get(&transfer) {
            live.steer(match held {
                true => Steer::Pause,
                false => Steer::Resume,
            });
        }
        Ok(Reply::Done)
    }

    /// Something was found that a person should see first: it is held as if they had paused it.
    pub(super) fn hold_for_person(&mut self, transfer: TransferId) {
        if let Err(error) = self.change_turn(transfer, |entry| entry.held = true) {
            // A send under a code that nobody claimed yet is in no store.
            tracing::debug!(%error, "that a transfer waits could not be kept");
        }
    }

    pub(super) fn hold_all(&mut self, held: bool) -> Result<Reply, CommandError> {
        for transfer in self.unfinished()? {
            self.hold(transfer, held)?;
        }
        Ok(Reply::Done)
    }

    pub(super) fn cancel_all(&mut self) -> Result<Reply, CommandError> {
        for transfer in self.unfinished()? {
            self.cancel_transfer(transfer)?;
        }
        Ok(Reply::Done)
    }

    /// Every transfer that has not ended, with a task or without.
    fn unfinished(&self) -> Result<Vec<TransferId>, CommandError> {
        let mut transfers: Vec<TransferId> = self.transfers.live.keys().copied().collect();
        let kept = self.store.unfinished_transfers().map_err(problem::store)?;
        let without_task = kept.iter().map(|record| record.id);
        transfers.extend(without_task.filter(|id| !self.transfers.live.contains_key(id)));
        Ok(transfers)
    }

    pub(super) fn prioritize(
        &mut self,
        transfer: TransferId,
        priority: Priority,
    ) -> Result<Reply, CommandError> {
        self.change_turn(transfer, |entry| entry.priority = stored_priority(priority))?;
        Ok(Reply::Done)
    }

    pub(super) fn move_transfer(
        &mut self,
        transfer: TransferId,
        to: QueueEnd,
    ) -> Result<Reply, CommandError> {
        let position = self.transfers.position(to);
        self.change_turn(transfer, |entry| entry.position = position)?;
        Ok(Reply::Done)
    }

    pub(super) fn limit_transfer(
        &mut self,
        transfer: TransferId,
        limit: Option<NonZeroU64>,
    ) -> Result<Reply, CommandError> {
        check_limit(limit)?;
        self.change_turn(transfer, |entry| entry.limit_bytes_per_s = limit)?;
        if let Some(live) = self.transfers.live.get(&transfer)
            && live.direction == TransferDirection::Outgoing
        {
            live.steer(Steer::Limit(limit));
        }
        self.share_receive_rate();
        Ok(Reply::Done)
    }

    /// Changes what was said about a transfer's turn, with a task or without, and keeps it.
    fn change_turn(
        &mut self,
        transfer: TransferId,
        change: impl FnOnce(&mut QueueEntry),
    ) -> Result<(), CommandError> {
        let entry = if let Some(live) = self.transfers.live.get_mut(&transfer) {
            change(&mut live.turn.entry);
            live.turn.entry
        } else {
            let record = self.store.transfer(transfer).map_err(problem::store)?;
            if record.is_none_or(|record| record.state.is_finished()) {
                return Err(problem::unknown_transfer());
            }
            let mut entry = self.kept_turn(transfer)?;
            change(&mut entry);
            entry
        };
        self.store
            .set_queue_entry(transfer, &entry)
            .map_err(problem::store)
    }

    /// What was said about a transfer's turn in an earlier run; the end of the queue if nothing was.
    pub(super) fn kept_turn(&self, transfer: TransferId) -> Result<QueueEntry, CommandError> {
        let kept = self.store.queue_entry(transfer).map_err(problem::store)?;
        Ok(kept.unwrap_or_else(|| self.transfers.new_turn(&SendOptions::default())))
    }
}

impl Transfers {
    /// The end of the queue.
    pub(super) fn new_turn(&self, options: &SendOptions) -> QueueEntry {
        QueueEntry {
            priority: stored_priority(options.priority),
            position: self.position(QueueEnd::Last),
            limit_bytes_per_s: options.limit_bytes_per_s,
            held: false,
        }
    }
}

impl Live {
    /// It waits for its turn, unless a person wants it to wait longer.
    pub(super) fn queue(&mut self) {
        self.state = match self.is_held() {
            true => TransferState::Paused {
                reason: PauseReason::Here,
            },
            false => TransferState::Queued,
        };
        self.turn.offered = None;
        self.turn.told = false;
    }

    /// Its receiver is gone: it gives up its place.
    pub(super) fn wait_for_peer(&mut self) {
        self.turn.offered = None;
        if !self.is_held() {
            self.state = TransferState::WaitingForPeer;
        }
    }

    /// It was offered in the session that stands.
    pub(super) fn note_offered(&mut self) {
        self.turn.offered = Some(Instant::now());
    }
}

pub(super) fn check_limit(limit: Option<NonZeroU64>) -> Result<(), CommandError> {
    match limit {
        Some(limit) if limit.get() < model::limits::RATE_LIMIT_BYTES_PER_S => Err(problem::usage(
            problem::sentence(&crate::RateError::TooSlow),
        )),
        Some(_) | None => Ok(()),
    }
}

fn order(entry: &QueueEntry) -> (store::Priority, i64) {
    (entry.priority, entry.position)
}

pub(super) fn turn_view(entry: &QueueEntry) -> TurnView {
    TurnView {
        priority: match entry.priority {
            store::Priority::High => Priority::High,
            store::Priority::Normal => Priority::Normal,
            store::Priority::Low => Priority::Low,
        },
        limit_bytes_per_s: entry.limit_bytes_per_s,
    }
}

fn stored_priority(priority: Priority) -> store::Priority {
    match priority {
        Priority::High => store::Priority::High,
        Priority::Normal => store::Priority::Normal,
        Priority::Low => store::Priority::Low,
    }
}

#[cfg(test)]
mod tests;
