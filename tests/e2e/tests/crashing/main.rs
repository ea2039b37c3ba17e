//! `kill -9` at every named point and at random ones: the same command resumes, at most 4 MiB go over the
//! wire twice, everything arrives exactly once, and nothing half is ever seen.

mod scene;

use e2e::{Wire, in_own_network};
use scene::{Cargo, Kill, Scene, Side, Way};

/// Every named point, with how often it is passed before the kill, and the side that passes it.
const POINTS: &[(Side, &str, &str)] = &[
    // Side, point for one file, point for a tree.
    (Side::Sender, "read:13", "read:31"),
    (Side::Receiver, "write:9", "write:21"),
    (Side::Receiver, "persist:1", "persist:1"),
    (Side::Receiver, "commit", "commit"),
    (Side::Receiver, "rename:1", "rename:1"),
    (Side::Receiver, "rename:2", "rename:2"),
    (Side::Receiver, "complete:1", "complete:1"),
];

fn survives_every_point(wire: Wire, cargo: Cargo, way: Way) {
    let scene = Scene::new(wire);
    let undisturbed = scene.reference(cargo, way);
    for &(side, file_point, tree_point) in POINTS {
        let point = match cargo {
            Cargo::File => file_point,
            Cargo::Tree => tree_point,
        };
        for both in [false, true] {
            let kill = Kill { side, point, both };
            scene.killed_at(kill, cargo, way, undisturbed);
        }
    }
}

#[test]
fn a_file_for_a_contact_survives_a_kill_at_every_point() {
    let name = "a_file_for_a_contact_survives_a_kill_at_every_point";
    in_own_network(name, |wire| {
        survives_every_point(wire, Cargo::File, Way::Contact);
    });
}

#[test]
fn a_tree_for_a_contact_survives_a_kill_at_every_point() {
    let name = "a_tree_for_a_contact_survives_a_kill_at_every_point";
    in_own_network(name, |wire| {
        survives_every_point(wire, Cargo::Tree, Way::Contact);
    });
}

#[test]
fn a_file_under_a_code_survives_a_kill_at_every_point() {
    let name = "a_file_under_a_code_survives_a_kill_at_every_point";
    in_own_network(name, |wire| {
        survives_every_point(wire, Cargo::File, Way::Code);
    });
}

#[test]
fn a_tree_under_a_code_survives_a_kill_at_every_point() {
    let name = "a_tree_under_a_code_survives_a_kill_at_every_point";
    in_own_network(name, |wire| {
        survives_every_point(wire, Cargo::Tree, Way::Code);
    });
}

#[test]
fn a_sender_killed_while_it_lists_begins_again() {
    let name = "a_sender_killed_while_it_lists_begins_again";
    in_own_network(name, |wire| {
        let scene = Scene::new(wire);
        for way in [Way::Contact, Way::Code] {
            for (cargo, point) in [(Cargo::File, "scan:1"), (Cargo::Tree, "scan:9")] {
                let undisturbed = scene.reference(cargo, way);
                for both in [false, true] {
                    let side = Side::Sender;
                    let kill = Kill { side, point, both };
                    scene.killed_while_listing(kill, cargo, way, undisturbed);
                }
            }
        }
    });
}

/// How often: `WHERRY_E2E_KILLS`, a few in every test run, hundreds in a soak.
fn kills() -> u64 {
    let kills = std::env::var("WHERRY_E2E_KILLS").ok();
    kills.and_then(|kills| kills.parse().ok()).unwrap_or(10)
}

/// A quarter of the kills; the golden ratio spreads the points evenly, however many there are.
fn survives_random_kills(wire: Wire, cargo: Cargo, way: Way, quarter: u64) {
    let mut scene = Scene::new(wire);
    let undisturbed = scene.reference(cargo, way);
    for (number, round) in (quarter..kills()).step_by(4).enumerate() {
        if number % ROUNDS_OF_A_SERVER == ROUNDS_OF_A_SERVER - 1 {
            scene = Scene::new(wire);
        }
        let whom = [(true, false), (false, true), (true, true)];
        let whom = whom[usize::try_from(round % 3).expect("less than three")];
        let permille = round.wrapping_mul(618) % 1_100;
        scene.killed_on_the_way(whom, permille, cargo, way, undisturbed);
    }
}

/// A server gives only so many codes an hour to one address.
const ROUNDS_OF_A_SERVER: usize = 40;

#[test]
fn random_kills_lose_nothing_of_a_file_under_a_code() {
    let name = "random_kills_lose_nothing_of_a_file_under_a_code";
    in_own_network(name, |wire| {
        survives_random_kills(wire, Cargo::File, Way::Code, 0);
    });
}

#[test]
fn random_kills_lose_nothing_of_a_tree_for_a_contact() {
    let name = "random_kills_lose_nothing_of_a_tree_for_a_contact";
    in_own_network(name, |wire| {
        survives_random_kills(wire, Cargo::Tree, Way::Contact, 1);
    });
}

#[test]
fn random_kills_lose_nothing_of_a_tree_under_a_code() {
    let name = "random_kills_lose_nothing_of_a_tree_under_a_code";
    in_own_network(name, |wire| {
        survives_random_kills(wire, Cargo::Tree, Way::Code, 2);
    });
}

#[test]
fn random_kills_lose_nothing_of_a_file_for_a_contact() {
    let name = "random_kills_lose_nothing_of_a_file_for_a_contact";
    in_own_network(name, |wire| {
        survives_random_kills(wire, Cargo::File, Way::Contact, 3);
    });
}
