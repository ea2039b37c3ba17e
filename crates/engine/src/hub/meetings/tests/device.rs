//! One device: a home that lasts, and a process that is killed and started again.

use std::collections::BTreeSet;

use model::{ContactId, TransferId};
use signaling_proto::client::{Client, ClientInput, ClientOutput};
use signaling_proto::server::SocketId;
use store::{ContactKind, Home, NewContact, TransferRecord, TransferSummary};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::super::*;
use crate::EngineConfig;
use crate::hub::{Hub, HubMessage, assemble};
use crate::session::SessionCommand;
use crate::transfer::Inbound;

pub(super) struct Device {
    folder: tempfile::TempDir,
    pub(super) process: Option<Process>,
    /// How many processes it had.
    pub(super) incarnation: u32,
    pub(super) frozen_until: Option<Instant>,
    /// The others, as this one knows them.
    pub(super) contacts: Vec<Option<ContactId>>,
}

pub(super) struct Process {
    pub(super) hub: Hub,
    client: Client,
    inputs: mpsc::Receiver<ClientInput>,
    pub(super) socket: Option<SocketId>,
    /// Attempts whose description is being made, and attempts that connect.
    pub(super) begun: BTreeSet<(SessionId, bool)>,
    pub(super) sessions: Vec<mpsc::Receiver<SessionCommand>>,
    pub(super) inboxes: Vec<mpsc::Receiver<Inbound>>,
    _messages: mpsc::Receiver<HubMessage>,
    _tasks: JoinSet<()>,
}

/// How far two devices have come with a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Progress {
    None,
    /// Descriptions were exchanged, as far as this side knows.
    Negotiated,
    Connected,
    Established,
}

impl Device {
    pub(super) fn new(others: usize) -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            process: None,
            incarnation: 0,
            frozen_until: None,
            contacts: vec![None; others],
        }
    }

    pub(super) fn start(&mut self) {
        self.incarnation += 1;
        let home = Home::open(&self.folder.path().join("home")).expect("a home");
        let mut tasks = JoinSet::new();
        let shutdown = CancellationToken::new();
        let assembled = assemble(home, EngineConfig::default(), &mut tasks, shutdown);
        let (mut hub, messages) = assembled.expect("a hub");
        let inputs = hub.signaling.listen();
        let account = hub.identity.secrets.derive("a test's account", &[]);
        let client = Client::new(account, hub.signaling.epoch, Box::new(OsEntropy));
        hub.refresh_mailboxes().expect("mailboxes");
        self.process = Some(Process {
            hub,
            client,
            inputs,
            socket: None,
            begun: BTreeSet::new(),
            sessions: Vec::new(),
            inboxes: Vec::new(),
            _messages: messages,
            _tasks: tasks,
        });
    }

    pub(super) fn hub(&mut self) -> &mut Hub {
        &mut self.process.as_mut().expect("it runs").hub
    }

    pub(super) fn contact(&self, other: usize) -> ContactId {
        self.contacts[other].expect("everybody knows everybody")
    }

    pub(super) fn is_frozen(&self, now: Instant) -> bool {
        self.frozen_until.is_some_and(|until| now < until)
    }
}

/// Makes two devices contacts of each other.
pub(super) fn pair(devices: &mut [Device], one: usize, other: usize) {
    let secret = model::PairSecret(OsEntropy.draw());
    for (own, peer) in [(one, other), (other, one)] {
        let keys = devices[peer].hub().identity.secrets.public();
        let new = NewContact {
            name: model::DisplayName::new(&format!("device {peer}")),
            keys,
            chain: model::PairChain::start(&secret, clock::today()),
            verified: false,
            kind: ContactKind::Contact,
            replaces: None,
            added_at: clock::timestamp(),
        };
        let contact = devices[own].hub().store.add_contact(new).expect("kept");
        devices[own].contacts[peer] = Some(contact.id);
    }
}

impl Process {
    /// Feeds the line to the server, and returns what it wants of the socket.
    pub(super) fn say(&mut self, input: Option<ClientInput>, now: Instant) -> Vec<ClientOutput> {
        let mut wishes = Vec::new();
        if let Some(input) = input {
            self.client.handle_input(input, now);
        }
        loop {
            while let Some(output) = self.client.poll_output() {
                match output {
                    ClientOutput::Event(event) => self.hub.signaling_event(event),
                    output @ (ClientOutput::OpenSocket
                    | ClientOutput::CloseSocket
                    | ClientOutput::Send(_)) => {
                        wishes.push(output);
                    }
                }
            }
            match self.inputs.try_recv() {
                Ok(input) => self.client.handle_input(input, now),
                Err(_) => return wishes,
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let deadlines = [self.client.deadline(), self.hub.meetings.deadline()];
        deadlines.into_iter().flatten().min()
    }

    pub(super) fn progress(&self, contact: ContactId, session: SessionId) -> Progress {
        let Some(meeting) = self.hub.meetings.contacts.get(&contact) else {
            return Progress::None;
        };
        if let Some(live) = meeting.session.as_ref().filter(|it| it.session == session) {
            return match live.handle {
                Some(_) => Progress::Established,
                None => Progress::Connected,
            };
        }
        let attempt = meeting.attempt.as_ref().filter(|it| it.session == session);
        match attempt.map(|attempt| &attempt.stage) {
            Some(
                Stage::Offered {
                    negotiated: Some(_),
                    ..
                }
                | Stage::Answering {
                    negotiated: Some(_),
                    ..
                },
            ) => Progress::Negotiated,
            Some(Stage::Gathering | Stage::Offered { .. } | Stage::Answering { .. }) | None => {
                Progress::None
            }
        }
    }

    /// The attempt with a contact that a connector should begin to work on, and whether it gathers only.
    pub(super) fn next_work(&mut self, contact: ContactId) -> Option<(SessionId, bool)> {
        let attempt = self.hub.meetings.attempt(contact)?;
        let work = match &attempt.stage {
            Stage::Gathering
            | Stage::Answering {
                answering: Some(_), ..
            } => (attempt.session, true),
            Stage::Offered {
                negotiated: Some(_),
                ..
            }
            | Stage::Answering {
                negotiated: Some(_),
                ..
            } => (attempt.session, false),
            Stage::Offered { .. } | Stage::Answering { .. } => return None,
        };
        self.begun.insert(work).then_some(work)
    }

    /// What [`Hub::connected`] does when there is a connection.
    pub(super) fn connect(&mut self, contact: ContactId, session: SessionId) {
        let task = self.hub.tasks.spawn(std::future::pending());
        let meeting = self.hub.meetings.contacts.entry(contact).or_default();
        meeting.attempt = None;
        meeting.session = Some(LiveSession {
            session,
            handle: None,
            task,
        });
    }

    pub(super) fn session_of(&self, contact: ContactId) -> Option<SessionId> {
        let meeting = self.hub.meetings.contacts.get(&contact)?;
        meeting.session.as_ref().map(|live| live.session)
    }

    /// Something arrives that is not whole yet.
    pub(super) fn begin_to_receive(&mut self, transfer: TransferId, contact: ContactId) {
        let record = TransferRecord {
            id: transfer,
            contact,
            peer_name: model::DisplayName::new("somebody"),
            direction: store::TransferDirection::Receive { destination: None },
            state: store::TransferState::Active,
            summary: TransferSummary {
                name: model::DisplayName::new("something"),
                entries: 1,
                files: 1,
                bytes: 5,
                stream: false,
                text: false,
            },
            token: None,
            created_at: clock::timestamp(),
            finished_at: None,
            digest: None,
            resent_bytes: 0,
        };
        // It may have begun in an earlier session.
        self.hub.store.add_transfer(&record).ok();
    }

    pub(super) fn end_receiving(&mut self, transfer: TransferId) {
        let ended = store::TransferState::Cancelled;
        let now = clock::timestamp();
        // It may never have begun.
        self.hub
            .store
            .set_transfer_state(transfer, &ended, now)
            .ok();
    }
}
