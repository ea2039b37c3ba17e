use std::process::ExitCode;

use api::{CommandError, Destination, ErrorCode, Event, ReceiveCommand, Reply};
use model::TransferId;

use super::Desk;
use crate::args::ReceiveArguments;
use crate::{destination, outcome, prompt};

pub(super) async fn run(
    arguments: ReceiveArguments,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    if !arguments.yes && !prompt::has_person() {
        return Err(CommandError::new(
            ErrorCode::Usage,
            "Nobody is here to accept. Add --yes to accept what arrives.",
        ));
    }
    let destination = if arguments.stdout {
        Destination::StandardOutput
    } else {
        destination::folder(desk).await?
    };
    desk.patience.wait_for_contact();
    desk.patience.give_up_after(arguments.timeout.timeout);
    let command = match code(arguments.code).await? {
        Some(code) => ReceiveCommand::ByCode {
            code,
            destination: destination.clone(),
            accept: arguments.yes,
        },
        None => ReceiveCommand::FromContacts {
            destination: destination.clone(),
            accept: arguments.yes,
        },
    };
    let reply = desk.call(command).await?;
    let wanted = if let Reply::Transfer { transfer } = reply {
        Some(transfer)
    } else {
        None
    };
    follow(wanted, &destination, arguments.yes, desk).await
}

async fn code(given: Option<String>) -> Result<Option<String>, CommandError> {
    match given.as_deref() {
        Some("-") => prompt::line("Code: ")
            .await
            .map(Some)
            .ok_or_else(|| CommandError::new(ErrorCode::Usage, "No code was given.")),
        Some(_) | None => Ok(given),
    }
}

async fn follow(
    mut wanted: Option<TransferId>,
    destination: &Destination,
    accept: bool,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    loop {
        let event = desk.next_event().await?;
        if let Event::PairingFailed { code, message } = event {
            return Err(CommandError::new(code, message));
        }
        if let Event::OfferReceived { transfer, .. } = event
            && wanted.is_none_or(|wanted| wanted == transfer)
        {
            wanted = Some(transfer);
            if !accept {
                answer(transfer, destination, desk).await?;
            }
        }
        if let Some((transfer, code)) = outcome::of_event(&event)
            && wanted.is_none_or(|wanted| wanted == transfer)
        {
            return Ok(code);
        }
    }
}

async fn answer(
    transfer: TransferId,
    destination: &Destination,
    desk: &mut Desk,
) -> Result<(), CommandError> {
    let accepted = prompt::confirm("Accept?").await;
    let command = ReceiveCommand::Answer {
        transfer,
        destination: accepted.then(|| destination.clone()),
    };
    desk.call(command).await.map(|_| ())
}
