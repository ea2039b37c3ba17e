//! Consent, and how sessions and the transfer begin and end for a receiver.

use std::num::NonZeroU64;
use std::time::Instant;

use model::Entropy;
use model::limits::{MANIFEST_ENTRIES, PREFLIGHT_NAMED, TEXT_BYTES};

use super::disk::Commit;
use super::manifest::ceiling_bytes;
use super::{Phase, Receiver, ReceiverEvent, ReceiverOutcome, ReceiverOutput, ReceiverViolation};
use crate::tuning::TRANSFER_BYTES;
use crate::{
    Accept, CancelReason, DeclineReason, LeftOut, Offer, PauseReason, Side, ToReceiver, ToSender,
    TransferKind,
};

/// What was offered, and whether this side agreed.
#[derive(Debug)]
pub(super) struct Consent {
    pub(super) state: ConsentState,
    pub(super) offer: Option<Offer>,
    /// Whether the sender offered in this session.
    pub(super) is_offered: bool,
    /// Whether the sender said in this session what it leaves out.
    pub(super) has_left_out: bool,
    /// How fast the sender may go.
    pub(super) bytes_per_s: Option<NonZeroU64>,
    /// Whether this side asks for the plain SHA-256 of every file.
    pub(super) checksums: bool,
    /// Whether the sender asked for them in its last offer.
    pub(super) offered_checksums: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConsentState {
    Unasked,
    Asked,
    Given,
}

impl Receiver {
    pub(super) fn begin_session(&mut self) {
        self.end_session();
        if !self.is_over() {
            self.phase = Phase::Up;
        }
    }

    pub(super) fn end_session(&mut self) {
        self.drop_session_state();
        self.intake.restart(None);
        if !self.is_over() {
            self.phase = Phase::Down;
        }
    }

    /// Forgets everything that only this session could have used.
    pub(super) fn drop_session_state(&mut self) {
        self.intake.clear();
        self.reports.clear();
        self.disk.begin_session();
        self.is_all_sent = false;
        self.corrupt_in_session = 0;
        self.consent.is_offered = false;
        self.consent.has_left_out = false;
        self.set_peer_pause(None);
    }

    pub(super) fn handle_message(&mut self, message: ToReceiver, now: Instant) {
        let taken = match (self.phase, message) {
            (Phase::Down | Phase::Halted, _) => Ok(()),
            (Phase::Over(outcome), ToReceiver::Offer(_)) => {
                self.repeat_end(outcome);
                Ok(())
            }
            (Phase::Over(_), _) => Ok(()),
            (Phase::Up | Phase::Running, ToReceiver::Offer(offer)) => self.take_offer(offer),
            (Phase::Up | Phase::Running, ToReceiver::Pause(reason)) => {
                self.set_peer_pause(Some(reason));
                Ok(())
            }
            (Phase::Up | Phase::Running, ToReceiver::Resume) => {
                self.set_peer_pause(None);
                Ok(())
            }
            (Phase::Up | Phase::Running, ToReceiver::Cancel(reason)) => {
                self.end_by_peer(reason);
                Ok(())
            }
            (Phase::Up, _) => Err(ReceiverViolation::UnexpectedMessage),
            (Phase::Running, message) => self.take_running(message, now),
        };
        self.violate_on_error(taken);
    }

    pub(super) fn accept(&mut self) {
        if self.consent.state != ConsentState::Asked || self.is_over() {
            return;
        }
        self.consent.state = ConsentState::Given;
        if self.phase == Phase::Up && self.consent.is_offered {
            self.accept_session();
        }
    }

    pub(super) fn decline(&mut self, reason: DeclineReason) {
        if self.consent.state != ConsentState::Asked || self.is_over() {
            return;
        }
        if self.phase == Phase::Up && self.consent.is_offered {
            self.send(ToSender::Decline(reason));
        }
        self.end(ReceiverOutcome::Declined(reason));
    }

    pub(super) fn cancel(&mut self, reason: CancelReason) {
        if self.is_over() || self.disk.commit != Commit::NotYet {
            return;
        }
        if matches!(self.phase, Phase::Up | Phase::Running) {
            self.send(ToSender::Cancel(reason));
        }
        let by = Side::Own;
        self.outputs.push_back(ReceiverOutput::Discard);
        self.end(ReceiverOutcome::Canceled { by, reason });
    }

    pub(super) fn end(&mut self, outcome: ReceiverOutcome) {
        self.intake.clear();
        self.reports.clear();
        self.phase = Phase::Over(outcome);
        self.outputs.push_back(ReceiverOutput::Finished(outcome));
    }

    /// Adds a reason to wait.
    pub(super) fn pause(&mut self, reason: PauseReason) {
        if !self.pauses.pause(reason) || self.is_over() {
            return;
        }
        let by = Side::Own;
        self.tell(ReceiverEvent::Paused { by, reason });
        if self.is_running() {
            self.send(ToSender::Pause(reason));
        }
    }

    /// The sender is asked to keep to a speed; honest ones do.
    pub(super) fn limit(&mut self, bytes_per_s: Option<NonZeroU64>) {
        if self.consent.bytes_per_s == bytes_per_s {
            return;
        }
        self.consent.bytes_per_s = bytes_per_s;
        if self.is_running() {
            self.send(ToSender::Limit { bytes_per_s });
        }
    }

    pub(super) fn handle_space(&mut self) {
        let was_full = self.pauses.lift(PauseReason::DiskFull);
        let had_failed = self.pauses.lift(PauseReason::DiskFailed);
        self.go_on(was_full || had_failed);
    }

    pub(super) fn resume(&mut self) {
        let is_lifted = self.pauses.lift_all();
        self.go_on(is_lifted);
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over(_))
    }

    fn go_on(&mut self, is_lifted: bool) {
        if self.is_over() {
            return;
        }
        if is_lifted {
            self.tell(ReceiverEvent::Resumed { by: Side::Own });
            if self.is_running() {
                self.send(ToSender::Resume);
            }
        }
        self.retry_disk();
    }

    fn take_running(&mut self, message: ToReceiver, now: Instant) -> Result<(), ReceiverViolation> {
        match message {
            ToReceiver::Page(page) => {
                let Some(offer) = &self.consent.offer else {
                    return Err(ReceiverViolation::UnexpectedMessage);
                };
                let request = self.manifest.open_page(page, &offer.summary, offer.pages)?;
                self.outputs.push_back(request);
                Ok(())
            }
            ToReceiver::LeftOut(left_out) => self.take_left_out(left_out),
            ToReceiver::Digests(digests) => self.take_digests(digests, now),
            ToReceiver::Compare(digests) => self.take_compares(digests, now),
            ToReceiver::EntryChanged(revision) => self.take_change(&revision),
            ToReceiver::EntryGone { entry, reason } => self.take_gone(entry, reason),
            ToReceiver::StreamEnded { entry, size_bytes } => {
                self.take_stream_end(entry, size_bytes)
            }
            ToReceiver::AllSent => {
                self.is_all_sent = true;
                self.commit_if_complete();
                Ok(())
            }
            ToReceiver::Offer(_)
            | ToReceiver::CompleteSeen
            | ToReceiver::Pause(_)
            | ToReceiver::Resume
            | ToReceiver::Cancel(_)
            | ToReceiver::Receipt(_) => Err(ReceiverViolation::UnexpectedMessage),
        }
    }

    fn take_left_out(&mut self, left_out: LeftOut) -> Result<(), ReceiverViolation> {
        let is_repeated = std::mem::replace(&mut self.consent.has_left_out, true);
        if is_repeated || left_out.named.len() > PREFLIGHT_NAMED {
            return Err(ReceiverViolation::UnexpectedMessage);
        }
        self.outputs.push_back(ReceiverOutput::LeftOut(left_out));
        Ok(())
    }

    fn take_offer(&mut self, offer: Offer) -> Result<(), ReceiverViolation> {
        check_offer(&offer)?;
        if let Some(known) = &self.consent.offer
            && (known.summary != offer.summary || known.pages != offer.pages)
        {
            return Err(ReceiverViolation::OfferChanged);
        }
        if self.consent.is_offered {
            return Err(ReceiverViolation::UnexpectedMessage);
        }
        self.consent.is_offered = true;
        self.consent.offered_checksums = offer.checksums;
        match self.consent.state {
            ConsentState::Unasked => {
                self.consent.state = ConsentState::Asked;
                self.outputs
                    .push_back(ReceiverOutput::Prompt(offer.summary.clone()));
                self.consent.offer = Some(offer);
            }
            ConsentState::Asked => {}
            ConsentState::Given => self.accept_session(),
        }
        Ok(())
    }

    fn accept_session(&mut self) {
        let Some(offer) = &self.consent.offer else {
            return;
        };
        let ceiling_bytes = ceiling_bytes(&offer.summary);
        let token = u64::from_be_bytes(self.setup.entropy.draw::<8>());
        self.intake.restart(Some(token));
        self.phase = Phase::Running;
        self.send(ToSender::Accept(Accept {
            token,
            ceiling_bytes,
            window_bytes: self.setup.tuning.window_bytes,
            complete_pages: self.manifest.finished_pages(),
            held_pages: self.manifest.held_pages(),
            checksums: self.consent.checksums,
        }));
        for page in self.manifest.stored_pages() {
            self.tell_stored(page);
        }
        if let Some(reason) = self.pauses.own() {
            self.send(ToSender::Pause(reason));
        }
        if let Some(limit) = self.consent.bytes_per_s {
            let bytes_per_s = Some(limit);
            self.send(ToSender::Limit { bytes_per_s });
        }
        self.tell(ReceiverEvent::Accepted);
    }

    /// Says once more how the transfer ended.
    fn repeat_end(&mut self, outcome: ReceiverOutcome) {
        match outcome {
            ReceiverOutcome::Completed(completion) => self.send(ToSender::Complete(completion)),
            ReceiverOutcome::Declined(reason) => self.send(ToSender::Decline(reason)),
            ReceiverOutcome::Canceled { by: _, reason } => self.send(ToSender::Cancel(reason)),
        }
    }

    fn end_by_peer(&mut self, reason: CancelReason) {
        if self.disk.commit != Commit::NotYet {
            return;
        }
        let by = Side::Peer;
        self.outputs.push_back(ReceiverOutput::Discard);
        self.end(ReceiverOutcome::Canceled { by, reason });
    }

    pub(super) fn set_peer_pause(&mut self, reason: Option<PauseReason>) {
        if !self.pauses.set_peer(reason) || self.is_over() {
            return;
        }
        let by = Side::Peer;
        self.tell(match reason {
            Some(reason) => ReceiverEvent::Paused { by, reason },
            None => ReceiverEvent::Resumed { by },
        });
    }
}

fn check_offer(offer: &Offer) -> Result<(), ReceiverViolation> {
    let summary = &offer.summary;
    let is_one_text = summary.files == 1
        && summary.entries == 1
        && !summary.stream
        && summary.bytes <= TEXT_BYTES as u64;
    let fits_its_kind = match summary.kind {
        TransferKind::Files => true,
        TransferKind::Text => is_one_text,
    };
    let is_possible = fits_its_kind
        && (1..=MANIFEST_ENTRIES).contains(&summary.entries)
        && summary.files <= summary.entries
        && summary.bytes <= TRANSFER_BYTES
        && (1..=summary.entries).contains(&u64::from(offer.pages));
    is_possible
        .then_some(())
        .ok_or(ReceiverViolation::ImpossibleOffer)
}
