//! Both people, or for a transfer both devices, say that they go through with it.

use super::{Next, Outputs, Paired, PairingError, State};
use crate::Message;
use crate::introduction::PairingPurpose;
use crate::message::Verdict;
use crate::noise::Transport;

/// Waiting for this person's word, the other side's, or both.
pub(super) struct Deciding {
    transport: Transport,
    paired: Paired,
    own_added: bool,
    peer_added: bool,
}

impl Deciding {
    /// Asks the person, or adds at once if this is for a transfer.
    pub(super) fn begin(
        transport: Transport,
        paired: Paired,
        purpose: PairingPurpose,
        outputs: &mut Outputs,
    ) -> Result<Self, PairingError> {
        let mut deciding = Self {
            transport,
            paired,
            own_added: false,
            peer_added: false,
        };
        match purpose {
            PairingPurpose::Contact | PairingPurpose::Device => outputs.compare(&deciding.paired),
            PairingPurpose::Transfer => {
                deciding.own_added = true;
                deciding.send(Verdict::Added, outputs)?;
            }
        }
        Ok(deciding)
    }

    /// Takes this person's word. Stopping counts until both have added.
    pub(super) fn decide(
        mut self: Box<Self>,
        add: bool,
        outputs: &mut Outputs,
    ) -> Result<Next, PairingError> {
        if !add {
            self.leave(outputs);
            return Err(PairingError::Stopped);
        }
        if !self.own_added {
            self.own_added = true;
            self.send(Verdict::Added, outputs)?;
        }
        Ok(self.next())
    }

    /// Takes the other side's word.
    pub(super) fn receive(mut self: Box<Self>, message: &Message) -> Result<Next, PairingError> {
        let Message::Sealed(bytes) = message else {
            return Err(PairingError::Malformed);
        };
        let verdict = Verdict::decode(&self.transport.read(bytes)?);
        match verdict.map_err(|_| PairingError::Malformed)? {
            Verdict::Stopped => Err(PairingError::Rejected),
            Verdict::Added if self.peer_added => Err(PairingError::Malformed),
            Verdict::Added => {
                self.peer_added = true;
                Ok(self.next())
            }
        }
    }

    /// Tells the other side that nothing will come of it.
    pub(super) fn leave(&mut self, outputs: &mut Outputs) {
        let _unsent_if_the_channel_is_worn_out = self.send(Verdict::Stopped, outputs);
    }

    fn send(&mut self, verdict: Verdict, outputs: &mut Outputs) -> Result<(), PairingError> {
        let sealed = self.transport.write(&verdict.encode())?;
        outputs.send(&Message::Sealed(sealed));
        Ok(())
    }

    fn next(self: Box<Self>) -> Next {
        if self.own_added && self.peer_added {
            Next::Paired(self.paired)
        } else {
            Next::State(State::Deciding(self))
        }
    }
}
