use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use peer::{Channel, Connection};
use session_proto::ConnectionId;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use super::FromConnection;
use super::routes::TokenRoutes;

/// The connections of a session and the tasks that read and write them.
pub(super) struct Connections {
    live: BTreeMap<ConnectionId, Live>,
    bulk: Arc<Mutex<mpsc::Receiver<Bytes>>>,
    tokens: TokenRoutes,
    reporter: mpsc::Sender<FromConnection>,
    reports: mpsc::Receiver<FromConnection>,
}

/// Dropping it ends its tasks.
struct Live {
    connection: Arc<Connection>,
    control: mpsc::Sender<Bytes>,
    _tasks: JoinSet<()>,
}

impl Connections {
    pub(super) fn new(bulk: mpsc::Receiver<Bytes>, tokens: TokenRoutes) -> Self {
        let (reporter, reports) = mpsc::channel(REPORTS);
        Self {
            live: BTreeMap::new(),
            bulk: Arc::new(Mutex::new(bulk)),
            tokens,
            reporter,
            reports,
        }
    }

    pub(super) fn reporter(&self) -> mpsc::Sender<FromConnection> {
        self.reporter.clone()
    }

    pub(super) fn len(&self) -> usize {
        self.live.len()
    }

    pub(super) async fn next(&mut self) -> Option<FromConnection> {
        self.reports.recv().await
    }

    pub(super) fn add(&mut self, id: ConnectionId, connection: Connection) {
        let connection = Arc::new(connection);
        let (control, queued) = mpsc::channel(CONTROL_MESSAGES);
        let mut tasks = JoinSet::new();
        tasks.spawn(read_control(
            id,
            connection.control(),
            self.reporter.clone(),
        ));
        tasks.spawn(write_control(connection.control(), queued));
        tasks.spawn(read_bulk(
            id,
            connection.bulk(),
            self.tokens.clone(),
            self.reporter.clone(),
        ));
        tasks.spawn(write_bulk(connection.bulk(), self.bulk.clone()));
        let live = Live {
            connection,
            control,
            _tasks: tasks,
        };
        self.live.insert(id, live);
    }

    /// Whether it was there.
    pub(super) fn remove(&mut self, id: ConnectionId) -> bool {
        self.live.remove(&id).is_some()
    }

    /// Whether another message of the longest kind finds room in every control queue.
    pub(super) fn control_has_room(&self) -> bool {
        self.live
            .values()
            .all(|live| live.control.capacity() >= CONTROL_MESSAGES / 2)
    }

    pub(super) fn send_control(&self, id: ConnectionId, bytes: Bytes) {
        if let Some(live) = self.live.get(&id)
            && live.control.try_send(bytes).is_err()
        {
            // A control channel that takes nothing any more is as good as lost.
            self.reporter
                .try_send(FromConnection::Lost { connection: id })
                .ok();
        }
    }

    pub(super) async fn close_all(&mut self) {
        for (_, live) in std::mem::take(&mut self.live) {
            tokio::time::timeout(CLOSE_TIME, live.connection.close())
                .await
                .ok();
        }
    }
}

async fn read_control(id: ConnectionId, control: Channel, reporter: mpsc::Sender<FromConnection>) {
    while let Some(bytes) = control.receive().await {
        let report = FromConnection::Control {
            connection: id,
            bytes,
        };
        if reporter.send(report).await.is_err() {
            return;
        }
    }
    reporter
        .send(FromConnection::Lost { connection: id })
        .await
        .ok();
}

async fn write_control(control: Channel, mut queued: mpsc::Receiver<Bytes>) {
    while let Some(bytes) = queued.recv().await {
        if control.send(bytes).await.is_err() {
            return;
        }
    }
}

async fn read_bulk(
    id: ConnectionId,
    bulk: Channel,
    tokens: TokenRoutes,
    reporter: mpsc::Sender<FromConnection>,
) {
    let mut told = None;
    while let Some(message) = bulk.receive().await {
        if told.is_none_or(|at: Instant| at.elapsed() >= SIGN_OF_LIFE) {
            told = Some(Instant::now());
            let report = FromConnection::Alive { connection: id };
            reporter.send(report).await.ok();
        }
        let Some(route) = tokens.of(&message) else {
            reporter.send(FromConnection::UnknownToken).await.ok();
            return;
        };
        // A transfer that is over takes nothing more.
        route.send(message).await.ok();
    }
}

/// Takes the next message whenever this connection has room for one.
async fn write_bulk(bulk: Channel, queue: Arc<Mutex<mpsc::Receiver<Bytes>>>) {
    loop {
        let next = queue.lock().await.recv().await;
        let Some(message) = next else { return };
        if bulk.send(message).await.is_err() {
            return;
        }
    }
}

/// How often bulk messages count as a sign of life, so that control behind a full queue is not missed.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
/// Control messages that a connection's channel has not taken yet.
const CONTROL_MESSAGES: usize = 64;
/// What connections report before the session reads it.
const REPORTS: usize = 128;
/// How long a connection may take to say goodbye.
const CLOSE_TIME: Duration = Duration::from_secs(2);
