use std::process::ExitCode;
use std::time::Duration;

use api::{CommandError, ErrorCode, Event, NearbyCommand, NearbyView};
use tokio::time::{Instant, timeout_at};

use super::Desk;
use crate::args::NearbyArguments;

/// Looks for a while and lists who is there.
pub(super) async fn run(
    arguments: NearbyArguments,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    let until = Instant::now() + Duration::from_secs(arguments.seconds.get());
    desk.call(NearbyCommand::Look).await?;
    let mut listed = Vec::new();
    while let Ok(event) = timeout_at(until, desk.next_event()).await {
        if let Event::NearbyChanged { nearby } = event? {
            listed = nearby;
        }
    }
    for one in &listed {
        let mut json = serde_json::to_value(one).unwrap_or_default();
        json["event"] = "nearby".into();
        desk.report.result(&words(one), &json);
    }
    if listed.is_empty() {
        desk.report.remark(
            "Nobody is seen on this network. Who is no contact shows itself with wherry pair --visible.",
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Finds a stranger that shows itself, by what it calls itself, its address or its id.
pub(super) async fn find(name: &str, desk: &mut Desk) -> Result<String, CommandError> {
    let until = Instant::now() + FIND_TIME;
    desk.call(NearbyCommand::Look).await?;
    while let Ok(event) = timeout_at(until, desk.next_event()).await {
        let Event::NearbyChanged { nearby } = event? else {
            continue;
        };
        let strangers = nearby.iter().filter(|it| it.contact.is_none());
        let found: Vec<&NearbyView> = strangers.filter(|it| is_meant(it, name)).collect();
        match found[..] {
            [] => {}
            // It is tapped while this command looks: who looks away forgets whom it saw.
            [one] => return Ok(one.id.clone()),
            [..] => return Err(several(name, &found)),
        }
    }
    Err(CommandError::new(
        ErrorCode::Usage,
        format!(
            "Nobody who shows itself on this network is called {name}. On the other device: wherry pair --visible"
        ),
    ))
}

fn is_meant(one: &NearbyView, name: &str) -> bool {
    one.name.as_str() == name || one.address == name || one.id == name
}

fn several(name: &str, found: &[&NearbyView]) -> CommandError {
    let addresses: Vec<&str> = found.iter().map(|it| it.address.as_str()).collect();
    CommandError::new(
        ErrorCode::Usage,
        format!(
            "Several devices are called {name}. Say which by its address: {}",
            addresses.join(", ")
        ),
    )
}

fn words(one: &NearbyView) -> String {
    let standing = match one.contact {
        Some(_) => "contact",
        None => "no contact, calls itself so",
    };
    format!("{}  ({standing}, {})", one.name, one.address)
}

/// How long to wait for somebody who is to be there.
const FIND_TIME: Duration = Duration::from_secs(15);
