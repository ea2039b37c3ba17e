//! One client that came by TCP or TLS: its connection is one task.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use turn_proto::frame;
use turn_proto::server::{FromClient, Rules, Session, SessionOutput};

use crate::ledger::Seat;
use crate::relay::{Shared, now};
use crate::sockets::{Holding, Inbox, Outbox, OwnPeers, RelaySocket};

/// Bytes both ways.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Who is at the other end of a connection, and which of our addresses they came to.
#[derive(Debug, Clone, Copy)]
pub struct StreamPeer {
    /// Theirs.
    pub client: SocketAddr,
    /// Ours.
    pub own: SocketAddr,
}

/// Lets connections in that somebody else has accepted.
#[derive(Clone)]
pub struct StreamDoor {
    shared: Shared,
    shutdown: CancellationToken,
}

impl StreamDoor {
    pub(crate) fn new(shared: Shared, shutdown: CancellationToken) -> Self {
        Self { shared, shutdown }
    }

    /// Serves one connection to its end; `early` is what was read from it already.
    pub async fn serve(&self, stream: impl Duplex, peer: StreamPeer, early: Vec<u8>) {
        let Some(seat) = self.shared.ledger.seat(peer.client.ip().to_canonical()) else {
            debug!("too many connections: one was dropped");
            return;
        };
        let connection = Connection::new(stream, peer, early, self.shared.clone());
        let serving = Box::pin(connection.run(seat));
        self.shutdown.run_until_cancelled(serving).await;
    }
}

/// Accepts connections until the relay stops.
pub(crate) async fn accept(
    listener: TcpListener,
    tls: Option<watch::Receiver<TlsAcceptor>>,
    door: StreamDoor,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => {
                    let acceptor = tls.as_ref().map(|tls| tls.borrow().clone());
                    let door = door.clone();
                    connections.spawn(async move {
                        if let Err(error) = welcome(stream, client, acceptor, door).await {
                            debug!(%error, "a connection came to nothing");
                        }
                    });
                }
                Err(error) => {
                    warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            () = door.shutdown.cancelled() => break,
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn welcome(
    stream: TcpStream,
    client: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    door: StreamDoor,
) -> io::Result<()> {
    let peer = StreamPeer {
        client,
        own: stream.local_addr()?,
    };
    stream.set_nodelay(true)?;
    match acceptor {
        None => door.serve(stream, peer, Vec::new()).await,
        Some(acceptor) => {
            let stream = timeout(HANDSHAKE_TIME, acceptor.accept(stream)).await??;
            door.serve(stream, peer, Vec::new()).await;
        }
    }
    Ok(())
}

struct Connection<S> {
    reader: ReadHalf<S>,
    writer: WriteHalf<S>,
    /// Read and not yet understood.
    read: Vec<u8>,
    /// Written and not yet taken by the system; the first `written` bytes are.
    wire: Vec<u8>,
    written: usize,
    /// Whether everything written has left TLS, too.
    is_flushed: bool,
    client: StreamClient,
}

/// What a connection is to the relay.
struct StreamClient {
    session: Session,
    holding: Option<Holding>,
    own_peers: OwnPeers,
    outbox: Outbox,
    shared: Shared,
    peer: StreamPeer,
}

impl<S: Duplex> Connection<S> {
    fn new(stream: S, peer: StreamPeer, early: Vec<u8>, shared: Shared) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        let client = SocketAddr::new(peer.client.ip().to_canonical(), peer.client.port());
        Self {
            reader,
            writer,
            read: early,
            wire: Vec::new(),
            written: 0,
            is_flushed: true,
            client: StreamClient {
                session: Session::new(client, true),
                holding: None,
                own_peers: OwnPeers::default(),
                outbox: Outbox::default(),
                shared,
                peer,
            },
        }
    }

    async fn run(mut self, _seat: Seat) {
        let mut inbox = Inbox::new();
        let mut ticks = tokio::time::interval(TICK);
        let mut idle_since = Instant::now();
        if self.understand().is_err() {
            return;
        }
        loop {
            let relay = self.client.relay();
            let has_room = self.wire.len() - self.written < WAITING_BYTES;
            let can_push = !self.is_flushed || self.has_unwritten();
            tokio::select! {
                read = self.reader.read_buf(&mut self.read), if has_room => match read {
                    Ok(1..) if self.understand().is_ok() => {}
                    _ => break,
                },
                () = readable(relay.as_deref()), if has_room => {
                    if let Some(relay) = &relay {
                        self.client.read_peers(relay, &mut inbox, &mut self.wire);
                    }
                }
                // Never waited for alone: what a client says must be read while its own line is full.
                pushed = push(&mut self.writer, &self.wire[self.written..]), if can_push => {
                    match pushed {
                        Ok(bytes) => self.note_pushed(bytes),
                        Err(_) => break,
                    }
                }
                _ = ticks.tick() => {
                    self.client.tick(&mut self.wire);
                    if !self.client.session.is_idle() {
                        idle_since = Instant::now();
                    } else if idle_since.elapsed() > IDLE_TIME {
                        break;
                    }
                }
            }
        }
        self.client
            .shared
            .ledger
            .count(self.client.session.take_tally());
    }

    /// Takes whole frames out of what was read.
    fn understand(&mut self) -> Result<(), frame::FrameError> {
        let rules = self.client.shared.rules();
        let mut taken = 0;
        let result = loop {
            match frame::of_stream(&self.read[taken..]) {
                Ok(Some((frame, bytes))) => {
                    self.client.take(frame, &rules, &mut self.wire);
                    taken += bytes;
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.client.flush();
        self.read.drain(..taken);
        self.read.reserve(READ_BYTES);
        result
    }

    fn has_unwritten(&self) -> bool {
        self.written < self.wire.len()
    }

    /// So many bytes were written; none say that everything before was flushed.
    fn note_pushed(&mut self, bytes: usize) {
        self.is_flushed = bytes == 0;
        self.written += bytes;
        if !self.has_unwritten() {
            self.wire.clear();
            self.written = 0;
        } else if self.written > WAITING_BYTES {
            self.wire.drain(..self.written);
            self.written = 0;
        }
    }
}

/// Writes some of `bytes`, or flushes where there are none; tells how many were written.
async fn push<W: AsyncWrite + Unpin>(writer: &mut W, bytes: &[u8]) -> io::Result<usize> {
    if bytes.is_empty() {
        return writer.flush().await.map(|()| 0);
    }
    match writer.write(bytes).await? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        written => Ok(written),
    }
}

/// Waits for a peer's datagram; for ever without an allocation.
async fn readable(relay: Option<&RelaySocket>) {
    match relay {
        Some(relay) => relay.readable().await,
        None => std::future::pending().await,
    }
}

impl StreamClient {
    fn relay(&self) -> Option<Arc<RelaySocket>> {
        let holding = self.holding.as_ref()?;
        Some(Arc::clone(&holding.relay))
    }

    fn take(&mut self, frame: frame::Frame<'_>, rules: &Rules, wire: &mut Vec<u8>) {
        let is_stun = matches!(frame, frame::Frame::Stun(_));
        let sent = self.session.handle_client(frame, rules, now());
        if let FromClient::Relay { peer, payload } = sent
            && let Some(Holding { relay, .. }) = &self.holding
            && self
                .own_peers
                .allow(peer, &self.shared.ledger, &rules.peers)
        {
            self.outbox
                .push(&relay.socket, (peer, None), payload.len(), |out| {
                    out.extend_from_slice(payload);
                });
        } else if is_stun || self.session.is_idle() {
            self.drain(rules, wire);
        }
    }

    fn drain(&mut self, rules: &Rules, wire: &mut Vec<u8>) {
        while let Some(output) = self.session.poll_output() {
            match output {
                SessionOutput::Send(bytes) => wire.extend_from_slice(&bytes),
                SessionOutput::Allocate { family, user } => {
                    let own = self.peer.own.ip().to_canonical();
                    let opened = self.shared.open(family, &user, Some(own));
                    let result = opened.map(|holding| {
                        let address = holding.relay.socket.address();
                        self.holding = Some(holding);
                        address
                    });
                    self.session.allocated(result, rules, now());
                }
                SessionOutput::Release => {
                    self.flush();
                    self.holding = None;
                }
            }
        }
    }

    fn read_peers(&mut self, relay: &RelaySocket, inbox: &mut Inbox, wire: &mut Vec<u8>) {
        let Ok(count) = relay.socket.read(inbox) else {
            return;
        };
        let now = now();
        for (peer, _, datagram) in inbox.datagrams(count) {
            if let Some(wrapping) = self.session.handle_peer(peer, datagram.len(), now) {
                self.session.wrap(wrapping, datagram, wire);
            }
        }
        if self.session.is_idle() {
            let rules = self.shared.rules();
            self.drain(&rules, wire);
        }
    }

    fn flush(&mut self) {
        if let Some(Holding { relay, .. }) = &self.holding {
            self.outbox.flush(&relay.socket);
        }
    }

    fn tick(&mut self, wire: &mut Vec<u8>) {
        let now = now();
        self.shared.ledger.count(self.session.take_tally());
        let is_due = |at| at <= now.monotonic;
        if self.session.deadline().is_some_and(is_due) {
            self.session.handle_timeout(now);
            let rules = self.shared.rules();
            self.drain(&rules, wire);
        }
    }
}

const TICK: Duration = Duration::from_millis(500);
/// For a TLS handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// A connection without an allocation is closed after this.
const IDLE_TIME: Duration = Duration::from_secs(15);
/// After an error of the listener, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// What may wait for a client's system; then its peers' datagrams wait in the relayed socket, and are lost when
/// that is full.
const WAITING_BYTES: usize = 256 * 1024;
/// Room for one read.
const READ_BYTES: usize = 64 * 1024;
