//! How long it takes until two devices are connected, from the first step to open channels.
//!
//! The times are printed; `WHERRY_STRICT_TIMES=1`, on a machine with nothing else to do, holds them to their limit.

use std::time::Duration;

use e2e::Ended;
use netlab::{Plan, Together, alone};

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

/// Which way is found, and how long it may take at most: so much, and so many round trips.
#[derive(Clone, Copy)]
struct Promise {
    path: &'static str,
    fixed_ms: u64,
    round_trips: u64,
}

const DIRECT: Promise = Promise {
    path: "direct",
    fixed_ms: 300,
    round_trips: 8,
};
const RELAYED: Promise = Promise {
    path: "relay",
    fixed_ms: 400,
    round_trips: 11,
};

/// Two devices behind one router; the round trips are those to the outside.
const LOCAL: Promise = Promise {
    path: "local",
    ..DIRECT
};

/// A device behind a `kind` of router, another one behind a port-restricted cone.
fn check(kind: &str, scene_on: fn(&Plan) -> Scene, promise: Promise) {
    let plan = || Plan::between(kind, "prc").expect("a plan");
    check_on(&format!("{kind} and prc"), plan, scene_on, promise);
}

#[expect(clippy::print_stdout, reason = "the times are what is found out")]
fn check_on(what: &str, plan: impl Fn() -> Plan, scene_on: fn(&Plan) -> Scene, promise: Promise) {
    for round_trip_ms in [20, 200] {
        let delay = format!("delay={}us", round_trip_ms * 1_000 / 4);
        let scene = scene_on(&plan().with_links(&delay).expect("a plan"));
        let ended = transfer_by(promise.path, &scene);
        let path = path_of(&ended);
        assert_eq!(path, promise.path, "{what}");
        let took = opening_time(&ended);
        let limit = promise.fixed_ms + promise.round_trips * round_trip_ms;
        let limit = Duration::from_millis(limit);
        println!("open: {what} at {round_trip_ms} ms: {took:?} of {limit:?}");
        let is_strict = std::env::var("WHERRY_STRICT_TIMES").is_ok_and(|strict| strict == "1");
        assert!(!is_strict || took <= limit, "{took:?}");
    }
}

/// A transfer by that path: on a machine that has much else to do a way through a relay may stand first, and then
/// another one goes.
fn transfer_by(path: &str, scene: &Scene) -> [Ended; 2] {
    let mut ended = scene.transfer();
    for _ in 1..TRIES {
        if path_of(&ended) == path {
            break;
        }
        ended = scene.transfer();
    }
    ended
}

fn path_of(ended: &[Ended; 2]) -> &str {
    let path = ended[0].event("transfer_completed")["path"].as_str();
    path.expect("a path")
}

/// A pair without a direct way has none at any of them.
const TRIES: usize = 3;

#[test]
fn connections_open_on_short_and_long_ways() {
    alone::test("opening::connections_open_on_short_and_long_ways", || {
        for kind in ["none", "prc", "prc/prc"] {
            check(kind, Scene::new, DIRECT);
        }
        let plan = || Plan::sharing(Together::Lan, "prc").expect("a plan");
        check_on("two in one LAN", plan, Scene::new, LOCAL);
    });
}

#[test]
fn connections_through_relays_open_on_short_and_long_ways() {
    alone::test(
        "opening::connections_through_relays_open_on_short_and_long_ways",
        || {
            check("sym", Scene::new, RELAYED);
            // By TLS on port 443.
            check("udpblock", Scene::secure, RELAYED);
        },
    );
}
