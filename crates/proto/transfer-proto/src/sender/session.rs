//! How a session begins and ends for a sender, and how the transfer does.

use model::limits::OPEN_PAGES;

use super::{Line, Phase, Sender, SenderEvent, SenderOutcome, SenderOutput, SenderViolation};
use crate::{Accept, CancelReason, Completion, Offer, Side, ToReceiver, ToSender};

impl Sender {
    pub(super) fn begin_session(&mut self) {
        match self.phase {
            Phase::Over { last_word } => {
                if let Some(reason) = last_word {
                    self.send(ToReceiver::Cancel(reason));
                    self.phase = Phase::Over { last_word: None };
                }
                return;
            }
            Phase::Offered | Phase::Running { .. } | Phase::Halted => self.end_session(),
            Phase::Down => {}
        }
        self.phase = Phase::Offered;
        self.counts.rejected = 0;
        self.send(ToReceiver::Offer(Offer {
            summary: self.config.summary.clone(),
            pages: self.config.pages,
            resume: self.counts.was_accepted,
            checksums: self.counts.asks_checksums,
        }));
        if let Some(reason) = self.pauses.own() {
            self.send(ToReceiver::Pause(reason));
        }
    }

    pub(super) fn end_session(&mut self) {
        if self.is_over() {
            return;
        }
        self.drop_session_state();
        self.phase = Phase::Down;
    }

    /// Forgets everything that only this session could have used.
    pub(super) fn drop_session_state(&mut self) {
        self.line = Line::new(0, 0, &self.config.tuning);
        self.reads.clear();
        self.haves.clear();
        self.found.clear();
        self.manifest.end_session();
        self.set_peer_pause(None);
    }

    /// Sends everything unconfirmed again: nobody knows what the lost connection still delivered.
    pub(super) fn handle_connection_lost(&mut self) {
        let Phase::Running { .. } = self.phase else {
            return;
        };
        self.line.forget_queue();
        let lost: Vec<_> = self.line.window.names().collect();
        self.send_again(&lost);
    }

    pub(super) fn handle_answer(&mut self, message: ToSender) {
        match message {
            ToSender::Accept(accept) => self.handle_accept(accept),
            ToSender::Decline(reason) => self.end(SenderOutcome::Declined(reason)),
            ToSender::Complete(completion) if self.counts.was_accepted => self.complete(completion),
            ToSender::Pause(reason) => self.set_peer_pause(Some(reason)),
            ToSender::Resume => self.set_peer_pause(None),
            ToSender::Cancel(reason) => self.end_by_peer(reason),
            ToSender::PageStored(_)
            | ToSender::PageFinished { .. }
            | ToSender::ChunksStored(_)
            | ToSender::ChunksWanted(_)
            | ToSender::ChunkRejected(_)
            | ToSender::EntryKept { .. }
            | ToSender::EntryReleased { .. }
            | ToSender::Limit { .. }
            | ToSender::Complete(_)
            | ToSender::Findings(_)
            | ToSender::Receipt(_) => self.violate(SenderViolation::UnexpectedMessage),
        }
    }

    fn handle_accept(&mut self, accept: Accept) {
        let pages = u64::from(self.config.pages);
        let mut known = accept.complete_pages.runs().chain(accept.held_pages.runs());
        let is_too_much = accept.held_pages.len() > OPEN_PAGES as u64;
        if is_too_much || known.any(|run| run.end > pages) {
            self.violate(SenderViolation::UnknownPage);
            return;
        }
        drop(known);
        let checksums = accept.checksums || self.counts.asks_checksums;
        self.line = Line::new(accept.token, accept.window_bytes, &self.config.tuning);
        self.manifest
            .begin_session(accept.complete_pages, accept.held_pages);
        self.counts.was_accepted = true;
        self.phase = Phase::Running {
            ceiling_bytes: accept.ceiling_bytes,
            is_all_sent: false,
        };
        self.tell(SenderEvent::Accepted { checksums });
        let left_out = &self.config.left_out;
        if !left_out.named.is_empty() || left_out.more > 0 {
            self.send(ToReceiver::LeftOut(left_out.clone()));
        }
    }

    /// Believes the receiver only if it was sent everything.
    pub(super) fn handle_complete(&mut self, completion: Completion) {
        if !self.manifest.is_settled() {
            self.violate(SenderViolation::UnexpectedMessage);
            return;
        }
        self.complete(completion);
    }

    fn complete(&mut self, completion: Completion) {
        self.send(ToReceiver::CompleteSeen);
        self.end(SenderOutcome::Completed(completion));
    }

    pub(super) fn cancel(&mut self, reason: CancelReason) {
        if self.is_over() {
            return;
        }
        let is_up = self.is_up();
        if is_up {
            self.send(ToReceiver::Cancel(reason));
        }
        let by = Side::Own;
        self.end(SenderOutcome::Canceled { by, reason });
        let last_word = (!is_up).then_some(reason);
        self.phase = Phase::Over { last_word };
    }

    pub(super) fn end_by_peer(&mut self, reason: CancelReason) {
        let by = Side::Peer;
        self.end(SenderOutcome::Canceled { by, reason });
    }

    fn end(&mut self, outcome: SenderOutcome) {
        self.line = Line::new(0, 0, &self.config.tuning);
        self.reads.clear();
        self.haves.clear();
        self.phase = Phase::Over { last_word: None };
        self.outputs.push_back(SenderOutput::Finished(outcome));
    }
}
