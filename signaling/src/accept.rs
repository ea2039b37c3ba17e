//! From an accepted connection to a WebSocket with a seat at the hub.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use signaling_proto::server::{AddressKey, AdmissionRefusal};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use turn::{StreamDoor, StreamPeer};

use crate::address;
use crate::config::Config;
use crate::http::{self, Head, HeadError, NoUpgrade};
use crate::hub::{HubHandle, NoSeat};
use crate::metrics;
use crate::session::{self, Ready};

/// A connection, plain or under TLS.
pub(crate) type Stream = Box<dyn Duplex>;

/// Bytes both ways.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// What all connections of a node share.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) config: Arc<Config>,
    pub(crate) hub: HubHandle,
    /// Takes the connections that speak TURN instead of HTTP.
    pub(crate) relay: Option<StreamDoor>,
    /// Fires when the node is about to stop: it still serves, but is not ready.
    pub(crate) stopping: CancellationToken,
    /// Fires when it stops.
    pub(crate) halt: CancellationToken,
}

/// What a listener is for.
#[derive(Clone)]
pub(crate) enum Door {
    /// Devices, in the clear or behind a proxy.
    Plain,
    /// Devices, under TLS.
    Tls(watch::Receiver<TlsAcceptor>),
    /// Operators: everything but sockets.
    Metrics,
}

/// Accepts connections until the node halts, and sees every session to its end.
pub(crate) async fn run(listener: TcpListener, door: Door, node: Node) {
    let mut handshakes = JoinSet::new();
    let mut sessions = JoinSet::new();
    let mut crowd = Crowd::default();
    let limits = Arc::new(node.config.limits.clone());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    if crowd.admit(&node.config, peer.ip()) {
                        let handshake = handshake(stream, peer, door.clone(), node.clone());
                        handshakes.spawn(async move { (peer.ip(), handshake.await) });
                    }
                }
                Err(error) => {
                    warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(done) = handshakes.join_next(), if !handshakes.is_empty() => {
                if let Ok((peer, ready)) = done {
                    crowd.leave(peer);
                    match ready {
                        Some(Arrived::Device(ready)) => {
                            sessions.spawn(session::run(ready, Arc::clone(&limits)));
                        }
                        Some(Arrived::Relayed(stream, peer, early)) => {
                            if let Some(relay) = node.relay.clone() {
                                let serving = async move { relay.serve(stream, peer, early).await };
                                sessions.spawn(serving);
                            }
                        }
                        None => {}
                    }
                }
            }
            Some(_) = sessions.join_next(), if !sessions.is_empty() => {}
            () = node.halt.cancelled() => break,
        }
    }
    drop(listener);
    handshakes.shutdown().await;
    let goodbyes = async { while sessions.join_next().await.is_some() {} };
    if timeout(GOODBYES_TIME, goodbyes).await.is_err() {
        sessions.shutdown().await;
    }
}

/// Connections that are not WebSockets yet, per address.
#[derive(Default)]
struct Crowd {
    total: usize,
    per_address: BTreeMap<AddressKey, usize>,
}

impl Crowd {
    fn admit(&mut self, config: &Config, peer: IpAddr) -> bool {
        let of_address = self.per_address.entry(peer.into()).or_default();
        let is_crowded = *of_address >= config.http.handshakes_per_address
            && !address::is_trusted(&config.proxy, peer);
        if is_crowded || self.total >= config.http.handshakes {
            debug!("too many connections at once: one was dropped");
            return false;
        }
        *of_address += 1;
        self.total += 1;
        true
    }

    fn leave(&mut self, peer: IpAddr) {
        self.total -= 1;
        let key = peer.into();
        if let Some(count) = self.per_address.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                self.per_address.remove(&key);
            }
        }
    }
}

/// What a connection turned out to be.
enum Arrived {
    /// A WebSocket.
    Device(Ready),
    /// TURN, with what was read of it.
    Relayed(Stream, StreamPeer, Vec<u8>),
}

async fn handshake(stream: TcpStream, peer: SocketAddr, door: Door, node: Node) -> Option<Arrived> {
    let head_time = Duration::from_secs(node.config.http.head_s.into());
    let own = stream.local_addr().ok()?;
    stream.set_nodelay(true).ok()?;
    let mut stream: Stream = match &door {
        Door::Plain | Door::Metrics => Box::new(stream),
        Door::Tls(acceptor) => {
            let acceptor = acceptor.borrow().clone();
            let accepted = timeout(head_time, acceptor.accept(stream)).await;
            Box::new(accepted.ok()?.ok()?)
        }
    };
    let head_bytes = node.config.http.head_bytes;
    let head = timeout(head_time, http::read_head(&mut stream, head_bytes)).await;
    if let Ok(Err(HeadError::Turn(early))) = head {
        let is_for_devices = !matches!(door, Door::Metrics);
        let arrived = Arrived::Relayed(stream, StreamPeer { client: peer, own }, early);
        return (is_for_devices && node.relay.is_some()).then_some(arrived);
    }
    let answered = match head {
        Ok(Ok(head)) => answer(stream, head, peer, &door, &node).await,
        Ok(Err(HeadError::Io(_) | HeadError::Turn(_))) => Ok(None),
        Ok(Err(HeadError::TooLong)) => {
            let status = "431 Request Header Fields Too Large";
            refuse(&mut stream, status, "", "the request head is too long\n").await
        }
        Ok(Err(HeadError::Malformed)) => {
            refuse(&mut stream, "400 Bad Request", "", "not an HTTP request\n").await
        }
        Err(_) => {
            refuse(
                &mut stream,
                "408 Request Timeout",
                "",
                "the request came too slowly\n",
            )
            .await
        }
    };
    answered.ok().flatten().map(Arrived::Device)
}

async fn answer(
    mut stream: Stream,
    head: Head,
    peer: SocketAddr,
    door: &Door,
    node: &Node,
) -> io::Result<Option<Ready>> {
    let is_for_operators = matches!(door, Door::Metrics);
    match head.path.as_str() {
        "/ws" if !is_for_operators => upgrade(stream, head, peer, node).await,
        "/health" => refuse(&mut stream, "200 OK", "", "ok\n").await,
        "/ready" if node.stopping.is_cancelled() => {
            refuse(
                &mut stream,
                "503 Service Unavailable",
                RETRY,
                "about to stop\n",
            )
            .await
        }
        "/ready" => refuse(&mut stream, "200 OK", "", "ready\n").await,
        "/metrics" if is_for_operators || is_local(&head, peer) => {
            let statistics = node.hub.statistics().await.map_err(io::Error::other)?;
            refuse(&mut stream, "200 OK", "", &metrics::render(&statistics)).await
        }
        _ => refuse(&mut stream, "404 Not Found", "", "nothing here\n").await,
    }
}

async fn upgrade(
    mut stream: Stream,
    head: Head,
    peer: SocketAddr,
    node: &Node,
) -> io::Result<Option<Ready>> {
    let key = match head.upgrade_key() {
        Ok(key) => key,
        Err(NoUpgrade::NotAsked) => {
            let headers = "Upgrade: websocket\r\n";
            return refuse(
                &mut stream,
                "426 Upgrade Required",
                headers,
                "a WebSocket lives here\n",
            )
            .await;
        }
        Err(NoUpgrade::Malformed) => {
            return refuse(
                &mut stream,
                "400 Bad Request",
                "",
                "not a WebSocket request\n",
            )
            .await;
        }
    };
    let proxy = &node.config.proxy;
    let values = head.values(address::header_name(proxy.header));
    let address = address::behind(proxy, peer.ip(), values);
    let seat = match node.hub.open(address).await {
        Ok(seat) => seat,
        Err(NoSeat::Refused(AdmissionRefusal::TooManyFromAddress)) => {
            let body = "too many connections from this address\n";
            return refuse(&mut stream, "429 Too Many Requests", RETRY, body).await;
        }
        Err(NoSeat::Refused(AdmissionRefusal::NodeFull) | NoSeat::Ended) => {
            let body = "no room for another connection\n";
            return refuse(&mut stream, "503 Service Unavailable", RETRY, body).await;
        }
    };
    match timeout(WRITE_TIME, http::switch_protocols(&mut stream, key)).await {
        Ok(Ok(())) => {
            let early = head.early;
            Ok(Some(Ready {
                stream,
                early,
                seat,
            }))
        }
        Ok(Err(_)) | Err(_) => {
            seat.leave().await;
            Ok(None)
        }
    }
}

/// Whether an operator on this machine asks: nobody's proxy stands between.
fn is_local(head: &Head, peer: SocketAddr) -> bool {
    let is_direct = |name| head.values(name).next().is_none();
    peer.ip().to_canonical().is_loopback()
        && ["x-forwarded-for", "forwarded", "via", "x-real-ip"]
            .into_iter()
            .all(is_direct)
}

async fn refuse(
    stream: &mut Stream,
    status: &str,
    headers: &str,
    body: &str,
) -> io::Result<Option<Ready>> {
    let answer = http::respond(stream, status, headers, body);
    match timeout(WRITE_TIME, answer).await {
        Ok(answered) => answered?,
        Err(_) => stream.shutdown().await?,
    }
    Ok(None)
}

const RETRY: &str = "Retry-After: 5\r\n";
/// After an error of the listener, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// For a device to take an answer.
const WRITE_TIME: Duration = Duration::from_secs(5);
/// For all sessions to say goodbye when the node halts.
const GOODBYES_TIME: Duration = Duration::from_secs(3);
