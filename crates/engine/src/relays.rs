//! The relays that the signaling server told of, and how they are reached.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use peer::{DialRelay, FindRelay, RelayAccess, RelayStream, RelayWay};
use signaling_proto::message::{RelayAddress, RelayGrant, RelayTransport};
use tokio::net::lookup_host;
use tokio::time::timeout;
use turn_proto::credentials::Credentials;

use crate::proxy::Proxies;
use crate::signaling_link::Target;

/// What the signaling server told last.
#[derive(Debug, Default)]
pub(crate) struct Relays {
    known: Vec<RelayAccess>,
    by_datagrams: Vec<String>,
    until: Option<Instant>,
}

impl Relays {
    /// Takes what the server at `url` told; relays without a host are where the server is.
    pub(crate) fn granted(
        grant: &RelayGrant,
        url: &str,
        ca_file: Option<&PathBuf>,
        proxies: &Arc<Proxies>,
    ) -> Self {
        let lifetime = Duration::from_secs(grant.lifetime_s.into());
        let credentials = Credentials {
            username: grant.username.clone(),
            password: grant.password.clone(),
        };
        let server = Target::parse(url, None).ok();
        let mut by_datagrams = Vec::new();
        let known = grant.relays.iter().filter_map(|relay| {
            let host = match (relay.host.as_str(), &server) {
                ("", Some(server)) => server.host(),
                ("", None) => return None,
                (host, _) => host,
            };
            if relay.transport == RelayTransport::Udp {
                by_datagrams.push(authority(host, relay.port));
            }
            Some(RelayAccess {
                credentials: credentials.clone(),
                way: way(relay, host, ca_file, proxies)?,
            })
        });
        Self {
            known: known.collect(),
            by_datagrams,
            until: Instant::now().checked_add(lifetime),
        }
    }

    /// The relays, as long as their credentials are good.
    pub(crate) fn usable(&self) -> &[RelayAccess] {
        match self.until {
            Some(until) if Instant::now() < until => &self.known,
            Some(_) | None => &[],
        }
    }

    /// Those that take datagrams, as hosts with ports: a TURN server answers STUN's binding requests, of
    /// anybody (RFC 8656 §3).
    pub(crate) fn stun_hosts(&self) -> String {
        let hosts = self.by_datagrams.iter().map(String::as_str);
        hosts.take(peer::STUN_SERVERS).collect::<Vec<_>>().join(" ")
    }
}

fn way(
    relay: &RelayAddress,
    host: &str,
    ca_file: Option<&PathBuf>,
    proxies: &Arc<Proxies>,
) -> Option<RelayWay> {
    let port = relay.port;
    let authority = authority(host, port);
    let door = |target: Target| Arc::new(Door(target.through(Arc::clone(proxies))));
    Some(match relay.transport {
        RelayTransport::Udp if proxies.is_named() => return None,
        RelayTransport::Udp => RelayWay::Udp(Arc::new(Place {
            host: host.to_owned(),
            port,
        })),
        RelayTransport::Tcp => {
            let target = Target::parse(&format!("ws://{authority}"), None).ok()?;
            RelayWay::Stream(door(target))
        }
        RelayTransport::Tls => {
            let target = Target::parse(&format!("wss://{authority}"), ca_file.cloned()).ok()?;
            RelayWay::Stream(door(target))
        }
    })
}

fn authority(host: &str, port: u16) -> String {
    match host.contains(':') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    }
}

/// A relay by UDP, looked up when it is needed.
struct Place {
    host: String,
    port: u16,
}

#[async_trait]
impl FindRelay for Place {
    async fn find(&self) -> io::Result<SocketAddr> {
        if let Ok(ip) = self.host.parse::<IpAddr>() {
            return Ok(SocketAddr::new(ip, self.port));
        }
        let found = timeout(LOOKUP_TIME, lookup_host((self.host.as_str(), self.port))).await??;
        let mut found: Vec<SocketAddr> = found.collect();
        // Peers are mostly reached by IPv4, and relayed addresses are of the family of the way.
        found.sort_by_key(SocketAddr::is_ipv6);
        let first = found.first().copied();
        first.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// A relay by TCP or TLS.
struct Door(Target);

#[async_trait]
impl DialRelay for Door {
    async fn dial(&self) -> io::Result<Box<dyn RelayStream>> {
        let opened = timeout(DIAL_TIME, self.0.open()).await?;
        Ok(Box::new(opened.map_err(io::Error::other)?))
    }
}

/// A dead resolver must not hold up relays whose address is known.
const LOOKUP_TIME: Duration = Duration::from_secs(3);
/// From the name to the end of the TLS handshake.
const DIAL_TIME: Duration = Duration::from_secs(6);

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(lifetime_s: u32) -> RelayGrant {
        let relay = |host: &str, transport| RelayAddress {
            host: host.to_owned(),
            port: 3_478,
            transport,
        };
        RelayGrant {
            relays: vec![
                relay("", RelayTransport::Udp),
                relay("relay.example.org", RelayTransport::Tcp),
                relay("2001:db8::1", RelayTransport::Tls),
            ],
            username: "1:a".to_owned(),
            password: "b".to_owned(),
            lifetime_s,
        }
    }

    #[test]
    fn relays_are_usable_as_long_as_their_credentials_are() {
        let relays = Relays::granted(&grant(60), "ws://signal.example.org", None, &Arc::default());
        assert_eq!(relays.usable().len(), 3);
        let relays = Relays::granted(&grant(0), "ws://signal.example.org", None, &Arc::default());
        assert_eq!(relays.usable().len(), 0);
        assert_eq!(Relays::default().usable().len(), 0);
    }

    #[test]
    fn relays_that_take_datagrams_are_stun_servers_too() {
        let mut told = grant(0);
        told.relays[1].transport = RelayTransport::Udp;
        let relays = Relays::granted(&told, "wss://[2001:db8::2]/ws", None, &Arc::default());
        let hosts = relays.stun_hosts();
        assert_eq!(hosts, "[2001:db8::2]:3478 relay.example.org:3478");
        told.relays = vec![told.relays[1].clone(); 9];
        let relays = Relays::granted(&told, "wss://[2001:db8::2]/ws", None, &Arc::default());
        let hosts = relays.stun_hosts();
        assert_eq!(hosts.split(' ').count(), peer::STUN_SERVERS);
    }

    #[test]
    fn datagrams_do_not_go_past_a_proxy_that_a_person_named() {
        let named = Arc::new(Proxies::of("socks5://proxy:1080", |_| None));
        let relays = Relays::granted(&grant(60), "ws://signal.example.org", None, &named);
        let is_stream = |it: &RelayAccess| matches!(it.way, RelayWay::Stream(_));
        assert_eq!(relays.usable().len(), 2);
        assert!(relays.usable().iter().all(is_stream));
    }

    #[tokio::test]
    async fn a_relay_without_a_host_is_where_the_server_is() {
        let relays = Relays::granted(&grant(60), "ws://127.0.0.1:7400/ws", None, &Arc::default());
        let RelayWay::Udp(place) = &relays.usable()[0].way else {
            panic!("the first is by UDP");
        };
        let found = place.find().await.unwrap();
        assert_eq!(found, SocketAddr::from(([127, 0, 0, 1], 3_478)));
    }
}
