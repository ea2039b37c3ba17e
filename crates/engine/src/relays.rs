//! The relays that the signaling server told of, and how they are reached.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use peer::{DialRelay, FindRelay, RelayAccess, RelayStream, RelayWay};
use signaling_proto::message::{RelayAddress, RelayGrant, RelayTransport};
use tokio::net::lookup_host;
use tokio::time::timeout;
use turn_proto::credentials::Credentials;

use crate::clock;
use crate::proxy::Proxies;
use crate::signaling_link::Target;

/// What the signaling server told last.
#[derive(Debug, Default)]
pub(crate) struct Relays {
    known: Vec<RelayAccess>,
    by_datagrams: Vec<String>,
    /// How each of them is reached.
    transports: Vec<RelayTransport>,
    until: Option<Instant>,
    /// Until when connections wait for the server's word.
    awaited_until: Option<Instant>,
    /// On the way to the server and to relays.
    proxies: Arc<Proxies>,
    /// How far this clock is ahead of the server's, in seconds.
    ahead_s: Option<i64>,
}

impl Relays {
    /// Nothing is known yet of a server that is reached through `proxies`.
    pub(crate) fn through(proxies: Proxies) -> Self {
        Self {
            proxies: Arc::new(proxies),
            ..Self::default()
        }
    }

    /// Takes what the server at `url` told; relays without a host are where the server is.
    pub(crate) fn granted(&self, grant: &RelayGrant, url: &str, ca_file: Option<&PathBuf>) -> Self {
        let lifetime = Duration::from_secs(grant.lifetime_s.into());
        let credentials = Credentials {
            username: grant.username.clone(),
            password: grant.password.clone(),
        };
        let server = Target::parse(url, None).ok();
        let mut by_datagrams = Vec::new();
        let mut transports = Vec::new();
        let known = grant.relays.iter().filter_map(|relay| {
            let host = match (relay.host.as_str(), &server) {
                ("", Some(server)) => server.host(),
                ("", None) => return None,
                (host, _) => host,
            };
            if relay.transport == RelayTransport::Udp {
                by_datagrams.push(authority(host, relay.port));
            }
            let way = way(relay, host, ca_file, &self.proxies)?;
            transports.push(relay.transport);
            Some(RelayAccess::new(credentials.clone(), way))
        });
        let known = known.collect();
        Self {
            known,
            by_datagrams,
            transports,
            until: clock::instant().checked_add(lifetime),
            awaited_until: None,
            proxies: Arc::clone(&self.proxies),
            ahead_s: clock_ahead_s(grant),
        }
    }

    /// The relays, as long as their credentials are good; none while the server is asked anew: it may have been
    /// restarted, and then what it told before is good for nothing.
    pub(crate) fn usable(&self) -> &[RelayAccess] {
        match self.until {
            Some(until) if clock::instant() < until && self.awaited_until.is_none() => &self.known,
            Some(_) | None => &[],
        }
    }

    /// The proxies on the way.
    pub(crate) fn proxies(&self) -> &Arc<Proxies> {
        &self.proxies
    }

    /// The server was asked: connections wait a moment for its word.
    pub(crate) fn were_asked(&mut self) {
        self.awaited_until = Some(clock::instant() + GRANT_TIME);
    }

    /// Until when connections wait for the server's word, if they do.
    pub(crate) fn awaited_until(&self) -> Option<Instant> {
        self.awaited_until
    }

    /// Waits no longer; tells whether it did.
    pub(crate) fn stop_waiting(&mut self) -> bool {
        self.awaited_until.take().is_some()
    }

    /// Whether the server has told which relays there are.
    pub(crate) fn were_told(&self) -> bool {
        self.until.is_some()
    }

    /// How far this clock is ahead of the server's, in seconds.
    pub(crate) fn ahead_s(&self) -> Option<i64> {
        self.ahead_s
    }

    /// The relays that are usable, and how each is reached.
    pub(crate) fn by_transport(&self) -> Vec<(RelayTransport, RelayAccess)> {
        let usable = self.usable().iter().cloned();
        self.transports.iter().copied().zip(usable).collect()
    }

    /// Those that take datagrams, as hosts with ports: a TURN server answers STUN's binding requests, of
    /// anybody (RFC 8656 §3).
    pub(crate) fn stun_hosts(&self) -> String {
        let hosts = self.by_datagrams.iter().map(String::as_str);
        hosts.take(peer::STUN_SERVERS).collect::<Vec<_>>().join(" ")
    }
}

/// The user name says when the server will hold the credentials for expired; so what time it is there.
fn clock_ahead_s(grant: &RelayGrant) -> Option<i64> {
    let (until, _) = grant.username.split_once(':')?;
    let until: i64 = until.parse().ok()?;
    let there = until.checked_sub(grant.lifetime_s.into())?;
    let here = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(here).ok()?.checked_sub(there)
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
        found.sort_by_key(|address| (!leads_there(*address), address.is_ipv6()));
        let first = found.first().copied();
        first.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// Whether this device has any way to an address; nothing is sent.
fn leads_there(address: SocketAddr) -> bool {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let probe = UdpSocket::bind((any, 0));
    probe.is_ok_and(|probe| probe.connect(address).is_ok())
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

/// For the server's word on relays: one round trip, and some.
const GRANT_TIME: Duration = Duration::from_secs(1);
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
        let relays = Relays::default().granted(&grant(60), "ws://signal.example.org", None);
        assert_eq!(relays.usable().len(), 3);
        let relays = Relays::default().granted(&grant(0), "ws://signal.example.org", None);
        assert_eq!(relays.usable().len(), 0);
        assert_eq!(Relays::default().usable().len(), 0);
    }

    #[test]
    fn relays_that_take_datagrams_are_stun_servers_too() {
        let mut told = grant(0);
        told.relays[1].transport = RelayTransport::Udp;
        let relays = Relays::default().granted(&told, "wss://[2001:db8::2]/ws", None);
        let hosts = relays.stun_hosts();
        assert_eq!(hosts, "[2001:db8::2]:3478 relay.example.org:3478");
        told.relays = vec![told.relays[1].clone(); 9];
        let relays = Relays::default().granted(&told, "wss://[2001:db8::2]/ws", None);
        let hosts = relays.stun_hosts();
        assert_eq!(hosts.split(' ').count(), peer::STUN_SERVERS);
    }

    #[test]
    fn the_user_name_tells_what_time_it_is_at_the_server() {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let mut told = grant(600);
        told.username = format!("{}:ana", now + 600 - 120);
        let ahead_s = clock_ahead_s(&told).unwrap();
        assert!((120..=125).contains(&ahead_s), "{ahead_s}");
        for odd in ["", "ana", "x:ana", "99999999999999999999:ana"] {
            told.username = odd.to_owned();
            assert_eq!(clock_ahead_s(&told), None, "{odd}");
        }
    }

    #[test]
    fn everybody_waits_for_the_word_of_a_server_that_may_be_another_one_and_nobody_for_long() {
        let mut relays = Relays::default();
        relays.were_asked();
        assert!(relays.awaited_until().unwrap() <= clock::instant() + GRANT_TIME);
        assert!(relays.stop_waiting() && !relays.stop_waiting());
        let mut told = relays.granted(&grant(60), "ws://signal.example.org", None);
        assert_eq!(told.awaited_until(), None);
        told.were_asked();
        assert_eq!(told.usable().len(), 0);
        assert!(told.stop_waiting());
        assert_eq!(told.usable().len(), 3);
    }

    #[test]
    fn datagrams_do_not_go_past_a_proxy_that_a_person_named() {
        let named = Relays::through(Proxies::of("socks5://proxy:1080", |_| None));
        let relays = named.granted(&grant(60), "ws://signal.example.org", None);
        let is_stream = |it: &RelayAccess| matches!(it.way, RelayWay::Stream(_));
        assert_eq!(relays.usable().len(), 2);
        assert!(relays.usable().iter().all(is_stream));
    }

    #[tokio::test]
    async fn a_relay_without_a_host_is_where_the_server_is() {
        let relays = Relays::default().granted(&grant(60), "ws://127.0.0.1:7400/ws", None);
        let RelayWay::Udp(place) = &relays.usable()[0].way else {
            panic!("the first is by UDP");
        };
        let found = place.find().await.unwrap();
        assert_eq!(found, SocketAddr::from(([127, 0, 0, 1], 3_478)));
    }
}
