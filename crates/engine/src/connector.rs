//! Makes the first connection of a session from descriptions that travelled through signaling.

mod race;

use std::time::Instant;

use bytes::Bytes;
use model::sdp::{self, SdpKind};
use model::{ContactId, Description, SessionId};
use peer::{AddressScope, ConnectError, Connection, ConnectionConfig, Engine};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::hub::{HubHandle, HubMessage, MeetingReport};
use crate::stun::KnownServers;
use race::Prepared;

/// Whom connections are for, and which are tried.
#[derive(Debug)]
pub(crate) struct Connecting {
    pub(crate) contact: ContactId,
    pub(crate) session: SessionId,
    /// The connection that is wanted most.
    pub(crate) first: Lane,
    /// One through a relay, tried at the same time.
    pub(crate) second: Option<Lane>,
    pub(crate) stun: Option<KnownServers>,
    pub(crate) hub: HubHandle,
}

/// The one kind of path that a connection has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Between the devices' own addresses.
    Direct,
    /// Through a relay, so that the peer learns no address of this device.
    Relayed,
}

/// A connection that may be made.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) way: Way,
    pub(crate) config: ConnectionConfig,
}

/// What a peer says of the connections that are tried.
#[derive(Debug)]
pub(crate) struct Remote {
    pub(crate) first: Description,
    pub(crate) second: Option<Description>,
}

/// The connection that a session begins with.
#[derive(Debug)]
pub(crate) struct Winner {
    pub(crate) way: Way,
    pub(crate) connection: Connection,
    /// What the peer said on it, if that is how it won.
    pub(crate) spoken: Option<Bytes>,
}

/// How connections are made here: on every network address; on loopback only between two devices of one
/// machine, which is when signaling itself runs there.
pub(crate) fn config(signaling_is_loopback: bool) -> ConnectionConfig {
    let scope = match signaling_is_loopback {
        true => AddressScope::NetworkAndLoopback,
        false => AddressScope::Network,
    };
    let bind = peer::addresses(scope).unwrap_or_default();
    ConnectionConfig {
        engine: peer_engine(),
        bind,
        buffers: socket_buffers(),
        ..ConnectionConfig::default()
    }
}

/// Our own association, unless `WHERRY_PEER=stock` asks for the stock stack, which ours is measured by. Both
/// understand each other.
fn peer_engine() -> Engine {
    match std::env::var("WHERRY_PEER").as_deref() {
        Ok("stock") => Engine::Stock,
        Ok(_) | Err(_) => Engine::Own,
    }
}

/// Socket buffers as large as the system grants; `WHERRY_SOCKET_BUFFER_BYTES` caps them, to see how a
/// machine with a lower limit fares.
fn socket_buffers() -> peer::SocketBuffers {
    let cap = std::env::var("WHERRY_SOCKET_BUFFER_BYTES").ok();
    peer::SocketBuffers {
        cap_bytes: cap.and_then(|bytes| bytes.parse().ok()),
    }
}

/// Offers connections and waits for the answer.
pub(crate) async fn offer(connecting: Connecting) {
    let start = Instant::now();
    let result = Box::pin(try_offer(&connecting)).await;
    connecting.conclude(result, start).await;
}

/// Answers offered connections.
pub(crate) async fn answer(connecting: Connecting, remote: Remote) {
    let start = Instant::now();
    let result = Box::pin(try_answer(&connecting, &remote)).await;
    connecting.conclude(result, start).await;
}

async fn try_offer(connecting: &Connecting) -> Result<Winner, ConnectError> {
    let hurry = CancellationToken::new();
    let offer = async |lane: &Lane| {
        let config = connecting.config(lane, &hurry).await;
        Prepared::of(lane.way, Connection::offer(config).await)
    };
    let second = connecting.second.as_ref().map(offer);
    let (mut first, second) = race::prepare(offer(&connecting.first), second, &hurry).await?;
    let (sender, answered) = oneshot::channel();
    let description = describe(SdpKind::Offer, &first, second.as_ref(), Some(sender));
    connecting.report(description).await;
    let remote = answered.await.map_err(|_| ConnectError::NoAnswer)?;

    let hope = race::may_meet(&first.description, &remote.first);
    first.pending.accept_answer(&remote.first).await?;
    let second = match (second, remote.second) {
        (Some(mut second), Some(answer)) => {
            second.pending.accept_answer(&answer).await?;
            Some(second)
        }
        (Some(_), None) | (None, _) => None,
    };
    race::choose(first, second, hope).await
}

async fn try_answer(connecting: &Connecting, remote: &Remote) -> Result<Winner, ConnectError> {
    let hurry = CancellationToken::new();
    let answer = async |lane: &Lane, offer: &Description| {
        let config = connecting.config(lane, &hurry).await;
        Prepared::of(lane.way, Connection::answer(config, offer).await)
    };
    let second = connecting.second.as_ref().zip(remote.second.as_ref());
    let second = second.map(|(lane, offer)| answer(lane, offer));
    let first = answer(&connecting.first, &remote.first);
    let (first, second) = race::prepare(first, second, &hurry).await?;
    if first.way != connecting.first.way {
        return Err(ConnectError::NoAddress); // The first offer is the one that needs an answer.
    }
    let description = describe(SdpKind::Answer, &first, second.as_ref(), None);
    connecting.report(description).await;
    race::follow(first, second).await
}

fn describe(
    kind: SdpKind,
    first: &Prepared,
    second: Option<&Prepared>,
    answer: Option<oneshot::Sender<Remote>>,
) -> MeetingReport {
    MeetingReport::Described {
        first: sdp::render(&first.description, kind),
        second: second.map(|second| sdp::render(&second.description, kind)),
        answer,
    }
}

impl Connecting {
    async fn config(&self, lane: &Lane, hurry: &CancellationToken) -> ConnectionConfig {
        let stun_servers = match (lane.way, self.stun.clone()) {
            (Way::Direct, Some(known)) => {
                // Who can be asked already is not kept waiting for the names of others.
                match known.addresses_so_far() {
                    none if none.is_empty() => {
                        let all = hurry.run_until_cancelled(known.addresses()).await;
                        all.unwrap_or_default()
                    }
                    some => some,
                }
            }
            (Way::Direct, None) | (Way::Relayed, _) => Vec::new(),
        };
        ConnectionConfig {
            stun_servers,
            hurry: match lane.way {
                Way::Direct => hurry.clone(),
                Way::Relayed => CancellationToken::new(),
            },
            ..lane.config.clone()
        }
    }

    async fn conclude(&self, result: Result<Winner, ConnectError>, start: Instant) {
        let report = match result {
            Ok(winner) => {
                let elapsed_ms = start.elapsed().as_millis();
                tracing::info!(path = %winner.connection.path(), elapsed_ms, "connected");
                MeetingReport::Connected(Box::new(winner))
            }
            Err(error) => MeetingReport::Failed(error),
        };
        self.report(report).await;
    }

    async fn report(&self, report: MeetingReport) {
        let message = HubMessage::Meeting {
            contact: self.contact,
            session: self.session,
            report,
        };
        // A hub that is gone wants no connection.
        self.hub.send(message).await.ok();
    }
}
