use std::process::ExitCode;

use api::{Command, CommandError, ErrorCode, Reply, SettingCommand, SettingView};

use super::{Desk, unexpected_reply};
use crate::args::ConfigCommand;

pub(super) async fn run(command: ConfigCommand, desk: &mut Desk) -> Result<ExitCode, CommandError> {
    match command {
        ConfigCommand::Set { key, value } => {
            desk.call(SettingCommand::Change { key, value }).await?;
        }
        ConfigCommand::Get { key } => {
            let settings = settings(desk).await?;
            let setting = settings.into_iter().find(|setting| setting.key == key);
            let setting = setting.ok_or_else(|| unknown_key(&key))?;
            print(&setting, desk, false);
        }
        ConfigCommand::List => {
            for setting in settings(desk).await? {
                print(&setting, desk, true);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn identity(desk: &mut Desk) -> Result<ExitCode, CommandError> {
    let Reply::Identity(identity) = desk.call(Command::ShowIdentity).await? else {
        return Err(unexpected_reply());
    };
    let json = serde_json::json!({
        "event": "identity",
        "device_id": identity.device_id,
        "name": identity.name.to_string(),
    });
    let words = format!("{}  {}", identity.device_id, identity.name);
    desk.report.result(&words, &json);
    Ok(ExitCode::SUCCESS)
}

async fn settings(desk: &Desk) -> Result<Vec<SettingView>, CommandError> {
    let Reply::Settings { settings } = desk.call(SettingCommand::List).await? else {
        return Err(unexpected_reply());
    };
    Ok(settings)
}

fn print(setting: &SettingView, desk: &mut Desk, with_key: bool) {
    let value = setting.value.as_deref().unwrap_or("");
    let words = match with_key {
        true => format!("{} = {value}", setting.key),
        false => value.to_owned(),
    };
    let json = serde_json::json!({
        "event": "setting", "key": setting.key, "value": setting.value,
    });
    desk.report.result(&words, &json);
}

fn unknown_key(key: &str) -> CommandError {
    CommandError::new(
        ErrorCode::Usage,
        format!("There is no setting {key}: see wherry config list."),
    )
}
