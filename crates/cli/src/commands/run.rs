use std::process::ExitCode;

use api::{CommandError, Event, ReceiveCommand};

use super::Desk;
use crate::args::RunArguments;
use crate::{destination, prompt};

pub(super) async fn run(
    arguments: RunArguments,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    let destination = destination::folder(desk).await?;
    desk.patience.wait_for_everything();
    desk.call(ReceiveCommand::FromContacts {
        destination: destination.clone(),
        accept: arguments.yes,
    })
    .await?;
    loop {
        let event = desk.next_event().await?;
        if let Event::OfferReceived { transfer, .. } = event
            && !arguments.yes
            && prompt::has_person()
        {
            let accepted = prompt::confirm("Accept?").await;
            desk.call(ReceiveCommand::Answer {
                transfer,
                destination: accepted.then(|| destination.clone()),
            })
            .await?;
        }
    }
}
