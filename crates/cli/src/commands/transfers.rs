use std::process::ExitCode;

use api::{
    CommandError, ErrorCode, Reply, TransferCommand, TransferDirection, TransferState, TransferView,
};
use indicatif::HumanBytes;
use model::TransferId;

use super::{Desk, unexpected_reply};
use crate::args::TransfersCommand;

pub(super) async fn run(
    command: TransfersCommand,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    let command = match command {
        TransfersCommand::List => return list(desk).await,
        TransfersCommand::Pause { transfer } => TransferCommand::Pause {
            transfer: parse(&transfer)?,
        },
        TransfersCommand::Resume { transfer } => TransferCommand::Resume {
            transfer: parse(&transfer)?,
        },
        TransfersCommand::Cancel { transfer } => TransferCommand::Cancel {
            transfer: parse(&transfer)?,
        },
    };
    desk.call(command).await?;
    Ok(ExitCode::SUCCESS)
}

fn parse(text: &str) -> Result<TransferId, CommandError> {
    text.parse().map_err(|_| {
        CommandError::new(
            ErrorCode::UnknownTransfer,
            "That is no transfer id: see wherry transfers list.",
        )
    })
}

async fn list(desk: &mut Desk) -> Result<ExitCode, CommandError> {
    let Reply::Transfers { transfers } = desk.call(TransferCommand::List).await? else {
        return Err(unexpected_reply());
    };
    for transfer in transfers {
        let json = serde_json::to_value(&transfer).map_err(|_| unexpected_reply())?;
        desk.report.result(&words(&transfer), &json);
    }
    Ok(ExitCode::SUCCESS)
}

fn words(transfer: &TransferView) -> String {
    let arrow = match transfer.direction {
        TransferDirection::Outgoing => "to",
        TransferDirection::Incoming => "from",
    };
    let peer = transfer
        .peer
        .as_ref()
        .map_or_else(|| "a code".to_owned(), ToString::to_string);
    format!(
        "{}  {}  {arrow} {peer}  {} of {}  {}",
        transfer.transfer,
        transfer.name,
        HumanBytes(transfer.bytes),
        HumanBytes(transfer.total_bytes),
        state_words(transfer.state)
    )
}

fn state_words(state: TransferState) -> &'static str {
    match state {
        TransferState::Preparing => "preparing",
        TransferState::WaitingForPeer => "waits for the other side to be online",
        TransferState::WaitingForAnswer => "waits for an answer",
        TransferState::Active => "active",
        TransferState::Paused { .. } => "paused",
        TransferState::Completed => "done",
        TransferState::Failed { .. } => "failed",
    }
}
