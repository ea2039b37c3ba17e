//! Addresses that no relay may be talked into reaching, in every way to write them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 addresses and IPv6 addresses, more than 400 together.
pub fn forbidden_peers() -> Vec<IpAddr> {
    let v6 = V6.iter().map(|text| text.parse().expect("an address"));
    let v4 = forbidden_v4().into_iter();
    v4.flat_map(|ip| {
        let disguises = disguises(ip).into_iter().map(IpAddr::V6);
        disguises.chain([IpAddr::V4(ip)])
    })
    .chain(v6)
    .collect()
}

/// The IPv4 addresses among them.
pub fn forbidden_v4() -> Vec<Ipv4Addr> {
    V4.iter()
        .map(|text| text.parse().expect("an address"))
        .collect()
}

/// IPv6 addresses that stand for or lead to `ip`.
pub fn disguises(ip: Ipv4Addr) -> Vec<Ipv6Addr> {
    let bits = u128::from(ip.to_bits());
    let low = |prefix: &str| {
        let prefix: Ipv6Addr = prefix.parse().expect("an address");
        Ipv6Addr::from_bits(prefix.to_bits() | bits)
    };
    let [a, b, c, d] = ip.octets().map(u16::from);
    let (high, tail) = (a << 8 | b, c << 8 | d);
    vec![
        low("::ffff:0:0"),
        low("::"),
        low("::ffff:0:0:0"),
        low("64:ff9b::"),
        low("64:ff9b:1::"),
        low("64:ff9b:1:7f00:1::"),
        Ipv6Addr::new(0x2002, high, tail, 0, 0, 0, 0, 1),
        Ipv6Addr::new(0x2002, high, tail, 0xffff, 0, 0, 0, 0),
        Ipv6Addr::new(0x2001, 0, 0x0808, 0x0808, 0, 0, !high, !tail),
        low("fe80::5efe:0:0"),
        low("fe80::200:5efe:0:0"),
        low("fd00::5efe:0:0"),
    ]
}

const V4: &[&str] = &[
    "0.0.0.0",
    "0.0.0.1",
    "0.255.255.255",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.0.0.53",
    "127.1.2.3",
    "127.255.255.255",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.253",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.17.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.1.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
];
const V6: &[&str] = &[
    "::",
    "::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "fc00::1",
    "fd00::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "100::1",
    "2001:db8::1",
    "2001::1",
    "2001:20::1",
];
