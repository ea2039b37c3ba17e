//! Whom a relay sends to.
//!
//! A relay stands where its clients do not: inside a hoster's network, beside the services of its own
//! machine. So nothing but ordinary public addresses may be a peer, however an address is written, and
//! private ones only for a relay of a local network, within that network.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// Decides about peers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeerPolicy {
    /// The relay's own addresses: reachable at other clients' relayed addresses only.
    pub own: Vec<IpAddr>,
    /// Networks that are allowed although they are private: those the relay is there for.
    pub lan: Vec<Subnet>,
    /// Networks that are refused besides those that always are.
    pub refused: Vec<Subnet>,
}

/// What a policy says about an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// An ordinary peer.
    Allowed,
    /// The relay itself: only where another client's relayed address is.
    Own,
    /// Never.
    Refused,
}

impl PeerPolicy {
    /// Judges the address of a peer.
    pub fn judge(&self, ip: IpAddr) -> Verdict {
        let is_listed = |subnets: &[Subnet]| subnets.iter().any(|subnet| subnet.contains(ip));
        // An IPv4 address in disguise is no honest peer's, whatever it is.
        if is_listed(&self.refused) || disguised(ip).is_some() {
            return Verdict::Refused;
        }
        if self.own.contains(&ip) {
            return Verdict::Own;
        }
        let is_allowed = is_public(ip) || (may_be_lan(ip) && is_listed(&self.lan));
        match is_allowed {
            true => Verdict::Allowed,
            false => Verdict::Refused,
        }
    }
}

/// A range of addresses, as `192.168.1.0/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subnet {
    base: IpAddr,
    prefix: u8,
}

/// The text is not a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a network is like 192.168.1.0/24 or fd00::/8")]
pub struct SubnetError;

impl Subnet {
    /// The network of so many leading bits that `ip` is in.
    pub fn new(ip: IpAddr, prefix: u8) -> Result<Self, SubnetError> {
        if prefix > width(ip) {
            return Err(SubnetError);
        }
        let base = match ip {
            IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask_v4(prefix))),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask_v6(prefix))),
        };
        Ok(Self { base, prefix })
    }

    /// Whether `ip` is in it; addresses of the other family never are.
    pub fn contains(&self, ip: IpAddr) -> bool {
        width(ip) == width(self.base) && Self::new(ip, self.prefix) == Ok(*self)
    }
}

impl FromStr for Subnet {
    type Err = SubnetError;

    fn from_str(text: &str) -> Result<Self, SubnetError> {
        let (ip, prefix) = match text.split_once('/') {
            Some((ip, prefix)) => (ip, Some(prefix)),
            None => (text, None),
        };
        let ip: IpAddr = ip.parse().map_err(|_| SubnetError)?;
        let prefix = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| SubnetError)?,
            None => width(ip),
        };
        Self::new(ip, prefix)
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

/// The IPv4 address that an IPv6 address stands for or leads to, if any.
///
/// Mapped and compatible (RFC 4291 §2.5.5), translated (RFC 2765 §2.1), NAT64 (RFC 6052 §2.1, RFC 8215),
/// 6to4 (RFC 3056), Teredo (RFC 4380) and ISATAP (RFC 5214 §6.1).
pub fn disguised(ip: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(ip) = ip else {
        return None;
    };
    let segments = ip.segments();
    let pair = |at: usize| {
        let [high, low] = [segments[at], segments[at + 1]].map(u32::from);
        Ipv4Addr::from_bits(high << 16 | low)
    };
    match segments {
        // Loopback looks compatible, and is refused as what it is.
        _ if ip == Ipv6Addr::LOCALHOST => None,
        [0, 0, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0, 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => {
            Some(pair(6))
        }
        [0x64, 0xff9b, 0, 0, 0, 0, ..] | [0x64, 0xff9b, 1, ..] => Some(pair(6)),
        [0x2002, ..] => Some(pair(1)),
        [0x2001, 0, ..] => Some(Ipv4Addr::from_bits(!pair(6).to_bits())),
        [_, _, _, _, 0 | 0x200, 0x5efe, ..] => Some(pair(6)),
        _ => None,
    }
}

/// Whether an address is an ordinary one of the internet (IANA special-purpose registries, RFC 6890).
fn is_public(ip: IpAddr) -> bool {
    let special = match ip {
        IpAddr::V4(_) => SPECIAL_V4,
        IpAddr::V6(v6) if v6.segments()[0] & 0xe000 != 0x2000 => return false, // Outside 2000::/3.
        IpAddr::V6(_) => SPECIAL_V6,
    };
    !special.iter().any(|range| {
        let range: Subnet = range.parse().expect("the table holds networks");
        range.contains(ip)
    })
}

/// Whether a relay may be told to serve the network an address is in.
fn may_be_lan(ip: IpAddr) -> bool {
    let is_metadata = METADATA.iter().any(|known| known.parse() == Ok(ip));
    !is_metadata
        && match ip {
            IpAddr::V4(v4) => v4.is_private() || v4.is_loopback(),
            IpAddr::V6(v6) => v6.is_unique_local() || v6.is_loopback(),
        }
}

fn width(ip: IpAddr) -> u8 {
    match ip {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn mask_v4(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

fn mask_v6(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)
}

/// This network, private, shared, loopback, link-local, assignments, documentation, relays, benchmarks,
/// multicast, reserved, broadcast; and one hoster's machine services, which look public.
const SPECIAL_V4: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
];
/// Protocol assignments, documentation (both), 6to4.
const SPECIAL_V6: &[&str] = &["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];
/// Where hosters' machines find their own secrets, within ranges that a local relay might serve.
const METADATA: &[&str] = &["fd00:ec2::254", "fd20:ce::254"];

#[cfg(test)]
mod tests;
