use std::process::ExitCode;

use api::{CommandError, ErrorCode, IdentityCommand, Reply};

use super::{Desk, unexpected_reply};
use crate::args::{IdArguments, IdCommand};
use crate::prompt;

pub(super) async fn run(arguments: IdArguments, desk: &mut Desk) -> Result<ExitCode, CommandError> {
    match arguments.command {
        None => show(IdentityCommand::Show, desk).await,
        Some(IdCommand::Renew { yes }) => renew(yes, desk).await,
    }
}

async fn renew(yes: bool, desk: &mut Desk) -> Result<ExitCode, CommandError> {
    let question = "Contacts and unfinished transfers of this home are forgotten. Go on?";
    let agreed = yes || (prompt::has_person() && prompt::confirm(question).await);
    if !agreed {
        return Err(CommandError::new(
            ErrorCode::Cancelled,
            "Nothing was changed. Add --yes to renew without being asked.",
        ));
    }
    let shown = show(IdentityCommand::Renew, desk).await?;
    desk.report.remark(
        "This home is a new device. Pair it, or add it to your others: wherry id add-device there, wherry join here.",
    );
    Ok(shown)
}

async fn show(command: IdentityCommand, desk: &mut Desk) -> Result<ExitCode, CommandError> {
    let Reply::Identity(identity) = desk.call(command).await? else {
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
