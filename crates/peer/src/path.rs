//! Which route a chosen pair of candidates takes.

use std::net::{IpAddr, Ipv6Addr};

use model::{Description, PathKind};

/// Names the route between two chosen addresses; `relayed` says that either end is at a relay.
pub(crate) fn path_kind(local: IpAddr, remote: IpAddr, relayed: bool) -> PathKind {
    if relayed {
        return PathKind::Relay;
    }
    let is_near = match (local, remote) {
        _ if local == remote || local.is_loopback() || remote.is_loopback() => true,
        (_, IpAddr::V4(remote)) => remote.is_private() || remote.is_link_local(),
        (IpAddr::V6(local), IpAddr::V6(remote)) => {
            remote.is_unique_local() || remote.is_unicast_link_local() || same_link(local, remote)
        }
        (IpAddr::V4(_), IpAddr::V6(_)) => false,
    };
    if is_near {
        PathKind::Local
    } else {
        PathKind::Direct
    }
}

/// Without a NAT in between, the outside sees a device under its own address: no news to a peer.
pub(crate) fn keep_first_of_each_address(own: &mut Description) {
    let mut known = Vec::new();
    own.candidates.retain(|candidate| {
        let is_new = !known.contains(&candidate.address);
        known.push(candidate.address);
        is_new
    });
}

/// Whether both are in one /64, the prefix of one link (RFC 4291 §2.5.4).
fn same_link(left: Ipv6Addr, right: Ipv6Addr) -> bool {
    left.segments()[..4] == right.segments()[..4]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_route_follows_from_the_addresses() {
        for (local, remote, expected) in [
            ("127.0.0.1", "127.0.0.1", PathKind::Local),
            ("192.168.1.2", "192.168.1.3", PathKind::Local),
            ("198.51.100.7", "198.51.100.7", PathKind::Local),
            ("127.0.0.1", "198.51.100.7", PathKind::Local),
            ("192.168.1.2", "198.51.100.7", PathKind::Direct),
            ("2001:db8::1", "2001:db8::2", PathKind::Local),
            ("2001:db8::1", "2001:db8:1::2", PathKind::Direct),
            ("fd00::1", "fd00::2", PathKind::Local),
        ] {
            let (local, remote) = (local.parse().unwrap(), remote.parse().unwrap());
            assert_eq!(path_kind(local, remote, false), expected, "{remote}");
            assert_eq!(path_kind(local, remote, true), PathKind::Relay);
        }
    }
}
