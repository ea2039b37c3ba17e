//! Where a command that receives puts things.

use std::path::PathBuf;

use api::{CommandError, Destination, ErrorCode, Reply, SettingCommand};
use engine::settings::table::DESTINATION_FOLDER;

use crate::commands::{Desk, absolute, unexpected_reply};

/// The folder that the flag, the environment or the settings name, else the one the command runs in.
pub(crate) async fn folder(desk: &Desk) -> Result<Destination, CommandError> {
    let Reply::Settings { settings, .. } = desk.call(SettingCommand::List).await? else {
        return Err(unexpected_reply());
    };
    let row = &DESTINATION_FOLDER;
    let view = settings.into_iter().find(|view| view.key == row.key);
    let view = view.ok_or_else(unexpected_reply)?;
    // The owner of the home may be another process, which knows neither our flags nor our environment.
    let own = desk.given.folder(row).map_err(usage)?;
    let held = view.value.map(PathBuf::from);
    let folder = match (own, held) {
        (Some(_), Some(held)) if view.locked && desk.given.flag(row).is_none() => held,
        (Some(own), _) => own,
        (None, Some(held)) => held,
        (None, None) => absolute(std::path::Path::new("."))?,
    };
    Ok(Destination::Folder(folder))
}

fn usage(message: String) -> CommandError {
    CommandError::new(ErrorCode::Usage, message)
}
