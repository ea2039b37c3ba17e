use std::ffi::OsString;

use toml_edit::{DocumentMut, Item, Value as TomlValue};

use super::{Row, Value};

/// A settings file or a policy: `key = value` lines in TOML.
///
/// Changing a key keeps everything else as a person wrote it: order, comments, unknown keys.
#[derive(Debug, Clone, Default)]
pub(super) struct SettingsFile {
    document: DocumentMut,
}

/// Why a text is no settings file.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {}", reason.trim())]
pub(super) struct NotToml {
    line: usize,
    reason: String,
}

impl SettingsFile {
    pub(super) fn parse(text: &str) -> Result<Self, NotToml> {
        let document = text.parse().map_err(|error: toml_edit::TomlError| {
            let before = error.span().and_then(|span| text.get(..span.start));
            NotToml {
                line: 1 + before.unwrap_or_default().matches('\n').count(),
                reason: error.message().to_owned(),
            }
        })?;
        Ok(Self { document })
    }

    /// Every key with its value as text, or `None` for one that is no single value.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, Option<OsString>)> {
        self.document
            .iter()
            .map(|(key, item)| (key, plain(item).map(OsString::from)))
    }

    /// Sets a row, or takes it out.
    pub(super) fn change(&mut self, row: &Row, value: Option<&Value>) {
        let Some(value) = value else {
            self.document.remove(row.key);
            return;
        };
        let mut written = written(value);
        match self.document.get_mut(row.key) {
            Some(Item::Value(old)) => {
                *written.decor_mut() = old.decor().clone();
                *old = written;
            }
            Some(other) => *other = Item::Value(written),
            None => {
                self.document.insert(row.key, Item::Value(written));
            }
        }
    }

    /// Takes out a key, whatever it is; says whether it was there.
    pub(super) fn remove(&mut self, key: &str) -> bool {
        self.document.remove(key).is_some()
    }

    pub(super) fn text(&self) -> String {
        self.document.to_string()
    }
}

fn plain(item: &Item) -> Option<String> {
    match item.as_value()? {
        TomlValue::String(text) => Some(text.value().clone()),
        TomlValue::Integer(number) => Some(number.value().to_string()),
        TomlValue::Boolean(switch) => Some(switch.value().to_string()),
        TomlValue::Float(_)
        | TomlValue::Datetime(_)
        | TomlValue::Array(_)
        | TomlValue::InlineTable(_) => None,
    }
}

fn written(value: &Value) -> TomlValue {
    match value {
        Value::Switch(on) => TomlValue::from(*on),
        // A number beyond what TOML can write goes as text.
        Value::Number(number) => i64::try_from(*number)
            .map_or_else(|_| TomlValue::from(number.to_string()), TomlValue::from),
        Value::Text(text) => TomlValue::from(text.as_str()),
        Value::Folder(path) => TomlValue::from(path.to_string_lossy().as_ref()),
    }
}
