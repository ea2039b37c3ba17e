use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::home::{Home, create_private_file};

/// Why a settings file or a policy cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SettingsFileError {
    /// More than [`SETTINGS_BYTES`], or no text.
    #[error("{} is no settings file: it is too long or no text", path.display())]
    NoText {
        /// The file.
        path: PathBuf,
    },
    /// The system refused.
    #[error("{} cannot be used: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Home {
    /// Where a person's settings lie: TOML, to be read and edited.
    pub fn settings_path(&self) -> PathBuf {
        self.path().join("config.toml")
    }

    /// The settings file's text; empty when there is none.
    pub fn read_settings(&self) -> Result<String, SettingsFileError> {
        Ok(read(&self.settings_path())?.unwrap_or_default())
    }

    /// Replaces the settings file, whole or not at all.
    pub fn write_settings(&self, text: &str) -> Result<(), SettingsFileError> {
        let path = self.settings_path();
        let written = create_private_file(&path, text.as_bytes());
        written.map_err(|source| SettingsFileError::Io { path, source })
    }
}

/// The text of a file, or `None` when there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>, SettingsFileError> {
    let Some(bytes) = read_bytes(path)? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes).map_err(|_| SettingsFileError::NoText {
        path: path.to_owned(),
    });
    text.map(Some)
}

/// What a file holds, up to [`SETTINGS_BYTES`], or `None` when there is none.
pub(crate) fn read_bytes(path: &Path) -> Result<Option<Vec<u8>>, SettingsFileError> {
    let at = |source| SettingsFileError::Io {
        path: path.to_owned(),
        source,
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(error)),
    };
    let mut bytes = Vec::new();
    file.take(SETTINGS_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(at)?;
    let is_short = u64::try_from(bytes.len()).is_ok_and(|length| length <= SETTINGS_BYTES);
    let no_text = || SettingsFileError::NoText {
        path: path.to_owned(),
    };
    is_short.then_some(Some(bytes)).ok_or_else(no_text)
}

/// A settings file: a person writes a few kilobytes at most.
pub const SETTINGS_BYTES: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settings_file_is_written_for_its_user_alone_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(&folder.path().join("home")).unwrap();
        assert_eq!(home.read_settings().unwrap(), "");
        home.write_settings("a = 1\n").unwrap();
        assert_eq!(home.read_settings().unwrap(), "a = 1\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(home.settings_path()).unwrap();
            assert_eq!(mode.permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn what_is_too_long_or_no_text_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(&folder.path().join("home")).unwrap();
        let length = usize::try_from(SETTINGS_BYTES).unwrap();
        let write = |bytes: &[u8]| std::fs::write(home.settings_path(), bytes).unwrap();
        write(&vec![b'#'; length]);
        assert!(home.read_settings().is_ok());
        write(&vec![b'#'; length + 1]);
        assert!(matches!(
            home.read_settings(),
            Err(SettingsFileError::NoText { .. })
        ));
        write(b"\xFF");
        assert!(matches!(
            home.read_settings(),
            Err(SettingsFileError::NoText { .. })
        ));
    }
}
