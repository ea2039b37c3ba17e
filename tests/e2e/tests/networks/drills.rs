//! The network changes under a running transfer: it completes by itself, and identical.
//!
//! `WHERRY_DRILL_BYTES` says how much is sent; each drill prints for how long nothing arrived.

use std::thread;
use std::time::{Duration, Instant};

use e2e::{code_of, make_file, same_file};
use netlab::{Lab, Plan, Side, alone};

use super::{Scene, text};

/// A sender behind a home router, which has a second way out.
fn scene(spare: &str, is_vpn: bool) -> Scene {
    let mut plan = Plan::between("prc", "prc").expect("two kinds");
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
    let bytes = drill_bytes();
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
        while let Some(event) = receiving.wait_until(|event| {
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
    receiving.end().expect_success();
    sending.end().expect_success();
    same_file(&file, &into.join("trip.mov"));
    report(what, longest);
    longest
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
