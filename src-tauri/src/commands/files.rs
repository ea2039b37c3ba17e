#![expect(
    clippy::let_underscore_must_use,
    reason = "what the macro of Tauri makes of a command"
)]

use std::path::{Path, PathBuf};

use api::{
    CommandError, ErrorCode, IdentityCommand, Passphrase, ReceiptCommand, Reply, SendCommand,
    SendOptions, SendSources, SentTransfer, TransferCommand,
};
use engine::receipts;
use model::TransferId;
use tauri::{AppHandle, Manager as _, State, WebviewWindow};
use tauri_plugin_dialog::{DialogExt as _, FilePath};
use tauri_plugin_opener::OpenerExt as _;
use tokio::sync::oneshot;

use crate::gate::{self, Gate};
use crate::keeper::Keeper;
use crate::picks::{Picked, Picks};
use crate::platform;

/// Lets a person choose files to send.
#[tauri::command]
pub(crate) async fn pick_files(
    window: WebviewWindow,
    picks: State<'_, Picks>,
) -> Result<Option<Picked>, CommandError> {
    let (chosen, choice) = oneshot::channel();
    let dialog = window.dialog().file().set_parent(&window);
    dialog.pick_files(|files| drop(chosen.send(files)));
    let files = choice.await.ok().flatten().unwrap_or_default();
    Ok(picks.keep(files.into_iter().filter_map(local).collect()))
}

/// Lets a person choose a folder to send.
#[tauri::command]
pub(crate) async fn pick_folder_to_send(
    window: WebviewWindow,
    picks: State<'_, Picks>,
) -> Result<Option<Picked>, CommandError> {
    let (chosen, choice) = oneshot::channel();
    let dialog = window.dialog().file().set_parent(&window);
    dialog.pick_folders(|folders| drop(chosen.send(folders)));
    let folders = choice.await.ok().flatten().unwrap_or_default();
    Ok(picks.keep(folders.into_iter().filter_map(local).collect()))
}

/// Lets a person choose where something goes; from then on the page may name that folder.
#[tauri::command]
pub(crate) async fn choose_folder(
    current: String,
    window: WebviewWindow,
    gate: State<'_, Gate>,
) -> Result<Option<String>, CommandError> {
    let (chosen, choice) = oneshot::channel();
    let dialog = window.dialog().file().set_parent(&window);
    let start = match current.is_empty() {
        true => home(&window),
        false => current.into(),
    };
    dialog
        .set_directory(start)
        .pick_folder(|folder| drop(chosen.send(folder)));
    let Some(folder) = choice.await.ok().flatten().and_then(local) else {
        return Ok(None);
    };
    let Some(text) = folder.to_str() else {
        return Err(CommandError::new(
            ErrorCode::DestinationUnwritable,
            "The name of this folder is no text. Choose another one.",
        ));
    };
    gate.show(&folder);
    Ok(Some(text.to_owned()))
}

/// Where a dialog for folders begins: among what was used lately no folder can be chosen.
pub(super) fn home(window: &WebviewWindow) -> PathBuf {
    window.path().home_dir().unwrap_or_default()
}

/// Takes the files that somebody copied in the file manager.
#[tauri::command]
pub(crate) async fn paste_files(
    app: AppHandle,
    picks: State<'_, Picks>,
) -> Result<Option<Picked>, CommandError> {
    let (read, found) = oneshot::channel();
    let asked = app.run_on_main_thread(move || {
        drop(read.send(platform::copied_files()));
    });
    asked.map_err(|_| gone())?;
    Ok(picks.keep(found.await.map_err(|_| gone())?))
}

/// Sends a pick to people.
#[tauri::command]
pub(crate) async fn send_picked(
    pick: String,
    recipients: Vec<String>,
    options: SendOptions,
    picks: State<'_, Picks>,
    keeper: State<'_, Keeper>,
) -> Result<Vec<SentTransfer>, CommandError> {
    let sources = sources(&pick, &picks)?;
    let command = SendCommand::ToContacts {
        recipients,
        sources,
        options,
    };
    let Reply::Sent { transfers } = keeper.ask(command).await? else {
        return Err(gone());
    };
    Ok(transfers)
}

/// Sends a pick to whoever says the code that the engine will tell.
#[tauri::command]
pub(crate) async fn send_picked_by_code(
    pick: String,
    options: SendOptions,
    picks: State<'_, Picks>,
    keeper: State<'_, Keeper>,
) -> Result<String, CommandError> {
    let sources = sources(&pick, &picks)?;
    let command = SendCommand::ByCode { sources, options };
    let Reply::Transfer { transfer } = keeper.ask(command).await? else {
        return Err(gone());
    };
    Ok(transfer.to_string())
}

/// Shows in the file manager what a transfer brought.
#[tauri::command]
pub(crate) async fn reveal(transfer: String, app: AppHandle) -> Result<(), CommandError> {
    let place = locate(&transfer, &app).await?;
    reveal_place(&app, &place)
}

/// Opens what a transfer brought with the program that the system has for it.
#[tauri::command]
pub(crate) async fn open(transfer: String, app: AppHandle) -> Result<(), CommandError> {
    let place = locate(&transfer, &app).await?;
    match place.things.as_slice() {
        // What could run is only shown: a name and a click must not be enough to run what a stranger wrote.
        [file] if !place.could_run => open_path(&app, file),
        _ => reveal_place(&app, &place),
    }
}

/// Begins to drag what a transfer brought out of the window; the pointer holds it already.
#[tauri::command]
pub(crate) async fn drag_out(transfer: String, window: WebviewWindow) -> Result<(), CommandError> {
    let mut things = locate(&transfer, window.app_handle()).await?.things;
    things.retain(|it| it.exists()); // Whoever moved one of them knows where it is.
    if things.is_empty() {
        return Err(CommandError::new(
            ErrorCode::UnknownTransfer,
            "What arrived is not known one by one, or not there any more. Show its folder.",
        ));
    }
    let (begun, result) = oneshot::channel();
    let dragging = window.clone();
    let asked = window.run_on_main_thread(move || {
        begun.send(platform::drag_out(&dragging, &things)).ok();
    });
    asked.map_err(|_| gone())?;
    match result.await {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(CommandError::new(
            ErrorCode::Internal,
            "The system began no drag. Show the folder.",
        )),
    }
}

/// Writes this identity into a file that a person names; returns whether somebody did.
#[tauri::command]
pub(crate) async fn export_identity(
    passphrase: Passphrase,
    window: WebviewWindow,
    keeper: State<'_, Keeper>,
) -> Result<bool, CommandError> {
    let (chosen, choice) = oneshot::channel();
    let dialog = window.dialog().file().set_parent(&window);
    dialog.save_file(|file| drop(chosen.send(file)));
    let Some(file) = choice.await.ok().flatten().and_then(local) else {
        return Ok(false);
    };
    let export = IdentityCommand::Export { file, passphrase };
    keeper.ask(export).await.map(|_| true)
}

/// Becomes the identity in a file that a person chooses; returns whether somebody did.
#[tauri::command]
pub(crate) async fn import_identity(
    passphrase: Passphrase,
    window: WebviewWindow,
    keeper: State<'_, Keeper>,
) -> Result<bool, CommandError> {
    let (chosen, choice) = oneshot::channel();
    let dialog = window.dialog().file().set_parent(&window);
    dialog.pick_file(|file| drop(chosen.send(file)));
    let Some(file) = choice.await.ok().flatten().and_then(local) else {
        return Ok(false);
    };
    let import = IdentityCommand::Import { file, passphrase };
    keeper.ask(import).await.map(|_| true)
}

/// Writes a receipt into a file that a person names; returns whether somebody did.
#[tauri::command]
pub(crate) async fn save_receipt(
    transfer: String,
    window: WebviewWindow,
    keeper: State<'_, Keeper>,
) -> Result<bool, CommandError> {
    let transfer: TransferId = transfer.parse().map_err(|_| gate::refused())?;
    let shown = keeper.ask(ReceiptCommand::Show { transfer }).await?;
    let Reply::Receipt { encoded, list, .. } = shown else {
        return Err(gone());
    };
    let (chosen, choice) = oneshot::channel();
    let dialog = window.dialog().file().set_parent(&window);
    let dialog = dialog.set_file_name(format!("{transfer}.receipt"));
    dialog.save_file(|file| drop(chosen.send(file)));
    let Some(file) = choice.await.ok().flatten().and_then(local) else {
        return Ok(false);
    };
    // The list of a large transfer is long: nobody else waits for it.
    let written =
        tauri::async_runtime::spawn_blocking(move || receipts::export(&encoded, &list, &file));
    written.await.map_err(|_| gone())??;
    Ok(true)
}

struct Place {
    folder: PathBuf,
    things: Vec<PathBuf>,
    could_run: bool,
}

async fn locate(transfer: &str, app: &AppHandle) -> Result<Place, CommandError> {
    let transfer: TransferId = transfer.parse().map_err(|_| gate::refused())?;
    let keeper = app.state::<Keeper>();
    let found = keeper.ask(TransferCommand::Locate { transfer }).await?;
    let Reply::Location {
        folder,
        things,
        could_run,
    } = found
    else {
        return Err(gone());
    };
    Ok(Place {
        folder,
        things,
        could_run,
    })
}

fn reveal_place(app: &AppHandle, place: &Place) -> Result<(), CommandError> {
    if let [single] = place.things.as_slice()
        && app.opener().reveal_item_in_dir(single).is_ok()
    {
        return Ok(());
    }
    open_path(app, &place.folder)
}

pub(super) fn open_path(app: &AppHandle, path: &Path) -> Result<(), CommandError> {
    let opened = app.opener().open_path(path.to_string_lossy(), None::<&str>);
    opened.map_err(|error| {
        tracing::warn!(%error, "the system opens nothing");
        CommandError::new(
            ErrorCode::Internal,
            "The system has no program to open this.",
        )
    })
}

fn sources(pick: &str, picks: &Picks) -> Result<SendSources, CommandError> {
    let paths = picks.paths(pick).ok_or_else(gate::refused)?;
    Ok(SendSources::Paths(paths))
}

pub(super) fn local(file: FilePath) -> Option<PathBuf> {
    file.into_path().ok()
}

pub(super) fn gone() -> CommandError {
    CommandError::new(ErrorCode::Internal, "The window is closing.")
}
