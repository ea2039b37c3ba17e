use std::process::ExitCode;

use api::{Command, CommandError, ErrorCode, Event, LinkAim, NearbyCommand, PairingCommand};

use super::{Desk, nearby};
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
    let command = command(&arguments, desk).await?;
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
        } else if let Event::Visible { seconds: 0 } = event
            && arguments.visible
        {
            return Err(nobody_asked());
        }
    }
}

async fn command(arguments: &PairArguments, desk: &mut Desk) -> Result<Command, CommandError> {
    if arguments.visible {
        return Ok(NearbyCommand::Show.into());
    }
    if let Some(name) = &arguments.nearby {
        let id = nearby::find(name, desk).await?;
        return Ok(NearbyCommand::Tap { id }.into());
    }
    let Some(given) = arguments.code.as_deref() else {
        return Ok(PairingCommand::Issue.into());
    };
    let code = invited::code(given, LinkAim::Pair, arguments.yes, desk).await?;
    Ok(match arguments.at.clone() {
        Some(address) => PairingCommand::ClaimAt { code, address }.into(),
        None => PairingCommand::Claim { code }.into(),
    })
}

fn nobody_asked() -> CommandError {
    CommandError::new(
        ErrorCode::PairingStopped,
        "Nobody asked to pair. This device shows its name to strangers no more.",
    )
}
