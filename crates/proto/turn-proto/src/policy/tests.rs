use proptest::prelude::*;

use super::*;

fn verdict(text: &str) -> Verdict {
    PeerPolicy::default().judge(text.parse().unwrap())
}

/// ISATAP below a prefix of anybody's.
fn isatap(ip: Ipv4Addr) -> [Ipv6Addr; 2] {
    ["2a01:db8:1:2:0:5efe::", "2a01:db8:1:2:200:5efe::"].map(|prefix| {
        let prefix: Ipv6Addr = prefix.parse().unwrap();
        Ipv6Addr::from_bits(prefix.to_bits() | u128::from(ip.to_bits()))
    })
}

/// What no relay may reach, and what ours refuses besides: more disguises, and blocks that nobody was given.
fn forbidden() -> Vec<IpAddr> {
    let mut forbidden = testkit::forbidden_peers();
    let disguised = testkit::forbidden_v4().into_iter().flat_map(isatap);
    forbidden.extend(disguised.map(IpAddr::V6));
    let unassigned = ["3fff::1", "4000::1", "8000::1"];
    forbidden.extend(unassigned.map(|text| text.parse::<IpAddr>().unwrap()));
    forbidden
}

#[test]
fn four_hundred_ways_to_write_a_forbidden_address_are_refused() {
    let forbidden = forbidden();
    assert!(forbidden.len() >= 400, "{}", forbidden.len());
    for ip in forbidden {
        assert_eq!(PeerPolicy::default().judge(ip), Verdict::Refused, "{ip}");
    }
}

#[test]
fn a_lan_relay_does_not_open_any_disguise_either() {
    let policy = PeerPolicy {
        lan: vec!["192.168.1.0/24".parse().unwrap()],
        ..PeerPolicy::default()
    };
    assert_eq!(
        policy.judge("192.168.1.7".parse().unwrap()),
        Verdict::Allowed
    );
    for ip in forbidden() {
        let is_lan = ip == "192.168.1.1".parse::<IpAddr>().unwrap();
        assert_eq!(policy.judge(ip) == Verdict::Allowed, is_lan, "{ip}");
    }
}

#[test]
fn metadata_services_stay_closed_in_whatever_network_a_relay_serves() {
    let policy = PeerPolicy {
        lan: ["0.0.0.0/0", "::/0"]
            .map(|text| text.parse().unwrap())
            .to_vec(),
        ..PeerPolicy::default()
    };
    for text in [
        "169.254.169.254",
        "fd00:ec2::254",
        "fd20:ce::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
    ] {
        assert_eq!(
            policy.judge(text.parse().unwrap()),
            Verdict::Refused,
            "{text}"
        );
    }
    for text in ["10.1.2.3", "fd12::1"] {
        assert_eq!(
            policy.judge(text.parse().unwrap()),
            Verdict::Allowed,
            "{text}"
        );
    }
}

#[test]
fn ordinary_addresses_are_allowed() {
    for text in [
        "8.8.8.8",
        "11.0.0.7",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.17.255.255",
        "223.255.255.255",
        "2a01:4f8::1",
        "2600::1",
        "2001:4860::8888",
    ] {
        assert_eq!(verdict(text), Verdict::Allowed, "{text}");
    }
}

#[test]
fn the_relays_own_addresses_and_those_an_operator_lists_are_special() {
    let policy = PeerPolicy {
        own: vec!["11.0.0.7".parse().unwrap()],
        refused: vec!["12.0.0.0/8".parse().unwrap()],
        ..PeerPolicy::default()
    };
    assert_eq!(policy.judge("11.0.0.7".parse().unwrap()), Verdict::Own);
    assert_eq!(policy.judge("12.3.4.5".parse().unwrap()), Verdict::Refused);
    assert_eq!(
        policy.judge("::ffff:11.0.0.7".parse().unwrap()),
        Verdict::Refused
    );
}

#[test]
fn networks_are_read_and_hold_what_they_say() {
    let subnet: Subnet = "192.168.7.9/24".parse().unwrap();
    assert_eq!(subnet.to_string(), "192.168.7.0/24");
    assert!(subnet.contains("192.168.7.255".parse().unwrap()));
    assert!(!subnet.contains("192.168.8.0".parse().unwrap()));
    assert!(!subnet.contains("::ffff:192.168.7.1".parse().unwrap()));
    for text in ["", "1.2.3.4/33", "::/129", "1.2.3/8", "1.2.3.4/-1"] {
        assert_eq!(text.parse::<Subnet>(), Err(SubnetError), "{text}");
    }
    assert!(
        "::/0"
            .parse::<Subnet>()
            .unwrap()
            .contains("ff02::1".parse().unwrap())
    );
}

proptest! {
    #[test]
    fn no_disguise_of_any_address_is_allowed(bits: u32) {
        prop_assume!(bits != 1); // ::1 is nobody in disguise.
        let ip = Ipv4Addr::from_bits(bits);
        for disguise in testkit::disguises(ip).into_iter().chain(isatap(ip)) {
            prop_assert_eq!(PeerPolicy::default().judge(disguise.into()), Verdict::Refused);
            prop_assert_eq!(disguised(disguise.into()).is_some(), true);
        }
    }

    #[test]
    fn what_is_allowed_is_global_unicast(bits: u128) {
        let ip = Ipv6Addr::from_bits(bits);
        if PeerPolicy::default().judge(ip.into()) == Verdict::Allowed {
            prop_assert_eq!(ip.segments()[0] >> 13, 1);
        }
    }
}
