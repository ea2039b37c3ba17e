#![expect(
    clippy::let_underscore_must_use,
    reason = "what the macro of Tauri makes of a command"
)]

use api::{CommandError, ErrorCode, IdentityCommand, Reply, SettingCommand};
use serde::Serialize;
use tauri::{AppHandle, Manager as _, State};
use tauri_plugin_autostart::ManagerExt as _;
use tauri_plugin_opener::OpenerExt as _;

use crate::gate::Gate;
use crate::keeper::{DESTINATION_FOLDER, Keeper, chosen_folder};
use crate::notices::{self, Notice};
use crate::tray::{self, Labels};
use crate::{app, platform, rendering, updates};

/// What the page cannot know by itself.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Facts {
    /// Whether nobody has chosen yet where received things go.
    first_run: bool,
    suggested_name: String,
    suggested_folder: String,
    version: String,
    /// `linux`, `macos` or `windows`.
    platform: &'static str,
    /// Whether the system starts Wherry by itself.
    autostart: bool,
    /// Whether what arrived can be dragged out of the window.
    drags_out: bool,
    /// Whether this program can renew itself; otherwise a package manager does.
    renews_itself: bool,
}

/// Says what only the shell knows; a page that asks is one that lives.
#[tauri::command]
pub(crate) async fn facts(
    app: AppHandle,
    keeper: State<'_, Keeper>,
    gate: State<'_, Gate>,
) -> Result<Facts, CommandError> {
    rendering::page_lives(&app);
    let settings = keeper.settings().await?;
    let chosen = chosen_folder(&settings);
    let folder = match &chosen {
        Some(folder) => Some(folder.clone()),
        None => app
            .path()
            .download_dir()
            .or_else(|_| app.path().home_dir())
            .ok(),
    };
    if let Some(folder) = &folder {
        gate.show(folder);
    }
    let Reply::Identity(identity) = keeper.ask(IdentityCommand::Show).await? else {
        return Err(failed(&"no identity"));
    };
    Ok(Facts {
        first_run: chosen.is_none(),
        suggested_name: identity.name.to_string(),
        suggested_folder: folder.map_or_else(String::new, |it| it.to_string_lossy().into_owned()),
        version: app.package_info().version.to_string(),
        platform: std::env::consts::OS,
        autostart: app.autolaunch().is_enabled().unwrap_or(false),
        drags_out: platform::DRAGS_OUT,
        renews_itself: updates::RENEWS_ITSELF,
    })
}

/// Keeps what a person said at first.
#[tauri::command]
pub(crate) async fn finish_first_run(
    name: String,
    folder: String,
    keeper: State<'_, Keeper>,
    gate: State<'_, Gate>,
) -> Result<(), CommandError> {
    let change = |key: &str, value: &str| SettingCommand::Change {
        key: key.to_owned(),
        value: Some(value.to_owned()),
    };
    let folder = change(DESTINATION_FOLDER, &folder);
    gate.check(&folder.clone().into())?;
    if !name.trim().is_empty() {
        keeper.ask(change("device-name", name.trim())).await?;
    }
    keeper.ask(folder).await.map(|_| ())
}

/// Puts a text on the clipboard.
#[tauri::command]
pub(crate) fn copy(text: String, app: AppHandle) -> Result<(), CommandError> {
    let copied = app.run_on_main_thread(move || platform::copy_text(&text));
    copied.map_err(|error| failed(&error))
}

/// Shows a notification of the system.
#[tauri::command]
pub(crate) fn notify(notice: Notice, app: AppHandle) {
    notices::show(&app, notice);
}

/// Names what the tray offers.
#[tauri::command]
pub(crate) fn label_tray(labels: Labels, app: AppHandle) -> Result<(), CommandError> {
    tray::label(&app, &labels).map_err(|error| failed(&error))
}

/// Has the system start Wherry by itself, or no longer; returns whether it does now.
#[tauri::command]
pub(crate) fn set_autostart(enabled: bool, app: AppHandle) -> Result<bool, CommandError> {
    let autostart = app.autolaunch();
    let changed = match enabled {
        true => autostart.enable(),
        false => autostart.disable(),
    };
    changed.map_err(|error| failed(&error))?;
    Ok(autostart.is_enabled().unwrap_or(enabled))
}

/// Shows the log's folder.
#[tauri::command]
pub(crate) fn open_log(app: AppHandle, place: State<'_, LogPlace>) -> Result<(), CommandError> {
    let opened = app.opener().reveal_item_in_dir(&place.0);
    opened.map_err(|error| failed(&error))
}

/// Ends the program.
#[tauri::command]
pub(crate) fn quit(app: AppHandle) {
    app::quit(&app);
}

/// Where the log lies.
#[derive(Debug)]
pub(crate) struct LogPlace(pub(crate) std::path::PathBuf);

fn failed(error: &dyn std::fmt::Display) -> CommandError {
    tracing::warn!(%error, "the system did not do something");
    CommandError::new(ErrorCode::Internal, "The system did not do this.")
}
