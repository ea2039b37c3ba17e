//! How far a connection has come, told to whoever waits for it.

use tokio::sync::watch;

/// Why a connection is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// This side closed it, or dropped it.
    #[error("closed")]
    Closed,
    /// The peer closed it, or one of its channels.
    #[error("closed by the peer")]
    ClosedByPeer,
    /// The peer has been silent for several seconds.
    #[error("the peer is silent")]
    Lost,
    /// The peer opened a channel, or sent a message that is too long.
    #[error("the peer broke the rules")]
    Violation,
    /// The DTLS session has carried as much as it may: [`crate::ConnectionConfig::session_bytes`].
    #[error("the connection has carried as much as it may")]
    Exhausted,
}

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Not yet.
    Connecting,
    /// ICE has chosen a pair.
    PairChosen,
    /// The DTLS handshake is done.
    Established,
    /// It is over, and stays so.
    Over(CloseReason),
}

/// The way of one connection from its first step to its end.
#[derive(Debug)]
pub(crate) struct Progress {
    phase: watch::Sender<Phase>,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            phase: watch::Sender::new(Phase::Connecting),
        }
    }
}

impl Progress {
    /// Waits until ICE has chosen a pair.
    pub(crate) async fn pair_chosen(&self) -> Result<(), CloseReason> {
        match self.wait_for(|phase| *phase != Phase::Connecting).await {
            Phase::Over(reason) => Err(reason),
            Phase::Connecting | Phase::PairChosen | Phase::Established => Ok(()),
        }
    }

    /// Waits until the channels can be used.
    pub(crate) async fn established(&self) -> Result<(), CloseReason> {
        let is_done = |phase: &Phase| matches!(phase, Phase::Established | Phase::Over(_));
        match self.wait_for(is_done).await {
            Phase::Over(reason) => Err(reason),
            Phase::Connecting | Phase::PairChosen | Phase::Established => Ok(()),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(*self.phase.borrow(), Phase::Over(_))
    }

    /// Waits until the connection is over.
    pub(crate) async fn over(&self) -> CloseReason {
        match self.wait_for(|phase| matches!(phase, Phase::Over(_))).await {
            Phase::Over(reason) => reason,
            Phase::Connecting | Phase::PairChosen | Phase::Established => CloseReason::Closed,
        }
    }

    /// Ends the connection for everybody who waits; the first reason stays.
    pub(crate) fn end(&self, reason: CloseReason) {
        self.advance(Phase::Over(reason));
    }

    /// Notes that a pair was chosen, the first time.
    pub(crate) fn advance_from_start(&self) {
        let is_first = *self.phase.borrow() == Phase::Connecting;
        if is_first {
            self.advance(Phase::PairChosen);
        }
    }

    /// Notes another phase, unless it is over.
    pub(crate) fn advance(&self, next: Phase) {
        self.phase.send_if_modified(|phase| {
            let is_over = matches!(phase, Phase::Over(_));
            let is_news = !is_over && *phase != next;
            if is_news {
                *phase = next;
            }
            is_news
        });
    }

    async fn wait_for(&self, wanted: impl FnMut(&Phase) -> bool) -> Phase {
        let mut phases = self.phase.subscribe();
        let phase = phases.wait_for(wanted).await;
        *phase.expect("the sender lives in self")
    }
}
