//! "Host here": this machine introduces devices to each other, and relays for them, without any other server.
//!
//! It is the same node as `wherry-signaling`, inside the program that a person has anyway. What goes through it is
//! sealed; whoever hosts sees what a server sees.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

use api::{CommandError, ErrorCode};
use peer::AddressScope;
use signaling::{Config, LocalBus, ServeError, Server, TlsFiles};
use tokio_util::sync::CancellationToken;

/// How this machine hosts.
#[derive(Debug, Clone, Default)]
pub struct HostConfig {
    /// Where devices come: by TCP for signaling, relays through TCP too, and by UDP on the same port. Empty is every
    /// address of this machine, on port [`HOST_PORT`].
    pub listen: Vec<SocketAddr>,
    /// Under which name or address others reach this machine, with a port if that is another one than it listens on:
    /// behind a router that passes the port on.
    pub public: Option<String>,
    /// Certificate chain and private key, both PEM; without them the line to this machine is sealed but plain.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Introduces only, and relays nothing.
    pub without_relay: bool,
}

/// A machine that hosts as soon as it is let.
#[derive(Debug)]
pub struct Host {
    listeners: Vec<TcpListener>,
    listening: Vec<SocketAddr>,
    config: Config,
    urls: Urls,
}

/// Under which URLs a machine that hosts is reached.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Urls {
    /// By itself, also where a router does not lead back in.
    pub(crate) own: Option<String>,
    /// By others: the likeliest first.
    pub(crate) told: Vec<String>,
}

impl Urls {
    /// Those of a machine that listens there, with the addresses that it has now.
    pub(crate) fn of(config: &HostConfig, listening: &[SocketAddr]) -> Result<Self, CommandError> {
        let public = config.public.as_deref().map(Place::parse).transpose()?;
        let own = peer::addresses(AddressScope::Network).unwrap_or_default();
        let places = reachable(listening, &own);
        let scheme = if config.tls.is_some() { "wss" } else { "ws" };
        let url = |place: &SocketOrName| format!("{scheme}://{place}/ws");
        let port = listening.first().map_or(HOST_PORT, SocketAddr::port);
        Ok(Self {
            own: places.first().map(url),
            told: match public {
                Some(public) => vec![url(&public.on(port))],
                None => places.iter().map(url).collect(),
            },
        })
    }
}

impl Host {
    /// Listens; whoever comes waits until [`Host::serve_until`] serves.
    ///
    /// # Errors
    /// `usage` when an address cannot be listened on, or `public` is no host.
    pub fn bind(config: HostConfig) -> Result<Self, CommandError> {
        let listeners = match config.listen.as_slice() {
            [] => listen_everywhere(HOST_PORT)?,
            addresses => addresses
                .iter()
                .map(|address| listen(*address))
                .collect::<Result<_, _>>()?,
        };
        let addresses = listeners.iter();
        let listening: Vec<SocketAddr> = addresses.filter_map(|it| it.local_addr().ok()).collect();
        let urls = Urls::of(&config, &listening)?;
        let mut hosting = Config {
            tls: config.tls.map(|(chain, key)| TlsFiles::new(chain, key)),
            drain_s: DRAIN_S,
            ..Config::default()
        };
        hosting.relays.serve = !config.without_relay;
        Ok(Self {
            listeners,
            listening,
            config: hosting,
            urls,
        })
    }

    /// What others enter as their server: the likeliest first.
    pub fn urls(&self) -> &[String] {
        &self.urls.told
    }

    /// Where it listens.
    pub(crate) fn listening(&self) -> &[SocketAddr] {
        &self.listening
    }

    /// Serves until `enough`, and lets everybody who is there go in good order.
    ///
    /// # Errors
    /// `usage` when the certificate cannot be used, `internal` when a part of the server failed.
    pub async fn serve_until(self, enough: impl Future<Output = ()>) -> Result<(), CommandError> {
        let listeners = self.listeners.into_iter();
        let listeners = listeners.map(tokio::net::TcpListener::from_std);
        let listeners = listeners.collect::<io::Result<_>>();
        let listeners = listeners.map_err(|error| problem(ServeError::Listener(error)))?;
        let stop = CancellationToken::new();
        let bus = LocalBus::connect();
        let started = Server::start(listeners, self.config, bus, stop.clone()).await;
        let stopped = started.map_err(problem)?.stopped();
        tokio::pin!(stopped);
        tokio::select! {
            ended = &mut stopped => return ended.map_err(problem),
            () = enough => stop.cancel(),
        }
        stopped.await.map_err(problem)
    }
}

/// A host with a port, as it stands in a URL.
type SocketOrName = String;

/// What a person calls this machine.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    host: String,
    port: Option<u16>,
}

impl Place {
    fn parse(text: &str) -> Result<Self, CommandError> {
        let refused = || {
            let message = "Others reach a machine under a name or an address, perhaps with a port, like home.example.org:7400.";
            CommandError::new(ErrorCode::Usage, message)
        };
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self::of(address.ip(), Some(address.port())));
        }
        if let Ok(ip) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(Self::of(ip, None));
        }
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, Some(port.parse().map_err(|_| refused())?)),
            None => (text, None),
        };
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        let is_name = !host.is_empty() && host.len() <= NAME_BYTES && host.bytes().all(is_allowed);
        match is_name && port != Some(0) {
            true => Ok(Self {
                host: host.to_owned(),
                port,
            }),
            false => Err(refused()),
        }
    }

    fn of(ip: IpAddr, port: Option<u16>) -> Self {
        let host = match ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Self { host, port }
    }

    fn on(&self, standard: u16) -> SocketOrName {
        format!("{}:{}", self.host, self.port.unwrap_or(standard))
    }
}

/// Whether a setting says how to host: `off`, `on`, or under which name or address others reach this machine.
pub(crate) fn is_setting(text: &str) -> bool {
    matches!(text, OFF | ON) || Place::parse(text).is_ok()
}

impl HostConfig {
    /// What a setting says; `None` is not at all.
    pub(crate) fn of_setting(text: &str) -> Option<Self> {
        match text {
            OFF => None,
            ON => Some(Self::default()),
            public => Some(Self {
                public: Some(public.to_owned()),
                ..Self::default()
            }),
        }
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, CommandError> {
    let bound = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    bound.map_err(|source| problem(ServeError::Listen { address, source }))
}

/// Listens on every address of this machine. Some systems take both families where others are asked for IPv6.
fn listen_everywhere(port: u16) -> Result<Vec<TcpListener>, CommandError> {
    let everywhere: [IpAddr; 2] = [Ipv6Addr::UNSPECIFIED.into(), Ipv4Addr::UNSPECIFIED.into()];
    let [v6, v4] = everywhere.map(|ip| listen((ip, port).into()));
    match (v6, v4) {
        (Err(_), Err(error)) => Err(error),
        (v6, v4) => Ok([v6, v4].into_iter().flatten().collect()),
    }
}

/// Under which addresses others reach these listeners, if this machine has the addresses `own`.
fn reachable(listening: &[SocketAddr], own: &[IpAddr]) -> Vec<SocketOrName> {
    let mut found: Vec<SocketAddr> = Vec::new();
    for listener in listening {
        let port = listener.port();
        match listener.ip() {
            ip if !ip.is_unspecified() => found.push(*listener),
            IpAddr::V4(_) => found.extend(
                own.iter()
                    .filter(|ip| ip.is_ipv4())
                    .map(|ip| SocketAddr::new(*ip, port)),
            ),
            IpAddr::V6(_) => found.extend(own.iter().map(|ip| SocketAddr::new(*ip, port))),
        }
    }
    // Most networks have IPv4, and people read it more easily.
    found.sort_by_key(|address| (address.is_ipv6(), address.ip().is_loopback()));
    found.dedup();
    found.iter().map(ToString::to_string).collect()
}

fn problem(error: ServeError) -> CommandError {
    let code = match error {
        ServeError::Listen { .. } | ServeError::Tls(_) | ServeError::Secret(_) => ErrorCode::Usage,
        ServeError::Listener(_) | ServeError::Failed(_) => ErrorCode::Internal,
    };
    CommandError::new(
        code,
        format!("This machine cannot host: {error}. Others do not find each other here."),
    )
}

/// It does not host.
pub(crate) const OFF: &str = "off";
/// It hosts, and others reach it at its own addresses.
const ON: &str = "on";
/// Where a machine listens unless it is told otherwise.
pub const HOST_PORT: u16 = 7_400;
/// Nobody waits long for a program that ends.
const DRAIN_S: u16 = 1;
/// RFC 1035 §2.3.4.
const NAME_BYTES: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn sockets(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn others_are_told_every_address_that_a_listener_takes() {
        let own = ips(&["192.168.1.5", "2a0f::5"]);
        for (listening, expected) in [
            (
                &["[::]:7400"][..],
                &["192.168.1.5:7400", "[2a0f::5]:7400"][..],
            ),
            (&["0.0.0.0:99"], &["192.168.1.5:99"]),
            (
                &["127.0.0.1:5", "192.168.1.5:6"],
                &["192.168.1.5:6", "127.0.0.1:5"],
            ),
        ] {
            assert_eq!(
                reachable(&sockets(listening), &own),
                expected,
                "{listening:?}"
            );
        }
    }

    #[test]
    fn a_public_place_is_a_name_or_an_address_perhaps_with_a_port() {
        for (text, expected) in [
            ("home.example.org", "home.example.org:7400"),
            ("home.example.org:443", "home.example.org:443"),
            ("11.0.0.7", "11.0.0.7:7400"),
            ("11.0.0.7:1", "11.0.0.7:1"),
            ("2a0f::7", "[2a0f::7]:7400"),
            ("[2a0f::7]", "[2a0f::7]:7400"),
            ("[2a0f::7]:9", "[2a0f::7]:9"),
        ] {
            assert_eq!(Place::parse(text).unwrap().on(HOST_PORT), expected);
        }
        let long = "a".repeat(NAME_BYTES + 1);
        for text in [
            "", "a b", "a:b", "a:0", "a:65536", "ws://a", "a/b", "user@a", &long,
        ] {
            assert!(Place::parse(text).is_err() && !is_setting(text), "{text}");
        }
    }

    #[tokio::test]
    async fn a_machine_that_hosts_is_told_by_a_url_and_stops_when_it_is_enough() {
        let config = HostConfig {
            listen: sockets(&["127.0.0.1:0"]),
            ..HostConfig::default()
        };
        let host = Host::bind(config).unwrap();
        let [url] = host.urls() else {
            panic!("{:?}", host.urls());
        };
        let place = url.strip_prefix("ws://").unwrap();
        let address: SocketAddr = place.strip_suffix("/ws").unwrap().parse().unwrap();
        std::net::TcpStream::connect(address).unwrap();
        let taken = HostConfig {
            listen: vec![address],
            ..HostConfig::default()
        };
        let error = Host::bind(taken).unwrap_err();
        assert_eq!(error.code, ErrorCode::Usage);
        host.serve_until(std::future::ready(())).await.unwrap();
        assert!(std::net::TcpStream::connect(address).is_err());
    }
}
