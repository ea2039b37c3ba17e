#![expect(
    clippy::let_underscore_must_use,
    reason = "what the macro of Tauri makes of a command"
)]

use std::path::{Path, PathBuf};

use api::{CommandError, ErrorCode, FolderCommand, Reply};
use tauri::{AppHandle, State, WebviewWindow};
use tauri_plugin_dialog::DialogExt as _;
use tokio::sync::oneshot;

use super::files::{gone, home, local, open_path};
use crate::gate::{self, Gate};
use crate::keeper::Keeper;
use crate::places;

/// Lets a person choose where a folder that somebody shares is to lie; from then on the page may name that place.
///
/// A place where something lies already is not mixed with what comes: there the folder gets one of its own.
#[tauri::command]
pub(crate) async fn choose_place(
    name: String,
    window: WebviewWindow,
    gate: State<'_, Gate>,
) -> Result<Option<String>, CommandError> {
    let (chosen, choice) = oneshot::channel();
    let dialog = window.dialog().file().set_parent(&window);
    dialog
        .set_directory(home(&window))
        .pick_folder(|folder| drop(chosen.send(folder)));
    let Some(folder) = choice.await.ok().flatten().and_then(local) else {
        return Ok(None);
    };
    let place = places::place_for(&folder, &name);
    let Some(text) = place.to_str() else {
        return Err(CommandError::new(
            ErrorCode::DestinationUnwritable,
            "The name of this folder is no text. Choose another one.",
        ));
    };
    gate.show(&place);
    Ok(Some(text.to_owned()))
}

/// Shows a shared folder in the file manager.
#[tauri::command]
pub(crate) async fn open_folder(
    folder: String,
    app: AppHandle,
    keeper: State<'_, Keeper>,
) -> Result<(), CommandError> {
    let Reply::Folders { folders } = keeper.ask(FolderCommand::List).await? else {
        return Err(gone());
    };
    let mut folders = folders.into_iter();
    let found = folders.find(|it| it.folder.to_string() == folder);
    let place: PathBuf = found.and_then(|it| it.place).ok_or_else(gate::refused)?;
    open_path(&app, Path::new(&place))
}
