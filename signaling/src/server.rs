//! A whole node, from its first listener to its last goodbye.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::accept::{self, Door, Node};
use crate::bus::{Bus, BusEvent, LocalBus};
use crate::config::Config;
use crate::hub::HubHandle;
use crate::relays;
use turn::{Certificate, TlsError};

/// Why a node cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which one.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// A listener does not know its own address.
    #[error("a listener cannot be used: {0}")]
    Listener(#[source] io::Error),
    /// There is no certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The secret that is shared with relays cannot be read.
    #[error(transparent)]
    Secret(#[from] turn::SecretFileError),
    /// A task of the node failed.
    #[error("the node failed: {0}")]
    Failed(#[from] JoinError),
}

/// A running node.
pub struct Server {
    addresses: Vec<SocketAddr>,
    metrics_address: Option<SocketAddr>,
    tasks: JoinSet<()>,
}

/// Serves on one listener until `shutdown` fires and the last socket is closed.
pub async fn serve(
    listener: TcpListener,
    config: Config,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let (bus, events) = LocalBus::connect();
    let server = Server::start(vec![listener], config, (bus, events), shutdown).await?;
    server.stopped().await
}

impl Server {
    /// Listens where `config` says and serves, alone, until `shutdown` fires.
    pub async fn bind(config: Config, shutdown: CancellationToken) -> Result<Self, ServeError> {
        let mut listeners = Vec::new();
        for address in &config.listen {
            listeners.push(listen(*address).await?);
        }
        Self::start(listeners, config, LocalBus::connect(), shutdown).await
    }

    /// Serves on these listeners, together with the other nodes of `bus`, until `shutdown` fires.
    pub async fn start(
        listeners: Vec<TcpListener>,
        config: Config,
        (bus, events): (Arc<dyn Bus>, mpsc::Receiver<BusEvent>),
        shutdown: CancellationToken,
    ) -> Result<Self, ServeError> {
        let mut tasks = JoinSet::new();
        let door = match config.tls.clone() {
            None => Door::Plain,
            Some(files) => {
                let certificate = Certificate::load(files, b"http/1.1").await?;
                let acceptor = certificate.acceptor();
                let halt = shutdown.clone();
                tasks.spawn(async move {
                    halt.run_until_cancelled(certificate.watch()).await;
                });
                Door::Tls(acceptor)
            }
        };
        let metrics = match config.metrics_listen {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let addresses = listeners.iter().map(TcpListener::local_addr);
        let addresses = addresses
            .collect::<io::Result<Vec<_>>>()
            .map_err(ServeError::Listener)?;
        let metrics_address = metrics.as_ref().map(TcpListener::local_addr).transpose();
        let metrics_address = metrics_address.map_err(ServeError::Listener)?;
        warn_of_plain_text(&config, &addresses);

        let halt = CancellationToken::new();
        let (grants, relay) = relays::start(&config, &addresses, halt.clone()).await?;
        let (hub, running) = HubHandle::new(&config.limits, (bus, events), grants, halt.clone());
        tasks.spawn(running);
        let node = Node {
            config: Arc::new(config),
            hub,
            relay: relay.as_ref().map(turn::Relay::door),
            stopping: shutdown,
            halt,
        };
        if let Some(relay) = relay {
            tasks.spawn(async move {
                if let Err(error) = relay.stopped().await {
                    warn!(%error, "the relay in this node ended badly");
                }
            });
        }
        for listener in listeners {
            tasks.spawn(accept::run(listener, door.clone(), node.clone()));
        }
        if let Some(listener) = metrics {
            tasks.spawn(accept::run(listener, Door::Metrics, node.clone()));
        }
        tasks.spawn(drain(node));
        info!(listeners = addresses.len(), "the node serves");
        Ok(Self {
            addresses,
            metrics_address,
            tasks,
        })
    }

    /// The first address devices connect to.
    ///
    /// # Panics
    /// If the node was started without a listener.
    pub fn local_addr(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// All addresses devices connect to.
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The address operators connect to, if it is another one.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// Waits until the node has stopped.
    pub async fn stopped(mut self) -> Result<(), ServeError> {
        while let Some(ended) = self.tasks.join_next().await {
            ended?;
        }
        info!("the node has stopped");
        Ok(())
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|source| ServeError::Listen { address, source })
}

fn warn_of_plain_text(config: &Config, addresses: &[SocketAddr]) {
    let is_public = addresses.iter().any(|address| !address.ip().is_loopback());
    if config.tls.is_none() && config.proxy.trusted.is_empty() && is_public {
        warn!("serving without TLS: set a certificate, or a trusted proxy that has one");
    }
}

/// Lets the sockets go in their own time once the node is about to stop, then halts it.
async fn drain(node: Node) {
    node.stopping.cancelled().await;
    info!("the node is about to stop");
    if node.hub.stop().await.is_err() {
        warn!("the hub ended before the node");
    }
    let end = sleep(Duration::from_secs(node.config.drain_s.into()));
    tokio::pin!(end);
    loop {
        let sockets = node
            .hub
            .statistics()
            .await
            .map_or(0, |statistics| statistics.sockets);
        if sockets == 0 {
            break;
        }
        tokio::select! {
            () = &mut end => break,
            () = sleep(DRAIN_LOOK_TIME) => {}
        }
    }
    node.halt.cancel();
}

/// How often to look whether the last socket is gone.
const DRAIN_LOOK_TIME: Duration = Duration::from_millis(100);
