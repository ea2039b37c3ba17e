//! What flows over a proven link, and how the session ends.

use super::*;

impl Session {
    /// Takes one message of the link that carries control.
    pub(super) fn take_packet(&mut self, bytes: &[u8], now: Instant) -> Result<(), SessionError> {
        let Phase::Linked(link) = &mut self.phase else {
            return Ok(());
        };
        let frames = link.open(bytes, now)?;
        self.take_frames(frames, now)
    }

    /// Takes what a message holds.
    pub(super) fn take_frames(
        &mut self,
        frames: Vec<Frame>,
        now: Instant,
    ) -> Result<(), SessionError> {
        for frame in frames {
            match frame {
                Frame::Data {
                    number,
                    last,
                    bytes,
                } => {
                    if let Some(message) = self.incoming.accept(number, last, &bytes, now)? {
                        self.take_message(&message)?;
                    }
                }
                Frame::Acknowledge { next } => {
                    self.outgoing.acknowledge(next)?;
                    self.end_when_heard()?;
                }
                Frame::Ping { nonce } => self.with_link(|link| link.answer(nonce)),
                Frame::Pong { nonce } => self.take_pong(nonce),
            }
        }
        Ok(())
    }

    /// Takes the next message to send on the link, if there is anything to say.
    pub(super) fn next_packet(&mut self) -> Option<SessionOutput> {
        let Phase::Linked(link) = &mut self.phase else {
            return None;
        };
        let mut frames = link.take_signs();
        let mut room = DATA_ROOM_BYTES;
        while let Some(frame) = self.outgoing.next_within(room) {
            room -= data_bytes(&frame);
            frames.push(frame);
        }
        let company = !frames.is_empty();
        if let Some(next) = self.incoming.take_acknowledgement(company) {
            frames.push(Frame::Acknowledge { next });
        }
        if frames.is_empty() {
            return None;
        }
        Some(SessionOutput::SendControl {
            connection: link.connection,
            bytes: link.seal(&frames),
        })
    }

    /// The connection that carries control is alive.
    pub(super) fn note_life(&mut self, connection: ConnectionId, now: Instant) {
        self.with_link(|link| {
            if link.connection == connection {
                link.hear(now);
            }
        });
    }

    /// Queues a numbered message.
    pub(super) fn queue(&mut self, message: &ControlMessage) {
        if self.outgoing.kept_bytes() >= CONTROL_UNACKNOWLEDGED_BYTES + CONTROL_MESSAGE_BYTES {
            self.end(SessionError::QueueFull);
            return;
        }
        match message.encode() {
            Ok(bytes) => self.outgoing.push(&bytes),
            Err(_) => self.end(SessionError::MessageTooLong),
        }
    }

    /// Pings the peer, if there is a way.
    pub(super) fn ask(&mut self, nonce: u64) {
        self.with_link(|link| link.ask(nonce));
    }

    /// Waits for the queue to arrive at the peer; without any connection there is nothing to wait for.
    pub(super) fn close(&mut self, reason: CloseReason, now: Instant) {
        if self.open.is_empty() {
            self.end(SessionError::ClosedHere(reason));
            return;
        }
        self.closing = Some(Closing {
            reason,
            until: now + CLOSE_TIME,
        });
    }

    /// Ends the session; the first reason counts.
    pub(super) fn end(&mut self, error: SessionError) {
        if matches!(self.phase, Phase::Ended) {
            return;
        }
        self.phase = Phase::Ended;
        self.open.clear();
        self.outputs.push_back(SessionOutput::Close(error));
    }

    fn take_message(&mut self, bytes: &[u8]) -> Result<(), SessionError> {
        let message = ControlMessage::decode(bytes).map_err(|_| Violation::Malformed)?;
        let reason = match &message {
            ControlMessage::Close { reason } => Some(*reason),
            ControlMessage::Transfer(_)
            | ControlMessage::Folder(_)
            | ControlMessage::ConnectionOffer { .. }
            | ControlMessage::ConnectionAnswer { .. }
            | ControlMessage::ConnectionRefused { .. }
            | ControlMessage::ConnectionRetired { .. }
            | ControlMessage::Ping { .. }
            | ControlMessage::Pong { .. } => None,
        };
        self.outputs.push_back(SessionOutput::Received(message));
        let Some(reason) = reason else {
            return Ok(());
        };
        // The peer waits for this acknowledgement before it hangs up.
        self.incoming.owe_now();
        let packet = self.next_packet();
        self.outputs.extend(packet);
        Err(SessionError::ClosedByPeer(reason))
    }

    fn take_pong(&mut self, nonce: u64) {
        let mut answered = false;
        self.with_link(|link| answered = link.is_answered(nonce));
        if answered {
            let pong = ControlMessage::Pong { nonce };
            self.outputs.push_back(SessionOutput::Received(pong));
        }
    }

    fn end_when_heard(&mut self) -> Result<(), SessionError> {
        match &self.closing {
            Some(closing) if self.outgoing.kept_bytes() == 0 => {
                Err(SessionError::ClosedHere(closing.reason))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn with_link(&mut self, act: impl FnOnce(&mut Link)) {
        if let Phase::Linked(link) = &mut self.phase {
            act(link);
        }
    }
}

fn data_bytes(frame: &Frame) -> usize {
    match frame {
        Frame::Data { bytes, .. } => DATA_HEAD_BYTES + bytes.len(),
        Frame::Acknowledge { .. } | Frame::Ping { .. } | Frame::Pong { .. } => 0,
    }
}
