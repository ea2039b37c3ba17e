//! From a URL to an open WebSocket.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use model::limits::SIGNALING_MESSAGE_BYTES;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::http::Uri;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config, tungstenite};

use super::LinkError;
use crate::proxy::{self, Proxies, Proxy, ProxyError};

/// An open WebSocket to a server, plain or under TLS.
pub(crate) type ServerSocket = WebSocketStream<Box<dyn Duplex>>;

/// Bytes both ways.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Why a server was not reached. Nothing in it names the server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("it was not reached: {0}")]
    Unreachable(#[from] io::Error),
    #[error("its certificate is not accepted, or it speaks no TLS: {0}")]
    Tls(#[source] io::Error),
    #[error("the system's certificates cannot be used: {0}")]
    Certificates(#[from] rustls::Error),
    #[error("it does not let us in: {0}")]
    WebSocket(#[source] Box<tungstenite::Error>),
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    #[error("it did not answer in time")]
    TimedOut,
}

/// Where to connect.
#[derive(Clone)]
pub(crate) struct Target {
    /// With a path.
    url: Uri,
    host: String,
    port: u16,
    security: Security,
    proxies: Arc<Proxies>,
}

#[derive(Clone)]
enum Security {
    Plain,
    Tls {
        name: ServerName<'static>,
        /// Trusted besides the system's.
        authorities: Arc<Vec<CertificateDer<'static>>>,
        /// Made when it is needed first: reading the system's certificates takes a while.
        connector: Arc<OnceCell<TlsConnector>>,
    },
}

impl Target {
    /// Reads a URL; without a path it means `/ws`, where the server's sockets are.
    pub(crate) fn parse(url: &str, ca_file: Option<PathBuf>) -> Result<Self, LinkError> {
        let url: Uri = url.trim().parse().map_err(|_| LinkError::BadUrl)?;
        let (is_secure, standard_port) = match url.scheme_str() {
            Some("wss") => (true, 443),
            Some("ws") => (false, 80),
            Some(_) | None => return Err(LinkError::BadUrl),
        };
        let host = url.host().filter(|host| !host.is_empty());
        let host = host.ok_or(LinkError::BadUrl)?;
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let security = if is_secure {
            let name = ServerName::try_from(host.clone()).map_err(|_| LinkError::BadUrl)?;
            let authorities = Arc::new(read_authorities(ca_file)?);
            let connector = Arc::default();
            Security::Tls {
                name,
                authorities,
                connector,
            }
        } else {
            Security::Plain
        };
        Ok(Self {
            port: url.port_u16().unwrap_or(standard_port),
            url: with_path(url)?,
            host,
            security,
            proxies: Arc::default(),
        })
    }

    /// Goes through the proxies that are wished for.
    pub(crate) fn through(self, proxies: Arc<Proxies>) -> Self {
        Self { proxies, ..self }
    }

    /// The host's name, or its address.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Connects within [`CONNECT_TIME`].
    pub(crate) fn connect(self) -> BoxFuture<'static, Result<ServerSocket, ConnectError>> {
        Box::pin(async move {
            let connected = timeout(CONNECT_TIME, self.connect_patiently()).await;
            connected.map_err(|_| ConnectError::TimedOut)?
        })
    }

    /// Connects to the host, without a word of HTTP.
    pub(crate) async fn open(&self) -> Result<Box<dyn Duplex>, ConnectError> {
        let stream = self.reach_host().await?;
        Ok(match &self.security {
            Security::Plain => Box::new(stream),
            Security::Tls {
                name,
                authorities,
                connector,
            } => {
                let make = || make_connector(Arc::clone(authorities));
                let connector = connector.get_or_try_init(make).await?;
                let secured = connector.connect(name.clone(), stream).await;
                Box::new(secured.map_err(ConnectError::Tls)?)
            }
        })
    }

    async fn connect_patiently(self) -> Result<ServerSocket, ConnectError> {
        let stream = self.open().await?;
        let opened = client_async_with_config(self.url, stream, Some(websocket_config())).await;
        let (socket, _response) =
            opened.map_err(|error| ConnectError::WebSocket(Box::new(error)))?;
        Ok(socket)
    }

    /// Connects to the host, through a proxy if one is on the way.
    async fn reach_host(&self) -> Result<TcpStream, ConnectError> {
        let Some(proxy) = self.proxy() else {
            return Ok(reach(&self.host, self.port).await?);
        };
        let mut stream = reach(&proxy.host, proxy.port).await?;
        proxy::pass(proxy, &mut stream, &self.host, self.port).await?;
        Ok(stream)
    }

    fn proxy(&self) -> Option<&Proxy> {
        let is_secure = matches!(self.security, Security::Tls { .. });
        self.proxies.on_the_way_to(&self.host, is_secure)
    }
}

/// Tries all addresses of a host, each a little after the one before; the first that answers wins.
pub(crate) async fn reach(host: &str, port: u16) -> io::Result<TcpStream> {
    let addresses = lookup_host((host, port)).await?;
    let addresses: Vec<SocketAddr> = addresses.take(ADDRESSES).collect();
    // After an outage the system's own repetitions come later and later: these do not.
    let rounds = (0..ROUNDS).flat_map(|round| {
        let start = ROUND_TIME * round;
        addresses
            .iter()
            .zip(0..)
            .map(move |(address, place)| (*address, start + STAGGER_TIME * place))
    });
    let mut tries: FuturesUnordered<_> = rounds.map(try_address).collect();
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    let mut refusals = 0;
    while let Some(tried) = tries.next().await {
        match tried {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
        refusals += 1;
        if refusals >= addresses.len() {
            break; // Each has said no: only silence is worth another try.
        }
    }
    Err(last)
}

async fn try_address((address, pause): (SocketAddr, Duration)) -> io::Result<TcpStream> {
    sleep(pause).await;
    TcpStream::connect(address).await
}

fn with_path(url: Uri) -> Result<Uri, LinkError> {
    if url.path() != "/" {
        return Ok(url);
    }
    let mut parts = url.into_parts();
    parts.path_and_query = "/ws".parse().ok();
    Uri::from_parts(parts).map_err(|_| LinkError::BadUrl)
}

fn read_authorities(ca_file: Option<PathBuf>) -> Result<Vec<CertificateDer<'static>>, LinkError> {
    let Some(path) = ca_file else {
        return Ok(Vec::new());
    };
    let authorities = CertificateDer::pem_file_iter(&path);
    let authorities = authorities.and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let authorities = authorities.map_err(|source| LinkError::CaFile { path, source })?;
    let mut store = RootCertStore::empty();
    for authority in &authorities {
        store.add(authority.clone())?;
    }
    Ok(authorities)
}

async fn make_connector(
    authorities: Arc<Vec<CertificateDer<'static>>>,
) -> Result<TlsConnector, ConnectError> {
    let system = spawn_blocking(rustls_native_certs::load_native_certs).await;
    let system = system.map_err(io::Error::other)?;
    let mut roots = RootCertStore::empty();
    // Some of the system's certificates may be of kinds that are not known here.
    roots.add_parsable_certificates(system.certs);
    for authority in authorities.iter() {
        roots.add(authority.clone())?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

pub(crate) fn websocket_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * SIGNALING_MESSAGE_BYTES)
        .max_message_size(Some(SIGNALING_MESSAGE_BYTES))
        .max_frame_size(Some(SIGNALING_MESSAGE_BYTES))
}

/// From the name to the WebSocket.
const CONNECT_TIME: Duration = Duration::from_secs(20);
/// Between two addresses of a host (RFC 8305, section 5).
const STAGGER_TIME: Duration = Duration::from_millis(250);
/// All addresses are tried anew so often,
const ROUNDS: u32 = 20;
/// and after so long.
const ROUND_TIME: Duration = Duration::from_secs(1);
/// Addresses of a host that are tried.
const ADDRESSES: usize = 4;
/// Signaling is little data.
const READ_BUFFER_BYTES: usize = 4_096;
