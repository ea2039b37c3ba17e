#![expect(
    clippy::let_underscore_must_use,
    reason = "what the macro of Tauri makes of a command"
)]

use api::{CommandError, ErrorCode};
use tauri::AppHandle;

use crate::keeper::Keeper;
use crate::updates::{self, NewVersion, UpdateError};

/// Looks whether there is a newer version.
#[tauri::command]
pub(crate) async fn look_for_update(app: AppHandle) -> Result<Option<NewVersion>, CommandError> {
    updates::look(&app).await.map_err(refused)
}

/// Installs the newest version, says goodbye to everybody, and starts it.
#[tauri::command]
pub(crate) async fn install_update(
    app: AppHandle,
    keeper: tauri::State<'_, Keeper>,
) -> Result<(), CommandError> {
    updates::install(&app).await.map_err(refused)?;
    keeper.close().await;
    app.restart()
}

fn refused(error: UpdateError) -> CommandError {
    tracing::warn!(%error, "no new version");
    let code = match error {
        UpdateError::Unreachable(_) => ErrorCode::ServerUnreachable,
        UpdateError::Forged(_) => ErrorCode::Integrity,
        #[cfg(not(feature = "updates"))]
        UpdateError::NotHere => ErrorCode::Usage,
        UpdateError::Failed(_) => ErrorCode::Internal,
    };
    CommandError::new(code, error.to_string())
}
