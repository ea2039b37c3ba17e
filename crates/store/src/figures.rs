use std::time::Duration;

use model::{PathKind, TransferId};
use rusqlite::{OptionalExtension as _, Row, params};

use crate::columns::{integer, unsigned};
use crate::{Store, StoreError, TransferError};

/// The figures of a transfer's end, kept so that a later run tells the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferFigures {
    /// The route it ended on.
    pub path: PathKind,
    /// How long both sides were at it; kept in milliseconds.
    pub active_time: Duration,
    /// Entries that arrived.
    pub entries: u64,
    /// Bytes that arrived.
    pub bytes: u64,
    /// Chunk bytes that crossed, repetitions included.
    pub carried_bytes: u64,
    /// Chunk bytes that were carried beyond those that arrived.
    pub resent_bytes: u64,
    /// Entries that were left out.
    pub skipped: u64,
}

impl Store {
    /// Keeps the figures of an end, just before it or after it; replaces those kept before.
    pub fn set_figures(
        &mut self,
        id: TransferId,
        figures: &TransferFigures,
    ) -> Result<(), TransferError> {
        let transaction = self.connection.transaction()?;
        let milliseconds = u64::try_from(figures.active_time.as_millis()).unwrap_or(u64::MAX);
        let changed = transaction.execute(
            "UPDATE transfers SET path = ?2, active_ms = ?3, arrived_entries = ?4,
                 arrived_bytes = ?5, resent_bytes = ?6, skipped_total = ?7, carried_bytes = ?8
             WHERE id = ?1",
            params![
                id.0,
                path_number(figures.path),
                integer(milliseconds),
                integer(figures.entries),
                integer(figures.bytes),
                integer(figures.resent_bytes),
                integer(figures.skipped),
                integer(figures.carried_bytes),
            ],
        )?;
        if changed == 0 {
            return Err(TransferError::Unknown);
        }
        transaction.execute(
            "UPDATE finished_transfers SET skipped = ?2 WHERE id = ?1",
            (id.0, integer(figures.skipped)),
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// The figures kept last; `None` if the transfer never came so far, or left the history.
    pub fn figures(&self, id: TransferId) -> Result<Option<TransferFigures>, StoreError> {
        let sql = "SELECT * FROM transfers WHERE id = ?1 AND path IS NOT NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement
            .query_row([id.0], |row| Ok(read(row)))
            .optional()?;
        found.transpose()
    }
}

fn read(row: &Row<'_>) -> Result<TransferFigures, StoreError> {
    let number = |column| row.get(column).map(unsigned);
    Ok(TransferFigures {
        path: path_of(row.get("path")?)?,
        active_time: Duration::from_millis(number("active_ms")?),
        entries: number("arrived_entries")?,
        bytes: number("arrived_bytes")?,
        carried_bytes: number("carried_bytes")?,
        resent_bytes: number("resent_bytes")?,
        skipped: number("skipped_total")?,
    })
}

fn path_number(path: PathKind) -> i64 {
    match path {
        PathKind::Local => 0,
        PathKind::Direct => 1,
        PathKind::Relay => 2,
    }
}

fn path_of(number: i64) -> Result<PathKind, StoreError> {
    [PathKind::Local, PathKind::Direct, PathKind::Relay]
        .into_iter()
        .find(|path| path_number(*path) == number)
        .ok_or(StoreError::Damaged { what: "a route" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{TestHome, at, transfer};
    use model::Digest;

    #[test]
    fn the_figures_of_an_end_survive_a_restart() {
        let mut home = TestHome::new();
        let mut store = home.open();
        let record = transfer(1);
        store.add_transfer(&record).unwrap();
        assert_eq!(store.figures(record.id).unwrap(), None);
        for path in [PathKind::Local, PathKind::Direct, PathKind::Relay] {
            let figures = TransferFigures {
                path,
                active_time: Duration::from_millis(1_234),
                entries: 9,
                bytes: u64::MAX,
                carried_bytes: 70,
                resent_bytes: 7,
                skipped: 2,
            };
            store.set_figures(record.id, &figures).unwrap();
            drop(store);
            store = home.open();
            assert_eq!(store.figures(record.id).unwrap(), Some(figures));
        }
        let digest = Digest::of(b"all of it");
        store.complete_transfer(record.id, &digest, at(9)).unwrap();
        let finished = store.finished_transfer(record.id).unwrap().unwrap();
        assert_eq!(finished.skipped, 2);
        let figures = store.figures(record.id).unwrap().unwrap();
        let unknown = store.set_figures(transfer(2).id, &figures);
        assert!(matches!(unknown, Err(TransferError::Unknown)));
    }
}
