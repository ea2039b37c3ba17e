//! The relays that devices are told of, and the one that is part of this node.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{SystemTime, UNIX_EPOCH};

use model::Entropy;
use signaling_proto::message::{RELAYS_PER_GRANT, RelayAddress, RelayGrant, RelayTransport};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use turn::{Relay, SecretFileError};
use turn_proto::credentials::Secret;

use crate::config::Config;
use crate::entropy::SystemEntropy;

/// Makes credentials for the relays of a node.
#[derive(Clone)]
pub(crate) struct Grants {
    secret: Secret,
    relays: Vec<RelayAddress>,
    lifetime_s: u32,
}

impl Grants {
    /// Of a node that knows no relays.
    pub(crate) fn none() -> Self {
        Self {
            secret: made_up(),
            relays: Vec::new(),
            lifetime_s: 0,
        }
    }

    /// What an authenticated device is told.
    pub(crate) fn grant(&self, user: &str) -> RelayGrant {
        if self.relays.is_empty() {
            return RelayGrant::default();
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let until = now.unwrap_or_default().as_secs() + u64::from(self.lifetime_s);
        let credentials = self.secret.issue(user, until);
        RelayGrant {
            relays: self.relays.clone(),
            username: credentials.username,
            password: credentials.password,
            lifetime_s: self.lifetime_s,
        }
    }
}

/// Starts the relay of a node, if it has one, and finds out what devices are told.
///
/// A relay that cannot listen is no reason not to serve.
pub(crate) async fn start(
    config: &Config,
    listening: &[SocketAddr],
    halt: CancellationToken,
) -> Result<(Grants, Option<Relay>), SecretFileError> {
    let secret = match &config.relays.secret_file {
        Some(path) => turn::read_secrets(std::slice::from_ref(path)).await?.pop(),
        None => None,
    };
    let secret = secret.unwrap_or_else(made_up);
    let relay = match config.relays.serve {
        true => serve(config, &secret, listening, halt).await,
        false => None,
    };
    let elsewhere = config.relays.elsewhere.iter();
    let mut relays: Vec<RelayAddress> = elsewhere.map(|uri| uri.address().clone()).collect();
    if let Some(relay) = &relay {
        relays.extend(here(config, relay, listening));
    }
    relays.truncate(RELAYS_PER_GRANT);
    let grants = Grants {
        secret,
        relays,
        lifetime_s: config.relays.lifetime_s,
    };
    Ok((grants, relay))
}

async fn serve(
    config: &Config,
    secret: &Secret,
    listening: &[SocketAddr],
    halt: CancellationToken,
) -> Option<Relay> {
    let relaying = turn::Config {
        listen: Vec::new(),
        udp_listen: of_both_families(listening),
        limits: config.relays.limits.clone(),
        ..turn::Config::default()
    };
    match Relay::bind(relaying, vec![secret.clone()], halt).await {
        Ok(relay) => Some(relay),
        Err(error) => {
            warn!(%error, "this node relays nothing");
            None
        }
    }
}

/// A TCP listener on all addresses of IPv6 takes IPv4, too; one for UDP does not, since it has to know at which
/// address a datagram came in.
fn of_both_families(listening: &[SocketAddr]) -> Vec<SocketAddr> {
    let mut addresses = listening.to_vec();
    let everywhere = |it: &&SocketAddr| it.is_ipv6() && it.ip().is_unspecified();
    for address in listening.iter().filter(everywhere) {
        let twin = SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port()));
        if !addresses.contains(&twin) {
            addresses.push(twin);
        }
    }
    addresses
}

/// How devices reach the relay in this node: at the host where they reached the node.
fn here(config: &Config, relay: &Relay, listening: &[SocketAddr]) -> Vec<RelayAddress> {
    let here = |port, transport| RelayAddress {
        host: String::new(),
        port,
        transport,
    };
    let mut relays = Vec::new();
    let udp = relay.addresses().udp.iter();
    relays.extend(udp.map(|address| here(address.port(), RelayTransport::Udp)));
    // A proxy in front passes HTTP on, and nothing else.
    if config.proxy.trusted.is_empty() {
        let transport = match config.tls {
            Some(_) => RelayTransport::Tls,
            None => RelayTransport::Tcp,
        };
        relays.extend(
            listening
                .iter()
                .map(|address| here(address.port(), transport)),
        );
    }
    relays.sort_by_key(|relay| (relay.transport, relay.port));
    relays.dedup();
    relays
}

/// A secret that nobody else knows.
fn made_up() -> Secret {
    let bytes: [u8; 32] = SystemEntropy.draw();
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Secret::new(&text).expect("it is as long as it must be")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn who_listens_everywhere_relays_for_both_families() {
        for (listening, expected) in [
            (&["[::]:443"][..], &["[::]:443", "0.0.0.0:443"][..]),
            (&["[::]:443", "0.0.0.0:443"], &["[::]:443", "0.0.0.0:443"]),
            (
                &["[2a0f::1]:443", "11.0.0.1:443"],
                &["[2a0f::1]:443", "11.0.0.1:443"],
            ),
            (&["0.0.0.0:443"], &["0.0.0.0:443"]),
        ] {
            assert_eq!(of_both_families(&addresses(listening)), addresses(expected));
        }
    }
}
