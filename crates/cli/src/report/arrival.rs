//! What is said of offers, and of names and files at the receiver.

use api::{Event, ItemKind, NameOutcome};
use indicatif::HumanBytes;

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

fn skip_words(reason: api::SkipReason) -> &'static str {
    match reason {
        api::SkipReason::Link => "skipped: links are not followed",
        api::SkipReason::Special => "skipped: neither file nor folder",
        api::SkipReason::Name => "skipped: the name cannot travel",
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
