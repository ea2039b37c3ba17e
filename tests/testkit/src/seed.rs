use std::env;
use std::ops::Range;

use model::Entropy;

/// A source of draws that one number repeats exactly (SplitMix64). Never for keys that matter.
#[derive(Debug, Clone)]
pub struct Seed {
    state: u64,
}

impl Seed {
    /// Starts the draws of `number`.
    pub fn new(number: u64) -> Self {
        Self { state: number }
    }

    /// Starts draws of their own, so that one part's draws do not shift another's.
    pub fn fork(&mut self) -> Self {
        Self::new(self.number())
    }

    /// Draws any number.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Draws from a range, which must not be empty.
    pub fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.number() % (range.end - range.start)
    }

    /// Draws an index below `count`, which must not be 0.
    pub fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).expect("a count fits 64 bits");
        usize::try_from(self.within(0..count)).expect("less than a count that did")
    }

    /// Whether something that happens in `percent` of all cases happens.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.within(0..100) < percent
    }

    /// Draws one of some items.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

impl Entropy for Seed {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let drawn = self.number().to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
    }
}

/// Bytes of a file that no other `number` has.
pub fn content(number: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    Seed::new(number).fill(&mut bytes);
    bytes
}

/// The one seed that `WHERRY_SIM_SEED` asks to run, decimal or `0x` hexadecimal.
pub fn seed_from_environment() -> Option<u64> {
    let text = env::var("WHERRY_SIM_SEED").ok()?;
    let seed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    Some(seed.expect("WHERRY_SIM_SEED is a number"))
}

/// How many cases to run: `WHERRY_SIM_CASES`, or `usual`.
pub fn cases_from_environment(usual: u64) -> u64 {
    env::var("WHERRY_SIM_CASES").map_or(usual, |text| {
        text.parse().expect("WHERRY_SIM_CASES is a number")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_repeats_its_draws_and_no_other_s() {
        let draws = |number| {
            let mut seed = Seed::new(number);
            [seed.number(), seed.within(5..9), seed.fork().number()]
        };
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
    }

    #[test]
    fn draws_stay_within_their_range() {
        let mut seed = Seed::new(1);
        for _ in 0..1_000 {
            assert!((5..9).contains(&seed.within(5..9)));
            assert!(seed.below(3) < 3);
            assert!(!seed.chance(0) && seed.chance(100));
        }
    }

    #[test]
    fn contents_have_their_length_and_differ() {
        assert_eq!(content(7, 13).len(), 13);
        assert_ne!(content(7, 13), content(8, 13));
    }
}
