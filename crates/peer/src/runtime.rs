//! The runtime that the WebRTC stack runs on: tokio, with sockets and a clock of our own.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use webrtc::runtime::{
    AsyncInterval, AsyncTcpListener, AsyncTcpStream, AsyncUdpSocket, JoinHandle, Runtime,
    TokioRuntime,
};

use crate::config::SocketBuffers;
use crate::gate::Gate;
use crate::relay::{Allocation, RelaySocket};
use crate::socket::GuardedSocket;

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One connection's runtime: everything spawned on it ends with [`PeerRuntime::stop`].
#[derive(Debug)]
pub(crate) struct PeerRuntime {
    buffers: SocketBuffers,
    /// What sockets stand for, if they are not what they seem.
    relay: Option<Arc<Allocation>>,
    gate: SharedGate,
    pace: Arc<Pace>,
    stopped: CancellationToken,
}

impl PeerRuntime {
    pub(crate) fn new(buffers: SocketBuffers, relay: Option<Arc<Allocation>>) -> Self {
        Self {
            buffers,
            relay,
            gate: SharedGate::default(),
            pace: Arc::default(),
            stopped: CancellationToken::new(),
        }
    }

    /// The gate that all sockets of this connection share.
    pub(crate) fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock()
    }

    /// Notes whether the connection is opening just now, which takes a stack that is wide awake.
    ///
    /// The stack sends what an event caused only when it wakes up next, so opening takes as many periods
    /// of its timer as there are steps. While this is on it wakes up every few milliseconds.
    pub(crate) fn set_opening(&self, opening: bool) {
        self.pace.opening.store(opening, Ordering::Relaxed);
    }

    /// Ends every task at its next await.
    pub(crate) fn stop(&self) {
        self.stopped.cancel();
    }

    fn until_stopped(&self, task: Boxed<'static, ()>) -> Boxed<'static, ()> {
        let stopped = self.stopped.clone();
        Box::pin(async move {
            stopped.run_until_cancelled_owned(task).await;
        })
    }
}

impl Runtime for PeerRuntime {
    fn spawn(&self, task: Boxed<'static, ()>) -> Box<dyn JoinHandle> {
        TokioRuntime.spawn(self.until_stopped(task))
    }

    fn wrap_udp_socket(&self, socket: UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let inner: Arc<dyn AsyncUdpSocket> = match &self.relay {
            Some(relay) => Arc::new(RelaySocket::new(Arc::clone(relay), socket)),
            None => {
                self.buffers.apply(&socket)?;
                TokioRuntime.wrap_udp_socket(socket)?
            }
        };
        Ok(Arc::new(GuardedSocket::new(
            inner,
            self.gate.clone(),
            self.pace.clone(),
        )))
    }

    fn wrap_tcp_listener(&self, _: TcpListener) -> io::Result<Arc<dyn AsyncTcpListener>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn connect_tcp(&self, _: SocketAddr) -> Boxed<'_, io::Result<Arc<dyn AsyncTcpStream>>> {
        Box::pin(async { Err(io::ErrorKind::Unsupported.into()) })
    }

    // The stack would wait for the resolver inside its event loop: it gets addresses only.
    fn resolve_host(&self, host: &str) -> Boxed<'_, io::Result<Vec<SocketAddr>>> {
        let address = host.parse().map(|address| vec![address]);
        Box::pin(async { address.map_err(|_| io::ErrorKind::Unsupported.into()) })
    }

    fn sleep(&self, duration: Duration) -> Boxed<'static, ()> {
        // The stack's loop comes by once in every round, after it has handled all that it has read.
        self.pace.round.fetch_add(1, Ordering::Relaxed);
        let is_opening = self.pace.opening.load(Ordering::Relaxed);
        TokioRuntime.sleep(if is_opening {
            duration.min(OPENING_SLEEP)
        } else {
            duration
        })
    }

    fn interval(&self, period: Duration) -> Box<dyn AsyncInterval> {
        TokioRuntime.interval(period)
    }

    fn block_on(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        TokioRuntime.block_on(future);
    }

    fn yield_now(&self) -> Boxed<'static, ()> {
        TokioRuntime.yield_now()
    }
}

/// The rounds of the stack's loop, and whether a connection is opening in them.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    opening: AtomicBool,
    round: AtomicU64,
}

impl Pace {
    /// The number of the current round, from 1; `None` unless the connection is opening.
    pub(crate) fn opening_round(&self) -> Option<u64> {
        let round = self.round.load(Ordering::Relaxed);
        self.opening.load(Ordering::Relaxed).then_some(round)
    }
}

/// A gate that the sockets of one connection share with its making.
#[derive(Debug, Clone, Default)]
pub(crate) struct SharedGate(Arc<Mutex<Gate>>);

impl SharedGate {
    /// Held for the inspection of one read; a gate is whole between any two of its calls.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Gate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long the stack may sleep while a connection opens.
const OPENING_SLEEP: Duration = Duration::from_millis(5);
