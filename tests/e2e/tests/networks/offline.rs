//! Devices that have no network, half of one, or a resolver that is dead.

use std::fs;
use std::process::Command;

use e2e::{make_file, pair_with, same_file};
use netlab::{Plan, alone};

use super::{Scene, text};

#[test]
fn a_device_that_starts_without_a_network_sends_when_it_has_one() {
    alone::test(
        "offline::a_device_that_starts_without_a_network_sends_when_it_has_one",
        || {
            let Scene {
                a,
                b,
                internet: _internet,
                lab,
            } = Scene::new(&Plan::between("prc", "prc").expect("two kinds"));
            let (a, b) = (a.named("ana"), b.named("ben"));
            pair_with(&a, &[], &b);
            let node = lab.node("a");
            node.ip("link set eth0 down").expect("it goes");
            let file = a.path("trip.mov");
            make_file(&file, 2_000_000, 1);
            a.run(&["contacts", "list"]);
            let mut sending = a.start(&["send", &text(&file), "--to", "ben"]);
            let into = b.path("into");
            let mut receiving = b.start(&["receive", "--into", &text(&into), "--yes"]);
            sending.wait_for("server_lost");
            assert!(!sending.has_ended(), "it waits");
            node.ip("link set eth0 up").expect("it comes");
            node.ip("route replace default via 192.168.1.1")
                .expect("a way out");
            receiving.end().expect_success();
            sending.end().expect_success();
            same_file(&file, &into.join("trip.mov"));
        },
    );
}

#[test]
fn a_resolver_that_is_dead_costs_only_the_names_that_it_would_have_found() {
    alone::test(
        "offline::a_resolver_that_is_dead_costs_only_the_names_that_it_would_have_found",
        || {
            let scene = Scene::new(&Plan::between("prc", "prc").expect("two kinds"));
            // Nobody is there: each question takes the resolver many seconds.
            let dead = scene.a.path("resolv.conf");
            fs::write(&dead, "nameserver 11.0.0.99\n").expect("a file");
            let mut mount = Command::new("mount");
            let mounted = mount
                .arg("--bind")
                .arg(&dead)
                .arg("/etc/resolv.conf")
                .status();
            assert!(mounted.expect("mount starts").success());
            for device in [&scene.a, &scene.b] {
                let servers = "stun.example.org:3478 11.0.0.1:3478";
                device.run(&["config", "set", "stun-servers", servers]);
            }
            // Without the server that is an address there would be no direct way.
            assert_eq!(scene.path_of_a_transfer(), ["direct", "direct"]);
        },
    );
}
