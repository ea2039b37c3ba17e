//! What an operator may set; nothing of it must be set.

mod cidr;
mod relays;

use std::net::{Ipv4Addr, SocketAddr};

use model::limits;
use serde::{Deserialize, Serialize};
use signaling_proto::server::ServerLimits;
use turn::TlsFiles;

pub use cidr::{Cidr, CidrError};
pub use relays::{RelayUri, RelayUriError, Relays};

/// The configuration of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where devices connect.
    pub listen: Vec<SocketAddr>,
    /// Where `/metrics` is served besides the loopback clients of `listen`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_listen: Option<SocketAddr>,
    /// After `GoAway`, how long sockets may go on before they are closed.
    pub drain_s: u16,
    /// Without it, the node speaks plain `ws`: for loopback, or behind a proxy that speaks TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFiles>,
    /// Who may say where a device comes from.
    pub proxy: Proxy,
    /// Relays for devices that cannot reach each other.
    pub relays: Relays,
    /// Limits before a socket is a socket.
    pub http: HttpLimits,
    /// Limits of sockets, mailboxes and codes.
    pub limits: ServerLimits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, PORT))],
            metrics_listen: None,
            drain_s: DRAIN_S,
            tls: None,
            proxy: Proxy::default(),
            relays: Relays::default(),
            http: HttpLimits::default(),
            limits: ServerLimits::default(),
        }
    }
}

/// Proxies in front of the node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Proxy {
    /// Networks whose word on where a device comes from is taken.
    pub trusted: Vec<Cidr>,
    /// The one header they set. The other one would be whatever a device wrote into it.
    pub header: ForwardHeader,
}

/// How a proxy says where a device comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardHeader {
    /// `X-Forwarded-For: client, proxy`.
    #[default]
    XForwardedFor,
    /// `Forwarded: for=client, for=proxy` (RFC 7239).
    Forwarded,
}

/// Limits of a connection until it is a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpLimits {
    /// The HTTP request head.
    pub head_bytes: usize,
    /// For the TLS handshake, and again for the request head.
    pub head_s: u16,
    /// Connections of a listener that are not WebSockets yet.
    pub handshakes: usize,
    /// Such connections per IPv4 address or IPv6 /64 (not of trusted proxies).
    pub handshakes_per_address: usize,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            head_bytes: limits::SIGNALING_HEAD_BYTES,
            head_s: u16::try_from(limits::SIGNALING_HEAD_TIME.as_secs()).unwrap_or(u16::MAX),
            handshakes: HANDSHAKES,
            handshakes_per_address: limits::SIGNALING_SOCKETS_PER_ADDRESS,
        }
    }
}

/// Why a text is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not TOML, an unknown name or a value of the wrong kind.
    #[error("the configuration cannot be read: {0}")]
    Malformed(#[from] toml::de::Error),
}

impl Config {
    /// Reads TOML; what is not in it has its default.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        Ok(toml::from_str(text)?)
    }

    /// Writes TOML that [`Config::parse`] reads.
    pub fn print(&self) -> String {
        toml::to_string_pretty(self).expect("a configuration has string keys only")
    }
}

const PORT: u16 = 7_400;
const DRAIN_S: u16 = 5;
/// A whole node reconnects within seconds: about 30 KiB each while it does.
const HANDSHAKES: usize = 1_024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_file_is_the_default_configuration() {
        assert_eq!(Config::parse("").unwrap(), Config::default());
    }

    #[test]
    fn a_printed_configuration_reads_back_the_same() {
        let mut config = Config {
            metrics_listen: Some(SocketAddr::from(([127, 0, 0, 1], 7_401))),
            tls: Some(TlsFiles::new("chain.pem".into(), "key.pem".into())),
            ..Config::default()
        };
        config.proxy.trusted = vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        config.limits.sockets.per_address = 1_000;
        assert_eq!(Config::parse(&config.print()).unwrap(), config);
        let default = Config::default();
        assert_eq!(Config::parse(&default.print()).unwrap(), default);
    }

    #[test]
    fn one_limit_can_be_set_without_naming_the_others() {
        let config = Config::parse("[limits.sockets]\nper_address = 1000\n").unwrap();
        assert_eq!(config.limits.sockets.per_address, 1_000);
        assert_eq!(config.limits.sockets.per_device, 4);
    }

    #[test]
    fn a_misspelt_name_is_refused_instead_of_ignored() {
        assert!(Config::parse("[limits.sockets]\nper_adress = 1000\n").is_err());
        assert!(Config::parse("lisen = []\n").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_a_configuration_or_an_error(text in ".{0,200}") {
            if let Ok(config) = Config::parse(&text) {
                prop_assert_eq!(Config::parse(&config.print()).unwrap(), config);
            }
        }
    }
}
