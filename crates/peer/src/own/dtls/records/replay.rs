//! Which records have been read (RFC 6347 §4.1.2.6).

/// A window over the numbers of records.
#[derive(Debug)]
pub(super) struct Replay {
    /// One more than the largest number read.
    end: u64,
    /// One bit for each of the last [`WINDOW`] numbers, at its remainder.
    bits: [u64; WORDS],
}

impl Default for Replay {
    fn default() -> Self {
        Self {
            end: 0,
            bits: [0; WORDS],
        }
    }
}

impl Replay {
    /// Whether a record of this number has not been read, and is not too old to know.
    pub(super) fn is_new(&self, number: u64) -> bool {
        let (word, bit) = place(number);
        number >= self.end || number + WINDOW >= self.end && self.bits[word] & bit == 0
    }

    /// Notes that it was read.
    pub(super) fn note(&mut self, number: u64) {
        if number >= self.end {
            let begin = self.end.max((number + 1).saturating_sub(WINDOW));
            for skipped in begin..=number {
                let (word, bit) = place(skipped);
                self.bits[word] &= !bit;
            }
            self.end = number + 1;
        }
        let (word, bit) = place(number);
        self.bits[word] |= bit;
    }
}

fn place(number: u64) -> (usize, u64) {
    let at = number % WINDOW;
    let word = usize::try_from(at / 64).expect("less than the words that there are");
    (word, 1 << (at % 64))
}

/// Records may overtake each other by a receive window of small ones.
const WINDOW: u64 = 4_096;
const WORDS: usize = 64;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_window_knows_what_a_list_of_all_numbers_knows(
            steps in prop::collection::vec((0u64..3, 0u64..9_000), 1..300),
        ) {
            let mut replay = Replay::default();
            let mut read = BTreeSet::new();
            let mut base = 1 << 48;
            for (kind, offset) in steps {
                let number = base + offset;
                if kind == 0 {
                    base += offset / 4;
                }
                let end = read.last().map_or(0, |last| last + 1);
                let expected = !read.contains(&number) && number + WINDOW >= end;
                prop_assert_eq!(replay.is_new(number), expected);
                if expected {
                    replay.note(number);
                    read.insert(number);
                }
                prop_assert!(!replay.is_new(number));
            }
        }
    }
}
