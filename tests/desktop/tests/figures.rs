//! What the window costs. `make bench` prints it; the bounds are wide, so that a busy machine changes nothing.

use std::time::{Duration, Instant};

use desktop_e2e::{App, Desktop, Pair, first_run, wait_for};
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

#[test]
fn a_transfer_changes_the_page_ten_times_a_second_at_most() {
    let server = Server::start();
    let desktop = Desktop::start();
    let two = Pair::start(&desktop, &server.url);
    let large = two.file("large.bin", &vec![5; 64 << 20]);
    two.ana.command_line(&["config", "set", "send-rate", "4M"]);
    two.drag(&desktop, &[&large], "Ben");
    two.ben.press("accept");
    two.ana.page().wait_for_transfer("active");
    two.ana.page().try_run(COUNT_CHANGES, &[]).unwrap();
    std::thread::sleep(MOVING_TIME);
    let counted = two.ana.page().try_run(COUNTED, &[]).unwrap();
    let per_second = counted.as_f64().expect("a number");
    println!("window: {per_second:.1} changes a second while one transfer moves");
    assert!(per_second > 0.0, "nothing moves");
    // One more may fall into a second than begin in it.
    assert!(per_second <= 11.0, "{per_second} changes a second");
    two.ana.press("cancel");
    two.ana.page().wait_for_gone("cancel");
}

/// How often what is drawn of the transfer changes; everything that one event changes is one.
const COUNT_CHANGES: &str = r"
    const row = document.querySelector('[data-testid=transfer]');
    window.counted = { changes: 0, since: performance.now() };
    new MutationObserver(() => window.counted.changes++)
        .observe(row, { attributes: true, characterData: true, childList: true, subtree: true });
";
const COUNTED: &str =
    "return window.counted.changes / (performance.now() - window.counted.since) * 1000";
/// So long a transfer is watched.
const MOVING_TIME: Duration = Duration::from_secs(4);
/// So long it is watched.
const IDLE_TIME: Duration = Duration::from_secs(5);
