use std::process::ExitCode;

use api::{CommandError, Destination, Event, ReceiveCommand, SettingCommand};
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
    let mut destination = receive(&arguments, desk).await?;
    daemon.ready();
    loop {
        match daemon.next(desk).await? {
            Happened::Event(Event::OfferReceived { transfer, .. })
                if !arguments.yes && prompt::has_person() =>
            {
                ask(transfer, &destination, desk).await?;
            }
            Happened::Event(_) => {}
            Happened::Hangup => {
                daemon.reloading();
                let reloaded = desk.call(SettingCommand::Reload).await.map(|_| ());
                match &reloaded {
                    Ok(()) => destination = receive(&arguments, desk).await?,
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
    })
    .await?;
    Ok(destination)
}

async fn ask(
    transfer: TransferId,
    destination: &Destination,
    desk: &Desk,
) -> Result<(), CommandError> {
    let accepted = prompt::confirm("Accept?").await;
    let answer = ReceiveCommand::Answer {
        transfer,
        destination: accepted.then(|| destination.clone()),
    };
    desk.call(answer).await.map(|_| ())
}
