//! Drives the sessions: control and bulk messages over connections that come and go.

use model::{Digest, DtlsFingerprint, TransferId};
use session_proto::{
    CloseReason, ConnectionId, ControlMessage, SessionError, SessionInput, SessionOutput,
};
use transfer_proto::{
    Addressed, CancelReason, ReceiverInput, SenderInput, SenderOutcome, Side, ToReceiver,
    TransferMessage,
};

use super::{Event, World};

impl World {
    /// Feeds a device's session and does what it asks; a device without one ignores everything.
    pub(super) fn tell_session(&mut self, device: usize, input: SessionInput) {
        let now = self.now;
        let Some(process) = &mut self.devices[device].process else {
            return;
        };
        let Some(session) = &mut process.session else {
            return;
        };
        session.handle_input(input, now);
        while let Some(output) = self.next_session_output(device) {
            self.take_session_output(device, output);
        }
    }

    fn next_session_output(&mut self, device: usize) -> Option<SessionOutput> {
        self.devices[device]
            .process
            .as_mut()?
            .session
            .as_mut()?
            .poll_output()
    }

    fn take_session_output(&mut self, device: usize, output: SessionOutput) {
        match output {
            SessionOutput::SendControl { connection, bytes } => {
                let arrival = self
                    .network
                    .send(connection.0, device, bytes.len(), self.now);
                let event = Event::ControlArrived {
                    to: 1 - device,
                    connection: connection.0,
                    bytes,
                };
                self.schedule.plan(arrival, event);
            }
            SessionOutput::Established { first } => {
                self.report.sessions += 1;
                if first {
                    self.session_up(device);
                }
            }
            SessionOutput::Received(message) => self.control_received(device, message),
            SessionOutput::ConnectionSilent { connection } => {
                self.network.cut(connection.0);
                self.forget_connection(device, connection.0);
            }
            SessionOutput::NeedsConnection => {} // Whoever has no connection negotiates.
            SessionOutput::Close(error) => {
                let expected = match error {
                    SessionError::ClosedHere(_) | SessionError::ClosedByPeer(_) => true,
                    SessionError::Handshake(session_proto::HandshakeError::TimedOut) => true,
                    SessionError::Handshake(_)
                    | SessionError::Violation(_)
                    | SessionError::MessageTooLong
                    | SessionError::QueueFull => false,
                };
                assert!(expected, "a session between honest devices ended: {error}");
                self.end_session(device);
            }
        }
    }

    /// The session is over: its connections are closed and everything in flight is lost.
    pub(super) fn end_session(&mut self, device: usize) {
        let process = self.devices[device].process();
        if process.session.take().is_none() {
            return;
        }
        let open = std::mem::take(&mut process.open);
        process.controls.clear();
        process.bulk.clear();
        for connection in open {
            self.close_connection(connection);
        }
        for transfer in self.senders(device) {
            self.interrupt(transfer);
            self.tell_sender(device, transfer, SenderInput::SessionDown);
        }
        for transfer in self.receivers(device) {
            self.tell_receiver(device, transfer, ReceiverInput::SessionDown);
        }
    }

    /// Closes a connection in good order: the other side notices soon.
    pub(super) fn close_connection(&mut self, connection: u32) {
        self.network.cut(connection);
        for device in [0, 1] {
            let delay = self.network.latency();
            self.plan_in(delay, Event::LossNoticed { device, connection });
        }
    }

    fn session_up(&mut self, device: usize) {
        for transfer in self.senders(device) {
            self.tell_sender(device, transfer, SenderInput::SessionUp);
        }
        for transfer in self.receivers(device) {
            self.tell_receiver(device, transfer, ReceiverInput::SessionUp);
        }
        // The first cancel may have been lost with its session, or with the process that said it.
        let canceled: Vec<(TransferId, CancelReason)> = (self.devices[device].home.sending.iter())
            .filter_map(|(transfer, record)| match record.outcome {
                Some(SenderOutcome::Canceled {
                    by: Side::Own,
                    reason,
                }) => Some((*transfer, reason)),
                Some(
                    SenderOutcome::Canceled { by: Side::Peer, .. }
                    | SenderOutcome::Completed(_)
                    | SenderOutcome::Declined(_),
                )
                | None => None,
            })
            .collect();
        for (transfer, reason) in canceled {
            let cancel = TransferMessage::ToReceiver(ToReceiver::Cancel(reason));
            self.say(device, transfer, cancel);
        }
    }

    /// Says something on the control channel, as soon as the session can take it.
    pub(super) fn say(&mut self, device: usize, transfer: TransferId, message: TransferMessage) {
        self.note(|| format!("{device} says {transfer:?} {message:?}"));
        let message = Addressed { transfer, message }.encode();
        let process = self.devices[device].process();
        if process.session.is_some() {
            process
                .controls
                .push_back(ControlMessage::Transfer(message));
        }
    }

    /// Gives waiting control messages to a session that can take them.
    pub(super) fn pump_controls(&mut self, device: usize) {
        while let Some(process) = &mut self.devices[device].process
            && process
                .session
                .as_ref()
                .is_some_and(|session| session.can_send())
            && let Some(message) = process.controls.pop_front()
        {
            self.tell_session(device, SessionInput::Send(message));
        }
    }

    /// The peer broke a rule of a transfer: the session is closed.
    pub(super) fn hang_up(&mut self, device: usize) {
        let reason = CloseReason::Violation;
        self.tell_session(device, SessionInput::Send(ControlMessage::Close { reason }));
    }

    pub(super) fn control_arrived(&mut self, to: usize, connection: u32, bytes: Vec<u8>) {
        if !self.network.arrive(connection, to, bytes.len()) {
            return;
        }
        self.connection_opened(to, connection); // Whoever hears something knows that it is open.
        let connection = ConnectionId(connection);
        self.tell_session(to, SessionInput::ControlReceived { connection, bytes });
    }

    pub(super) fn connection_opened(&mut self, device: usize, connection: u32) {
        let Some(process) = &mut self.devices[device].process else {
            return;
        };
        if process.session.is_none() || !self.network.open(connection, device) {
            return;
        }
        process.open.insert(connection);
        let [own, peer] = fingerprints(device, connection);
        let connection = ConnectionId(connection);
        self.tell_session(
            device,
            SessionInput::ControlOpened {
                connection,
                own,
                peer,
            },
        );
        self.pump_bulk(device);
    }

    pub(super) fn loss_noticed(&mut self, device: usize, connection: u32) {
        if self.is_up(device) && self.forget_connection(device, connection) {
            let connection = ConnectionId(connection);
            self.tell_session(device, SessionInput::ConnectionLost { connection });
        }
    }

    /// Whether the connection was open until now; then what it carried counts as lost.
    pub(super) fn forget_connection(&mut self, device: usize, connection: u32) -> bool {
        let process = self.devices[device].process();
        if !process.open.remove(&connection) {
            return false;
        }
        for transfer in self.senders(device) {
            self.interrupt(transfer);
            self.tell_sender(device, transfer, SenderInput::ConnectionLost);
        }
        true
    }

    fn control_received(&mut self, device: usize, message: ControlMessage) {
        match message {
            ControlMessage::Transfer(bytes) => {
                let addressed =
                    Addressed::decode(&bytes).expect("honest devices say what can be read");
                self.transfer_message(device, addressed);
            }
            ControlMessage::Close { .. } => {}
            ControlMessage::Folder(_)
            | ControlMessage::ConnectionOffer { .. }
            | ControlMessage::ConnectionAnswer { .. }
            | ControlMessage::ConnectionRefused { .. }
            | ControlMessage::ConnectionRetired { .. }
            | ControlMessage::Ping { .. }
            | ControlMessage::Pong { .. } => panic!("nobody says this here"),
        }
    }

    fn transfer_message(&mut self, device: usize, addressed: Addressed) {
        let Addressed { transfer, message } = addressed;
        self.note(|| format!("{device} hears {transfer:?} {message:?}"));
        match &message {
            TransferMessage::ToReceiver(told) => {
                if let ToReceiver::Offer(offer) = told {
                    self.offered(device, transfer, offer);
                }
                self.tell_receiver(device, transfer, ReceiverInput::MessageReceived(message));
            }
            TransferMessage::ToSender(_) => {
                self.tell_sender(device, transfer, SenderInput::MessageReceived(message));
            }
        }
    }
}

/// The certificates of a connection as a device sees them: its own and the peer's.
fn fingerprints(device: usize, connection: u32) -> [DtlsFingerprint; 2] {
    [device, 1 - device].map(|side| {
        let parts: [&[u8]; 2] = [&side.to_be_bytes(), &connection.to_be_bytes()];
        DtlsFingerprint(Digest::of_parts(&parts).0)
    })
}
