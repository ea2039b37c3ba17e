//! People who meet on one local network, with no server: nobody paired before.

use std::time::{Duration, Instant};

use e2e::{Device, Running, code_of, make_file, same_file};
use netlab::{Lab, alone};

use super::serverless::{Office, share_with};
use super::text;

/// Machines whose people never met, and a lab that they are in.
struct Strangers {
    devices: Vec<Device>,
    lab: Lab,
}

impl Strangers {
    fn of(machines: &[(&str, u8)]) -> Self {
        let lab = Lab::team(machines).expect("a lab");
        let device = |name: &str| Device::new("").inside(name).named(name).on_local_networks();
        let devices = machines.iter().map(|(name, _)| device(name)).collect();
        Self { devices, lab }
    }

    fn run(&self) -> Vec<Running> {
        self.devices.iter().map(run).collect()
    }

    /// One shows itself, the other chooses it; both see the same six words.
    fn tap(&self, one: usize, shown: usize) {
        let mut showing = self.devices[shown].start(&["pair", "--visible", "--yes"]);
        showing.wait_for("visible");
        let name = ["ana", "ben", "mia"][shown];
        let mut choosing = self.devices[one].start(&["pair", "--nearby", name, "--yes"]);
        let [one, other] = [&mut choosing, &mut showing].map(|it| it.end().expect_success());
        let words = one.event("comparison_words")["words"].clone();
        assert_eq!(words.as_str().expect("words").split(' ').count(), 6);
        assert_eq!(other.event("comparison_words")["words"], words);
        assert_eq!(one.event("contact_added")["verified"], false, "--yes");
    }

    /// Sends a file from one to the other.
    fn send(&self, from: usize, to: usize, name: &str) {
        let [from, to] = [&self.devices[from], &self.devices[to]];
        let file = from.path("trip.mov");
        make_file(&file, 1_000_000, 1);
        let into = to.path(name);
        let mut receiving = to.start(&["receive", "--into", &text(&into), "--yes"]);
        let mut sending = from.start(&["send", &text(&file), "--to", name]);
        sending.end().expect_success();
        receiving.end().expect_success();
        same_file(&file, &into.join("trip.mov"));
    }
}

fn run(device: &Device) -> Running {
    let mut running = device.start(&["run"]);
    running.wait_for("ready");
    running
}

fn stop(running: Vec<Running>) {
    for mut running in running {
        running.signal("TERM");
        running.end().expect_success();
    }
}

/// Who is listed as no contact.
fn strangers_seen(by: &Device) -> Vec<String> {
    let listed = by.run(&["nearby", "--for", "2"]).events.into_iter();
    let strangers = listed.filter(|it| it["event"] == "nearby" && it["contact"].is_null());
    let name = |it: serde_json::Value| it["name"].as_str().expect("a name").to_owned();
    strangers.map(name).collect()
}

#[test]
fn three_machines_that_never_met_pair_by_a_tap_and_share_a_folder() {
    alone::test(
        "nearby::three_machines_that_never_met_pair_by_a_tap_and_share_a_folder",
        || {
            let team = Strangers::of(&[("ana", 1), ("ben", 1), ("mia", 1)]);
            let mut running = team.run();
            team.tap(0, 1);
            team.tap(2, 0);
            let folders: Vec<_> = team.devices.iter().map(|it| it.path("shared")).collect();
            share_with(&team.devices, &mut running, &folders);
            stop(running);
        },
    );
}

#[test]
fn who_shows_itself_is_seen_by_strangers_and_nobody_else_is() {
    alone::test(
        "nearby::who_shows_itself_is_seen_by_strangers_and_nobody_else_is",
        || {
            let team = Strangers::of(&[("ana", 1), ("ben", 1)]);
            let running = team.run();
            assert_eq!(strangers_seen(&team.devices[0]), Vec::<String>::new());
            let mut showing = team.devices[1].start(&["pair", "--visible", "--yes"]);
            let told = showing.wait_for("visible");
            assert_eq!(told["seconds"], 600);
            let deadline = Instant::now() + PATIENCE;
            while strangers_seen(&team.devices[0]) != ["ben"] {
                assert!(Instant::now() < deadline, "ben is not seen");
            }
            // Whoever showed it has left: so has the name.
            showing.signal("INT");
            showing.end();
            while !strangers_seen(&team.devices[0]).is_empty() {
                assert!(Instant::now() < deadline, "ben is still seen");
            }
            stop(running);
        },
    );
}

#[test]
fn a_spoken_code_pairs_with_no_server_and_counts_once() {
    alone::test(
        "nearby::a_spoken_code_pairs_with_no_server_and_counts_once",
        || {
            let team = Strangers::of(&[("ana", 1), ("ben", 1), ("mia", 1)]);
            let mut showing = team.devices[0].start(&["pair", "--yes"]);
            let code = code_of(&mut showing);
            let (number, _) = code.split_once('-').expect("a number");
            let wrong = match code.ends_with("-lunar-basil") {
                true => format!("{number}-basil-lunar"),
                false => format!("{number}-lunar-basil"),
            };
            let guessed = team.devices[2].start(&["pair", &wrong, "--yes"]).end();
            assert_eq!(guessed.event("error")["code"], "wrong_code");
            assert_eq!(showing.end().event("error")["code"], "wrong_code");
            let late = team.devices[1].start(&["pair", &code, "--yes"]).end();
            assert_eq!(late.event("error")["code"], "expired_code");

            let mut showing = team.devices[0].start(&["pair", "--yes"]);
            let code = code_of(&mut showing);
            team.devices[1].run(&["pair", &code, "--yes"]);
            showing.end().expect_success();
            team.send(1, 0, "ana");
        },
    );
}

#[test]
fn a_device_behind_a_router_is_paired_by_its_address_and_found_there_again() {
    alone::test(
        "nearby::a_device_behind_a_router_is_paired_by_its_address_and_found_there_again",
        || {
            let team = Strangers::of(&[("ana", 1), ("ben", 2)]);
            let mut showing = team.devices[0].start(&["pair", "--yes"]);
            let code = code_of(&mut showing);
            let paired = team.devices[1].start(&["pair", &code, "--at", "192.168.1.10", "--yes"]);
            for mut ended in [paired, showing] {
                ended.end().expect_success();
            }
            team.send(1, 0, "ana");
            team.send(0, 1, "ben");
        },
    );
}

#[test]
fn a_vpn_is_a_local_network_once_it_is_named() {
    alone::test("nearby::a_vpn_is_a_local_network_once_it_is_named", || {
        let team = Strangers::of(&[("ana", 1), ("ben", 1)]);
        for name in ["ana", "ben"] {
            // As a VPN's interface: it is called like one, and carries no multicast.
            for change in ["eth0 down", "eth0 name wg0", "wg0 multicast off up"] {
                let node = team.lab.node(name);
                node.ip(&format!("link set {change}")).expect("it changes");
            }
        }
        let begin = || {
            let mut showing = team.devices[0].start(&["pair", "--yes"]);
            let code = code_of(&mut showing);
            let pairing = ["pair", &code, "--at", "192.168.1.10", "--yes"];
            (showing, team.devices[1].start(&pairing).end())
        };
        let (mut showing, refused) = begin();
        assert_eq!(refused.event("error")["code"], "expired_code");
        showing.signal("INT");
        showing.end();
        for device in &team.devices {
            device.run(&["config", "set", "lan-interfaces", "wg0"]);
        }
        let (mut showing, paired) = begin();
        paired.expect_success();
        showing.end().expect_success();
        team.send(1, 0, "ana");
    });
}

#[test]
fn contacts_are_listed_by_their_names_and_tell_none_to_strangers() {
    alone::test(
        "nearby::contacts_are_listed_by_their_names_and_tell_none_to_strangers",
        || {
            let office = Office::of(&["ana", "ben"]).without_server();
            let running = office.run(2);
            let deadline = Instant::now() + PATIENCE;
            let listed = || {
                let listed = office.device(0).run(&["nearby", "--for", "1"]).events;
                let mut nearby = listed.into_iter().filter(|it| it["event"] == "nearby");
                nearby.find(|it| it["name"] == "ben")
            };
            let ben = loop {
                match listed() {
                    Some(ben) => break ben,
                    None => assert!(Instant::now() < deadline, "ben is not there"),
                }
            };
            assert!(ben["contact"].is_string(), "{ben}");
            // A contact that does not show itself cannot be tapped.
            let tapped = office
                .device(0)
                .start(&["pair", "--nearby", "ben", "--yes"]);
            assert_eq!({ tapped }.end().event("error")["code"], "usage");
            stop(running);
        },
    );
}

const PATIENCE: Duration = Duration::from_secs(60);
