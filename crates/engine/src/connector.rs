//! Makes the first connection of a session from descriptions that travelled through signaling.

use std::time::Instant;

use model::sdp::{self, SdpKind};
use model::{ContactId, Description, SessionId};
use peer::{AddressScope, ConnectError, Connection, ConnectionConfig, Engine};
use tokio::sync::oneshot;

use crate::hub::{HubHandle, HubMessage, MeetingReport};
use crate::stun::KnownServers;

/// Whom a connection is for.
#[derive(Debug)]
pub(crate) struct Connecting {
    pub(crate) contact: ContactId,
    pub(crate) session: SessionId,
    pub(crate) config: ConnectionConfig,
    pub(crate) stun: Option<KnownServers>,
    pub(crate) hub: HubHandle,
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

/// The stock stack, unless `WHERRY_PEER=own` asks for our own association. Both understand each other.
fn peer_engine() -> Engine {
    match std::env::var("WHERRY_PEER").as_deref() {
        Ok("own") => Engine::Own,
        Ok(_) | Err(_) => Engine::Stock,
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

/// Offers a connection and waits for the answer.
pub(crate) async fn offer(connecting: Connecting) {
    let start = Instant::now();
    let result = try_offer(&connecting).await;
    connecting.conclude(result, start).await;
}

/// Answers an offered connection.
pub(crate) async fn answer(connecting: Connecting, remote: Description) {
    let start = Instant::now();
    let result = try_answer(&connecting, &remote).await;
    connecting.conclude(result, start).await;
}

async fn try_offer(connecting: &Connecting) -> Result<Connection, ConnectError> {
    let (mut pending, description) = Connection::offer(connecting.config().await).await?;
    let (sender, answered) = oneshot::channel();
    connecting
        .report(MeetingReport::Described {
            sdp: sdp::render(&description, SdpKind::Offer),
            answer: Some(sender),
        })
        .await;
    let answer = answered.await.map_err(|_| ConnectError::NoAnswer)?;
    pending.accept_answer(&answer).await?;
    pending.connect().await
}

async fn try_answer(
    connecting: &Connecting,
    remote: &Description,
) -> Result<Connection, ConnectError> {
    let (pending, description) = Connection::answer(connecting.config().await, remote).await?;
    connecting
        .report(MeetingReport::Described {
            sdp: sdp::render(&description, SdpKind::Answer),
            answer: None,
        })
        .await;
    pending.connect().await
}

impl Connecting {
    async fn config(&self) -> ConnectionConfig {
        let stun_servers = match self.stun.clone() {
            Some(known) => known.addresses().await,
            None => Vec::new(),
        };
        ConnectionConfig {
            stun_servers,
            ..self.config.clone()
        }
    }

    async fn conclude(&self, result: Result<Connection, ConnectError>, start: Instant) {
        let report = match result {
            Ok(connection) => {
                let elapsed_ms = start.elapsed().as_millis();
                tracing::info!(path = %connection.path(), elapsed_ms, "connected");
                MeetingReport::Connected(Box::new(connection))
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
