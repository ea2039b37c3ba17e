//! What comes in a packet, chunk by chunk.

use bytes::Bytes;

use super::handshake::Phase;
use super::{Association, Closed, Output};
use crate::heard::Novelty;
use crate::inbound::{Violation, cost, detached, is_agreed};
use crate::message::Message;
use crate::wire::{Chunk, Data, ForwardTsn, Packet};

impl Association {
    /// Takes a packet; one that is broken, for somebody else or forged is dropped (RFC 9260 §8.5).
    pub(super) fn handle_packet(&mut self, bytes: Bytes) {
        let length = bytes.len();
        let Ok(mut packet) = Packet::decode(bytes) else {
            return;
        };
        let ports = self.config.ports;
        if packet.header.source_port != ports.peer || packet.header.destination_port != ports.own {
            return;
        }
        let tag = packet.header.tag;
        let mut data = DataSeen::default();
        while let Some(chunk) = packet.next_chunk() {
            let Ok(chunk) = chunk else {
                break;
            };
            if !self.is_authentic(&chunk, tag) {
                break;
            }
            if !self.handle_chunk(chunk, length, &mut data) || self.is_closed() {
                break;
            }
        }
        if tag == self.handshake.own.tag {
            self.heartbeat.note_heard(self.clock);
        }
        if data.chunks > 0 && self.is_up() {
            self.receiving.heard.end_packet(data.is_urgent, self.clock);
            let rtt = self.outbound.rtt.smoothed();
            self.receiving.window.measure(data.bytes, rtt, self.clock);
        }
    }

    /// The tag must be ours, but for chunks of those who do not know it (RFC 9260 §8.5.1).
    fn is_authentic(&self, chunk: &Chunk, tag: u32) -> bool {
        match chunk {
            Chunk::Init(_) => tag == 0,
            Chunk::Abort { is_reflected, .. } | Chunk::ShutdownComplete { is_reflected }
                if *is_reflected =>
            {
                self.handshake.peer.is_some() && tag == self.handshake.peer_tag()
            }
            Chunk::Abort { .. }
            | Chunk::ShutdownComplete { .. }
            | Chunk::Data(_)
            | Chunk::InitAck(_)
            | Chunk::Sack(_)
            | Chunk::Heartbeat(_)
            | Chunk::HeartbeatAck(_)
            | Chunk::Shutdown(_)
            | Chunk::ShutdownAck
            | Chunk::Error(_)
            | Chunk::CookieEcho(_)
            | Chunk::CookieAck
            | Chunk::ForwardTsn(_)
            | Chunk::Reset(_)
            | Chunk::Pad
            | Chunk::Unknown { .. } => tag == self.handshake.own.tag,
        }
    }

    /// Takes a chunk; says whether to go on with the packet.
    fn handle_chunk(&mut self, chunk: Chunk, packet_bytes: usize, data: &mut DataSeen) -> bool {
        match chunk {
            Chunk::Init(init) => {
                self.handle_init(init);
                return false; // It travels alone.
            }
            Chunk::InitAck(ack) => self.handle_init_ack(ack),
            Chunk::CookieEcho(cookie) => self.handle_cookie_echo(&cookie),
            Chunk::CookieAck => self.handle_cookie_ack(),
            Chunk::Abort { causes, .. } => {
                let cause = causes
                    .get(..2)
                    .map_or(0, |it| u16::from_be_bytes([it[0], it[1]]));
                self.close(Closed::PeerAborted { cause });
            }
            Chunk::Pad | Chunk::Error(_) => {}
            Chunk::Unknown { kind, whole } => return self.handle_unknown(kind, whole),
            other if self.is_up() => self.handle_established(other, packet_bytes, data),
            Chunk::Data(_)
            | Chunk::Sack(_)
            | Chunk::Heartbeat(_)
            | Chunk::HeartbeatAck(_)
            | Chunk::Shutdown(_)
            | Chunk::ShutdownAck
            | Chunk::ShutdownComplete { .. }
            | Chunk::ForwardTsn(_)
            | Chunk::Reset(_) => {}
        }
        true
    }

    fn handle_established(&mut self, chunk: Chunk, packet_bytes: usize, seen: &mut DataSeen) {
        match chunk {
            Chunk::Data(data) => self.handle_data(data, packet_bytes, seen),
            Chunk::Sack(sack) => {
                let delivered = self.outbound.flight.meter.delivered;
                if !self.outbound.handle_sack(&sack, self.clock) {
                    self.violate();
                } else if self.outbound.flight.meter.delivered > delivered {
                    self.path_mtu.note_progress();
                }
            }
            Chunk::Heartbeat(info) => self.push_control(Chunk::HeartbeatAck(info)),
            Chunk::HeartbeatAck(info) => self.handle_heartbeat_ack(&info),
            Chunk::Shutdown(tsn) => self.handle_shutdown(tsn),
            Chunk::ShutdownAck => self.handle_shutdown_ack(),
            Chunk::ShutdownComplete { .. } => self.handle_shutdown_complete(),
            Chunk::ForwardTsn(forward) => self.handle_forward(&forward),
            Chunk::Reset(reset) => self.handle_reset(reset),
            Chunk::Init(_)
            | Chunk::InitAck(_)
            | Chunk::Abort { .. }
            | Chunk::Error(_)
            | Chunk::CookieEcho(_)
            | Chunk::CookieAck
            | Chunk::Pad
            | Chunk::Unknown { .. } => {}
        }
    }

    fn handle_data(&mut self, data: Data, packet_bytes: usize, seen: &mut DataSeen) {
        let is_closing = self.handshake.phase == Phase::ShutdownAckSent;
        if is_closing || !is_agreed(data.place, self.handshake.features().interleaving) {
            return;
        }
        seen.chunks += 1;
        seen.bytes += data.payload.len();
        seen.is_urgent |= data.is_urgent;
        let tsn = self.receiving.heard.widen(data.tsn);
        match self.receiving.heard.judge(tsn) {
            Novelty::Unwanted => return,
            Novelty::Duplicate => return self.receiving.heard.repeat(tsn),
            Novelty::New => {}
        }
        let is_hole = self.receiving.heard.is_hole(tsn);
        let bytes = cost(data.payload.len());
        if !self
            .receiving
            .window
            .takes(bytes, self.receiving.held(), is_hole)
        {
            seen.is_urgent = true;
            return;
        }
        let data = Data {
            payload: detached(data.payload, packet_bytes),
            ..data
        };
        self.receiving.heard.insert(tsn);
        match self.receiving.inbound.insert(tsn, data) {
            Ok(()) => {}
            Err(Violation::Pieces | Violation::TooLong) => self.violate(),
        }
    }

    fn handle_forward(&mut self, forward: &ForwardTsn) {
        let features = self.handshake.features();
        let past = self.receiving.heard.widen(forward.cumulative) + 1;
        if !features.partial_reliability || forward.is_interleaved != features.interleaving {
            return;
        }
        self.receiving.heard.hurry();
        if past <= self.receiving.heard.next() {
            return;
        }
        self.receiving.heard.forward(past);
        self.receiving.inbound.forward(past, forward);
    }

    /// What to do with a chunk that nobody knows is in its two highest bits (RFC 9260 §3.2).
    fn handle_unknown(&mut self, kind: u8, whole: Bytes) -> bool {
        if kind & REPORT != 0 && self.is_up() {
            let kept = whole.len().min(REPORTED_BYTES);
            let mut cause = Vec::with_capacity(4 + kept);
            cause.extend_from_slice(&UNRECOGNIZED_CHUNK.to_be_bytes());
            let length = u16::try_from(4 + kept).unwrap_or(u16::MAX);
            cause.extend_from_slice(&length.to_be_bytes());
            cause.extend_from_slice(&whole[..kept]);
            self.push_control(Chunk::Error(cause.into()));
        }
        kind & GO_ON != 0
    }

    /// Hands complete messages to their channels.
    pub(super) fn deliver(&mut self) {
        while let Some(whole) = self.receiving.inbound.pop() {
            self.deliver_message(whole);
        }
        let held = self.receiving.held();
        if self.receiving.window.has_opened(held) {
            self.receiving.heard.hurry();
        }
    }

    /// Puts a message where the application takes it.
    pub(super) fn put_message(&mut self, stream: u16, message: Message) {
        let bytes = cost(message.len());
        if let Some(is_first) = self.channels.put(stream, message) {
            self.receiving.unread += bytes;
            if is_first {
                let channel = crate::ChannelId(stream);
                self.outputs.push_back(Output::Readable { channel });
            }
        }
    }
}

impl super::Receiving {
    /// What is held, in pieces and in messages.
    pub(super) fn held(&self) -> usize {
        self.inbound.held() + self.unread
    }
}

/// What a packet had of data.
#[derive(Debug, Default)]
struct DataSeen {
    chunks: usize,
    bytes: usize,
    is_urgent: bool,
}

const GO_ON: u8 = 0x80;
const REPORT: u8 = 0x40;
const UNRECOGNIZED_CHUNK: u16 = 6;
const REPORTED_BYTES: usize = 64;
