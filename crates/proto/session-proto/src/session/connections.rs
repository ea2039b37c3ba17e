//! Which connection carries control, and how the next one takes over.

use super::*;

impl Session {
    /// Begins on the freshest open connection, or waits for the initiator to do so.
    pub(super) fn find_connection(&mut self, now: Instant) {
        let Some((&connection, opened)) = self.open.iter_mut().next_back() else {
            self.phase = Phase::Alone;
            self.outputs.push_back(SessionOutput::NeedsConnection);
            return;
        };
        self.phase = match self.binding.role {
            Role::Responder => Phase::Waiting {
                until: now + self.patience(),
            },
            Role::Initiator => {
                opened.used = true;
                self.round += 1;
                let greeting = Greeting {
                    next: self.incoming.next(),
                    round: self.round,
                };
                let (handshake, bytes) =
                    self.binding
                        .begin(opened.fingerprints, greeting, &mut self.entropy);
                self.outputs
                    .push_back(SessionOutput::SendControl { connection, bytes });
                Phase::Asking {
                    connection,
                    handshake,
                    until: now + NOISE_TIME,
                }
            }
        };
    }

    /// The initiator may need this long to notice that a connection is dead and to begin elsewhere.
    fn patience(&self) -> Duration {
        if self.proven {
            SILENT_TIME + NOISE_TIME
        } else {
            NOISE_TIME
        }
    }

    /// Responder: a handshake begins on a connection; whatever carried control before is over.
    pub(super) fn answer_handshake(
        &mut self,
        connection: ConnectionId,
        bytes: &[u8],
        now: Instant,
    ) -> Result<(), SessionError> {
        let Some(opened) = self.open.get_mut(&connection).filter(|opened| !opened.used) else {
            return Ok(()); // Late bytes of a connection that was lost or left behind.
        };
        match self.binding.role {
            Role::Initiator => return Err(Violation::SpokeFirst.into()),
            Role::Responder => opened.used = true,
        }
        let greeting = Greeting {
            next: self.incoming.next(),
            round: 0,
        };
        let answer =
            self.binding
                .answer(opened.fingerprints, greeting, bytes, &mut self.entropy)?;
        if answer.greeting.round <= self.round {
            return Ok(()); // A later handshake overtook it on another connection.
        }
        self.round = answer.greeting.round;
        self.outputs.push_back(SessionOutput::SendControl {
            connection,
            bytes: answer.message,
        });
        self.phase = Phase::Confirming {
            connection,
            noise: Box::new(answer.noise),
            next: answer.greeting.next,
            until: now + NOISE_TIME,
        };
        Ok(())
    }

    /// Initiator: the responder answered.
    pub(super) fn finish_handshake(
        &mut self,
        bytes: &[u8],
        now: Instant,
    ) -> Result<(), SessionError> {
        let phase = std::mem::replace(&mut self.phase, Phase::Alone);
        let Phase::Asking {
            connection,
            handshake,
            ..
        } = phase
        else {
            return Ok(());
        };
        let (noise, greeting) = handshake.finish(bytes)?;
        self.incoming.owe_now(); // The responder waits for a confirmation.
        self.establish(Link::new(connection, noise, now), greeting.next)
    }

    /// Responder: the initiator's first message proves that it is there now.
    pub(super) fn confirm(&mut self, bytes: &[u8], now: Instant) -> Result<(), SessionError> {
        let phase = std::mem::replace(&mut self.phase, Phase::Alone);
        let Phase::Confirming {
            connection,
            noise,
            next,
            ..
        } = phase
        else {
            return Ok(());
        };
        let mut link = Link::new(connection, *noise, now);
        let frames = link
            .open(bytes, now)
            .map_err(|_| HandshakeError::NotAuthentic)?;
        self.establish(link, next)?;
        self.take_frames(frames, now)
    }

    fn establish(&mut self, link: Link, next: u64) -> Result<(), SessionError> {
        self.outgoing.resume(next)?;
        self.phase = Phase::Linked(link);
        self.outputs.push_back(SessionOutput::Established {
            first: !std::mem::replace(&mut self.proven, true),
        });
        Ok(())
    }

    /// A connection is gone; if it carried control, another takes over.
    pub(super) fn drop_connection(&mut self, connection: ConnectionId, now: Instant) {
        if self.open.remove(&connection).is_none() {
            return;
        }
        let carrier = match &self.phase {
            Phase::Asking { connection, .. } | Phase::Confirming { connection, .. } => {
                Some(*connection)
            }
            Phase::Linked(link) => Some(link.connection),
            Phase::Alone | Phase::Waiting { .. } | Phase::Ended => None,
        };
        if carrier == Some(connection) || self.open.is_empty() {
            self.lose_control(now);
        }
    }

    fn lose_control(&mut self, now: Instant) {
        match &self.closing {
            Some(closing) => self.end(SessionError::ClosedHere(closing.reason)),
            None => self.find_connection(now),
        }
    }

    /// Gives a connection up that the driver still takes for alive.
    pub(super) fn report_silent(&mut self, connection: ConnectionId, now: Instant) {
        self.outputs
            .push_back(SessionOutput::ConnectionSilent { connection });
        self.drop_connection(connection, now);
    }

    /// A first handshake that takes too long is a failure; a later one is a dead connection.
    pub(super) fn give_up_handshake(&mut self, connection: ConnectionId, now: Instant) {
        if self.proven {
            self.report_silent(connection, now);
        } else {
            self.end(HandshakeError::TimedOut.into());
        }
    }

    /// The initiator began on none of the open connections: they are dead.
    pub(super) fn give_up_waiting(&mut self, now: Instant) {
        if !self.proven {
            self.end(HandshakeError::TimedOut.into());
            return;
        }
        let silent = std::mem::take(&mut self.open);
        for &connection in silent.keys() {
            self.outputs
                .push_back(SessionOutput::ConnectionSilent { connection });
        }
        self.lose_control(now);
    }
}
