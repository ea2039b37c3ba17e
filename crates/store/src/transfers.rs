use std::path::PathBuf;

use model::{ContactId, Digest, Timestamp, TransferId};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::columns::{integer, nanoseconds};
use crate::transfer::{TransferDirection, TransferRecord, TransferState};
use crate::{Store, StoreError, columns};

mod rows;

pub(crate) use rows::{read_state, state_columns};

/// Why a transfer cannot be added or changed.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// There is none of this id in the history.
    #[error("this transfer does not exist")]
    Unknown,
    /// One of this id exists, or came to its end before.
    #[error("this transfer is known already")]
    AlreadyKnown,
    /// It came to another end before; ends are final.
    #[error("this transfer has ended")]
    Finished,
    /// More than [`crate::RESUME_NOTE_BYTES`].
    #[error("the resume note is too long")]
    NoteTooLong,
    /// The database cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for TransferError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Adds a transfer. Refuses an id that was ever finished, even after it left the history.
    pub fn add_transfer(&mut self, record: &TransferRecord) -> Result<(), TransferError> {
        let transaction = self.connection.transaction()?;
        let known: bool = transaction.query_row(
            "SELECT EXISTS (SELECT 1 FROM transfers WHERE id = ?1)
                 OR EXISTS (SELECT 1 FROM finished_transfers WHERE id = ?1)",
            [record.id.0],
            |row| row.get(0),
        )?;
        if known {
            return Err(TransferError::AlreadyKnown);
        }
        transaction.execute(
            "INSERT INTO transfers (id, contact, peer_name, direction, paths, state, name, entries,
                 files, bytes, stream, created_at, resent_bytes)
             VALUES (?1, ?2, '', 0, x'00', 0, '', 0, 0, 0, 0, ?3, 0)",
            (
                record.id.0,
                record.contact.0,
                nanoseconds(record.created_at),
            ),
        )?;
        write(&transaction, record)?;
        transaction.commit()?;
        Ok(())
    }

    /// Replaces everything but `id` and `created_at`.
    ///
    /// A finished transfer keeps its end; a finished state ends the transfer (at `finished_at`, or when
    /// it was created if that is missing).
    pub fn update_transfer(&mut self, record: &TransferRecord) -> Result<(), TransferError> {
        let transaction = self.connection.transaction()?;
        check_may_become(&transaction, record.id, &record.state)?;
        write(&transaction, record)?;
        transaction.commit()?;
        Ok(())
    }

    /// Changes the state alone. A finished one also sets `finished_at` and drops the commit intents.
    pub fn set_transfer_state(
        &mut self,
        id: TransferId,
        state: &TransferState,
        now: Timestamp,
    ) -> Result<(), TransferError> {
        self.change_state(id, state, None, now)
    }

    /// Completes a transfer with its digest; the end is remembered for
    /// [`model::limits::FINISHED_TRANSFER_TIME`].
    pub fn complete_transfer(
        &mut self,
        id: TransferId,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<(), TransferError> {
        self.change_state(id, &TransferState::Completed, Some(digest), now)
    }

    /// The transfer `id`, if it is in the history.
    pub fn transfer(&self, id: TransferId) -> Result<Option<TransferRecord>, StoreError> {
        Ok(self.select_transfers("WHERE id = ?1", [id.0])?.pop())
    }

    /// The whole history in the order of adding.
    pub fn transfers(&self) -> Result<Vec<TransferRecord>, StoreError> {
        self.select_transfers("ORDER BY position", ())
    }

    /// The transfers to go on with, in the order of adding.
    pub fn unfinished_transfers(&self) -> Result<Vec<TransferRecord>, StoreError> {
        self.select_transfers("WHERE finished_at IS NULL ORDER BY position", ())
    }

    /// The transfers with one contact, in the order of adding.
    pub fn transfers_with(&self, contact: ContactId) -> Result<Vec<TransferRecord>, StoreError> {
        self.select_transfers("WHERE contact = ?1 ORDER BY position", [contact.0])
    }

    /// The unfinished transfers that send exactly these paths in any order, the newest first.
    pub fn find_sends_by_sources(
        &self,
        sources: &[PathBuf],
    ) -> Result<Vec<TransferRecord>, StoreError> {
        let tail = "WHERE sources_digest = ?1 AND finished_at IS NULL ORDER BY position DESC";
        self.select_transfers(tail, [sources_digest(sources).0])
    }

    fn change_state(
        &mut self,
        id: TransferId,
        state: &TransferState,
        digest: Option<&Digest>,
        now: Timestamp,
    ) -> Result<(), TransferError> {
        let transaction = self.connection.transaction()?;
        let before = check_may_become(&transaction, id, state)?;
        if before.is_finished() {
            return Ok(());
        }
        let (number, detail) = state_columns(state);
        transaction.execute(
            "UPDATE transfers SET state = ?2, state_detail = ?3,
                 finished_at = ?4, digest = ifnull(?5, digest) WHERE id = ?1",
            params![
                id.0,
                number,
                detail,
                state.is_finished().then(|| nanoseconds(now)),
                digest.map(|digest| digest.0),
            ],
        )?;
        remember_end(&transaction, id, state)?;
        transaction.commit()?;
        Ok(())
    }

    pub(crate) fn select_transfers(
        &self,
        tail: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Vec<TransferRecord>, StoreError> {
        let sql = format!("SELECT * FROM transfers {tail}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut found = statement.query(parameters)?;
        let mut records = Vec::new();
        while let Some(row) = found.next()? {
            records.push(rows::read(row)?);
        }
        Ok(records)
    }
}

/// Returns the state before, or refuses to leave a finished one.
fn check_may_become(
    connection: &Connection,
    id: TransferId,
    state: &TransferState,
) -> Result<TransferState, TransferError> {
    let sql = "SELECT state, state_detail FROM transfers WHERE id = ?1";
    let columns: Option<(i64, Option<String>)> = connection
        .query_row(sql, [id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (number, detail) = columns.ok_or(TransferError::Unknown)?;
    let before = read_state(number, detail)?;
    if before.is_finished() && before != *state {
        return Err(TransferError::Finished);
    }
    Ok(before)
}

/// Writes every column that may change.
fn write(transaction: &Transaction<'_>, record: &TransferRecord) -> Result<(), StoreError> {
    let (direction, paths, sources_digest) = match &record.direction {
        TransferDirection::Send { sources } => {
            (0, columns::paths(sources), Some(sources_digest(sources).0))
        }
        TransferDirection::Receive { destination } => {
            (1, columns::paths(destination.as_slice()), None)
        }
    };
    let (state, state_detail) = state_columns(&record.state);
    let ended = record.finished_at.unwrap_or(record.created_at);
    transaction.execute(
        "UPDATE transfers SET contact = ?2, peer_name = ?3, direction = ?4, paths = ?5,
             sources_digest = ?6, state = ?7, state_detail = ?8, name = ?9, entries = ?10,
             files = ?11, bytes = ?12, stream = ?13, token = ?14, finished_at = ?15, digest = ?16,
             resent_bytes = ?17, kind = ?18 WHERE id = ?1",
        params![
            record.id.0,
            record.contact.0,
            record.peer_name.as_str(),
            direction,
            paths,
            sources_digest,
            state,
            state_detail,
            record.summary.name.as_str(),
            integer(record.summary.entries),
            integer(record.summary.files),
            integer(record.summary.bytes),
            record.summary.stream,
            record.token.map(integer),
            record.state.is_finished().then(|| nanoseconds(ended)),
            record.digest.map(|digest| digest.0),
            integer(record.resent_bytes),
            record.summary.text,
        ],
    )?;
    remember_end(transaction, record.id, &record.state)
}

/// Copies the end to where it outlives the history; what a commit intended is settled then.
fn remember_end(
    transaction: &Transaction<'_>,
    id: TransferId,
    state: &TransferState,
) -> Result<(), StoreError> {
    if !state.is_finished() {
        return Ok(());
    }
    transaction.execute(
        "INSERT OR REPLACE INTO finished_transfers
             (id, contact, state, state_detail, digest, finished_at, skipped)
         SELECT id, contact, state, state_detail, digest, finished_at, skipped_total FROM transfers WHERE id = ?1",
        [id.0],
    )?;
    transaction.execute("DELETE FROM commit_intents WHERE transfer = ?1", [id.0])?;
    Ok(())
}

/// The same for the same paths in any order.
fn sources_digest(sources: &[PathBuf]) -> Digest {
    let mut sorted = sources.to_vec();
    sorted.sort();
    Digest::of(&columns::paths(&sorted))
}

#[cfg(test)]
mod tests;
