//! Asking an idle path whether it lives (RFC 9260 §8.3), and larger packets whether they arrive (RFC 8899 §6.2).

use std::time::Instant;

use bytes::Bytes;

use super::{Association, Closed};
use crate::limits;
use crate::wire::Chunk;

/// The heartbeat of an idle path.
#[derive(Debug)]
pub(super) struct Heartbeat {
    heard_at: Instant,
    asked_at: Option<Instant>,
    number: u64,
}

impl Heartbeat {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            heard_at: now,
            asked_at: None,
            number: 0,
        }
    }

    pub(super) fn note_heard(&mut self, now: Instant) {
        self.heard_at = now;
    }

    pub(super) fn deadline(&self) -> Instant {
        match self.asked_at {
            Some(at) if at >= self.heard_at => at + limits::HEARTBEAT_REPEAT_TIME,
            _ => self.heard_at + limits::HEARTBEAT_TIME,
        }
    }

    /// What comes back in the answer: whose it is, and its number.
    fn info(kind: u64, number: u64) -> Bytes {
        [kind.to_be_bytes(), number.to_be_bytes()].concat().into()
    }
}

impl Association {
    pub(super) fn tick_heartbeat(&mut self) {
        let now = self.clock;
        if self.heartbeat.deadline() > now {
            return;
        }
        let silence = now.saturating_duration_since(self.heartbeat.heard_at);
        if self.heartbeat.asked_at.is_some()
            && silence >= limits::HEARTBEAT_TIME + self.config.patience
        {
            self.close(Closed::Silent);
            return;
        }
        self.heartbeat.number += 1;
        self.heartbeat.asked_at = Some(now);
        let info = Heartbeat::info(ALIVE, self.heartbeat.number);
        self.push_control(Chunk::Heartbeat(info));
    }

    pub(super) fn handle_heartbeat_ack(&mut self, info: &[u8]) {
        let now = self.clock;
        if *info == *Heartbeat::info(ALIVE, self.heartbeat.number) {
            if let Some(at) = self.heartbeat.asked_at.take() {
                self.outbound.rtt.measure(now.saturating_duration_since(at));
            }
        } else if let Some((kind, number)) = info.split_first_chunk::<8>()
            && u64::from_be_bytes(*kind) == LARGER
            && let Ok(number) = <[u8; 8]>::try_from(number)
            && self.path_mtu.confirm(u64::from_be_bytes(number), now)
        {
            self.outbound.set_packet_bytes(self.path_mtu.packet_bytes());
        }
    }

    pub(super) fn tick_path_mtu(&mut self) {
        self.path_mtu.handle_timeout(self.clock);
    }

    /// A retransmission timeout may mean that packets of this size do not arrive any more (RFC 8899 §4.3).
    pub(super) fn note_timeout(&mut self) {
        if self.path_mtu.note_timeout(self.clock) {
            self.outbound.set_packet_bytes(self.path_mtu.packet_bytes());
        }
    }

    /// The heartbeat that asks for a larger packet, and its size, if one is due.
    pub(super) fn take_size_probe(&mut self) -> Option<(Chunk, usize)> {
        let patience = self.outbound.rtt.timeout(0);
        let (number, bytes) = self.path_mtu.take_probe(patience, self.clock)?;
        Some((Chunk::Heartbeat(Heartbeat::info(LARGER, number)), bytes))
    }
}

const ALIVE: u64 = 1;
const LARGER: u64 = 2;
