//! Where a device comes from, as far as anybody is trusted to say.

use std::net::{IpAddr, SocketAddr};

use crate::config::{ForwardHeader, Proxy};

/// Finds the address behind `peer`: the nearest one that is no trusted proxy.
///
/// `values` are the values of the configured header, in the order of the request. Headers are looked at
/// only if the peer itself is a trusted proxy; what such a proxy did not understand ends the search at
/// the last trusted address.
pub(crate) fn behind<'a>(
    proxy: &Proxy,
    peer: IpAddr,
    values: impl DoubleEndedIterator<Item = &'a str>,
) -> IpAddr {
    let mut address = peer.to_canonical();
    // The last entry was written by the nearest proxy.
    let mut entries = values.rev().flat_map(|value| value.rsplit(','));
    while is_trusted(proxy, address) {
        let next = entries.next().and_then(|entry| match proxy.header {
            ForwardHeader::XForwardedFor => parse_address(entry),
            ForwardHeader::Forwarded => parse_forwarded(entry),
        });
        let Some(next) = next else {
            break;
        };
        address = next;
    }
    address
}

/// Whether this address may say who is behind it.
pub(crate) fn is_trusted(proxy: &Proxy, address: IpAddr) -> bool {
    proxy
        .trusted
        .iter()
        .any(|network| network.contains(address))
}

/// The header's name, in lower case.
pub(crate) fn header_name(header: ForwardHeader) -> &'static str {
    match header {
        ForwardHeader::XForwardedFor => "x-forwarded-for",
        ForwardHeader::Forwarded => "forwarded",
    }
}

/// Reads the `for` of one element of a `Forwarded` header (RFC 7239, section 4).
fn parse_forwarded(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    let (_, value) = values.next()?;
    parse_address(value.trim().trim_matches('"'))
}

/// Reads an address with or without a port, IPv6 with or without brackets.
fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    address
        .or_else(with_port)
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn proxy(header: ForwardHeader) -> Proxy {
        Proxy {
            trusted: vec!["10.0.0.0/8".parse().unwrap()],
            header,
        }
    }

    fn found(header: ForwardHeader, peer: &str, values: &[&str]) -> String {
        let peer = peer.parse().unwrap();
        behind(&proxy(header), peer, values.iter().copied()).to_string()
    }

    #[test]
    fn a_stranger_cannot_say_where_it_comes_from() {
        let found = found(
            ForwardHeader::XForwardedFor,
            "203.0.113.9",
            &["198.51.100.1"],
        );
        assert_eq!(found, "203.0.113.9");
    }

    #[test]
    fn a_trusted_proxy_names_the_address_nearest_to_it_that_is_no_proxy() {
        let chain = ["198.51.100.66, 198.51.100.1", "10.0.0.2"];
        let found = found(ForwardHeader::XForwardedFor, "10.0.0.1", &chain);
        assert_eq!(
            found, "198.51.100.1",
            "what stands before it was written by the device"
        );
    }

    #[test]
    fn the_standard_header_is_read_with_quotes_brackets_and_ports() {
        let found = |value| found(ForwardHeader::Forwarded, "10.0.0.1", &[value]);
        assert_eq!(found("for=198.51.100.1;proto=https"), "198.51.100.1");
        assert_eq!(found("For=\"[2001:db8::7]:4711\""), "2001:db8::7");
        assert_eq!(found("proto=https;for=\"198.51.100.1:99\""), "198.51.100.1");
        assert_eq!(
            found("for=_hidden"),
            "10.0.0.1",
            "an unknown device is the proxy's"
        );
    }

    #[test]
    fn the_header_that_was_not_chosen_is_not_read() {
        let found = found(ForwardHeader::Forwarded, "10.0.0.1", &["198.51.100.1"]);
        assert_eq!(found, "10.0.0.1");
    }

    proptest! {
        #[test]
        fn any_header_gives_an_address(values in proptest::collection::vec(".{0,60}", 0..4)) {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            found(ForwardHeader::XForwardedFor, "10.0.0.1", &values);
            found(ForwardHeader::Forwarded, "10.0.0.1", &values);
        }
    }
}
