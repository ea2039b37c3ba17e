//! Settings: one table of what there is, and who decides about each row.
//!
//! What stands first wins: the policy file of whoever looks after the machine, a flag, an environment
//! variable, the settings file in the home, the program itself. A row is added in [`table`] and nowhere
//! else; commands, flags, files, the manual page and the tests read it from there.

mod attached;
mod file;
mod given;
mod kind;
mod page;
mod row;
/// The table.
pub mod table;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use api::{SettingProblem, SettingSource, SettingView};

pub use given::Given;
pub use kind::{Kind, Value};
pub use page::page;
pub use row::{Default, Flag, Row};
pub use table::ROWS;

pub(crate) use attached::check_flags;
use file::SettingsFile;

/// What is in force, and what is wrong with what was given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    layers: BTreeMap<SettingSource, Layer>,
    file: SettingsFile,
    problems: Vec<SettingProblem>,
}

type Layer = BTreeMap<&'static str, Value>;

/// The texts that settings are made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sources<'a> {
    /// The policy, if there is one.
    pub(crate) policy: Option<&'a str>,
    /// Flags and environment.
    pub(crate) given: &'a Given,
    /// The settings file in the home.
    pub(crate) file: &'a str,
}

/// Why a setting cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ChangeError {
    #[error("there is no setting {key}: see wherry config list")]
    Unknown { key: String },
    #[error("{key} is set by your organisation and cannot be changed here")]
    Locked { key: &'static str },
    #[error("{0}")]
    NotAllowed(String),
    #[error("the settings file cannot be read, so it is not changed: {0}")]
    Unreadable(String),
}

impl Settings {
    /// Puts the sources together; what cannot be used is in [`Settings::problems`].
    pub(crate) fn of(sources: Sources<'_>) -> Self {
        let mut settings = Self::default();
        settings.read_defaults();
        settings.read_given(&sources.given.environment, SettingSource::Environment);
        settings.read_given(&sources.given.flags, SettingSource::Flag);
        settings.file = settings.read_file(sources.file, SettingSource::File);
        if let Some(policy) = sources.policy {
            settings.read_file(policy, SettingSource::Policy);
        }
        settings.refuse_overruled_flags();
        settings
    }

    /// The value in force.
    pub(crate) fn value(&self, row: &Row) -> Option<&Value> {
        self.layers.values().find_map(|layer| layer.get(row.key))
    }

    /// The value of a row of numbers or bytes.
    pub(crate) fn number(&self, row: &Row) -> Option<u64> {
        match self.value(row)? {
            Value::Number(number) => Some(*number),
            Value::Text(_) | Value::Switch(_) | Value::Folder(_) => None,
        }
    }

    /// The value of a row of text: a name, a URL or a choice.
    pub(crate) fn text(&self, row: &Row) -> Option<&str> {
        match self.value(row)? {
            Value::Text(text) => Some(text),
            Value::Number(_) | Value::Switch(_) | Value::Folder(_) => None,
        }
    }

    /// The value of a row of folders.
    pub(crate) fn folder(&self, row: &Row) -> Option<&Path> {
        match self.value(row)? {
            Value::Folder(path) => Some(path),
            Value::Text(_) | Value::Switch(_) | Value::Number(_) => None,
        }
    }

    /// Where the value in force comes from.
    pub(crate) fn source(&self, row: &Row) -> SettingSource {
        let mut layers = self.layers.iter();
        let found = layers.find(|(_, layer)| layer.contains_key(row.key));
        found.map_or(SettingSource::Default, |(&source, _)| source)
    }

    /// Whether a policy holds a row.
    pub(crate) fn is_locked(&self, row: &Row) -> bool {
        self.source(row) == SettingSource::Policy
    }

    /// Keeps the device offline until something outside the rows is put right.
    pub(crate) fn block(&mut self, message: String) {
        self.problem(None, message, true);
    }

    /// What cannot stay as it is.
    pub(crate) fn problems(&self) -> &[SettingProblem] {
        &self.problems
    }

    /// Every row for faces.
    pub(crate) fn views(&self) -> Vec<SettingView> {
        ROWS.iter().map(|row| self.view(row)).collect()
    }

    /// The settings file's text after a change; `None` takes the key out, also one that is no row.
    pub(crate) fn changed(&self, key: &str, value: Option<&str>) -> Result<String, ChangeError> {
        if let Some(broken) = self.problems.iter().find(|problem| {
            problem.key.is_none() && problem.message.starts_with(place(SettingSource::File))
        }) {
            return Err(ChangeError::Unreadable(broken.message.clone()));
        }
        let mut file = self.file.clone();
        let Some(row) = Row::of_key(key) else {
            let is_stray = value.is_none() && file.remove(key);
            return match is_stray {
                true => Ok(file.text()),
                false => Err(ChangeError::Unknown {
                    key: key.escape_debug().to_string(),
                }),
            };
        };
        if self.is_locked(row) {
            return Err(ChangeError::Locked { key: row.key });
        }
        let value = value.map(|text| {
            let value = row.kind.read(OsStr::new(text));
            value.ok_or_else(|| ChangeError::NotAllowed(refusal(row, OsStr::new(text))))
        });
        file.change(row, value.transpose()?.as_ref());
        Ok(file.text())
    }

    fn view(&self, row: &Row) -> SettingView {
        SettingView {
            key: row.key.to_owned(),
            value: self.value(row).map(ToString::to_string),
            source: self.source(row),
            locked: self.is_locked(row),
            default: row.default.words().to_owned(),
            allowed: row.kind.allowed(),
            about: row.about.to_owned(),
            environment: row.environment.to_owned(),
            flag: row.flag.map(|flag| flag.name().to_owned()),
        }
    }

    fn read_defaults(&mut self) {
        for row in ROWS {
            if let Some(text) = row.default.value() {
                self.read(row, OsStr::new(text), SettingSource::Default);
            }
        }
    }

    fn read_given(
        &mut self,
        given: &BTreeMap<&'static str, std::ffi::OsString>,
        source: SettingSource,
    ) {
        for row in ROWS {
            if let Some(text) = given.get(row.key) {
                self.read(row, text, source);
            }
        }
    }

    fn read_file(&mut self, text: &str, source: SettingSource) -> SettingsFile {
        let file = match SettingsFile::parse(text) {
            Ok(file) => file,
            Err(error) => {
                self.problem(None, format!("{}, {error}.", place(source)), true);
                return SettingsFile::default();
            }
        };
        for (key, value) in file.entries() {
            self.read_entry(key, value.as_deref(), source);
        }
        file
    }

    fn read_entry(&mut self, key: &str, value: Option<&OsStr>, source: SettingSource) {
        let place = place(source);
        let Some(row) = Row::of_key(key) else {
            let key = key.escape_debug().to_string();
            let message = format!("{place}: there is no setting {key}; it is ignored.");
            self.problem(Some(&key), message, false);
            return;
        };
        if source == SettingSource::Policy && !row.lockable {
            let message = format!("{place}: a policy cannot hold {key}; it is ignored.");
            self.problem(Some(key), message, false);
            return;
        }
        match value {
            Some(text) => self.read(row, text, source),
            None => {
                let allowed = row.kind.allowed();
                let message = format!("{place}: {key} must be {allowed}.");
                self.problem(Some(key), message, true);
            }
        }
    }

    fn read(&mut self, row: &'static Row, text: &OsStr, source: SettingSource) {
        if let Some(value) = row.kind.read(text) {
            self.layers
                .entry(source)
                .or_default()
                .insert(row.key, value);
            return;
        }
        let place = match (source, row.flag) {
            (SettingSource::Flag, Some(flag)) => format!("--{}", flag.name()),
            (SettingSource::Environment, _) => row.environment.to_owned(),
            (_, _) => place(source).to_owned(),
        };
        let message = format!("{place}: {}", refusal(row, text));
        self.problem(Some(row.key), message, true);
    }

    /// A flag is a wish said aloud: what a policy overrules is refused, not passed over.
    fn refuse_overruled_flags(&mut self) {
        let layer = |source| self.layers.get(&source).cloned().unwrap_or_default();
        let (flags, policy) = (layer(SettingSource::Flag), layer(SettingSource::Policy));
        for (key, value) in flags {
            if policy.get(key).is_some_and(|held| *held != value) {
                let message = format!("{key} is set by your organisation; no flag can change it.");
                self.problem(Some(key), message, true);
            }
        }
    }

    fn problem(&mut self, key: Option<&str>, message: String, blocks: bool) {
        self.problems.push(SettingProblem {
            key: key.map(str::to_owned),
            message,
            blocks,
        });
    }
}

/// Names the row, what was given and what is allowed.
pub(crate) fn refusal(row: &Row, text: &OsStr) -> String {
    let given: String = text
        .to_string_lossy()
        .chars()
        .take(SHOWN_CHARACTERS)
        .collect();
    let given = given.escape_debug();
    let allowed = row.kind.allowed();
    format!("{} cannot be \"{given}\": it must be {allowed}.", row.key)
}

fn place(source: SettingSource) -> &'static str {
    match source {
        SettingSource::Policy => "The policy",
        SettingSource::File => "config.toml in the home",
        SettingSource::Flag => "A flag",
        SettingSource::Environment => "The environment",
        SettingSource::Default => "The program",
    }
}

/// A wrong value is shown up to here.
const SHOWN_CHARACTERS: usize = 64;

#[cfg(test)]
pub(crate) mod tests;
