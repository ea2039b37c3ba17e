use std::net::IpAddr;

/// Hosts that are met without a proxy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Exceptions {
    words: Vec<String>,
    own_machine: bool,
}

impl Exceptions {
    /// Reads a list as `no_proxy` has it; this machine itself is always in it.
    pub(super) fn with_own_machine(list: &str) -> Self {
        let words = list.split([',', ' ']).map(str::trim);
        let words = words.filter(|word| !word.is_empty()).take(WORDS);
        Self {
            words: words.map(str::to_ascii_lowercase).collect(),
            own_machine: true,
        }
    }

    pub(super) fn hold(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let ip: Option<IpAddr> = host.parse().ok();
        let is_own = host == "localhost" || ip.is_some_and(|ip| ip.is_loopback());
        self.own_machine && is_own || self.words.iter().any(|word| matches(word, &host, ip))
    }
}

/// Names hold for everything below them, addresses may have a prefix length behind them.
fn matches(word: &str, host: &str, ip: Option<IpAddr>) -> bool {
    if word == "*" {
        return true;
    }
    if let Some(ip) = ip {
        let (network, bits) = word.split_once('/').unwrap_or((word, ""));
        let Ok(network) = network.trim_matches(['[', ']']).parse::<IpAddr>() else {
            return false;
        };
        return is_within(ip, network, bits.parse().unwrap_or(128));
    }
    let name = word.trim_start_matches('*').trim_start_matches('.');
    let below = host.strip_suffix(name);
    !name.is_empty() && below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_within(ip: IpAddr, network: IpAddr, bits: u32) -> bool {
    let (ip, network, length) = match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => {
            (u128::from(ip.to_bits()), u128::from(network.to_bits()), 32)
        }
        (IpAddr::V6(ip), IpAddr::V6(network)) => (ip.to_bits(), network.to_bits(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    let free = length - bits.min(length);
    free == 128 || ip >> free == network >> free
}

/// Of a list longer than any that a person keeps, the rest is not read.
const WORDS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_for_what_is_below_them_and_addresses_for_their_network() {
        let list =
            Exceptions::with_own_machine("example.org, .inner.net,10.0.0.0/8 192.0.2.7,2a0f::/16");
        for host in [
            "example.org",
            "a.Example.ORG",
            "x.inner.net",
            "10.9.8.7",
            "192.0.2.7",
            "2a0f::9",
            "localhost",
            "::1",
            "127.9.9.9",
        ] {
            assert!(list.hold(host), "{host}");
        }
        for host in [
            "badexample.org",
            "example.org.evil",
            "11.0.0.1",
            "192.0.2.8",
            "2a10::9",
            "10.example",
        ] {
            assert!(!list.hold(host), "{host}");
        }
        assert!(Exceptions::with_own_machine("*").hold("anything"));
        assert!(Exceptions::with_own_machine("0.0.0.0/0").hold("11.0.0.1"));
        assert!(!Exceptions::default().hold("localhost"));
    }
}
