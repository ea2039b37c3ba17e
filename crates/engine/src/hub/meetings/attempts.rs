use model::{ContactId, Day, Digest, SessionId};
use session_proto::{CloseReason, Role, SessionConfig};
use signaling_proto::envelope::Sealed;
use signaling_proto::negotiation::{
    Answer, Answering, Offer, Offering, Refusal, RefusalReason, Terms, wins_glare,
};
use store::Contact;
use tokio::sync::oneshot;

use super::{ATTEMPT_TIME, Attempt, CROSSING_TIME, LiveSession, MeetingReport, Stage};
use crate::clock;
use crate::connector::{self, Connecting, Remote, Winner};
use crate::entropy::OsEntropy;
use crate::hub::Hub;
use crate::session::{self, SessionStart};

impl Hub {
    /// A contact offers a session.
    pub(super) fn offered(&mut self, contact: &Contact, day: Day, offer: &Offer, digest: Digest) {
        let own = self.identity.secrets.device_id();
        let peer = contact.device_id();
        let meeting = self.meetings.contacts.entry(contact.id).or_default();
        // Who offers after an answer gave up what was answered: envelopes come in order.
        let ours_is_out = meeting.attempt.as_ref().is_some_and(Attempt::may_cross);
        if ours_is_out && wins_glare(&own, &peer) {
            self.repeat_lost_offer(contact.id);
            return; // The peer sees our offer and answers it.
        }
        if !self.meetings.has_room() {
            self.refuse(contact, offer, digest, RefusalReason::Busy);
            return;
        }
        let answering = match Answering::accept(self.terms(contact), offer, digest) {
            Ok(answering) => answering,
            Err(error) => {
                tracing::warn!(%error, "an offer is refused");
                return;
            }
        };
        let remote = Remote {
            first: answering.remote().clone(),
            second: answering.relayed().cloned(),
        };
        let plan = self.plan_to_answer(contact.id, &remote.first, remote.second.is_some());
        let Some(plan) = plan else {
            tracing::info!(
                "an offer comes through a relay, or none is known, and that is not wanted"
            );
            self.refuse(contact, offer, digest, RefusalReason::Busy);
            return;
        };
        // Whoever offers anew has no session with us any more.
        self.drop_session(contact.id, CloseReason::Superseded);
        let way = plan.first.way;
        let connecting = Connecting {
            contact: contact.id,
            session: offer.session,
            first: plan.first,
            second: plan.second,
            stun: self.meetings.stun.known(),
            hub: self.ties.hub.clone(),
        };
        let task = self.tasks.spawn(connector::answer(connecting, remote));
        let meeting = self.meetings.contacts.entry(contact.id).or_default();
        if let Some(attempt) = meeting.attempt.take() {
            attempt.task.abort();
        }
        meeting.attempt = Some(Attempt {
            session: offer.session,
            stage: Stage::Answering {
                answering: Some(Box::new(answering)),
                day,
                negotiated: None,
            },
            task,
            since: clock::instant(),
            until: clock::instant() + ATTEMPT_TIME,
            repeat_at: None,
            unheard: false,
            way,
        });
    }

    /// A peer that shows itself although it should have seen our offer for long may have been restarted since;
    /// if it cannot have seen it yet, it gets the time to answer.
    pub(super) fn repeat_lost_offer(&mut self, id: ContactId) {
        let Some(attempt) = self.meetings.attempt(id).filter(|it| it.is_unanswered()) else {
            return;
        };
        let now = clock::instant();
        let repeat_at = attempt.since + CROSSING_TIME;
        if now < repeat_at {
            attempt.repeat_at = Some(repeat_at);
            return;
        }
        self.drop_attempt(id, Attempt::is_unanswered);
        self.meet(id);
    }

    fn refuse(&mut self, contact: &Contact, offer: &Offer, digest: Digest, reason: RefusalReason) {
        let refusal = Answering::refuse(offer, digest, reason);
        if let Err(error) = self.post(contact, &Sealed::Refusal(refusal)) {
            tracing::warn!(%error, "no refusal could be posted");
        }
    }

    /// A contact answers our offer.
    pub(super) fn answered(&mut self, id: ContactId, answer: &Answer, digest: &Digest) {
        let Some(attempt) = self.meetings.attempt(id) else {
            return;
        };
        let stage = std::mem::replace(&mut attempt.stage, Stage::Gathering);
        let Stage::Offered {
            ticket,
            offering,
            day,
            answer: waiting,
            negotiated: None,
        } = stage
        else {
            attempt.stage = stage;
            return;
        };
        match offering.accept(answer, digest) {
            Ok(negotiated) => {
                attempt.unheard = false;
                attempt.until = clock::instant() + ATTEMPT_TIME;
                // The task behind a timed out attempt is gone.
                let remote = Remote {
                    first: negotiated.remote.clone(),
                    second: negotiated.relayed.clone(),
                };
                waiting.send(remote).ok();
                let (answer, _) = oneshot::channel();
                attempt.stage = Stage::Offered {
                    ticket,
                    offering,
                    day,
                    answer,
                    negotiated: Some(Box::new(negotiated)),
                };
            }
            Err(error) => {
                tracing::warn!(%error, "an answer is refused");
                attempt.stage = Stage::Offered {
                    ticket,
                    offering,
                    day,
                    answer: waiting,
                    negotiated: None,
                };
            }
        }
    }

    /// A contact refuses our offer.
    pub(super) fn refused(&mut self, id: ContactId, refusal: &Refusal) {
        let Some(attempt) = self.meetings.attempt(id) else {
            return;
        };
        let Stage::Offered { offering, .. } = &attempt.stage else {
            return;
        };
        if offering.refused(refusal).is_ok() {
            self.attempt_failed(id);
        }
    }

    /// The task behind an attempt got further.
    pub(in crate::hub) fn meeting_report(
        &mut self,
        id: ContactId,
        session: SessionId,
        report: MeetingReport,
    ) {
        let current = self.meetings.attempt(id);
        if current.is_none_or(|attempt| attempt.session != session) {
            return; // An attempt that was given up.
        }
        match report {
            MeetingReport::Described {
                first,
                second,
                answer,
            } => self.described(id, (first, second), answer),
            MeetingReport::Connected(winner) => self.connected(id, *winner),
            MeetingReport::Failed(error) => {
                tracing::info!(%error, "no connection came about");
                self.attempt_failed(id);
            }
        }
    }

    fn described(
        &mut self,
        id: ContactId,
        (first, second): (String, Option<String>),
        answer: Option<oneshot::Sender<Remote>>,
    ) {
        let Ok(Some(contact)) = self.store.contact(id) else {
            return;
        };
        let terms = self.terms(&contact);
        let Some(attempt) = self.meetings.attempt(id) else {
            return;
        };
        if let Some(answer) = answer {
            let offer = Offer::new(&terms, attempt.session, first, None).with_relayed(second);
            self.post_offer(&contact, terms, offer, answer);
            return;
        }
        let Stage::Answering { answering, day, .. } = &mut attempt.stage else {
            return;
        };
        let day = *day;
        let Some(answering) = answering.take() else {
            return;
        };
        let reply = answering.answer(first, second);
        match self.post(&contact, &Sealed::Answer(reply)) {
            Ok(posted) => {
                if let Some(attempt) = self.meetings.attempt(id) {
                    attempt.stage = Stage::Answering {
                        answering: None,
                        day,
                        negotiated: Some(Box::new(answering.finish(&posted.digest))),
                    };
                }
            }
            Err(error) => {
                tracing::warn!(%error, "no answer could be posted");
                self.attempt_failed(id);
            }
        }
    }

    fn post_offer(
        &mut self,
        contact: &Contact,
        terms: Terms,
        offer: Offer,
        answer: oneshot::Sender<Remote>,
    ) {
        match self.post(contact, &Sealed::Offer(offer.clone())) {
            Ok(posted) => {
                if let Some(attempt) = self.meetings.attempt(contact.id) {
                    attempt.stage = Stage::Offered {
                        ticket: posted.ticket,
                        offering: Box::new(Offering::new(terms, &offer, posted.digest)),
                        day: posted.day,
                        answer,
                        negotiated: None,
                    };
                }
            }
            Err(error) => {
                tracing::warn!(%error, "no offer could be posted");
                self.attempt_failed(contact.id);
            }
        }
    }

    /// Connected: from now on the session's own handshake decides.
    fn connected(&mut self, id: ContactId, winner: Winner) {
        if !self.begin_session(id, winner) {
            self.attempt_failed(id);
        }
    }

    /// Whether a session could be begun on what was negotiated.
    fn begin_session(&mut self, id: ContactId, winner: Winner) -> bool {
        let budget = self.meetings.budget.clone();
        let lanes = self.lanes(id);
        let Some(meeting) = self.meetings.contacts.get_mut(&id) else {
            return false;
        };
        let Some(attempt) = meeting.attempt.take() else {
            return false;
        };
        let Ok(Some(contact)) = self.store.contact(id) else {
            return false;
        };
        let (role, day, negotiated) = match attempt.stage {
            Stage::Offered {
                day,
                negotiated: Some(negotiated),
                ..
            } => (Role::Initiator, day, negotiated),
            Stage::Answering {
                day,
                negotiated: Some(negotiated),
                ..
            } => (Role::Responder, day, negotiated),
            Stage::Gathering | Stage::Offered { .. } | Stage::Answering { .. } => return false,
        };
        let own = self.identity.secrets.device_id();
        let Some(keys) = contact.chain.keys(day, &own, &contact.device_id()) else {
            return false;
        };
        let Some(meeting) = self.meetings.contacts.get_mut(&id) else {
            return false;
        };
        let start = SessionStart {
            contact: id,
            session: negotiated.session,
            role,
            machine: SessionConfig {
                role,
                session: negotiated.session,
                transcript: negotiated.transcript,
                own: self.identity.secrets.clone(),
                peer: contact.keys,
                psk: keys.session_psk,
                entropy: Box::new(OsEntropy),
            },
            first: winner,
            lanes,
            budget,
        };
        let work = session::run(start, self.ties.hub.clone(), self.ties.shutdown.clone());
        let task = self.tasks.spawn(Box::pin(work));
        meeting.session = Some(LiveSession {
            session: negotiated.session,
            handle: None,
            task,
        });
        true
    }
}
