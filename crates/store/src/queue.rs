use std::num::NonZeroU64;

use model::TransferId;
use rusqlite::{OptionalExtension, Row};

use crate::columns::{integer, unsigned};
use crate::{Store, StoreError};

/// What a person said about a transfer's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueEntry {
    /// Which transfers go first.
    pub priority: Priority,
    /// Orders transfers of one priority: the smaller goes first.
    pub position: i64,
    /// The most bytes it may send in a second.
    pub limit_bytes_per_s: Option<NonZeroU64>,
    /// Whether a person paused it.
    pub held: bool,
}

/// Which transfers go first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Before everything else.
    High,
    /// What nobody said anything about.
    #[default]
    Normal,
    /// When nothing else waits.
    Low,
}

impl Store {
    /// What was said about `transfer`, if anything was.
    pub fn queue_entry(&self, transfer: TransferId) -> Result<Option<QueueEntry>, StoreError> {
        let sql =
            "SELECT priority, position, limit_bytes_per_s, held FROM queue WHERE transfer = ?1";
        let entry = self
            .connection
            .query_row(sql, [transfer.0], |row| Ok(read(row)))
            .optional()?;
        entry.transpose()
    }

    /// Keeps what was said about a transfer that is in the history.
    pub fn set_queue_entry(
        &mut self,
        transfer: TransferId,
        entry: &QueueEntry,
    ) -> Result<(), StoreError> {
        let limit = entry.limit_bytes_per_s.map(|limit| integer(limit.get()));
        self.connection.execute(
            "INSERT OR REPLACE INTO queue (transfer, priority, position, limit_bytes_per_s, held)
             SELECT id, ?2, ?3, ?4, ?5 FROM transfers WHERE id = ?1",
            (
                transfer.0,
                priority_number(entry.priority),
                entry.position,
                limit,
                entry.held,
            ),
        )?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<QueueEntry, StoreError> {
    let limit: Option<i64> = row.get(2)?;
    Ok(QueueEntry {
        priority: read_priority(row.get(0)?)?,
        position: row.get(1)?,
        limit_bytes_per_s: limit.map(unsigned).and_then(NonZeroU64::new),
        held: row.get(3)?,
    })
}

fn priority_number(priority: Priority) -> i64 {
    match priority {
        Priority::High => 0,
        Priority::Normal => 1,
        Priority::Low => 2,
    }
}

fn read_priority(number: i64) -> Result<Priority, StoreError> {
    match number {
        0 => Ok(Priority::High),
        1 => Ok(Priority::Normal),
        2 => Ok(Priority::Low),
        _ => Err(StoreError::Damaged { what: "a priority" }),
    }
}

#[cfg(test)]
mod tests;
