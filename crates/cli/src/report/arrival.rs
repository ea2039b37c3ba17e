//! What is said of offers, and of names and files at the receiver.

use api::{Event, ItemKind, NameOutcome, Problem};
use indicatif::HumanBytes;
use model::Existing;

use super::escaping::escaped;
use super::items;

/// A sentence about an offer and what came of it, or `None` for any other event.
pub(super) fn sentence(event: &Event) -> Option<String> {
    if let Event::OfferReceived {
        from,
        name,
        entries,
        bytes,
        kind,
        ..
    } = event
    {
        let (size, items) = (HumanBytes(*bytes), items(*entries));
        return Some(match kind {
            ItemKind::Text => format!("{from} offers a text: {size}"),
            ItemKind::Files => format!("{from} offers {name}: {entries} {items}, {size}"),
        });
    }
    if let Event::OfferAcceptedByRule {
        from,
        name,
        entries,
        bytes,
        folder,
        ..
    } = event
    {
        let (size, items) = (HumanBytes(*bytes), items(*entries));
        let folder = escaped(&folder.to_string_lossy());
        return Some(format!(
            "{from} sends {name}: {entries} {items}, {size}; a rule accepted it, into {folder}"
        ));
    }
    if let Event::EntrySkipped { path, reason, .. } = event {
        return Some(format!("{path}: {}", skip_words(*reason)));
    }
    if let Event::PreflightProblem { path, problem, .. } = event {
        return Some(problem_words(path.as_deref(), problem));
    }
    if let Event::NameTaken {
        path,
        outcome,
        name,
        ..
    } = event
    {
        return Some(match outcome {
            NameOutcome::KeptBoth => {
                format!("{path}: the name was taken; both are kept, what arrived as {name}")
            }
            NameOutcome::Renamed => {
                format!("{path}: this system cannot hold the name; it is called {name} here")
            }
            NameOutcome::Replaced => {
                format!("{path}: replaced; what was there before is now {name}")
            }
        });
    }
    if let Event::FilesUnchanged { files, .. } = event {
        let were = if *files == 1 {
            "file was"
        } else {
            "files were"
        };
        return Some(format!("{files} {were} here already."));
    }
    None
}

/// One line about something that was found before data moved.
fn problem_words(path: Option<&str>, problem: &Problem) -> String {
    let path = path.unwrap_or("All of it");
    match problem {
        Problem::LeftOut { reason } => {
            format!("{path}: the sender left it out; {}", skip_words(*reason))
        }
        Problem::Renamed { name } => {
            format!("{path}: the receiver cannot hold the name; it will be called {name} there")
        }
        Problem::Taken { existing } => format!("{path}: {}", taken_words(*existing)),
        Problem::NoSpace { missing_bytes } => {
            format!(
                "{path}: the receiver lacks {} of space",
                HumanBytes(*missing_bytes)
            )
        }
        Problem::More { entries } => format!("{entries} more {} like these", items(*entries)),
    }
}

fn taken_words(existing: Existing) -> &'static str {
    match existing {
        Existing::KeepBoth => "the name is taken at the receiver; both will be kept",
        Existing::Skip => {
            "the name is taken at the receiver; what is the same stays, otherwise both will be kept"
        }
        Existing::Replace => {
            "the name is taken at the receiver; what was there will be kept under a dated name"
        }
    }
}

fn skip_words(reason: api::SkipReason) -> &'static str {
    match reason {
        api::SkipReason::Link => "skipped: links are not followed",
        api::SkipReason::Special => "skipped: neither file nor folder",
        api::SkipReason::Name => "skipped: the name cannot travel",
        api::SkipReason::Clash => "skipped: some systems take its name for that of its neighbour",
        api::SkipReason::TooLong => "skipped: the name or path is too long",
        api::SkipReason::NameRefused => {
            "skipped: the receiver cannot hold the name, or takes no programs"
        }
        api::SkipReason::ProgramRefused => {
            "left out: it is a program (see wherry rules set --executables)"
        }
        api::SkipReason::Unreadable => "skipped: it cannot be read",
        api::SkipReason::Gone => "skipped: it disappeared",
        api::SkipReason::KindChanged => "skipped: it became something else",
        api::SkipReason::KeepsChanging => "skipped: it changes all the time",
        api::SkipReason::ChangedResent => "changed while it was sent: carried again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_one_line() {
        let taken = [Existing::KeepBoth, Existing::Skip, Existing::Replace];
        let mut problems: Vec<Problem> = taken.map(|existing| Problem::Taken { existing }).into();
        problems.extend([
            Problem::LeftOut {
                reason: api::SkipReason::Link,
            },
            Problem::Renamed {
                name: "con_".into(),
            },
            Problem::NoSpace { missing_bytes: 7 },
            Problem::More { entries: 2 },
        ]);
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| problem_words(Some("tree/con"), problem))
            .collect();
        for (at, line) in lines.iter().enumerate() {
            assert!(
                !line.contains('\n') && !lines[..at].contains(line),
                "{line}"
            );
        }
    }
}
