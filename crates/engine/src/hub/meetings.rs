use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use model::limits::HANDSHAKES;
use model::{ContactId, Day, Digest, Entropy as _, SessionId};
use session_proto::{CloseReason, Role, SessionConfig};
use signaling_proto::envelope::{OpenError, Opened, Sealed};
use signaling_proto::negotiation::{
    Answer, Answering, Hello, Negotiated, Offer, Offering, Refusal, RefusalReason, Terms, Versions,
    wins_glare,
};
use store::Contact;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::Hub;
use crate::clock;
use crate::connector::{self, Connecting};
use crate::entropy::OsEntropy;
use crate::session::{self, SessionCommand, SessionHandle, SessionReport, SessionStart};

/// Who is met, and how far a meeting has come.
#[derive(Debug, Default)]
pub(super) struct Meetings {
    contacts: BTreeMap<ContactId, Meeting>,
}

/// One contact as it is known at run time.
#[derive(Debug, Default)]
struct Meeting {
    attempt: Option<Attempt>,
    session: Option<LiveSession>,
    /// Tells a restart of the peer from a mere reconnect of its signaling.
    peer_epoch: Option<u64>,
    failures: u32,
    retry_at: Option<Instant>,
}

#[derive(Debug)]
struct LiveSession {
    session: SessionId,
    /// `None` until the peer is proven.
    handle: Option<SessionHandle>,
    task: AbortHandle,
}

/// One attempt to get a connection through signaling.
#[derive(Debug)]
struct Attempt {
    session: SessionId,
    stage: Stage,
    task: AbortHandle,
    until: Instant,
}

#[derive(Debug)]
enum Stage {
    /// Our description is being made.
    Gathering,
    /// The offer is on its way.
    Offered {
        offering: Box<Offering>,
        day: Day,
        answer: oneshot::Sender<model::Description>,
        negotiated: Option<Box<Negotiated>>,
    },
    /// Their offer is being answered.
    Answering {
        answering: Option<Box<Answering>>,
        day: Day,
        negotiated: Option<Box<Negotiated>>,
    },
}

/// What the task behind an attempt tells.
#[derive(Debug)]
pub(crate) enum MeetingReport {
    /// Our description is made; `answer` takes theirs when we offer.
    Described {
        sdp: String,
        answer: Option<oneshot::Sender<model::Description>>,
    },
    /// Connected.
    Connected(Box<peer::Connection>),
    /// Not connected.
    Failed(peer::ConnectError),
}

impl Meetings {
    pub(super) fn is_connected(&self, contact: ContactId) -> bool {
        self.session(contact).is_some()
    }

    /// The proven session with a contact.
    pub(super) fn session(&self, contact: ContactId) -> Option<&SessionHandle> {
        let meeting = self.contacts.get(&contact)?;
        meeting.session.as_ref()?.handle.as_ref()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let deadlines = self.contacts.values().flat_map(|meeting| {
            let until = meeting.attempt.as_ref().map(|attempt| attempt.until);
            [until, meeting.retry_at].into_iter().flatten()
        });
        deadlines.min()
    }

    fn attempts(&self) -> usize {
        let attempts = self
            .contacts
            .values()
            .filter(|meeting| meeting.attempt.is_some());
        attempts.count()
    }
}

impl Hub {
    /// Says hello to every contact and offers a session where something waits.
    pub(super) fn greet_all(&mut self) {
        let Ok(contacts) = self.store.contacts() else {
            return;
        };
        for contact in contacts.into_iter().filter(|contact| !contact.blocked) {
            self.greet(contact.id);
        }
    }

    /// Says hello, and offers a session if something waits to be sent.
    pub(super) fn greet(&mut self, id: ContactId) {
        if !self.signaling.online {
            return;
        }
        let Ok(Some(contact)) = self.store.contact(id) else {
            return;
        };
        if self.has_work_to_send(id) {
            self.meet(id);
            return;
        }
        let hello = Sealed::Hello(Hello {
            versions: Versions::supported(),
            wants_session: self.has_work_to_receive(id),
            epoch: self.signaling.epoch,
        });
        if let Err(error) = self.post(&contact, &hello) {
            tracing::warn!(%error, "no hello could be posted");
        }
    }

    /// Offers a session unless there is one, or one is on its way.
    pub(super) fn meet(&mut self, id: ContactId) {
        if !self.signaling.online || self.meetings.attempts() >= HANDSHAKES {
            return;
        }
        let meeting = self.meetings.contacts.entry(id).or_default();
        if meeting.session.is_some() || meeting.attempt.is_some() {
            return;
        }
        meeting.retry_at = None;
        let session = SessionId(OsEntropy.draw());
        let config = connector::config(self.signaling.is_loopback());
        let task = self.tasks.spawn(connector::offer(Connecting {
            contact: id,
            session,
            config,
            hub: self.own.clone(),
        }));
        meeting.attempt = Some(Attempt {
            session,
            stage: Stage::Gathering,
            task,
            until: Instant::now() + ATTEMPT_TIME,
        });
    }

    /// Ends whatever stands with a contact.
    pub(super) fn end_meeting(&mut self, id: ContactId) {
        let Some(meeting) = self.meetings.contacts.remove(&id) else {
            return;
        };
        if let Some(attempt) = meeting.attempt {
            attempt.task.abort();
        }
        if let Some(handle) = meeting.session.and_then(|session| session.handle) {
            handle.try_command(SessionCommand::Close(CloseReason::Idle));
            self.transfers_lost_session(id);
        }
    }

    /// An authentic message came through signaling.
    pub(super) fn met(&mut self, contact: Contact, day: Day, opened: Opened) {
        match opened.payload {
            Sealed::Hello(hello) => self.hello(contact.id, &hello),
            Sealed::Offer(offer) => self.offered(&contact, day, &offer, opened.digest),
            Sealed::Answer(answer) => self.answered(contact.id, &answer, &opened.digest),
            Sealed::Refusal(refusal) => self.refused(contact.id, &refusal),
            Sealed::Bye { .. } => {}
        }
    }

    fn hello(&mut self, id: ContactId, hello: &Hello) {
        let meeting = self.meetings.contacts.entry(id).or_default();
        let restarted = meeting.peer_epoch.is_some_and(|epoch| epoch != hello.epoch);
        meeting.peer_epoch = Some(hello.epoch);
        if restarted {
            self.drop_session(id, CloseReason::Superseded);
        }
        if hello.wants_session || self.has_work_to_send(id) {
            self.meet(id);
        }
    }

    fn offered(&mut self, contact: &Contact, day: Day, offer: &Offer, digest: Digest) {
        let own = self.identity.secrets.device_id();
        let peer = contact.device_id();
        let meeting = self.meetings.contacts.entry(contact.id).or_default();
        let ours_is_out = meeting.attempt.as_ref().is_some_and(Attempt::is_ours);
        if ours_is_out && wins_glare(&own, &peer) {
            return; // The peer sees our offer and answers it.
        }
        if self.meetings.attempts() >= HANDSHAKES {
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
        // Whoever offers anew has no session with us any more.
        self.drop_session(contact.id, CloseReason::Superseded);
        let connecting = Connecting {
            contact: contact.id,
            session: offer.session,
            config: connector::config(self.signaling.is_loopback()),
            hub: self.own.clone(),
        };
        let remote = answering.remote().clone();
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
            until: Instant::now() + ATTEMPT_TIME,
        });
    }

    fn refuse(&mut self, contact: &Contact, offer: &Offer, digest: Digest, reason: RefusalReason) {
        let refusal = Answering::refuse(offer, digest, reason);
        if let Err(error) = self.post(contact, &Sealed::Refusal(refusal)) {
            tracing::warn!(%error, "no refusal could be posted");
        }
    }

    fn answered(&mut self, id: ContactId, answer: &Answer, digest: &Digest) {
        let Some(attempt) = self.meetings.attempt(id) else {
            return;
        };
        let stage = std::mem::replace(&mut attempt.stage, Stage::Gathering);
        let Stage::Offered {
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
                // The task behind a timed out attempt is gone.
                waiting.send(negotiated.remote.clone()).ok();
                let (answer, _) = oneshot::channel();
                attempt.stage = Stage::Offered {
                    offering,
                    day,
                    answer,
                    negotiated: Some(Box::new(negotiated)),
                };
            }
            Err(error) => {
                tracing::warn!(%error, "an answer is refused");
                attempt.stage = Stage::Offered {
                    offering,
                    day,
                    answer: waiting,
                    negotiated: None,
                };
            }
        }
    }

    fn refused(&mut self, id: ContactId, refusal: &Refusal) {
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

    pub(super) fn meeting_report(
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
            MeetingReport::Described { sdp, answer } => self.described(id, sdp, answer),
            MeetingReport::Connected(connection) => self.connected(id, *connection),
            MeetingReport::Failed(error) => {
                tracing::info!(%error, "no connection came about");
                self.attempt_failed(id);
            }
        }
    }

    fn described(
        &mut self,
        id: ContactId,
        sdp: String,
        answer: Option<oneshot::Sender<model::Description>>,
    ) {
        let Ok(Some(contact)) = self.store.contact(id) else {
            return;
        };
        let terms = self.terms(&contact);
        let Some(attempt) = self.meetings.attempt(id) else {
            return;
        };
        if let Some(answer) = answer {
            let offer = Offer::new(&terms, attempt.session, sdp, None);
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
        let reply = answering.answer(sdp);
        match self.post(&contact, &Sealed::Answer(reply)) {
            Ok((digest, _)) => {
                if let Some(attempt) = self.meetings.attempt(id) {
                    attempt.stage = Stage::Answering {
                        answering: None,
                        day,
                        negotiated: Some(Box::new(answering.finish(&digest))),
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
        answer: oneshot::Sender<model::Description>,
    ) {
        match self.post(contact, &Sealed::Offer(offer.clone())) {
            Ok((digest, day)) => {
                if let Some(attempt) = self.meetings.attempt(contact.id) {
                    attempt.stage = Stage::Offered {
                        offering: Box::new(Offering::new(terms, &offer, digest)),
                        day,
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
    fn connected(&mut self, id: ContactId, first: peer::Connection) {
        let Some(meeting) = self.meetings.contacts.get_mut(&id) else {
            return;
        };
        let Some(attempt) = meeting.attempt.take() else {
            return;
        };
        let Ok(Some(contact)) = self.store.contact(id) else {
            return;
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
            Stage::Gathering | Stage::Offered { .. } | Stage::Answering { .. } => return,
        };
        let own = self.identity.secrets.device_id();
        let Some(keys) = contact.chain.keys(day, &own, &contact.device_id()) else {
            return;
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
            first,
            connections: connector::config(self.signaling.is_loopback()),
        };
        let work = session::run(start, self.own.clone(), self.shutdown.clone());
        let task = self.tasks.spawn(Box::pin(work));
        meeting.session = Some(LiveSession {
            session: negotiated.session,
            handle: None,
            task,
        });
    }

    pub(super) fn session_report(
        &mut self,
        id: ContactId,
        session: SessionId,
        report: SessionReport,
    ) {
        let Some(meeting) = self.meetings.contacts.get_mut(&id) else {
            return;
        };
        let Some(live) = &mut meeting.session else {
            return;
        };
        if live.session != session {
            return; // A session that another one replaced.
        }
        match report {
            SessionReport::Established { handle } => {
                live.handle = Some(handle.clone());
                meeting.failures = 0;
                if let Err(error) = self.store.confirm_day(id, clock::today()) {
                    tracing::warn!(%error, "the day of this session could not be kept");
                }
                self.session_stands(id, &handle);
            }
            SessionReport::Unrouted { message } => self.unrouted(id, message),
            SessionReport::Ended { error } => {
                meeting.session = None;
                if let Some(error) = error {
                    tracing::warn!(%error, "a session ended");
                }
                self.session_ended(id, error.is_some());
            }
        }
    }

    fn session_ended(&mut self, id: ContactId, broken: bool) {
        self.transfers_lost_session(id);
        if broken {
            self.attempt_failed(id);
        } else if self.has_work_to_send(id) {
            self.retry_after(id, RECONNECT_PAUSE);
        } else if self.has_work_to_receive(id) {
            self.retry_after(id, RECONNECT_PAUSE * 4);
        }
    }

    fn drop_session(&mut self, id: ContactId, reason: CloseReason) {
        let Some(meeting) = self.meetings.contacts.get_mut(&id) else {
            return;
        };
        let Some(live) = meeting.session.take() else {
            return;
        };
        match live.handle {
            Some(handle) => {
                handle.try_command(SessionCommand::Close(reason));
                self.transfers_lost_session(id);
            }
            None => live.task.abort(),
        }
    }

    /// Signaling says that nobody reads the contact's mailbox.
    pub(super) fn contact_not_there(&mut self, id: ContactId) {
        if let Some(meeting) = self.meetings.contacts.get_mut(&id)
            && let Some(attempt) = meeting.attempt.take_if(|attempt| attempt.is_ours())
        {
            attempt.task.abort();
            self.transfers_wait_for_peer(id);
            self.retry_after(id, ASK_AGAIN);
        }
    }

    /// Somebody meddles with envelopes; after a few the transfers hear of it.
    pub(super) fn envelope_refused(&mut self, id: ContactId, error: OpenError) {
        if matches!(error, OpenError::Replayed) {
            return;
        }
        let meeting = self.meetings.contacts.entry(id).or_default();
        meeting.failures += 1;
        if meeting.failures >= FAILURES_TO_TELL {
            self.transfers_find_no_path(id);
        }
    }

    fn attempt_failed(&mut self, id: ContactId) {
        let meeting = self.meetings.contacts.entry(id).or_default();
        if let Some(attempt) = meeting.attempt.take() {
            attempt.task.abort();
        }
        meeting.failures += 1;
        let failures = meeting.failures;
        if failures >= FAILURES_TO_TELL {
            self.transfers_find_no_path(id);
        }
        self.retry_after(id, RETRY_PAUSE * failures.min(RETRY_FACTOR));
    }

    /// Tries again, sooner or later by up to a half, so that crowds spread.
    fn retry_after(&mut self, id: ContactId, pause: Duration) {
        let meeting = self.meetings.contacts.entry(id).or_default();
        let [random] = OsEntropy.draw();
        let factor = 0.5 + f64::from(random) / 255.0;
        meeting.retry_at = Some(Instant::now() + pause.mul_f64(factor));
    }

    pub(super) fn meetings_timeout(&mut self) {
        let now = Instant::now();
        let due = |instant: Instant| instant <= now;
        let contacts: Vec<ContactId> = self.meetings.contacts.keys().copied().collect();
        for id in contacts {
            let Some(meeting) = self.meetings.contacts.get_mut(&id) else {
                continue;
            };
            let retry = meeting.retry_at.take_if(|at| due(*at)).is_some();
            if meeting
                .attempt
                .as_ref()
                .is_some_and(|attempt| due(attempt.until))
            {
                tracing::info!("an attempt to connect took too long");
                self.attempt_failed(id);
            } else if retry {
                self.greet(id);
            }
        }
    }

    fn terms(&self, contact: &Contact) -> Terms {
        let config = connector::config(self.signaling.is_loopback());
        Terms {
            own: self.identity.secrets.device_id(),
            peer: contact.device_id(),
            versions: Versions::supported(),
            policy: session::candidate_policy(&config),
        }
    }
}

impl Meetings {
    fn attempt(&mut self, contact: ContactId) -> Option<&mut Attempt> {
        self.contacts.get_mut(&contact)?.attempt.as_mut()
    }
}

impl Attempt {
    fn is_ours(&self) -> bool {
        matches!(self.stage, Stage::Gathering | Stage::Offered { .. })
    }
}

/// From the first step to a connection.
const ATTEMPT_TIME: Duration = Duration::from_secs(45);
/// After a session ended while something is unfinished.
const RECONNECT_PAUSE: Duration = Duration::from_millis(500);
/// After a failed attempt, times the failures so far.
const RETRY_PAUSE: Duration = Duration::from_secs(2);
/// Where that stops growing.
const RETRY_FACTOR: u32 = 15;
/// Failures before the faces hear of it.
const FAILURES_TO_TELL: u32 = 3;
/// A contact that is not there says hello when it comes; this is for the hello that got lost.
const ASK_AGAIN: Duration = Duration::from_secs(5 * 60);
