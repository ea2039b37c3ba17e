use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use api::{CommandError, Event, PartyView, ReceiptCommand, ReceiptView, Reply};
use engine::receipts::{self, Against};
use indicatif::HumanBytes;
use model::TransferId;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Desk, transfers, unexpected_reply};
use crate::args::{ReceiptsCommand, VerifyArguments};
use crate::report::Report;

pub(super) async fn run(
    command: ReceiptsCommand,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    match command {
        ReceiptsCommand::List => list(desk).await?,
        ReceiptsCommand::Show { transfer } => show(transfers::parse(&transfer)?, desk).await?,
        ReceiptsCommand::Export { transfer, file } => {
            export(transfers::parse(&transfer)?, &file, desk).await?;
        }
        ReceiptsCommand::Remove { transfer } => {
            let transfer = transfers::parse(&transfer)?;
            desk.call(ReceiptCommand::Remove { transfer }).await?;
        }
        ReceiptsCommand::Verify(arguments) => verify(&arguments, &mut desk.report)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Checks an exported receipt; this needs no home.
pub(super) fn verify(arguments: &VerifyArguments, report: &mut Report) -> Result<(), CommandError> {
    let against = match (&arguments.file, &arguments.tree) {
        (Some(file), _) => Against::File(file.clone()),
        (None, Some(tree)) => Against::Tree(tree.clone()),
        (None, None) => Against::Nothing,
    };
    let receipt = receipts::verify(&arguments.receipt, &against, &mut |_| {})?;
    print(&receipt, report)?;
    receipts::verify(&arguments.receipt, &Against::Nothing, &mut |line| {
        print_line(receipt.transfer, line, report);
    })?;
    report.remark(match against {
        Against::Nothing => "Both signatures and the list are genuine.",
        Against::File(_) => "Both signatures and the list are genuine, and this file is in it.",
        Against::Tree(_) => {
            "Both signatures and the list are genuine, and everything in it is in this folder."
        }
    });
    Ok(())
}

/// Waits until both sides have signed, as long as they are connected and not for long.
///
/// The transfer has ended well, whatever happens here: a receipt that does not come now is asked for in a
/// later session.
pub(super) async fn wait(transfer: TransferId, desk: &mut Desk) {
    let signed = async {
        while desk.signed.may_come(transfer) {
            if desk.next_event().await.is_err() {
                return;
            }
        }
    };
    timeout(RECEIPT_TIME, signed).await.ok();
}

/// The same for the side that received, which has to stay a while if the sender was lost meanwhile.
///
/// It may not have heard that everything arrived, and whoever waits for that would wait for ever: it asks again as
/// soon as it is back, and its signature says that it knows.
pub(super) async fn wait_for_sender(transfer: TransferId, desk: &mut Desk) {
    let parting = Instant::now() + PARTING_TIME;
    wait(transfer, desk).await;
    if !desk.signed.is_unheard(transfer) {
        return;
    }
    let seconds = PARTING_TIME.as_secs();
    desk.report.remark(&format!(
        "Everything is here. The sender was lost before it could hear of it: waiting for it for up to {seconds} s."
    ));
    while !desk.signed.is_settled(transfer) {
        if !matches!(timeout_at(parting, desk.next_event()).await, Ok(Ok(_))) {
            return;
        }
    }
}

/// Prints the plain SHA-256 of every file of a transfer.
pub(super) async fn print_sums(transfer: TransferId, desk: &mut Desk) -> Result<(), CommandError> {
    let reply = desk.call(ReceiptCommand::Contents { transfer }).await?;
    let Reply::ReceiptList { list } = reply else {
        return Err(unexpected_reply());
    };
    let report = &mut desk.report;
    receipts::read_list(&list, &mut |line| {
        let sha256 = line.file().and_then(|file| file.sha256);
        if let Some(sha256) = sha256 {
            report.event(&Event::EntryChecksum {
                transfer,
                path: line.path.to_string(),
                sha256: sha256.to_string(),
            });
        }
    })
}

async fn list(desk: &mut Desk) -> Result<(), CommandError> {
    let Reply::Receipts { receipts } = desk.call(ReceiptCommand::List).await? else {
        return Err(unexpected_reply());
    };
    for receipt in receipts {
        let json = serde_json::to_value(&receipt).map_err(|_| unexpected_reply())?;
        let words = format!(
            "{}  {}  {}  from {} to {}  {}",
            receipt.transfer,
            receipt.receiver.time,
            receipt.title,
            receipt.sender.name,
            receipt.receiver.name,
            HumanBytes(receipt.contents.bytes)
        );
        desk.report.result(&words, &json);
    }
    Ok(())
}

async fn show(transfer: TransferId, desk: &mut Desk) -> Result<(), CommandError> {
    let (receipt, _, list) = fetch(transfer, desk).await?;
    print(&receipt, &mut desk.report)?;
    let report = &mut desk.report;
    receipts::read_list(&list, &mut |line| print_line(transfer, line, report))
}

async fn export(transfer: TransferId, file: &Path, desk: &mut Desk) -> Result<(), CommandError> {
    let (_, encoded, list) = fetch(transfer, desk).await?;
    receipts::export(&encoded, &list, file)?;
    let json = serde_json::json!({"event": "receipt_exported", "transfer": transfer.to_string()});
    desk.report.result("The receipt is written.", &json);
    Ok(())
}

async fn fetch(
    transfer: TransferId,
    desk: &mut Desk,
) -> Result<(ReceiptView, String, PathBuf), CommandError> {
    let reply = desk.call(ReceiptCommand::Show { transfer }).await?;
    let Reply::Receipt {
        receipt,
        encoded,
        list,
    } = reply
    else {
        return Err(unexpected_reply());
    };
    Ok((*receipt, encoded, list))
}

fn print(receipt: &ReceiptView, report: &mut Report) -> Result<(), CommandError> {
    let mut json = serde_json::to_value(receipt).map_err(|_| unexpected_reply())?;
    json["event"] = "receipt".into();
    report.result(&words(receipt), &json);
    Ok(())
}

fn words(receipt: &ReceiptView) -> String {
    let contents = &receipt.contents;
    let party = |party: &PartyView| format!("{}\n          {}", party.name, party.device_id);
    let mut words = format!(
        "Transfer  {}\nTitle     {}\nSender    {}\n          completed {}\nReceiver  {}\n          received {}\nContents  {} entries, {} files, {} bytes\nSHA-256   {}",
        receipt.transfer,
        receipt.title,
        party(&receipt.sender),
        receipt.sender.time,
        party(&receipt.receiver),
        receipt.receiver.time,
        contents.entries,
        contents.files,
        contents.bytes,
        contents.digest,
    );
    if contents.skipped > 0 {
        words += &format!("\nLeft out  {} entries", contents.skipped);
    }
    words
}

fn print_line(transfer: TransferId, line: &receipts::ReceiptLine, report: &mut Report) {
    let path = line.path.to_string();
    let Some(file) = line.file() else {
        let json = serde_json::json!({
            "event": "receipt_entry", "transfer": transfer.to_string(), "path": path,
        });
        report.result(&format!("{path}/"), &json);
        return;
    };
    let json = serde_json::json!({
        "event": "receipt_entry",
        "transfer": transfer.to_string(),
        "path": path,
        "size": file.size_bytes,
        "digest": file.digest.to_string(),
        "sha256": file.sha256.map(|sum| sum.to_string()),
    });
    let sum = file
        .sha256
        .map_or(String::new(), |sum| format!("  sha256 {sum}"));
    let words = format!("{path}  {} bytes  {}{sum}", file.size_bytes, file.digest);
    report.result(&words, &json);
}

/// A receipt is two short messages: it is there at once, or later.
const RECEIPT_TIME: Duration = Duration::from_secs(5);
/// How long who received stays for a sender that was lost in the last moment: two devices that change networks find
/// each other within a few seconds.
const PARTING_TIME: Duration = Duration::from_secs(15);

/// Which transfers have a receipt, or will not get one, and whether one may still come.
#[derive(Debug, Default)]
pub(crate) struct Signed {
    is_connected: bool,
    /// It was connected, and is not any more.
    is_lost: bool,
    arrived: std::collections::BTreeSet<TransferId>,
    settled: std::collections::BTreeSet<TransferId>,
}

impl Signed {
    /// Learns from what happened.
    pub(crate) fn note(&mut self, event: &Event) {
        if let Event::ContactConnected { path, .. } = event {
            self.is_lost = path.is_none() && (self.is_connected || self.is_lost);
            self.is_connected = path.is_some();
        }
        if let Event::TransferCompleted { transfer, .. } = event {
            self.arrived.insert(*transfer);
        }
        if let Event::ReceiptReady { transfer } | Event::ReceiptFailed { transfer, .. } = event {
            self.settled.insert(*transfer);
        }
    }

    /// Whether all of these arrived.
    pub(crate) fn arrived(&self, transfers: &std::collections::BTreeSet<TransferId>) -> bool {
        transfers.is_subset(&self.arrived)
    }

    /// Whether the receipt of a transfer that arrived is not there and may still come.
    fn may_come(&self, transfer: TransferId) -> bool {
        self.is_connected && self.arrived.contains(&transfer) && !self.is_settled(transfer)
    }

    /// Whether the other side of a transfer that arrived was lost before it said that it knows.
    fn is_unheard(&self, transfer: TransferId) -> bool {
        self.is_lost && self.arrived.contains(&transfer) && !self.is_settled(transfer)
    }

    fn is_settled(&self, transfer: TransferId) -> bool {
        self.settled.contains(&transfer)
    }
}
