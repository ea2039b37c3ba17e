use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use model::RelPath;
use sync_proto::FolderPath;
use vfs::watch::Hint;

/// What is to be looked at, and when: a moment after the last hint, so that what is being written is complete.
#[derive(Debug, Default)]
pub(super) struct Hints {
    due: BTreeMap<FolderPath, Due>,
    everything: Option<Instant>,
    /// More was found than is noted at once: everything is looked at again when this is done.
    is_unfinished: bool,
    /// Nothing says what changes: everything is looked at often.
    pub(super) is_blind: bool,
}

#[derive(Debug, Clone, Copy)]
struct Due {
    at: Instant,
    first: Instant,
}

impl Hints {
    pub(super) fn hear(&mut self, hint: Hint, now: Instant) {
        match hint {
            Hint::Path { path, settled } => {
                let pause = if settled { SETTLED } else { UNSETTLED };
                self.look_after(&path, pause, now);
            }
            Hint::Everything => self.everything_after(UNSETTLED, now),
        }
    }

    pub(super) fn look_after(&mut self, path: &RelPath, pause: Duration, now: Instant) {
        let Ok(path) = FolderPath::try_from(path) else {
            return;
        };
        self.look_at(path, pause, now);
    }

    pub(super) fn look_at(&mut self, path: FolderPath, pause: Duration, now: Instant) {
        if self.due.len() >= MOST_HINTS {
            self.due.clear();
            self.everything_after(UNSETTLED, now);
            return;
        }
        let due = self.due.entry(path).or_insert(Due {
            at: now + pause,
            first: now,
        });
        due.at = (now + pause).min(due.first + LONGEST);
    }

    /// These are to be looked at now, as many of them as are noted at once; the others when these are done.
    pub(super) fn look_at_all(&mut self, paths: Vec<FolderPath>, now: Instant) {
        let room = (MOST_HINTS / 2).saturating_sub(self.due.len());
        self.is_unfinished |= paths.len() > room;
        for path in paths.into_iter().take(room) {
            self.look_at(path, Duration::ZERO, now);
        }
    }

    pub(super) fn everything_after(&mut self, pause: Duration, now: Instant) {
        let at = now + pause;
        self.everything = Some(self.everything.map_or(at, |before| before.min(at)));
    }

    /// How long nothing is to be done.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        if self.is_unfinished && self.due.is_empty() {
            return Duration::ZERO;
        }
        let due = self.due.values().map(|due| due.at);
        let next = due.chain(self.everything).min();
        next.map_or(LONGEST, |at| at.saturating_duration_since(now))
    }

    /// Whether everything is to be looked at now; the next time comes by itself.
    pub(super) fn take_everything(&mut self, now: Instant) -> bool {
        let is_unfinished = self.is_unfinished && self.due.is_empty();
        let is_due = self.everything.is_some_and(|at| at <= now) || is_unfinished;
        if is_due {
            self.is_unfinished = false;
            let pause = if self.is_blind { BLIND_PAUSE } else { PAUSE };
            self.everything = Some(now + pause);
        }
        is_due
    }

    /// Some paths that are to be looked at now.
    pub(super) fn take(&mut self, now: Instant) -> Vec<FolderPath> {
        let due = self.due.iter().filter(|(_, due)| due.at <= now);
        let due: Vec<FolderPath> = due.map(|(path, _)| path.clone()).take(AT_ONCE).collect();
        for path in &due {
            self.due.remove(path);
        }
        due
    }
}

/// After a file was closed or renamed.
const SETTLED: Duration = Duration::from_millis(8);
/// After something was written, and may go on.
const UNSETTLED: Duration = Duration::from_millis(60);
/// What is written again and again is looked at nevertheless.
const LONGEST: Duration = Duration::from_secs(2);
/// How often everything is looked at, for what the hints missed.
const PAUSE: Duration = Duration::from_secs(10 * 60);
/// As often without hints.
const BLIND_PAUSE: Duration = Duration::from_secs(45);
/// More paths than this are everything.
const MOST_HINTS: usize = 50_000;
/// Paths between two looks at what else is to be done.
const AT_ONCE: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> FolderPath {
        FolderPath::parse(text).unwrap()
    }

    #[test]
    fn what_is_written_without_end_is_looked_at_nevertheless() {
        let mut hints = Hints::default();
        let start = Instant::now();
        let mut now = start;
        while hints.take(now).is_empty() {
            hints.look_at(path("log"), UNSETTLED, now);
            now += Duration::from_millis(10);
            assert!(now < start + LONGEST * 2);
        }
        assert!(now > start + LONGEST / 2);
    }

    /// Each look at everything finds what is not known yet, and that was once so much that it began anew for ever.
    #[test]
    fn more_files_than_are_noted_at_once_are_all_looked_at() {
        let mut hints = Hints::default();
        let now = Instant::now();
        let mut left: BTreeMap<FolderPath, ()> = (0..MOST_HINTS * 2)
            .map(|number| (path(&format!("{number:06}")), ()))
            .collect();
        hints.everything_after(Duration::ZERO, now);
        let mut walks = 0;
        while !left.is_empty() {
            if hints.take_everything(now) {
                walks += 1;
                hints.look_at_all(left.keys().cloned().collect(), now);
            }
            let looked_at = hints.take(now);
            assert!(!looked_at.is_empty(), "{} are forgotten", left.len());
            for path in looked_at {
                left.remove(&path);
            }
        }
        assert_eq!(walks, 4);
    }

    #[test]
    fn a_storm_of_hints_becomes_one_look_at_everything() {
        let mut hints = Hints::default();
        let now = Instant::now();
        for number in 0..=MOST_HINTS {
            hints.look_at(path(&number.to_string()), SETTLED, now);
        }
        assert!(hints.due.is_empty());
        assert!(hints.take_everything(now + UNSETTLED));
        assert!(!hints.take_everything(now + UNSETTLED));
        assert!(hints.take_everything(now + PAUSE * 2));
    }
}
