//! What the WebRTC stack reports about a connection, told to whoever waits for it.

use std::sync::{Arc, OnceLock, Weak};

use tokio::sync::Notify;
use webrtc::data_channel::DataChannel;
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionEventHandler, RTCIceConnectionState, RTCIceGatheringState,
    RTCPeerConnectionState,
};

use crate::progress::{CloseReason, Phase, Progress};
use crate::runtime::PeerRuntime;

/// Receives the stack's events.
pub(crate) struct Observer {
    progress: Arc<Progress>,
    gathered: Notify,
    runtime: Arc<PeerRuntime>,
    stack: OnceLock<Weak<dyn PeerConnection>>,
}

impl Observer {
    pub(crate) fn new(runtime: Arc<PeerRuntime>, progress: Arc<Progress>) -> Self {
        Self {
            progress,
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
            self.progress.advance(Phase::PairChosen);
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        if state == RTCPeerConnectionState::Connected {
            self.runtime.gate().establish();
            self.progress.advance(Phase::Established);
        } else if state == RTCPeerConnectionState::Disconnected
            || state == RTCPeerConnectionState::Failed
        {
            self.progress.end(CloseReason::Lost);
        }
    }

    async fn on_data_channel(&self, _: Arc<dyn DataChannel>) {
        self.progress.end(CloseReason::Violation);
        if let Some(stack) = self.stack.get().and_then(Weak::upgrade) {
            // The connection is over either way; all that failing costs is the farewell.
            stack.close().await.ok();
        }
    }
}
