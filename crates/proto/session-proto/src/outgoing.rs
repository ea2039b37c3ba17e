use std::collections::VecDeque;

use crate::frames::{DATA_HEAD_BYTES, Frame};
use crate::session::Violation;

/// The longest piece of a message: with its head and a few signs it fills one channel message.
pub const FRAGMENT_BYTES: usize = 60 * 1024;
/// What a kept piece counts beside its bytes, so that a million empty messages are not free.
pub const FRAGMENT_OVERHEAD_BYTES: usize = 64;

/// The sending half of the numbered stream: keeps every piece until the peer acknowledges it.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    /// The pieces from number `acknowledged` on, without a gap.
    kept: VecDeque<Piece>,
    kept_bytes: usize,
    /// Every number below has arrived.
    acknowledged: u64,
    /// The next number to send on the present connection.
    cursor: u64,
    /// Every number below was sent at least once.
    sent: u64,
}

#[derive(Debug)]
struct Piece {
    bytes: Vec<u8>,
    last: bool,
}

impl Outgoing {
    /// Cuts a message into pieces and queues them.
    pub(crate) fn push(&mut self, message: &[u8]) {
        let mut pieces = message.chunks(FRAGMENT_BYTES).peekable();
        while let Some(bytes) = pieces.next() {
            self.kept_bytes += bytes.len() + FRAGMENT_OVERHEAD_BYTES;
            self.kept.push_back(Piece {
                bytes: bytes.to_vec(),
                last: pieces.peek().is_none(),
            });
        }
    }

    /// The memory that kept pieces take.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.kept_bytes
    }

    /// The next piece to send, if it fits into `room` bytes with its head.
    pub(crate) fn next_within(&mut self, room: usize) -> Option<Frame> {
        let place = usize::try_from(self.cursor - self.acknowledged).ok()?;
        let piece = self.kept.get(place)?;
        if piece.bytes.len() + DATA_HEAD_BYTES > room {
            return None;
        }
        let frame = Frame::Data {
            number: self.cursor,
            last: piece.last,
            bytes: piece.bytes.clone(),
        };
        self.cursor += 1;
        self.sent = self.sent.max(self.cursor);
        Some(frame)
    }

    /// Forgets the pieces before `next`, which the peer has.
    pub(crate) fn acknowledge(&mut self, next: u64) -> Result<(), Violation> {
        if next < self.acknowledged || next > self.sent {
            return Err(Violation::Acknowledgement);
        }
        while self.acknowledged < next {
            let piece = self.kept.pop_front().ok_or(Violation::Acknowledgement)?;
            self.kept_bytes -= piece.bytes.len() + FRAGMENT_OVERHEAD_BYTES;
            self.acknowledged += 1;
        }
        self.cursor = self.cursor.max(next);
        Ok(())
    }

    /// Starts on another connection, whose peer expects `next`.
    pub(crate) fn resume(&mut self, next: u64) -> Result<(), Violation> {
        self.acknowledge(next)?;
        self.cursor = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(outgoing: &mut Outgoing) -> Vec<u64> {
        std::iter::from_fn(|| outgoing.next_within(usize::MAX))
            .map(|frame| match frame {
                Frame::Data { number, .. } => number,
                Frame::Acknowledge { .. } | Frame::Ping { .. } | Frame::Pong { .. } => {
                    panic!("only data is queued")
                }
            })
            .collect()
    }

    #[test]
    fn a_message_is_cut_and_its_last_piece_marked() {
        let mut outgoing = Outgoing::default();
        outgoing.push(&vec![1; 2 * FRAGMENT_BYTES]);
        let lasts: Vec<(usize, bool)> = std::iter::from_fn(|| outgoing.next_within(usize::MAX))
            .filter_map(|frame| match frame {
                Frame::Data { bytes, last, .. } => Some((bytes.len(), last)),
                Frame::Acknowledge { .. } | Frame::Ping { .. } | Frame::Pong { .. } => None,
            })
            .collect();
        assert_eq!(lasts, [(FRAGMENT_BYTES, false), (FRAGMENT_BYTES, true)]);
    }

    #[test]
    fn what_is_not_acknowledged_is_sent_again_on_the_next_connection() {
        let mut outgoing = Outgoing::default();
        for _ in 0..5 {
            outgoing.push(b"message");
        }
        assert_eq!(drain(&mut outgoing), [0, 1, 2, 3, 4]);
        outgoing.acknowledge(2).unwrap();
        outgoing.resume(3).unwrap();
        assert_eq!(drain(&mut outgoing), [3, 4]);
        outgoing.acknowledge(5).unwrap();
        assert_eq!(outgoing.kept_bytes(), 0);
    }

    #[test]
    fn acknowledging_what_was_never_sent_or_going_back_is_a_violation() {
        let mut outgoing = Outgoing::default();
        outgoing.push(b"sent");
        assert_eq!(outgoing.acknowledge(1), Err(Violation::Acknowledgement));
        assert_eq!(drain(&mut outgoing), [0]);
        outgoing.push(b"queued");
        assert_eq!(outgoing.acknowledge(2), Err(Violation::Acknowledgement));
        outgoing.acknowledge(1).unwrap();
        assert_eq!(outgoing.resume(0), Err(Violation::Acknowledgement));
    }

    #[test]
    fn a_piece_that_does_not_fit_waits_for_the_next_message() {
        let mut outgoing = Outgoing::default();
        outgoing.push(&[1; 100]);
        assert_eq!(outgoing.next_within(100 + DATA_HEAD_BYTES - 1), None);
        assert!(outgoing.next_within(100 + DATA_HEAD_BYTES).is_some());
    }
}
