//! A peer that is no Wherry: the stock stack, which opens channels as it likes.

use std::sync::Arc;

use model::sdp::{self, CandidatePolicy, SdpKind};
use peer::{CloseReason, Connection};
use rtc_ice::mdns::MulticastDnsMode;
use tokio::sync::Notify;
use webrtc::data_channel::{DataChannel, RTCDataChannelInit};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceGatheringState,
    RTCSessionDescription, SettingEngineBuilder,
};

use crate::pair::{V4, config};

#[tokio::test]
async fn a_stock_peer_with_our_two_channels_is_welcome() {
    let intruder = Intruder::new().await;
    let ours = intruder.connect().await;
    let control = &intruder.channels[0];
    control.send(b"hello"[..].into()).await.unwrap();
    assert_eq!(ours.control().receive().await.unwrap(), "hello");
}

#[tokio::test]
async fn a_channel_that_the_peer_opens_ends_the_connection() {
    let intruder = Intruder::new().await;
    let ours = intruder.connect().await;
    let _extra = intruder
        .stack
        .create_data_channel("extra", None)
        .await
        .unwrap();
    assert_eq!(ours.closed().await, CloseReason::Violation);
    assert_eq!(ours.control().receive().await, None);
    assert_eq!(ours.bulk().receive().await, None);
}

struct Intruder {
    stack: Arc<dyn PeerConnection>,
    channels: Vec<Arc<dyn DataChannel>>,
    gathered: Arc<Notify>,
}

impl Intruder {
    async fn new() -> Self {
        let gathered = Arc::new(Notify::new());
        let settings = SettingEngineBuilder::new()
            .with_multicast_dns_mode(MulticastDnsMode::Disabled)
            .with_include_loopback_candidate(true)
            .build();
        let built = PeerConnectionBuilder::new()
            .with_setting_engine(settings)
            .with_handler(Arc::new(Gathering(gathered.clone())))
            .with_udp_addrs(vec!["127.0.0.1:0"])
            .build();
        let stack: Arc<dyn PeerConnection> = Arc::new(Box::pin(built).await.unwrap());
        let mut channels = Vec::new();
        for id in 0..2 {
            let init = RTCDataChannelInit {
                negotiated: Some(id),
                ..RTCDataChannelInit::default()
            };
            channels.push(stack.create_data_channel("ours", Some(init)).await.unwrap());
        }
        Self {
            stack,
            channels,
            gathered,
        }
    }

    async fn connect(&self) -> Connection {
        let offer = self.stack.create_offer(None).await.unwrap();
        self.stack.set_local_description(offer).await.unwrap();
        self.gathered.notified().await;
        let offer = self.stack.local_description().await.unwrap();
        let offer = sdp::parse(&offer.sdp, CandidatePolicy::EVERYTHING).unwrap();
        let (pending, answer) = Connection::answer(config(V4), &offer).await.unwrap();
        let answer = RTCSessionDescription::answer(sdp::render(&answer, SdpKind::Answer)).unwrap();
        self.stack.set_remote_description(answer).await.unwrap();
        pending.connect().await.unwrap()
    }
}

struct Gathering(Arc<Notify>);

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Gathering {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            self.0.notify_one();
        }
    }
}
