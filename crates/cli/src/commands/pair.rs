use std::process::ExitCode;

use api::{Command, CommandError, ErrorCode, Event};

use super::Desk;
use crate::args::PairArguments;
use crate::prompt;

pub(super) async fn run(
    arguments: PairArguments,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    if !arguments.yes && !prompt::has_person() {
        return Err(CommandError::new(
            ErrorCode::Usage,
            "Nobody is here to compare the six words. Add --yes; the contact is marked \"not compared\".",
        ));
    }
    let command = match arguments.code.as_deref() {
        None => Command::IssuePairing,
        Some("-") => Command::ClaimPairing {
            code: prompt::line("Code: ")
                .await
                .ok_or_else(|| CommandError::new(ErrorCode::Usage, "No code was given."))?,
        },
        Some(code) => Command::ClaimPairing { code: code.into() },
    };
    desk.call(command).await?;
    loop {
        match desk.next_event().await? {
            Event::ComparisonWords { .. } => {
                let compared = !arguments.yes;
                let add = arguments.yes
                    || prompt::confirm("Does the other device show the same words?").await;
                desk.call(Command::DecidePairing { add, compared }).await?;
            }
            Event::ContactAdded { .. } => return Ok(ExitCode::SUCCESS),
            Event::PairingFailed { code, message } => return Err(CommandError::new(code, message)),
            _ => {}
        }
    }
}
