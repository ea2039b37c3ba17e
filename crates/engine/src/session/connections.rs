//! The connections of a session, the tasks that read and write them, and how one makes room for the next.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use model::PathKind;
use peer::{Channel, CloseReason, Connection};
use session_proto::{ConnectionId, Role};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::FromConnection;
use super::relayed::Relayed;
use super::routes::TokenRoutes;
use super::spread::Spread;

/// The connections of a session and the tasks that read and write them.
pub(super) struct Connections {
    live: BTreeMap<ConnectionId, Live>,
    bulk: Arc<Mutex<mpsc::Receiver<Bytes>>>,
    tokens: TokenRoutes,
    reporter: mpsc::Sender<FromConnection>,
    reports: mpsc::Receiver<FromConnection>,
    /// Connections that say goodbye.
    closing: JoinSet<()>,
    path: watch::Sender<PathKind>,
    spread: Spread,
    relayed: Relayed,
}

/// Dropping it ends its tasks.
struct Live {
    connection: Arc<Connection>,
    control: mpsc::Sender<Bytes>,
    /// Bulk messages that were handed on so far.
    received: watch::Receiver<u64>,
    /// Whether bulk data may go on it at present.
    carries: watch::Sender<bool>,
    /// Ends the bulk writer after the message it is at.
    stop_writing: CancellationToken,
    wear: Wear,
    /// Whether the peer said how much it sent in all.
    is_counted: bool,
    /// Bulk messages that this side sent, once it sends no more; taken to be told to the peer.
    written: Option<u64>,
    writer: JoinSet<()>,
    tasks: JoinSet<()>,
}

/// How far a connection is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wear {
    Fresh,
    /// Another one should take its place.
    Worn,
    /// This side will send no bulk data on it any more.
    Retiring,
    /// The peer knows how much this side sent, and this side has everything from the peer.
    Emptied,
}

impl Connections {
    pub(super) fn new(
        bulk: mpsc::Receiver<Bytes>,
        tokens: TokenRoutes,
        path: watch::Sender<PathKind>,
    ) -> Self {
        let (reporter, reports) = mpsc::channel(REPORTS);
        Self {
            live: BTreeMap::new(),
            bulk: Arc::new(Mutex::new(bulk)),
            tokens,
            reporter,
            reports,
            closing: JoinSet::new(),
            path,
            spread: Spread::new(Instant::now()),
            relayed: Relayed::new(Instant::now()),
        }
    }

    pub(super) fn reporter(&self) -> mpsc::Sender<FromConnection> {
        self.reporter.clone()
    }

    pub(super) fn len(&self) -> usize {
        self.live.len()
    }

    /// Connections that need no successor.
    pub(super) fn fresh(&self) -> usize {
        let fresh = self.live.values().filter(|live| live.wear == Wear::Fresh);
        fresh.count()
    }

    pub(super) async fn next(&mut self) -> Option<FromConnection> {
        self.reports.recv().await
    }

    pub(super) fn add(&mut self, id: ConnectionId, connection: Connection) {
        let connection = Arc::new(connection);
        let (control, queued) = mpsc::channel(CONTROL_MESSAGES);
        let (count, received) = watch::channel(0);
        let (carries, may_carry) = watch::channel(false);
        let stop_writing = CancellationToken::new();
        let reporter = || self.reporter.clone();
        let mut tasks = JoinSet::new();
        tasks.spawn(read_control(id, connection.clone(), reporter()));
        tasks.spawn(read_bulk(
            BulkReader {
                id,
                bulk: connection.bulk(),
                count,
                reporter: reporter(),
            },
            self.tokens.clone(),
        ));
        tasks.spawn(write_bulk(
            BulkWriter {
                id,
                connection: connection.clone(),
                may_carry,
                stop: stop_writing.clone(),
                reporter: reporter(),
            },
            self.bulk.clone(),
        ));
        tasks.spawn(watch_wear(id, connection.clone(), reporter()));
        let mut writer = JoinSet::new();
        writer.spawn(write_control(connection.control(), queued));
        let live = Live {
            connection,
            control,
            received,
            carries,
            stop_writing,
            wear: Wear::Fresh,
            is_counted: false,
            written: None,
            writer,
            tasks,
        };
        self.live.insert(id, live);
        self.share_out();
        self.note_path();
    }

    /// Gives a connection up; whether it was there.
    pub(super) fn remove(&mut self, id: ConnectionId) -> bool {
        while self.closing.try_join_next().is_some() {}
        let Some(live) = self.live.remove(&id) else {
            return false;
        };
        self.relayed.count(id, &live.connection);
        self.relayed.forget(id);
        self.closing.spawn(live.finish());
        self.share_out();
        self.note_path();
        true
    }

    /// Gives every connection up.
    pub(super) fn remove_all(&mut self) {
        for id in self.live.keys().copied().collect::<Vec<_>>() {
            self.remove(id);
        }
    }

    /// Notes that a connection has carried much of what it may.
    pub(super) fn wear_out(&mut self, id: ConnectionId) {
        if let Some(live) = self.live.get_mut(&id) {
            live.wear = live.wear.max(Wear::Worn);
        }
    }

    /// Notes that every connection through a relay has a better one beside it.
    pub(super) fn wear_out_relayed(&mut self) {
        for live in self.live.values_mut() {
            if live.connection.path() == PathKind::Relay {
                live.wear = live.wear.max(Wear::Worn);
            }
        }
    }

    /// When to look whether as many connections carry as should.
    pub(super) fn look_due(&self) -> Option<Instant> {
        let mut relayed = self.relayed();
        relayed.next().map(|_| self.spread.due())
    }

    /// When to count what goes through relays.
    pub(super) fn count_due(&self) -> Option<Instant> {
        self.relayed().next().map(|_| self.relayed.due())
    }

    /// What went through relays since this was asked last, both ways together.
    pub(super) fn count_relayed(&mut self) -> u64 {
        for (&id, live) in &self.live {
            self.relayed.count(id, &live.connection);
        }
        self.relayed.take(Instant::now())
    }

    /// Looks at what arrived: what connections and relays merely took says nothing of how fast they are.
    pub(super) async fn look(&mut self) {
        let relayed: Vec<_> = self.relayed().map(|live| live.connection.clone()).collect();
        let mut arrived = 0;
        for connection in &relayed {
            let waiting = connection.bulk().buffered_bytes().await;
            let waiting = u64::try_from(waiting).unwrap_or(u64::MAX);
            arrived += connection.statistics().sent_bytes.saturating_sub(waiting);
        }
        self.spread.look(Instant::now(), arrived, relayed.len());
        self.share_out();
    }

    /// Lets bulk data go on every direct connection, and on the oldest ones through relays.
    fn share_out(&mut self) {
        let mut places = self.spread.carriers();
        for live in self.live.values().filter(|live| live.wear <= Wear::Worn) {
            let is_relayed = live.connection.path() == PathKind::Relay;
            let carries = !is_relayed || places > 0;
            places = places.saturating_sub(usize::from(is_relayed));
            let change = |now: &mut bool| std::mem::replace(now, carries) != carries;
            live.carries.send_if_modified(change);
        }
    }

    /// Those through relays that may carry bulk data.
    fn relayed(&self) -> impl Iterator<Item = &Live> {
        let in_service = |live: &&Live| live.wear <= Wear::Worn;
        let live = self.live.values().filter(in_service);
        live.filter(|live| live.connection.path() == PathKind::Relay)
    }

    /// Tells the route: as long as any connection in service goes through a relay, it is that.
    fn note_path(&self) {
        let in_service = |live: &&Live| live.wear <= Wear::Worn && !live.is_counted;
        let in_service = self.live.values().filter(in_service);
        if let Some(path) = in_service.map(|live| live.connection.path()).max() {
            self.path.send_replace(path);
        }
    }

    /// Begins to take the oldest worn connection out of service, and names it.
    pub(super) fn retire_worn(&mut self) -> Option<ConnectionId> {
        let mut live = self.live.iter_mut();
        let (&id, worn) = live.find(|(_, live)| live.wear == Wear::Worn)?;
        worn.wear = Wear::Retiring;
        worn.stop_writing.cancel();
        self.share_out();
        self.note_path();
        Some(id)
    }

    /// This side sends no bulk data on a connection any more.
    pub(super) fn note_written(&mut self, id: ConnectionId, messages: u64) {
        if let Some(live) = self.live.get_mut(&id) {
            live.written = Some(messages);
        }
    }

    /// What to tell the peer of a connection that goes out of service, once.
    pub(super) fn take_count(&mut self, id: ConnectionId) -> Option<u64> {
        let live = self.live.get_mut(&id)?;
        live.written.take_if(|_| live.wear >= Wear::Retiring)
    }

    /// The peer sends no more than `messages` in all on a connection: [`FromConnection::Emptied`] follows
    /// when they are here. Returns whether it may say so now.
    pub(super) fn expect_end(&mut self, id: ConnectionId, messages: u64, role: Role) -> bool {
        let Some(live) = self.live.get_mut(&id) else {
            return true; // It was lost meanwhile.
        };
        let is_turn = live.wear >= Wear::Retiring || role == Role::Responder;
        if !is_turn || std::mem::replace(&mut live.is_counted, true) {
            return false;
        }
        let mut received = live.received.clone();
        let reporter = self.reporter.clone();
        live.tasks.spawn(async move {
            if received.wait_for(|&count| count >= messages).await.is_ok() {
                let report = FromConnection::Emptied { connection: id };
                reporter.send(report).await.ok();
            }
        });
        self.note_path();
        true
    }

    /// Everything the peer sent arrived: what is still to go out goes on other connections.
    pub(super) fn note_emptied(&mut self, id: ConnectionId) {
        if let Some(live) = self.live.get_mut(&id) {
            live.wear = Wear::Emptied;
            live.stop_writing.cancel();
        }
        self.share_out();
    }

    /// Whether nothing is missing of what was sent on a connection that the peer closed.
    pub(super) fn is_emptied(&self, id: ConnectionId) -> bool {
        self.live
            .get(&id)
            .is_some_and(|live| live.wear == Wear::Emptied)
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
            let lost = FromConnection::Lost {
                connection: id,
                reason: CloseReason::Lost,
            };
            self.reporter.try_send(lost).ok();
        }
    }

    /// Lets every connection say what it still has to say, and closes it.
    pub(super) async fn close_all(&mut self) {
        self.remove_all();
        while self.closing.join_next().await.is_some() {}
    }
}

impl Live {
    /// Writes the control messages that are queued, and closes.
    async fn finish(mut self) {
        drop((self.control, self.tasks));
        let goodbye = async {
            self.writer.join_next().await;
            self.connection.finish().await;
        };
        // A connection that takes nothing any more is dropped.
        tokio::time::timeout(CLOSE_TIME, goodbye).await.ok();
    }
}

async fn read_control(
    id: ConnectionId,
    connection: Arc<Connection>,
    reporter: mpsc::Sender<FromConnection>,
) {
    let control = connection.control();
    while let Some(bytes) = control.receive().await {
        let report = FromConnection::Control {
            connection: id,
            bytes,
        };
        if reporter.send(report).await.is_err() {
            return;
        }
    }
    let lost = FromConnection::Lost {
        connection: id,
        reason: connection.closed().await,
    };
    reporter.send(lost).await.ok();
}

async fn write_control(control: Channel, mut queued: mpsc::Receiver<Bytes>) {
    while let Some(bytes) = queued.recv().await {
        if control.send(bytes).await.is_err() {
            return;
        }
    }
}

async fn watch_wear(
    id: ConnectionId,
    connection: Arc<Connection>,
    reporter: mpsc::Sender<FromConnection>,
) {
    connection.worn().await;
    let report = FromConnection::Worn { connection: id };
    reporter.send(report).await.ok();
}

struct BulkReader {
    id: ConnectionId,
    bulk: Channel,
    count: watch::Sender<u64>,
    reporter: mpsc::Sender<FromConnection>,
}

async fn read_bulk(reader: BulkReader, tokens: TokenRoutes) {
    let mut told = None;
    while let Some(message) = reader.bulk.receive().await {
        if told.is_none_or(|at: Instant| at.elapsed() >= SIGN_OF_LIFE) {
            told = Some(Instant::now());
            let connection = reader.id;
            let report = FromConnection::Alive { connection };
            reader.reporter.send(report).await.ok();
        }
        let Some(route) = tokens.of(&message) else {
            let report = FromConnection::UnknownToken;
            reader.reporter.send(report).await.ok();
            return;
        };
        // A transfer that is over takes nothing more.
        route.send(message).await.ok();
        reader.count.send_modify(|count| *count += 1);
    }
}

struct BulkWriter {
    id: ConnectionId,
    connection: Arc<Connection>,
    may_carry: watch::Receiver<bool>,
    stop: CancellationToken,
    reporter: mpsc::Sender<FromConnection>,
}

/// Takes the next message whenever this connection may carry and has room for one, until it is told to stop or only
/// as much is left as control may need.
async fn write_bulk(writer: BulkWriter, queue: Arc<Mutex<mpsc::Receiver<Bytes>>>) {
    let bulk = writer.connection.bulk();
    let mut messages = 0;
    let mut may_carry = writer.may_carry;
    // What a connection refuses is lost: it must not be asked for more than it may carry.
    while !writer.connection.is_spent() {
        let next = next_bulk(&mut may_carry, &queue);
        let Some(next) = writer.stop.run_until_cancelled(next).await else {
            break;
        };
        let Some(message) = next else { return };
        if bulk.send(message).await.is_err() {
            return;
        }
        messages += 1;
    }
    let report = FromConnection::Written {
        connection: writer.id,
        messages,
    };
    writer.reporter.send(report).await.ok();
}

/// The next message for a connection, as soon as it may carry one.
async fn next_bulk(
    may_carry: &mut watch::Receiver<bool>,
    queue: &Mutex<mpsc::Receiver<Bytes>>,
) -> Option<Bytes> {
    loop {
        may_carry.wait_for(|&may| may).await.ok()?;
        let mut queue = queue.lock().await;
        tokio::select! {
            biased;
            told = may_carry.wait_for(|&may| !may) => drop(told.ok()?),
            message = queue.recv() => return message,
        }
    }
}

/// How often bulk messages count as a sign of life, so that control behind a full queue is not missed.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
/// Control messages that a connection's channel has not taken yet.
const CONTROL_MESSAGES: usize = 64;
/// What connections report before the session reads it.
const REPORTS: usize = 128;
/// How long a connection may take to say everything and goodbye.
const CLOSE_TIME: Duration = Duration::from_secs(3);
