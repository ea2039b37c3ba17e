//! The addresses of this device that are worth gathering on.

use std::io;
use std::net::IpAddr;

/// Which of the device's addresses are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressScope {
    /// What other devices can reach.
    Network,
    /// The same and loopback: only when signaling itself runs over loopback.
    NetworkAndLoopback,
}

/// Lists the addresses of this device's interfaces, each once, in a stable order.
///
/// Interfaces that are down are left out, and link-local addresses: a candidate cannot say which interface they belong to.
pub fn addresses(scope: AddressScope) -> io::Result<Vec<IpAddr>> {
    let mut found: Vec<IpAddr> = if_addrs::get_if_addrs()?
        .into_iter()
        .filter(if_addrs::Interface::is_oper_up)
        .map(|interface| interface.ip())
        .filter(|ip| is_wanted(ip, scope))
        .collect();
    found.sort();
    found.dedup();
    Ok(found)
}

fn is_wanted(ip: &IpAddr, scope: AddressScope) -> bool {
    let is_link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    let is_in_scope = match scope {
        AddressScope::Network => !ip.is_loopback(),
        AddressScope::NetworkAndLoopback => true,
    };
    is_in_scope && !is_link_local && !ip.is_unspecified() && !ip.is_multicast()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_listed_only_when_it_is_asked_for() {
        let network = addresses(AddressScope::Network).unwrap();
        let with_loopback = addresses(AddressScope::NetworkAndLoopback).unwrap();
        assert!(!network.iter().any(IpAddr::is_loopback));
        assert!(with_loopback.iter().any(IpAddr::is_loopback));
        assert!(network.iter().all(|ip| with_loopback.contains(ip)));
    }

    #[test]
    fn link_local_and_unspecified_addresses_are_never_wanted() {
        for ip in ["169.254.3.4", "fe80::1", "0.0.0.0", "::", "ff02::1"] {
            let ip = ip.parse().unwrap();
            assert!(!is_wanted(&ip, AddressScope::NetworkAndLoopback), "{ip}");
        }
    }
}
