use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::{ROWS, Row, Value, refusal};

/// What the face's process was told: by flags and by its environment.
#[derive(Debug, Clone, Default)]
pub struct Given {
    pub(super) flags: BTreeMap<&'static str, OsString>,
    pub(super) environment: BTreeMap<&'static str, OsString>,
}

impl Given {
    /// Reads the environment of this process, as far as rows name it; an empty variable says nothing.
    pub fn by_environment() -> Self {
        let mut given = Self::default();
        for row in ROWS {
            if let Some(value) = std::env::var_os(row.environment)
                && !value.is_empty()
            {
                given.environment.insert(row.key, value);
            }
        }
        given
    }

    /// Adds what a flag says.
    #[must_use]
    pub fn with_flag(mut self, row: &'static Row, value: impl Into<OsString>) -> Self {
        self.flags.insert(row.key, value.into());
        self
    }

    /// The folder that a flag or else the environment names, or what is wrong with it.
    ///
    /// # Errors
    /// A sentence that says what is allowed.
    pub fn folder(&self, row: &Row) -> Result<Option<PathBuf>, String> {
        let Some(text) = self.flag(row).or_else(|| self.by_variable(row)) else {
            return Ok(None);
        };
        match row.kind.read(text) {
            Some(Value::Folder(folder)) => Ok(Some(folder)),
            Some(Value::Text(_) | Value::Number(_) | Value::Switch(_)) | None => {
                Err(refusal(row, text))
            }
        }
    }

    /// The word that a flag or else the environment says, or what is wrong with it.
    ///
    /// # Errors
    /// A sentence that says what is allowed.
    pub fn word(&self, row: &Row) -> Result<Option<String>, String> {
        let Some(text) = self.flag(row).or_else(|| self.by_variable(row)) else {
            return Ok(None);
        };
        match row.kind.read(text) {
            Some(Value::Text(word)) => Ok(Some(word)),
            Some(Value::Folder(_) | Value::Number(_) | Value::Switch(_)) | None => {
                Err(refusal(row, text))
            }
        }
    }

    fn by_variable(&self, row: &Row) -> Option<&OsStr> {
        self.environment.get(row.key).map(OsString::as_os_str)
    }

    /// What a flag says about `row`.
    pub fn flag(&self, row: &Row) -> Option<&OsStr> {
        self.flags.get(row.key).map(OsString::as_os_str)
    }
}
