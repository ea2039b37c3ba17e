//! Which change has seen which other: version vectors over the seats of a folder.

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Seat;

/// A moment of the hybrid clock: milliseconds since 1970, or one more than what was seen before if that is
/// later.
///
/// A wrong wall clock costs nothing but the order of changes that were made apart.
pub type Stamp = u64;

/// The changes that a version of something has seen: the latest stamp of each seat, ascending by seat.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(into = "Vec<(Seat, Stamp)>", try_from = "Vec<(Seat, Stamp)>")]
pub struct VersionVector(Box<[(Seat, Stamp)]>);

impl VersionVector {
    /// Whether it saw everything that `other` saw, and more.
    pub fn supersedes(&self, other: &Self) -> bool {
        self != other && other.0.iter().all(|(seat, stamp)| self.of(*seat) >= *stamp)
    }

    /// What either of both saw.
    pub fn joined(&self, other: &Self) -> Self {
        let mut stamps = self.0.to_vec();
        for (seat, stamp) in &other.0 {
            match stamps.binary_search_by_key(seat, |(seat, _)| *seat) {
                Ok(place) => stamps[place].1 = stamps[place].1.max(*stamp),
                Err(place) => stamps.insert(place, (*seat, *stamp)),
            }
        }
        Self(stamps.into())
    }

    /// A change by `seat` on top of it, made when the wall clock said `now`.
    pub fn bumped(&self, seat: Seat, now: Stamp) -> Self {
        let stamp = now.max(self.latest().saturating_add(1)).max(1);
        self.joined(&Self([(seat, stamp)].into()))
    }

    /// The latest stamp in it; 0 if it saw nothing.
    pub fn latest(&self) -> Stamp {
        self.0.iter().map(|(_, stamp)| *stamp).max().unwrap_or(0)
    }

    /// Who made the latest change in it.
    pub fn author(&self) -> Option<Seat> {
        let latest = self.0.iter().max_by_key(|(_, stamp)| *stamp);
        latest.map(|(seat, _)| *seat)
    }

    /// Orders all versions so that one which supersedes another is greater.
    ///
    /// Every device finds the same winner in any order in which it hears of versions.
    pub fn rank(&self) -> (Stamp, u128, &[(Seat, Stamp)]) {
        let sum = self.0.iter().map(|(_, stamp)| u128::from(*stamp)).sum();
        (self.latest(), sum, &self.0)
    }

    fn of(&self, seat: Seat) -> Stamp {
        match self.0.binary_search_by_key(&seat, |(seat, _)| *seat) {
            Ok(place) => self.0[place].1,
            Err(_) => 0,
        }
    }
}

impl From<VersionVector> for Vec<(Seat, Stamp)> {
    fn from(version: VersionVector) -> Self {
        version.0.into()
    }
}

/// A version vector from outside is out of order, repeats a seat or counts to zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the version is malformed")]
pub struct MalformedVersion;

impl TryFrom<Vec<(Seat, Stamp)>> for VersionVector {
    type Error = MalformedVersion;

    fn try_from(stamps: Vec<(Seat, Stamp)>) -> Result<Self, MalformedVersion> {
        let ascends = stamps.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let counts = stamps.iter().all(|(_, stamp)| *stamp > 0);
        match ascends && counts {
            true => Ok(Self(stamps.into())),
            false => Err(MalformedVersion),
        }
    }
}

/// The wall clock as a stamp; before 1970 it is 0.
pub fn stamp_of(time: Timestamp) -> Stamp {
    let seconds = u64::try_from(time.seconds).unwrap_or(0);
    seconds.saturating_mul(1_000) + u64::from(time.nanoseconds / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vector() -> impl Strategy<Value = VersionVector> {
        prop::collection::btree_map(0u8..4, 1u64..6, 0..4).prop_map(|stamps| {
            let stamps: Vec<_> = stamps
                .into_iter()
                .map(|(seat, stamp)| (Seat::parse(seat).unwrap(), stamp))
                .collect();
            stamps.try_into().unwrap()
        })
    }

    proptest! {
        #[test]
        fn rank_never_contradicts_who_has_seen_whom(a in vector(), b in vector()) {
            if a.supersedes(&b) {
                prop_assert!(a.rank() > b.rank() && !b.supersedes(&a));
            }
            prop_assert_eq!(a == b, a.rank() == b.rank());
        }

        #[test]
        fn a_change_supersedes_all_it_was_made_on(a in vector(), b in vector(), now in 0u64..8) {
            let seat = Seat::parse(3).unwrap();
            let both = a.joined(&b);
            prop_assert_eq!(&both, &b.joined(&a));
            prop_assert!(both == a || both.supersedes(&a));
            let changed = both.bumped(seat, now);
            prop_assert!(changed.supersedes(&a) && changed.supersedes(&b));
            prop_assert_eq!(changed.author(), Some(seat));
        }
    }

    #[test]
    fn a_version_from_outside_has_one_form() {
        let seat = |number| Seat::parse(number).unwrap();
        for stamps in [
            vec![(seat(1), 2), (seat(1), 3)],
            vec![(seat(2), 2), (seat(1), 3)],
            vec![(seat(2), 0)],
        ] {
            assert_eq!(VersionVector::try_from(stamps), Err(MalformedVersion));
        }
    }

    #[test]
    fn a_clock_that_goes_back_does_not_unmake_a_change() {
        let seat = Seat::parse(1).unwrap();
        let late = VersionVector::default().bumped(seat, 5_000);
        let early = late.bumped(Seat::parse(2).unwrap(), 10);
        assert!(early.supersedes(&late));
        assert_eq!(early.latest(), 5_001);
    }
}
