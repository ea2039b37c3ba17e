//! Four devices that send each other things for long while they are killed, frozen and left without a server.
//!
//! `WHERRY_E2E_TRANSFERS` says how many transfers there are (12 unless told, 1,000 in `make soak`), and
//! `WHERRY_E2E_SEED` repeats a run.

mod fleet;

use fleet::Fleet;
use testkit::Seed;

#[test]
fn everything_arrives_once_and_nothing_is_left_behind() {
    let transfers = number("WHERRY_E2E_TRANSFERS").unwrap_or(12);
    let seed = number("WHERRY_E2E_SEED").unwrap_or_else(|| std::process::id().into());
    say(&format!("WHERRY_E2E_SEED={seed}"));
    let mut chance = Seed::new(seed);
    let mut fleet = Fleet::launch();
    let mut warm = None;
    for number in 0..transfers {
        fleet.send_something(number, &mut chance);
        fleet.suffer(&mut chance);
        if number == WARM_UP {
            fleet.let_it_settle();
            warm = Some(fleet.footprint());
        }
        if fleet.unfinished() > IN_FLIGHT {
            fleet.let_it_settle();
        }
    }
    fleet.let_it_settle();
    fleet.assert_everything_arrived_once();
    fleet.assert_nothing_is_left_behind();
    let warm = warm.expect("more transfers than it takes to warm up");
    let used = fleet.footprint();
    say(&format!("{transfers} transfers: {warm:?}, then {used:?}"));
    let leak = format!("a leak: {warm:?}, then {used:?}");
    assert!(
        used.descriptors <= warm.descriptors + DESCRIPTORS_MORE,
        "{leak}"
    );
    assert!(used.threads <= warm.threads + THREADS_MORE, "{leak}");
    assert!(used.resident_kib <= RESIDENT_KIB, "{leak}");
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[expect(clippy::print_stderr, reason = "a run is repeated by what it printed")]
fn say(line: &str) {
    eprintln!("{line}");
}

/// The transfer after which a process holds what it always holds.
const WARM_UP: u64 = 6;
/// Transfers that may be unfinished at once before everybody is left in peace for a while.
const IN_FLIGHT: usize = 8;
/// Sessions to three contacts that are still open, each with a handful of sockets.
const DESCRIPTORS_MORE: usize = 96;
/// The pool for disk work grows to what is needed and shrinks after ten idle seconds.
const THREADS_MORE: usize = 64;
/// What several transfers with three contacts at once may take, and what an allocator keeps of it.
const RESIDENT_KIB: usize = 96 * 1024;
