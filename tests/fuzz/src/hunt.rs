use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

use crate::{Mutator, Target};

/// How long to look for trouble.
#[derive(Debug, Clone, Copy)]
pub enum Budget {
    /// So many inputs: the same in every run.
    Inputs(u32),
    /// So long.
    Time(Duration),
}

/// An input on which a target panicked.
#[derive(Debug)]
pub struct Failure {
    /// The input: keep it in the target's corpus once the fault is mended.
    pub input: Vec<u8>,
}

/// Feeds `target` with mutations of `parents` until one makes it panic or the budget is spent.
///
/// Inputs that the target accepts become parents themselves.
pub fn hunt(target: &Target, mut parents: Vec<Vec<u8>>, budget: Budget) -> Result<u32, Failure> {
    let mut mutator = Mutator::new(seed_of(target.name));
    let began = Instant::now();
    let mut tried = 0;
    while !is_spent(budget, tried, began) {
        let input = mutator.next(&parents);
        let run = AssertUnwindSafe(|| (target.run)(&input));
        let Ok(verdict) = panic::catch_unwind(run) else {
            return Err(Failure { input });
        };
        if verdict == crate::Verdict::Accepted && parents.len() < MOST_PARENTS {
            parents.push(input);
        }
        tried += 1;
    }
    Ok(tried)
}

fn is_spent(budget: Budget, tried: u32, began: Instant) -> bool {
    match budget {
        Budget::Inputs(inputs) => tried >= inputs,
        Budget::Time(time) => began.elapsed() >= time,
    }
}

/// Every target gets its own mutations.
fn seed_of(name: &str) -> u64 {
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

const MOST_PARENTS: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    #[test]
    fn a_panic_is_found_and_its_input_kept() {
        let fragile = Target {
            name: "fragile",
            run: |bytes| {
                assert!(!bytes.contains(&0xFF), "cannot stand this");
                Verdict::Accepted
            },
            seeds: Vec::new,
        };
        let failure = hunt(&fragile, Vec::new(), Budget::Inputs(10_000)).unwrap_err();
        assert!(failure.input.contains(&0xFF));
    }
}
