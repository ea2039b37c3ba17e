//! The task of one connection: moves everything between the sockets, the machines and the lanes.

mod events;
mod meter;
mod sending;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use bytes::Bytes;
use model::{CandidateKind, Description, DtlsRole, PathKind};
use sctp_proto::{Association, Brake};
use tokio::sync::{mpsc, oneshot};

use super::dtls::{Dtls, Heard, Identity};
use super::ice::Ice;
use super::lane::Lane;
use super::socket::Sockets;
use super::{Facts, step};
use crate::connection::ConnectError;
use crate::gate::Gate;
use crate::link::Shared;
use crate::progress::CloseReason;
use meter::Meter;

/// Everything of one connection but the application's ends.
pub(super) struct Driver {
    parts: Parts,
    gate: Gate,
    dtls: Option<Dtls>,
    association: Option<Association>,
    path: Option<Path>,
    /// The addresses that the peer has at relays.
    peer_relays: Vec<SocketAddr>,
    /// Packets before encryption; its memory is used again.
    plain: Vec<u8>,
    heard: Vec<Heard>,
    meter: Option<Meter>,
    /// The farewell is said: the task ends when everything that arrived was taken.
    is_over: bool,
}

/// What a driver is made of.
pub(super) struct Parts {
    pub(super) own: Description,
    pub(super) identity: Identity,
    pub(super) ice: Ice,
    pub(super) sockets: Sockets,
    pub(super) lanes: [Lane; 2],
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) shared: Shared,
    pub(super) facts: Arc<OnceLock<Facts>>,
    pub(super) send_buffer_bytes: usize,
}

/// What the application asks for.
pub(super) enum Command {
    /// Take the answer to our offer.
    Meet {
        answer: Box<Description>,
        done: oneshot::Sender<Result<(), ConnectError>>,
    },
    /// Say goodbye and end.
    Close(oneshot::Sender<()>),
}

/// Where datagrams go.
#[derive(Debug, Clone, Copy)]
struct Path {
    socket: usize,
    remote: SocketAddr,
    kind: PathKind,
}

/// Why the task woke up.
enum Wake {
    Readable(usize),
    Writable,
    /// The relay has lost the allocation.
    Lost,
    Command(Command),
    Message(usize, Bytes),
    Room,
    Timer,
}

impl Driver {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            parts,
            gate: Gate::default(),
            dtls: None,
            association: None,
            path: None,
            peer_relays: Vec::new(),
            plain: Vec::new(),
            heard: Vec::new(),
            meter: Meter::is_on().then(|| Meter::new(Instant::now())),
            is_over: false,
        }
    }

    /// Begins to look for the peer.
    pub(super) fn meet(
        &mut self,
        peer: &Description,
        is_controlling: bool,
        now: Instant,
    ) -> Result<(), ConnectError> {
        let own = &self.parts.own;
        let is_client = own.dtls_role == DtlsRole::Active
            || own.dtls_role == DtlsRole::ActPass && peer.dtls_role == DtlsRole::Passive;
        let session = self.parts.identity.session(peer.fingerprint, is_client);
        self.dtls = Some(session.map_err(step("prepare the handshake"))?);
        self.gate.expect_peer(own, peer);
        let addresses = peer.candidates.iter().map(|it| it.address.ip());
        self.parts.sockets.permit(addresses);
        let relayed = peer.candidates.iter();
        let relayed = relayed.filter(|it| it.kind == CandidateKind::Relayed);
        self.peer_relays = relayed.map(|it| it.address).collect();
        let begun = self.parts.ice.begin(peer, is_controlling, now);
        begun.map_err(step("begin to look for a path"))
    }

    /// Runs until the connection is over and everything that arrived was taken.
    pub(super) async fn run(mut self) {
        loop {
            self.progress(Instant::now());
            if self.is_over && self.parts.lanes.iter().all(|lane| !lane.is_unread) {
                return;
            }
            let deadline = self.deadline();
            let wake = self.sleep(deadline).await;
            match wake {
                Wake::Readable(socket) => self.read(socket),
                Wake::Writable => self.parts.sockets.resume(),
                Wake::Lost => {
                    self.parts.sockets.note_loss();
                    self.end(CloseReason::Lost);
                }
                Wake::Message(lane, message) => self.take_over(lane, message),
                Wake::Room | Wake::Timer => {}
                Wake::Command(Command::Meet { answer, done }) => {
                    let met = self.meet(&answer, true, Instant::now());
                    // Whoever asked may have gone.
                    done.send(met).ok();
                }
                Wake::Command(Command::Close(done)) => {
                    self.say_goodbye(Instant::now());
                    done.send(()).ok();
                    return;
                }
            }
        }
    }

    /// Waits for something to do; notes how long, and why, if anybody wants to know.
    async fn sleep(&mut self, deadline: Option<Instant>) -> Wake {
        let Some(brake) = self.brake() else {
            return self.parts.wait(deadline).await;
        };
        let is_blocked = self.parts.sockets.is_blocked();
        let began = Instant::now();
        let wake = self.parts.wait(deadline).await;
        if let (Some(meter), Some(association)) = (&mut self.meter, &self.association) {
            let now = Instant::now();
            meter.note_sleep(brake, is_blocked, now - began);
            meter.report(association, now);
        }
        wake
    }

    /// What sending waits for, if anybody wants to know.
    fn brake(&self) -> Option<Brake> {
        let association = self.association.as_ref()?;
        self.meter.as_ref()?;
        Some(association.statistics().brake)
    }

    fn deadline(&mut self) -> Option<Instant> {
        if self.is_over {
            return None;
        }
        let ice = self.parts.ice.deadline();
        let dtls = self.dtls.as_ref().and_then(Dtls::deadline);
        let association = self.association.as_ref().and_then(Association::deadline);
        [ice, dtls, association].into_iter().flatten().min()
    }

    fn take_over(&mut self, lane: usize, message: Bytes) {
        if let (Some(lane), Some(association)) =
            (self.parts.lanes.get_mut(lane), &mut self.association)
        {
            lane.take_over(message, association);
        }
    }
}

impl Parts {
    async fn wait(&mut self, deadline: Option<Instant>) -> Wake {
        let [control, bulk] = &mut self.lanes;
        let sockets = &self.sockets;
        tokio::select! {
            biased;
            Some(command) = self.commands.recv() => Wake::Command(command),
            Some(message) = control.outgoing.recv() => Wake::Message(0, message),
            socket = sockets.readable() => Wake::Readable(socket),
            () = sockets.writable() => Wake::Writable,
            () = sockets.lost() => Wake::Lost,
            Some(message) = bulk.outgoing.recv() => Wake::Message(1, message),
            _ = control.incoming.reserve(), if control.is_unread => Wake::Room,
            _ = bulk.incoming.reserve(), if bulk.is_unread => Wake::Room,
            () = sleep_until(deadline) => Wake::Timer,
        }
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}
