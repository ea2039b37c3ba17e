use std::fmt;
use std::str::FromStr;

/// Where a signaling server is: `wss://host`, or `ws://host` on a network one trusts.
///
/// One form for each server: lower case, without the standard port, without the standard path `/ws`.
/// No user, no query, no fragment. Reading one resolves and contacts nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress {
    is_secure: bool,
    /// As it stands in a URL: an IPv6 address in brackets.
    host: String,
    port: u16,
    /// With its slash.
    path: String,
}

/// The text is no address of a signaling server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a server's address is like wss://signal.example.org")]
pub struct ServerAddressError;

impl FromStr for ServerAddress {
    type Err = ServerAddressError;

    fn from_str(text: &str) -> Result<Self, ServerAddressError> {
        if text.len() > ADDRESS_BYTES {
            return Err(ServerAddressError);
        }
        let (scheme, rest) = text.split_once("://").ok_or(ServerAddressError)?;
        let is_secure = match scheme.to_ascii_lowercase().as_str() {
            "wss" => true,
            "ws" => false,
            _ => return Err(ServerAddressError),
        };
        let slash = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(slash);
        let (host, port) = split_port(authority, is_secure)?;
        let path = match path {
            "" | "/" => STANDARD_PATH,
            path if path.bytes().all(is_path) => path,
            _ => return Err(ServerAddressError),
        };
        Ok(Self {
            is_secure,
            host,
            port,
            path: path.to_owned(),
        })
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "wss" } else { "ws" };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port != standard_port(self.is_secure) {
            write!(f, ":{}", self.port)?;
        }
        match self.path.as_str() {
            STANDARD_PATH => Ok(()),
            path => f.write_str(path),
        }
    }
}

fn split_port(authority: &str, is_secure: bool) -> Result<(String, u16), ServerAddressError> {
    let (host, port) = match authority.rfind(']') {
        Some(bracket) => authority.split_at(bracket + 1),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let is_plain = |port: &str| !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit());
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => standard_port(is_secure),
        Some(port) if is_plain(port) => port.parse().map_err(|_| ServerAddressError)?,
        Some(_) | None => return Err(ServerAddressError),
    };
    match is_host(host) && port != 0 {
        true => Ok((host.to_ascii_lowercase(), port)),
        false => Err(ServerAddressError),
    }
}

fn is_host(host: &str) -> bool {
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    match inner {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            let is_allowed = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'.';
            !host.is_empty() && host.bytes().all(is_allowed)
        }
    }
}

fn is_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte)
}

fn standard_port(is_secure: bool) -> u16 {
    if is_secure { 443 } else { 80 }
}

/// Where a server's sockets are.
const STANDARD_PATH: &str = "/ws";
/// A host name of 253 bytes, and a short path.
const ADDRESS_BYTES: usize = 320;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_an_address_with_one_form_or_none(text in "(wss?|WSS|http)://[a-zA-Z0-9.:\\[\\]-]{0,20}(/[a-z/~]{0,5})?|\\PC{0,40}") {
            if let Ok(address) = ServerAddress::from_str(&text) {
                let shown = address.to_string();
                prop_assert_eq!(ServerAddress::from_str(&shown), Ok(address));
            }
        }
    }

    #[test]
    fn the_same_server_is_the_same_however_it_is_written() {
        for text in [
            "wss://Signal.Example.org",
            "WSS://signal.example.org/",
            "wss://signal.example.org:443/ws",
        ] {
            let address: ServerAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), "wss://signal.example.org", "{text}");
        }
        let address: ServerAddress = "ws://[FD00::1]:7400/other".parse().unwrap();
        assert_eq!(address.to_string(), "ws://[fd00::1]:7400/other");
    }

    #[test]
    fn what_could_deceive_or_lead_elsewhere_is_refused() {
        for text in [
            "",
            "signal.example.org",
            "https://signal.example.org",
            "wss://",
            "wss:///ws",
            "wss://user@host",
            "wss://host:0",
            "wss://host:65536",
            "wss://host:",
            "wss://host:+1",
            "wss://host/ws?x",
            "wss://host/ws#x",
            "wss://host/a,b",
            "wss://host/%2e",
            "wss://[::1",
            "wss://::1",
            "wss://h\u{f6}st",
            "wss://host\n",
            "wss://a b",
        ] {
            assert_eq!(
                ServerAddress::from_str(text),
                Err(ServerAddressError),
                "{text}"
            );
        }
    }
}
