use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A set of indices (of chunks, entries or pages), kept as disjoint, non-touching half-open runs.
///
/// Memory follows the number of runs, not of members. On the wire it is a list of `(start, end)`;
/// [`ChunkSet::from_runs`] checks one that came from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<(u64, u64)>", try_from = "Vec<(u64, u64)>")]
pub struct ChunkSet {
    runs: BTreeMap<u64, u64>,
}

impl ChunkSet {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The set `0..count`.
    pub fn full(count: u64) -> Self {
        let mut set = Self::new();
        set.insert_range(0..count);
        set
    }

    /// Makes a set of ascending, disjoint, non-touching, non-empty runs, or `None` if they are not.
    pub fn from_runs(runs: &[(u64, u64)]) -> Option<Self> {
        let mut previous_end = None;
        for &(start, end) in runs {
            if start >= end || previous_end.is_some_and(|previous| start <= previous) {
                return None;
            }
            previous_end = Some(end);
        }
        Some(Self {
            runs: runs.iter().copied().collect(),
        })
    }

    /// Adds one index; returns whether it was new.
    pub fn insert(&mut self, index: u64) -> bool {
        if self.contains(index) {
            return false;
        }
        self.insert_range(index..index + 1);
        true
    }

    /// Adds a run.
    pub fn insert_range(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let mut start = range.start;
        let mut end = range.end;
        while let Some((&run_start, &run_end)) = self.runs.range(..=end).next_back() {
            if run_end < start {
                break;
            }
            start = start.min(run_start);
            end = end.max(run_end);
            self.runs.remove(&run_start);
        }
        self.runs.insert(start, end);
    }

    /// Removes one index; returns whether it was there.
    pub fn remove(&mut self, index: u64) -> bool {
        let Some((&start, &end)) = self.runs.range(..=index).next_back() else {
            return false;
        };
        if index >= end {
            return false;
        }
        self.runs.remove(&start);
        if start < index {
            self.runs.insert(start, index);
        }
        if index + 1 < end {
            self.runs.insert(index + 1, end);
        }
        true
    }

    /// Whether `index` is a member.
    pub fn contains(&self, index: u64) -> bool {
        self.runs
            .range(..=index)
            .next_back()
            .is_some_and(|(_, &end)| index < end)
    }

    /// How many members there are.
    pub fn len(&self) -> u64 {
        self.runs.iter().map(|(start, end)| end - start).sum()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Whether every index of `0..count` is a member.
    pub fn covers(&self, count: u64) -> bool {
        count == 0 || self.runs.get(&0).is_some_and(|&end| end >= count)
    }

    /// The first index at or after `from` that is not a member.
    pub fn next_missing(&self, from: u64) -> u64 {
        match self.runs.range(..=from).next_back() {
            Some((_, &end)) if from < end => end,
            Some(_) | None => from,
        }
    }

    /// The runs, ascending.
    pub fn runs(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.runs.iter().map(|(&start, &end)| start..end)
    }

    /// The members, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.runs().flatten()
    }
}

impl From<ChunkSet> for Vec<(u64, u64)> {
    fn from(set: ChunkSet) -> Self {
        set.runs.into_iter().collect()
    }
}

/// The runs of a set from outside overlap, touch, are empty or out of order.
#[derive(Debug, thiserror::Error)]
#[error("the runs are not ascending and disjoint")]
pub struct MalformedRuns;

impl TryFrom<Vec<(u64, u64)>> for ChunkSet {
    type Error = MalformedRuns;

    fn try_from(runs: Vec<(u64, u64)>) -> Result<Self, MalformedRuns> {
        Self::from_runs(&runs).ok_or(MalformedRuns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn behaves_like_a_set_of_numbers(steps in prop::collection::vec((any::<bool>(), 0u64..60, 0u64..6), 0..80)) {
            let mut set = ChunkSet::new();
            let mut reference = BTreeSet::new();
            for (insert, start, length) in steps {
                if insert {
                    set.insert_range(start..start + length);
                    reference.extend(start..start + length);
                } else {
                    prop_assert_eq!(set.remove(start), reference.remove(&start));
                }
                prop_assert_eq!(set.iter().collect::<Vec<_>>(), reference.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!(set.len(), reference.len() as u64);
                let missing = (start..).find(|index| !reference.contains(index)).unwrap();
                prop_assert_eq!(set.next_missing(start), missing);
                let runs: Vec<(u64, u64)> = set.clone().into();
                prop_assert_eq!(ChunkSet::from_runs(&runs), Some(set.clone()));
            }
        }
    }

    #[test]
    fn refuses_runs_that_touch_overlap_or_are_empty() {
        for runs in [
            &[(0, 2), (2, 3)][..],
            &[(0, 5), (3, 6)],
            &[(4, 4)],
            &[(5, 6), (1, 2)],
        ] {
            assert_eq!(ChunkSet::from_runs(runs), None);
        }
    }
}
