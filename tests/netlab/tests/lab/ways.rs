//! Devices that change their address, their way out, or put a tunnel in front of it.

use netlab::probe::{Behaviour, Server, probe};
use netlab::{Lab, Plan, Side, alone};

fn lab_with_spare(kind: &str, is_vpn: bool) -> (Lab, Server) {
    let mut plan = Plan::between("prc", "prc").unwrap();
    let spare = Side::of(kind).unwrap();
    plan.spare = Some(Side { is_vpn, ..spare });
    let lab = Lab::up(&plan).unwrap();
    let server = Server::start(&lab).unwrap();
    (lab, server)
}

fn outside(lab: &Lab) -> (String, Behaviour) {
    let found = probe(lab.node("a")).unwrap();
    (found.seen_as.ip().to_string(), found)
}

#[test]
fn a_device_moves_to_another_network_and_back() {
    alone::test("ways::a_device_moves_to_another_network_and_back", || {
        let (lab, _server) = lab_with_spare("sym", false);
        assert_eq!(outside(&lab).0, "11.0.1.2");
        lab.switch_to_spare().unwrap();
        let (address, found) = outside(&lab);
        assert_eq!(address, "11.0.3.2");
        assert_ne!(
            found.mapping,
            netlab::probe::Dependency::EndpointIndependent
        );
        lab.switch_back().unwrap();
        assert_eq!(outside(&lab).0, "11.0.1.2");
    });
}

#[test]
fn a_tunnel_takes_everything_while_it_is_up() {
    alone::test("ways::a_tunnel_takes_everything_while_it_is_up", || {
        let (lab, _server) = lab_with_spare("prc", true);
        assert_eq!(outside(&lab).0, "11.0.1.2");
        lab.raise_spare().unwrap();
        assert_eq!(outside(&lab).0, "11.0.3.2");
        let mut show = lab.node("a").command("ip");
        let shown = show.args(["link", "show", "up1"]).output().unwrap();
        let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
        assert!(
            shown.contains("POINTOPOINT") && shown.contains("mtu 1420"),
            "{shown}"
        );
        lab.lower_spare().unwrap();
        assert_eq!(outside(&lab).0, "11.0.1.2");
    });
}

#[test]
fn a_device_gets_another_address_and_goes_on() {
    alone::test("ways::a_device_gets_another_address_and_goes_on", || {
        let lab = Lab::up(&Plan::between("prc", "prc").unwrap()).unwrap();
        let _server = Server::start(&lab).unwrap();
        lab.readdress("a", [192, 168, 1, 77].into()).unwrap();
        assert_eq!(outside(&lab).0, "11.0.1.2");
    });
}
