//! Which of this machine's networks are local ones.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use if_addrs::{IfAddr, Interface};

/// On which interfaces a device shows itself and looks for others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Interfaces {
    /// All but tunnels and what containers and virtual machines have among themselves.
    #[default]
    Automatic,
    /// All but loopback.
    All,
    /// These, loopback too.
    Named(Vec<String>),
}

/// Why a text names no interfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("name up to {MOST_NAMED} interfaces, or say automatic or all")]
pub struct InterfacesError;

impl FromStr for Interfaces {
    type Err = InterfacesError;

    fn from_str(text: &str) -> Result<Self, InterfacesError> {
        match text {
            "automatic" => return Ok(Self::Automatic),
            "all" => return Ok(Self::All),
            _ => {}
        }
        let names: Vec<String> = text.split_whitespace().map(ToOwned::to_owned).collect();
        let are_names = names.iter().all(|name| is_interface_name(name));
        match are_names && (1..=MOST_NAMED).contains(&names.len()) {
            true => Ok(Self::Named(names)),
            false => Err(InterfacesError),
        }
    }
}

impl fmt::Display for Interfaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Automatic => f.write_str("automatic"),
            Self::All => f.write_str("all"),
            Self::Named(names) => f.write_str(&names.join(" ")),
        }
    }
}

/// Whether this can be an interface's name: what systems call them has no spaces and is short.
pub fn is_interface_name(name: &str) -> bool {
    (1..=MOST_NAME_BYTES).contains(&name.len()) && name.chars().all(|it| it.is_ascii_graphic())
}

impl Interfaces {
    /// Whether an interface is one of these.
    pub(crate) fn allow(&self, interface: &Interface) -> bool {
        let is_loopback = interface.is_loopback();
        interface.is_oper_up()
            && match self {
                Self::Automatic => !is_loopback && !is_virtual(&interface.name),
                Self::All => !is_loopback,
                Self::Named(names) => names.contains(&interface.name),
            }
    }
}

/// The local networks that this machine is in now.
#[derive(Debug, Clone, Default)]
pub struct Networks {
    addresses: Vec<IfAddr>,
}

impl Networks {
    /// Looks. A machine that does not tell is in none.
    pub fn look(interfaces: &Interfaces) -> Self {
        let found = if_addrs::get_if_addrs().unwrap_or_default();
        let allowed = found.into_iter().filter(|it| interfaces.allow(it));
        Self {
            addresses: allowed.map(|it| it.addr).collect(),
        }
    }

    /// Whether there is any.
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty()
    }

    /// This machine's addresses of IPv4 in them.
    pub(crate) fn v4(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.addresses.iter().filter_map(|own| match own {
            IfAddr::V4(own) => Some(own.ip),
            IfAddr::V6(_) => None,
        })
    }

    /// Whether this is an address of this machine in one of them.
    pub fn is_own(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.addresses.iter().any(|own| own.ip() == address)
    }

    /// Whether whoever has this address is in one of them, so that no router is between.
    ///
    /// Link-local addresses of IPv6 are left out: a connection's candidate cannot say which interface they belong to.
    pub fn hold(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(ip) => self.addresses.iter().any(|own| match own {
                IfAddr::V4(own) => {
                    let mask = own.netmask.to_bits();
                    own.prefixlen > 0
                        && own.ip.to_bits() & mask == ip.to_bits() & mask
                        && Some(ip) != own.broadcast
                }
                IfAddr::V6(_) => false,
            }),
            IpAddr::V6(ip) => self.addresses.iter().any(|own| match own {
                IfAddr::V6(own) => {
                    let mask = own.netmask.to_bits();
                    own.prefixlen > 0
                        && !ip.is_unicast_link_local()
                        && own.ip.to_bits() & mask == ip.to_bits() & mask
                }
                IfAddr::V4(_) => false,
            }),
        }
    }
}

/// What tunnels are called, and what containers and virtual machines have among themselves.
fn is_virtual(name: &str) -> bool {
    VIRTUAL.iter().any(|prefix| name.starts_with(prefix))
}

const VIRTUAL: [&str; 22] = [
    "br-",
    "cali",
    "cni",
    "docker",
    "flannel",
    "ipsec",
    "lxc",
    "lxd",
    "nordlynx",
    "podman",
    "ppp",
    "proton",
    "tailscale",
    "tap",
    "tun",
    "utun",
    "vboxnet",
    "veth",
    "virbr",
    "vmnet",
    "wg",
    "zt",
];
/// Interfaces that a person may name.
const MOST_NAMED: usize = 8;
/// Windows has the longest names.
const MOST_NAME_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use if_addrs::{Ifv4Addr, Ifv6Addr};
    use proptest::prelude::*;

    use super::*;

    fn networks() -> Networks {
        Networks {
            addresses: vec![
                IfAddr::V4(Ifv4Addr {
                    ip: Ipv4Addr::new(192, 168, 1, 10),
                    netmask: Ipv4Addr::new(255, 255, 255, 0),
                    prefixlen: 24,
                    broadcast: Some(Ipv4Addr::new(192, 168, 1, 255)),
                }),
                IfAddr::V6(Ifv6Addr {
                    ip: "fd00:1::10".parse().unwrap(),
                    netmask: Ipv6Addr::from_bits(u128::MAX << 64),
                    prefixlen: 64,
                    broadcast: None,
                }),
            ],
        }
    }

    #[test]
    fn only_addresses_without_a_router_between_are_held() {
        let networks = networks();
        for near in ["192.168.1.11", "192.168.1.254", "fd00:1::11"] {
            assert!(networks.hold(near.parse().unwrap()), "{near}");
        }
        for far in [
            "192.168.2.11",
            "11.0.0.1",
            "127.0.0.1",
            "192.168.1.255",
            "224.0.0.251",
            "fd00:2::11",
            "fe80::11",
            "::1",
        ] {
            assert!(!networks.hold(far.parse().unwrap()), "{far}");
        }
        assert!(networks.is_own("::ffff:192.168.1.10".parse().unwrap()));
        assert!(!networks.is_own("192.168.1.11".parse().unwrap()));
        assert!(Networks::default().is_empty());
    }

    #[test]
    fn tunnels_and_containers_are_local_networks_only_when_they_are_named() {
        for name in ["docker0", "br-1f2e", "wg0", "tailscale0", "veth12", "utun3"] {
            assert!(is_virtual(name), "{name}");
        }
        for name in ["eth0", "br0", "wlan0", "enp3s0", "en0", "bond0", "Ethernet"] {
            assert!(!is_virtual(name), "{name}");
        }
        assert_eq!("automatic".parse(), Ok(Interfaces::Automatic));
        let named = Interfaces::Named(vec!["wg0".into(), "eth0".into()]);
        assert_eq!("wg0  eth0".parse(), Ok(named));
        assert_eq!("".parse::<Interfaces>(), Err(InterfacesError));
        assert!("a b c d e f g h i".parse::<Interfaces>().is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_a_choice_that_reads_back_or_is_refused(text in "\\PC{0,80}|(automatic|all|eth[0-9] wg0)") {
            if let Ok(choice) = text.parse::<Interfaces>() {
                prop_assert_eq!(choice.to_string().parse(), Ok(choice));
            }
        }
    }
}
