use std::process::ExitCode;

use api::{CommandError, Destination, ErrorCode, Event, ReceiveCommand, SettingCommand, Wishes};
use model::TransferId;

use super::Desk;
use crate::args::RunArguments;
use crate::daemon::{Daemon, Happened};
use crate::{destination, prompt};

pub(super) async fn run(
    arguments: RunArguments,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    let mut daemon = Daemon::start();
    desk.patience.wait_for_everything();
    loop {
        match serve(&arguments, &mut daemon, desk).await {
            // A short command owned the home and is done: from now on this process owns it.
            Err(error) if error.code == ErrorCode::HomeBusy => desk.reopen().await?,
            ended => return ended,
        }
    }
}

async fn serve(
    arguments: &RunArguments,
    daemon: &mut Daemon,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    let mut destination = receive(arguments, desk).await?;
    daemon.ready();
    loop {
        match daemon.next(desk).await? {
            Happened::Event(Event::OfferReceived { transfer, .. })
                if !arguments.yes && prompt::has_person() =>
            {
                let wishes = wishes(arguments, desk).await?;
                ask(transfer, (&destination, wishes), desk).await?;
            }
            Happened::Event(_) => {}
            Happened::Hangup => {
                daemon.reloading();
                let reloaded = desk.call(SettingCommand::Reload).await.map(|_| ());
                match &reloaded {
                    Ok(()) => destination = receive(arguments, desk).await?,
                    Err(error) => desk.report.error(error),
                }
                daemon.reloaded(&reloaded);
            }
        }
    }
}

/// Takes what contacts send from now on, into the folder that the settings name now.
async fn receive(arguments: &RunArguments, desk: &Desk) -> Result<Destination, CommandError> {
    let destination = destination::folder(desk).await?;
    desk.call(ReceiveCommand::FromContacts {
        destination: destination.clone(),
        accept: arguments.yes,
        wishes: wishes(arguments, desk).await?,
    })
    .await?;
    Ok(destination)
}

async fn ask(
    transfer: TransferId,
    (destination, wishes): (&Destination, Wishes),
    desk: &Desk,
) -> Result<(), CommandError> {
    let accepted = prompt::confirm("Accept?").await;
    let answer = ReceiveCommand::Answer {
        transfer,
        destination: accepted.then(|| destination.clone()),
        wishes,
    };
    desk.call(answer).await.map(|_| ())
}

async fn wishes(arguments: &RunArguments, desk: &Desk) -> Result<Wishes, CommandError> {
    Ok(Wishes {
        keep_texts: arguments.keep_texts,
        checksums: false,
        existing: destination::existing(desk).await?,
    })
}
