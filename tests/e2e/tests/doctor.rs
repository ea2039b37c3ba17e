//! What `wherry doctor` says of networks that are as they are.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

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
    let finding = ended.events.iter().find(|it| it["topic"] == topic);
    finding.unwrap_or_else(|| panic!("nothing of {topic}: {ended:#?}"))["verdict"]
        .as_str()
        .unwrap()
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
