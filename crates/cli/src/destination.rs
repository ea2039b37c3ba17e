//! Where a command that receives puts things.

use std::path::PathBuf;

use api::{CommandError, Destination, ErrorCode, Reply, SettingCommand, SettingView};
use engine::settings::Row;
use engine::settings::table::{DESTINATION_FOLDER, EXISTING_NAMES};
use model::{Existing, ExistingError};

use crate::commands::{Desk, absolute, unexpected_reply};

/// The folder that the flag, the environment or the settings name, else the one the command runs in.
pub(crate) async fn folder(desk: &Desk) -> Result<Destination, CommandError> {
    let row = &DESTINATION_FOLDER;
    let view = view(row, desk).await?;
    // The owner of the home may be another process, which knows neither our flags nor our environment.
    let own = desk.config.given.folder(row).map_err(usage)?;
    let held = view.value.map(PathBuf::from);
    let folder = match (own, held) {
        (Some(_), Some(held)) if view.locked && desk.config.given.flag(row).is_none() => held,
        (Some(own), _) => own,
        (None, Some(held)) => held,
        (None, None) => absolute(std::path::Path::new("."))?,
    };
    Ok(Destination::Folder(folder))
}

/// What the flag or the environment of this command says about names that are taken.
pub(crate) async fn existing(desk: &Desk) -> Result<Option<Existing>, CommandError> {
    let row = &EXISTING_NAMES;
    let word = desk.config.given.word(row).map_err(usage)?;
    if desk.config.given.flag(row).is_none() && view(row, desk).await?.locked {
        return Ok(None); // A policy stands above the environment.
    }
    let choice = word.map(|word| word.parse()).transpose();
    choice.map_err(|error: ExistingError| usage(error.to_string()))
}

async fn view(row: &Row, desk: &Desk) -> Result<SettingView, CommandError> {
    let Reply::Settings { settings, .. } = desk.call(SettingCommand::List).await? else {
        return Err(unexpected_reply());
    };
    let view = settings.into_iter().find(|view| view.key == row.key);
    view.ok_or_else(unexpected_reply)
}

fn usage(message: String) -> CommandError {
    CommandError::new(ErrorCode::Usage, message)
}
