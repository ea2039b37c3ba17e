use std::collections::BTreeMap;
use std::path::Path;

use api::{Command, CommandError, Event, Reply, Request, Response};
use tokio::io::{
    AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines, ReadHalf, WriteHalf, split,
};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::control::{self, Connection};
use crate::problem;

/// A line to the process that owns the home.
#[derive(Debug)]
pub(crate) struct Attachment {
    calls: mpsc::Sender<Call>,
    tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Call {
    command: Command,
    reply: oneshot::Sender<Result<Reply, CommandError>>,
}

/// Connects to the owner's socket, or returns `None` when nobody listens there.
pub(crate) async fn connect(path: &Path) -> Option<(Attachment, mpsc::Receiver<Event>)> {
    let stream = control::connect(path).await.ok()?;
    let (reader, writer) = split(stream);
    let (calls, called) = mpsc::channel(CALLS);
    let (events, receiver) = mpsc::channel(EVENTS);
    let mut tasks = JoinSet::new();
    let line = Line {
        reader: BufReader::new(reader).lines(),
        writer,
        waiting: BTreeMap::new(),
        next_request: 0,
    };
    tasks.spawn(line.run(called, events));
    Some((Attachment { calls, tasks }, receiver))
}

impl Attachment {
    pub(crate) async fn call(&self, command: Command) -> Result<Reply, CommandError> {
        let (reply, answer) = oneshot::channel();
        self.calls
            .send(Call { command, reply })
            .await
            .map_err(|_| problem::engine_ended())?;
        answer.await.map_err(|_| problem::engine_ended())?
    }

    pub(crate) async fn close(mut self) {
        drop(self.calls);
        self.tasks.shutdown().await;
    }
}

struct Line {
    reader: Lines<BufReader<ReadHalf<Connection>>>,
    writer: WriteHalf<Connection>,
    waiting: BTreeMap<u64, oneshot::Sender<Result<Reply, CommandError>>>,
    next_request: u64,
}

impl Line {
    async fn run(mut self, mut called: mpsc::Receiver<Call>, events: mpsc::Sender<Event>) {
        loop {
            tokio::select! {
                call = called.recv() => {
                    let Some(call) = call else { return };
                    if self.ask(call).await.is_err() {
                        return;
                    }
                }
                line = self.reader.next_line() => {
                    let Ok(Some(line)) = line else { return };
                    let Ok(response) = serde_json::from_str::<Response>(&line) else { continue };
                    match response {
                        Response::Answer { request, result } => self.answer(request, result),
                        Response::Event(event) => {
                            if events.send(event).await.is_err() {
                                return;
                            }
                        }
                    }
                }
            }
        }
    }

    async fn ask(&mut self, call: Call) -> std::io::Result<()> {
        let request = self.next_request;
        self.next_request += 1;
        self.waiting.insert(request, call.reply);
        let mut line = serde_json::to_vec(&Request {
            request,
            command: call.command,
        })?;
        line.push(b'\n');
        self.writer.write_all(&line).await
    }

    fn answer(&mut self, request: u64, result: Result<Reply, CommandError>) {
        if let Some(reply) = self.waiting.remove(&request) {
            // Whoever asked may have stopped waiting.
            reply.send(result).ok();
        }
    }
}

/// Calls on their way to the owner.
const CALLS: usize = 16;
/// Events read ahead of the face.
const EVENTS: usize = 256;
