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

/// The policy of whoever looks after this machine, or `None` when there is none.
///
/// `named` (from `WHERRY_POLICY`) counts only where the system's own place is empty, so that no
/// environment gets around a policy; it must exist.
pub fn read_policy(named: Option<&Path>) -> Result<Option<String>, SettingsFileError> {
    if let Some(policy) = read(&system_policy_path())? {
        return Ok(Some(policy));
    }
    let Some(named) = named else { return Ok(None) };
    let policy = read(named)?;
    policy.map(Some).ok_or_else(|| SettingsFileError::Io {
        path: named.to_owned(),
        source: io::ErrorKind::NotFound.into(),
    })
}

fn read(path: &Path) -> Result<Option<String>, SettingsFileError> {
    let at = |source| SettingsFileError::Io {
        path: path.to_owned(),
        source,
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(error)),
    };
    let mut text = Vec::new();
    file.take(SETTINGS_BYTES + 1)
        .read_to_end(&mut text)
        .map_err(at)?;
    let is_short = u64::try_from(text.len()).is_ok_and(|length| length <= SETTINGS_BYTES);
    let text = String::from_utf8(text).ok().filter(|_| is_short);
    let no_text = || SettingsFileError::NoText {
        path: path.to_owned(),
    };
    text.map(Some).ok_or_else(no_text)
}

#[cfg(target_os = "macos")]
fn system_policy_path() -> PathBuf {
    PathBuf::from("/Library/Application Support/wherry/policy.toml")
}

#[cfg(windows)]
fn system_policy_path() -> PathBuf {
    let data = std::env::var_os("ProgramData").unwrap_or_else(|| r"C:\ProgramData".into());
    PathBuf::from(data).join("wherry").join("policy.toml")
}

#[cfg(not(any(target_os = "macos", windows)))]
fn system_policy_path() -> PathBuf {
    PathBuf::from("/etc/wherry/policy.toml")
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

    #[test]
    fn a_policy_that_is_named_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let named = folder.path().join("policy.toml");
        assert!(read_policy(Some(&named)).is_err());
        std::fs::write(&named, "a = 1\n").unwrap();
        assert_eq!(
            read_policy(Some(&named)).unwrap().as_deref(),
            Some("a = 1\n")
        );
    }
}
