//! How long it takes until two devices are connected, from the first step to open channels.
//!
//! The times are printed; `WHERRY_STRICT_TIMES=1`, on a machine with nothing else to do, holds them to their limit.

use std::time::Duration;

use e2e::Ended;
use netlab::{Plan, alone};

use super::Scene;

/// What the log of whoever offered says of the connection.
fn opening_time(ended: &[Ended]) -> Duration {
    let times = ended
        .iter()
        .flat_map(|ended| ended.stderr.lines())
        .filter_map(|line| {
            let (_, rest) = line.split_once("elapsed_ms=")?;
            let digits = rest.split(|it: char| !it.is_ascii_digit()).next()?;
            digits.parse().ok().map(Duration::from_millis)
        });
    times.max().expect("both have connected")
}

#[expect(clippy::print_stdout, reason = "the times are what is found out")]
fn check(kind: &str, round_trip_ms: u64) {
    let delay = format!("delay={}us", round_trip_ms * 1_000 / 4);
    let plan = Plan::between(kind, "prc").and_then(|plan| plan.with_links(&delay));
    let scene = Scene::new(&plan.expect("a plan"));
    let took = opening_time(&scene.transfer());
    let limit = Duration::from_millis(300 + 8 * round_trip_ms);
    println!("open: {kind} and prc at {round_trip_ms} ms: {took:?} of {limit:?}");
    let is_strict = std::env::var("WHERRY_STRICT_TIMES").is_ok_and(|strict| strict == "1");
    assert!(!is_strict || took <= limit, "{took:?}");
}

#[test]
fn connections_open_on_short_and_long_ways() {
    alone::test("opening::connections_open_on_short_and_long_ways", || {
        for kind in ["none", "prc", "prc/prc"] {
            check(kind, 20);
            check(kind, 200);
        }
    });
}
