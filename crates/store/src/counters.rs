use model::ContactId;
use rusqlite::OptionalExtension;

use crate::columns::{integer, unsigned};
use crate::{ContactError, Store};

/// Outgoing counters of one contact that are on the disk as used and may be given out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reservation {
    last_given: u64,
    last_reserved: u64,
}

impl Reservation {
    pub(crate) fn last_given(&self) -> u64 {
        self.last_given
    }
}

impl Store {
    /// The counter of the next envelope to a contact: 1 at first, then always higher.
    ///
    /// None is given twice, also across crashes: a block of 1,000 is marked as used on the disk before
    /// its first is given, so after a restart the rest of a block is skipped.
    pub fn next_outgoing_counter(&mut self, id: ContactId) -> Result<u64, ContactError> {
        let reservation = match self.reservations.get(&id) {
            Some(reservation) if reservation.last_given < reservation.last_reserved => *reservation,
            Some(_) | None => self.reserve(id)?,
        };
        let counter = reservation.last_given + 1;
        let given = Reservation {
            last_given: counter,
            ..reservation
        };
        self.reservations.insert(id, given);
        Ok(counter)
    }

    /// The counter of the last envelope taken from a contact, 0 before the first.
    pub fn last_incoming_counter(&self, id: ContactId) -> Result<u64, ContactError> {
        let sql = "SELECT last_incoming FROM contacts WHERE id = ?1";
        let counter: Option<i64> = self
            .connection
            .query_row(sql, [id.0], |row| row.get(0))
            .optional()?;
        counter.map(unsigned).ok_or(ContactError::Unknown)
    }

    fn reserve(&mut self, id: ContactId) -> Result<Reservation, ContactError> {
        let transaction = self.connection.transaction()?;
        let reserved: Option<i64> = transaction
            .query_row(
                "SELECT outgoing_reserved FROM contacts WHERE id = ?1",
                [id.0],
                |row| row.get(0),
            )
            .optional()?;
        let last_given = reserved.map(unsigned).ok_or(ContactError::Unknown)?;
        let last_reserved = last_given + BLOCK;
        transaction.execute(
            "UPDATE contacts SET outgoing_reserved = ?2 WHERE id = ?1",
            (id.0, integer(last_reserved)),
        )?;
        transaction.commit()?;
        Ok(Reservation {
            last_given,
            last_reserved,
        })
    }
}

/// Counters per write to the disk. A crash skips at most this many of 2^64.
const BLOCK: u64 = 1_000;
