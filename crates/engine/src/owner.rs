use std::path::PathBuf;

use api::{CommandError, Event, Request, Response};
use store::{Home, HomeLock};
use tokio::io::{
    AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, ReadHalf, WriteHalf,
    split,
};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::client::{self, ClientNumbers};
use crate::control::{Connection, Listener};
use crate::hub::{self, ClientId, ClientKind, HubHandle, HubMessage};
use crate::{EngineConfig, problem};

/// The process that owns a home: runs the hub and serves other processes on the same home.
#[derive(Debug)]
pub(crate) struct Owner {
    tasks: JoinSet<()>,
    shutdown: CancellationToken,
    attached: watch::Receiver<usize>,
    socket: PathBuf,
    _lock: HomeLock,
}

/// The client inside the owner's own process.
pub(crate) const OWN_CLIENT: ClientId = ClientId(0);

impl Owner {
    /// Starts the hub and listens for other processes.
    pub(crate) async fn start(
        home: Home,
        lock: HomeLock,
        config: EngineConfig,
    ) -> Result<(Self, HubHandle, mpsc::Receiver<Event>), CommandError> {
        let socket = home.socket_path().map_err(problem::home)?;
        let listener = Listener::bind(&socket).map_err(problem::socket)?;
        let shutdown = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let hub = hub::start(home, config, &mut tasks, shutdown.clone())?;
        let events = client::join(&hub, OWN_CLIENT, ClientKind::Own).await;
        let (count, attached) = watch::channel(0);
        tasks.spawn(serve(listener, hub.clone(), count, shutdown.clone()));
        let owner = Self {
            tasks,
            shutdown,
            attached,
            socket,
            _lock: lock,
        };
        Ok((owner, hub, events))
    }

    /// Waits until attached processes are done or `impatience` is over, then ends everything.
    pub(crate) async fn close_before(mut self, impatience: impl Future<Output = ()>) {
        tokio::select! {
            // The count's sender lives as long as the server, so waiting ends at the latest with it.
            _ = self.attached.wait_for(|count| *count == 0) => {}
            () = impatience => {}
        }
        self.shutdown.cancel();
        while self.tasks.join_next().await.is_some() {}
        store::remove_socket(&self.socket);
    }

    /// Whether other processes are attached.
    pub(crate) fn is_in_use(&self) -> bool {
        *self.attached.borrow() > 0
    }
}

async fn serve(
    listener: Listener,
    hub: HubHandle,
    count: watch::Sender<usize>,
    shutdown: CancellationToken,
) {
    let numbers = ClientNumbers::default();
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            Some(_) = clients.join_next() => {}
            accepted = listener.accept() => {
                let Ok(stream) = accepted else { continue };
                if clients.len() >= ATTACHED_CLIENTS {
                    continue; // Dropping the stream tells the client.
                }
                let client = numbers.next();
                clients.spawn(serve_client(stream, client, hub.clone()));
            }
        }
        count.send_replace(clients.len());
    }
    clients.shutdown().await;
}

async fn serve_client(stream: Connection, client: ClientId, hub: HubHandle) {
    let (reader, mut writer) = split(stream);
    let mut events = client::join(&hub, client, ClientKind::Attached).await;
    let (answers, mut answered) = mpsc::channel(REQUESTS_AT_ONCE);
    let mut requests = JoinSet::new();
    requests.spawn(read_requests(
        BufReader::new(reader),
        client,
        hub.clone(),
        answers,
    ));
    loop {
        let response = tokio::select! {
            answer = answered.recv() => match answer {
                Some(answer) => answer,
                None => break, // The client left.
            },
            event = events.recv() => match event {
                Some(event) => Response::Event(event),
                None => break,
            },
        };
        if write_line(&mut writer, &response).await.is_err() {
            break;
        }
    }
    // A hub that is gone needs no goodbye.
    hub.send(HubMessage::ClientLeft { client }).await.ok();
}

async fn read_requests(
    mut reader: BufReader<ReadHalf<Connection>>,
    client: ClientId,
    hub: HubHandle,
    answers: mpsc::Sender<Response>,
) {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut reader)
            .take(REQUEST_BYTES)
            .read_until(b'\n', &mut line)
            .await;
        if !matches!(read, Ok(bytes) if bytes > 0) {
            return;
        }
        let Ok(request) = serde_json::from_slice::<Request>(&line) else {
            return; // A stranger, or another version: it sees the socket close.
        };
        let result = client::call(&hub, client, request.command).await;
        let answer = Response::Answer {
            request: request.request,
            result,
        };
        if answers.send(answer).await.is_err() {
            return;
        }
    }
}

async fn write_line(
    writer: &mut WriteHalf<Connection>,
    response: &Response,
) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(response)?;
    line.push(b'\n');
    writer.write_all(&line).await
}

/// Processes attached at once.
const ATTACHED_CLIENTS: usize = 32;
/// Answers that wait to be written.
const REQUESTS_AT_ONCE: usize = 16;
/// One request line: a send of thousands of paths fits.
const REQUEST_BYTES: u64 = 4 * 1024 * 1024;
