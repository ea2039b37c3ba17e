//! What the WebRTC stack reports about a connection, told to whoever waits for it.

use std::sync::{Arc, OnceLock, Weak};

use tokio::sync::{Notify, watch};
use webrtc::data_channel::DataChannel;
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionEventHandler, RTCIceConnectionState, RTCIceGatheringState,
    RTCPeerConnectionState,
};

use crate::runtime::PeerRuntime;

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

/// Receives the stack's events.
pub(crate) struct Observer {
    phase: watch::Sender<Phase>,
    gathered: Notify,
    runtime: Arc<PeerRuntime>,
    stack: OnceLock<Weak<dyn PeerConnection>>,
}

impl Observer {
    pub(crate) fn new(runtime: Arc<PeerRuntime>) -> Self {
        Self {
            phase: watch::Sender::new(Phase::Connecting),
            gathered: Notify::new(),
            runtime,
            stack: OnceLock::new(),
        }
    }

    /// Names the connection to close when its peer breaks the rules.
    pub(crate) fn watch_over(&self, stack: &Arc<dyn PeerConnection>) {
        self.stack.get_or_init(|| Arc::downgrade(stack));
    }

    /// Waits until all candidates are found.
    pub(crate) async fn gathered(&self) {
        self.gathered.notified().await;
    }

    /// Waits until ICE has chosen a pair.
    pub(crate) async fn pair_chosen(&self) -> Result<(), CloseReason> {
        match self.wait_for(|phase| *phase != Phase::Connecting).await {
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

    fn advance(&self, next: Phase) {
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

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Observer {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            self.gathered.notify_one();
        }
    }

    async fn on_ice_connection_state_change(&self, state: RTCIceConnectionState) {
        if state == RTCIceConnectionState::Connected {
            self.advance(Phase::PairChosen);
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        if state == RTCPeerConnectionState::Connected {
            self.runtime.gate().establish();
            self.advance(Phase::Established);
        } else if state == RTCPeerConnectionState::Disconnected
            || state == RTCPeerConnectionState::Failed
        {
            self.end(CloseReason::Lost);
        }
    }

    async fn on_data_channel(&self, _: Arc<dyn DataChannel>) {
        self.end(CloseReason::Violation);
        if let Some(stack) = self.stack.get().and_then(Weak::upgrade) {
            // The connection is over either way; all that failing costs is the farewell.
            stack.close().await.ok();
        }
    }
}
