use std::process::ExitCode;

use api::{CommandError, GroupCommand, Reply};

use super::{Desk, unexpected_reply};
use crate::args::GroupsCommand;

pub(super) async fn run(command: GroupsCommand, desk: &mut Desk) -> Result<ExitCode, CommandError> {
    let command = match command {
        GroupsCommand::List => return list(desk).await,
        GroupsCommand::Create { group, members } => GroupCommand::Create { group, members },
        GroupsCommand::Rename { group, name } => GroupCommand::Rename { group, name },
        GroupsCommand::Remove { group } => GroupCommand::Remove { group },
        GroupsCommand::Add { group, members } => GroupCommand::Add { group, members },
        GroupsCommand::Drop { group, members } => GroupCommand::Drop { group, members },
    };
    desk.call(command).await?;
    Ok(ExitCode::SUCCESS)
}

async fn list(desk: &mut Desk) -> Result<ExitCode, CommandError> {
    let Reply::Groups { groups } = desk.call(GroupCommand::List).await? else {
        return Err(unexpected_reply());
    };
    for group in groups {
        let members: Vec<String> = group.members.iter().map(ToString::to_string).collect();
        let json = serde_json::json!({
            "event": "group", "name": group.name.to_string(), "members": members,
        });
        let words = format!("{}  ({})", group.name, members.join(", "));
        desk.report.result(&words, &json);
    }
    Ok(ExitCode::SUCCESS)
}
