//! What goes out: checks, the handshake, packets in bursts, and the farewell.

use std::time::Instant;

use sctp_proto::{Input, limits};

use super::{Driver, Path};
use crate::own::socket::{Burst, Sent};

impl Driver {
    /// Sends whatever may leave, until there is nothing or the system takes no more.
    pub(super) fn transmit(&mut self, now: Instant) {
        self.send_checks();
        self.send_handshake();
        while let Some(path) = self.path
            && !self.parts.sockets.is_blocked()
        {
            let Some(segment_bytes) = self.write_packets(path, now) else {
                return;
            };
            self.send_packets(path, segment_bytes, now);
        }
    }

    /// Connectivity checks and their answers, from whichever socket they belong to.
    fn send_checks(&mut self) {
        while let Some((local, remote, message)) = self.parts.ice.poll_transmit() {
            if let Some(socket) = self.parts.sockets.at(local) {
                self.send_one(socket, remote, &message);
            }
        }
    }

    /// Flights of the handshake and alerts.
    fn send_handshake(&mut self) {
        let (Some(dtls), Some(path)) = (&mut self.dtls, self.path) else {
            return;
        };
        while let Some(datagram) = dtls.poll() {
            let burst = Burst {
                socket: path.socket,
                destination: path.remote,
                segment_bytes: datagram.len(),
                contents: datagram.to_vec(),
            };
            // A flight that does not leave is repeated.
            let _: Sent = self.parts.sockets.send_whole(burst);
        }
    }

    fn send_one(&mut self, socket: usize, destination: std::net::SocketAddr, message: &[u8]) {
        let burst = Burst {
            socket,
            destination,
            segment_bytes: message.len(),
            contents: message.to_vec(),
        };
        let _: Sent = self.parts.sockets.send_whole(burst);
    }

    /// Lets the association write its next packets; returns their size.
    fn write_packets(&mut self, path: Path, now: Instant) -> Option<usize> {
        let association = self.association.as_mut()?;
        let packet_bytes = association.statistics().packet_bytes + RECORD_BYTES;
        let most = self.parts.sockets.segments(path.socket);
        let most = most.min(BURST_BYTES / packet_bytes).max(1);
        self.plain.clear();
        let transmit = association.poll_transmit(now, &mut self.plain, most)?;
        Some(transmit.segment_bytes)
    }

    /// Encrypts what was written and sends it in one call.
    fn send_packets(&mut self, path: Path, segment_bytes: usize, now: Instant) {
        let Some(dtls) = &mut self.dtls else {
            return;
        };
        let packets = self.plain.len().div_ceil(segment_bytes.max(1));
        let mut contents = Vec::with_capacity(self.plain.len() + packets * RECORD_BYTES);
        let mut record_bytes = 0;
        for packet in self.plain.chunks(segment_bytes.max(1)) {
            let before = contents.len();
            dtls.seal(packet, now, &mut contents);
            record_bytes = record_bytes.max(contents.len() - before);
        }
        let burst = Burst {
            socket: path.socket,
            destination: path.remote,
            contents,
            segment_bytes: record_bytes,
        };
        if let Some(meter) = &mut self.meter {
            meter.note_burst();
        }
        if self.parts.sockets.send(burst) == Sent::TooLarge
            && let Some(association) = &mut self.association
        {
            let largest = association.statistics().packet_bytes;
            let limit = if segment_bytes > limits::PACKET_BYTES_UNTOLD {
                limits::PACKET_BYTES_UNTOLD
            } else {
                limits::PACKET_BYTES_START
            };
            if segment_bytes >= largest && segment_bytes > limit {
                association.handle_input(Input::PacketLimit(limit), now);
            }
        }
    }

    /// Ends the association and the DTLS session, as far as there are any.
    pub(super) fn say_goodbye(&mut self, now: Instant) {
        self.is_over = true;
        if let Some(association) = &mut self.association {
            association.handle_input(Input::Abort, now);
        }
        self.transmit(now);
        if let Some(dtls) = &mut self.dtls {
            dtls.close(now);
        }
        self.send_handshake();
    }
}

/// What DTLS adds to a packet: header, explicit nonce and tag of AES-GCM.
const RECORD_BYTES: usize = 37;
/// Less than the largest UDP datagram, which a burst must not exceed.
const BURST_BYTES: usize = 60_000;
