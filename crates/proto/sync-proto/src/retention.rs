//! Which kept versions may go.

use std::time::Duration;

use crate::{FolderPath, Stamp};

/// Something that was replaced or deleted, as it lies among the versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptVersion {
    /// Where it was.
    pub path: FolderPath,
    /// When it was replaced, by this device's clock.
    pub replaced: Stamp,
    /// Its size.
    pub size_bytes: u64,
}

/// Picks the versions that may be removed at `now`: those older than `time`.
///
/// With a clock that went back nothing is removed: a version from the future is kept.
pub fn outdated(
    versions: &[KeptVersion],
    time: Duration,
    now: Stamp,
) -> impl Iterator<Item = &KeptVersion> {
    let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let limit = now.saturating_sub(time);
    versions
        .iter()
        .filter(move |version| version.replaced < limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::limits::VERSION_TIME;

    #[test]
    fn versions_are_kept_for_thirty_days_and_not_removed_by_a_clock_that_went_back() {
        let day = 24 * 60 * 60 * 1_000;
        let version = |replaced| KeptVersion {
            path: FolderPath::parse("a").unwrap(),
            replaced,
            size_bytes: 1,
        };
        let versions = [version(10 * day), version(20 * day), version(90 * day)];
        let gone = |now| outdated(&versions, VERSION_TIME, now).count();
        assert_eq!(gone(40 * day), 0);
        assert_eq!(gone(40 * day + 1), 1);
        assert_eq!(gone(51 * day), 2);
        assert_eq!(gone(day), 0);
    }
}
