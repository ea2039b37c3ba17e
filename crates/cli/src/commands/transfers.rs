use std::process::ExitCode;

use api::{
    CommandError, Destination, ENTRIES_AT_ONCE, EntryState, EntryView, ErrorCode, QueueEnd,
    ReceiveCommand, Reply, TransferCommand, TransferDirection, TransferState, TransferView,
};
use indicatif::HumanBytes;
use model::{Existing, TransferId};

use super::{Desk, absolute, unexpected_reply};
use crate::args::{EndArgument, TransfersCommand, WhichTransfer};

pub(super) async fn run(
    command: TransfersCommand,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    let command = match command {
        TransfersCommand::List => return list(desk).await,
        TransfersCommand::Files { transfer } => return files(parse(&transfer)?, desk).await,
        TransfersCommand::Accept {
            transfer,
            into,
            existing,
        } => {
            let into = Destination::Folder(absolute(&into)?);
            return answer(&transfer, Some(into), existing, desk).await;
        }
        TransfersCommand::Decline { transfer } => return answer(&transfer, None, None, desk).await,
        TransfersCommand::Pause(which) => match one(which)? {
            Some(transfer) => TransferCommand::Pause { transfer },
            None => TransferCommand::PauseAll,
        },
        TransfersCommand::Resume(which) => match one(which)? {
            Some(transfer) => TransferCommand::Resume { transfer },
            None => TransferCommand::ResumeAll,
        },
        TransfersCommand::Cancel(which) => match one(which)? {
            Some(transfer) => TransferCommand::Cancel { transfer },
            None => TransferCommand::CancelAll,
        },
        TransfersCommand::Priority { transfer, priority } => TransferCommand::Prioritize {
            transfer: parse(&transfer)?,
            priority: super::send::priority(priority),
        },
        TransfersCommand::Move { transfer, to } => TransferCommand::Move {
            transfer: parse(&transfer)?,
            to: match to {
                EndArgument::First => QueueEnd::First,
                EndArgument::Last => QueueEnd::Last,
            },
        },
        TransfersCommand::Limit { transfer, speed } => TransferCommand::Limit {
            transfer: parse(&transfer)?,
            bytes_per_s: engine::parse_speed(&speed)
                .map_err(|error| CommandError::new(ErrorCode::Usage, error.to_string()))?,
        },
    };
    desk.call(command).await?;
    Ok(ExitCode::SUCCESS)
}

async fn answer(
    transfer: &str,
    destination: Option<Destination>,
    existing: Option<Existing>,
    desk: &Desk,
) -> Result<ExitCode, CommandError> {
    let transfer = parse(transfer)?;
    desk.call(ReceiveCommand::Answer {
        transfer,
        destination,
        wishes: api::Wishes {
            existing,
            ..api::Wishes::default()
        },
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

/// The transfer that was named, or `None` for all.
fn one(which: WhichTransfer) -> Result<Option<TransferId>, CommandError> {
    which.transfer.as_deref().map(parse).transpose()
}

pub(super) fn parse(text: &str) -> Result<TransferId, CommandError> {
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

/// Lists what a transfer holds, as far as it is known.
async fn files(transfer: TransferId, desk: &mut Desk) -> Result<ExitCode, CommandError> {
    let mut offset = 0;
    loop {
        let asked = TransferCommand::Entries {
            transfer,
            offset,
            limit: ENTRIES_AT_ONCE,
        };
        let Reply::Entries { total, entries } = desk.call(asked).await? else {
            return Err(unexpected_reply());
        };
        for entry in &entries {
            let json = serde_json::to_value(entry).map_err(|_| unexpected_reply())?;
            desk.report.result(&entry_words(entry), &json);
        }
        offset = offset.saturating_add(u32::try_from(entries.len()).unwrap_or(u32::MAX));
        if entries.is_empty() || u64::from(offset) >= total {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

fn entry_words(entry: &EntryView) -> String {
    if entry.folder {
        return format!("{}/", entry.path);
    }
    let state = match entry.state {
        EntryState::Waiting => "waits",
        EntryState::Moving => "moves",
        EntryState::Done => "there",
        EntryState::LeftOut => "left out",
    };
    format!("{}  {}  {state}", entry.path, HumanBytes(entry.bytes))
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
        TransferState::Queued => "waits for its turn",
        TransferState::WaitingForPeer => "waits for the other side to be online",
        TransferState::WaitingForAnswer => "waits for an answer",
        TransferState::Active => "active",
        TransferState::Paused { .. } => "paused",
        TransferState::Completed => "done",
        TransferState::Failed { .. } => "failed",
    }
}
