//! A whole relay, from its first listener to its last client.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use turn_proto::credentials::Secret;
use turn_proto::policy::{PeerPolicy, Subnet};
use turn_proto::server::{AllocateRefusal, Rules};
use turn_proto::{Family, Now};

use crate::config::Config;
use crate::disk;
use crate::ledger::{Ledger, Statistics};
use crate::sockets::{BatchSocket, Holding};
use crate::stream::StreamDoor;
use crate::tls::{Certificate, TlsError};
use crate::{operators, stream, udp};

/// Why there is no relay.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which one.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// There is nothing that credentials could be made with.
    #[error("there is no secret")]
    NoSecret,
    /// There is no certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// TLS is asked for without a certificate.
    #[error("there is an address for TLS, and no certificate")]
    NoCertificate,
    /// A task of the relay failed.
    #[error("the relay failed: {0}")]
    Failed(#[from] JoinError),
}

/// Where a running relay is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// By UDP.
    pub udp: Vec<SocketAddr>,
    /// By TCP.
    pub tcp: Vec<SocketAddr>,
    /// By TLS.
    pub tls: Vec<SocketAddr>,
    /// For operators.
    pub metrics: Option<SocketAddr>,
}

/// A running relay.
pub struct Relay {
    addresses: Addresses,
    shared: Shared,
    rules: Arc<watch::Sender<Arc<Rules>>>,
    shutdown: CancellationToken,
    tasks: JoinSet<()>,
}

/// What all tasks of a relay share.
#[derive(Clone)]
pub(crate) struct Shared {
    config: Arc<Config>,
    rules: watch::Receiver<Arc<Rules>>,
    pub(crate) ledger: Arc<Ledger>,
}

impl Shared {
    pub(crate) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.borrow())
    }

    pub(crate) fn open(
        &self,
        family: Family,
        user: &str,
        own: Option<IpAddr>,
    ) -> Result<Holding, AllocateRefusal> {
        Holding::open((&self.config, &self.ledger), family, user, own)
    }
}

impl Relay {
    /// Listens where `config` says, and takes credentials made with any of `secrets`.
    pub async fn bind(
        config: Config,
        secrets: Vec<Secret>,
        shutdown: CancellationToken,
    ) -> Result<Self, RelayError> {
        if secrets.is_empty() {
            return Err(RelayError::NoSecret);
        }
        let (rules, rules_now) = watch::channel(Arc::new(rules(&config, secrets)));
        let mut relay = Self {
            addresses: Addresses::default(),
            shared: Shared {
                ledger: Arc::new(Ledger::new(config.limits.clone())),
                config: Arc::new(config),
                rules: rules_now,
            },
            rules: Arc::new(rules),
            shutdown,
            tasks: JoinSet::new(),
        };
        relay.listen()?;
        relay.listen_for_tls().await?;
        relay.listen_for_operators()?;
        info!(
            udp = relay.addresses.udp.len(),
            tcp = relay.addresses.tcp.len(),
            tls = relay.addresses.tls.len(),
            "the relay serves"
        );
        Ok(relay)
    }

    /// Where it is.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What it holds and has done.
    pub fn statistics(&self) -> Statistics {
        self.shared.ledger.statistics()
    }

    /// Lets in connections that somebody else has accepted.
    pub fn door(&self) -> StreamDoor {
        StreamDoor::new(self.shared.clone(), self.shutdown.clone())
    }

    /// From now on takes credentials made with these; what was allocated with others goes on.
    pub fn set_secrets(&self, secrets: Vec<Secret>) {
        replace_secrets(&self.rules, secrets);
    }

    /// Reads the secrets' files again and again until the relay stops.
    pub fn watch_secrets(&mut self, files: Vec<PathBuf>) {
        let rules = Arc::clone(&self.rules);
        let shutdown = self.shutdown.clone();
        self.tasks.spawn(async move {
            let watching = async {
                loop {
                    tokio::time::sleep(SECRETS_LOOK_TIME).await;
                    match disk::read_secrets(&files).await {
                        Ok(secrets) => replace_secrets(&rules, secrets),
                        Err(error) => warn!(%error, "keeping the old secrets"),
                    }
                }
            };
            shutdown.run_until_cancelled(watching).await;
        });
    }

    /// Waits until the relay has stopped.
    pub async fn stopped(mut self) -> Result<(), RelayError> {
        while let Some(ended) = self.tasks.join_next().await {
            ended?;
        }
        info!("the relay has stopped");
        Ok(())
    }

    fn listen(&mut self) -> Result<(), RelayError> {
        let config = Arc::clone(&self.shared.config);
        for address in &config.listen {
            let is_optional = address.ip().is_unspecified() && address.is_ipv6();
            match self.listen_on(*address) {
                // Without IPv6 the rest still serves.
                Err(error) if is_optional && !self.addresses.udp.is_empty() => {
                    warn!(%error, "going on without it");
                }
                listening => listening?,
            }
        }
        for address in &config.udp_listen {
            self.listen_for_udp(*address)?;
        }
        Ok(())
    }

    fn listen_for_udp(&mut self, address: SocketAddr) -> Result<SocketAddr, RelayError> {
        let fault = |source| RelayError::Listen { address, source };
        let socket = BatchSocket::bind(address, LISTENER_BUFFER_BYTES).map_err(fault)?;
        let address = socket.address();
        self.addresses.udp.push(address);
        let serving = udp::run(socket, self.shared.clone(), self.shutdown.clone());
        self.tasks.spawn(serving);
        Ok(address)
    }

    fn listen_on(&mut self, address: SocketAddr) -> Result<(), RelayError> {
        // The same port for TCP, also where the system chose it.
        let address = self.listen_for_udp(address)?;
        let listener = bind_tcp(address)?;
        self.addresses.tcp.push(address);
        self.tasks
            .spawn(stream::accept(listener, None, self.door()));
        Ok(())
    }

    async fn listen_for_tls(&mut self) -> Result<(), RelayError> {
        let config = Arc::clone(&self.shared.config);
        if config.tls_listen.is_empty() {
            return Ok(());
        }
        let files = config.tls.clone().ok_or(RelayError::NoCertificate)?;
        let certificate = Certificate::load(files, b"").await?;
        for address in &config.tls_listen {
            let listener = bind_tcp(*address)?;
            let fault = |source| RelayError::Listen {
                address: *address,
                source,
            };
            self.addresses
                .tls
                .push(listener.local_addr().map_err(fault)?);
            let acceptor = Some(certificate.acceptor());
            let serving = stream::accept(listener, acceptor, self.door());
            self.tasks.spawn(serving);
        }
        let shutdown = self.shutdown.clone();
        self.tasks.spawn(async move {
            shutdown.run_until_cancelled(certificate.watch()).await;
        });
        Ok(())
    }

    fn listen_for_operators(&mut self) -> Result<(), RelayError> {
        let Some(address) = self.shared.config.metrics_listen else {
            return Ok(());
        };
        let listener = bind_tcp(address)?;
        let bound = listener.local_addr();
        self.addresses.metrics =
            Some(bound.map_err(|source| RelayError::Listen { address, source })?);
        let ledger = Arc::clone(&self.shared.ledger);
        let serving = operators::run(listener, ledger, self.shutdown.clone());
        self.tasks.spawn(serving);
        Ok(())
    }
}

/// The clocks, as they stand.
pub(crate) fn now() -> Now {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH);
    Now {
        monotonic: Instant::now(),
        unix_s: unix.unwrap_or_default().as_secs(),
    }
}

fn bind_tcp(address: SocketAddr) -> Result<TcpListener, RelayError> {
    let listen = || {
        let domain = socket2::Domain::for_address(address);
        let kind = socket2::Type::STREAM;
        let socket = socket2::Socket::new(domain, kind, Some(socket2::Protocol::TCP))?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        TcpListener::from_std(socket.into())
    };
    listen().map_err(|source| RelayError::Listen { address, source })
}

fn rules(config: &Config, secrets: Vec<Secret>) -> Rules {
    let mut nonce_key = [0; 32];
    getrandom::fill(&mut nonce_key).expect("without random bytes nothing here is safe to do");
    Rules {
        realm: config.realm.clone(),
        secrets,
        nonce_key,
        limits: config.limits.of_one(),
        peers: peers(config),
    }
}

/// Whom this relay sends to. One that only this machine can reach serves what runs on this machine.
fn peers(config: &Config) -> PeerPolicy {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let mut own: Vec<IpAddr> = interfaces.iter().map(if_addrs::Interface::ip).collect();
    own.extend(&config.relay_addresses);
    let mut lan = config.lan.clone();
    own.retain(|ip| !ip.is_loopback());
    if config.is_loopback() {
        let loopbacks = ["127.0.0.0/8", "::1/128"];
        lan.extend(loopbacks.map(|text| text.parse::<Subnet>().expect("the list holds networks")));
    }
    PeerPolicy {
        own,
        lan,
        refused: config.refused.clone(),
    }
}

fn replace_secrets(rules: &watch::Sender<Arc<Rules>>, secrets: Vec<Secret>) {
    rules.send_if_modified(|rules| {
        let is_new = rules.secrets != secrets && !secrets.is_empty();
        if is_new {
            Arc::make_mut(rules).secrets = secrets;
            info!("the secrets were replaced");
        }
        is_new
    });
}

/// All clients of a listener burst into it.
const LISTENER_BUFFER_BYTES: usize = 8 * 1024 * 1024;
const BACKLOG: i32 = 1_024;
/// How soon a new secret is taken.
const SECRETS_LOOK_TIME: Duration = Duration::from_secs(10);
