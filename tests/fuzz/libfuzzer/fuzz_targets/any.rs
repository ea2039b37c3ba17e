//! Runs the target that `WHERRY_FUZZ_TARGET` names under libFuzzer.

#![no_main]

use std::sync::LazyLock;

use fuzz::{TARGETS, Target};
use libfuzzer_sys::{Corpus, fuzz_target};

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("WHERRY_FUZZ_TARGET").expect("WHERRY_FUZZ_TARGET names a target");
    let target = TARGETS.iter().find(|target| target.name == name);
    target.expect("WHERRY_FUZZ_TARGET names a target of tests/fuzz")
});

fuzz_target!(|data: &[u8]| -> Corpus {
    (TARGET.run)(data);
    Corpus::Keep
});
