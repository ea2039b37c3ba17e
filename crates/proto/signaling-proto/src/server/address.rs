use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

/// What counts as one address: an IPv4 address, or the /64 that one IPv6 customer gets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressKey(Network);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Network {
    V4([u8; 4]),
    V6([u16; 4]),
}

impl From<IpAddr> for AddressKey {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => Network::V4(address.octets()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Network::V6([a, b, c, d])
            }
        })
    }
}

impl fmt::Debug for AddressKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressKey(…)")
    }
}

/// Counts one thing less for `address`, and forgets addresses that have none.
pub(super) fn release(counts: &mut BTreeMap<AddressKey, usize>, address: AddressKey) {
    let Some(count) = counts.get_mut(&address) else {
        return;
    };
    *count -= 1;
    if *count == 0 {
        counts.remove(&address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> AddressKey {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn an_ipv6_customer_is_one_address_however_many_it_uses() {
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    }

    #[test]
    fn an_ipv4_address_written_as_ipv6_is_the_same_address() {
        assert_eq!(key("192.0.2.7"), key("::ffff:192.0.2.7"));
        assert_ne!(key("192.0.2.7"), key("192.0.2.8"));
    }

    #[test]
    fn an_address_is_never_printed() {
        assert_eq!(format!("{:?}", key("192.0.2.7")), "AddressKey(…)");
    }
}
