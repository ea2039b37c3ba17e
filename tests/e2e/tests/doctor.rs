//! What `wherry doctor` says of networks that are as they are.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use e2e::{Device, Ended, Internet, pair_with};
use netlab::{Lab, Plan, alone};

/// What the doctor says of a device behind `kind`, which was changed by `change`.
fn examined(kind: &str, change: impl FnOnce(Device) -> Device) -> Ended {
    let lab = Lab::up(&Plan::between(kind, "prc").unwrap()).unwrap();
    let _internet = Internet::start(&lab);
    let device = change(Internet::device(&lab, "a"));
    device.start(&["doctor"]).end()
}

/// The verdict on a topic.
fn verdict<'a>(ended: &'a Ended, topic: &str) -> &'a str {
    told(ended, topic, "verdict")
}

/// What was found out of a topic.
fn case<'a>(ended: &'a Ended, topic: &str) -> &'a str {
    told(ended, topic, "case")
}

fn told<'a>(ended: &'a Ended, topic: &str, what: &str) -> &'a str {
    let finding = ended.events.iter().find(|it| it["topic"] == topic);
    let finding = finding.unwrap_or_else(|| panic!("nothing of {topic}: {ended:#?}"));
    finding[what].as_str().unwrap()
}

/// A STUN server with two addresses (RFC 5780); dropping it ends it.
struct TwoAddresses(Child);

impl TwoAddresses {
    fn start(lab: &Lab) -> Self {
        let arguments = "-n --stun-only --no-cli --no-tls --no-dtls --log-file=stdout --pidfile=/run/two.pid \
            --userdb=/run/two --listening-ip=11.0.0.1 --listening-ip=11.0.0.2 --listening-port=3600 \
            --alt-listening-port=3601 --relay-ip=11.0.0.1";
        let inet = lab.node("inet");
        let mut command = inet.command("turnserver");
        command.args(arguments.split_whitespace());
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null());
        let server = Self(quiet.stderr(Stdio::null()).spawn().unwrap());
        for address in ["11.0.0.1:3600", "11.0.0.2:3601"] {
            while inet.inside(|| TcpStream::connect(address)).is_err() {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        server
    }
}

impl Drop for TwoAddresses {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn a_network_without_faults_has_none() {
    alone::test("a_network_without_faults_has_none", || {
        let ended = examined("none+v6", |device| device);
        assert_eq!(ended.code(), 0);
        for topic in [
            "addresses",
            "proxy",
            "server",
            "clock",
            "udp",
            "nat",
            "relay_udp",
            "relay_tcp",
        ] {
            assert_eq!(verdict(&ended, topic), "good", "{topic}");
        }
        let said = format!("{:?}{}", ended.events, ended.stderr);
        assert!(!said.contains("11.0.0."), "no address is told: {said}");
    });
}

#[test]
fn kinds_of_nat_are_told_apart() {
    alone::test("kinds_of_nat_are_told_apart", || {
        let two_servers = |device: Device| {
            device.run(&[
                "config",
                "set",
                "stun-servers",
                "11.0.0.1:3478 11.0.0.1:7400",
            ]);
            device
        };
        assert_eq!(verdict(&examined("prc", two_servers), "nat"), "good");
        assert_eq!(verdict(&examined("sym", two_servers), "nat"), "limited");
        assert_eq!(verdict(&examined("sym", |device| device), "nat"), "unknown");
    });
}

#[test]
fn a_server_with_two_addresses_tells_how_a_nat_filters_and_maps() {
    let name = "a_server_with_two_addresses_tells_how_a_nat_filters_and_maps";
    alone::test(name, || {
        for (kind, filter, nat) in [
            ("none", "filter_open", "no_nat"),
            ("fullcone", "filter_open", "nat_one_address"),
            ("arc", "filter_address", "nat_one_address"),
            ("prc", "filter_port", "nat_one_address"),
            ("sym", "filter_port", "nat_symmetric"),
        ] {
            let lab = Lab::up(&Plan::between(kind, "none").unwrap()).unwrap();
            let _internet = Internet::start(&lab);
            let _server = TwoAddresses::start(&lab);
            let device = Internet::device(&lab, "a");
            device.run(&["config", "set", "stun-servers", "11.0.0.1:3600"]);
            let ended = device.start(&["doctor"]).end();
            assert_eq!(case(&ended, "nat_filter"), filter, "{kind}");
            assert_eq!(case(&ended, "nat"), nat, "{kind}");
        }
    });
}

#[test]
fn who_can_be_found_in_the_network_hears_whether_multicast_works() {
    let name = "who_can_be_found_in_the_network_hears_whether_multicast_works";
    alone::test(name, || {
        let lab = Lab::team(&[("ana", 1), ("ben", 1)]).unwrap();
        let device = |name: &str| Device::new("").inside(name).named(name).on_local_networks();
        let (ana, ben) = (device("ana"), device("ben"));
        let examined = || ana.start(&["doctor"]).end();
        assert_eq!(case(&examined(), "multicast"), "multicast_unanswered");

        let mut there = ben.start(&["run"]);
        there.wait_for("ready");
        assert_eq!(case(&examined(), "multicast"), "multicast_answered");

        // A firewall of this device that lets nothing out to groups.
        let rules = "add table ip hush; add chain ip hush out { type filter hook output priority 0; }; \
            add rule ip hush out ip daddr 224.0.0.0/4 drop";
        let mut firewall = lab.node("ana").command("nft");
        assert!(firewall.arg(rules).status().unwrap().success());
        assert_eq!(case(&examined(), "multicast"), "multicast_blocked");
    });
}

#[test]
fn a_network_that_is_closed_says_so_and_what_follows() {
    alone::test("a_network_that_is_closed_says_so_and_what_follows", || {
        let ended = examined("udpblock", |device| device);
        assert_eq!(ended.code(), 6);
        assert_eq!(verdict(&ended, "server"), "bad");
        assert_eq!(verdict(&ended, "udp"), "limited");
        let server = ended
            .events
            .iter()
            .find(|it| it["topic"] == "server")
            .unwrap();
        assert!(server["consequence"].is_string() && server["advice"].is_string());
    });
}

#[test]
fn a_device_without_any_network_is_examined_too() {
    alone::test("a_device_without_any_network_is_examined_too", || {
        let lab = Lab::up(&Plan::between("prc", "prc").unwrap()).unwrap();
        let device = Device::new("ws://11.0.0.1:7400/ws").inside("a");
        lab.node("a").ip("link set eth0 down").unwrap();
        let ended = device.start(&["doctor"]).end();
        assert_eq!(ended.code(), 6);
        assert_eq!(verdict(&ended, "addresses"), "bad");
        assert_eq!(verdict(&ended, "server"), "bad");
    });
}

#[test]
fn a_contact_that_is_not_there_is_told_from_one_that_is() {
    alone::test(
        "a_contact_that_is_not_there_is_told_from_one_that_is",
        || {
            let lab = Lab::up(&Plan::between("none", "none").unwrap()).unwrap();
            let _internet = Internet::start(&lab);
            let device = |node, name| Internet::device(&lab, node).named(name);
            let (ana, ben) = (device("a", "ana"), device("b", "ben"));
            pair_with(&ana, &[], &ben);
            let ended = ana.start(&["doctor", "ben"]).end();
            assert_eq!(verdict(&ended, "contact"), "bad");
            let said = format!("{:?}{}", ended.events, ended.stderr);
            assert!(!said.contains("ben"), "nobody is named: {said}");

            let mut there = ben.start(&["run"]);
            there.wait_for("ready");
            let ended = ana.start(&["doctor", "ben"]).end();
            assert_eq!(verdict(&ended, "contact"), "good");
            let stranger = ana.start(&["doctor", "carla"]).end();
            assert_ne!(stranger.code(), 0);
            assert!(stranger.events.iter().all(|it| it["event"] != "finding"));
        },
    );
}
