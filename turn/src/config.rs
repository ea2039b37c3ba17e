//! What an operator may set; only the secret must be.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use turn_proto::policy::Subnet;
use turn_proto::server::AllocationLimits;

/// The configuration of a relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Named to clients.
    pub realm: String,
    /// Where clients come by UDP and TCP.
    pub listen: Vec<SocketAddr>,
    /// Where they come by UDP alone.
    pub udp_listen: Vec<SocketAddr>,
    /// Where they come by TLS.
    pub tls_listen: Vec<SocketAddr>,
    /// Where `/health` and `/metrics` are served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_listen: Option<SocketAddr>,
    /// Files with one secret each: one, or two while one replaces the other. Read again when they change.
    pub secret_files: Vec<PathBuf>,
    /// The certificate for `tls_listen`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFiles>,
    /// Addresses to relay from; without any, the one that the client came to.
    pub relay_addresses: Vec<IpAddr>,
    /// Ports to relay from.
    pub relay_ports: Ports,
    /// Private networks that may be relayed to, such as `192.168.1.0/24`: for a relay inside them.
    #[serde(with = "texts")]
    pub lan: Vec<Subnet>,
    /// Networks that may not be relayed to, besides those that never may.
    #[serde(with = "texts")]
    pub refused: Vec<Subnet>,
    /// What clients may use.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        let everywhere = [
            IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        ];
        Self {
            realm: REALM.to_owned(),
            listen: everywhere.map(|ip| SocketAddr::new(ip, PORT)).to_vec(),
            udp_listen: Vec::new(),
            tls_listen: Vec::new(),
            metrics_listen: None,
            secret_files: Vec::new(),
            tls: None,
            relay_addresses: Vec::new(),
            relay_ports: Ports::default(),
            lan: Vec::new(),
            refused: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// What clients may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Allocations at a time.
    pub allocations: usize,
    /// Allocations of one user at a time.
    pub allocations_per_user: usize,
    /// TCP and TLS connections at a time.
    pub connections: usize,
    /// TCP and TLS connections of one address at a time.
    pub connections_per_address: usize,
    /// Bytes per second that one allocation relays, both ways together; 0 is no limit.
    pub bytes_per_s: u64,
    /// Bytes that one allocation relays in all; 0 is no limit.
    pub bytes_per_allocation: u64,
    /// How long an allocation lives unless its client refreshes it.
    pub lifetime_s: u32,
    /// How long it lives at most, however often it is refreshed.
    pub total_s: u64,
}

impl Default for Limits {
    fn default() -> Self {
        let of_one = AllocationLimits::default();
        Self {
            allocations: ALLOCATIONS,
            allocations_per_user: ALLOCATIONS_PER_USER,
            connections: CONNECTIONS,
            connections_per_address: CONNECTIONS_PER_ADDRESS,
            bytes_per_s: 0,
            bytes_per_allocation: 0,
            lifetime_s: of_one.lifetime_s,
            total_s: of_one.total_s,
        }
    }
}

impl Limits {
    /// Those of one allocation.
    pub(crate) fn of_one(&self) -> AllocationLimits {
        AllocationLimits {
            lifetime_s: self.lifetime_s,
            total_s: self.total_s,
            bytes_per_s: self.bytes_per_s,
            bytes: self.bytes_per_allocation,
            ..AllocationLimits::default()
        }
    }
}

/// The certificate of a server; both files are PEM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// How often to look whether the files changed.
    #[serde(default = "default_check_s")]
    pub check_s: u16,
}

impl TlsFiles {
    /// Names the two files; they are looked at every ten seconds.
    pub fn new(certificate: PathBuf, key: PathBuf) -> Self {
        Self {
            certificate,
            key,
            check_s: CHECK_S,
        }
    }
}

/// A range of ports, as `49152-65535`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Ports(RangeInclusive<u16>);

impl Ports {
    /// Their numbers.
    pub fn range(&self) -> RangeInclusive<u16> {
        self.0.clone()
    }
}

impl Default for Ports {
    fn default() -> Self {
        Self(RELAY_PORTS)
    }
}

impl FromStr for Ports {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let ends = text.split_once('-');
        let ends = ends.and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
        match ends {
            Some((first, last)) if first > 0 && first <= last => Ok(Self(first..=last)),
            Some(_) | None => Err(ConfigError::Ports),
        }
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0.start(), self.0.end())
    }
}

impl From<Ports> for String {
    fn from(ports: Ports) -> Self {
        ports.to_string()
    }
}

impl TryFrom<String> for Ports {
    type Error = ConfigError;

    fn try_from(text: String) -> Result<Self, ConfigError> {
        text.parse()
    }
}

/// Why a text is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not TOML, an unknown name or a value of the wrong kind.
    #[error("the configuration cannot be read: {0}")]
    Malformed(#[from] toml::de::Error),
    /// Not a range of ports.
    #[error("ports are like 49152-65535")]
    Ports,
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

    /// Whether clients can only come from this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        let udp = self.listen.iter().chain(&self.udp_listen);
        let mut listening = udp.chain(&self.tls_listen);
        listening.all(|address| address.ip().is_loopback())
    }
}

/// Lists of values that are written as text.
mod texts {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<T, S>(values: &[T], serializer: S) -> Result<S::Ok, S::Error>
    where
        T: Display,
        S: Serializer,
    {
        serializer.collect_seq(values.iter().map(T::to_string))
    }

    pub(super) fn deserialize<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let values = texts.iter().map(|text| text.parse());
        values
            .collect::<Result<_, _>>()
            .map_err(serde::de::Error::custom)
    }
}

fn default_check_s() -> u16 {
    CHECK_S
}

const REALM: &str = "wherry";
/// RFC 8656 §6.
const PORT: u16 = 3_478;
/// What systems hand out themselves, and firewalls expect of relays.
const RELAY_PORTS: RangeInclusive<u16> = 49_152..=65_535;
const CHECK_S: u16 = 10;
/// About a gigabyte of socket buffers if all of them are busy.
const ALLOCATIONS: usize = 4_000;
/// A device, its transfers to a few contacts at once, and what a change of network leaves behind.
const ALLOCATIONS_PER_USER: usize = 32;
const CONNECTIONS: usize = 4_096;
/// An office behind one address.
const CONNECTIONS_PER_ADDRESS: usize = 256;

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
        let config = Config {
            lan: vec!["192.168.1.0/24".parse().unwrap()],
            relay_ports: "50000-50100".parse().unwrap(),
            tls: Some(TlsFiles::new("chain.pem".into(), "key.pem".into())),
            secret_files: vec!["secret".into()],
            ..Config::default()
        };
        assert_eq!(Config::parse(&config.print()).unwrap(), config);
        let default = Config::default();
        assert_eq!(Config::parse(&default.print()).unwrap(), default);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for text in [
            "lisen = []",
            "relay_ports = \"5-4\"",
            "relay_ports = \"0-4\"",
            "relay_ports = \"9\"",
            "lan = [\"192.168.1.0/33\"]",
            "[limits]\nallocation = 1",
        ] {
            assert!(Config::parse(text).is_err(), "{text}");
        }
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
