//! Making, holding and ending one peer connection.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use model::sdp::{self, CandidatePolicy, SdpKind};
use model::{Description, DtlsFingerprint, DtlsRole, PathKind, limits};
use ring::digest;
use webrtc::data_channel::RTCDataChannelInit;
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, RTCIceCandidateType, RTCSessionDescription,
};

use crate::channel::{Channel, Counters, Statistics};
use crate::config::ConnectionConfig;
use crate::observer::{CloseReason, Observer};
use crate::path::path_kind;
use crate::runtime::PeerRuntime;

/// One peer connection with both channels open.
///
/// Dropping it ends everything at once; the peer then only notices that this side is silent, so
/// [`Connection::finish`] is the polite way.
pub struct Connection {
    link: Link,
    fingerprints: Fingerprints,
    path: PathKind,
}

/// A connection whose descriptions are on their way. Dropping it ends everything it started.
pub struct PendingConnection {
    link: Link,
    own: Description,
    peer: Option<Description>,
}

/// The certificates that both sides have shown in the DTLS handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprints {
    /// Ours: a new one for each connection.
    pub own: DtlsFingerprint,
    /// The peer's; it is the one that its description announced.
    pub peer: DtlsFingerprint,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// [`ConnectionConfig::bind`] is empty.
    #[error("there is no address to gather on")]
    NoAddress,
    /// A socket could not be made.
    #[error("no socket")]
    Socket(#[source] std::io::Error),
    /// The WebRTC stack refused a step.
    #[error("{step}: {reason}")]
    Stack {
        /// What was tried.
        step: &'static str,
        /// What the stack says about it.
        reason: String,
    },
    /// The answer leaves open who starts the DTLS handshake, or an answer was given to an answer.
    #[error("not an answer to this offer")]
    NotAnAnswer,
    /// [`PendingConnection::connect`] before [`PendingConnection::accept_answer`].
    #[error("the offer has not been answered")]
    NoAnswer,
    /// No pair of candidates worked within [`limits::ICE_TIME`].
    #[error("no path to the peer was found in time")]
    IceTimedOut,
    /// A path was found, and no channel opened within [`limits::DTLS_TIME`]; also what a peer with
    /// another certificate than announced ends in.
    #[error("the peer did not complete the handshake in time")]
    DtlsTimedOut,
    /// The peer has shown another certificate than its description announced.
    #[error("the peer has shown another certificate")]
    WrongFingerprint,
    /// The connection ended while it was being made.
    #[error("the connection ended early: {0}")]
    Ended(CloseReason),
}

impl Connection {
    /// Starts a connection and returns the offer for the peer, with all candidates.
    pub async fn offer(
        config: ConnectionConfig,
    ) -> Result<(PendingConnection, Description), ConnectError> {
        let link = Link::new(&config).await?;
        let offer = link.stack.create_offer(None).await;
        let own = link
            .describe(offer.map_err(stack("make an offer"))?)
            .await?;
        link.runtime.set_opening(false); // Until the answer is here, which may take long.

        let offer = own.clone();
        let pending = PendingConnection {
            link,
            own,
            peer: None,
        };
        Ok((pending, offer))
    }

    /// Starts a connection from the peer's offer and returns the answer for it, with all candidates.
    pub async fn answer(
        config: ConnectionConfig,
        offer: &Description,
    ) -> Result<(PendingConnection, Description), ConnectError> {
        let link = Link::new(&config).await?;
        let remote = RTCSessionDescription::offer(sdp::render(offer, SdpKind::Offer));
        link.accept(remote.map_err(stack("read the offer"))?)
            .await?;
        let answer = link.stack.create_answer(None).await;
        let own = link
            .describe(answer.map_err(stack("make an answer"))?)
            .await?;
        link.runtime.gate().expect_peer(&own, offer);

        let answer = own.clone();
        let pending = PendingConnection {
            link,
            own,
            peer: Some(offer.clone()),
        };
        Ok((pending, answer))
    }

    /// Channel 0.
    pub fn control(&self) -> Channel {
        self.link.control.clone()
    }

    /// Channel 1.
    pub fn bulk(&self) -> Channel {
        self.link.bulk.clone()
    }

    /// The certificates as they were shown in the handshake.
    pub fn fingerprints(&self) -> Fingerprints {
        self.fingerprints
    }

    /// The route, as it was when the channels opened.
    pub fn path(&self) -> PathKind {
        self.path
    }

    /// What has passed through both channels so far.
    pub fn statistics(&self) -> Statistics {
        self.link.counters.snapshot()
    }

    /// Waits until the connection is over, and says why. May be awaited by many, and again.
    pub async fn closed(&self) -> CloseReason {
        self.link.observer.over().await
    }

    /// Waits until either side has sent three quarters of what its key may encrypt: time for a new
    /// connection.
    pub async fn worn(&self) {
        let counters = &self.link.counters;
        tokio::select! {
            () = counters.sent_wear.reached(6) => {}
            () = counters.received_wear.reached(6) => {}
        }
    }

    /// Waits until this side has sent seven eighths: the rest is for control.
    pub async fn spent(&self) {
        self.link.counters.sent_wear.reached(7).await;
    }

    /// Closes after everything sent was acknowledged by the peer, or after [`FLUSH_TIME`].
    ///
    /// Send nothing meanwhile: what is sent later may be lost.
    pub async fn finish(&self) {
        let flushed = async {
            for channel in [&self.link.control, &self.link.bulk] {
                while !self.link.observer.is_over() && channel.buffered_bytes().await > 0 {
                    tokio::time::sleep(FLUSH_INTERVAL).await;
                }
            }
        };
        // A peer that acknowledges nothing is not waited for.
        tokio::time::timeout(FLUSH_TIME, flushed).await.ok();
        self.close().await;
    }

    /// Says goodbye and ends every task of this connection, at once.
    ///
    /// What the peer has not acknowledged may be lost: see [`Connection::finish`].
    pub async fn close(&self) {
        self.link.observer.end(CloseReason::Closed);
        // Failing costs the farewell only; stopping ends the tasks either way.
        self.link.stack.close().await.ok();
        self.link.runtime.stop();
    }
}

impl PendingConnection {
    /// Takes the answer to the offer that this side made.
    pub async fn accept_answer(&mut self, answer: &Description) -> Result<(), ConnectError> {
        if self.peer.is_some() || answer.dtls_role == DtlsRole::ActPass {
            return Err(ConnectError::NotAnAnswer);
        }
        self.link.runtime.gate().expect_peer(&self.own, answer);
        self.link.runtime.set_opening(true);
        let remote = RTCSessionDescription::answer(sdp::render(answer, SdpKind::Answer));
        self.link
            .accept(remote.map_err(stack("read the answer"))?)
            .await?;
        self.peer = Some(answer.clone());
        Ok(())
    }

    /// Waits for a path, within [`limits::ICE_TIME`], and then for both channels, within
    /// [`limits::DTLS_TIME`].
    pub async fn connect(self) -> Result<Connection, ConnectError> {
        let peer = self.peer.as_ref().ok_or(ConnectError::NoAnswer)?;
        let link = &self.link;
        let pair = link.observer.pair_chosen();
        within(limits::ICE_TIME, pair, ConnectError::IceTimedOut).await?;
        let channels = async {
            link.control.opened().await?;
            link.bulk.opened().await
        };
        within(limits::DTLS_TIME, channels, ConnectError::DtlsTimedOut).await?;
        link.runtime.set_opening(false);

        let fingerprints = Fingerprints {
            own: self.own.fingerprint,
            peer: link.presented_fingerprint().await?,
        };
        if fingerprints.peer != peer.fingerprint {
            return Err(ConnectError::WrongFingerprint);
        }
        Ok(Connection {
            path: link.path().await?,
            fingerprints,
            link: self.link,
        })
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({})", self.path)
    }
}

impl fmt::Debug for PendingConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingConnection")
    }
}

/// What a connection consists of, from its first step to its end.
struct Link {
    stack: Arc<dyn PeerConnection>,
    runtime: Arc<PeerRuntime>,
    observer: Arc<Observer>,
    control: Channel,
    bulk: Channel,
    counters: Arc<Counters>,
}

impl Link {
    async fn new(config: &ConnectionConfig) -> Result<Self, ConnectError> {
        let first = *config.bind.first().ok_or(ConnectError::NoAddress)?;
        let granted = config.buffers.probe(first).map_err(ConnectError::Socket)?;
        let runtime = Arc::new(PeerRuntime::new(config.buffers));
        let observer = Arc::new(Observer::new(runtime.clone()));
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

        let counters = Arc::new(Counters::new(config.session_bytes));
        let parts = (&stack, &observer, &counters);
        Ok(Self {
            control: negotiated(parts, "control", CONTROL_ID).await?,
            bulk: negotiated(parts, "bulk", BULK_ID).await?,
            stack,
            runtime,
            observer,
            counters,
        })
    }

    /// Makes `local` the description in force and returns it with all candidates.
    async fn describe(&self, local: RTCSessionDescription) -> Result<Description, ConnectError> {
        let set = self.stack.set_local_description(local).await;
        set.map_err(stack("apply the own description"))?;
        // A server that does not answer costs its candidates and nothing else.
        tokio::time::timeout(GATHER_TIME, self.observer.gathered())
            .await
            .ok();

        let local = self.stack.local_description().await;
        let text = local.map(|local| local.sdp).unwrap_or_default();
        let own = sdp::parse(&text, CandidatePolicy::EVERYTHING);
        let mut own = own.map_err(stack("read the own description"))?;
        keep_first_of_each_address(&mut own);
        if own.candidates.is_empty() {
            return Err(ConnectError::NoAddress);
        }
        Ok(own)
    }

    async fn accept(&self, remote: RTCSessionDescription) -> Result<(), ConnectError> {
        let set = self.stack.set_remote_description(remote).await;
        set.map_err(stack("apply the peer's description"))
    }

    async fn presented_fingerprint(&self) -> Result<DtlsFingerprint, ConnectError> {
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

    async fn path(&self) -> Result<PathKind, ConnectError> {
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
        let relayed = [local.typ, remote.typ].contains(&RTCIceCandidateType::Relay);
        let address = |text: &str| text.parse::<IpAddr>().map_err(stack(STEP));
        Ok(path_kind(
            address(&local.address)?,
            address(&remote.address)?,
            relayed,
        ))
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.observer.end(CloseReason::Closed);
        self.runtime.stop();
    }
}

/// Makes a channel that the peer makes too, with the same number (RFC 8832 §1).
async fn negotiated(
    (connection, observer, counters): (&Arc<dyn PeerConnection>, &Arc<Observer>, &Arc<Counters>),
    label: &str,
    id: u16,
) -> Result<Channel, ConnectError> {
    let init = RTCDataChannelInit {
        negotiated: Some(id),
        ..RTCDataChannelInit::default()
    };
    let made = connection.create_data_channel(label, Some(init)).await;
    let made = made.map_err(stack("make the channels"))?;
    Ok(Channel::new(made, observer.clone(), counters.clone()))
}

/// Without a NAT in between, the outside sees a device under its own address: no news to a peer.
fn keep_first_of_each_address(own: &mut Description) {
    let mut known = Vec::new();
    own.candidates.retain(|candidate| {
        let is_new = !known.contains(&candidate.address);
        known.push(candidate.address);
        is_new
    });
}

/// Waits for a step, and for no longer than `time`.
async fn within(
    time: Duration,
    step: impl Future<Output = Result<(), CloseReason>>,
    late: ConnectError,
) -> Result<(), ConnectError> {
    match tokio::time::timeout(time, step).await {
        Ok(reached) => reached.map_err(ConnectError::Ended),
        Err(_) => Err(late),
    }
}

fn stack<E: fmt::Display>(step: &'static str) -> impl Fn(E) -> ConnectError {
    move |error| ConnectError::Stack {
        step,
        reason: error.to_string(),
    }
}

/// For how long [`Connection::finish`] waits for the peer: some round trips of a bad link.
pub const FLUSH_TIME: Duration = Duration::from_secs(2);
/// How often it looks; the stack tells nobody.
const FLUSH_INTERVAL: Duration = Duration::from_millis(5);
const CONTROL_ID: u16 = 0;
const BULK_ID: u16 = 1;
/// For STUN servers: three tries over a slow network.
const GATHER_TIME: Duration = Duration::from_millis(1_500);
