//! Ending the association (RFC 9260 §9).

use bytes::Bytes;

use super::handshake::{Phase, Retry};
use super::{Association, Closed};
use crate::sequence::narrow;
use crate::wire::Chunk;

impl Association {
    pub(super) fn begin_shutdown(&mut self) {
        match self.handshake.phase {
            Phase::Established => self.handshake.phase = Phase::ShutdownPending,
            Phase::CookieWait | Phase::CookieEchoed => self.close(Closed::Aborted),
            Phase::ShutdownPending
            | Phase::ShutdownSent
            | Phase::ShutdownReceived
            | Phase::ShutdownAckSent
            | Phase::Closed => {}
        }
    }

    pub(super) fn abort(&mut self) {
        self.say_abort(USER_ABORT);
        self.close(Closed::Aborted);
    }

    /// The peer broke the protocol: tells it so and ends the association.
    pub(super) fn violate(&mut self) {
        self.say_abort(PROTOCOL_VIOLATION);
        self.close(Closed::Violated);
    }

    pub(super) fn handle_shutdown(&mut self, tsn: u32) {
        self.outbound.handle_cumulative(tsn, self.clock);
        match self.handshake.phase {
            Phase::Established | Phase::ShutdownPending => {
                self.handshake.phase = Phase::ShutdownReceived;
            }
            // Both asked at once (§9.2): either's acknowledgment will do.
            Phase::ShutdownSent => {
                self.handshake.phase = Phase::ShutdownAckSent;
                self.handshake.retry = Retry::new(self.clock);
            }
            Phase::ShutdownAckSent => self.handshake.retry.is_due = true,
            Phase::CookieWait | Phase::CookieEchoed | Phase::ShutdownReceived | Phase::Closed => {}
        }
    }

    pub(super) fn handle_shutdown_ack(&mut self) {
        match self.handshake.phase {
            Phase::ShutdownSent | Phase::ShutdownAckSent => {
                let complete = Chunk::ShutdownComplete {
                    is_reflected: false,
                };
                self.handshake.lone = Some((complete, self.handshake.peer_tag()));
                self.close(Closed::Shutdown);
            }
            Phase::CookieWait
            | Phase::CookieEchoed
            | Phase::Established
            | Phase::ShutdownPending
            | Phase::ShutdownReceived
            | Phase::Closed => {}
        }
    }

    pub(super) fn handle_shutdown_complete(&mut self) {
        if self.handshake.phase == Phase::ShutdownAckSent {
            self.close(Closed::Shutdown);
        }
    }

    /// Goes on once everything sent has arrived.
    pub(super) fn advance_shutdown(&mut self) {
        if !self.outbound.is_drained() {
            return;
        }
        self.handshake.phase = match self.handshake.phase {
            Phase::ShutdownPending => Phase::ShutdownSent,
            Phase::ShutdownReceived => Phase::ShutdownAckSent,
            Phase::CookieWait
            | Phase::CookieEchoed
            | Phase::Established
            | Phase::ShutdownSent
            | Phase::ShutdownAckSent
            | Phase::Closed => return,
        };
        self.handshake.retry = Retry::new(self.clock);
    }

    /// The chunk that the shutdown wants to say now, if any.
    pub(super) fn take_shutdown(&mut self) -> Option<Chunk> {
        if !self.handshake.retry.is_due {
            return None;
        }
        let chunk = match self.handshake.phase {
            Phase::ShutdownSent => {
                Chunk::Shutdown(narrow(self.receiving.heard.next().wrapping_sub(1)))
            }
            Phase::ShutdownAckSent => Chunk::ShutdownAck,
            Phase::CookieWait
            | Phase::CookieEchoed
            | Phase::Established
            | Phase::ShutdownPending
            | Phase::ShutdownReceived
            | Phase::Closed => return None,
        };
        self.handshake.retry.note_sent(self.clock);
        Some(chunk)
    }

    fn say_abort(&mut self, cause: u16) {
        let mut causes = cause.to_be_bytes().to_vec();
        causes.extend_from_slice(&CAUSE_BYTES.to_be_bytes());
        let abort = Chunk::Abort {
            is_reflected: false,
            causes: Bytes::from(causes),
        };
        if self.handshake.peer.is_some() {
            self.handshake.lone = Some((abort, self.handshake.peer_tag()));
        }
    }
}

const USER_ABORT: u16 = 12;
const PROTOCOL_VIOLATION: u16 = 13;
const CAUSE_BYTES: u16 = 4;
