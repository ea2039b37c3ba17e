//! The network changes under a running transfer: it completes by itself, and identical.
//!
//! `WHERRY_DRILL_BYTES` says how much is sent; each drill prints for how long nothing arrived.

use std::thread;
use std::time::{Duration, Instant};

use e2e::{Ended, code_of, make_file, same_file};
use netlab::{Lab, Plan, Side, alone};
use serde_json::Value;

use super::{Scene, text};

/// A sender behind a home router, which has a second way out.
fn scene(spare: &str, is_vpn: bool) -> Scene {
    scene_from("prc", spare, is_vpn)
}

/// The same behind another kind of router.
fn scene_from(kind: &str, spare: &str, is_vpn: bool) -> Scene {
    let mut plan = Plan::between(kind, "prc").expect("two kinds");
    plan.spare = Some(Side {
        is_vpn,
        ..Side::of(spare).expect("a kind")
    });
    let plan = plan
        .with_links("delay=10ms,rate=40mbit,queue=256k")
        .expect("a link");
    Scene::new(&plan)
}

/// Sends a file, lets `change` happen when a fifth is there, and returns the longest time without progress.
fn drill(what: &str, scene: &mut Scene, change: impl FnOnce(&mut Scene) + Send) -> Duration {
    drill_of(drill_bytes(), what, scene, change)
}

/// The same with so many bytes.
fn drill_of(
    bytes: u64,
    what: &str,
    scene: &mut Scene,
    change: impl FnOnce(&mut Scene) + Send,
) -> Duration {
    let file = scene.a.path("trip.mov");
    make_file(&file, usize::try_from(bytes).expect("a size"), 7);
    let into = scene.b.path("into");
    let mut sending = scene.a.start(&["send", &text(&file), "--code"]);
    let code = code_of(&mut sending);
    let mut receiving = scene
        .b
        .start(&["receive", &code, "--into", &text(&into), "--yes"]);

    let mut change = Some(change);
    let mut done = 0;
    let (mut last, mut longest) = (Instant::now(), Duration::ZERO);
    thread::scope(|scope| {
        let mut scene = Some(scene);
        let start = Instant::now();
        while let Some(event) = receiving.wait_until(|event| {
            tell_event(start, event);
            event["event"] == "transfer_progress" || event["event"] == "transfer_completed"
        }) {
            if event["event"] == "transfer_completed" {
                break;
            }
            let now = event["bytes"].as_u64().expect("a number");
            if now > done {
                done = now;
                if change.is_none() {
                    longest = longest.max(last.elapsed());
                }
                last = Instant::now();
            }
            if done > bytes / 5
                && let (Some(change), Some(scene)) = (change.take(), scene.take())
            {
                scope.spawn(move || change(scene));
            }
        }
    });
    assert!(change.is_none(), "the change came while it ran");
    for mut running in [receiving, sending] {
        tell_log(&running.end().expect_success());
    }
    same_file(&file, &into.join("trip.mov"));
    report(what, longest);
    longest
}

/// What the receiver says, and when.
#[expect(clippy::print_stdout, reason = "it was asked for")]
fn tell_event(start: Instant, event: &Value) {
    if std::env::var_os("WHERRY_DRILL_LOG").is_some() {
        let bytes = event["bytes"].as_u64().unwrap_or_default();
        println!(
            "{:>6} ms {} {bytes}",
            start.elapsed().as_millis(),
            event["event"]
        );
    }
}

/// What a device logged, for whoever wonders where the time went: `WHERRY_DRILL_LOG=1`.
#[expect(clippy::print_stdout, reason = "it was asked for")]
fn tell_log(ended: &Ended) {
    if std::env::var_os("WHERRY_DRILL_LOG").is_some() {
        println!("{}", ended.stderr);
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the lengths of gaps are what a drill finds out"
)]
fn report(what: &str, gap: Duration) {
    println!(
        "drill: {what}: nothing arrived for {:.1} s",
        gap.as_secs_f64()
    );
}

fn drill_bytes() -> u64 {
    let asked = std::env::var("WHERRY_DRILL_BYTES").ok();
    asked
        .and_then(|bytes| bytes.parse().ok())
        .unwrap_or(30_000_000)
}

/// Cuts the sender's link for that long.
fn outage(lab: &Lab, time: Duration) {
    let link = lab.link("a").expect("it is emulated");
    let (out, back) = link.params();
    let cut = |params: netlab::emulator::LinkParams| params.changed("down").expect("a change");
    link.change(cut(out), cut(back));
    thread::sleep(time);
    link.change(out, back);
}

#[test]
fn a_transfer_survives_a_new_address_of_the_sender() {
    alone::test(
        "drills::a_transfer_survives_a_new_address_of_the_sender",
        || {
            drill("new address", &mut scene("prc", false), |scene| {
                scene
                    .lab
                    .readdress("a", [192, 168, 1, 77].into())
                    .expect("a new address");
            });
        },
    );
}

#[test]
fn a_transfer_survives_that_the_sender_moves_to_another_network() {
    alone::test(
        "drills::a_transfer_survives_that_the_sender_moves_to_another_network",
        || {
            drill("another network", &mut scene("arc", false), |scene| {
                scene.lab.switch_to_spare().expect("another network");
            });
        },
    );
}

#[test]
fn a_transfer_survives_that_a_tunnel_comes_up() {
    alone::test("drills::a_transfer_survives_that_a_tunnel_comes_up", || {
        drill("tunnel up", &mut scene("prc", true), |scene| {
            scene.lab.raise_spare().expect("a tunnel");
        });
    });
}

fn survive_outage(seconds: u64) {
    let what = format!("outage of {seconds} s");
    drill(&what, &mut scene("prc", false), |scene| {
        outage(&scene.lab, Duration::from_secs(seconds));
    });
}

#[test]
fn a_transfer_survives_an_outage_that_is_hardly_noticed() {
    alone::test(
        "drills::a_transfer_survives_an_outage_that_is_hardly_noticed",
        || survive_outage(4),
    );
}

#[test]
fn a_transfer_survives_an_outage_that_ends_its_session() {
    alone::test(
        "drills::a_transfer_survives_an_outage_that_ends_its_session",
        || survive_outage(12),
    );
}

#[test]
fn a_transfer_survives_an_outage_that_ends_everything() {
    alone::test(
        "drills::a_transfer_survives_an_outage_that_ends_everything",
        || survive_outage(45),
    );
}

#[test]
fn a_transfer_survives_a_restart_of_the_signaling_server() {
    alone::test(
        "drills::a_transfer_survives_a_restart_of_the_signaling_server",
        || {
            drill("signaling restart", &mut scene("prc", false), |scene| {
                scene.internet.restart_signaling(&scene.lab);
            });
        },
    );
}

fn move_away(scene: &mut Scene) {
    scene.lab.switch_to_spare().expect("another network");
}

#[test]
fn a_transfer_survives_that_its_direct_way_becomes_a_relayed_one() {
    alone::test(
        "drills::a_transfer_survives_that_its_direct_way_becomes_a_relayed_one",
        || {
            drill("direct to relay", &mut scene("sym", false), move_away);
        },
    );
}

#[test]
fn a_transfer_survives_that_its_relayed_way_becomes_a_direct_one() {
    alone::test(
        "drills::a_transfer_survives_that_its_relayed_way_becomes_a_direct_one",
        || {
            let mut scene = scene_from("sym", "prc", false);
            drill("relay to direct", &mut scene, move_away);
        },
    );
}

#[test]
fn a_transfer_survives_a_restart_of_its_relay() {
    alone::test("drills::a_transfer_survives_a_restart_of_its_relay", || {
        drill(
            "relay restart",
            &mut scene_from("sym", "prc", false),
            |scene| {
                scene.internet.restart_signaling(&scene.lab);
            },
        );
    });
}

#[test]
fn a_transfer_survives_an_outage_that_the_server_does_not_survive() {
    alone::test(
        "drills::a_transfer_survives_an_outage_that_the_server_does_not_survive",
        || {
            // Behind a symmetric NAT only a relay helps, and what was told of the old one is good for nothing.
            let mut scene = scene_from("sym", "prc", false);
            drill("outage of 7 s and restart", &mut scene, |scene| {
                outage(&scene.lab, Duration::from_secs(7));
                scene.internet.restart_signaling(&scene.lab);
            });
        },
    );
}

#[test]
fn a_sender_that_moves_in_the_last_moment_hears_that_everything_arrived() {
    alone::test(
        "drills::a_sender_that_moves_in_the_last_moment_hears_that_everything_arrived",
        || {
            let scene = scene("prc", false);
            let file = scene.a.path("trip.mov");
            make_file(&file, 3_000_000, 7);
            let mut sending = scene.a.start(&["send", &text(&file), "--code"]);
            let code = code_of(&mut sending);
            let into = scene.b.path("into");
            let arguments = ["receive", &code, "--into", &text(&into), "--yes"];
            let mut receiving = scene.b.start_doomed("complete:stop", &arguments);
            receiving.wait_for_stop();
            scene.lab.switch_to_spare().expect("another network");
            receiving.signal("CONT");
            // Who receives knows that it has everything, and would be gone before the sender is back.
            receiving.end().expect_success();
            let sent = sending.end().expect_success();
            sent.event("transfer_completed");
            same_file(&file, &into.join("trip.mov"));
        },
    );
}

/// A number that looks like any other: the same for the same seed.
fn pick(seed: &mut u64, below: u64) -> u64 {
    // Constants of the sequence in Knuth's MMIX.
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) % below
}

fn random_drill(seed: &mut u64) {
    const KINDS: [&str; 5] = ["none", "fullcone", "arc", "prc", "sym"];
    let mut kind = || KINDS[usize::try_from(pick(seed, 5)).expect("a small number")];
    let (from, to) = (kind(), kind());
    let what = pick(seed, 6);
    let pause = Duration::from_millis(500 + pick(seed, 14_000));
    let name = format!("{from}, then {to}: change {what}, {pause:?}");
    let mut scene = scene_from(from, to, what == 1);
    let bytes = drill_bytes().min(60_000_000);
    drill_of(bytes, &name, &mut scene, |scene| match what {
        0 | 1 => {
            let raised = if what == 0 {
                scene.lab.switch_to_spare()
            } else {
                scene.lab.raise_spare()
            };
            raised.expect("another network");
        }
        2 => {
            scene.lab.switch_to_spare().expect("another network");
            thread::sleep(pause);
            scene.lab.switch_back().expect("and back");
        }
        3 => outage(&scene.lab, pause),
        4 => scene.internet.restart_signaling(&scene.lab),
        _ => {
            outage(&scene.lab, pause);
            scene.internet.restart_signaling(&scene.lab);
        }
    });
}

/// `WHERRY_DRILLS` says how many, `WHERRY_DRILL_SEED` which.
#[test]
fn a_transfer_survives_changes_at_random() {
    alone::test("drills::a_transfer_survives_changes_at_random", || {
        let number = |name: &str| std::env::var(name).ok().and_then(|it| it.parse().ok());
        let mut seed = number("WHERRY_DRILL_SEED").unwrap_or(7);
        for _ in 0..number("WHERRY_DRILLS").unwrap_or(2) {
            random_drill(&mut seed);
        }
    });
}
