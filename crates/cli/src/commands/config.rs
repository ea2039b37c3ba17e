use std::process::ExitCode;

use api::{
    CommandError, ErrorCode, Event, Reply, SettingCommand, SettingProblem, SettingSource,
    SettingView,
};

use super::{Desk, unexpected_reply};
use crate::args::ConfigCommand;

pub(super) async fn run(command: ConfigCommand, desk: &mut Desk) -> Result<ExitCode, CommandError> {
    match command {
        ConfigCommand::Set { key, value } => {
            let change = SettingCommand::Change {
                key: key.clone(),
                value,
            };
            desk.call(change).await?;
            say_who_overrules(&key, desk).await?;
        }
        ConfigCommand::Get { key } => {
            let (settings, _) = settings(desk).await?;
            let setting = settings.into_iter().find(|setting| setting.key == key);
            let setting = setting.ok_or_else(|| unknown_key(&key))?;
            let value = setting.value.clone().unwrap_or_default();
            print(&setting, &value, desk);
        }
        ConfigCommand::List => {
            let (settings, problems) = settings(desk).await?;
            for setting in settings {
                print(&setting, &words(&setting), desk);
            }
            for problem in problems {
                desk.report.event(&Event::SettingProblem(problem));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn settings(desk: &Desk) -> Result<(Vec<SettingView>, Vec<SettingProblem>), CommandError> {
    let Reply::Settings { settings, problems } = desk.call(SettingCommand::List).await? else {
        return Err(unexpected_reply());
    };
    Ok((settings, problems))
}

/// What is kept may not be what holds.
async fn say_who_overrules(key: &str, desk: &mut Desk) -> Result<(), CommandError> {
    let (settings, _) = settings(desk).await?;
    let Some(setting) = settings.iter().find(|setting| setting.key == key) else {
        return Ok(());
    };
    let overruled_by = match (setting.source, &setting.flag) {
        (SettingSource::Environment, _) => setting.environment.clone(),
        (SettingSource::Flag, Some(flag)) => format!("--{flag}"),
        (SettingSource::Flag, None)
        | (SettingSource::Policy | SettingSource::File | SettingSource::Default, _) => {
            return Ok(());
        }
    };
    desk.report.remark(&format!(
        "Kept. As long as {overruled_by} is given, that decides."
    ));
    Ok(())
}

fn words(setting: &SettingView) -> String {
    let value = setting.value.as_deref().unwrap_or(&setting.default);
    let source = match setting.source {
        SettingSource::Policy => "set by your organisation".to_owned(),
        SettingSource::Flag => {
            let flag = setting.flag.as_deref().unwrap_or("a flag");
            format!("by --{flag}; default: {}", setting.default)
        }
        SettingSource::Environment => {
            format!("by {}; default: {}", setting.environment, setting.default)
        }
        SettingSource::File => format!("set; default: {}", setting.default),
        SettingSource::Default => "default".to_owned(),
    };
    format!("{} = {value}  ({source})", setting.key)
}

fn print(setting: &SettingView, words: &str, desk: &mut Desk) {
    let json = serde_json::to_value(setting).map(|mut json| {
        json["event"] = "setting".into();
        json
    });
    desk.report.result(words, &json.unwrap_or_default());
}

fn unknown_key(key: &str) -> CommandError {
    CommandError::new(
        ErrorCode::Usage,
        format!("There is no setting {key}: see wherry config list."),
    )
}
