use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Wry};

use super::{NewVersion, UpdateError};

/// Nothing.
pub(crate) fn plugin() -> TauriPlugin<Wry> {
    tauri::plugin::Builder::new("updater").build()
}

pub(crate) async fn look(_app: &AppHandle) -> Result<Option<NewVersion>, UpdateError> {
    Err(UpdateError::NotHere)
}

pub(crate) async fn install(_app: &AppHandle) -> Result<(), UpdateError> {
    Err(UpdateError::NotHere)
}
