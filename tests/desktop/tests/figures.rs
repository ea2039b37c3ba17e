//! What the window costs. `make bench` prints it; the bounds are wide, so that a busy machine changes nothing.

use std::time::{Duration, Instant};

use desktop_e2e::{App, Desktop, first_run, wait_for};
use e2e::Server;

#[test]
fn a_window_in_which_nothing_happens_keeps_no_core_busy_and_little_memory() {
    let server = Server::start();
    let desktop = Desktop::start();
    let begun = Instant::now();
    let ana = App::left(&desktop, "Ana", &server.url);
    ana.page().wait_for("first-run-start");
    let until_interactive = begun.elapsed();
    first_run(&ana);
    ana.page().wait_for_text("can reach you");
    ana.page().settle();
    // What a page does when it was just loaded ends by itself; what never ends would be seen here.
    let (part, costs) = wait_for("an idle window that rests", || {
        let before = ana.costs();
        std::thread::sleep(IDLE_TIME);
        let after = ana.costs();
        let used = after.processor_time.saturating_sub(before.processor_time);
        let part = used.as_secs_f64() / IDLE_TIME.as_secs_f64();
        (part < 0.1).then_some((part, after))
    });
    let mebibytes = costs.memory_bytes / 1_048_576;
    println!(
        "window: {:.1} s from its start to the first button (with the test's driver), idle {:.1} % of a core, {mebibytes} MiB",
        until_interactive.as_secs_f64(),
        part * 100.0,
    );
    assert!(mebibytes < 600, "an idle window holds {mebibytes} MiB");
}

/// So long it is watched.
const IDLE_TIME: Duration = Duration::from_secs(5);
