use std::io::Cursor;
use std::path::Path;

use plist::Value;

use super::managed::{Managed, as_file};
use crate::settings_file::{SettingsFileError, read_bytes};

/// What a configuration profile for the computer says, as the system puts it at `path`.
pub(super) fn policy(path: &Path) -> Result<Option<String>, SettingsFileError> {
    let Some(bytes) = read_bytes(path)? else {
        return Ok(None);
    };
    let no_text = || SettingsFileError::NoText {
        path: path.to_owned(),
    };
    let list = Value::from_reader(Cursor::new(bytes)).map_err(|_| no_text())?;
    let values = list.into_dictionary().ok_or_else(no_text)?;
    // What profiles say of themselves is no setting.
    let own = values.iter().filter(|(key, _)| !key.starts_with("Payload"));
    let managed: Managed = own.map(|(key, it)| (key.clone(), text(it))).collect();
    as_file(&managed, path).map(Some)
}

fn text(value: &Value) -> Option<String> {
    let number = value.as_signed_integer().map(|it| it.to_string());
    let number = number.or_else(|| value.as_unsigned_integer().map(|it| it.to_string()));
    let switch = value.as_boolean().map(|it| it.to_string());
    value.as_string().map(str::to_owned).or(number).or(switch)
}

/// Written by the system alone.
#[cfg(target_os = "macos")]
pub(super) const PATH: &str = "/Library/Managed Preferences/org.wherry.Wherry.plist";

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a file for the test");
        std::fs::write(file.path(), bytes).expect("the file is new");
        file
    }

    #[test]
    fn a_profile_says_what_a_file_would_in_either_of_its_forms() {
        let mut values = plist::Dictionary::new();
        values.insert("relay".into(), "only".into());
        values.insert("history-days".into(), 7.into());
        values.insert("disk-reserve-bytes".into(), u64::MAX.into());
        values.insert("known".into(), true.into());
        values.insert("PayloadVersion".into(), 1.into());
        values.insert("server-url".into(), Value::Array(Vec::new()));
        let list = Value::Dictionary(values);
        let expected = "\"disk-reserve-bytes\"=\"18446744073709551615\"\n\"history-days\"=\"7\"\n\"known\"=\"true\"\n\"relay\"=\"only\"\n\"server-url\"=[]\n";
        let (mut binary, mut text) = (Vec::new(), Vec::new());
        list.to_writer_binary(&mut binary).unwrap();
        list.to_writer_xml(&mut text).unwrap();
        for bytes in [binary, text] {
            assert_eq!(
                policy(profile(&bytes).path()).unwrap().as_deref(),
                Some(expected)
            );
        }
    }

    #[test]
    fn what_is_no_profile_is_refused_and_none_is_none() {
        for wrong in [
            b"".as_slice(),
            b"relay = 1",
            b"bplist00",
            b"<plist><array/></plist>",
        ] {
            let refused = policy(profile(wrong).path());
            assert!(
                matches!(refused, Err(SettingsFileError::NoText { .. })),
                "{refused:?}"
            );
        }
        assert_eq!(policy(Path::new("/nowhere/at/all")).unwrap(), None);
    }
}
