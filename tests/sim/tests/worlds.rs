//! Many worlds, each from its own seed. `WHERRY_SIM_SEED` runs one again and prints its diary when it
//! fails, `WHERRY_SIM_CASES` says how many.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use sim::Report;
use testkit::{cases_from_environment, seed_from_environment};

#[test]
fn whatever_goes_wrong_everything_completes_in_a_kind_world() {
    if let Some(seed) = seed_from_environment() {
        sim::run(seed);
        return;
    }
    let cases = cases_from_environment(200);
    let reports = run_all(cases);
    if cases >= 200 {
        check_that_things_went_wrong(&reports);
    }
}

#[test]
fn a_seed_repeats_its_world() {
    for seed in 0..10 {
        assert_eq!(sim::run(seed), sim::run(seed), "WHERRY_SIM_SEED={seed}");
    }
}

/// Runs the worlds of `0..cases` on all cores; names every seed that went wrong.
fn run_all(cases: u64) -> Vec<Report> {
    let next = AtomicU64::new(0);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let worker = || {
        let seeds = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        let run = |seed| (seed, catch_unwind(AssertUnwindSafe(|| sim::run(seed))));
        seeds
            .take_while(|seed| *seed < cases)
            .map(run)
            .collect::<Vec<_>>()
    };
    let outcomes: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        let outcomes = workers.into_iter().map(|worker| worker.join());
        outcomes
            .flat_map(|outcomes| outcomes.expect("panics were caught"))
            .collect()
    });
    let (fine, wrong): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(|(_, run)| run.is_ok());
    let wrong: Vec<u64> = wrong.into_iter().map(|(seed, _)| seed).collect();
    assert!(
        wrong.is_empty(),
        "run again with WHERRY_SIM_SEED= one of {wrong:?}"
    );
    fine.into_iter().filter_map(|(_, run)| run.ok()).collect()
}

/// A simulation in which nothing happens proves nothing.
fn check_that_things_went_wrong(reports: &[Report]) {
    let total = |count: fn(&Report) -> u64| reports.iter().map(count).sum::<u64>();
    let counts = [
        ("completed transfers", total(|report| report.completed)),
        ("other ends", total(|report| report.ended_otherwise)),
        ("skipped entries", total(|report| report.skipped)),
        ("sessions", total(|report| report.sessions)),
        ("cuts", total(|report| report.cuts)),
        ("crashes", total(|report| report.crashes)),
        ("damaged chunks", total(|report| report.damaged)),
        ("refused writes", total(|report| report.refused_writes)),
        ("source changes", total(|report| report.source_changes)),
        ("resent bytes", total(|report| report.resent_bytes)),
    ];
    for (name, count) in counts {
        assert!(
            count >= 10,
            "only {count} {name} in {} worlds: {counts:?}",
            reports.len()
        );
    }
}
