//! What was found, what follows, and what to do: a sentence each.

mod contact;

use std::net::IpAddr;
use std::time::Duration;

use api::{Finding, FindingCase as Case, Topic, Verdict};
use model::RelayWish;
use signaling_proto::message::RelayTransport;

use super::{Examination, Filtering, Multicast};
use crate::proxy::ProxyKind;
use crate::signaling_link::ConnectError;

pub(super) fn findings(it: &Examination) -> Vec<Finding> {
    let mut findings = vec![addresses(it), local_network(it)];
    findings.extend(it.multicast.map(multicast));
    findings.extend([proxy(it), server(it)]);
    findings.extend(clock(it));
    findings.push(udp(it));
    findings.extend(nat(it));
    findings.extend(it.stun.filtering.map(filter));
    findings.extend(relays(it));
    findings.extend(contact::finding(it));
    findings
}

fn good(topic: Topic, case: Case, fact: impl Into<String>) -> Finding {
    Finding {
        topic,
        verdict: Verdict::Good,
        case,
        value: None,
        fact: fact.into(),
        consequence: None,
        advice: None,
    }
}

trait But {
    /// It is not good: this follows, and that is to be done, if anything.
    fn with(self, verdict: Verdict, consequence: &str, advice: &str) -> Finding;

    /// This is the number in its sentences.
    fn of(self, value: u64) -> Finding;
}

impl But for Finding {
    fn with(self, verdict: Verdict, consequence: &str, advice: &str) -> Finding {
        Finding {
            verdict,
            consequence: Some(consequence.to_owned()),
            advice: (!advice.is_empty()).then(|| advice.to_owned()),
            ..self
        }
    }

    fn of(self, value: u64) -> Finding {
        Finding {
            value: Some(value),
            ..self
        }
    }
}

fn addresses(it: &Examination) -> Finding {
    let topic = Topic::Addresses;
    match (
        it.addresses.iter().any(IpAddr::is_ipv4),
        it.addresses.iter().any(IpAddr::is_ipv6),
    ) {
        (true, true) => good(topic, Case::BothFamilies, "This device has IPv4 and IPv6."),
        (true, false) => good(topic, Case::OnlyV4, "This device has IPv4 and no IPv6."),
        (false, true) => good(topic, Case::OnlyV6, "This device has IPv6 and no IPv4.").with(
            Verdict::Limited,
            "Devices that have only IPv4 are reached through a relay.",
            "",
        ),
        (false, false) => good(
            topic,
            Case::NoAddress,
            "This device has no network address.",
        )
        .with(
            Verdict::Bad,
            "Nothing can be sent or received.",
            "Connect it to a network.",
        ),
    }
}

fn local_network(it: &Examination) -> Finding {
    const WITHOUT: &str = "Contacts in the same network are met through the server only.";
    let topic = Topic::LocalNetwork;
    let near = it.lan.near;
    match (it.lan.is_wanted, it.lan.is_open) {
        (_, true) => {
            let fact = match near {
                0 => "none is there now".to_owned(),
                1 => "one is there now".to_owned(),
                near => format!("{near} are there now"),
            };
            let fact = format!("Contacts in the same network find this device; {fact}.");
            good(topic, Case::LanOpen, fact).of(u64::try_from(near).unwrap_or(u64::MAX))
        }
        (false, false) => good(
            topic,
            Case::LanClosed,
            "The settings let nobody in the same network find this device.",
        )
        .with(
            Verdict::Limited,
            WITHOUT,
            "Allow it: wherry config set lan-visibility contacts.",
        ),
        (true, false) => good(
            topic,
            Case::LanShut,
            "The local network cannot be listened to.",
        )
        .with(
            Verdict::Limited,
            WITHOUT,
            "Let UDP to port 5353 and TCP to port 7421 in through the firewall of this device.",
        ),
    }
}

fn multicast(found: Multicast) -> Finding {
    let topic = Topic::Multicast;
    match found {
        Multicast::Answered => good(
            topic,
            Case::MulticastAnswered,
            "Multicast works: other devices in this network answer.",
        ),
        Multicast::Unanswered => good(
            topic,
            Case::MulticastUnanswered,
            "Multicast is sent and heard here; no other device in this network answered.",
        ),
        Multicast::Blocked => good(
            topic,
            Case::MulticastBlocked,
            "Multicast is blocked: this device does not hear itself.",
        )
        .with(
            Verdict::Limited,
            "Contacts in the same network do not find this device without the server.",
            "Let UDP to port 5353 in and out through the firewall of this device.",
        ),
    }
}

fn proxy(it: &Examination) -> Finding {
    let (case, fact) = match it.proxy {
        None => (Case::NoProxy, "No proxy is used."),
        Some((ProxyKind::Http, true)) => (Case::HttpProxySet, "The settings name an HTTP proxy."),
        Some((ProxyKind::Socks5, true)) => {
            (Case::SocksProxySet, "The settings name a SOCKS 5 proxy.")
        }
        Some((ProxyKind::Http, false)) => {
            (Case::HttpProxyFound, "The environment names an HTTP proxy.")
        }
        Some((ProxyKind::Socks5, false)) => (
            Case::SocksProxyFound,
            "The environment names a SOCKS 5 proxy.",
        ),
    };
    good(Topic::Proxy, case, fact)
}

fn server(it: &Examination) -> Finding {
    let topic = Topic::Server;
    match &it.server {
        None => good(topic, Case::NoServer, "No signaling server is named.").with(
            Verdict::Bad,
            "Nobody outside the local network can be met.",
            "Name one: wherry config set server-url wss://signal.example.org.",
        ),
        Some(Ok(took)) => {
            let fact = format!("The server answers in {}.", time(*took));
            good(topic, Case::ServerAnswers, fact).of(ms(*took))
        }
        Some(Err(error)) => {
            let fact = format!("The server is not reached: {error}.");
            let (case, advice) = server_advice(error);
            good(topic, case, fact).with(
                Verdict::Bad,
                "Nobody outside the local network can be met.",
                advice,
            )
        }
    }
}

fn server_advice(error: &ConnectError) -> (Case, &'static str) {
    match error {
        ConnectError::Proxy(_) => (
            Case::ServerBehindProxy,
            "Check the proxy: wherry config get proxy.",
        ),
        ConnectError::Tls(_) | ConnectError::Certificates(_) => (
            Case::ServerNotTrusted,
            "Check the server's certificate; WHERRY_CA_FILE names further authorities.",
        ),
        ConnectError::WebSocket(_) => (
            Case::ServerNotOurs,
            "Check that the address is that of a signaling server.",
        ),
        ConnectError::Unreachable(_) | ConnectError::TimedOut => (
            Case::ServerUnreachable,
            "Check the server's address, and whether this network wants a proxy: wherry config set proxy.",
        ),
    }
}

fn clock(it: &Examination) -> Option<Finding> {
    let ahead_s = it.ahead_s?;
    let off_s = ahead_s.unsigned_abs();
    if off_s <= CLOCK_S {
        let fact = "The clock agrees with the server's.";
        return Some(good(Topic::Clock, Case::ClockAgrees, fact));
    }
    let (direction, case) = match (ahead_s > 0, off_s > DAY_S) {
        (true, false) => ("ahead of", Case::ClockAhead),
        (true, true) => ("ahead of", Case::ClockFarAhead),
        (false, false) => ("behind", Case::ClockBehind),
        (false, true) => ("behind", Case::ClockFarBehind),
    };
    let minutes = off_s.div_ceil(60);
    let fact = format!("The clock is {minutes} minutes {direction} the server's.");
    let fact = good(Topic::Clock, case, fact).of(minutes);
    Some(match off_s > DAY_S {
        true => fact.with(
            Verdict::Bad,
            "Contacts are not found, as their mailboxes change every day.",
            "Set the clock.",
        ),
        false => fact.with(
            Verdict::Limited,
            "Certificates and codes may count as expired.",
            "Set the clock.",
        ),
    })
}

fn udp(it: &Examination) -> Finding {
    let topic = Topic::Udp;
    let best = it.stun.seen.iter().map(|seen| seen.took).min();
    match best {
        Some(took) => {
            let fact = format!("UDP gets out: a STUN server answers in {}.", time(took));
            good(topic, Case::UdpWorks, fact).of(ms(took))
        }
        None if it.stun.asked == 0 => good(topic, Case::NoStunServer, "No STUN server is known.")
            .with(
                Verdict::Unknown,
                "Devices in other networks may be reached through a relay only.",
                "Name one: wherry config set stun-servers.",
            ),
        None => good(
            topic,
            Case::UdpBlocked,
            "UDP is blocked: no STUN server answers.",
        )
        .with(
            Verdict::Limited,
            "Transfers go through a relay by TCP, and more slowly.",
            "Let UDP out in the firewall of this network.",
        ),
    }
}

fn nat(it: &Examination) -> Option<Finding> {
    let topic = Topic::Nat;
    let mut v4 = it.stun.seen.iter().filter(|seen| seen.own.is_ipv4());
    let first = v4.next()?;
    let others: Vec<_> = v4.collect();
    if first.mapped == first.own {
        let fact = "There is no NAT in front of this device.";
        return Some(good(topic, Case::NoNat, fact));
    }
    if others.iter().any(|other| other.mapped != first.mapped) {
        let fact = "The NAT shows this device to each destination at another address (symmetric).";
        return Some(good(topic, Case::NatSymmetric, fact).with(
            Verdict::Limited,
            "Devices behind such a NAT, or behind a strict one, are reached through a relay.",
            "Where speed matters, use a network with another router.",
        ));
    }
    Some(match others.is_empty() {
        true => good(
            topic,
            Case::NatUnknown,
            "There is a NAT; of which kind, one STUN server alone cannot tell.",
        )
        .with(
            Verdict::Unknown,
            "Devices behind strict NATs may be reached through a relay only.",
            "",
        ),
        false => good(
            topic,
            Case::NatOneAddress,
            "The NAT shows this device to all at one address.",
        ),
    })
}

/// It is as it is: what follows depends on the other side's as well.
fn filter(filtering: Filtering) -> Finding {
    let (case, fact) = match filtering {
        Filtering::Open => (
            Case::FilterOpen,
            "Everybody outside may answer at the address that this device has there.",
        ),
        Filtering::Address => (
            Case::FilterAddress,
            "Only those that this device wrote to may answer, from any of their ports.",
        ),
        Filtering::Port => (
            Case::FilterPort,
            "Only those that this device wrote to may answer, and only from the same port.",
        ),
    };
    good(Topic::NatFilter, case, fact)
}

fn relays(it: &Examination) -> Vec<Finding> {
    let topic = Topic::Relay;
    let is_udp_blocked = it.stun.asked > 0 && it.stun.seen.is_empty();
    let without = match is_udp_blocked {
        true => (Verdict::Bad, "Devices in other networks are not reached."),
        false => (
            Verdict::Limited,
            "Devices without a direct way to this one are not reached.",
        ),
    };
    if it.wish == RelayWish::Never {
        let fact = good(topic, Case::RelayUnwanted, "The settings want no relay.");
        return vec![fact.with(
            without.0,
            without.1,
            "Allow relays: wherry config set relay automatic.",
        )];
    }
    if !it.has_asked_for_relays {
        let fact = good(
            topic,
            Case::RelayUnknown,
            "Which relays there are is not known without the server.",
        );
        return vec![fact.with(Verdict::Unknown, without.1, "")];
    }
    if it.relays.is_empty() {
        let fact = good(
            topic,
            Case::NoRelay,
            "The server names no relay that can be used.",
        );
        return vec![fact.with(
            without.0,
            without.1,
            "Ask whoever runs the server for a relay.",
        )];
    }
    let mut findings: Vec<Finding> = [
        RelayTransport::Udp,
        RelayTransport::Tcp,
        RelayTransport::Tls,
    ]
    .into_iter()
    .filter_map(|transport| relays_by(it, transport))
    .collect();
    if it.relays.iter().all(|(_, took)| took.is_none()) {
        let fact = good(
            topic,
            Case::NoRelayReached,
            "No relay is reached in any way.",
        );
        findings.push(fact.with(
            without.0,
            without.1,
            "Let TCP to port 443 out in the firewall of this network.",
        ));
    }
    findings
}

/// The relays that take one transport; `None` if there are none.
fn relays_by(it: &Examination, transport: RelayTransport) -> Option<Finding> {
    let (topic, name) = match transport {
        RelayTransport::Udp => (Topic::RelayUdp, "UDP"),
        RelayTransport::Tcp => (Topic::RelayTcp, "TCP"),
        RelayTransport::Tls => (Topic::RelayTls, "TLS"),
    };
    let mut times = it
        .relays
        .iter()
        .filter(|(by, _)| *by == transport)
        .peekable();
    times.peek()?;
    let best = times.filter_map(|(_, took)| *took).min();
    Some(match best {
        Some(took) => {
            let fact = format!("A relay is reached by {name} in {}.", time(took));
            good(topic, Case::RelayReached, fact).of(ms(took))
        }
        None => good(
            topic,
            Case::RelayNotReached,
            format!("No relay is reached by {name}."),
        )
        .with(
            Verdict::Limited,
            "Transfers that need a relay use another way to it, if there is one.",
            "",
        ),
    })
}

fn time(took: Duration) -> String {
    format!("{} ms", ms(took))
}

fn ms(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1)
}

/// A clock that is off by less does not matter.
const CLOCK_S: u64 = 60;
/// A clock that is off by more looks into the mailboxes of another day (yesterday's and tomorrow's are read too).
const DAY_S: u64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::super::{Interfaces, LanFacts, Outside, Seen};
    use super::*;

    fn healthy() -> Examination {
        let seen = Seen {
            own: "192.168.1.2:5000".parse().unwrap(),
            mapped: "11.0.1.2:5000".parse().unwrap(),
            took: Duration::from_millis(20),
        };
        Examination {
            addresses: vec!["192.168.1.2".parse().unwrap(), "2a0f::2".parse().unwrap()],
            proxy: None,
            server: Some(Ok(Duration::from_millis(30))),
            ahead_s: Some(3),
            stun: Outside {
                asked: 2,
                seen: vec![seen, seen],
                filtering: Some(Filtering::Port),
            },
            wish: RelayWish::Automatic,
            has_asked_for_relays: true,
            relays: vec![(RelayTransport::Udp, Some(Duration::from_millis(40)))],
            multicast: Some(Multicast::Answered),
            lan: LanFacts {
                interfaces: Interfaces::Automatic,
                is_wanted: true,
                is_open: true,
                near: 0,
            },
            contact: None,
        }
    }

    fn verdict(it: &Examination, topic: Topic) -> Option<Verdict> {
        let found = findings(it)
            .into_iter()
            .find(|finding| finding.topic == topic);
        found.map(|finding| finding.verdict)
    }

    #[test]
    fn where_everything_is_well_nothing_follows_and_nothing_is_to_be_done() {
        for finding in findings(&healthy()) {
            assert_eq!(finding.verdict, Verdict::Good, "{finding:?}");
            assert_eq!((finding.consequence, finding.advice), (None, None));
        }
    }

    #[test]
    fn what_is_not_well_has_a_consequence_and_no_finding_names_an_address() {
        let mut it = healthy();
        it.addresses.clear();
        it.server = Some(Err(ConnectError::TimedOut));
        it.ahead_s = Some(-90_000);
        it.stun.seen.clear();
        it.relays = vec![(RelayTransport::Udp, None), (RelayTransport::Tls, None)];
        let found = findings(&it);
        for finding in &found {
            let is_good = finding.verdict == Verdict::Good;
            assert_eq!(finding.consequence.is_none(), is_good, "{finding:?}");
            assert!(!finding.fact.contains("192.168") && !finding.fact.contains("11.0."));
        }
        let bad = found
            .iter()
            .filter(|finding| finding.verdict == Verdict::Bad);
        let topics: Vec<Topic> = bad.map(|finding| finding.topic).collect();
        assert_eq!(
            topics,
            [Topic::Addresses, Topic::Server, Topic::Clock, Topic::Relay]
        );
    }

    #[test]
    fn two_servers_tell_a_symmetric_nat_from_others_and_one_does_not() {
        let mut it = healthy();
        assert_eq!(verdict(&it, Topic::Nat), Some(Verdict::Good));
        it.stun.seen[1].mapped.set_port(5_001);
        assert_eq!(verdict(&it, Topic::Nat), Some(Verdict::Limited));
        it.stun.seen.truncate(1);
        assert_eq!(verdict(&it, Topic::Nat), Some(Verdict::Unknown));
        it.stun.seen[0].mapped = it.stun.seen[0].own;
        assert_eq!(verdict(&it, Topic::Nat), Some(Verdict::Good));
        it.stun.seen.clear();
        assert_eq!(verdict(&it, Topic::Nat), None);
        assert_eq!(verdict(&it, Topic::Udp), Some(Verdict::Limited));
    }

    #[test]
    fn who_wants_no_relay_and_has_no_udp_reaches_nobody() {
        let mut it = healthy();
        it.wish = RelayWish::Never;
        assert_eq!(verdict(&it, Topic::Relay), Some(Verdict::Limited));
        it.stun.seen.clear();
        assert_eq!(verdict(&it, Topic::Relay), Some(Verdict::Bad));
        it.wish = RelayWish::Automatic;
        assert_eq!(verdict(&it, Topic::Relay), None);
        assert_eq!(verdict(&it, Topic::RelayUdp), Some(Verdict::Good));
    }

    #[test]
    fn who_is_not_found_on_the_local_network_is_told_why() {
        let mut it = healthy();
        it.lan.is_open = false;
        let found = |it: &Examination| {
            let finding = findings(it).remove(1);
            assert_eq!(finding.topic, Topic::LocalNetwork);
            (finding.case, finding.verdict)
        };
        assert_eq!(found(&it), (Case::LanShut, Verdict::Limited));
        it.lan.is_wanted = false;
        assert_eq!(found(&it), (Case::LanClosed, Verdict::Limited));
    }
}
