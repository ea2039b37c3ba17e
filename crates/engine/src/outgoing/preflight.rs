use std::path::{Path, PathBuf};

use api::{CommandError, ErrorCode, OnProblem};
use model::limits::PREFLIGHT_NAMED;
use model::{DisplayName, wire};
use serde::{Deserialize, Serialize};
use transfer_proto::{LeftOut, LeftOutEntry};
use vfs::note;
use vfs::source::{SkipReason, Skipped};

use crate::preflight::left_out_reason;

/// What was found before any data moved, and what a person wants then; kept in the transfer's spool.
#[derive(Debug)]
pub(super) struct Preflight {
    path: PathBuf,
    kept: Kept,
    /// Why the transfer was stopped here.
    stopped: Option<CommandError>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    on_problem: OnProblem,
    /// Whether it waits for a person to say that it goes on.
    asks: bool,
    /// Whether it is the receiver who found what it asks about.
    by_receiver: bool,
    left_out: LeftOut,
}

/// What follows from a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    GoOn,
    Ask,
    Stop,
}

impl Preflight {
    /// What an earlier run kept, or a new one.
    pub(super) fn open(spool: &Path, on_problem: OnProblem) -> Self {
        let path = spool.join(PREFLIGHT_FILE);
        let kept = note::read(&path, PREFLIGHT_BYTES).ok().flatten();
        let kept = kept.and_then(|bytes| wire::decode(&bytes, PREFLIGHT_BYTES).ok());
        let kept = kept.unwrap_or_else(|| Kept {
            on_problem,
            ..Kept::default()
        });
        let stopped = None;
        Self {
            path,
            kept,
            stopped,
        }
    }

    /// The sources are listed anew.
    pub(super) fn begin_scan(&mut self) {
        self.kept.left_out = LeftOut::default();
        self.keep();
    }

    pub(super) fn note(&mut self, skipped: &Skipped) {
        let left_out = &mut self.kept.left_out;
        if left_out.named.len() < PREFLIGHT_NAMED {
            left_out.named.push(LeftOutEntry {
                path: DisplayName::new(&skipped.path),
                reason: left_out_reason(&skipped.reason),
            });
        } else {
            left_out.more += 1;
        }
    }

    /// The sources are listed: says what follows from what is left out, durably.
    pub(super) fn end_scan(&mut self) -> Verdict {
        let left_out = &self.kept.left_out;
        let verdict = match left_out.named.is_empty() {
            true => Verdict::GoOn,
            false => self.weigh(false),
        };
        self.keep();
        verdict
    }

    /// The receiver found something.
    pub(super) fn verdict(&mut self) -> Verdict {
        self.weigh(true)
    }

    fn weigh(&mut self, by_receiver: bool) -> Verdict {
        match self.kept.on_problem {
            OnProblem::GoOn => Verdict::GoOn,
            OnProblem::Stop => Verdict::Stop,
            OnProblem::Ask => {
                self.kept.asks = true;
                self.kept.by_receiver = by_receiver;
                self.keep();
                Verdict::Ask
            }
        }
    }

    /// Whether it waits for a person.
    pub(super) fn asks(&self) -> bool {
        self.kept.asks
    }

    /// A person lets it go on: they are asked about what is found here, and about what is found there.
    pub(super) fn answered(&mut self) {
        if std::mem::take(&mut self.kept.asks) {
            if self.kept.by_receiver {
                self.kept.on_problem = OnProblem::GoOn;
            }
            self.keep();
        }
    }

    pub(super) fn left_out(&self) -> LeftOut {
        self.kept.left_out.clone()
    }

    /// The receiver found something, and nothing is to be sent then.
    pub(super) fn stop(&mut self, code: ErrorCode) {
        let message = "Nothing was sent: not everything would arrive as it is, each told above.";
        self.stopped = Some(CommandError::new(code, message));
    }

    pub(super) fn stopped(&self) -> Option<CommandError> {
        self.stopped.clone()
    }

    fn keep(&self) {
        if let Err(error) = note::write(&self.path, &wire::encode(&self.kept)) {
            tracing::warn!(%error, "what was found could not be kept");
        }
    }
}

/// Whether a reason of the scan counts at all: what Wherry itself is receiving is nobody's loss.
pub(super) fn is_problem(reason: &SkipReason) -> bool {
    !matches!(reason, SkipReason::Staging)
}

const PREFLIGHT_FILE: &str = "preflight";
/// The longest list of names, and a little more.
const PREFLIGHT_BYTES: usize = PREFLIGHT_NAMED * 160 + 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped() -> Skipped {
        Skipped {
            path: "tree/link".into(),
            reason: SkipReason::Link,
        }
    }

    #[test]
    fn what_a_person_said_and_what_was_found_survive_a_restart() {
        let spool = tempfile::tempdir().expect("a folder");
        let mut preflight = Preflight::open(spool.path(), OnProblem::Ask);
        preflight.begin_scan();
        preflight.note(&skipped());
        assert_eq!(preflight.end_scan(), Verdict::Ask);
        let mut preflight = Preflight::open(spool.path(), OnProblem::GoOn);
        assert!(preflight.asks());
        assert_eq!(preflight.left_out().named.len(), 1);
        preflight.answered();
        let mut preflight = Preflight::open(spool.path(), OnProblem::Ask);
        assert!(!preflight.asks());
        assert_eq!(preflight.verdict(), Verdict::Ask, "the receiver's own");
        preflight.answered();
        assert_eq!(preflight.verdict(), Verdict::GoOn);
    }

    #[test]
    fn the_longest_list_is_kept_and_the_rest_is_counted() {
        let spool = tempfile::tempdir().expect("a folder");
        let mut preflight = Preflight::open(spool.path(), OnProblem::GoOn);
        for _ in 0..PREFLIGHT_NAMED + 3 {
            preflight.note(&Skipped {
                path: "x".repeat(300),
                ..skipped()
            });
        }
        assert_eq!(preflight.end_scan(), Verdict::GoOn);
        let left_out = Preflight::open(spool.path(), OnProblem::GoOn).left_out();
        assert_eq!(left_out.named.len(), PREFLIGHT_NAMED);
        assert_eq!(left_out.more, 3);
    }
}
