use std::collections::VecDeque;
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use model::Entropy;
use signaling_proto::client::{Client, ClientEvent, ClientInput, ClientOutput};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// The operating system's generator.
#[derive(Debug, Clone, Copy)]
pub(super) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the system has randomness");
    }
}

/// A line to the signaling server, as any device has one.
#[derive(Debug)]
pub(super) struct Line {
    inputs: mpsc::Sender<ClientInput>,
    events: mpsc::Receiver<ClientEvent>,
    /// Envelopes that arrived while something else was awaited.
    envelopes: VecDeque<Vec<u8>>,
}

impl Line {
    /// Opens it; must be called within a runtime.
    pub(super) async fn open(url: &str) -> Self {
        let (socket, _) = connect_async(url).await.expect("the server answers");
        let (inputs, wishes) = mpsc::channel(64);
        let (told, events) = mpsc::channel(1_024);
        let client = Client::new(OsEntropy.draw(), 1, Box::new(OsEntropy));
        tokio::spawn(drive(client, socket, wishes, told));
        let envelopes = VecDeque::new();
        let mut line = Self {
            inputs,
            events,
            envelopes,
        };
        line.hear(|event| matches!(event, ClientEvent::Online).then_some(()))
            .await;
        line
    }

    pub(super) async fn say(&self, input: ClientInput) {
        self.inputs.send(input).await.expect("the line is open");
    }

    /// Waits for an event that fits; envelopes that come before it are kept, the rest is skipped.
    pub(super) async fn hear<T>(&mut self, mut fits: impl FnMut(&ClientEvent) -> Option<T>) -> T {
        let found = async {
            loop {
                let event = self.events.recv().await.expect("the line is open");
                if let Some(found) = fits(&event) {
                    return found;
                }
                if let ClientEvent::EnvelopeReceived { envelope, .. } = event {
                    self.envelopes.push_back(envelope);
                }
            }
        };
        timeout(PATIENCE, found).await.expect("signaling answers")
    }

    /// The next envelope from anybody.
    pub(super) async fn next_envelope(&mut self) -> Vec<u8> {
        if let Some(envelope) = self.envelopes.pop_front() {
            return envelope;
        }
        self.hear(|event| match event {
            ClientEvent::EnvelopeReceived { envelope, .. } => Some(envelope.clone()),
            _ => None,
        })
        .await
    }
}

async fn drive(
    mut client: Client,
    mut socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    mut wishes: mpsc::Receiver<ClientInput>,
    told: mpsc::Sender<ClientEvent>,
) {
    loop {
        while let Some(output) = client.poll_output() {
            match output {
                // The socket is there already, and a hostile device needs no second one.
                ClientOutput::OpenSocket => {
                    client.handle_input(ClientInput::SocketOpened, Instant::now());
                }
                ClientOutput::Send(bytes) => {
                    if socket.send(Message::Binary(bytes.into())).await.is_err() {
                        return;
                    }
                }
                ClientOutput::CloseSocket => return,
                ClientOutput::Event(event) => {
                    if told.send(event).await.is_err() {
                        return;
                    }
                }
            }
        }
        let deadline = client
            .deadline()
            .unwrap_or_else(|| Instant::now() + PATIENCE);
        let input = tokio::select! {
            wish = wishes.recv() => match wish {
                Some(wish) => wish,
                None => return,
            },
            message = socket.next() => match message {
                Some(Ok(Message::Binary(bytes))) => ClientInput::MessageReceived(bytes.into()),
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return,
            },
            () = sleep_until(deadline.into()) => ClientInput::Timeout,
        };
        client.handle_input(input, Instant::now());
    }
}

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(60);
