//! One session with one contact: the control channel's machine and the connections under it.
//!
//! The task owns the machine and all connections. Transfers hold a [`SessionHandle`]; control messages go
//! through the machine, bulk messages through a queue from which every connection takes the next one when
//! it has room, so a faster connection carries more.

mod connections;
mod lanes;
mod relayed;
mod renewal;
mod routes;
mod spread;
mod stripes;
mod upgrade;

use std::time::{Duration, Instant};

use bytes::Bytes;
use model::limits::CHANNEL_MESSAGE_BYTES;
use model::{ContactId, DeviceId, FolderId, PathKind, SessionId, TransferId};
use session_proto::{
    CloseReason, ConnectionId, ControlMessage, Role, Session, SessionError, SessionInput,
    SessionOutput,
};
use sync_proto::AddressedToFolder;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use transfer_proto::Addressed;

use crate::budget::{Budget, Share};
use crate::connector::Winner;
use crate::folders::FromMember;
use crate::hub::{HubHandle, HubMessage};
use crate::transfer::TransferInbox;
use connections::Connections;
pub(crate) use lanes::Lanes;
use routes::Routes;
use stripes::Stripes;
pub(crate) use stripes::candidate_policy;

/// What a session begins with: a first connection, and who both sides are.
pub(crate) struct SessionStart {
    pub(crate) contact: ContactId,
    pub(crate) session: SessionId,
    pub(crate) role: Role,
    pub(crate) machine: session_proto::SessionConfig,
    pub(crate) first: Winner,
    pub(crate) lanes: Lanes,
    pub(crate) budget: Budget,
}

/// How transfers and the hub reach a session.
#[derive(Debug, Clone)]
pub(crate) struct SessionHandle {
    pub(crate) session: SessionId,
    path: watch::Receiver<PathKind>,
    budget: Budget,
    commands: mpsc::Sender<SessionCommand>,
    bulk: mpsc::Sender<Bytes>,
}

#[derive(Debug)]
pub(crate) enum SessionCommand {
    /// Deliver this transfer's control messages to `inbox` from now on.
    Attach {
        transfer: TransferId,
        inbox: TransferInbox,
    },
    /// Deliver bulk messages that begin with `token`.
    Expect {
        token: u64,
        bulk: mpsc::Sender<Bytes>,
    },
    /// Send a control message of a transfer.
    Send(Addressed),
    /// Deliver this folder's messages to `inbox` from now on.
    AttachFolder {
        folder: FolderId,
        inbox: mpsc::Sender<FromMember>,
    },
    /// Send a control message of a folder.
    SendFolder(AddressedToFolder),
    /// Connections carry nothing any more: make new ones.
    Renew,
    /// Other relays, or another network, are there for further connections.
    Reroute(Box<Lanes>),
    /// The peer broke the transfer protocol, or there is nothing left to do.
    Close(CloseReason),
}

/// What a session tells the hub.
#[derive(Debug)]
pub(crate) enum SessionReport {
    /// The peer is proven, transfers may begin.
    Established { handle: SessionHandle },
    /// A message for a transfer that nobody attached: an offer, or a late word.
    Unrouted { message: Addressed },
    /// A message for a folder that nobody attached: an invitation, or a hello too early.
    UnroutedFolder { message: AddressedToFolder },
    /// So much went through relays, both ways together, since this was told last.
    Relayed { bytes: u64 },
    /// Over; `None` when it ended in good order or its connections were lost.
    Ended { error: Option<SessionError> },
}

impl SessionHandle {
    /// A session that a test plays.
    #[cfg(test)]
    pub(crate) fn to_a_test(session: SessionId) -> (Self, mpsc::Receiver<SessionCommand>) {
        let (commands, commanded) = mpsc::channel(COMMANDS);
        let (bulk, _) = mpsc::channel(BULK_MESSAGES);
        let handle = Self {
            session,
            path: watch::channel(PathKind::Local).1,
            budget: Budget::default(),
            commands,
            bulk,
        };
        (handle, commanded)
    }

    /// The route, as of now.
    pub(crate) fn path(&self) -> PathKind {
        *self.path.borrow()
    }

    /// Memory for a transfer that this session carries.
    pub(crate) fn share(&self) -> Share {
        self.budget.share()
    }

    /// A place in the queue of bulk messages, as soon as there is one; `None` when the session is over.
    pub(crate) async fn reserve_bulk(&self) -> Option<mpsc::Permit<'_, Bytes>> {
        self.bulk.reserve().await.ok()
    }

    /// A place in the queue of commands, as soon as there is one; `None` when the session is over.
    pub(crate) async fn reserve_command(&self) -> Option<mpsc::Permit<'_, SessionCommand>> {
        self.commands.reserve().await.ok()
    }

    /// Resolves when the session is over.
    pub(crate) async fn over(&self) {
        self.commands.closed().await;
    }

    /// Tells the session something; one that is over needs no telling, a full queue loses it.
    pub(crate) fn try_command(&self, command: SessionCommand) {
        self.commands.try_send(command).ok();
    }
}

/// Runs a session until it is over.
pub(crate) async fn run(start: SessionStart, hub: HubHandle, shutdown: CancellationToken) {
    let contact = start.contact;
    let session = start.session;
    let (task, first) = SessionTask::new(start, hub.clone());
    let error = Box::pin(task.run(first, shutdown)).await;
    let report = SessionReport::Ended { error };
    // A hub that is gone has no use for the report.
    hub.send(HubMessage::Session {
        contact,
        session,
        report,
    })
    .await
    .ok();
}

struct SessionTask {
    contact: ContactId,
    device: DeviceId,
    machine: Session,
    role: Role,
    handle: SessionHandle,
    commands: mpsc::Receiver<SessionCommand>,
    connections: Connections,
    stripes: Stripes,
    routes: Routes,
    hub: HubHandle,
    ended: Option<Option<SessionError>>,
}

/// What connections and the tasks that make them tell the session.
#[derive(Debug)]
enum FromConnection {
    Control {
        connection: ConnectionId,
        bytes: Bytes,
    },
    /// Bulk data arrives on it.
    Alive {
        connection: ConnectionId,
    },
    Lost {
        connection: ConnectionId,
        reason: peer::CloseReason,
    },
    /// It has carried much of what its DTLS session may.
    Worn {
        connection: ConnectionId,
    },
    /// This side sends no bulk data on it any more, after so many messages: it was told so, or the rest of
    /// what the DTLS session may carry is for control.
    Written {
        connection: ConnectionId,
        messages: u64,
    },
    /// Everything that the peer sent on it was handed on.
    Emptied {
        connection: ConnectionId,
    },
    UnknownToken,
    Stripe(stripes::StripeReport),
}

impl SessionTask {
    fn new(start: SessionStart, hub: HubHandle) -> (Self, Winner) {
        let (commands_sender, commands) = mpsc::channel(COMMANDS);
        let (bulk_sender, bulk) = mpsc::channel(BULK_MESSAGES);
        let path = watch::Sender::new(start.first.connection.path());
        let handle = SessionHandle {
            session: start.session,
            path: path.subscribe(),
            budget: start.budget,
            commands: commands_sender,
            bulk: bulk_sender,
        };
        let routes = Routes::default();
        let connections = Connections::new(bulk, routes.tokens(), path);
        let task = Self {
            contact: start.contact,
            device: start.machine.peer.device_id(),
            machine: Session::new(start.machine),
            role: start.role,
            handle,
            commands,
            stripes: Stripes::new(start.lanes, start.first.way, connections.reporter()),
            connections,
            routes,
            hub,
            ended: None,
        };
        (task, start.first)
    }

    async fn run(mut self, first: Winner, shutdown: CancellationToken) -> Option<SessionError> {
        let connection = ConnectionId(0);
        self.opened(connection, first.connection);
        if let Some(bytes) = first.spoken {
            self.connection_event(FromConnection::Control { connection, bytes });
        }
        let mut stopping = false;
        loop {
            self.drain().await;
            if let Some(error) = self.ended {
                self.wind_up().await;
                return error;
            }
            let room = self.machine.can_send() && self.connections.control_has_room();
            let deadline = self.machine.deadline();
            let better_at = self.stripes.upgrade.due();
            let look_at = self.connections.look_due();
            let count_at = self.connections.count_due();
            tokio::select! {
                () = shutdown.cancelled(), if !stopping => {
                    stopping = true;
                    self.say_last_words();
                }
                Some(event) = self.connections.next() => self.connection_event(event),
                Some(command) = self.commands.recv(), if room => self.command(command),
                () = sleep_until(deadline) => self.input(SessionInput::Timeout),
                () = sleep_until(better_at) => self.stripes.offer_better(),
                () = sleep_until(look_at) => self.connections.look().await,
                () = sleep_until(count_at) => self.tell_relayed().await,
            }
        }
    }

    fn input(&mut self, input: SessionInput) {
        self.machine.handle_input(input, Instant::now());
    }

    async fn drain(&mut self) {
        while let Some(output) = self.machine.poll_output() {
            match output {
                SessionOutput::SendControl { connection, bytes } => {
                    self.connections.send_control(connection, bytes.into());
                }
                SessionOutput::Established { first } => self.established(first).await,
                SessionOutput::Received(message) => self.received(message).await,
                SessionOutput::ConnectionSilent { connection } => {
                    self.lost(connection, peer::CloseReason::Lost);
                }
                SessionOutput::NeedsConnection => self.end(None),
                SessionOutput::Close(error) => self.end(closing_error(error)),
            }
        }
    }

    fn end(&mut self, error: Option<SessionError>) {
        self.ended.get_or_insert(error);
    }

    async fn wind_up(&mut self) {
        self.routes.session_down(self.handle.session);
        self.connections.close_all().await;
        self.tell_relayed().await;
    }

    async fn tell_relayed(&mut self) {
        let bytes = self.connections.count_relayed();
        if bytes > 0 {
            self.report(SessionReport::Relayed { bytes }).await;
        }
    }

    async fn established(&mut self, first: bool) {
        if !first {
            return;
        }
        let report = SessionReport::Established {
            handle: self.handle.clone(),
        };
        self.report(report).await;
        if self.role == Role::Initiator {
            self.stripes.offer_missing(self.connections.fresh());
        }
        self.hope_for_better(upgrade::FIRST_PAUSE);
    }

    async fn report(&self, report: SessionReport) {
        let message = HubMessage::Session {
            contact: self.contact,
            session: self.handle.session,
            report,
        };
        // A hub that is gone cancels this task soon.
        self.hub.send(message).await.ok();
    }

    async fn received(&mut self, message: ControlMessage) {
        match message {
            ControlMessage::Transfer(bytes) => match Addressed::decode(&bytes) {
                Ok(message) => self.route(message).await,
                Err(_) => self.say_goodbye(CloseReason::Violation),
            },
            ControlMessage::Folder(bytes) => match AddressedToFolder::decode(&bytes) {
                Ok(message) => self.route_to_folder(message).await,
                Err(_) => self.say_goodbye(CloseReason::Violation),
            },
            ControlMessage::ConnectionOffer { connection, sdp } => {
                let taken = self.role == Role::Responder
                    && self
                        .stripes
                        .answer(connection, &sdp, self.connections.len());
                if !taken {
                    let refusal = ControlMessage::ConnectionRefused { connection };
                    self.input(SessionInput::Send(refusal));
                }
            }
            ControlMessage::ConnectionAnswer { connection, sdp } => {
                self.stripes.answered(connection, &sdp);
            }
            ControlMessage::ConnectionRefused { connection } => {
                self.stripes.settled(connection);
                if self.stripes.upgrade.is(connection) {
                    self.stripes.upgrade.failed();
                }
            }
            ControlMessage::ConnectionRetired {
                connection,
                messages,
            } => self.retired(ConnectionId(connection), messages),
            ControlMessage::Ping { .. }
            | ControlMessage::Pong { .. }
            | ControlMessage::Close { .. } => {}
        }
    }

    /// A folder that takes its time makes its members wait.
    async fn route_to_folder(&mut self, message: AddressedToFolder) {
        let (session, device) = (self.handle.session, self.device);
        let undelivered = self.routes.deliver_to_folder(session, device, message);
        if let Some(message) = undelivered.await {
            self.report(SessionReport::UnroutedFolder { message }).await;
        }
    }

    async fn route(&mut self, message: Addressed) {
        if message.is_receipt() {
            // Receipts outlive the tasks of transfers.
            self.report(SessionReport::Unrouted { message }).await;
            return;
        }
        let Some(message) = self.routes.deliver(message) else {
            return;
        };
        match message {
            routes::Undelivered::Unknown(message) => {
                self.report(SessionReport::Unrouted { message }).await;
            }
            routes::Undelivered::Flood => self.say_goodbye(CloseReason::Violation),
        }
    }

    fn connection_event(&mut self, event: FromConnection) {
        match event {
            FromConnection::Control { connection, bytes } => {
                let bytes = bytes.into();
                self.input(SessionInput::ControlReceived { connection, bytes });
            }
            FromConnection::Alive { connection } => {
                self.input(SessionInput::BulkReceived { connection });
            }
            FromConnection::Lost { connection, reason } => self.lost(connection, reason),
            FromConnection::Worn { connection } => self.worn(connection),
            FromConnection::Written {
                connection,
                messages,
            } => self.written(connection, messages),
            FromConnection::Emptied { connection } => self.emptied(connection),
            FromConnection::UnknownToken => {
                tracing::warn!("bulk data without consent: closing the session");
                self.say_goodbye(CloseReason::Violation);
            }
            FromConnection::Stripe(report) => self.stripe(report),
        }
    }

    fn stripe(&mut self, report: stripes::StripeReport) {
        match report {
            stripes::StripeReport::Offered { connection, sdp } => {
                let message = ControlMessage::ConnectionOffer { connection, sdp };
                self.input(SessionInput::Send(message));
            }
            stripes::StripeReport::Answered { connection, sdp } => {
                let message = ControlMessage::ConnectionAnswer { connection, sdp };
                self.input(SessionInput::Send(message));
            }
            stripes::StripeReport::Opened { connection, opened } => {
                let is_better = self.stripes.upgrade.is(connection);
                self.stripes.settled(connection);
                if is_better {
                    self.better_opened(connection, *opened);
                    return;
                }
                self.opened(ConnectionId(connection), *opened);
                self.retire_worn();
            }
            stripes::StripeReport::Failed { connection } => {
                self.stripes.settled(connection);
                if self.stripes.upgrade.is(connection) {
                    self.stripes.upgrade.failed();
                    return;
                }
                if self.role == Role::Initiator {
                    self.stripes.offer_missing(self.connections.fresh());
                }
            }
        }
    }

    fn opened(&mut self, connection: ConnectionId, opened: peer::Connection) {
        let fingerprints = opened.fingerprints();
        self.connections.add(connection, opened);
        self.input(SessionInput::ControlOpened {
            connection,
            own: fingerprints.own,
            peer: fingerprints.peer,
        });
    }

    /// One connection is gone: what it carried is sent again, and another one is made.
    fn lost(&mut self, connection: ConnectionId, reason: peer::CloseReason) {
        let is_in_order =
            reason == peer::CloseReason::ClosedByPeer && self.connections.is_emptied(connection);
        if !self.connections.remove(connection) {
            return;
        }
        self.input(SessionInput::ConnectionLost { connection });
        if self.connections.len() == 0 || is_in_order {
            return;
        }
        self.routes.connection_lost(self.handle.session);
        if self.role == Role::Initiator {
            self.stripes.offer_missing(self.connections.fresh());
        }
    }

    fn command(&mut self, command: SessionCommand) {
        match command {
            SessionCommand::Attach { transfer, inbox } => self.routes.attach(transfer, inbox),
            SessionCommand::Expect { token, bulk } => self.routes.expect(token, bulk),
            SessionCommand::AttachFolder { folder, inbox } => {
                self.routes.attach_folder(folder, inbox);
            }
            SessionCommand::SendFolder(message) => {
                let message = ControlMessage::Folder(message.encode());
                self.input(SessionInput::Send(message));
            }
            SessionCommand::Send(message) => {
                let message = ControlMessage::Transfer(message.encode());
                self.input(SessionInput::Send(message));
            }
            SessionCommand::Renew => self.end(None),
            SessionCommand::Reroute(lanes) => {
                self.stripes.reroute(*lanes);
                self.hope_for_better(Duration::ZERO);
            }
            SessionCommand::Close(reason) => self.say_goodbye(reason),
        }
    }

    /// Transfers may have said something right before everything ends: it goes out before the goodbye.
    fn say_last_words(&mut self) {
        while let Ok(command) = self.commands.try_recv() {
            self.command(command);
        }
        self.say_goodbye(CloseReason::Stopping);
    }

    fn say_goodbye(&mut self, reason: CloseReason) {
        self.input(SessionInput::Send(ControlMessage::Close { reason }));
    }
}

/// A session that was closed in good order ended without an error.
fn closing_error(error: SessionError) -> Option<SessionError> {
    match error {
        SessionError::ClosedHere(CloseReason::Violation)
        | SessionError::ClosedByPeer(CloseReason::Violation)
        | SessionError::Handshake(_)
        | SessionError::Violation(_)
        | SessionError::MessageTooLong
        | SessionError::QueueFull => Some(error),
        SessionError::ClosedHere(_) | SessionError::ClosedByPeer(_) => None,
    }
}

/// Whether one side did what no honest device does, so that going on by itself makes no sense.
pub(crate) fn is_violation(error: SessionError) -> bool {
    match error {
        SessionError::ClosedHere(reason) | SessionError::ClosedByPeer(reason) => {
            reason == CloseReason::Violation
        }
        SessionError::Violation(_) => true,
        SessionError::Handshake(_) | SessionError::MessageTooLong | SessionError::QueueFull => {
            false
        }
    }
}

/// Waits for `deadline`, or for ever without one.
pub(crate) async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

/// Commands on their way to the session.
const COMMANDS: usize = 256;
/// Bulk messages that no connection has taken yet: 1 MiB.
const BULK_MESSAGES: usize = 1024 * 1024 / CHANNEL_MESSAGE_BYTES;

#[cfg(test)]
mod tests;
