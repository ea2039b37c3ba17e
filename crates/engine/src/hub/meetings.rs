mod attempts;
mod presence;
mod reach;
mod ways;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use model::limits::HANDSHAKES;
use model::{ContactId, Day, Entropy as _, SessionId};
use session_proto::CloseReason;
use signaling_proto::client::ClientInput;
use signaling_proto::envelope::{OpenError, Opened, Sealed};
use signaling_proto::negotiation::{Answering, Hello, Negotiated, Offering, Terms, Versions};
use store::Contact;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::Hub;
use super::hosting::Hosting;
use super::nearby::Nearby;
use super::spending::Spending;
use crate::budget::Budget;
use crate::clock;
use crate::connector::{self, Connecting, Remote, Way, Winner};
use crate::entropy::OsEntropy;
use crate::session::{self, SessionCommand, SessionHandle, SessionReport};
use crate::stun::StunServers;

/// Who is met, and how far a meeting has come.
#[derive(Debug, Default)]
pub(super) struct Meetings {
    /// What all sessions share.
    budget: Budget,
    /// Whom this device asks for its address outside.
    stun: StunServers,
    /// Who is met without a server.
    pub(super) nearby: Nearby,
    /// What this device does for others.
    pub(super) hosting: Hosting,
    /// What went through relays.
    pub(super) spending: Spending,
    contacts: BTreeMap<ContactId, Meeting>,
    /// Whose devices were heard of since the line to the server stands.
    here: BTreeSet<ContactId>,
    /// How often this device hurried back to the server since it was there last.
    hurried: u32,
}

/// One contact as it is known at run time.
#[derive(Debug, Default)]
struct Meeting {
    attempt: Option<Attempt>,
    session: Option<LiveSession>,
    /// Tells a restart of the peer from a mere reconnect of its signaling.
    peer_epoch: Option<u64>,
    failures: u32,
    /// Offers that nobody answered since the contact showed itself last.
    unheard: u32,
    retry_at: Option<Instant>,
    /// The last direct attempt found no path: the next one goes through a relay.
    wants_relay: bool,
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
    since: Instant,
    until: Instant,
    /// The peer showed itself: without an answer by then our offer did not reach it.
    repeat_at: Option<Instant>,
    /// Signaling does not know whether the offer reached anybody.
    unheard: bool,
    way: Way,
}

#[derive(Debug)]
enum Stage {
    /// Our description is being made.
    Gathering,
    /// The offer is on its way.
    Offered {
        /// What the outcome of the post will be told by.
        ticket: u64,
        offering: Box<Offering>,
        day: Day,
        answer: oneshot::Sender<Remote>,
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
    /// Our descriptions are made; `answer` takes theirs when we offer.
    Described {
        first: String,
        second: Option<String>,
        answer: Option<oneshot::Sender<Remote>>,
    },
    /// Connected.
    Connected(Box<Winner>),
    /// Not connected.
    Failed(peer::ConnectError),
}

impl Meetings {
    pub(super) fn is_connected(&self, contact: ContactId) -> bool {
        self.session(contact).is_some()
    }

    /// Whether a connection to a contact is being made.
    pub(super) fn is_searching(&self, contact: ContactId) -> bool {
        let meeting = self.contacts.get(&contact);
        meeting.is_some_and(|meeting| meeting.attempt.is_some() && meeting.session.is_none())
    }

    /// Whether attempts to get a connection to a contact failed since the last one that did not.
    pub(super) fn was_missed(&self, contact: ContactId) -> bool {
        let meeting = self.contacts.get(&contact);
        meeting.is_some_and(|meeting| meeting.failures > 0 || meeting.wants_relay)
    }

    /// The proven session with a contact.
    pub(super) fn session(&self, contact: ContactId) -> Option<&SessionHandle> {
        let meeting = self.contacts.get(&contact)?;
        meeting.session.as_ref()?.handle.as_ref()
    }

    /// All proven sessions.
    pub(super) fn sessions(&self) -> Vec<(ContactId, SessionHandle)> {
        let meetings = self.contacts.iter();
        let handle = |meeting: &Meeting| meeting.session.as_ref()?.handle.clone();
        meetings
            .filter_map(|(id, meeting)| Some((*id, handle(meeting)?)))
            .collect()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let deadlines = self.contacts.values().flat_map(|meeting| {
            let attempt = meeting.attempt.as_ref();
            let until = attempt.map(|attempt| attempt.until);
            let repeat_at = attempt.and_then(|attempt| attempt.repeat_at);
            [until, repeat_at, meeting.retry_at].into_iter().flatten()
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
        if !self.reaches(id) {
            self.miss(id);
            return;
        }
        let Ok(Some(contact)) = self.store.contact(id) else {
            return;
        };
        self.post_notices(id);
        if self.has_work_to_send(id) || self.waits_for_receipt(id) || self.shares_folder(id) {
            self.meet(id);
            return;
        }
        let wants_session = self.has_work_to_receive(id) && !self.meetings.is_connected(id);
        let hello = Sealed::Hello(Hello {
            versions: Versions::supported(),
            wants_session,
            epoch: self.signaling.epoch,
        });
        let posted = match wants_session {
            true => self.post(&contact, &hello),
            // A neighbour knows that this device is there, and nobody else on the network needs to see a line.
            false if !self.signaling.online => return,
            false => self.post_at_server(&contact, &hello),
        };
        if let Err(error) = posted {
            tracing::warn!(%error, "no hello could be posted");
        }
    }

    /// Offers a session unless there is one, or one is on its way.
    pub(super) fn meet(&mut self, id: ContactId) {
        if !self.reaches(id) {
            self.miss(id);
            return; // Everybody is greeted again once the server is there, and a neighbour once it is.
        }
        let has_room = self.meetings.has_room();
        let relays_at = self.relays_awaited(id);
        let meeting = self.meetings.contacts.entry(id).or_default();
        if meeting.session.is_some() || meeting.attempt.is_some() {
            return;
        }
        if let Some(at) = relays_at {
            meeting.retry_at = Some(at);
            return;
        }
        if !has_room {
            self.retry_after(id, RETRY_PAUSE);
            return;
        }
        meeting.retry_at = None;
        let wants_relay = meeting.wants_relay;
        let Some(plan) = self.plan_to_offer(id, wants_relay) else {
            self.attempt_failed(id);
            return;
        };
        let way = plan.first.way;
        let session = SessionId(OsEntropy.draw());
        let task = self.tasks.spawn(connector::offer(Connecting {
            contact: id,
            session,
            first: plan.first,
            second: plan.second,
            stun: self.meetings.stun.known(),
            hub: self.ties.hub.clone(),
        }));
        let meeting = self.meetings.contacts.entry(id).or_default();
        meeting.attempt = Some(Attempt {
            session,
            stage: Stage::Gathering,
            task,
            since: clock::instant(),
            until: clock::instant() + ATTEMPT_TIME,
            repeat_at: None,
            unheard: false,
            way,
        });
    }

    /// This device leaves: whoever still waits for an answer waits no longer.
    pub(super) fn give_up_attempts(&mut self) {
        for meeting in self.meetings.contacts.values_mut() {
            if let Some(attempt) = meeting.attempt.take() {
                attempt.task.abort();
            }
        }
    }

    /// Ends whatever stands with a contact.
    pub(super) fn end_meeting(&mut self, id: ContactId) {
        self.meetings.here.remove(&id);
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
        self.tell_of_copy(&contact, &opened);
        if !matches!(opened.payload, Sealed::Bye { .. }) {
            self.device_is_here(contact.id);
        }
        if matches!(opened.payload, Sealed::Hello(_) | Sealed::Offer(_)) {
            self.meetings
                .contacts
                .entry(contact.id)
                .or_default()
                .unheard = 0;
            self.repeat_notices(contact.id);
        } else {
            self.post_notices(contact.id);
        }
        match opened.payload {
            Sealed::Hello(hello) => self.hello(contact.id, &hello),
            Sealed::Offer(offer) => self.offered(&contact, day, &offer, opened.digest),
            Sealed::Answer(answer) => self.answered(contact.id, &answer, &opened.digest),
            Sealed::Refusal(refusal) => self.refused(contact.id, &refusal),
            Sealed::Behind { counter, refused } => {
                self.fell_behind(contact.id, counter, refused);
            }
            Sealed::Copied { .. } => self.tell_copied(),
            Sealed::Notice { number, body } => self.notice_received(&contact, number, &body),
            Sealed::NoticeTaken { number } => self.notice_taken(contact.id, number),
            Sealed::Bye { .. } => self.device_is_away(contact.id),
        }
    }

    fn hello(&mut self, id: ContactId, hello: &Hello) {
        let meeting = self.meetings.contacts.entry(id).or_default();
        let restarted = meeting.peer_epoch.is_some_and(|epoch| epoch != hello.epoch);
        meeting.peer_epoch = Some(hello.epoch);
        // Whoever wants a session has none: what we may still hold died with the peer's process.
        if restarted || hello.wants_session {
            self.drop_session(id, CloseReason::Superseded);
            self.drop_attempt(id, |attempt| restarted || attempt.is_unanswered());
        } else {
            self.repeat_lost_offer(id);
        }
        let has_work = self.has_work_to_send(id) || self.shares_folder(id);
        if hello.wants_session || has_work || self.waits_for_receipt(id) {
            self.meet(id);
        }
    }

    pub(super) fn session_report(
        &mut self,
        id: ContactId,
        session: SessionId,
        report: SessionReport,
    ) {
        if let SessionReport::Relayed { bytes } = report {
            return self.relayed(bytes); // Of a session that is over, too.
        }
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
                meeting.unheard = 0;
                meeting.wants_relay = false;
                if let Err(error) = self.store.confirm_day(id, clock::today()) {
                    tracing::warn!(%error, "the day of this session could not be kept");
                }
                self.session_stands(id, &handle);
                self.folders_meet(id, &handle);
            }
            SessionReport::Relayed { .. } => {}
            SessionReport::Unrouted { message } => self.unrouted(id, message),
            SessionReport::UnroutedFolder { message } => self.unrouted_folder(id, message),
            SessionReport::Ended { error } => {
                meeting.session = None;
                if let Some(error) = error {
                    tracing::warn!(%error, "a session ended");
                    if session::is_violation(error) {
                        self.transfers_meet_violation(id);
                    }
                }
                self.session_ended(id, error.is_some());
            }
        }
    }

    fn session_ended(&mut self, id: ContactId, broken: bool) {
        self.transfers_lost_session(id);
        self.note_seen(id);
        if broken {
            self.device_is_away(id);
            self.attempt_failed(id);
            return;
        }
        let has_work = self.has_work_to_send(id) || self.shares_folder(id);
        if has_work || self.has_work_to_receive(id) {
            // What silenced the session may have silenced the line to the server.
            self.signaling.send(ClientInput::NetworkChanged);
        }
        if has_work {
            self.retry_after(id, RECONNECT_PAUSE);
        } else if self.has_work_to_receive(id) {
            self.retry_after(id, RECONNECT_PAUSE * 4);
        } else {
            // Who is still there answers the next hello.
            self.retry_after(id, RETRY_PAUSE);
        }
    }

    /// What the peer's last process took with it is never answered.
    ///
    /// If it only crossed the peer's words, the next offer takes its place: that costs one round trip.
    fn drop_attempt(&mut self, id: ContactId, is_lost: impl FnOnce(&Attempt) -> bool) {
        if let Some(meeting) = self.meetings.contacts.get_mut(&id)
            && let Some(attempt) = meeting.attempt.take_if(|attempt| is_lost(attempt))
        {
            attempt.task.abort();
        }
    }

    /// What stands was made over a network that is gone.
    pub(super) fn drop_sessions(&mut self, reason: CloseReason) {
        let contacts: Vec<ContactId> = self.meetings.contacts.keys().copied().collect();
        for id in contacts {
            self.drop_session(id, reason);
        }
    }

    /// A new line to the server: an offer that was posted on the old one may never arrive.
    pub(super) fn drop_unanswered_offers(&mut self) {
        for meeting in self.meetings.contacts.values_mut() {
            let lost = |attempt: &mut Attempt| attempt.is_unanswered();
            if let Some(attempt) = meeting.attempt.take_if(lost) {
                attempt.task.abort();
            }
        }
    }

    pub(super) fn drop_session(&mut self, id: ContactId, reason: CloseReason) {
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

    /// Signaling has no room for the offer now: that says nothing of the contact.
    pub(super) fn offer_not_taken(&mut self, id: ContactId, ticket: u64) {
        if let Some(attempt) = self.meetings.attempt(id)
            && attempt.is_posted_as(ticket)
        {
            self.attempt_failed(id);
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
        let failed = meeting.attempt.take();
        if let Some(attempt) = &failed {
            attempt.task.abort();
        }
        if self.tries_relay_next(id, failed.as_ref()) {
            return;
        }
        let meeting = self.meetings.contacts.entry(id).or_default();
        meeting.failures += 1;
        let failures = meeting.failures;
        if failures >= FAILURES_TO_TELL || self.lacks_budget(id) {
            self.transfers_find_no_path(id);
        }
        self.retry_after(id, RETRY_PAUSE * failures.min(RETRY_FACTOR));
    }

    /// Tries again after a while: what is missing does not come soon.
    pub(super) fn retry_later(&mut self, id: ContactId) {
        self.retry_after(id, ASK_AGAIN);
    }

    /// Tries again, sooner or later by up to a half, so that crowds spread.
    pub(super) fn retry_after(&mut self, id: ContactId, pause: Duration) {
        let meeting = self.meetings.contacts.entry(id).or_default();
        let [random] = OsEntropy.draw();
        let factor = 0.5 + f64::from(random) / 255.0;
        meeting.retry_at = Some(clock::instant() + pause.mul_f64(factor));
    }

    pub(super) fn meetings_timeout(&mut self) {
        let now = clock::instant();
        let due = |instant: Instant| instant <= now;
        let contacts: Vec<ContactId> = self.meetings.contacts.keys().copied().collect();
        for id in contacts {
            let Some(meeting) = self.meetings.contacts.get_mut(&id) else {
                continue;
            };
            let retry = meeting.retry_at.take_if(|at| due(*at)).is_some();
            let attempt = meeting.attempt.as_mut();
            let repeat = attempt.is_some_and(|it| it.repeat_at.take_if(|at| due(*at)).is_some());
            let late = meeting
                .attempt
                .as_ref()
                .filter(|attempt| due(attempt.until));
            if let Some(attempt) = late {
                tracing::info!("an attempt to connect took too long");
                if attempt.unheard {
                    self.contact_unheard(id);
                } else {
                    self.attempt_failed(id);
                }
            } else if retry {
                self.greet(id);
            } else if repeat {
                self.drop_attempt(id, Attempt::is_unanswered);
                self.meet(id);
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
    /// Whether one more handshake may begin.
    fn has_room(&self) -> bool {
        self.attempts() < HANDSHAKES
    }

    fn attempt(&mut self, contact: ContactId) -> Option<&mut Attempt> {
        self.contacts.get_mut(&contact)?.attempt.as_mut()
    }
}

impl Attempt {
    fn is_ours(&self) -> bool {
        matches!(self.stage, Stage::Gathering | Stage::Offered { .. })
    }

    /// Ours, and whatever the peer offers now may have crossed it.
    fn may_cross(&self) -> bool {
        matches!(self.stage, Stage::Gathering) || self.is_unanswered()
    }

    fn is_posted_as(&self, offer: u64) -> bool {
        matches!(self.stage, Stage::Offered { ticket, .. } if ticket == offer)
    }

    fn is_unanswered(&self) -> bool {
        matches!(
            self.stage,
            Stage::Offered {
                negotiated: None,
                ..
            }
        )
    }
}

/// From the first step to a connection.
const ATTEMPT_TIME: Duration = Duration::from_secs(45);
/// For the answer of a contact that just vanished and may be back.
const UNHEARD_TIME: Duration = Duration::from_secs(10);
/// Two offers that are so far apart did not cross on their way.
const CROSSING_TIME: Duration = Duration::from_secs(3);
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

#[cfg(test)]
mod tests;
