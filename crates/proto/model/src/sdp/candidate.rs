//! One ICE candidate line (RFC 8839 §5.1) and which addresses are worth a packet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{SdpError, is_ice_char, number};
use crate::{Candidate, CandidateKind};

/// Which addresses a peer may make this device send packets to.
///
/// Multicast, broadcast, unspecified and disguised IPv4 addresses are never taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CandidatePolicy {
    /// Take loopback addresses: only for two devices on one machine, and for tests.
    pub allow_loopback: bool,
    /// Take private, shared, unique local and link-local addresses.
    pub allow_private: bool,
}

impl CandidatePolicy {
    /// Takes every address that could possibly answer.
    pub const EVERYTHING: Self = Self {
        allow_loopback: true,
        allow_private: true,
    };

    /// Whether `address` may be sent packets under this policy.
    pub fn allows(self, address: SocketAddr) -> bool {
        if address.port() == 0 {
            return false;
        }
        match reach(address.ip()) {
            Reach::Nowhere => false,
            Reach::Loopback => self.allow_loopback,
            Reach::Private => self.allow_private,
            Reach::Global => true,
        }
    }
}

/// Reads what follows `a=candidate:`; `None` is a candidate that is well-formed and of no use.
pub(super) fn parse(value: &str, policy: CandidatePolicy) -> Result<Option<Candidate>, SdpError> {
    let fields: Vec<&str> = value.split(' ').collect();
    let [
        foundation,
        component,
        transport,
        priority,
        address,
        port,
        "typ",
        kind,
        extensions @ ..,
    ] = &fields[..]
    else {
        return Err(SdpError::BadCandidate);
    };
    // Extensions are pairs of a name and a value, and none of them matters here.
    let is_foundation = (1..=32).contains(&foundation.len()) && foundation.chars().all(is_ice_char);
    if !is_foundation || extensions.len() % 2 != 0 {
        return Err(SdpError::BadCandidate);
    }
    let component: u16 = number(component).ok_or(SdpError::BadCandidate)?;
    let priority = number(priority).ok_or(SdpError::BadCandidate)?;
    let port = number(port).ok_or(SdpError::BadCandidate)?;
    let kind = parse_kind(kind)?;
    let address = parse_address(address)?;

    let (Some(kind), Some(ip)) = (kind, address) else {
        return Ok(None);
    };
    let address = SocketAddr::new(ip, port);
    let usable = component == 1 && transport.eq_ignore_ascii_case("udp") && policy.allows(address);
    Ok(usable.then_some(Candidate {
        kind,
        address,
        priority,
    }))
}

/// Writes what follows `a=candidate:`.
///
/// The related address is always "not told" (RFC 8839 §5.1): the real one would leak the private side.
pub(super) fn render(index: usize, candidate: &Candidate) -> String {
    let (kind, has_related) = match candidate.kind {
        CandidateKind::Host => ("host", false),
        CandidateKind::ServerReflexive => ("srflx", true),
        CandidateKind::Relayed => ("relay", true),
    };
    let related = match candidate.address {
        _ if !has_related => "",
        SocketAddr::V4(_) => " raddr 0.0.0.0 rport 9",
        SocketAddr::V6(_) => " raddr :: rport 9",
    };
    let foundation = index + 1;
    let (ip, port) = (candidate.address.ip(), candidate.address.port());
    let priority = candidate.priority;
    format!("{foundation} 1 udp {priority} {ip} {port} typ {kind}{related}")
}

/// `None` is a peer-reflexive candidate: ICE finds those itself.
fn parse_kind(kind: &str) -> Result<Option<CandidateKind>, SdpError> {
    match kind {
        "host" => Ok(Some(CandidateKind::Host)),
        "srflx" => Ok(Some(CandidateKind::ServerReflexive)),
        "relay" => Ok(Some(CandidateKind::Relayed)),
        "prflx" => Ok(None),
        _ => Err(SdpError::BadCandidate),
    }
}

/// `None` is an mDNS name, which nothing here resolves.
fn parse_address(address: &str) -> Result<Option<IpAddr>, SdpError> {
    if address.ends_with(".local") {
        return Ok(None);
    }
    let ip = address.parse().map_err(|_| SdpError::BadCandidate)?;
    Ok(Some(ip))
}

/// How far an address carries.
enum Reach {
    Nowhere,
    Loopback,
    Private,
    Global,
}

fn reach(ip: IpAddr) -> Reach {
    match ip {
        IpAddr::V4(ip) => reach_v4(ip),
        IpAddr::V6(ip) => reach_v6(ip),
    }
}

fn reach_v4(ip: Ipv4Addr) -> Reach {
    let [first, second, ..] = ip.octets();
    let is_shared = first == 100 && (64..128).contains(&second); // RFC 6598
    if first == 0 || first >= 224 {
        Reach::Nowhere // "This network", multicast, reserved and broadcast.
    } else if ip.is_loopback() {
        Reach::Loopback
    } else if ip.is_private() || ip.is_link_local() || is_shared {
        Reach::Private
    } else {
        Reach::Global
    }
}

fn reach_v6(ip: Ipv6Addr) -> Reach {
    if ip.is_loopback() {
        Reach::Loopback
    } else if ip.is_multicast() || holds_v4(ip) {
        Reach::Nowhere
    } else if ip.is_unique_local() || ip.is_unicast_link_local() {
        Reach::Private
    } else {
        Reach::Global
    }
}

/// Whether the system would send IPv4 (mapped, RFC 4291 §2.5.5.2), or the form is one that nobody
/// uses honestly any more (compatible, §2.5.5.1; the unspecified address is among these).
fn holds_v4(ip: Ipv6Addr) -> bool {
    ip.to_ipv4().is_some()
}
