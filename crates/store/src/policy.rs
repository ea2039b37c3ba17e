//! The policy of whoever looks after this machine: a file, and what Windows and macOS have in its place.

#[cfg(any(target_os = "macos", windows, test))]
mod managed;
#[cfg(any(target_os = "macos", test))]
mod profile;
#[cfg(windows)]
mod registry;

use std::io;
use std::path::{Path, PathBuf};

use crate::settings_file::{SettingsFileError, read};

/// The policy of whoever looks after this machine, or `None` when there is none.
///
/// What the system itself manages (the registry, a configuration profile) stands before a file. `named`
/// (from `WHERRY_POLICY`) counts only where the system's own places are empty, so that no environment gets
/// around a policy; it must exist.
pub fn read_policy(named: Option<&Path>) -> Result<Option<String>, SettingsFileError> {
    if let Some(managed) = managed_policy()? {
        return Ok(Some(managed));
    }
    for path in system_policy_paths() {
        if let Some(policy) = read(&path)? {
            return Ok(Some(policy));
        }
    }
    let Some(named) = named else { return Ok(None) };
    let policy = read(named)?;
    policy.map(Some).ok_or_else(|| SettingsFileError::Io {
        path: named.to_owned(),
        source: io::ErrorKind::NotFound.into(),
    })
}

#[cfg(windows)]
fn managed_policy() -> Result<Option<String>, SettingsFileError> {
    registry::policy()
}

#[cfg(target_os = "macos")]
fn managed_policy() -> Result<Option<String>, SettingsFileError> {
    profile::policy(Path::new(profile::PATH))
}

#[cfg(not(any(target_os = "macos", windows)))]
#[expect(clippy::unnecessary_wraps, reason = "other systems may refuse")]
fn managed_policy() -> Result<Option<String>, SettingsFileError> {
    Ok(None)
}

/// Where a policy file lies; the first that is there counts.
///
/// None of these follows the environment, which everybody chooses for their own programs.
fn system_policy_paths() -> Vec<PathBuf> {
    #[cfg(target_os = "macos")]
    let folders = [PathBuf::from("/Library/Application Support/wherry")];
    #[cfg(windows)]
    let folders = {
        let data = dirs_sys::known_folder(windows_sys::Win32::UI::Shell::FOLDERID_ProgramData);
        let data = data.unwrap_or_else(|| PathBuf::from(r"C:\ProgramData"));
        [data.join("wherry")]
    };
    #[cfg(not(any(target_os = "macos", windows)))]
    let folders = ["/etc/wherry", "/etc/xdg/wherry"].map(PathBuf::from);
    folders.map(|it| it.join("policy.toml")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

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
