use std::process::ExitCode;

use api::{CommandError, ContactCommand, Reply};

use super::{Desk, unexpected_reply};
use crate::args::ContactsCommand;

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
        ContactsCommand::Verify { contact, undo } => ContactCommand::Verify {
            contact,
            verified: !undo,
        },
    };
    desk.call(command).await?;
    Ok(ExitCode::SUCCESS)
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
        });
        let compared = if contact.verified {
            "compared"
        } else {
            "not compared"
        };
        let blocked = if contact.blocked { ", blocked" } else { "" };
        let words = format!("{}  ({compared}{blocked})", contact.name);
        desk.report.result(&words, &json);
    }
    Ok(ExitCode::SUCCESS)
}
