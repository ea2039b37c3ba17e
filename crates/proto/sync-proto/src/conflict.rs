//! How the copies that conflicts leave are called.

use model::limits::NAME_BYTES;
use model::{DisplayName, Timestamp};

use crate::{FolderPath, FolderRoster, Record};

/// The path at which the file of `record` is kept when another version takes `path`: `report (Jon, 3 May
/// 14.02).docx` for what Jon's device changed on 3 May at 14.02 UTC.
///
/// The same on every device, so that two that keep the same copy make the same file. `taken` says which paths are not free.
pub(crate) fn copy_path(
    path: &FolderPath,
    record: &Record,
    roster: &FolderRoster,
    taken: impl Fn(&FolderPath) -> bool,
) -> Option<FolderPath> {
    let author = record.version.author().and_then(|seat| roster.member(seat));
    let name = author.map_or("?", |member| member.name.as_str());
    let modified = record.state.file().map(|file| file.modified);
    let when = modified.map_or_else(String::new, moment);
    let mark: String = format!("{name}, {when}")
        .chars()
        .map(|it| if is_plain(it) { it } else { '_' })
        .collect();
    let candidates = (1..COPIES).map(|number| match number {
        1 => format!(" ({mark})"),
        _ => format!(" ({mark}, {number})"),
    });
    let mut paths = candidates.filter_map(|mark| {
        let marked = with_mark(path.file_name(), &mark);
        path.renamed(&marked).ok()
    });
    paths.find(|path| !taken(path))
}

/// `name` with a mark before its extension, cut to what file systems hold.
fn with_mark(name: &str, mark: &str) -> String {
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= LONGEST_EXTENSION => {
            (stem, format!(".{extension}"))
        }
        Some(_) | None => (name, String::new()),
    };
    let mark = cut(mark, NAME_BYTES / 2);
    let room = NAME_BYTES.saturating_sub(mark.len() + extension.len());
    format!("{}{mark}{extension}", cut(stem, room))
}

fn cut(text: &str, most: usize) -> &str {
    let ends = (0..=most.min(text.len())).rev();
    let end = ends.into_iter().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// Characters that every file system holds in a name.
fn is_plain(character: char) -> bool {
    let is_path = matches!(
        character,
        '/' | '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*'
    );
    !is_path && !DisplayName::is_escaped(character)
}

/// `3 May 14.02`, in UTC.
fn moment(time: Timestamp) -> String {
    let text = time.to_string();
    let (date, clock) = text.split_once('T').unwrap_or((&text, ""));
    let mut parts = date.rsplit('-').map(|part| part.parse::<usize>());
    let day = parts.next().and_then(Result::ok).unwrap_or(1);
    let month = parts.next().and_then(Result::ok).unwrap_or(1);
    let month = MONTHS.get(month.saturating_sub(1)).unwrap_or(&"?");
    let minute: String = clock.chars().take(5).collect();
    format!("{day} {month} {}", minute.replace(':', "."))
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// Copies of one author and minute that are told apart; what comes after waits until one of them is gone.
const COPIES: u32 = 1_000;
/// What follows a later dot is part of the name.
const LONGEST_EXTENSION: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileState, Seat, State, VersionVector};
    use model::{DeviceSecrets, Digest};

    fn roster(name: &str) -> FolderRoster {
        let own = DeviceSecrets::from_bytes(&[1; 64]);
        FolderRoster::found(&own, DisplayName::new(name), [2; 16])
    }

    fn record() -> Record {
        Record {
            version: VersionVector::default().bumped(Seat::OWNER, 5),
            state: State::File(FileState {
                size_bytes: 1,
                modified: Timestamp {
                    seconds: 1_777_816_920,
                    nanoseconds: 0,
                },
                executable: false,
                digest: Digest::of(b"x"),
            }),
            rival: None,
        }
    }

    fn copy(text: &str, owner: &str) -> String {
        let path = FolderPath::parse(text).unwrap();
        let copy = copy_path(&path, &record(), &roster(owner), |_| false).unwrap();
        copy.as_str().to_owned()
    }

    #[test]
    fn a_copy_says_whose_and_when_before_its_extension() {
        assert_eq!(
            copy("plans/report.docx", "Jon"),
            "plans/report (Jon, 3 May 14.02).docx"
        );
        assert_eq!(copy(".profile", "Jon"), ".profile (Jon, 3 May 14.02)");
        assert_eq!(copy("Makefile", "J/o:n"), "Makefile (J_o_n, 3 May 14.02)");
    }

    #[test]
    fn a_copy_of_the_longest_name_still_has_a_name() {
        let long = format!("{}.jpeg", "ä".repeat(125));
        let name = copy(&long, &"n".repeat(128));
        assert!(name.len() <= NAME_BYTES && name.ends_with(").jpeg") || name.ends_with(".jpeg"));
    }

    #[test]
    fn a_name_that_is_taken_is_not_taken_again() {
        let path = FolderPath::parse("a.txt").unwrap();
        let first = "a (Jon, 3 May 14.02).txt";
        let copy = copy_path(&path, &record(), &roster("Jon"), |it| it.as_str() == first);
        assert_eq!(copy.unwrap().as_str(), "a (Jon, 3 May 14.02, 2).txt");
    }
}
