use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use api::{
    CommandError, ErrorCode, Event, OnProblem, PauseReason, Priority, Reply, SendCommand,
    SendOptions, SendSources, TransferCommand,
};
use model::TransferId;
use model::limits::TEXT_BYTES;

use super::{Desk, absolute, receipts, unexpected_reply};
use crate::args::{PriorityArgument, ProblemArgument, SendArguments};
use crate::{outcome, prompt};

pub(super) async fn run(
    arguments: SendArguments,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    let sources = sources(&arguments).await?;
    let checksums = arguments.checksum;
    desk.patience.give_up_after(arguments.timeout.timeout);
    if arguments.wait || arguments.code {
        desk.patience.wait_for_contact();
    }
    let options = SendOptions {
        device: arguments.device,
        priority: priority(arguments.priority),
        limit_bytes_per_s: arguments.limit,
        checksums,
        on_problem: on_problem(arguments.on_problem),
    };
    let command = if arguments.code {
        SendCommand::ByCode { sources, options }
    } else {
        let recipients = arguments.to;
        SendCommand::ToContacts {
            recipients,
            sources,
            options,
        }
    };
    let reply = desk.call(command).await?;
    let pending = if let Reply::Transfer { transfer } = reply {
        BTreeSet::from([transfer])
    } else if let Reply::Sent { transfers } = reply {
        desk.patience.expect(&transfers);
        transfers.iter().map(|sent| sent.transfer).collect()
    } else {
        return Err(unexpected_reply());
    };
    desk.transfers = pending.clone();
    let first = pending.first().copied();
    let code = follow(pending.clone(), desk).await?;
    if let Some(first) = first.filter(|_| checksums && desk.signed.arrived(&pending)) {
        receipts::print_sums(first, desk).await?;
    }
    for transfer in pending {
        receipts::wait(transfer, desk).await;
    }
    Ok(code)
}

/// Waits until every transfer ended; the exit code is that of the first that did not arrive whole.
async fn follow(
    mut pending: BTreeSet<TransferId>,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    let mut code = ExitCode::SUCCESS;
    while !pending.is_empty() {
        let event = desk.next_event().await?;
        if let Event::TransferPaused {
            transfer,
            reason: PauseReason::Problem,
        } = event
            && pending.contains(&transfer)
            && prompt::has_person()
        {
            ask(transfer, desk).await?;
        }
        let Some((transfer, ended)) = outcome::of_event(&event) else {
            continue;
        };
        if pending.remove(&transfer) && code == ExitCode::SUCCESS {
            code = ended;
        }
    }
    Ok(code)
}

/// Lets a person decide about what was told.
async fn ask(transfer: TransferId, desk: &mut Desk) -> Result<(), CommandError> {
    let command = match prompt::confirm("Send it all the same?").await {
        true => TransferCommand::Resume { transfer },
        false => TransferCommand::Cancel { transfer },
    };
    desk.call(command).await.map(|_| ())
}

fn on_problem(argument: ProblemArgument) -> OnProblem {
    match argument {
        ProblemArgument::GoOn => OnProblem::GoOn,
        ProblemArgument::Ask => OnProblem::Ask,
        ProblemArgument::Stop => OnProblem::Stop,
    }
}

pub(super) fn priority(argument: PriorityArgument) -> Priority {
    match argument {
        PriorityArgument::High => Priority::High,
        PriorityArgument::Normal => Priority::Normal,
        PriorityArgument::Low => Priority::Low,
    }
}

async fn sources(arguments: &SendArguments) -> Result<SendSources, CommandError> {
    if let Some(text) = &arguments.text {
        return text_of(text).await.map(SendSources::Text);
    }
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

/// The text of an argument, or of standard input: there nobody else on this machine sees it.
async fn text_of(argument: &str) -> Result<String, CommandError> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let text = prompt::text("Text (end it with Ctrl-D): ", TEXT_BYTES).await;
    text.ok_or_else(|| {
        CommandError::new(
            ErrorCode::Usage,
            "A text has 1 byte to 64 KiB of UTF-8: send anything else as a file.",
        )
    })
}
