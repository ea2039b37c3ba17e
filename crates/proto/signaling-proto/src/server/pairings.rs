//! What the node does with pairing codes.

use std::time::Instant;

use super::nameplates::{Ended, Relay};
use super::sockets::Share;
use super::{Server, SocketId};
use crate::message::{CodeRefusal, PairingEnd, PairingMood, ServerToClient};

impl Server {
    pub(super) fn allocate_code(&mut self, id: SocketId, request: u32, now: Instant) {
        let answer = self.try_allocate(id, now);
        let lifetime_s = self.nameplates.lifetime_s();
        self.send(
            id,
            match answer {
                Ok(nameplate) => ServerToClient::CodeAllocated {
                    request,
                    nameplate,
                    lifetime_s,
                },
                Err(reason) => ServerToClient::CodeRefused { request, reason },
            },
        );
    }

    fn try_allocate(&mut self, id: SocketId, now: Instant) -> Result<u32, CodeRefusal> {
        let socket = self.sockets.find(id).ok_or(CodeRefusal::NotConnected)?;
        if self.stopping || socket.codes.len() >= self.nameplates.per_socket() {
            return Err(CodeRefusal::ServerBusy);
        }
        let address = socket.address;
        let nameplate = self
            .nameplates
            .allocate(id, address, &mut *self.entropy, now)?;
        socket.codes.insert(nameplate);
        Ok(nameplate)
    }

    pub(super) fn claim_code(&mut self, id: SocketId, request: u32, nameplate: u32, now: Instant) {
        let Some(socket) = self.sockets.find(id) else {
            return;
        };
        let claimed = if socket.codes.len() >= self.nameplates.per_socket() {
            Err(CodeRefusal::ServerBusy)
        } else {
            self.nameplates.claim(nameplate, id, socket.address, now)
        };
        match claimed {
            Ok((issuer, left)) => {
                socket.codes.insert(nameplate);
                let lifetime_s = u16::try_from(left.as_secs()).unwrap_or(u16::MAX);
                self.send(
                    id,
                    ServerToClient::CodeClaimed {
                        request,
                        nameplate,
                        lifetime_s,
                    },
                );
                self.send(issuer, ServerToClient::PairingPeerJoined { nameplate });
            }
            Err(reason) => {
                self.statistics.failed_claims += 1;
                self.send(id, ServerToClient::CodeRefused { request, reason });
            }
        }
    }

    pub(super) fn relay(&mut self, id: SocketId, nameplate: u32, body: Vec<u8>, now: Instant) {
        let message = ServerToClient::Pairing { nameplate, body };
        match self.nameplates.relay(nameplate, id) {
            Relay::To(other)
                if self
                    .sockets
                    .has_room(other, message.queue_bytes(), Share::Others) =>
            {
                self.send(other, message);
            }
            Relay::To(_) | Relay::TooMany => {
                let ended = self.nameplates.end(nameplate, PairingEnd::GaveUp, now);
                self.tell_ended(ended);
            }
            Relay::Nowhere => {}
        }
    }

    pub(super) fn close_pairing(
        &mut self,
        id: SocketId,
        nameplate: u32,
        mood: PairingMood,
        now: Instant,
    ) {
        if let Some(socket) = self.sockets.find(id) {
            socket.codes.remove(&nameplate);
        }
        let ended = self.nameplates.close(nameplate, id, mood, now);
        self.tell_ended(ended);
    }

    pub(super) fn tell_ended(&mut self, ended: impl IntoIterator<Item = Ended>) {
        for Ended {
            nameplate,
            socket: id,
            end,
        } in ended
        {
            // After a success the other side still says how it went on its side.
            if let (Some(socket), true) = (self.sockets.find(id), end != PairingEnd::Paired) {
                socket.codes.remove(&nameplate);
            }
            self.send(id, ServerToClient::PairingClosed { nameplate, end });
        }
    }
}
