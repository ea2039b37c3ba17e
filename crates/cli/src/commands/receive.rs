use std::process::ExitCode;

use api::{CommandError, Destination, ErrorCode, Event, LinkAim, ReceiveCommand, Reply, Wishes};
use model::TransferId;

use super::Desk;
use crate::args::ReceiveArguments;
use crate::{destination, invited, outcome, prompt};

/// How this command receives.
struct Receiving {
    destination: Destination,
    accept: bool,
    wishes: Wishes,
}

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
    let wishes = Wishes {
        keep_texts: arguments.keep_texts,
        checksums: arguments.checksum,
        existing: destination::existing(desk).await?,
    };
    desk.patience.wait_for_contact();
    desk.patience.give_up_after(arguments.timeout.timeout);
    let command = match &arguments.code {
        Some(given) => ReceiveCommand::ByCode {
            code: invited::code(given, LinkAim::Receive, arguments.yes, desk).await?,
            destination: destination.clone(),
            accept: arguments.yes,
            wishes,
        },
        None => ReceiveCommand::FromContacts {
            destination: destination.clone(),
            accept: arguments.yes,
            wishes,
        },
    };
    let reply = desk.call(command).await?;
    let wanted = if let Reply::Transfer { transfer } = reply {
        Some(transfer)
    } else {
        None
    };
    let receiving = Receiving {
        destination,
        accept: arguments.yes,
        wishes,
    };
    follow(wanted, &receiving, desk).await
}

async fn follow(
    mut wanted: Option<TransferId>,
    receiving: &Receiving,
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
            if !receiving.accept {
                answer(transfer, receiving, desk).await?;
            }
        }
        if let Some((transfer, code)) = outcome::of_event(&event)
            && wanted.is_none_or(|wanted| wanted == transfer)
        {
            super::end(&event, receiving.wishes.checksums, desk).await?;
            return Ok(code);
        }
    }
}

async fn answer(
    transfer: TransferId,
    receiving: &Receiving,
    desk: &mut Desk,
) -> Result<(), CommandError> {
    let accepted = prompt::confirm("Accept?").await;
    let command = ReceiveCommand::Answer {
        transfer,
        destination: accepted.then(|| receiving.destination.clone()),
        wishes: receiving.wishes,
    };
    desk.call(command).await.map(|_| ())
}
