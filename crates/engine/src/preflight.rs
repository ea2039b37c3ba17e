//! What either side finds before any data moves, in the words of faces.

use api::{Problem, SkipReason};
use transfer_proto::{FindingKind, LeftOut, LeftOutReason};
use vfs::source::SkipReason as ScanReason;

/// A problem and the path of the entry that it is about; `None` if it is about everything.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: Option<String>,
    pub(crate) problem: Problem,
}

impl Found {
    pub(crate) fn about(path: String, problem: Problem) -> Self {
        let path = Some(path);
        Self { path, problem }
    }

    pub(crate) fn about_all(problem: Problem) -> Self {
        Self {
            path: None,
            problem,
        }
    }
}

/// What the sender leaves out, as the receiver's faces are told.
pub(crate) fn left_out(left_out: LeftOut) -> Vec<Found> {
    let named = left_out.named.into_iter().map(|entry| {
        let reason = skip_reason(entry.reason);
        Found::about(entry.path.to_string(), Problem::LeftOut { reason })
    });
    named.chain(more(left_out.more)).collect()
}

/// What the receiver does with an entry.
pub(crate) fn of_finding(kind: FindingKind) -> Problem {
    match kind {
        FindingKind::Renamed(name) => Problem::Renamed {
            name: model::RelPath::of_name(name).to_string(),
        },
        FindingKind::Taken(existing) => Problem::Taken { existing },
    }
}

/// How many are not named.
pub(crate) fn more(entries: u64) -> Option<Found> {
    (entries > 0).then(|| Found::about_all(Problem::More { entries }))
}

/// Why the scan left something out, as it travels.
pub(crate) fn left_out_reason(reason: &ScanReason) -> LeftOutReason {
    match reason {
        ScanReason::Link => LeftOutReason::Link,
        ScanReason::Special | ScanReason::Staging => LeftOutReason::Special,
        ScanReason::Unportable(model::NameError::TooLong) | ScanReason::PathTooLong => {
            LeftOutReason::TooLong
        }
        ScanReason::NotUnicode | ScanReason::Unportable(_) => LeftOutReason::Name,
        ScanReason::Collision => LeftOutReason::Clash,
        ScanReason::Unreadable => LeftOutReason::Unreadable,
        ScanReason::Vanished => LeftOutReason::Gone,
    }
}

/// Why something is left out, as faces are told.
pub(crate) fn skip_reason(reason: LeftOutReason) -> SkipReason {
    match reason {
        LeftOutReason::Link => SkipReason::Link,
        LeftOutReason::Special => SkipReason::Special,
        LeftOutReason::Name => SkipReason::Name,
        LeftOutReason::Clash => SkipReason::Clash,
        LeftOutReason::TooLong => SkipReason::TooLong,
        LeftOutReason::Unreadable => SkipReason::Unreadable,
        LeftOutReason::Gone => SkipReason::Gone,
    }
}
