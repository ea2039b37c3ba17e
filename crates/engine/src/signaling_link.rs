//! The task that owns the WebSocket to the signaling server.
//!
//! It drives a [`signaling_proto::client::Client`] and tells the hub what matters to it. Both channels
//! are bounded: the hub never waits for the link, and the link reads no further while the hub is busy.

mod connect;
mod dial;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::{SinkExt, StreamExt};
use signaling_proto::client::{Client, ClientInput, ClientOutput};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_util::sync::CancellationToken;

use crate::entropy::OsEntropy;
pub(crate) use connect::{ConnectError, Target};
use dial::WebSocket;
pub(crate) use dial::{AtDoor, Dial};
/// What the hub learns from the link.
pub(crate) use signaling_proto::client::ClientEvent as LinkEvent;

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    /// Not `ws://host[:port][/path]` or `wss://…`.
    #[error("the server's address is not understood: write it like wss://signal.example.org")]
    BadUrl,
    /// The file of certificate authorities cannot be used.
    #[error("the certificate file {} cannot be used: {source}", path.display())]
    CaFile {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: rustls_pki_types::pem::Error,
    },
    /// A certificate authority in it cannot be used.
    #[error("a certificate authority cannot be used: {0}")]
    Tls(#[from] rustls::Error),
}

/// The link has ended, or does not keep up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LinkBusy {
    /// More inputs wait than may.
    #[error("the line to the signaling server is jammed")]
    Jammed,
    /// It was cancelled.
    #[error("the line to the signaling server is closed")]
    Closed,
}

/// The way to a link; dropping it ends the link.
#[derive(Debug)]
pub(crate) struct LinkHandle {
    inputs: mpsc::Sender<ClientInput>,
    task: JoinSet<()>,
}

impl LinkHandle {
    /// Ends the link after everything that was handed to it is said, or after [`CLOSE_TIME`].
    pub(crate) async fn close(self) {
        let Self { inputs, mut task } = self;
        drop(inputs);
        // Time is up: dropping the task ends it.
        timeout(CLOSE_TIME, task.join_next()).await.ok();
    }

    /// A link whose inputs a test reads.
    #[cfg(test)]
    pub(crate) fn to_a_test() -> (Self, mpsc::Receiver<ClientInput>) {
        let (inputs, received) = mpsc::channel(INPUTS);
        let task = JoinSet::new();
        (Self { inputs, task }, received)
    }

    /// Hands an input to the link, waiting for room.
    #[cfg(test)]
    pub(crate) async fn send(&self, input: ClientInput) -> Result<(), LinkBusy> {
        let sent = self.inputs.send(input).await;
        sent.map_err(|_| LinkBusy::Closed)
    }

    /// Hands an input to the link, if there is room.
    pub(crate) fn try_send(&self, input: ClientInput) -> Result<(), LinkBusy> {
        self.inputs.try_send(input).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => LinkBusy::Jammed,
            mpsc::error::TrySendError::Closed(_) => LinkBusy::Closed,
        })
    }
}

/// One device's connection to one signaling server, or to a neighbour's endpoint.
pub(crate) struct SignalingLink {
    client: Client,
    dial: Dial,
    socket: Socket,
    events: mpsc::Sender<LinkEvent>,
}

enum Socket {
    Closed,
    Opening(BoxFuture<'static, Result<WebSocket, ConnectError>>),
    Open(WebSocket),
}

impl SignalingLink {
    /// Starts the link in a task of its own, within a Tokio runtime.
    ///
    /// `account_seed` is the Ed25519 seed of this device's pseudonym at this server, `epoch` is random
    /// per process. The events end when the link does.
    pub(crate) fn start(
        dial: impl Into<Dial>,
        account_seed: [u8; 32],
        epoch: u64,
        cancel: CancellationToken,
    ) -> (LinkHandle, mpsc::Receiver<LinkEvent>) {
        let (inputs, received) = mpsc::channel(INPUTS);
        let (events, told) = mpsc::channel(EVENTS);
        let link = Self {
            client: Client::new(account_seed, epoch, Box::new(OsEntropy)),
            dial: dial.into(),
            socket: Socket::Closed,
            events,
        };
        let mut task = JoinSet::new();
        task.spawn(async move {
            cancel.run_until_cancelled(link.run(received)).await;
        });
        let handle = LinkHandle { inputs, task };
        (handle, told)
    }

    async fn run(mut self, mut inputs: mpsc::Receiver<ClientInput>) {
        while self.drain().await.is_ok() {
            let deadline = self.client.deadline();
            let input = tokio::select! {
                input = inputs.recv() => match input {
                    Some(input) => input,
                    None => return self.socket.close().await,
                },
                input = self.socket.next_input() => input,
                () = sleep_until(deadline.unwrap_or_else(Instant::now).into()), if deadline.is_some() => {
                    ClientInput::Timeout
                }
            };
            self.client.handle_input(input, Instant::now());
        }
    }

    /// Does what the machine asks for, until it asks for nothing more.
    async fn drain(&mut self) -> Result<(), LinkBusy> {
        while let Some(output) = self.client.poll_output() {
            match output {
                ClientOutput::OpenSocket => {
                    self.socket = Socket::Opening(self.dial.connect());
                }
                ClientOutput::CloseSocket => self.socket = Socket::Closed,
                ClientOutput::Send(bytes) => {
                    if self.socket.send(bytes).await.is_err() {
                        self.socket = Socket::Closed;
                        let lost = ClientInput::SocketClosed;
                        self.client.handle_input(lost, Instant::now());
                    }
                }
                ClientOutput::Event(event) => {
                    let told = self.events.send(event).await;
                    told.map_err(|_| LinkBusy::Closed)?;
                }
            }
        }
        Ok(())
    }
}

/// The socket was lost while something was written to it.
struct Lost;

impl Socket {
    /// Waits for what happens to the socket next.
    async fn next_input(&mut self) -> ClientInput {
        match self {
            Self::Closed => std::future::pending().await,
            Self::Opening(opening) => match opening.await {
                Ok(socket) => {
                    *self = Self::Open(socket);
                    ClientInput::SocketOpened
                }
                Err(error) => {
                    tracing::info!(%error, "the signaling server was not reached");
                    *self = Self::Closed;
                    ClientInput::SocketClosed
                }
            },
            Self::Open(socket) => match next_message(socket).await {
                Some(bytes) => ClientInput::MessageReceived(bytes),
                None => {
                    *self = Self::Closed;
                    ClientInput::SocketClosed
                }
            },
        }
    }

    /// Says goodbye and waits for the server's, so that nothing said before is lost.
    async fn close(self) {
        if let Self::Open(mut socket) = self
            && SinkExt::close(&mut socket).await.is_ok()
        {
            while let Some(Ok(_)) = socket.next().await {}
        }
    }

    async fn send(&mut self, bytes: Vec<u8>) -> Result<(), Lost> {
        let Self::Open(socket) = self else {
            return Ok(()); // It was lost, and the machine knows or will know.
        };
        let message = Message::Binary(bytes.into());
        match timeout(WRITE_TIME, socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Lost),
        }
    }
}

/// The next binary message; anything else but pings ends the socket.
async fn next_message(socket: &mut WebSocket) -> Option<Vec<u8>> {
    loop {
        let message: Result<Message, tungstenite::Error> = socket.next().await?;
        match message {
            Ok(Message::Binary(bytes)) => return Some(bytes.into()),
            Ok(Message::Ping(_) | Message::Pong(_)) => {}
            Ok(Message::Text(_) | Message::Close(_) | Message::Frame(_)) | Err(_) => return None,
        }
    }
}

/// Inputs of the hub that wait for the link.
const INPUTS: usize = 256;
/// Events that wait for the hub: at most 16 MiB, if all were the largest envelopes.
const EVENTS: usize = 256;
/// For the last words and the server's goodbye.
const CLOSE_TIME: Duration = Duration::from_secs(2);
/// For the network to take one message.
const WRITE_TIME: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
