//! Every corpus is replayed, and a bounded number of mutations of it is tried.
//!
//! `WHERRY_FUZZ_SECONDS` makes the hunt last that long altogether instead; `WHERRY_FUZZ_INPUTS` tries so many for each
//! target, and `WHERRY_FUZZ_ONLY` names the only one.

use std::env;
use std::fmt::Write as _;
use std::time::Duration;

use fuzz::{Budget, Sample, TARGETS, Target, Verdict, hunt, load};

#[test]
fn every_seed_is_accepted_and_nothing_in_a_corpus_panics() {
    for target in TARGETS {
        for sample in corpus(target) {
            let verdict = (target.run)(&sample.bytes);
            let is_seed = sample.name.starts_with("seed-");
            assert!(
                !is_seed || verdict == Verdict::Accepted,
                "{}: {}",
                target.name,
                sample.name
            );
        }
    }
}

/// The order of variants and fields is part of every protocol: it must not move by accident.
#[test]
fn the_committed_seeds_are_what_the_code_writes() {
    for target in TARGETS {
        let mut committed = corpus(target);
        committed.retain(|sample| sample.name.starts_with("seed-"));
        for (name, bytes) in (target.seeds)() {
            let name = format!("seed-{name}");
            let sample = committed.iter().find(|sample| sample.name == name);
            let is_same = sample.is_some_and(|sample| sample.bytes == bytes);
            assert!(
                is_same,
                "{}/{name}: the wire moved. If it was meant to, write the seeds anew: cargo run -p fuzz",
                target.name
            );
        }
        let written = (target.seeds)().len();
        assert_eq!(
            committed.len(),
            written,
            "{}: a committed seed is not written any more",
            target.name
        );
    }
}

#[test]
fn no_mutation_makes_a_target_panic() {
    let budget = budget();
    let only = env::var("WHERRY_FUZZ_ONLY").ok();
    for target in TARGETS {
        if only.as_ref().is_some_and(|only| only != target.name) {
            continue;
        }
        let parents = corpus(target)
            .into_iter()
            .map(|sample| sample.bytes)
            .collect();
        if let Err(failure) = hunt(target, parents, budget) {
            panic!(
                "{} panics on this input (hex): {}",
                target.name,
                hex(&failure.input)
            );
        }
    }
}

fn corpus(target: &Target) -> Vec<Sample> {
    let samples = load(target).expect("every target has a corpus");
    assert!(!samples.is_empty(), "{} has an empty corpus", target.name);
    samples
}

fn budget() -> Budget {
    let seconds = env::var("WHERRY_FUZZ_SECONDS")
        .ok()
        .and_then(|text| text.parse::<u64>().ok());
    let inputs = env::var("WHERRY_FUZZ_INPUTS").ok();
    if let Some(inputs) = inputs.and_then(|text| text.parse().ok()) {
        return Budget::Inputs(inputs);
    }
    let targets = u32::try_from(TARGETS.len()).expect("there are few");
    seconds.map_or(Budget::Inputs(1_000), |seconds| {
        Budget::Time(Duration::from_secs(seconds) / targets)
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to memory cannot fail");
        text
    })
}
