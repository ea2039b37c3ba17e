use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Wry};
use tauri_plugin_updater::{Error, Update, UpdaterExt as _};

use super::{NewVersion, UpdateError};

/// Looks for and installs what [`KEY`] signed.
pub(crate) fn plugin() -> TauriPlugin<Wry, tauri_plugin_updater::Config> {
    tauri_plugin_updater::Builder::new().pubkey(KEY).build()
}

/// The newest version, if it is newer than this one.
pub(crate) async fn look(app: &AppHandle) -> Result<Option<NewVersion>, UpdateError> {
    let found = newest(app).await?;
    Ok(found.map(|update| NewVersion {
        version: update.version,
    }))
}

/// Gets the newest version, checks who signed it, and puts it in the place of this one.
pub(crate) async fn install(app: &AppHandle) -> Result<(), UpdateError> {
    let Some(update) = newest(app).await? else {
        return Err(UpdateError::Failed("there is none".to_owned()));
    };
    let installed = update.download_and_install(|_, _| {}, || {}).await;
    installed.map_err(of_plugin)
}

async fn newest(app: &AppHandle) -> Result<Option<Update>, UpdateError> {
    let feed = FEED.parse().expect("the address is one");
    let updater = app.updater_builder().endpoints(vec![feed]);
    let updater = updater.and_then(tauri_plugin_updater::UpdaterBuilder::build);
    updater.map_err(of_plugin)?.check().await.map_err(of_plugin)
}

fn of_plugin(error: Error) -> UpdateError {
    let said = error.to_string();
    match error {
        Error::Minisign(_) | Error::Base64(_) | Error::SignatureUtf8(_) => {
            UpdateError::Forged(said)
        }
        Error::Reqwest(_) | Error::Network(_) | Error::ReleaseNotFound => {
            UpdateError::Unreachable(said)
        }
        _ => UpdateError::Failed(said),
    }
}

/// Whoever packages this signs with the other half of it (minisign; in Base64, as `tauri signer` writes it).
const KEY: &str = match option_env!("WHERRY_UPDATE_KEY") {
    Some(key) => key,
    None => panic!("a program that renews itself must know a key: set WHERRY_UPDATE_KEY"),
};
/// Where the newest version is told.
const FEED: &str = match option_env!("WHERRY_UPDATE_FEED") {
    Some(feed) => feed,
    None => "https://wherry.org/releases/latest.json",
};
