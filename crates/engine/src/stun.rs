//! The STUN servers that are asked, as addresses.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// Servers whose names are being looked up; dropping the last clone's origin ends the look-up.
#[derive(Debug, Default)]
pub(crate) struct StunServers {
    known: Option<KnownServers>,
    _lookup: JoinSet<()>,
}

/// What is known of them so far, and since when it is looked up.
#[derive(Debug, Clone)]
pub(crate) struct KnownServers(watch::Receiver<Lookup>, Instant);

#[derive(Debug, Default)]
struct Lookup {
    addresses: Vec<SocketAddr>,
    is_done: bool,
}

impl StunServers {
    /// Reads hosts with ports, separated by spaces; addresses are known at once, names a little later.
    pub(crate) fn look_up(hosts: &str) -> Self {
        let hosts = hosts.split_whitespace().filter(|host| *host != NONE);
        let (addresses, names): (Vec<_>, Vec<_>) = hosts
            .map(|host| host.parse::<SocketAddr>().map_err(|_| host.to_owned()))
            .partition(Result::is_ok);
        let addresses = addresses.into_iter().filter_map(Result::ok).collect();
        let names: Vec<String> = names.into_iter().filter_map(Result::err).collect();
        let is_done = names.is_empty();
        let (sender, known) = watch::channel(Lookup { addresses, is_done });
        let mut lookup = JoinSet::new();
        if !is_done {
            lookup.spawn(look_up_names(names, sender));
        }
        Self {
            known: Some(KnownServers(known, Instant::now())),
            _lookup: lookup,
        }
    }

    /// What is known so far.
    pub(crate) fn known(&self) -> Option<KnownServers> {
        self.known.clone()
    }
}

impl KnownServers {
    /// All addresses, or those that are known [`LOOKUP_TIME`] after the look-up began.
    pub(crate) async fn addresses(mut self) -> Vec<SocketAddr> {
        // A resolver that is dead costs its servers, and the first connection a moment.
        timeout_at(
            self.1 + LOOKUP_TIME,
            self.0.wait_for(|lookup| lookup.is_done),
        )
        .await
        .ok();
        self.0.borrow().addresses.clone()
    }

    /// Those that are known now.
    pub(crate) fn addresses_so_far(&self) -> Vec<SocketAddr> {
        self.0.borrow().addresses.clone()
    }
}

/// Whether `text` is `automatic`, `none`, or up to [`peer::STUN_SERVERS`] hosts with ports.
pub(crate) fn are_hosts(text: &str) -> bool {
    let hosts: Vec<&str> = text.split_whitespace().collect();
    let is_host = |host: &&str| {
        let Some((name, port)) = host.rsplit_once(':') else {
            return false;
        };
        let is_named = host.parse::<SocketAddr>().is_ok()
            || !name.is_empty()
                && !name.contains(|it: char| !it.is_alphanumeric() && !"-.".contains(it));
        is_named && port.parse::<u16>().is_ok_and(|port| port > 0) && !port.starts_with('+')
    };
    hosts == [NONE]
        || hosts == [AUTOMATIC]
        || (1..=peer::STUN_SERVERS).contains(&hosts.len()) && hosts.iter().all(is_host)
}

async fn look_up_names(names: Vec<String>, known: watch::Sender<Lookup>) {
    for name in names {
        match lookup_host(&name).await {
            Ok(found) => {
                known.send_modify(|lookup| lookup.addresses.extend(one_of_each_family(found)))
            }
            Err(error) => tracing::info!(%error, "a STUN server's name was not found"),
        }
    }
    known.send_modify(|lookup| lookup.is_done = true);
}

fn one_of_each_family(found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let mut kept: Vec<SocketAddr> = Vec::new();
    for address in found {
        if !kept.iter().any(|it| it.is_ipv4() == address.is_ipv4()) {
            kept.push(address);
        }
    }
    kept
}

/// What a setting says to ask those that the signaling server names.
pub(crate) const AUTOMATIC: &str = "automatic";
/// What a setting says to have no server.
const NONE: &str = "none";
/// For names, before a connection is made without them.
const LOOKUP_TIME: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_names_or_addresses_and_ports() {
        for text in [
            "none",
            "automatic",
            "stun.example.org:3478",
            "11.0.0.1:3478 [2a0f::1]:3478",
            "a:1 b:2 c:3 d:4",
        ] {
            assert!(are_hosts(text), "{text}");
        }
        for text in [
            "",
            "stun.example.org",
            "a:0",
            "a:+1",
            ":3478",
            "2a0f::1",
            "a:1 none",
            "a:1 automatic",
            "stun:a:1",
            "a:1 b:2 c:3 d:4 e:5",
        ] {
            assert!(!are_hosts(text), "{text}");
        }
    }

    #[tokio::test]
    async fn addresses_are_known_at_once_and_names_that_do_not_exist_never() {
        let servers = StunServers::look_up("11.0.0.1:3478 no.such.host.invalid:3478");
        let known = servers.known().unwrap();
        let literal: Vec<SocketAddr> = vec!["11.0.0.1:3478".parse().unwrap()];
        assert_eq!(known.addresses_so_far(), literal);
        assert_eq!(known.addresses().await, literal);
        let none = StunServers::look_up("none").known().unwrap();
        assert!(none.addresses().await.is_empty());
    }
}
