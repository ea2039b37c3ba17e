use std::io;
use std::path::Path;

use windows_registry::{CURRENT_USER, Key, LOCAL_MACHINE, Type, Value};

use super::managed::{Managed, as_file};
use crate::settings_file::SettingsFileError;

/// What group policy wrote: what holds for the machine stands above what holds for the person.
///
/// Ordinary people cannot write either key.
pub(super) fn policy() -> Result<Option<String>, SettingsFileError> {
    policy_of(CURRENT_USER, LOCAL_MACHINE)
}

fn policy_of(person: &Key, machine: &Key) -> Result<Option<String>, SettingsFileError> {
    let (person, machine) = (read(person)?, read(machine)?);
    if person.is_none() && machine.is_none() {
        return Ok(None);
    }
    let mut managed = person.unwrap_or_default();
    managed.extend(machine.unwrap_or_default());
    as_file(&managed, Path::new(PATH)).map(Some)
}

fn read(root: &Key) -> Result<Option<Managed>, SettingsFileError> {
    let at = |source: io::Error| SettingsFileError::Io {
        path: PATH.into(),
        source,
    };
    let key = match root.open(PATH) {
        Ok(key) => key,
        Err(error) if error.code().0 == NOT_THERE => return Ok(None),
        Err(error) => return Err(at(error.into())),
    };
    let values = key.values().map_err(|error| at(error.into()))?;
    // The value without a name is what editors make by themselves.
    let named = values.filter(|(name, _)| !name.is_empty());
    let managed = named.map(|(name, value)| (name, text(value)));
    Ok(Some(managed.collect()))
}

fn text(value: Value) -> Option<String> {
    match value.ty() {
        Type::U32 | Type::U64 => u64::try_from(value).ok().map(|number| number.to_string()),
        // What is to be expanded would follow the environment, so it is taken as it stands.
        Type::String | Type::ExpandString => value.try_into().ok(),
        Type::MultiString | Type::Bytes | Type::Other(_) => None,
    }
}

/// Below `HKEY_LOCAL_MACHINE` and `HKEY_CURRENT_USER`.
const PATH: &str = r"Software\Policies\Wherry";
/// `ERROR_FILE_NOT_FOUND` as an `HRESULT`, which no kind of [`io::Error`] stands for.
const NOT_THERE: i32 = 0x8007_0002_u32.cast_signed();

#[cfg(test)]
mod tests {
    use super::*;

    /// A part of the registry that stands for the whole, and goes with the test.
    struct Registry {
        place: String,
        person: Key,
        machine: Key,
    }

    impl Registry {
        fn new(name: &str) -> Self {
            let place = format!(r"Software\Wherry test {name} {}", std::process::id());
            let root = CURRENT_USER.create(&place).unwrap();
            Self {
                place,
                person: root.create("person").unwrap(),
                machine: root.create("machine").unwrap(),
            }
        }

        fn policy(&self) -> Option<String> {
            policy_of(&self.person, &self.machine).unwrap()
        }
    }

    impl Drop for Registry {
        fn drop(&mut self) {
            CURRENT_USER.remove_tree(&self.place).ok();
        }
    }

    #[test]
    fn where_nobody_wrote_a_policy_there_is_none() {
        assert_eq!(Registry::new("nothing").policy(), None);
    }

    #[test]
    fn what_holds_for_the_machine_stands_above_what_holds_for_the_person() {
        let registry = Registry::new("order");
        assert_eq!(registry.policy(), None);
        let person = registry.person.create(PATH).unwrap();
        assert_eq!(registry.policy().as_deref(), Some(""));
        person.set_string("relay", "never").unwrap();
        person.set_u32("history-days", 7).unwrap();
        let machine = registry.machine.create(PATH).unwrap();
        machine.set_string("relay", "only").unwrap();
        assert_eq!(
            registry.policy().as_deref(),
            Some("\"history-days\"=\"7\"\n\"relay\"=\"only\"\n")
        );
    }

    #[test]
    fn values_are_taken_as_they_stand_and_odd_ones_become_what_no_setting_takes() {
        let registry = Registry::new("kinds");
        let machine = registry.machine.create(PATH).unwrap();
        machine.set_string("", "made by an editor").unwrap();
        machine.set_u64("disk-reserve-bytes", u64::MAX).unwrap();
        machine
            .set_expand_string("destination-folder", r"%TEMP%\in")
            .unwrap();
        machine
            .set_multi_string("server-url", &["wss://a", "wss://b"])
            .unwrap();
        let expected = [
            r#""destination-folder"="%TEMP%\\in""#,
            r#""disk-reserve-bytes"="18446744073709551615""#,
            r#""server-url"=[]"#,
            "",
        ];
        assert_eq!(registry.policy(), Some(expected.join("\n")));
    }
}
