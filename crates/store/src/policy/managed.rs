//! What administrators say through the system, as the text of a policy file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::settings_file::{SETTINGS_BYTES, SettingsFileError};

/// What a system manages: keys with values as texts, or `None` for what is neither text nor number nor switch.
pub(super) type Managed = BTreeMap<String, Option<String>>;

/// The same as a policy file.
///
/// What has no text becomes a list, which no setting may be: so it is told, and keeps the device offline.
pub(super) fn as_file(managed: &Managed, source: &Path) -> Result<String, SettingsFileError> {
    let mut file = String::new();
    for (key, value) in managed {
        quote(&mut file, key);
        file.push('=');
        match value {
            Some(text) => quote(&mut file, text),
            None => file.push_str("[]"),
        }
        file.push('\n');
    }
    let is_short = u64::try_from(file.len()).is_ok_and(|length| length <= SETTINGS_BYTES);
    let no_text = || SettingsFileError::NoText {
        path: source.to_owned(),
    };
    is_short.then_some(file).ok_or_else(no_text)
}

/// A basic string of TOML 1.0.
fn quote(file: &mut String, text: &str) {
    file.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => file.extend(['\\', character]),
            // Writing to a string cannot fail.
            it if it.is_control() => write!(file, "\\u{:04X}", u32::from(it)).unwrap_or_default(),
            it => file.push(it),
        }
    }
    file.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_managed_and_too_long_is_refused_whole() {
        let length = usize::try_from(SETTINGS_BYTES).unwrap();
        let managed = Managed::from([("a".into(), Some("x".repeat(length)))]);
        let refused = as_file(&managed, Path::new("here"));
        assert!(matches!(refused, Err(SettingsFileError::NoText { .. })));
    }

    #[test]
    fn what_is_no_value_becomes_one_that_no_setting_takes() {
        let managed = Managed::from([("relay".into(), None)]);
        assert_eq!(
            as_file(&managed, Path::new("here")).unwrap(),
            "\"relay\"=[]\n"
        );
    }

    proptest! {
        #[test]
        fn whatever_is_managed_is_read_back_as_it_was(
            texts in proptest::collection::btree_map("\\PC{0,8}|.{0,8}", "\\PC{0,16}|(?s).{0,16}", 0..5),
        ) {
            let managed = texts.iter().map(|(key, text)| (key.clone(), Some(text.clone())));
            let file = as_file(&managed.collect(), Path::new("here")).unwrap();
            let read: toml::Table = file.parse().unwrap();
            let read = read.iter().map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()));
            prop_assert_eq!(read.collect::<BTreeMap<_, _>>(), texts);
        }
    }
}
