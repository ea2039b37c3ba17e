use netlab::{Expected, Kinds, Plan, Together, alone};

use super::Scene;

/// Sends between every kind in `rows` and every kind that comes after it in the table.
fn check_direct_pairs(rows: &[&str]) {
    let kinds = Kinds::load().expect("the table");
    let mut checked = 0;
    for (number, a) in kinds.names().iter().enumerate() {
        for b in &kinds.names()[number..] {
            let expected = kinds.between(a, b).expect("a cell");
            if !rows.contains(&a.as_str()) || expected == Expected::Relay {
                continue;
            }
            let scene = Scene::new(&Plan::between(a, b).expect("two kinds"));
            assert_eq!(path_at_best(&scene), ["direct", "direct"], "{a} and {b}");
            checked += 1;
        }
    }
    assert!(checked > 0, "the table has pairs of {rows:?}");
}

/// The path of a transfer. On a machine that has much else to do a way through a relay may stand first, and a transfer
/// this short ends before the direct way takes over: then another one goes.
fn path_at_best(scene: &Scene) -> [String; 2] {
    let mut path = scene.path_of_a_transfer();
    for _ in 1..TRIES {
        if path == ["direct", "direct"] {
            break;
        }
        path = scene.path_of_a_transfer();
    }
    path
}

/// Sends between every kind in `rows` and every kind from it on that it has no direct way to.
fn check_relayed_pairs(rows: &[&str]) {
    let kinds = Kinds::load().expect("the table");
    let mut checked = 0;
    for (number, a) in kinds.names().iter().enumerate() {
        for b in &kinds.names()[number..] {
            let expected = kinds.between(a, b).expect("a cell");
            if !rows.contains(&a.as_str()) || expected != Expected::Relay {
                continue;
            }
            let scene = Scene::secure(&Plan::between(a, b).expect("two kinds"));
            let path = scene.path_of_a_transfer();
            assert_eq!(path, ["relay", "relay"], "{a} and {b}");
            checked += 1;
        }
    }
    assert!(checked > 0, "the table has pairs of {rows:?}");
}

#[test]
fn who_is_behind_little_reaches_every_other_kind_through_a_relay() {
    alone::test(
        "pairs::who_is_behind_little_reaches_every_other_kind_through_a_relay",
        || check_relayed_pairs(&["none", "fullcone", "arc"]),
    );
}

#[test]
fn who_is_behind_port_restricted_cones_reaches_every_other_kind_through_a_relay() {
    alone::test(
        "pairs::who_is_behind_port_restricted_cones_reaches_every_other_kind_through_a_relay",
        || check_relayed_pairs(&["prc", "prc/prc"]),
    );
}

#[test]
fn who_is_behind_a_symmetric_nat_reaches_every_other_kind_through_a_relay() {
    alone::test(
        "pairs::who_is_behind_a_symmetric_nat_reaches_every_other_kind_through_a_relay",
        || check_relayed_pairs(&["sym", "prc/sym"]),
    );
}

#[test]
fn who_has_no_udp_reaches_every_kind_through_a_relay() {
    alone::test(
        "pairs::who_has_no_udp_reaches_every_kind_through_a_relay",
        || check_relayed_pairs(&["udpblock", "proxy"]),
    );
}

#[test]
fn who_is_behind_nothing_reaches_every_kind_that_can_be_reached() {
    alone::test(
        "pairs::who_is_behind_nothing_reaches_every_kind_that_can_be_reached",
        || {
            check_direct_pairs(&["none"]);
        },
    );
}

#[test]
fn who_is_behind_a_full_cone_reaches_every_kind_that_can_be_reached() {
    alone::test(
        "pairs::who_is_behind_a_full_cone_reaches_every_kind_that_can_be_reached",
        || {
            check_direct_pairs(&["fullcone"]);
        },
    );
}

#[test]
fn who_is_behind_an_address_restricted_cone_reaches_every_kind_that_can_be_reached() {
    alone::test(
        "pairs::who_is_behind_an_address_restricted_cone_reaches_every_kind_that_can_be_reached",
        || {
            check_direct_pairs(&["arc"]);
        },
    );
}

#[test]
fn who_is_behind_a_port_restricted_cone_or_more_reaches_every_kind_that_can_be_reached() {
    alone::test(
        "pairs::who_is_behind_a_port_restricted_cone_or_more_reaches_every_kind_that_can_be_reached",
        || {
            check_direct_pairs(&[
                "prc", "prc/prc", "sym", "prc/sym", "v6only", "prc+v6", "sym+v6",
            ]);
        },
    );
}

#[test]
fn devices_of_one_lan_stay_in_it() {
    alone::test("pairs::devices_of_one_lan_stay_in_it", || {
        let scene = Scene::new(&Plan::sharing(Together::Lan, "prc").expect("a kind"));
        assert_eq!(scene.path_of_a_transfer(), ["local", "local"]);
    });
}

#[test]
fn devices_that_are_kept_apart_meet_at_the_outside_of_their_nat() {
    alone::test(
        "pairs::devices_that_are_kept_apart_meet_at_the_outside_of_their_nat",
        || {
            for (together, kind) in [
                (Together::Isolated, "prc+hairpin"),
                (Together::Carrier, "prc/prc+hairpin"),
            ] {
                let scene = Scene::new(&Plan::sharing(together, kind).expect("a kind"));
                assert_eq!(
                    scene.path_of_a_transfer(),
                    ["direct", "direct"],
                    "{together:?}"
                );
            }
        },
    );
}

/// A pair that has no direct way has none at any of them.
const TRIES: usize = 3;
