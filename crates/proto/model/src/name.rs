use std::fmt;
use std::sync::Arc;

use serde::de::{Deserializer, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::limits::{DISPLAY_NAME_BYTES, NAME_BYTES, NAME_UTF16_UNITS, PATH_BYTES, PATH_DEPTH};

/// Which system's rules a name must obey.
///
/// Universal rules hold everywhere; Windows adds its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameRules {
    /// What every receiver refuses.
    Universal,
    /// What a receiver on Windows refuses too.
    Windows,
}

/// Why a received name is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing in it.
    #[error("the name is empty")]
    Empty,
    /// `.` or `..`.
    #[error("the name would leave its folder")]
    Traversal,
    /// A slash or backslash.
    #[error("the name contains a path separator")]
    Separator,
    /// NUL or another control character (C0, DEL, C1).
    #[error("the name contains a control character")]
    Control,
    /// Line or paragraph separators, bidi controls, tag characters: they lie about what is shown.
    #[error("the name contains an invisible character that changes how it is shown")]
    Deceptive,
    /// Longer than a file system can hold.
    #[error("the name is too long")]
    TooLong,
    /// Deeper or longer than [`PATH_DEPTH`] or [`PATH_BYTES`].
    #[error("the path is too deep or too long")]
    PathTooLong,
    /// One of `<>:"|?*` on Windows.
    #[error("the name contains a character that Windows cannot hold")]
    WindowsCharacter,
    /// A dot or space at the end on Windows.
    #[error("the name ends in a dot or space, which Windows would remove")]
    WindowsTrailing,
    /// `CON`, `NUL`, `COM1`, … in any case, with any extension, on Windows.
    #[error("the name is reserved by Windows")]
    WindowsReserved,
}

/// One component of a path, safe to create on any system that is not Windows.
///
/// Exactly the text that was sent: it is never normalised, shortened or repaired. A clone shares the text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// Checks `text` against the universal rules.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check_universal(text)?;
        Ok(Self(text.into()))
    }

    /// Checks against the further rules of a receiving system.
    pub fn check(&self, rules: NameRules) -> Result<(), NameError> {
        match rules {
            NameRules::Universal => Ok(()),
            NameRules::Windows => check_windows(&self.0),
        }
    }

    /// The text as it was sent. Escape it before printing: see [`DisplayName`].
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two names have in common if some file system would take them for the same: NFC, case folded.
    ///
    /// Folded fully, as APFS does: lower, upper and lower case again make one of `ß` and `ss`, `Σ` and `ς`.
    pub fn collision_key(&self) -> String {
        if self.0.is_ascii() {
            return self.0.to_ascii_lowercase();
        }
        let folded: String = self
            .0
            .nfc()
            .flat_map(char::to_lowercase)
            .flat_map(char::to_uppercase)
            .flat_map(char::to_lowercase)
            .collect();
        if is_nfc(&folded) {
            folded
        } else {
            folded.nfc().collect()
        }
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.as_str().to_owned()
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Name, E> {
        Name::parse(text).map_err(E::custom)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name(…)")
    }
}

/// A relative path: one to [`PATH_DEPTH`] names, never a string with separators. A clone shares the names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "Vec<Name>")]
pub struct RelPath(Arc<[Name]>);

impl RelPath {
    /// Makes a path of `names`.
    pub fn new(names: Vec<Name>) -> Result<Self, NameError> {
        if names.is_empty() {
            return Err(NameError::Empty);
        }
        let bytes: usize = names.iter().map(|name| name.0.len() + 1).sum();
        if names.len() > PATH_DEPTH || bytes > PATH_BYTES {
            return Err(NameError::PathTooLong);
        }
        Ok(Self(names.into()))
    }

    /// A path of one name.
    pub fn of_name(name: Name) -> Self {
        Self([name].into())
    }

    /// The names from the outermost inward; never empty.
    pub fn names(&self) -> &[Name] {
        &self.0
    }

    /// The innermost name.
    pub fn file_name(&self) -> &Name {
        self.0.last().expect("a path has at least one name")
    }

    /// The outermost name.
    pub fn top(&self) -> &Name {
        self.0.first().expect("a path has at least one name")
    }

    /// The path below this one named `name`.
    pub fn join(&self, name: Name) -> Result<Self, NameError> {
        let mut names = self.0.to_vec();
        names.push(name);
        Self::new(names)
    }

    /// The folder that holds this path, or `None` at the top.
    pub fn parent(&self) -> Option<Self> {
        match &*self.0 {
            [] | [_] => None,
            [parents @ .., _] => Some(Self(parents.into())),
        }
    }
}

impl From<RelPath> for Vec<Name> {
    fn from(path: RelPath) -> Self {
        path.0.to_vec()
    }
}

impl Serialize for RelPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl TryFrom<Vec<Name>> for RelPath {
    type Error = NameError;

    fn try_from(names: Vec<Name>) -> Result<Self, NameError> {
        Self::new(names)
    }
}

impl fmt::Display for RelPath {
    /// Joined by slashes, for people: escaped like a [`DisplayName`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("/")?;
            }
            fmt::Display::fmt(&Escaped(name.as_str()), f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RelPath(depth {})", self.0.len())
    }
}

/// A name for people to read: of a device, a contact or a transfer. It never decides trust.
///
/// Printing escapes control and bidi characters; `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub struct DisplayName(String);

impl DisplayName {
    /// Takes any text: trims it and cuts it at [`DISPLAY_NAME_BYTES`].
    pub fn new(text: &str) -> Self {
        let mut text = text.trim().to_owned();
        if text.len() > DISPLAY_NAME_BYTES {
            let end = (0..=DISPLAY_NAME_BYTES)
                .rev()
                .find(|&end| text.is_char_boundary(end))
                .unwrap_or(0);
            text.truncate(end);
        }
        Self(text)
    }

    /// Whether printing a name escapes this character.
    pub fn is_escaped(character: char) -> bool {
        character.is_control() || is_deceptive(character)
    }

    /// The text as given. Never print it: `Display` escapes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for DisplayName {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<DisplayName> for String {
    fn from(name: DisplayName) -> Self {
        name.0
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Escaped(&self.0), f)
    }
}

impl fmt::Debug for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DisplayName(…)")
    }
}

struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if DisplayName::is_escaped(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

fn check_universal(text: &str) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if matches!(text, "." | "..") {
        return Err(NameError::Traversal);
    }
    if text.len() > NAME_BYTES || text.encode_utf16().count() > NAME_UTF16_UNITS {
        return Err(NameError::TooLong);
    }
    for character in text.chars() {
        if matches!(character, '/' | '\\') {
            return Err(NameError::Separator);
        }
        if character.is_control() {
            return Err(NameError::Control);
        }
        if is_deceptive(character) {
            return Err(NameError::Deceptive);
        }
    }
    Ok(())
}

/// Line and paragraph separators, bidi controls (UAX #9) and tag characters.
fn is_deceptive(character: char) -> bool {
    matches!(character,
        '\u{2028}' | '\u{2029}'
        | '\u{061C}' | '\u{200E}' | '\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
        | '\u{E0000}'..='\u{E007F}')
}

fn check_windows(text: &str) -> Result<(), NameError> {
    if text
        .chars()
        .any(|c| matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*'))
    {
        return Err(NameError::WindowsCharacter);
    }
    if text.ends_with(['.', ' ']) {
        return Err(NameError::WindowsTrailing);
    }
    let stem = text.split('.').next().unwrap_or(text).trim_end_matches(' ');
    if is_windows_device(&stem.to_ascii_uppercase()) {
        return Err(NameError::WindowsReserved);
    }
    Ok(())
}

/// The device names of Windows, including `COM`/`LPT` with superscript digits.
fn is_windows_device(stem: &str) -> bool {
    if matches!(stem, "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let Some(number) = stem
        .strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"))
    else {
        return false;
    };
    let mut characters = number.chars();
    let digit = characters.next();
    characters.next().is_none() && digit.is_some_and(|c| matches!(c, '0'..='9' | '¹' | '²' | '³'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_judged_without_panic_and_kept_exactly(text in any::<String>()) {
            if let Ok(name) = Name::parse(&text) {
                prop_assert_eq!(name.as_str(), &text);
                prop_assert!(!text.contains(['/', '\\', '\0']));
                let _ignored = name.check(NameRules::Windows);
                let _ignored = name.collision_key();
            }
        }

        #[test]
        fn what_is_printed_has_no_control_character(text in any::<String>()) {
            let shown = DisplayName::new(&text).to_string();
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_deceptive(c)));
        }
    }

    #[test]
    fn names_that_leave_the_folder_or_lie_are_refused() {
        for (text, error) in [
            ("", NameError::Empty),
            (".", NameError::Traversal),
            ("..", NameError::Traversal),
            ("a/b", NameError::Separator),
            ("a\\b", NameError::Separator),
            ("a\0", NameError::Control),
            ("a\nb", NameError::Control),
            ("a\u{85}b", NameError::Control),
            ("a\u{202E}gpj.exe", NameError::Deceptive),
            ("a\u{E0041}", NameError::Deceptive),
            ("a\u{2028}", NameError::Deceptive),
        ] {
            assert_eq!(Name::parse(text), Err(error), "{text:?}");
        }
        Name::parse("…").unwrap();
        Name::parse("...").unwrap();
        Name::parse("日本語 файл 😀.txt").unwrap();
    }

    #[test]
    fn windows_rules_refuse_what_windows_would_change() {
        for (text, error) in [
            ("a:b", NameError::WindowsCharacter),
            ("file.txt:stream", NameError::WindowsCharacter),
            ("C:", NameError::WindowsCharacter),
            ("what?", NameError::WindowsCharacter),
            ("a.", NameError::WindowsTrailing),
            ("a ", NameError::WindowsTrailing),
            ("con", NameError::WindowsReserved),
            ("Nul.tar.gz", NameError::WindowsReserved),
            ("COM¹", NameError::WindowsReserved),
            ("lpt9 .txt", NameError::WindowsReserved),
        ] {
            let name = Name::parse(text).unwrap();
            assert_eq!(name.check(NameRules::Windows), Err(error), "{text:?}");
        }
        let fine = Name::parse("console.txt").unwrap();
        assert_eq!(fine.check(NameRules::Windows), Ok(()));
    }

    #[test]
    fn names_that_some_disk_takes_for_the_same_collide() {
        let key = |text: &str| Name::parse(text).unwrap().collision_key();
        assert_eq!(key("Straße"), key("STRASSE"));
        assert_eq!(key("ẞ"), key("ß"));
        assert_eq!(key("ΣΑΣ"), key("σας"));
        assert_eq!(key("e\u{301}"), key("\u{e9}"));
        assert_eq!(key("É"), key("e\u{301}"));
        assert_ne!(key("a"), key("b"));
    }

    /// A name has no more UTF-16 units than bytes, so the limit in bytes is the one that is met.
    #[test]
    fn names_are_bounded() {
        assert!(Name::parse(&"a".repeat(NAME_BYTES)).is_ok());
        let long = "a".repeat(NAME_BYTES + 1);
        assert_eq!(Name::parse(&long), Err(NameError::TooLong));
        let units = "a".repeat(NAME_UTF16_UNITS);
        assert!(Name::parse(&units).is_ok());
        let wide = "ä".repeat(NAME_BYTES / 2);
        assert!(Name::parse(&wide).is_ok());
        assert_eq!(Name::parse(&(wide + "ä")), Err(NameError::TooLong));
    }

    #[test]
    fn paths_are_bounded() {
        let name = Name::parse("a").unwrap();
        assert!(RelPath::new(vec![name.clone(); PATH_DEPTH]).is_ok());
        let deep = RelPath::new(vec![name; PATH_DEPTH + 1]);
        assert_eq!(deep, Err(NameError::PathTooLong));
        let names = |last: usize| {
            let mut names = vec![Name::parse(&"x".repeat(255)).unwrap(); 15];
            names.extend([Name::parse(&"y".repeat(last)).unwrap()]);
            names
        };
        assert_eq!(15 * (255 + 1) + 255 + 1, PATH_BYTES);
        let full = [names(254), vec![Name::parse("z").unwrap()]].concat();
        assert_eq!(RelPath::new(full), Err(NameError::PathTooLong));
        let full = [names(253), vec![Name::parse("z").unwrap()]].concat();
        let text: usize = full.iter().map(|name| name.as_str().len() + 1).sum();
        assert_eq!(text - 1, PATH_BYTES - 1);
        assert!(RelPath::new(full).is_ok());
        assert_eq!(RelPath::new(vec![]), Err(NameError::Empty));
    }
}
