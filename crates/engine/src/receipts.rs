//! Receipts in files: lists of what transfers brought, exports, and their checking.
//!
//! [`verify`] needs nothing but the file: no home, no network. `docs/protocol/transfer.md` has the format.

mod check;
mod list;
mod whole;

use std::path::Path;

use api::{CommandError, ContentsView, ErrorCode, PartyView, ReceiptView};
use data_encoding::HEXLOWER;
use model::Timestamp;
use model::limits::{RECEIPT_BYTES, RECEIPT_LINE_BYTES};
use transfer_proto::{Contents, Listing, Receipt};
use vfs::records::{Overwrite, RecordReader, RecordWriter, RecordsError};

use crate::problem::sentence;

pub use check::Against;
pub(crate) use list::{ListError, ListPlan, ListWriter, Listed};
pub use transfer_proto::ReceiptLine;
pub(crate) use whole::{WholeFile, whole_file};

/// Writes a receipt and its list into one new file; never replaces one. Blocks.
///
/// # Errors
/// `integrity` when what the home keeps does not belong together, `destination_unwritable`, `disk_full`.
pub fn export(encoded: &str, list: &Path, to: &Path) -> Result<(), CommandError> {
    let bytes = HEXLOWER
        .decode(encoded.as_bytes())
        .map_err(|_| damaged(&"the receipt cannot be read"))?;
    let receipt = Receipt::decode(&bytes).map_err(|error| damaged(&error))?;
    let has_sums = receipt.statement.statement.contents.sums.is_some();
    let mut lines = RecordReader::open(list).map_err(unreadable)?;
    let mut writer = RecordWriter::create(to, Overwrite::Refuse).map_err(unwritable)?;
    writer.push(MAGIC).map_err(unwritable)?;
    writer.push(&bytes).map_err(unwritable)?;
    while let Some(record) = lines.next(RECEIPT_LINE_BYTES).map_err(unreadable)? {
        let line = ReceiptLine::decode(&record).map_err(|error| damaged(&error))?;
        let line = if has_sums { line } else { line.without_sum() };
        writer.push(&line.encode()).map_err(unwritable)?;
    }
    writer.finish().map_err(unwritable)?;
    // What goes out is what a stranger will check.
    verify(to, &Against::Nothing, &mut |_| {}).map(|_| ())
}

/// Checks an exported receipt, all of it, and then what it is held against; blocks.
///
/// `visit` is told every line once the whole list is known to be the one that was signed.
///
/// # Errors
/// `integrity` when anything was altered, forged or does not match; `source_unreadable`.
pub fn verify(
    file: &Path,
    against: &Against,
    visit: &mut dyn FnMut(&ReceiptLine),
) -> Result<ReceiptView, CommandError> {
    let (receipt, mut lines) = open(file)?;
    let expected = receipt.statement.statement.contents;
    let mut listing = Listing::default();
    let mut top = check::Top::default();
    while let Some(line) = next_line(&mut lines, expected.entries, &listing)? {
        top.note(&line);
        if expected.sums.is_none() && line != line.clone().without_sum() {
            return Err(damaged(&"its list has sums that nobody signed"));
        }
        listing.push(&line);
    }
    if listing.finish(expected.skipped) != expected {
        return Err(damaged(&"its list is not the one that was signed"));
    }
    let (_, mut lines) = open(file)?;
    let mut check = check::Check::new(against, top.into_folder())?;
    let mut seen = Listing::default();
    while let Some(line) = next_line(&mut lines, expected.entries, &seen)? {
        seen.push(&line);
        check.line(&line)?;
        visit(&line);
    }
    if seen.finish(expected.skipped) != expected {
        return Err(damaged(&"the file changed while it was read"));
    }
    check.end()?;
    Ok(view(&receipt))
}

/// Reads a list of this home, line by line; blocks.
///
/// # Errors
/// `internal` when it is missing or damaged.
pub fn read_list(list: &Path, visit: &mut dyn FnMut(&ReceiptLine)) -> Result<(), CommandError> {
    let mut lines = RecordReader::open(list).map_err(unreadable)?;
    while let Some(record) = lines.next(RECEIPT_LINE_BYTES).map_err(unreadable)? {
        visit(&ReceiptLine::decode(&record).map_err(|error| damaged(&error))?);
    }
    Ok(())
}

/// A receipt as faces see it.
pub(crate) fn view(receipt: &Receipt) -> ReceiptView {
    let statement = &receipt.statement.statement;
    let acknowledgement = &receipt.acknowledgement.acknowledgement;
    ReceiptView {
        transfer: statement.transfer,
        title: statement.title.clone(),
        sender: PartyView {
            device_id: statement.sender_id().to_string(),
            name: statement.sender_name.clone(),
            time: shown(statement.sent_at),
        },
        receiver: PartyView {
            device_id: statement.receiver_id().to_string(),
            name: acknowledgement.receiver_name.clone(),
            time: shown(acknowledgement.received_at),
        },
        contents: contents_view(&statement.contents),
    }
}

fn contents_view(contents: &Contents) -> ContentsView {
    ContentsView {
        entries: contents.entries,
        files: contents.files,
        bytes: contents.bytes,
        skipped: contents.skipped,
        digest: contents.digest.to_string(),
        sums: contents.sums.map(|sums| sums.to_string()),
    }
}

fn shown(time: Timestamp) -> String {
    time.to_string()
}

fn open(file: &Path) -> Result<(Receipt, RecordReader), CommandError> {
    let mut records = RecordReader::open(file).map_err(unreadable)?;
    let magic = records.next(MAGIC.len()).map_err(unreadable)?;
    if magic.as_deref() != Some(MAGIC) {
        return Err(damaged(&"it is no receipt"));
    }
    let bytes = records.next(RECEIPT_BYTES).map_err(unreadable)?;
    let bytes = bytes.ok_or_else(|| damaged(&"it is cut off"))?;
    let receipt = Receipt::decode(&bytes).map_err(|error| damaged(&error))?;
    Ok((receipt, records))
}

fn next_line(
    lines: &mut RecordReader,
    entries: u64,
    listed: &Listing,
) -> Result<Option<ReceiptLine>, CommandError> {
    let Some(record) = lines.next(RECEIPT_LINE_BYTES).map_err(unreadable)? else {
        return Ok(None);
    };
    if listed.entries() >= entries {
        return Err(damaged(&"its list is longer than the one that was signed"));
    }
    let line = ReceiptLine::decode(&record).map_err(|error| damaged(&error))?;
    Ok(Some(line))
}

fn damaged(reason: &dyn std::fmt::Display) -> CommandError {
    CommandError::new(
        ErrorCode::Integrity,
        format!("The receipt does not hold: {reason}. Do not rely on it."),
    )
}

fn unreadable(error: RecordsError) -> CommandError {
    match error {
        RecordsError::Malformed => damaged(&error),
        RecordsError::NoSpace | RecordsError::Io(_) => {
            CommandError::new(ErrorCode::SourceUnreadable, sentence(&error))
        }
    }
}

fn unwritable(error: RecordsError) -> CommandError {
    let code = match error {
        RecordsError::NoSpace => ErrorCode::DiskFull,
        RecordsError::Malformed | RecordsError::Io(_) => ErrorCode::DestinationUnwritable,
    };
    CommandError::new(code, sentence(&error))
}

/// What an exported receipt begins with.
const MAGIC: &[u8] = b"wherry receipt 1";

#[cfg(test)]
mod tests;
