//! The one task that owns the state of a node.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use signaling_proto::message::{PostOutcome, ServerRefusal, ServerToClient};
use signaling_proto::server::{
    AdmissionRefusal, Post, Request, Server, ServerInput, ServerLimits, ServerOutput, SocketId,
    Statistics,
};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error};

use crate::bus::{Bus, BusEvent};
use crate::entropy::SystemEntropy;
use crate::relays::Grants;

/// The way to the hub.
#[derive(Debug, Clone)]
pub(crate) struct HubHandle {
    inbox: mpsc::Sender<HubMessage>,
}

/// One socket's place at the hub, from admission to [`Seat::leave`].
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) socket: SocketId,
    /// What to write; ends when the node ends.
    pub(crate) outgoing: mpsc::Receiver<Outgoing>,
    hub: HubHandle,
}

/// What the hub wants of a socket.
#[derive(Debug)]
pub(crate) enum Outgoing {
    Message(Box<ServerToClient>),
    Close(ServerRefusal),
}

/// The hub has ended: the node is about to.
#[derive(Debug, thiserror::Error)]
#[error("the node is about to stop")]
pub(crate) struct HubEnded;

#[derive(Debug)]
enum HubMessage {
    Open {
        address: IpAddr,
        reply: oneshot::Sender<Result<Seat, AdmissionRefusal>>,
    },
    Input(ServerInput),
    Statistics {
        reply: oneshot::Sender<Statistics>,
    },
}

/// Why a connection gets no seat.
#[derive(Debug)]
pub(crate) enum NoSeat {
    Refused(AdmissionRefusal),
    Ended,
}

impl HubHandle {
    /// Makes the hub and the future that runs it until `halt` fires.
    pub(crate) fn new(
        limits: &ServerLimits,
        (bus, events): (Arc<dyn Bus>, mpsc::Receiver<BusEvent>),
        grants: Grants,
        halt: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send + 'static + use<>) {
        let (sender, receiver) = mpsc::channel(INBOX);
        let handle = Self { inbox: sender };
        let hub = Hub {
            server: Server::new(limits, Box::new(SystemEntropy)),
            sockets: BTreeMap::new(),
            last_socket: 0,
            opening: None,
            // Twice the queue is what the machine keeps to; the rest is for its last words.
            queue: limits.sockets.queue_messages.min(LONGEST_QUEUE) * 2 + 4,
            forwards: FuturesUnordered::new(),
            answers: BTreeMap::new(),
            last_answer: 0,
            bus,
            grants,
            handle: handle.clone(),
        };
        (handle, hub.run(receiver, events, halt))
    }

    pub(crate) async fn open(&self, address: IpAddr) -> Result<Seat, NoSeat> {
        let (reply, answer) = oneshot::channel();
        let asked = self.inbox.send(HubMessage::Open { address, reply }).await;
        asked.map_err(|_| NoSeat::Ended)?;
        answer
            .await
            .map_err(|_| NoSeat::Ended)?
            .map_err(NoSeat::Refused)
    }

    pub(crate) async fn statistics(&self) -> Result<Statistics, HubEnded> {
        let (reply, answer) = oneshot::channel();
        let asked = self.inbox.send(HubMessage::Statistics { reply }).await;
        asked.map_err(|_| HubEnded)?;
        answer.await.map_err(|_| HubEnded)
    }

    /// Tells all sockets that the node is about to stop.
    pub(crate) async fn stop(&self) -> Result<(), HubEnded> {
        self.input(ServerInput::Stop).await
    }

    async fn input(&self, input: ServerInput) -> Result<(), HubEnded> {
        self.inbox
            .send(HubMessage::Input(input))
            .await
            .map_err(|_| HubEnded)
    }
}

impl Seat {
    pub(crate) async fn request(&self, request: Request) -> Result<(), HubEnded> {
        let socket = self.socket;
        self.hub
            .input(ServerInput::Requested { socket, request })
            .await
    }

    pub(crate) async fn report_sent(&self, messages: usize, bytes: usize) -> Result<(), HubEnded> {
        let socket = self.socket;
        self.hub
            .input(ServerInput::Sent {
                socket,
                messages,
                bytes,
            })
            .await
    }

    pub(crate) async fn leave(self) {
        let socket = self.socket;
        // If the hub has ended there is nothing left to leave.
        self.hub
            .input(ServerInput::SocketClosed { socket })
            .await
            .unwrap_or(());
    }
}

struct Hub {
    server: Server,
    sockets: BTreeMap<SocketId, mpsc::Sender<Outgoing>>,
    last_socket: u64,
    /// The socket that is being admitted, and its refusal if there is one.
    opening: Option<AdmissionRefusal>,
    queue: usize,
    forwards: FuturesUnordered<BoxFuture<'static, (u64, PostOutcome)>>,
    answers: BTreeMap<u64, oneshot::Sender<PostOutcome>>,
    last_answer: u64,
    bus: Arc<dyn Bus>,
    grants: Grants,
    handle: HubHandle,
}

impl Hub {
    async fn run(
        mut self,
        mut inbox: mpsc::Receiver<HubMessage>,
        mut events: mpsc::Receiver<BusEvent>,
        halt: CancellationToken,
    ) {
        loop {
            let deadline = self.server.deadline().map(tokio::time::Instant::from_std);
            tokio::select! {
                Some(message) = inbox.recv() => self.handle_message(message),
                Some(event) = events.recv() => self.handle_event(event),
                Some((ticket, outcome)) = self.forwards.next(), if !self.forwards.is_empty() => {
                    self.feed(ServerInput::Forwarded { ticket, outcome });
                }
                () = sleep_until(deadline.unwrap_or_else(tokio::time::Instant::now)), if deadline.is_some() => {
                    self.feed(ServerInput::Timeout);
                }
                () = halt.cancelled() => return,
            }
        }
    }

    fn handle_message(&mut self, message: HubMessage) {
        match message {
            HubMessage::Input(input) => {
                if let ServerInput::SocketClosed { socket } = input {
                    self.sockets.remove(&socket);
                }
                self.feed(input);
            }
            HubMessage::Open { address, reply } => {
                let seat = self.open(address);
                if let Err(Ok(seat)) = reply.send(seat) {
                    // The connection died while it waited.
                    self.sockets.remove(&seat.socket);
                    self.feed(ServerInput::SocketClosed {
                        socket: seat.socket,
                    });
                }
            }
            HubMessage::Statistics { reply } => {
                let asker_is_gone = reply.send(self.server.statistics()).is_err();
                if asker_is_gone {
                    debug!("nobody waits for the statistics any more");
                }
            }
        }
    }

    fn open(&mut self, address: IpAddr) -> Result<Seat, AdmissionRefusal> {
        self.last_socket += 1;
        let socket = SocketId(self.last_socket);
        let (sender, outgoing) = mpsc::channel(self.queue);
        self.sockets.insert(socket, sender);
        self.feed(ServerInput::SocketOpened { socket, address });
        if let Some(refusal) = self.opening.take() {
            self.sockets.remove(&socket);
            return Err(refusal);
        }
        let hub = self.handle.clone();
        Ok(Seat {
            socket,
            outgoing,
            hub,
        })
    }

    fn handle_event(&mut self, event: BusEvent) {
        match event {
            BusEvent::PostReceived { post, reply } => {
                self.last_answer += 1;
                let ticket = self.last_answer;
                self.answers.insert(ticket, reply);
                self.feed(ServerInput::ForwardReceived { ticket, post });
            }
            BusEvent::HeldElsewhere { mailbox, epoch } => {
                self.feed(ServerInput::HeldElsewhere { mailbox, epoch });
            }
        }
    }

    fn feed(&mut self, input: ServerInput) {
        self.server.handle_input(input, Instant::now());
        while let Some(output) = self.server.poll_output() {
            match output {
                ServerOutput::Admit { .. } => self.opening = None,
                ServerOutput::TurnAway { reason, .. } => self.opening = Some(reason),
                ServerOutput::Send { socket, message } => {
                    self.tell(socket, Outgoing::Message(Box::new(message)));
                }
                ServerOutput::Close { socket, reason } => {
                    self.tell(socket, Outgoing::Close(reason));
                    self.sockets.remove(&socket);
                }
                ServerOutput::GrantRelays {
                    socket,
                    request,
                    user,
                } => {
                    let granted = ServerInput::RelaysGranted {
                        socket,
                        request,
                        grant: self.grants.grant(&user),
                    };
                    self.server.handle_input(granted, Instant::now());
                }
                ServerOutput::Forward { ticket, post } => self.forward(ticket, post),
                ServerOutput::Answer { ticket, outcome } => {
                    if let Some(reply) = self.answers.remove(&ticket) {
                        reply.send(outcome).unwrap_or(()); // The other node waits no longer.
                    }
                }
                ServerOutput::Hold { mailbox, epoch } => self.bus.hold(mailbox, epoch),
                ServerOutput::Release { mailbox } => self.bus.release(mailbox),
            }
        }
    }

    fn tell(&mut self, socket: SocketId, outgoing: Outgoing) {
        let Some(sender) = self.sockets.get(&socket) else {
            return;
        };
        if let Err(mpsc::error::TrySendError::Full(_)) = sender.try_send(outgoing) {
            error!("a queue is longer than the machine says: closing its socket");
            self.sockets.remove(&socket);
        }
    }

    fn forward(&mut self, ticket: u64, post: Post) {
        let outcome = timeout(FORWARD_TIME, self.bus.forward(post));
        self.forwards.push(Box::pin(async move {
            let outcome = outcome.await.unwrap_or(PostOutcome::Unknown {
                retry_after_s: FORWARD_RETRY_S,
            });
            (ticket, outcome)
        }));
    }
}

/// Inputs waiting for the hub; sockets wait when it is full, and so do their devices.
const INBOX: usize = 1_024;
/// Whatever the configuration says.
const LONGEST_QUEUE: usize = 65_536;
/// For an answer of another node.
const FORWARD_TIME: Duration = Duration::from_secs(2);
/// After a node did not answer.
const FORWARD_RETRY_S: u16 = 5;
