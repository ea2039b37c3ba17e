use std::process::ExitCode;

use api::{CommandError, ErrorCode, Event, LinkAim, PairingCommand};

use super::Desk;
use crate::args::PairArguments;
use crate::{invited, prompt};

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
        None => PairingCommand::Issue,
        Some(given) => PairingCommand::Claim {
            code: invited::code(given, LinkAim::Pair, arguments.yes, desk).await?,
        },
    };
    if let Some(contact) = arguments.replaces.clone() {
        desk.call(PairingCommand::Replace { contact }).await?;
    }
    desk.call(command).await?;
    loop {
        let event = desk.next_event().await?;
        if let Event::ComparisonWords { .. } = event {
            let compared = !arguments.yes;
            let add = arguments.yes
                || prompt::confirm("Does the other device show the same words?").await;
            desk.call(PairingCommand::Decide { add, compared }).await?;
        } else if let Event::ContactAdded { .. } = event {
            return Ok(ExitCode::SUCCESS);
        } else if let Event::PairingFailed { code, message } = event {
            return Err(CommandError::new(code, message));
        }
    }
}
