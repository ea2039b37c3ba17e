//! Carries bulk messages over whichever connection has room.

use bytes::Bytes;
use model::TransferId;
use session_proto::{ConnectionId, SessionInput};
use transfer_proto::{ReceiverInput, SenderInput, bulk};

use super::{Event, World};

impl World {
    pub(super) fn queue_bulk(&mut self, device: usize, transfer: TransferId, message: Bytes) {
        self.devices[device]
            .process()
            .bulk
            .push_back((transfer, message));
        self.pump_bulk(device);
    }

    /// Gives waiting bulk messages to connections with room.
    pub(super) fn pump_bulk(&mut self, device: usize) {
        let Some(process) = &mut self.devices[device].process else {
            return;
        };
        while !process.bulk.is_empty() {
            let mut roomy: Vec<u32> = process.open.iter().copied().collect();
            roomy.retain(|connection| self.network.has_room(*connection, device));
            if roomy.is_empty() {
                return;
            }
            let connection = *self.seed.pick(&roomy);
            let Some((transfer, message)) = process.bulk.pop_front() else {
                return;
            };
            let arrival = self
                .network
                .send(connection, device, message.len(), self.now);
            let event = Event::BulkArrived {
                to: 1 - device,
                connection,
                transfer,
                message,
            };
            self.schedule.plan(arrival, event);
        }
    }

    pub(super) fn bulk_arrived(
        &mut self,
        to: usize,
        connection: u32,
        transfer: TransferId,
        message: Bytes,
    ) {
        if !self.network.arrive(connection, to, message.len()) {
            return;
        }
        let from = 1 - to;
        let bytes = message.len() as u64;
        if self.is_open(from, connection) {
            self.tell_sender(from, transfer, SenderInput::BulkSent { bytes });
            self.pump_bulk(from);
        }
        self.connection_opened(to, connection);
        if self.is_open(to, connection) {
            let message = self.damage(message);
            let heard = ConnectionId(connection);
            self.tell_session(to, SessionInput::BulkReceived { connection: heard });
            self.deliver_bulk(to, message);
        }
        self.tempt_fate();
    }

    fn is_open(&self, device: usize, connection: u32) -> bool {
        let process = self.devices[device].process.as_ref();
        process.is_some_and(|process| process.open.contains(&connection))
    }

    fn deliver_bulk(&mut self, to: usize, message: Bytes) {
        let token = bulk::token(&message).expect("every bulk message has a token");
        let receivers = &self.devices[to].process().receivers;
        let found = receivers
            .iter()
            .find(|(_, receiver)| receiver.token() == Some(token));
        if let Some(transfer) = found.map(|(transfer, _)| *transfer) {
            self.tell_receiver(to, transfer, ReceiverInput::BulkReceived(message));
        }
    }
}
