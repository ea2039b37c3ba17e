//! What a link leads to.

use std::io;
use std::net::SocketAddr;

use futures_util::future::BoxFuture;
use futures_util::{Sink, Stream};
use lan::Acquaintance;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{self, Message};

use super::connect::{ConnectError, Target};

/// An open WebSocket, whatever it lies on.
pub(crate) type WebSocket = Box<dyn Conversation>;

/// Messages both ways.
pub(crate) trait Conversation:
    Stream<Item = Result<Message, tungstenite::Error>>
    + Sink<Message, Error = tungstenite::Error>
    + Send
    + Unpin
{
}

impl<T> Conversation for T where
    T: Stream<Item = Result<Message, tungstenite::Error>>
        + Sink<Message, Error = tungstenite::Error>
        + Send
        + Unpin
{
}

/// Where a link finds the other end.
#[derive(Clone)]
pub(crate) enum Dial {
    /// At a server.
    Server(Box<Target>),
    /// At a neighbour's door.
    Door(AtDoor),
    /// At the endpoint of this very process.
    Inside(mpsc::Sender<DuplexStream>),
}

/// A contact on the same network.
#[derive(Clone)]
pub(crate) struct AtDoor {
    pub(crate) address: SocketAddr,
    /// Where this device's own door is.
    pub(crate) own_port: u16,
    /// The keys of that contact, today.
    pub(crate) known: Acquaintance,
}

impl From<Target> for Dial {
    fn from(target: Target) -> Self {
        Self::Server(Box::new(target))
    }
}

impl Dial {
    /// Connects within a bounded time.
    pub(crate) fn connect(&self) -> BoxFuture<'static, Result<WebSocket, ConnectError>> {
        match self.clone() {
            Self::Server(target) => {
                let connecting = target.connect();
                Box::pin(async move { Ok(Box::new(connecting.await?) as WebSocket) })
            }
            Self::Door(door) => Box::pin(door.connect()),
            Self::Inside(endpoint) => Box::pin(connect_inside(endpoint)),
        }
    }
}

impl AtDoor {
    async fn connect(self) -> Result<WebSocket, ConnectError> {
        let known = std::slice::from_ref(&self.known);
        let called = lan::call(self.address, self.own_port, known).await;
        let call = called.map_err(unreachable)?;
        if call.contact() != Some(self.known.contact) {
            return Err(unreachable(lan::CallError::Foreign));
        }
        let line = call.line().await.map_err(unreachable)?;
        Ok(Box::new(line))
    }
}

async fn connect_inside(endpoint: mpsc::Sender<DuplexStream>) -> Result<WebSocket, ConnectError> {
    let (near, far) = tokio::io::duplex(INSIDE_BYTES);
    let sent = endpoint.send(far).await;
    sent.map_err(|_| ConnectError::Unreachable(io::ErrorKind::NotConnected.into()))?;
    let config = Some(super::connect::websocket_config());
    let socket = WebSocketStream::from_raw_socket(near, Role::Client, config).await;
    Ok(Box::new(socket))
}

fn unreachable(error: lan::CallError) -> ConnectError {
    ConnectError::Unreachable(io::Error::other(error))
}

/// Between this process and itself.
const INSIDE_BYTES: usize = 64 * 1024;
