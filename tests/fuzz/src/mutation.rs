use crate::repeatable::Repeatable;

/// Makes new inputs out of known ones, the same ones for the same seed.
#[derive(Debug)]
pub struct Mutator {
    random: Repeatable,
}

impl Mutator {
    /// Starts with `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Repeatable::seeded(seed),
        }
    }

    /// Changes one of `parents` in one to eight places; without parents, makes something up.
    pub fn next(&mut self, parents: &[Vec<u8>]) -> Vec<u8> {
        let mut child = self.pick(parents).cloned().unwrap_or_default();
        for _ in 0..=self.random.below(8) {
            self.change(&mut child, parents);
        }
        child.truncate(LONGEST);
        child
    }

    fn change(&mut self, child: &mut Vec<u8>, parents: &[Vec<u8>]) {
        if child.is_empty() {
            child.extend((0..self.random.below(64) + 1).map(|_| low_byte(self.random.next())));
            return;
        }
        let at = self.random.below(child.len());
        let end = (at + 1 + self.random.below(16)).min(child.len());
        match self.random.below(8) {
            0 => child[at] ^= 1 << self.random.below(8),
            1 => child[at] = low_byte(self.random.next()),
            2 => child[at] = TELLING_BYTES[self.random.below(TELLING_BYTES.len())],
            3 => drop(child.drain(at..end)),
            4 => child.truncate(at),
            5 => {
                let again = child[at..end].to_vec();
                child.splice(at..at, again);
            }
            6 => child[at..end].reverse(),
            _ => self.cross(child, at, parents),
        }
    }

    /// Goes on from `at` as another parent does from somewhere.
    fn cross(&mut self, child: &mut Vec<u8>, at: usize, parents: &[Vec<u8>]) {
        let Some(other) = self.pick(parents).filter(|other| !other.is_empty()) else {
            return;
        };
        let from = self.random.below(other.len());
        child.truncate(at);
        child.extend_from_slice(&other[from..]);
    }

    fn pick<'a>(&mut self, parents: &'a [Vec<u8>]) -> Option<&'a Vec<u8>> {
        if parents.is_empty() {
            return None;
        }
        parents.get(self.random.below(parents.len()))
    }
}

fn low_byte(word: u64) -> u8 {
    word.to_le_bytes()[0]
}

/// Ends of ranges, separators, the longest varints.
const TELLING_BYTES: [u8; 14] = [
    0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF, b'\n', b'\r', b' ', b'-', b'.', b'/', b'0',
];
/// A little more than the longest message, so that the limit itself is met.
const LONGEST: usize = 400 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_inputs() {
        let parents = [b"one parent".to_vec(), b"and another".to_vec()];
        let children = |seed| {
            let mut mutator = Mutator::new(seed);
            (0..100).map(|_| mutator.next(&parents)).collect::<Vec<_>>()
        };
        assert_eq!(children(1), children(1));
        assert_ne!(children(1), children(2));
    }

    #[test]
    fn something_is_made_up_where_there_are_no_parents() {
        assert!(!Mutator::new(1).next(&[]).is_empty());
    }
}
