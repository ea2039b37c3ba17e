use std::time::Duration;

use model::limits::FINISHED_TRANSFER_TIME;
use model::{ContactId, Digest, DisplayName, Name, Timestamp, TransferId};
use rusqlite::{OptionalExtension, Row, Transaction};
use unicode_normalization::UnicodeNormalization as _;

use crate::columns::{integer, nanoseconds, timestamp, unsigned};
use crate::transfer::{FinishedTransfer, SkippedEntries, SkippedEntry, TransferRecord};
use crate::transfers::read_state;
use crate::{Store, StoreError, TransferError, TransferFigures};

/// Which ended transfers are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// In a name of it or of the other end; case does not matter.
    pub search: Option<String>,
    /// With whom.
    pub with: Option<ContactId>,
    /// Ended since then.
    pub since: Option<Timestamp>,
    /// At most so many.
    pub limit: usize,
}

/// An ended transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// What it was.
    pub record: TransferRecord,
    /// Its first outermost names, at most [`FIRST_NAMES`]; none of one that never was whole.
    pub names: Vec<DisplayName>,
    /// What it brought and cost, if it came so far.
    pub figures: Option<TransferFigures>,
}

impl HistoryRow {
    fn mentions(&self, text: &str) -> bool {
        let titles = [&self.record.summary.name, &self.record.peer_name];
        let mut names = titles.into_iter().chain(&self.names);
        names.any(|name| folded(name.as_str()).contains(text))
    }
}

impl Store {
    /// How a transfer ended, even after it left the history.
    pub fn finished_transfer(
        &self,
        id: TransferId,
    ) -> Result<Option<FinishedTransfer>, StoreError> {
        let sql = "SELECT * FROM finished_transfers WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([id.0])?;
        rows.next()?.map(read_finished).transpose()
    }

    /// Takes a transfer out of the history with its intents. If it was finished, its end stays known.
    pub fn remove_transfer(&mut self, id: TransferId) -> Result<(), TransferError> {
        let sql = "DELETE FROM transfers WHERE id = ?1";
        match self.connection.execute(sql, [id.0])? {
            0 => Err(TransferError::Unknown),
            _ => Ok(()),
        }
    }

    /// Forgets ends of [`FINISHED_TRANSFER_TIME`] ago, and takes out of the history what ended `history_time`
    /// ago and the oldest beyond [`HISTORY_TRANSFERS`]; returns what left the history.
    pub fn purge_finished(
        &mut self,
        now: Timestamp,
        history_time: Duration,
    ) -> Result<Vec<TransferId>, StoreError> {
        let before = nanoseconds(earlier(now, FINISHED_TRANSFER_TIME));
        let shown_before = nanoseconds(earlier(now, history_time));
        let transaction = self.connection.transaction()?;
        transaction.execute(
            "DELETE FROM finished_transfers WHERE finished_at <= ?1",
            [before],
        )?;
        let removed = delete_old(&transaction, shown_before)?;
        transaction.commit()?;
        Ok(removed)
    }

    /// Keeps the outermost names of a transfer, the first [`FIRST_NAMES`] of them.
    pub fn set_first_names(&mut self, id: TransferId, names: &[Name]) -> Result<(), StoreError> {
        // No name contains a line break.
        let names: Vec<&str> = names.iter().take(FIRST_NAMES).map(Name::as_str).collect();
        let sql = "UPDATE transfers SET first_names = ?2 WHERE id = ?1";
        self.connection.execute(sql, (id.0, names.join("\n")))?;
        Ok(())
    }

    /// Keeps the outermost names that a transfer got here; of more than [`PLACED_NAMES`] none.
    pub fn set_placed_names(&mut self, id: TransferId, names: &[Name]) -> Result<(), StoreError> {
        let names: Vec<&str> = match names.len() > PLACED_NAMES {
            true => Vec::new(),
            false => names.iter().map(Name::as_str).collect(),
        };
        let sql = "UPDATE transfers SET placed_names = ?2 WHERE id = ?1";
        self.connection.execute(sql, (id.0, names.join("\n")))?;
        Ok(())
    }

    /// The outermost names that a transfer got here; none if they are unknown, or more than [`PLACED_NAMES`].
    pub fn placed_names(&self, id: TransferId) -> Result<Vec<Name>, StoreError> {
        let sql = "SELECT placed_names FROM transfers WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let names = statement.query_row([id.0], |row| row.get::<_, String>(0));
        let names = names.optional()?.unwrap_or_default();
        Ok(names
            .lines()
            .filter_map(|it| Name::parse(it).ok())
            .collect())
    }

    /// The transfers that came to an end, the newest first.
    pub fn history(&self, query: &HistoryQuery) -> Result<Vec<HistoryRow>, StoreError> {
        let since = query.since.map_or(i64::MIN, nanoseconds);
        let tail = "WHERE finished_at >= ?1 ORDER BY finished_at DESC, position DESC";
        let search = query.search.as_deref().map(folded);
        let mut found = Vec::new();
        for record in self.select_transfers(tail, [since])? {
            if found.len() >= query.limit {
                break;
            }
            let row = self.history_row(record)?;
            let is_with = query
                .with
                .is_none_or(|contact| contact == row.record.contact);
            if is_with && search.as_deref().is_none_or(|text| row.mentions(text)) {
                found.push(row);
            }
        }
        Ok(found)
    }

    /// Takes every ended transfer out of the history; returns how many. Their ends stay known.
    pub fn clear_history(&mut self) -> Result<u64, StoreError> {
        let sql = "DELETE FROM transfers WHERE finished_at IS NOT NULL";
        Ok(self.connection.execute(sql, ())? as u64)
    }

    fn history_row(&self, record: TransferRecord) -> Result<HistoryRow, StoreError> {
        let sql = "SELECT first_names FROM transfers WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let names: String = statement.query_row([record.id.0], |row| row.get(0))?;
        let names = names.lines().map(DisplayName::new).collect();
        let figures = self.figures(record.id)?;
        Ok(HistoryRow {
            record,
            names,
            figures,
        })
    }

    /// Notes what a commit is about to do, before it does; on the disk when this returns.
    ///
    /// Intents are opaque here. They are dropped when the transfer ends.
    pub fn record_intents(
        &mut self,
        transfer: TransferId,
        intents: &[Vec<u8>],
    ) -> Result<(), TransferError> {
        let transaction = self.connection.transaction()?;
        check_exists(&transaction, transfer)?;
        let sql = "INSERT INTO commit_intents (transfer, intent) VALUES (?1, ?2)";
        for intent in intents {
            transaction
                .prepare_cached(sql)?
                .execute((transfer.0, intent))?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The intents of an unfinished transfer, in the order recorded.
    pub fn intents(&self, transfer: TransferId) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = "SELECT intent FROM commit_intents WHERE transfer = ?1 ORDER BY position";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([transfer.0], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Drops the intents of a commit that starts again.
    pub fn clear_intents(&mut self, transfer: TransferId) -> Result<(), StoreError> {
        let sql = "DELETE FROM commit_intents WHERE transfer = ?1";
        self.connection.execute(sql, [transfer.0])?;
        Ok(())
    }

    /// Keeps what the caller needs to go on with a transfer after a restart; opaque here.
    ///
    /// Replaces the note before. At most [`RESUME_NOTE_BYTES`].
    pub fn set_resume_note(&mut self, id: TransferId, note: &[u8]) -> Result<(), TransferError> {
        if note.len() > RESUME_NOTE_BYTES {
            return Err(TransferError::NoteTooLong);
        }
        let sql = "UPDATE transfers SET resume_note = ?2 WHERE id = ?1";
        match self.connection.execute(sql, (id.0, note))? {
            0 => Err(TransferError::Unknown),
            _ => Ok(()),
        }
    }

    /// The last note of [`Store::set_resume_note`].
    pub fn resume_note(&self, id: TransferId) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT resume_note FROM transfers WHERE id = ?1";
        let note: Option<Option<Vec<u8>>> = self
            .connection
            .query_row(sql, [id.0], |row| row.get(0))
            .optional()?;
        Ok(note.flatten())
    }

    /// Adds to the entries that were left out: all are counted, the first [`SKIPPED_LISTED`] listed.
    pub fn record_skipped(
        &mut self,
        transfer: TransferId,
        skipped: &[SkippedEntry],
    ) -> Result<(), TransferError> {
        let transaction = self.connection.transaction()?;
        let before = check_exists(&transaction, transfer)?;
        let added = u64::try_from(skipped.len()).unwrap_or(u64::MAX);
        transaction.execute(
            "UPDATE transfers SET skipped_total = ?2 WHERE id = ?1",
            (transfer.0, integer(before.saturating_add(added))),
        )?;
        transaction.execute(
            "UPDATE finished_transfers SET skipped = ?2 WHERE id = ?1",
            (transfer.0, integer(before.saturating_add(added))),
        )?;
        let listed = usize::try_from(before).unwrap_or(usize::MAX);
        let sql = "INSERT INTO skipped_entries (transfer, path, reason) VALUES (?1, ?2, ?3)";
        for entry in skipped.iter().take(SKIPPED_LISTED.saturating_sub(listed)) {
            transaction
                .prepare_cached(sql)?
                .execute((transfer.0, &entry.path, &entry.reason))?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The entries that were left out of a transfer; none of an unknown one.
    pub fn skipped(&self, transfer: TransferId) -> Result<SkippedEntries, StoreError> {
        let sql = "SELECT path, reason FROM skipped_entries WHERE transfer = ?1 ORDER BY position";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([transfer.0], |row| {
            Ok(SkippedEntry {
                path: row.get(0)?,
                reason: row.get(1)?,
            })
        })?;
        let total: Option<i64> = self
            .connection
            .query_row(SKIPPED_TOTAL, [transfer.0], |row| row.get(0))
            .optional()?;
        Ok(SkippedEntries {
            listed: rows.collect::<Result<_, _>>()?,
            total: total.map_or(0, unsigned),
        })
    }
}

fn read_finished(row: &Row<'_>) -> Result<FinishedTransfer, StoreError> {
    Ok(FinishedTransfer {
        id: TransferId(row.get("id")?),
        contact: ContactId(row.get("contact")?),
        state: read_state(row.get("state")?, row.get("state_detail")?)?,
        digest: row.get::<_, Option<[u8; 32]>>("digest")?.map(Digest),
        finished_at: timestamp(row.get("finished_at")?),
        skipped: unsigned(row.get("skipped")?),
    })
}

fn delete_old(transaction: &Transaction<'_>, before: i64) -> Result<Vec<TransferId>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "DELETE FROM transfers
         WHERE finished_at <= ?1
            OR position IN (SELECT position FROM transfers WHERE finished_at IS NOT NULL
                            ORDER BY finished_at DESC, position DESC LIMIT -1 OFFSET ?2)
         RETURNING id",
    )?;
    let ids = statement.query_map((before, HISTORY_TRANSFERS), |row| {
        row.get(0).map(TransferId)
    })?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Returns how many entries of the transfer are counted as skipped.
fn check_exists(transaction: &Transaction<'_>, id: TransferId) -> Result<u64, TransferError> {
    let total: Option<i64> = transaction
        .query_row(SKIPPED_TOTAL, [id.0], |row| row.get(0))
        .optional()?;
    total.map(unsigned).ok_or(TransferError::Unknown)
}

pub(crate) fn earlier(now: Timestamp, by: Duration) -> Timestamp {
    let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
    Timestamp {
        seconds: now.seconds.saturating_sub(seconds),
        ..now
    }
}

/// Case and composition do not matter in a search.
fn folded(text: &str) -> String {
    let folded: String = text.nfc().flat_map(char::to_lowercase).collect();
    folded.nfc().collect()
}

const SKIPPED_TOTAL: &str = "SELECT skipped_total FROM transfers WHERE id = ?1";

/// Outermost names that the history knows of a transfer.
pub const FIRST_NAMES: usize = 5;

/// Outermost names of which it is known what they became here: more things are taken from their folder.
pub const PLACED_NAMES: usize = 100;

/// Ended transfers that the history shows: more than anybody scrolls through.
pub const HISTORY_TRANSFERS: u32 = 10_000;

/// A resume note: a few numbers for each page of the largest manifest.
pub const RESUME_NOTE_BYTES: usize = 1024 * 1024;

/// Skipped entries that are listed per transfer; of a million nobody reads more.
pub const SKIPPED_LISTED: usize = 1_000;

#[cfg(test)]
mod tests;
