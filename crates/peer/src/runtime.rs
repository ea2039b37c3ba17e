//! The runtime that the WebRTC stack runs on: tokio, with sockets and a clock of our own.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use webrtc::runtime::{
    AsyncInterval, AsyncTcpListener, AsyncTcpStream, AsyncUdpSocket, JoinHandle, Runtime,
    TokioRuntime,
};

use crate::config::SocketBuffers;
use crate::gate::Gate;
use crate::socket::GuardedSocket;

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One connection's runtime: everything spawned on it ends with [`PeerRuntime::stop`].
#[derive(Debug)]
pub(crate) struct PeerRuntime {
    buffers: SocketBuffers,
    gate: SharedGate,
    hurried: AtomicBool,
    stopped: CancellationToken,
}

impl PeerRuntime {
    pub(crate) fn new(buffers: SocketBuffers) -> Self {
        Self {
            buffers,
            gate: SharedGate::default(),
            hurried: AtomicBool::new(false),
            stopped: CancellationToken::new(),
        }
    }

    /// The gate that all sockets of this connection share.
    pub(crate) fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock()
    }

    /// Wakes the stack every few milliseconds while this is on.
    ///
    /// The stack sends what an event caused only when it wakes up next, so opening a connection takes as
    /// many of its timer's periods as there are steps.
    pub(crate) fn hurry(&self, hurried: bool) {
        self.hurried.store(hurried, Ordering::Relaxed);
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
        self.buffers.apply(&socket)?;
        let inner = TokioRuntime.wrap_udp_socket(socket)?;
        Ok(Arc::new(GuardedSocket::new(inner, self.gate.clone())))
    }

    fn wrap_tcp_listener(&self, _: TcpListener) -> io::Result<Arc<dyn AsyncTcpListener>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn connect_tcp(&self, _: SocketAddr) -> Boxed<'_, io::Result<Arc<dyn AsyncTcpStream>>> {
        Box::pin(async { Err(io::ErrorKind::Unsupported.into()) })
    }

    // The stack would wait for the resolver inside its event loop.
    fn resolve_host(&self, _: &str) -> Boxed<'_, io::Result<Vec<SocketAddr>>> {
        Box::pin(async { Err(io::ErrorKind::Unsupported.into()) })
    }

    fn sleep(&self, duration: Duration) -> Boxed<'static, ()> {
        if self.hurried.load(Ordering::Relaxed) {
            TokioRuntime.sleep(duration.min(HURRIED_SLEEP))
        } else {
            TokioRuntime.sleep(duration)
        }
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
const HURRIED_SLEEP: Duration = Duration::from_millis(5);
