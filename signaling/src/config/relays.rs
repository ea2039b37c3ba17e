use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use signaling_proto::message::{RELAY_HOST_BYTES, RelayAddress, RelayTransport};

/// Relays for devices that cannot reach each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Relays {
    /// Whether this server relays as well: by UDP on the ports of `listen`, and by TCP or TLS in the very
    /// same connections that it takes WebSockets from.
    pub serve: bool,
    /// Relays elsewhere, such as `turn:relay.example.org:3478` or `turns:relay.example.org:443`.
    pub elsewhere: Vec<RelayUri>,
    /// The secret that those relays know, too; and other nodes, if there are any. Without it this server makes
    /// one up for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// For how long new allocations are made with the same credentials.
    pub lifetime_s: u32,
    /// What devices may use of the relay in this server.
    pub limits: turn::Limits,
}

impl Default for Relays {
    fn default() -> Self {
        Self {
            serve: true,
            elsewhere: Vec::new(),
            secret_file: None,
            lifetime_s: LIFETIME_S,
            limits: turn::Limits::default(),
        }
    }
}

/// Where a relay is, as RFC 7065 writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RelayUri(RelayAddress);

/// The text names no relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a relay is like turn:relay.example.org:3478?transport=udp or turns:relay.example.org:443")]
pub struct RelayUriError;

impl RelayUri {
    /// What devices are told.
    pub fn address(&self) -> &RelayAddress {
        &self.0
    }
}

impl FromStr for RelayUri {
    type Err = RelayUriError;

    fn from_str(text: &str) -> Result<Self, RelayUriError> {
        let (place, query) = match text.split_once('?') {
            Some((place, query)) => (place, query),
            None => (text, ""),
        };
        let (scheme, authority) = place.split_once(':').ok_or(RelayUriError)?;
        let transport = match (scheme, query) {
            ("turn", "" | "transport=udp") => RelayTransport::Udp,
            ("turn", "transport=tcp") => RelayTransport::Tcp,
            ("turns", "" | "transport=tcp") => RelayTransport::Tls,
            _ => return Err(RelayUriError),
        };
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or(RelayUriError)?;
                host.parse::<std::net::Ipv6Addr>()
                    .map_err(|_| RelayUriError)?;
                (host, port.strip_prefix(':'))
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let standard = match transport {
            RelayTransport::Udp | RelayTransport::Tcp => 3_478,
            RelayTransport::Tls => 5_349,
        };
        let port = match port {
            None => standard,
            Some(port) => port.parse().map_err(|_| RelayUriError)?,
        };
        let is_allowed = |it: u8| it.is_ascii_alphanumeric() || b"-.:".contains(&it);
        let is_host = !host.is_empty() && host.len() <= RELAY_HOST_BYTES;
        match is_host && host.bytes().all(is_allowed) && port != 0 {
            true => Ok(Self(RelayAddress {
                host: host.to_owned(),
                port,
                transport,
            })),
            false => Err(RelayUriError),
        }
    }
}

impl fmt::Display for RelayUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, query) = match self.0.transport {
            RelayTransport::Udp => ("turn", "?transport=udp"),
            RelayTransport::Tcp => ("turn", "?transport=tcp"),
            RelayTransport::Tls => ("turns", "?transport=tcp"),
        };
        let (host, port) = (&self.0.host, self.0.port);
        match host.contains(':') {
            true => write!(f, "{scheme}:[{host}]:{port}{query}"),
            false => write!(f, "{scheme}:{host}:{port}{query}"),
        }
    }
}

impl From<RelayUri> for String {
    fn from(uri: RelayUri) -> Self {
        uri.to_string()
    }
}

impl TryFrom<String> for RelayUri {
    type Error = RelayUriError;

    fn try_from(text: String) -> Result<Self, RelayUriError> {
        text.parse()
    }
}

/// Long enough for a transfer to begin, and short enough that credentials that leak are soon worth nothing.
const LIFETIME_S: u32 = 3_600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relays_are_read_as_they_are_written() {
        for (text, written) in [
            (
                "turn:relay.example.org",
                "turn:relay.example.org:3478?transport=udp",
            ),
            (
                "turn:192.0.2.1:99?transport=tcp",
                "turn:192.0.2.1:99?transport=tcp",
            ),
            (
                "turns:[2001:db8::1]:443",
                "turns:[2001:db8::1]:443?transport=tcp",
            ),
        ] {
            let uri: RelayUri = text.parse().unwrap();
            assert_eq!(uri.to_string(), written);
            assert_eq!(written.parse::<RelayUri>().unwrap(), uri);
        }
    }

    #[test]
    fn what_names_no_relay_is_refused() {
        for text in [
            "",
            "turn:",
            "stun:a",
            "turn:a:0",
            "turn:a:b",
            "turns:a?transport=udp",
            "turn:a?x",
            "turn:a/b",
            "turn:u@a",
            "turn:[a]:1",
        ] {
            assert_eq!(text.parse::<RelayUri>(), Err(RelayUriError), "{text}");
        }
    }
}
