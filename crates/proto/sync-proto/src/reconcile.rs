//! Two versions of one path meet: what a device that holds one of them does about the other.
//!
//! Pure, and the same on every device: the version of the higher rank stays at the path. Whoever *holds* what
//! loses looks after its bytes, because nobody else surely has them.

use crate::{Record, State};

/// What to do about a version that another member announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: the own version stays, and the others will take it.
    Keep,
    /// Take it: it has seen the own version, or is the same, or nothing is lost.
    Adopt,
    /// Take it, and keep the own file beside it: both were changed apart.
    AdoptKeepingCopy,
    /// Say anew what is here: it was deleted by somebody who had not seen it.
    Reassert,
}

/// Judges `offered` on a device that holds `local`.
pub fn reconcile(local: Option<&Record>, offered: &Record) -> Verdict {
    let Some(local) = local else {
        return Verdict::Adopt;
    };
    if offered.version.rank() <= local.version.rank() {
        return Verdict::Keep;
    }
    if offered.version.supersedes(&local.version) || offered.state.is_same(&local.state) {
        return Verdict::Adopt;
    }
    match (&local.state, &offered.state) {
        (State::File(_), State::Deleted) => Verdict::Reassert,
        (State::File(ours), State::File(theirs)) if ours.digest == theirs.digest => Verdict::Adopt,
        (State::File(_), State::File(_) | State::Directory) => Verdict::AdoptKeepingCopy,
        // An empty folder holds no bytes, and what lies in it is judged by itself.
        (State::Directory | State::Deleted, _) => Verdict::Adopt,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileState, Seat, VersionVector};
    use model::{Digest, Timestamp};

    fn seat(number: u8) -> Seat {
        Seat::parse(number).unwrap()
    }

    fn file(content: &[u8]) -> State {
        State::File(FileState {
            size_bytes: 1,
            modified: Timestamp {
                seconds: 0,
                nanoseconds: 0,
            },
            executable: false,
            digest: Digest::of(content),
        })
    }

    fn record(version: VersionVector, state: State) -> Record {
        Record {
            version,
            state,
            rival: None,
        }
    }

    fn version(seats: &[(u8, u64)]) -> VersionVector {
        let mut version = VersionVector::default();
        for (number, stamp) in seats {
            version = version.bumped(seat(*number), *stamp);
        }
        version
    }

    #[test]
    fn a_change_that_saw_ours_is_taken_and_one_that_ours_saw_is_not() {
        let old = record(version(&[(1, 5)]), file(b"old"));
        let new = record(version(&[(1, 5), (2, 9)]), file(b"new"));
        assert_eq!(reconcile(Some(&old), &new), Verdict::Adopt);
        assert_eq!(reconcile(Some(&new), &old), Verdict::Keep);
        assert_eq!(reconcile(None, &old), Verdict::Adopt);
        let gone = record(new.version.bumped(seat(1), 10), State::Deleted);
        assert_eq!(reconcile(Some(&new), &gone), Verdict::Adopt);
    }

    #[test]
    fn both_edited_keeps_a_copy_at_exactly_one_side() {
        let ana = record(version(&[(1, 5)]), file(b"ana"));
        let ben = record(version(&[(2, 6)]), file(b"ben"));
        assert_eq!(reconcile(Some(&ana), &ben), Verdict::AdoptKeepingCopy);
        assert_eq!(reconcile(Some(&ben), &ana), Verdict::Keep);
    }

    #[test]
    fn the_same_bytes_written_twice_are_no_conflict() {
        let ana = record(version(&[(1, 5)]), file(b"same"));
        let ben = record(version(&[(2, 6)]), file(b"same"));
        assert_eq!(reconcile(Some(&ana), &ben), Verdict::Adopt);
    }

    #[test]
    fn an_edit_outlives_a_deletion_that_had_not_seen_it() {
        let edit = record(version(&[(1, 5)]), file(b"edit"));
        let deleted = record(version(&[(2, 6)]), State::Deleted);
        assert_eq!(reconcile(Some(&edit), &deleted), Verdict::Reassert);
        let later = record(version(&[(1, 7)]), file(b"edit"));
        assert_eq!(reconcile(Some(&deleted), &later), Verdict::Adopt);
    }

    #[test]
    fn a_folder_in_place_of_a_file_keeps_the_file_beside_it() {
        let file = record(version(&[(1, 5)]), file(b"file"));
        let folder = record(version(&[(2, 6)]), State::Directory);
        assert_eq!(reconcile(Some(&file), &folder), Verdict::AdoptKeepingCopy);
        let later = record(version(&[(1, 7)]), file.state);
        assert_eq!(reconcile(Some(&folder), &later), Verdict::Adopt);
    }
}
