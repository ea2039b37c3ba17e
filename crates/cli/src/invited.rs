//! What a person typed or pasted where a code is asked for: a code, a link, or `CODE@SERVER`.

use api::{CommandError, ErrorCode, LinkAim, LinkCommand, LinkView, Reply, SettingCommand};
use engine::settings::table::SERVER_URL;

use crate::commands::{Desk, unexpected_reply};
use crate::prompt;

/// Finds the code in `given`; `-` asks for it. A server in it that is not ours is used for this command,
/// once a person or `--yes` agreed.
pub(crate) async fn code(
    given: &str,
    aim: LinkAim,
    yes: bool,
    desk: &mut Desk,
) -> Result<String, CommandError> {
    let text = match given {
        "-" => prompt::line("Code or link: ")
            .await
            .ok_or_else(|| usage("No code was given.".into()))?,
        given => given.to_owned(),
    };
    let Reply::Link(link) = desk.call(LinkCommand::Parse { text }).await? else {
        return Err(unexpected_reply());
    };
    check_aim(&link, aim)?;
    if link.is_other_server
        && let Some(server) = &link.server
    {
        agree(server, &link, yes, desk).await?;
        let change = SettingCommand::UseForNow {
            key: SERVER_URL.key.to_owned(),
            value: server.clone(),
        };
        desk.call(change).await?;
        remind(server, aim, desk);
    }
    Ok(link.code)
}

fn check_aim(link: &LinkView, wanted: LinkAim) -> Result<(), CommandError> {
    match (link.aim, wanted) {
        (Some(LinkAim::Pair), LinkAim::Receive) => Err(usage(
            "This link makes a contact, it sends nothing: wherry pair takes it.".into(),
        )),
        (Some(LinkAim::Receive), LinkAim::Pair) => Err(usage(
            "This link sends something, it makes no contact: wherry receive takes it.".into(),
        )),
        (Some(LinkAim::Pair | LinkAim::Receive) | None, _) => Ok(()),
    }
}

/// A server learns our address: which one, nobody but a person decides.
async fn agree(server: &str, link: &LinkView, yes: bool, desk: &Desk) -> Result<(), CommandError> {
    if desk.config.given.flag(&SERVER_URL).is_some() {
        return Err(usage(format!(
            "The code counts at {server}, and --server names another one. Leave --server away, or give that one."
        )));
    }
    if yes {
        return Ok(());
    }
    let ours = match &link.server_in_force {
        Some(ours) => format!("yours is {ours}"),
        None => "none is set here".to_owned(),
    };
    if !prompt::has_person() {
        return Err(usage(format!(
            "The code counts at {server}; {ours}. Add --server {server} (or --yes) to use it for this command."
        )));
    }
    let question = format!("The code counts at {server}; {ours}. Use {server} for this command?");
    match prompt::confirm(&question).await {
        true => Ok(()),
        false => Err(CommandError::new(
            ErrorCode::Cancelled,
            "Nothing was done, and nobody was asked.",
        )),
    }
}

fn remind(server: &str, aim: LinkAim, desk: &mut Desk) {
    if aim == LinkAim::Pair {
        desk.report.remark(&format!(
            "This contact is met at {server}. To meet it again: wherry config set server-url {server}"
        ));
    }
}

fn usage(message: String) -> CommandError {
    CommandError::new(ErrorCode::Usage, message)
}
