//! A signaling server: the real machines, without sockets.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Instant;

use model::Entropy as _;
use signaling_proto::message::{RelayGrant, ServerToClient};
use signaling_proto::server::{
    Gate, GateInput, GateOutput, Server, ServerInput, ServerLimits, ServerOutput, SocketId,
};

use crate::entropy::OsEntropy;

pub(super) struct Node {
    server: Server,
    limits: ServerLimits,
    gates: BTreeMap<SocketId, Gate>,
}

/// What the node does to a socket.
pub(super) enum ToSocket {
    Send(SocketId, Vec<u8>),
    Close(SocketId),
}

impl Node {
    pub(super) fn new() -> Self {
        let limits = ServerLimits::default();
        Self {
            server: Server::new(&limits, Box::new(OsEntropy)),
            limits,
            gates: BTreeMap::new(),
        }
    }

    pub(super) fn open(&mut self, socket: SocketId, now: Instant) -> Vec<ToSocket> {
        let address = IpAddr::from([127, 0, 0, 1]);
        let opened = ServerInput::SocketOpened { socket, address };
        let gate = Gate::new(&self.limits, OsEntropy.draw(), now);
        self.gates.insert(socket, gate);
        let mut done = self.feed(opened, now);
        done.extend(self.pass(socket, None, now));
        done
    }

    pub(super) fn receive(
        &mut self,
        socket: SocketId,
        bytes: Vec<u8>,
        now: Instant,
    ) -> Vec<ToSocket> {
        self.pass(socket, Some(GateInput::MessageReceived(bytes)), now)
    }

    pub(super) fn lose(&mut self, socket: SocketId, now: Instant) -> Vec<ToSocket> {
        match self.gates.remove(&socket) {
            Some(_) => self.feed(ServerInput::SocketClosed { socket }, now),
            None => Vec::new(),
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let gates = self.gates.values().filter_map(Gate::deadline);
        gates.chain(self.server.deadline()).min()
    }

    pub(super) fn time(&mut self, now: Instant) -> Vec<ToSocket> {
        let mut done = self.feed(ServerInput::Timeout, now);
        let due = |gate: &Gate| gate.deadline().is_some_and(|at| at <= now);
        let late = self.gates.iter().filter(|(_, gate)| due(gate));
        for socket in late.map(|(&socket, _)| socket).collect::<Vec<_>>() {
            done.extend(self.pass(socket, Some(GateInput::Timeout), now));
        }
        done
    }

    fn pass(&mut self, socket: SocketId, input: Option<GateInput>, now: Instant) -> Vec<ToSocket> {
        let mut done = Vec::new();
        let Some(gate) = self.gates.get_mut(&socket) else {
            return done;
        };
        if let Some(input) = input {
            gate.handle_input(input, now);
        }
        let outputs: Vec<GateOutput> = std::iter::from_fn(|| gate.poll_output()).collect();
        for output in outputs {
            match output {
                GateOutput::Send(message) => done.push(ToSocket::Send(socket, message.encode())),
                GateOutput::Pass(request) => {
                    let requested = ServerInput::Requested { socket, request };
                    done.extend(self.feed(requested, now));
                }
                GateOutput::Close(refusal) => {
                    let last = ServerToClient::Refused(refusal).encode();
                    done.push(ToSocket::Send(socket, last));
                    done.push(ToSocket::Close(socket));
                    done.extend(self.lose(socket, now));
                }
            }
        }
        done
    }

    fn feed(&mut self, input: ServerInput, now: Instant) -> Vec<ToSocket> {
        let mut done = Vec::new();
        self.server.handle_input(input, now);
        while let Some(output) = self.server.poll_output() {
            match output {
                ServerOutput::Send { socket, message } => {
                    done.push(ToSocket::Send(socket, message.encode()));
                    let bytes = message.queue_bytes();
                    let sent = ServerInput::Sent {
                        socket,
                        messages: 1,
                        bytes,
                    };
                    self.server.handle_input(sent, now);
                }
                ServerOutput::Close { socket, reason } => {
                    let last = ServerToClient::Refused(reason).encode();
                    done.push(ToSocket::Send(socket, last));
                    done.push(ToSocket::Close(socket));
                    self.gates.remove(&socket);
                }
                ServerOutput::GrantRelays {
                    socket, request, ..
                } => {
                    let granted = ServerInput::RelaysGranted {
                        socket,
                        request,
                        grant: RelayGrant::default(),
                    };
                    self.server.handle_input(granted, now);
                }
                ServerOutput::Forward { ticket, .. } => {
                    let outcome = signaling_proto::message::PostOutcome::Offline;
                    let answered = ServerInput::Forwarded { ticket, outcome };
                    self.server.handle_input(answered, now);
                }
                ServerOutput::Admit { .. }
                | ServerOutput::TurnAway { .. }
                | ServerOutput::Answer { .. }
                | ServerOutput::Hold { .. }
                | ServerOutput::Release { .. } => {}
            }
        }
        done
    }
}
