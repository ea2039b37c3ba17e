use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use api::{CommandError, Event};
use lan::Acquaintance;
use model::{ContactId, Day, MailboxId};
use pairing_proto::PairingInput;
use signaling_proto::client::{ClientInput, MailboxSubscription};
use signaling_proto::envelope::{self, Incoming, OpenError, Opened, Outgoing, Sealed};
use signaling_proto::message::PostOutcome;
use store::Contact;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Hub;
use super::pairings::Way;
use crate::entropy::OsEntropy;
use crate::proxy::Proxies;
use crate::relays::Relays;
use crate::settings::table::PROXY;
use crate::signaling_link::{LinkEvent, LinkHandle, SignalingLink, Target};
use crate::{clock, problem, proxy};
use model::Entropy as _;

/// The line to the signaling server, and which mailbox belongs to whom.
pub(super) struct Signaling {
    /// The server that the link leads to.
    server: String,
    link: Option<LinkHandle>,
    events: Option<mpsc::Receiver<LinkEvent>>,
    pub(super) online: bool,
    /// When the server is tried again, while it is out of reach.
    pub(super) retry_at: Option<Instant>,
    /// Whether it refused this device for good.
    pub(super) refused: bool,
    /// Tells this process from every other one with the same keys.
    pub(super) epoch: u64,
    mailboxes: BTreeMap<MailboxId, (ContactId, Day)>,
    pub(super) posts: BTreeMap<u64, ContactId>,
    next_ticket: u64,
    /// The day the subscriptions were made for.
    day: Day,
    pub(super) relays: Relays,
}

impl Signaling {
    pub(super) fn new() -> Self {
        Self {
            server: String::new(),
            link: None,
            events: None,
            online: false,
            retry_at: None,
            refused: false,
            epoch: u64::from_be_bytes(OsEntropy.draw()),
            mailboxes: BTreeMap::new(),
            posts: BTreeMap::new(),
            next_ticket: 0,
            day: clock::today(),
            relays: Relays::default(),
        }
    }

    pub(super) async fn next_event(&mut self) -> Option<LinkEvent> {
        match &mut self.events {
            Some(events) => events.recv().await,
            None => std::future::pending().await,
        }
    }

    /// Hands something to the link; without one it is lost, and said again once online.
    pub(super) fn send(&self, input: ClientInput) {
        if let Some(link) = &self.link
            && link.try_send(input).is_err()
        {
            tracing::warn!("the line to the signaling server is jammed");
        }
    }

    /// Whether the server is met, or about to be.
    pub(super) fn is_open(&self) -> bool {
        self.link.is_some()
    }

    pub(super) fn is_loopback(&self) -> bool {
        points_to_loopback(&self.server)
    }

    /// What the hub says goes to a test.
    #[cfg(test)]
    pub(super) fn listen(&mut self) -> mpsc::Receiver<ClientInput> {
        let (link, inputs) = LinkHandle::to_a_test();
        self.server = "ws://127.0.0.1:7400/ws".into();
        self.link = Some(link);
        inputs
    }

    /// Ends the line once everything is said.
    pub(super) async fn close(&mut self) {
        // Who leaves in good order is offline at once; after a crash the server waits for a return.
        self.send(ClientInput::SetMailboxes(Vec::new()));
        if let Some(link) = self.link.take() {
            link.close().await;
        }
        self.events = None;
    }
}

/// A sealed message on its way to a contact.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posted {
    /// What its outcome will be told by.
    pub(super) ticket: u64,
    pub(super) digest: model::Digest,
    /// The day of its keys.
    pub(super) day: Day,
}

impl Hub {
    /// Meets the signaling server, unless that was done already.
    pub(super) fn go_online(&mut self) -> Result<(), CommandError> {
        if self.signaling.link.is_some() {
            return Ok(());
        }
        self.check_not_copied()?;
        self.check_not_revoked()?;
        self.check_settings()?;
        self.tell_setting_problems();
        let was_open = self.meetings.nearby.is_open();
        self.open_door();
        self.follow_hosting();
        if self.server_url().is_err() && self.meetings.nearby.is_open() {
            // Contacts on the same network are met without a server.
            if !was_open {
                self.clients.tell_all(&Event::Ready);
            }
            return Ok(());
        }
        self.connect()
    }

    /// Goes online for something that only a server can do.
    pub(super) fn go_to_server(&mut self) -> Result<(), CommandError> {
        if !self.signaling.is_open() {
            self.follow_hosting();
            self.server_url()?;
        }
        self.go_online()
    }

    /// Moves to another server if the settings name one and this device is online.
    pub(super) fn follow_server(&mut self) -> Result<(), CommandError> {
        let is_same = self
            .server_url()
            .is_ok_and(|url| url == self.signaling.server)
            && self.proxies() == **self.signaling.relays.proxies();
        if self.signaling.link.is_none()
            && self.meetings.nearby.is_open()
            && self.server_url().is_ok()
        {
            return self.connect();
        }
        if self.signaling.link.is_none() || is_same {
            return Ok(());
        }
        // Who leaves in good order is offline there at once.
        self.signaling.send(ClientInput::SetMailboxes(Vec::new()));
        let old = self.signaling.link.take();
        if let Err(error) = self.connect() {
            self.signaling.link = old;
            self.refresh_mailboxes()?;
            return Err(error);
        }
        if let Some(old) = old {
            self.tasks.spawn(old.close());
        }
        self.signaling.online = false;
        self.pairings_lost_server();
        Ok(())
    }

    /// This device is no server any more: its line to itself ends, if that was the one.
    pub(super) fn leave_hosted_server(&mut self) {
        if self.server_url().is_ok() {
            return;
        }
        self.signaling.online = false;
        self.signaling.events = None;
        self.signaling.server.clear();
        self.presence_is_unknown();
        self.pairings_lost_server();
        if let Some(link) = self.signaling.link.take() {
            self.tasks.spawn(async move { link.close().await });
        }
    }

    /// Whether this device is there for its contacts, at a server, near them, or as a server itself.
    pub(super) fn is_open(&self) -> bool {
        let is_near = self.meetings.nearby.is_open();
        self.signaling.is_open() || is_near || self.meetings.hosting.is_on()
    }

    /// The proxies of the settings.
    pub(super) fn proxies(&self) -> Proxies {
        let setting = self.settings.text(&PROXY).unwrap_or(proxy::AUTOMATIC);
        Proxies::of(setting, |name| std::env::var(name).ok())
    }

    fn tell_setting_problems(&mut self) {
        for problem in self.settings.problems() {
            self.clients
                .tell_all(&Event::SettingProblem(problem.clone()));
        }
    }

    fn connect(&mut self) -> Result<(), CommandError> {
        let url = self.server_url()?.to_owned();
        let account = self
            .identity
            .secrets
            .derive("wherry 1 signaling account", url.as_bytes());
        let ca_file = std::env::var_os("WHERRY_CA_FILE").map(Into::into);
        let target = Target::parse(&url, ca_file)
            .map_err(|error| problem::usage(problem::sentence(&error)))?;
        let relays = Relays::through(self.proxies());
        let (link, events) = SignalingLink::start(
            target.through(relays.proxies().clone()),
            account,
            self.signaling.epoch,
            CancellationToken::new(),
        );
        self.signaling.server = url;
        self.signaling.relays = relays;
        self.signaling.retry_at = None;
        self.signaling.refused = false;
        self.apply_stun_servers();
        self.signaling.link = Some(link);
        self.signaling.events = Some(events);
        self.refresh_mailboxes()
    }

    /// Reads the mailboxes of all contacts, for yesterday, today and tomorrow.
    pub(super) fn refresh_mailboxes(&mut self) -> Result<(), CommandError> {
        let today = clock::today();
        self.signaling.day = today;
        let own = self.identity.secrets.device_id();
        let mut subscriptions = self.own_mailboxes(today);
        self.signaling.mailboxes.clear();
        let mut known = Vec::new();
        for contact in self.store.contacts().map_err(problem::store)? {
            if contact.blocked {
                continue;
            }
            for day in today.window() {
                let Some(keys) = contact.chain.keys(day, &own, &contact.device_id()) else {
                    continue;
                };
                known.push(Acquaintance {
                    contact: contact.id,
                    day,
                    to_own: keys.to_own.hint,
                    to_peer: keys.to_peer.hint,
                });
                let subscription = MailboxSubscription::of(keys.to_own);
                self.signaling
                    .mailboxes
                    .insert(subscription.mailbox, (contact.id, day));
                subscriptions.push(subscription);
            }
        }
        self.know_neighbours(known, &subscriptions);
        self.signaling
            .send(ClientInput::SetMailboxes(subscriptions));
        Ok(())
    }

    pub(super) fn signaling_event(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Online => self.came_online(),
            LinkEvent::Offline { retry_at } => self.went_offline(retry_at),
            LinkEvent::PostFinished { ticket, outcome } => self.post_finished(ticket, outcome),
            LinkEvent::EnvelopeReceived { mailbox, envelope } => {
                self.envelope_received(mailbox, &envelope);
            }
            LinkEvent::MailboxReplaced { mailbox, foreign } => {
                if foreign {
                    self.mailbox_replaced(mailbox);
                }
            }
            LinkEvent::CodeAllocated {
                ticket,
                nameplate,
                lifetime,
            } => self.code_allocated(ticket, nameplate, lifetime.as_secs()),
            LinkEvent::CodeClaimed { ticket, .. } => self.code_claimed(ticket),
            LinkEvent::CodeRefused { ticket, reason } => self.code_refused(ticket, reason),
            LinkEvent::PairingPeerJoined { nameplate } => {
                self.pairing_input(Way::Server(nameplate), PairingInput::PeerJoined);
            }
            LinkEvent::PairingReceived { nameplate, body } => {
                let said = PairingInput::MessageReceived(body);
                self.pairing_input(Way::Server(nameplate), said);
            }
            LinkEvent::PairingClosed { nameplate, end } => {
                self.pairing_closed(Way::Server(nameplate), end);
            }
            LinkEvent::RelaysReceived(grant) => {
                let ca_file = std::env::var_os("WHERRY_CA_FILE").map(Into::into);
                let asked = &self.signaling.relays;
                let told = asked.granted(&grant, &self.signaling.server, ca_file.as_ref());
                let was_awaited = self.signaling.relays.stop_waiting();
                self.signaling.relays = told;
                self.apply_stun_servers();
                self.renew_lanes();
                if was_awaited {
                    self.greet_all();
                }
            }
            LinkEvent::Refused(refusal) if !refusal.is_final() => {
                tracing::info!(%refusal, "the server refuses for now: it is asked again");
            }
            LinkEvent::Refused(refusal) => {
                let message = problem::sentence(&refusal);
                self.signaling.refused = true;
                self.clients.tell_all(&Event::ServerRefused { message });
            }
        }
    }

    /// Goes away from the server for good, once everything is said.
    pub(super) fn leave_server(&mut self) {
        self.close_door();
        self.signaling.send(ClientInput::SetMailboxes(Vec::new()));
        self.signaling.online = false;
        self.signaling.events = None;
        if let Some(link) = self.signaling.link.take() {
            self.tasks.spawn(async move { link.close().await });
        }
    }

    fn came_online(&mut self) {
        self.signaling.online = true;
        self.is_back();
        self.signaling.send(ClientInput::AskRelays);
        self.signaling.retry_at = None;
        self.clients.tell_all(&Event::Ready);
        self.send_code_requests();
        self.drop_unanswered_offers();
        // Everybody is greeted when it has answered, or does not.
        self.signaling.relays.were_asked();
    }

    /// The server does not say which relays there are.
    pub(super) fn signaling_timeout(&mut self) {
        let until = self.signaling.relays.awaited_until();
        if until.is_some_and(|until| until <= clock::instant()) {
            self.signaling.relays.stop_waiting();
            self.greet_all();
        }
    }

    fn went_offline(&mut self, retry_at: Instant) {
        self.signaling.online = false;
        self.presence_is_unknown();
        self.signaling.retry_at = Some(retry_at);
        let wait = retry_at.saturating_duration_since(clock::instant());
        let retry_in_s = wait.as_secs() + 1;
        self.clients.tell_all(&Event::ServerLost { retry_in_s });
        self.hurry_back();
    }

    /// Seals a message to a contact and posts it: straight to it if it is near, otherwise at the server.
    pub(super) fn post(
        &mut self,
        contact: &Contact,
        payload: &Sealed,
    ) -> Result<Posted, CommandError> {
        let (posted, post) = self.seal(contact, payload)?;
        if let Err(post) = self.send_near(contact.id, post) {
            self.signaling.send(post);
        }
        Ok(posted)
    }

    /// The same at the server, whoever is near.
    pub(super) fn post_at_server(
        &mut self,
        contact: &Contact,
        payload: &Sealed,
    ) -> Result<Posted, CommandError> {
        let (posted, post) = self.seal(contact, payload)?;
        self.signaling.send(post);
        Ok(posted)
    }

    fn seal(
        &mut self,
        contact: &Contact,
        payload: &Sealed,
    ) -> Result<(Posted, ClientInput), CommandError> {
        let today = clock::today();
        if today != self.signaling.day {
            self.refresh_mailboxes()?;
        }
        let own = self.identity.secrets.device_id();
        let peer = contact.device_id();
        let keys = contact.chain.keys(today, &own, &peer);
        let keys = keys.ok_or_else(|| problem::usage("This device's clock is wrong by years."))?;
        let counter = self
            .store
            .next_outgoing_counter(contact.id)
            .map_err(problem::contact)?;
        let outgoing = Outgoing {
            keys: &keys.to_peer,
            own: &self.identity.secrets,
            recipient: &peer,
            day: today,
            counter,
        };
        let sealed = envelope::seal(payload, &outgoing, &mut OsEntropy)
            .map_err(|error| problem::usage(problem::sentence(&error)))?;
        let ticket = self.signaling.next_ticket;
        self.signaling.next_ticket += 1;
        self.signaling.posts.insert(ticket, contact.id);
        let post = ClientInput::Post {
            ticket,
            mailbox: keys.to_peer.mailbox(),
            token: keys.to_peer.post_token,
            envelope: sealed.bytes,
            lifetime: POST_LIFETIME,
        };
        let posted = Posted {
            ticket,
            digest: sealed.digest,
            day: today,
        };
        Ok((posted, post))
    }

    pub(super) fn post_finished(&mut self, ticket: u64, outcome: PostOutcome) {
        let Some(contact) = self.signaling.posts.remove(&ticket) else {
            return;
        };
        match outcome {
            PostOutcome::Delivered => self.device_is_here(contact),
            PostOutcome::Unknown { .. } => self.contact_may_be_gone(contact, ticket),
            PostOutcome::Offline => {
                self.device_is_away(contact);
                self.notices_not_delivered(contact);
                self.offer_not_delivered(contact, ticket);
            }
            PostOutcome::Busy => {
                self.notices_not_delivered(contact);
                self.offer_not_taken(contact, ticket);
            }
        }
    }

    /// Opens an envelope; one that is not genuine, or not new, is dropped and said in the log.
    pub(super) fn envelope_received(&mut self, mailbox: MailboxId, bytes: &[u8]) {
        if self.own_envelope(mailbox, bytes) {
            return;
        }
        let Some(&(id, day)) = self.signaling.mailboxes.get(&mailbox) else {
            return;
        };
        let Ok(Some(contact)) = self.store.contact(id) else {
            return;
        };
        let Ok(last_counter) = self.store.last_incoming_counter(id) else {
            return;
        };
        match self.open_envelope(&contact, day, bytes, last_counter) {
            Ok(opened) => {
                if let Err(error) =
                    self.store
                        .take_envelope(contact.id, opened.counter, &opened.digest)
                {
                    tracing::error!(%error, "a counter could not be kept: the envelope is dropped");
                    return;
                }
                self.met(contact, day, opened);
            }
            Err(error) => {
                tracing::warn!(%error, "an envelope is refused");
                if error == OpenError::Replayed
                    && let Ok(opened) = self.open_envelope(&contact, day, bytes, 0)
                {
                    self.envelope_went_back(&contact, &opened);
                }
                self.envelope_refused(contact.id, error);
            }
        }
    }

    fn open_envelope(
        &self,
        contact: &Contact,
        day: Day,
        bytes: &[u8],
        last_counter: u64,
    ) -> Result<Opened, OpenError> {
        let own = self.identity.secrets.device_id();
        let keys = contact.chain.keys(day, &own, &contact.device_id());
        let keys = keys.ok_or(OpenError::WrongDay)?;
        let incoming = Incoming {
            keys: &keys.to_own,
            sender: &contact.keys.signing,
            own: &own,
            day,
            last_counter,
        };
        envelope::open(bytes, &incoming)
    }
}

fn points_to_loopback(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(v6),
        None => authority
            .rsplit_once(':')
            .map_or(authority, |(host, _)| host),
    };
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// An envelope that is not delivered by then is worthless: its sender tries again.
pub(super) const POST_LIFETIME: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_servers_on_this_machine_are_loopback() {
        for url in [
            "ws://127.0.0.1:7400/ws",
            "wss://localhost/ws",
            "ws://[::1]:1/ws",
        ] {
            assert!(points_to_loopback(url), "{url}");
        }
        for url in [
            "wss://example.org/ws",
            "ws://10.0.0.1:7400/ws",
            "ws://127.0.0.1.example/",
        ] {
            assert!(!points_to_loopback(url), "{url}");
        }
    }
}
