use std::process::ExitCode;

use api::{CommandError, ContactCommand, ContactView, Reply};

use super::{Desk, unexpected_reply};
use crate::args::{ContactsCommand, RelayArgument};
use model::RelayWish;

pub(super) async fn run(
    command: ContactsCommand,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    let command = match command {
        ContactsCommand::List => return list(desk).await,
        ContactsCommand::Rename { contact, name } => ContactCommand::Rename { contact, name },
        ContactsCommand::Remove { contact } => ContactCommand::Remove { contact },
        ContactsCommand::Block { contact, undo } => ContactCommand::Block {
            contact,
            blocked: !undo,
        },
        ContactsCommand::Mute { contact, undo } => ContactCommand::Mute {
            contact,
            muted: !undo,
        },
        ContactsCommand::Set { contact, relay } => ContactCommand::Relay {
            contact,
            wish: wish(relay),
        },
        ContactsCommand::Verify { contact, undo } => ContactCommand::Verify {
            contact,
            verified: !undo,
        },
    };
    desk.call(command).await?;
    Ok(ExitCode::SUCCESS)
}

fn wish(relay: RelayArgument) -> Option<RelayWish> {
    match relay {
        RelayArgument::Automatic => Some(RelayWish::Automatic),
        RelayArgument::Never => Some(RelayWish::Never),
        RelayArgument::Only => Some(RelayWish::Only),
        RelayArgument::AsSet => None,
    }
}

async fn list(desk: &mut Desk) -> Result<ExitCode, CommandError> {
    let Reply::Contacts { contacts } = desk.call(ContactCommand::List).await? else {
        return Err(unexpected_reply());
    };
    for contact in contacts {
        let json = serde_json::json!({
            "event": "contact",
            "contact": contact.contact.to_string(),
            "name": contact.name.to_string(),
            "verified": contact.verified,
            "blocked": contact.blocked,
            "muted": contact.muted,
            "muted_for_s": contact.muted_for_s,
            "relay": contact.route.relay,
            "key_changed": contact.key_changed,
            "devices": contact.devices,
        });
        let words = format!("{}  ({})", contact.name, marks(&contact));
        desk.report.result(&words, &json);
    }
    Ok(ExitCode::SUCCESS)
}

fn marks(contact: &ContactView) -> String {
    let mut marks = vec![match (contact.key_changed, contact.verified) {
        (true, _) => "KEYS CHANGED: compare words, see wherry contacts verify".to_owned(),
        (false, true) => "compared".to_owned(),
        (false, false) => "not compared".to_owned(),
    }];
    if contact.devices.len() > 1 {
        let names: Vec<&str> = contact
            .devices
            .iter()
            .map(|device| device.name.as_str())
            .collect();
        marks.push(names.join(" + "));
    }
    match contact.route.relay {
        Some(RelayWish::Only) => marks.push("through relays only".to_owned()),
        Some(RelayWish::Never) => marks.push("never through relays".to_owned()),
        Some(RelayWish::Automatic) => marks.push("through relays where needed".to_owned()),
        None => {}
    }
    if contact.blocked {
        marks.push("blocked".to_owned());
    }
    if contact.muted {
        marks.push("muted".to_owned());
    } else if let Some(seconds) = contact.muted_for_s {
        marks.push(format!("muted for {} minutes", seconds.div_ceil(60)));
    }
    marks.join(", ")
}
