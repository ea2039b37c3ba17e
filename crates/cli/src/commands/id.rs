use std::process::ExitCode;

use api::{CommandError, ErrorCode, Event, IdentityCommand, PairingCommand, Passphrase, Reply};

use super::{Desk, absolute, unexpected_reply};
use crate::args::{IdArguments, IdCommand, JoinArguments};
use crate::prompt;

pub(super) async fn run(arguments: IdArguments, desk: &mut Desk) -> Result<ExitCode, CommandError> {
    match arguments.command {
        None => show(IdentityCommand::Show, desk).await,
        Some(IdCommand::AddDevice { yes }) => {
            must_have_person(yes)?;
            pair(IdentityCommand::AddDevice, yes, desk).await
        }
        Some(IdCommand::Devices) => devices(desk).await,
        Some(IdCommand::Revoke { device }) => {
            desk.call(IdentityCommand::Revoke { device }).await?;
            Ok(ExitCode::SUCCESS)
        }
        Some(IdCommand::Export { file }) => {
            let file = absolute(&file)?;
            let passphrase = passphrase(true).await?;
            desk.call(IdentityCommand::Export { file, passphrase })
                .await?;
            desk.report.remark(
                "Exported. Once it is imported elsewhere, this home must not run any more: two homes with one identity are taken for a copy.",
            );
            Ok(ExitCode::SUCCESS)
        }
        Some(IdCommand::Import { file }) => {
            let file = absolute(&file)?;
            let passphrase = passphrase(false).await?;
            let shown = show(IdentityCommand::Import { file, passphrase }, desk).await?;
            desk.report
                .remark("Imported. The home it came from must not run any more.");
            Ok(shown)
        }
        Some(IdCommand::Renew { yes }) => renew(yes, desk).await,
    }
}

/// Becomes a further device of a person.
pub(super) async fn join(
    arguments: JoinArguments,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    must_have_person(arguments.yes)?;
    let code = match arguments.code.as_str() {
        "-" => prompt::line("Code: ")
            .await
            .ok_or_else(|| CommandError::new(ErrorCode::Usage, "No code was given."))?,
        _ => arguments.code,
    };
    pair(IdentityCommand::Join { code }, arguments.yes, desk).await
}

fn must_have_person(yes: bool) -> Result<(), CommandError> {
    match yes || prompt::has_person() {
        true => Ok(()),
        false => Err(CommandError::new(
            ErrorCode::Usage,
            "Nobody is here to compare the six words. Add --yes if nobody else can have the code.",
        )),
    }
}

async fn pair(
    command: IdentityCommand,
    yes: bool,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    desk.call(command).await?;
    loop {
        let event = desk.next_event().await?;
        if let Event::ComparisonWords { .. } = event {
            let add = yes || prompt::confirm("Does the other device show the same words?").await;
            let compared = !yes;
            desk.call(PairingCommand::Decide { add, compared }).await?;
        } else if let Event::DeviceReady { .. } = event {
            return Ok(ExitCode::SUCCESS);
        } else if let Event::PairingFailed { code, message } = event {
            return Err(CommandError::new(code, message));
        }
    }
}

async fn devices(desk: &mut Desk) -> Result<ExitCode, CommandError> {
    let Reply::Devices { devices } = desk.call(IdentityCommand::Devices).await? else {
        return Err(unexpected_reply());
    };
    for device in devices {
        let json = serde_json::json!({
            "event": "device",
            "device_id": device.device_id,
            "name": device.name.to_string(),
            "this": device.this,
            "connected": device.connected,
        });
        let this = if device.this { "  (this one)" } else { "" };
        let words = format!("{}  {}{this}", device.device_id, device.name);
        desk.report.result(&words, &json);
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks for a passphrase, or reads it from standard input; a new one is asked for twice.
async fn passphrase(is_new: bool) -> Result<Passphrase, CommandError> {
    let refused = |why: &str| CommandError::new(ErrorCode::Usage, why);
    let first = prompt::secret("Passphrase: ").await.unwrap_or_default();
    if is_new && first.chars().count() < PASSPHRASE_CHARACTERS {
        return Err(refused("A passphrase needs at least eight characters."));
    }
    if is_new && prompt::has_person() {
        let second = prompt::secret("Once more: ").await.unwrap_or_default();
        if first != second {
            return Err(refused("These were two different passphrases."));
        }
    }
    Ok(Passphrase(first))
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

/// Fewer are guessed, whatever each guess costs.
const PASSPHRASE_CHARACTERS: usize = 8;
