//! The way two devices find each other again: abstract, but with delays and changing roles.

use std::time::Duration;

use model::{DeviceSecrets, Digest, SessionId};
use session_proto::{Role, Session, SessionConfig, SessionInput};

use super::{Event, World};

/// What signaling remembers.
#[derive(Debug)]
pub(crate) struct Signaling {
    busy: bool,
    negotiations: u64,
    /// The session both devices took part in last.
    session: u64,
}

impl Signaling {
    pub(super) fn new() -> Self {
        Self {
            busy: false,
            negotiations: 0,
            session: 0,
        }
    }
}

impl World {
    /// Begins a negotiation if a device has no connection and something is left to do.
    pub(super) fn negotiate_if_needed(&mut self) {
        let lonely = |device: usize| {
            (self.devices[device].process.as_ref()).is_some_and(|process| process.open.is_empty())
        };
        let both_up = self.is_up(0) && self.is_up(1);
        if self.signaling.busy || !both_up || !(lonely(0) || lonely(1)) || self.is_settled() {
            return;
        }
        self.signaling.busy = true;
        let delay = Duration::from_millis(self.seed.within(50..3_000));
        self.plan_in(delay, Event::Negotiated);
    }

    /// The negotiation succeeded, if both devices are still there.
    pub(super) fn negotiated(&mut self) {
        self.plan_in(OPENING, Event::NegotiationOver);
        if !(self.is_up(0) && self.is_up(1)) {
            return;
        }
        self.signaling.negotiations += 1;
        for connection in self.network.alive() {
            self.close_connection(connection);
        }
        let revivable = [0, 1]
            .into_iter()
            .all(|device| self.devices[device].process().session.is_some());
        if revivable && self.seed.chance(60) {
            self.revive();
        } else {
            self.begin_session();
        }
        for _ in 0..=self.seed.below(3) {
            self.connect();
        }
    }

    /// Its connections are open by now, or never will be.
    pub(super) fn negotiation_over(&mut self) {
        self.signaling.busy = false;
    }

    fn revive(&mut self) {
        let transcript = self.transcript();
        for device in [0, 1] {
            for connection in self.devices[device].process().open.clone() {
                self.forget_connection(device, connection);
            }
            self.tell_session(device, SessionInput::Rebound { transcript });
        }
    }

    fn begin_session(&mut self) {
        self.signaling.session = self.signaling.negotiations;
        let initiator = self.seed.below(2);
        for device in [0, 1] {
            self.end_session(device);
            let role = if device == initiator {
                Role::Initiator
            } else {
                Role::Responder
            };
            let session = Session::new(self.session_config(device, role));
            self.devices[device].process().session = Some(session);
        }
    }

    fn session_config(&mut self, device: usize, role: Role) -> SessionConfig {
        let mut session = [0; 16];
        session[..8].copy_from_slice(&self.signaling.session.to_be_bytes());
        SessionConfig {
            role,
            session: SessionId(session),
            transcript: self.transcript(),
            own: secrets(device),
            peer: secrets(1 - device).public(),
            psk: [7; 32],
            entropy: Box::new(self.seed.fork()),
        }
    }

    fn transcript(&self) -> Digest {
        Digest::of(&self.signaling.negotiations.to_be_bytes())
    }

    /// Makes another connection, which the devices notice one after the other.
    pub(super) fn connect(&mut self) {
        let connection = self.network.connect(self.now);
        for device in [0, 1] {
            let delay = Duration::from_millis(self.seed.within(1..400));
            self.plan_in(delay, Event::ConnectionOpened { device, connection });
        }
    }
}

/// Within this time both sides notice that a connection is open.
const OPENING: Duration = Duration::from_millis(500);

fn secrets(device: usize) -> DeviceSecrets {
    DeviceSecrets::from_bytes(&[if device == 0 { 1 } else { 2 }; 64])
}
