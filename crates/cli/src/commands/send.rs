use std::path::PathBuf;
use std::process::ExitCode;

use api::{CommandError, ErrorCode, Reply, SendCommand, SendSources};

use super::{Desk, absolute, unexpected_reply};
use crate::args::SendArguments;
use crate::outcome;

pub(super) async fn run(
    arguments: SendArguments,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    let sources = sources(&arguments)?;
    if arguments.wait || arguments.code {
        desk.patience.wait_for_contact();
    }
    let command = match arguments.to {
        Some(contact) => SendCommand::ToContact { contact, sources },
        None => SendCommand::ByCode { sources },
    };
    let Reply::Transfer { transfer } = desk.call(command).await? else {
        return Err(unexpected_reply());
    };
    loop {
        let event = desk.next_event().await?;
        if let Some(code) = outcome::of_event(&event, Some(transfer)) {
            return Ok(code);
        }
    }
}

fn sources(arguments: &SendArguments) -> Result<SendSources, CommandError> {
    let is_standard_input = |path: &PathBuf| path.as_os_str() == "-";
    if !arguments.paths.iter().any(is_standard_input) {
        let paths: Result<Vec<_>, _> = arguments.paths.iter().map(|path| absolute(path)).collect();
        return Ok(SendSources::Paths(paths?));
    }
    if arguments.paths.len() > 1 {
        return Err(CommandError::new(
            ErrorCode::Usage,
            "Standard input goes alone: send files and `-` in two commands.",
        ));
    }
    Ok(SendSources::StandardInput {
        name: arguments.name.clone(),
    })
}
