//! Writing packets (RFC 9260 §6.10), several of one size at a time.

use std::time::Instant;

use super::Association;
use super::handshake::Phase;
use crate::limits;
use crate::outbound::Room;
use crate::wire::{
    CHUNK_HEADER_BYTES, Chunk, HEADER_BYTES, Header, SACK_BYTES, begin_packet, finish_packet,
    write_pad, write_sack,
};

/// What was written: packets of `segment_bytes` one after the other, the last one perhaps shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transmit {
    /// How many packets.
    pub packets: usize,
    /// The size of each but the last.
    pub segment_bytes: usize,
    /// It asks whether the path carries this size: it may get lost, and must not be fragmented.
    pub is_probe: bool,
    /// It is larger than the path is known to carry and must be fragmented to arrive (RFC 8899 §4.4).
    pub is_oversized: bool,
}

impl Association {
    /// Appends what may leave now to `out`, at most `most_packets` packets; `None` if nothing may.
    ///
    /// Call it until it returns `None`, after every input and when the deadline has passed.
    pub fn poll_transmit(
        &mut self,
        now: Instant,
        out: &mut Vec<u8>,
        most_packets: usize,
    ) -> Option<Transmit> {
        self.clock = self.clock.max(now);
        if let Some(transmit) = self.write_lone(out) {
            return Some(transmit);
        }
        if !self.is_up() {
            return None;
        }
        if let Some(transmit) = self.write_size_probe(out) {
            return Some(transmit);
        }
        let limit = self.path_mtu.packet_bytes();
        self.outbound.begin_burst(self.clock, limit);
        let mut transmit = Transmit {
            packets: 0,
            segment_bytes: 0,
            is_probe: false,
            is_oversized: false,
        };
        while transmit.packets < most_packets {
            let start = out.len();
            if !self.write_packet(out, limit, transmit.packets == 0) {
                out.truncate(start);
                break;
            }
            finish_packet(out, start);
            let bytes = out.len() - start;
            transmit.packets += 1;
            if transmit.packets == 1 {
                transmit.segment_bytes = bytes;
                transmit.is_oversized = bytes > limit;
            }
            if bytes != limit {
                break;
            }
        }
        if transmit.packets > 0 {
            self.settle();
        }
        (transmit.packets > 0).then_some(transmit)
    }

    /// Queues a chunk that leaves as soon as possible; when too many wait, it is dropped.
    pub(super) fn push_control(&mut self, chunk: Chunk) {
        if self.control.len() < limits::CONTROL_CHUNKS {
            self.control.push_back(chunk);
        }
    }

    /// Chunks that travel alone: the handshake and the end.
    fn write_lone(&mut self, out: &mut Vec<u8>) -> Option<Transmit> {
        let (chunk, tag) = match self.handshake.lone.take() {
            Some(lone) => lone,
            None if self.handshake.phase == Phase::Closed => return None,
            None => self.handshake.take_opening(self.clock)?,
        };
        let start = out.len();
        begin_packet(out, self.header(tag));
        if chunk.encode(out).is_err() {
            out.truncate(start);
            return None;
        }
        finish_packet(out, start);
        Some(Transmit {
            packets: 1,
            segment_bytes: out.len() - start,
            is_probe: false,
            is_oversized: false,
        })
    }

    fn write_size_probe(&mut self, out: &mut Vec<u8>) -> Option<Transmit> {
        let (heartbeat, bytes) = self.take_size_probe()?;
        let start = out.len();
        begin_packet(out, self.header(self.handshake.peer_tag()));
        if heartbeat.encode(out).is_err() {
            out.truncate(start);
            return None;
        }
        let rest = bytes.saturating_sub(out.len() - start);
        if rest >= CHUNK_HEADER_BYTES {
            write_pad(out, rest);
        }
        finish_packet(out, start);
        Some(Transmit {
            packets: 1,
            segment_bytes: out.len() - start,
            is_probe: true,
            is_oversized: false,
        })
    }

    /// Writes one packet without its checksum; says whether anything is in it.
    fn write_packet(&mut self, out: &mut Vec<u8>, limit: usize, is_first: bool) -> bool {
        let start = out.len();
        begin_packet(out, self.header(self.handshake.peer_tag()));
        let mut left = limit - HEADER_BYTES;
        self.write_control(out, &mut left);
        self.write_acknowledgment(out, &mut left);
        if let Some(forward) = self.take_forward(left) {
            let before = out.len();
            if Chunk::ForwardTsn(forward).encode(out).is_ok() {
                left -= out.len() - before;
            }
        }
        let is_fresh = is_first && out.len() == start + HEADER_BYTES;
        let mut room = Room { out, left };
        self.outbound.fill(&mut room, is_fresh, self.clock);
        out.len() > start + HEADER_BYTES
    }

    fn write_control(&mut self, out: &mut Vec<u8>, left: &mut usize) {
        let shutdown = self.take_shutdown();
        self.control.extend(shutdown);
        while let Some(chunk) = self.control.front() {
            let before = out.len();
            let is_written = chunk.encode(out).is_ok();
            let bytes = out.len() - before;
            if is_written && bytes > *left {
                out.truncate(before);
                if *left + HEADER_BYTES < self.path_mtu.packet_bytes() {
                    return; // It has the next packet to itself.
                }
            }
            *left = left.saturating_sub(out.len() - before);
            self.control.pop_front();
        }
    }

    fn write_acknowledgment(&mut self, out: &mut Vec<u8>, left: &mut usize) {
        let heard = &self.receiving.heard;
        let goes_along = heard.is_pending() && self.outbound.would_send(self.clock);
        if *left < SACK_BYTES || !(heard.is_due(self.clock) || goes_along) {
            return;
        }
        let before = out.len();
        let held = self.receiving.held();
        let window = self.receiving.window.offer(held);
        let sack = self.receiving.heard.take_sack(window, *left);
        write_sack(&sack, out);
        *left -= out.len() - before;
    }

    fn take_forward(&mut self, left: usize) -> Option<crate::wire::ForwardTsn> {
        let room = left.checked_sub(CHUNK_HEADER_BYTES + 4)?;
        self.outbound.take_forward(room)
    }

    fn header(&self, tag: u32) -> Header {
        Header {
            source_port: self.config.ports.own,
            destination_port: self.config.ports.peer,
            tag,
        }
    }
}
