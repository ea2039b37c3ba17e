use std::collections::BTreeSet;

use crate::PauseReason;

/// Who waits, and why: any number of reasons here, the last one told by the peer.
#[derive(Debug, Default)]
pub(crate) struct Pauses {
    own: BTreeSet<PauseReason>,
    peer: Option<PauseReason>,
}

impl Pauses {
    pub(crate) fn is_paused(&self) -> bool {
        !self.own.is_empty() || self.peer.is_some()
    }

    /// The reason of this side that is worth telling.
    pub(crate) fn own(&self) -> Option<PauseReason> {
        self.own.first().copied()
    }

    /// Returns whether the reason is new.
    pub(crate) fn pause(&mut self, reason: PauseReason) -> bool {
        self.own.insert(reason)
    }

    /// Removes one reason; returns whether this side waits no longer because of that.
    pub(crate) fn lift(&mut self, reason: PauseReason) -> bool {
        self.own.remove(&reason) && self.own.is_empty()
    }

    /// Removes every reason of this side; returns whether there was one.
    pub(crate) fn lift_all(&mut self) -> bool {
        !std::mem::take(&mut self.own).is_empty()
    }

    /// Returns whether this is news.
    pub(crate) fn set_peer(&mut self, reason: Option<PauseReason>) -> bool {
        std::mem::replace(&mut self.peer, reason) != reason
    }
}
