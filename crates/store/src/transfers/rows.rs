use model::{ContactId, Digest, DisplayName, TransferId};
use rusqlite::Row;

use crate::StoreError;
use crate::columns::{read_paths, timestamp, unsigned};
use crate::transfer::{
    FAILURE_CODE_BYTES, PauseReason, TransferDirection, TransferRecord, TransferState,
    TransferSummary,
};

/// Reads a row of all columns.
pub(super) fn read(row: &Row<'_>) -> Result<TransferRecord, StoreError> {
    Ok(TransferRecord {
        id: TransferId(row.get("id")?),
        contact: ContactId(row.get("contact")?),
        peer_name: read_name(row, "peer_name")?,
        direction: read_direction(row)?,
        state: read_state(row.get("state")?, row.get("state_detail")?)?,
        summary: TransferSummary {
            name: read_name(row, "name")?,
            entries: unsigned(row.get("entries")?),
            files: unsigned(row.get("files")?),
            bytes: unsigned(row.get("bytes")?),
            stream: row.get("stream")?,
            text: row.get("kind")?,
        },
        token: row.get::<_, Option<i64>>("token")?.map(unsigned),
        created_at: timestamp(row.get("created_at")?),
        finished_at: row.get::<_, Option<i64>>("finished_at")?.map(timestamp),
        digest: row.get::<_, Option<[u8; 32]>>("digest")?.map(Digest),
        resent_bytes: unsigned(row.get("resent_bytes")?),
    })
}

/// The columns `state` and `state_detail`.
pub(crate) fn state_columns(state: &TransferState) -> (i64, Option<String>) {
    match state {
        TransferState::Offered => (0, None),
        TransferState::Waiting => (1, None),
        TransferState::Active => (2, None),
        TransferState::Paused { reason } => (3, Some(reason_text(*reason).to_owned())),
        TransferState::Completed => (4, None),
        TransferState::Failed { code } => (5, Some(cut(code).to_owned())),
        TransferState::Cancelled => (6, None),
        TransferState::Declined => (7, None),
    }
}

/// Undoes [`state_columns`].
pub(crate) fn read_state(number: i64, detail: Option<String>) -> Result<TransferState, StoreError> {
    Ok(match (number, detail) {
        (0, None) => TransferState::Offered,
        (1, None) => TransferState::Waiting,
        (2, None) => TransferState::Active,
        (3, Some(text)) => TransferState::Paused {
            reason: read_reason(&text)?,
        },
        (4, None) => TransferState::Completed,
        (5, Some(code)) => TransferState::Failed { code },
        (6, None) => TransferState::Cancelled,
        (7, None) => TransferState::Declined,
        _ => return Err(damaged()),
    })
}

fn read_direction(row: &Row<'_>) -> Result<TransferDirection, StoreError> {
    let mut paths = read_paths(&row.get::<_, Vec<u8>>("paths")?)?;
    match row.get("direction")? {
        0i64 => Ok(TransferDirection::Send { sources: paths }),
        1 if paths.len() <= 1 => Ok(TransferDirection::Receive {
            destination: paths.pop(),
        }),
        _ => Err(damaged()),
    }
}

fn read_name(row: &Row<'_>, column: &str) -> Result<DisplayName, StoreError> {
    Ok(DisplayName::new(&row.get::<_, String>(column)?))
}

fn reason_text(reason: PauseReason) -> &'static str {
    match reason {
        PauseReason::Here => "here",
        PauseReason::There => "there",
        PauseReason::DiskFull => "disk full",
        PauseReason::DiskFailed => "disk failed",
        PauseReason::Stalled => "stalled",
    }
}

fn read_reason(text: &str) -> Result<PauseReason, StoreError> {
    [
        PauseReason::Here,
        PauseReason::There,
        PauseReason::DiskFull,
        PauseReason::DiskFailed,
        PauseReason::Stalled,
    ]
    .into_iter()
    .find(|reason| reason_text(*reason) == text)
    .ok_or_else(damaged)
}

fn cut(code: &str) -> &str {
    let end = code.floor_char_boundary(FAILURE_CODE_BYTES);
    &code[..end]
}

fn damaged() -> StoreError {
    StoreError::Damaged { what: "a transfer" }
}
