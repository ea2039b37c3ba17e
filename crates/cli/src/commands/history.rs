use std::process::ExitCode;

use api::{CommandError, HistoryCommand, HistoryView, ItemKind, Reply, TransferDirection};
use indicatif::HumanBytes;

use super::{Desk, unexpected_reply};
use crate::args::{HistoryArguments, HistoryCommand as Subcommand};

pub(super) async fn run(
    arguments: HistoryArguments,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    match arguments.command {
        Some(Subcommand::Clear) => {
            let Reply::Forgotten { transfers } = desk.call(HistoryCommand::Clear).await? else {
                return Err(unexpected_reply());
            };
            let json = serde_json::json!({"event": "history_cleared", "transfers": transfers});
            desk.report
                .result(&format!("{transfers} forgotten."), &json);
        }
        None => search(arguments, desk).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn search(arguments: HistoryArguments, desk: &mut Desk) -> Result<(), CommandError> {
    let command = HistoryCommand::Search {
        search: arguments.search,
        with: arguments.with,
        since_s: arguments.since,
        limit: arguments.limit,
    };
    let Reply::History { transfers } = desk.call(command).await? else {
        return Err(unexpected_reply());
    };
    for transfer in transfers {
        let mut json = serde_json::to_value(&transfer).map_err(|_| unexpected_reply())?;
        json["event"] = "history".into();
        desk.report.result(&words(&transfer), &json);
    }
    Ok(())
}

fn words(transfer: &HistoryView) -> String {
    let arrow = match transfer.direction {
        TransferDirection::Outgoing => "to",
        TransferDirection::Incoming => "from",
    };
    let names: Vec<String> = transfer.names.iter().map(ToString::to_string).collect();
    let what = match transfer.kind {
        ItemKind::Text => "text".to_owned(),
        ItemKind::Files => names.join(", "),
    };
    let how = match (&transfer.code, &transfer.figures) {
        (Some(code), _) => format!("{code:?}"),
        (None, Some(figures)) => format!("{}, {:.1} s", figures.path, figures.seconds),
        (None, None) => "done".to_owned(),
    };
    format!(
        "{}  {}  {arrow} {}  {what}  {}  {how}",
        transfer.ended_at,
        transfer.transfer,
        transfer.peer,
        HumanBytes(transfer.bytes)
    )
}
