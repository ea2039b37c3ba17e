//! Every NAT maps and filters as RFC 4787 calls its kind.

use netlab::probe::Dependency::{AddressAndPortDependent, AddressDependent, EndpointIndependent};
use netlab::probe::{Behaviour, Dependency, Server, probe};
use netlab::{Lab, Plan, Together, alone};

fn behaviour_behind(kind: &str) -> Behaviour {
    let lab = Lab::up(&Plan::between(kind, "none").unwrap()).unwrap();
    let _server = Server::start(&lab).unwrap();
    probe(lab.node("a")).unwrap()
}

fn check(kind: &str, mapping: Dependency, filtering: Dependency) {
    let found = behaviour_behind(kind);
    assert!(found.is_translated, "{kind}: {found:?}");
    assert_eq!(found.seen_as.ip().to_string(), "11.0.1.2", "{kind}");
    assert_eq!(
        (found.mapping, found.filtering),
        (mapping, filtering),
        "{kind}"
    );
    assert!(!found.hairpins, "{kind}: {found:?}");
}

#[test]
fn without_a_nat_nothing_is_translated_or_filtered() {
    alone::test(
        "nats::without_a_nat_nothing_is_translated_or_filtered",
        || {
            let found = behaviour_behind("none");
            assert!(!found.is_translated, "{found:?}");
            assert_eq!(found.filtering, EndpointIndependent);
        },
    );
}

#[test]
fn a_full_cone_depends_on_no_endpoint() {
    alone::test("nats::a_full_cone_depends_on_no_endpoint", || {
        check("fullcone", EndpointIndependent, EndpointIndependent);
    });
}

#[test]
fn an_address_restricted_cone_filters_by_address() {
    alone::test(
        "nats::an_address_restricted_cone_filters_by_address",
        || {
            check("arc", EndpointIndependent, AddressDependent);
        },
    );
}

#[test]
fn a_port_restricted_cone_filters_by_address_and_port() {
    alone::test(
        "nats::a_port_restricted_cone_filters_by_address_and_port",
        || {
            check("prc", EndpointIndependent, AddressAndPortDependent);
        },
    );
}

#[test]
fn a_symmetric_nat_depends_on_everything() {
    alone::test("nats::a_symmetric_nat_depends_on_everything", || {
        check("sym", AddressAndPortDependent, AddressAndPortDependent);
    });
}

#[test]
fn a_chain_of_nats_is_as_strict_as_its_strictest_link() {
    alone::test(
        "nats::a_chain_of_nats_is_as_strict_as_its_strictest_link",
        || {
            check(
                "fullcone/fullcone",
                EndpointIndependent,
                EndpointIndependent,
            );
            check("prc/fullcone", EndpointIndependent, AddressAndPortDependent);
            check("fullcone/arc", EndpointIndependent, AddressDependent);
            check("prc/prc", EndpointIndependent, AddressAndPortDependent);
            check("prc/sym", AddressAndPortDependent, AddressAndPortDependent);
            check("sym/prc", AddressAndPortDependent, AddressAndPortDependent);
        },
    );
}

#[test]
fn a_nat_leads_packets_back_in_only_if_it_hairpins() {
    alone::test(
        "nats::a_nat_leads_packets_back_in_only_if_it_hairpins",
        || {
            for kind in ["fullcone", "arc", "prc", "prc/prc", "prc/fullcone"] {
                assert!(!behaviour_behind(kind).hairpins, "{kind}");
                let hairpin = behaviour_behind(&format!("{kind}+hairpin"));
                assert!(hairpin.hairpins, "{kind}: {hairpin:?}");
                let plain = behaviour_behind(kind);
                assert_eq!(hairpin.mapping, plain.mapping, "{kind}");
                assert_eq!(hairpin.filtering, plain.filtering, "{kind}");
            }
        },
    );
}

#[test]
fn two_devices_behind_one_carrier_share_its_address() {
    alone::test(
        "nats::two_devices_behind_one_carrier_share_its_address",
        || {
            let plan = Plan::sharing(Together::Carrier, "prc/prc").unwrap();
            let lab = Lab::up(&plan).unwrap();
            let _server = Server::start(&lab).unwrap();
            let [a, b] = ["a", "b"].map(|device| probe(lab.node(device)).unwrap());
            assert_eq!(a.seen_as.ip(), b.seen_as.ip());
        },
    );
}
