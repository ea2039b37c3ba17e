use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::limits::{FOLDER_PATTERN_BYTES, NAME_BYTES, PATH_DEPTH};
use crate::{DisplayName, Name, NameRules};

/// Where below the destination something goes, like `{sender}/{year}-{month}`.
///
/// Placeholders are `{sender}`, `{year}`, `{month}`, `{day}` and `{kind}`; each becomes part of one name and
/// never a separator. The words between slashes are the folder's owner's, and are names by the universal rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FolderPattern(String);

/// What placeholders stand for.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// Who sends; may be any text.
    pub sender: DisplayName,
    /// The day, as year, month and day.
    pub date: (i32, u32, u32),
    /// A word for what is sent: see [`kind_word`].
    pub kind: &'static str,
}

/// Why a pattern is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FolderPatternError {
    /// Nothing, or nothing between two slashes.
    #[error("a name between the slashes is empty; the pattern begins and ends without one")]
    Empty,
    /// More than [`FOLDER_PATTERN_BYTES`] or [`PATH_DEPTH`] names.
    #[error("the pattern is too long")]
    TooLong,
    /// Braces around something else, or without a pair.
    #[error("the placeholders are {{sender}}, {{year}}, {{month}}, {{day}} and {{kind}}")]
    Placeholder,
    /// Something that no folder can be called everywhere.
    #[error("a folder cannot have that name")]
    Name,
}

impl FolderPattern {
    /// The names of the folders, outermost first: each one that every system can hold, never empty,
    /// never hidden by a placeholder, never a way out.
    pub fn names(&self, occasion: &Occasion) -> Vec<Name> {
        let parts = self.0.split('/');
        parts.map(|part| expand(part, occasion)).collect()
    }
}

impl FromStr for FolderPattern {
    type Err = FolderPatternError;

    fn from_str(text: &str) -> Result<Self, FolderPatternError> {
        if text.len() > FOLDER_PATTERN_BYTES || text.split('/').count() > PATH_DEPTH {
            return Err(FolderPatternError::TooLong);
        }
        for part in text.split('/') {
            check_part(part)?;
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for FolderPattern {
    type Error = FolderPatternError;

    fn try_from(text: String) -> Result<Self, FolderPatternError> {
        text.parse()
    }
}

impl From<FolderPattern> for String {
    fn from(pattern: FolderPattern) -> Self {
        pattern.0
    }
}

impl fmt::Display for FolderPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One name that every system can hold, as like `text` as can be; the same for the same text, always.
///
/// It is not hidden, and no path: whatever could lead elsewhere becomes `_`.
pub fn safe_name(text: &str) -> Name {
    let replaced: String = text.chars().map(safe_character).collect();
    let mut safe = replaced.trim_start().to_owned();
    if safe.starts_with('.') {
        safe.replace_range(..1, "_");
    }
    cut(&mut safe);
    let fits = |text: &str| Name::parse(text).is_ok_and(|it| it.check(NameRules::Windows).is_ok());
    if !fits(&safe) {
        safe.insert(0, '_'); // Empty, or a name that Windows keeps for itself.
        cut(&mut safe);
    }
    Name::parse(&safe).unwrap_or_else(|_| Name::parse("_").expect("an underscore is a name"))
}

/// A word for a folder of things like these: of one file by its name, else `folders`.
pub fn kind_word(first_name: &str, entries: u64) -> &'static str {
    if entries != 1 {
        return "folders";
    }
    let ending = first_name.rsplit_once('.').map(|(_, ending)| ending);
    let ending = ending.unwrap_or_default().to_ascii_lowercase();
    let found = KINDS
        .iter()
        .find(|(_, endings)| endings.contains(&ending.as_str()));
    found.map_or("other", |(word, _)| word)
}

fn check_part(part: &str) -> Result<(), FolderPatternError> {
    if part.is_empty() {
        return Err(FolderPatternError::Empty);
    }
    let mut literal = part.to_owned();
    for (placeholder, _) in PLACEHOLDERS {
        literal = literal.replace(placeholder, "x");
    }
    if literal.contains(['{', '}']) {
        return Err(FolderPatternError::Placeholder);
    }
    let name = Name::parse(&literal).map_err(|_| FolderPatternError::Name)?;
    // What follows a dot in front is the owner's to say: a sender must not choose a hidden folder.
    let is_private = is_own(&literal) || part.starts_with(".{");
    match name.check(NameRules::Windows) {
        Ok(()) if !is_private => Ok(()),
        Ok(()) | Err(_) => Err(FolderPatternError::Name),
    }
}

/// Whether Wherry's own folders beside the destination could have this name.
fn is_own(name: &str) -> bool {
    name.to_ascii_lowercase().starts_with(".wherry")
}

fn expand(part: &str, occasion: &Occasion) -> Name {
    let mut name = String::new();
    let mut rest = part;
    while let Some(at) = rest.find('{') {
        let (literal, from) = rest.split_at(at);
        name.push_str(literal);
        let found = PLACEHOLDERS.iter().find(|(text, _)| from.starts_with(text));
        let Some((text, value)) = found else {
            break; // A pattern that was checked has no other braces.
        };
        name.push_str(safe_name(&value(occasion)).as_str());
        rest = from.get(text.len()..).unwrap_or_default();
    }
    name.push_str(rest);
    // Together they may be too long, or a name that Windows keeps for itself. A dot in front was the owner's.
    let is_hidden = part.starts_with('.') && !is_own(&name);
    match Name::parse(&name) {
        Ok(whole) if is_hidden && whole.check(NameRules::Windows).is_ok() => whole,
        Ok(_) | Err(_) => safe_name(&name),
    }
}

fn safe_character(character: char) -> char {
    let is_bad = DisplayName::is_escaped(character)
        || matches!(
            character,
            '/' | '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*'
        );
    if is_bad { '_' } else { character }
}

/// To what a name may be long, and without an end that Windows would remove.
fn cut(text: &mut String) {
    let bytes = NAME_BYTES.min(text.len());
    let end = (0..=bytes).rev().find(|&end| text.is_char_boundary(end));
    text.truncate(end.unwrap_or(0));
    let kept = text.trim_end_matches(|it: char| it == '.' || it.is_whitespace());
    text.truncate(kept.len());
}

type Value = fn(&Occasion) -> String;

const PLACEHOLDERS: [(&str, Value); 5] = [
    ("{sender}", |it| it.sender.as_str().to_owned()),
    ("{year}", |it| format!("{:04}", it.date.0)),
    ("{month}", |it| format!("{:02}", it.date.1)),
    ("{day}", |it| format!("{:02}", it.date.2)),
    ("{kind}", |it| it.kind.to_owned()),
];

const KINDS: [(&str, &[&str]); 5] = [
    (
        "pictures",
        &[
            "avif", "bmp", "gif", "heic", "jpeg", "jpg", "png", "raw", "svg", "tif", "tiff", "webp",
        ],
    ),
    (
        "videos",
        &[
            "avi", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "webm", "wmv",
        ],
    ),
    (
        "sounds",
        &[
            "aac", "aiff", "flac", "m4a", "mid", "mp3", "ogg", "opus", "wav",
        ],
    ),
    (
        "documents",
        &[
            "csv", "doc", "docx", "epub", "html", "md", "odp", "ods", "odt", "pdf", "ppt", "pptx",
            "rtf", "txt", "xls", "xlsx",
        ],
    ),
    (
        "archives",
        &["7z", "bz2", "gz", "rar", "tar", "tgz", "xz", "zip", "zst"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn occasion(sender: &str) -> Occasion {
        Occasion {
            sender: DisplayName::new(sender),
            date: (2026, 3, 9),
            kind: "pictures",
        }
    }

    fn names(pattern: &str, sender: &str) -> Vec<String> {
        let pattern: FolderPattern = pattern.parse().unwrap();
        let names = pattern.names(&occasion(sender));
        names.iter().map(|name| name.as_str().to_owned()).collect()
    }

    #[test]
    fn placeholders_become_names() {
        assert_eq!(
            names("in/{sender}/{year}-{month}-{day} {kind}", "Ana"),
            ["in", "Ana", "2026-03-09 pictures"]
        );
        assert_eq!(names(".inbox", "Ana"), [".inbox"]);
    }

    #[test]
    fn hostile_senders_stay_in_one_visible_folder() {
        for (sender, name) in [
            ("../../etc", "_._.._etc"),
            ("..", "_"),
            (".ssh", "_ssh"),
            ("a/b\\c", "a_b_c"),
            ("con", "_con"),
            ("nul.txt", "_nul.txt"),
            ("", "_"),
            ("   ", "_"),
            ("end. . ", "end"),
            ("\u{202e}gpj", "_gpj"),
            (".wherry-00000000.partial", "_wherry-00000000.partial"),
        ] {
            assert_eq!(safe_name(sender).as_str(), name, "{sender}");
        }
        assert_eq!(names("{sender}", "{day}"), ["{day}"]);
        assert_eq!(
            names(".w{sender}", "herry-0.partial"),
            ["_wherry-0.partial"]
        );
    }

    #[test]
    fn patterns_that_lead_elsewhere_are_refused() {
        use FolderPatternError as Error;
        for (text, error) in [
            ("", Error::Empty),
            ("/etc", Error::Empty),
            ("a//b", Error::Empty),
            ("a/", Error::Empty),
            ("..", Error::Name),
            ("a/../b", Error::Name),
            ("a\\b", Error::Name),
            ("con", Error::Name),
            (".wherry-00000000.partial", Error::Name),
            (".{sender}", Error::Name),
            ("{who}", Error::Placeholder),
            ("{sender", Error::Placeholder),
            ("}{", Error::Placeholder),
        ] {
            assert_eq!(text.parse::<FolderPattern>(), Err(error), "{text}");
        }
    }

    #[test]
    fn a_pattern_has_a_bound() {
        let is_ok = |text: &str| text.parse::<FolderPattern>().is_ok();
        let of = |last: usize| ["x".repeat(200), "y".repeat(200), "z".repeat(last)].join("/");
        assert_eq!(of(110).len(), FOLDER_PATTERN_BYTES);
        assert!(is_ok(&of(110)));
        assert!(!is_ok(&of(111)));
        assert!(is_ok(&vec!["a"; PATH_DEPTH].join("/")));
        assert!(!is_ok(&vec!["a"; PATH_DEPTH + 1].join("/")));
    }

    #[test]
    fn a_file_is_of_the_kind_of_its_name() {
        assert_eq!(kind_word("trip.MOV", 1), "videos");
        assert_eq!(kind_word("a.jpg", 1), "pictures");
        assert_eq!(kind_word("a.jpg", 2), "folders");
        assert_eq!(kind_word("../x", 1), "other");
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_name_that_every_system_holds(text in any::<String>()) {
            let name = safe_name(&text);
            prop_assert!(name.check(NameRules::Windows).is_ok());
            prop_assert!(!name.as_str().starts_with('.'));
            prop_assert_eq!(safe_name(name.as_str()), name);
        }

        #[test]
        fn no_sender_leaves_the_folder(
            sender in "\\PC{0,140}|[./\\\\{} a-z:]{0,140}|(con|nul|com1)[. ]{0,3}",
            pattern in "([a-z.{} /-]|\\{sender\\}|\\{year\\}|\\{kind\\}){1,60}",
        ) {
            if let Ok(parsed) = pattern.parse::<FolderPattern>() {
                let names = parsed.names(&occasion(&sender));
                prop_assert_eq!(names.len(), pattern.split('/').count());
                for (name, part) in names.iter().zip(pattern.split('/')) {
                    prop_assert!(name.check(NameRules::Windows).is_ok());
                    prop_assert!(!name.as_str().starts_with('.') || part.starts_with('.'));
                    prop_assert!(!name.as_str().to_lowercase().starts_with(".wherry"));
                }
            }
        }
    }
}
