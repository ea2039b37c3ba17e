//! A connection on the stock `webrtc` stack.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use model::sdp::{self, CandidatePolicy, SdpKind};
use model::{Description, DtlsFingerprint, PathKind};
use ring::digest;
use webrtc::data_channel::RTCDataChannelInit;
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, RTCIceCandidateType, RTCSessionDescription,
};

use crate::channel::Channel;
use crate::config::{BULK_ID, CONTROL_ID, ConnectionConfig, GATHER_TIME};
use crate::connection::ConnectError;
use crate::link::Shared;
use crate::observer::Observer;
use crate::path::{keep_first_of_each_address, path_kind};
use crate::progress::CloseReason;
use crate::relay::{Relay, relay_candidate};
use crate::runtime::PeerRuntime;

/// What a connection on the stock stack consists of. Dropping it ends its tasks.
pub(crate) struct StockLink {
    pub(crate) control: Channel,
    pub(crate) bulk: Channel,
    stack: Arc<dyn PeerConnection>,
    runtime: Arc<PeerRuntime>,
    observer: Arc<Observer>,
    /// Where the connection goes through, instead of straight to the peer.
    relay: Option<Relay>,
}

impl StockLink {
    /// Makes an offer.
    pub(crate) async fn offer(
        config: &ConnectionConfig,
        shared: &Shared,
    ) -> Result<(Self, Description), ConnectError> {
        let link = Self::new(config, shared).await?;
        let offer = link.stack.create_offer(None).await;
        let own = link
            .describe(offer.map_err(stack("make an offer"))?, config)
            .await?;
        link.runtime.set_opening(false); // Until the answer is here, which may take long.
        Ok((link, own))
    }

    /// Answers an offer.
    pub(crate) async fn answer(
        config: &ConnectionConfig,
        shared: &Shared,
        offer: &Description,
    ) -> Result<(Self, Description), ConnectError> {
        let link = Self::new(config, shared).await?;
        link.permit(offer);
        let remote = RTCSessionDescription::offer(sdp::render(offer, SdpKind::Offer));
        link.accept(remote.map_err(stack("read the offer"))?)
            .await?;
        let answer = link.stack.create_answer(None).await;
        let own = link
            .describe(answer.map_err(stack("make an answer"))?, config)
            .await?;
        link.runtime.gate().expect_peer(&own, offer);
        Ok((link, own))
    }

    /// Takes the answer to the offer.
    pub(crate) async fn accept_answer(
        &self,
        own: &Description,
        answer: &Description,
    ) -> Result<(), ConnectError> {
        self.permit(answer);
        self.runtime.gate().expect_peer(own, answer);
        self.runtime.set_opening(true);
        let remote = RTCSessionDescription::answer(sdp::render(answer, SdpKind::Answer));
        self.accept(remote.map_err(stack("read the answer"))?).await
    }

    /// Waits until both channels are open.
    pub(crate) async fn opened(&self) -> Result<(), CloseReason> {
        self.control.opened().await?;
        self.bulk.opened().await?;
        self.runtime.set_opening(false);
        Ok(())
    }

    /// Says goodbye and ends every task.
    pub(crate) async fn close(&self) {
        // Failing costs the farewell only; stopping ends the tasks either way.
        self.stack.close().await.ok();
        self.runtime.stop();
    }

    async fn new(config: &ConnectionConfig, shared: &Shared) -> Result<Self, ConnectError> {
        let Some(relays) = &config.relays else {
            return Self::build(config, shared, None).await;
        };
        let relay = Relay::allocate(relays).await?;
        // The stack's own socket carries nothing; it is of the family that peers are of.
        let face: IpAddr = match relay.relayed() {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        let faced = ConnectionConfig {
            bind: vec![face],
            stun_servers: Vec::new(),
            ..config.clone()
        };
        Self::build(&faced, shared, Some(relay)).await
    }

    async fn build(
        config: &ConnectionConfig,
        shared: &Shared,
        relay: Option<Relay>,
    ) -> Result<Self, ConnectError> {
        let first = *config.bind.first().ok_or(ConnectError::NoAddress)?;
        let granted = config.buffers.probe(first).map_err(ConnectError::Socket)?;
        let allocation = relay.as_ref().map(Relay::allocation);
        let runtime = Arc::new(PeerRuntime::new(config.buffers, allocation));
        let observer = Arc::new(Observer::new(runtime.clone(), shared.progress.clone()));
        runtime.set_opening(true);
        runtime.gate().expect_servers(config.asked_servers());

        let built = PeerConnectionBuilder::new()
            .with_configuration(config.servers())
            .with_setting_engine(config.settings(granted))
            .with_runtime(runtime.clone())
            .with_handler(observer.clone())
            .with_udp_addrs(config.socket_addresses())
            .with_data_channel_send_buffer_limit(config.send_buffer_bytes)
            .build();
        let built = Box::pin(built).await.map_err(stack("bind the sockets"))?;
        let stack: Arc<dyn PeerConnection> = Arc::new(built);
        observer.watch_over(&stack);

        Ok(Self {
            control: negotiated(&stack, "control", CONTROL_ID, shared).await?,
            bulk: negotiated(&stack, "bulk", BULK_ID, shared).await?,
            stack,
            runtime,
            observer,
            relay,
        })
    }

    /// Makes `local` the description in force and returns it with all candidates.
    async fn describe(
        &self,
        local: RTCSessionDescription,
        config: &ConnectionConfig,
    ) -> Result<Description, ConnectError> {
        let set = self.stack.set_local_description(local).await;
        set.map_err(stack("apply the own description"))?;
        // A server that does not answer costs its candidates and nothing else.
        let gathered = tokio::time::timeout(GATHER_TIME, self.observer.gathered());
        config.hurry.run_until_cancelled(gathered).await;

        let local = self.stack.local_description().await;
        let text = local.map(|local| local.sdp).unwrap_or_default();
        let own = sdp::parse(&text, CandidatePolicy::EVERYTHING);
        let mut own = own.map_err(stack("read the own description"))?;
        keep_first_of_each_address(&mut own);
        if let Some(relay) = &self.relay {
            own.candidates = vec![relay_candidate(relay)];
        }
        if own.candidates.is_empty() {
            return Err(ConnectError::NoAddress);
        }
        Ok(own)
    }

    /// Lets what the peer sends pass the relay, before the peer hears of it.
    fn permit(&self, peer: &Description) {
        if let Some(relay) = &self.relay {
            relay.permit(peer.candidates.iter().map(|it| it.address.ip()));
        }
    }

    async fn accept(&self, remote: RTCSessionDescription) -> Result<(), ConnectError> {
        let set = self.stack.set_remote_description(remote).await;
        set.map_err(stack("apply the peer's description"))
    }

    pub(crate) async fn presented_fingerprint(&self) -> Result<DtlsFingerprint, ConnectError> {
        let sctp = self
            .stack
            .sctp()
            .await
            .ok_or(ConnectError::WrongFingerprint)?;
        let certificates = sctp.transport().get_remote_certificates().await;
        let certificates = certificates.map_err(stack("read the peer's certificate"))?;
        let certificate = certificates.first().ok_or(ConnectError::WrongFingerprint)?;
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, certificate).as_ref());
        Ok(DtlsFingerprint(bytes))
    }

    pub(crate) async fn path(&self) -> Result<PathKind, ConnectError> {
        const STEP: &str = "read the chosen pair";
        let missing = || stack(STEP)("there is none");
        let sctp = self.stack.sctp().await.ok_or_else(missing)?;
        let pair = sctp
            .transport()
            .ice_transport()
            .get_selected_candidate_pair()
            .await;
        let pair = pair.map_err(stack(STEP))?.ok_or_else(missing)?;
        let (local, remote) = (pair.local(), pair.remote());
        let is_relay = [local.typ, remote.typ].contains(&RTCIceCandidateType::Relay);
        let relayed = is_relay || self.relay.is_some();
        let address = |text: &str| text.parse::<IpAddr>().map_err(stack(STEP));
        Ok(path_kind(
            address(&local.address)?,
            address(&remote.address)?,
            relayed,
        ))
    }
}

impl Drop for StockLink {
    fn drop(&mut self) {
        self.runtime.stop();
    }
}

/// Makes a channel that the peer makes too, with the same number (RFC 8832 §1).
async fn negotiated(
    connection: &Arc<dyn PeerConnection>,
    label: &str,
    id: u16,
    shared: &Shared,
) -> Result<Channel, ConnectError> {
    let init = RTCDataChannelInit {
        negotiated: Some(id),
        ..RTCDataChannelInit::default()
    };
    let made = connection.create_data_channel(label, Some(init)).await;
    let made = made.map_err(stack("make the channels"))?;
    Ok(Channel::stock(made, shared))
}

fn stack<E: fmt::Display>(step: &'static str) -> impl Fn(E) -> ConnectError {
    move |error| ConnectError::Stack {
        step,
        reason: error.to_string(),
    }
}
