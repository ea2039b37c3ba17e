#![expect(
    clippy::let_underscore_must_use,
    reason = "what the macro of Tauri makes of a command"
)]

use api::{Command, CommandError, ErrorCode, Reply};
use tauri::State;
use tauri::ipc::Channel;

use crate::gate::Gate;
use crate::keeper::Keeper;
use crate::teller::{Ear, Told};

/// Puts a question to the engine.
#[tauri::command]
pub(crate) async fn ask(
    command: serde_json::Value,
    keeper: State<'_, Keeper>,
    gate: State<'_, Gate>,
) -> Result<Reply, CommandError> {
    let command: Command = serde_json::from_value(command).map_err(|error| {
        CommandError::new(ErrorCode::Usage, format!("This is no command: {error}."))
    })?;
    gate.check(&command)?;
    let reply = keeper.ask(command).await?;
    gate.note(&reply);
    Ok(reply)
}

/// Tells the page everything from now on.
#[tauri::command]
pub(crate) fn listen(channel: Channel<Told>, ear: State<'_, Ear>) {
    ear.listen(channel);
}
