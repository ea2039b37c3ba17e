use model::{Existing, TransferId};
use rusqlite::OptionalExtension as _;

use crate::{Store, StoreError};

/// What was decided when a transfer was accepted; later runs keep to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Arrival {
    /// What becomes of names that are taken.
    pub existing: Existing,
    /// Whether names that cannot be held here are changed; otherwise what has them is left out.
    pub rename: bool,
    /// Whether names are judged as Windows would.
    pub windows: bool,
    /// Whether programs are left out.
    pub no_programs: bool,
}

impl Store {
    /// Keeps what was decided for a transfer that is in the history.
    pub fn set_arrival(
        &mut self,
        transfer: TransferId,
        arrival: &Arrival,
    ) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT OR REPLACE INTO arrivals (transfer, existing, rename, windows, no_programs)
             SELECT id, ?2, ?3, ?4, ?5 FROM transfers WHERE id = ?1",
            (
                transfer.0,
                existing_number(arrival.existing),
                arrival.rename,
                arrival.windows,
                arrival.no_programs,
            ),
        )?;
        Ok(())
    }

    /// What was decided for a transfer; the default if nothing was.
    pub fn arrival(&self, transfer: TransferId) -> Result<Arrival, StoreError> {
        let sql = "SELECT existing, rename, windows, no_programs FROM arrivals WHERE transfer = ?1";
        let found = self
            .connection
            .query_row(sql, [transfer.0], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        let Some((existing, rename, windows, no_programs)) = found else {
            return Ok(Arrival::default());
        };
        Ok(Arrival {
            existing: existing_of(existing)?,
            rename,
            windows,
            no_programs,
        })
    }
}

pub(crate) fn existing_number(existing: Existing) -> i64 {
    match existing {
        Existing::KeepBoth => 0,
        Existing::Skip => 1,
        Existing::Replace => 2,
    }
}

pub(crate) fn existing_of(number: i64) -> Result<Existing, StoreError> {
    match number {
        0 => Ok(Existing::KeepBoth),
        1 => Ok(Existing::Skip),
        2 => Ok(Existing::Replace),
        _ => Err(StoreError::Damaged {
            what: "what becomes of taken names",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{TestHome, transfer};

    #[test]
    fn what_was_decided_survives_a_restart() {
        let mut home = TestHome::new();
        let mut store = home.open();
        let record = transfer(1);
        store.add_transfer(&record).unwrap();
        assert_eq!(store.arrival(record.id).unwrap(), Arrival::default());
        for existing in [Existing::KeepBoth, Existing::Skip, Existing::Replace] {
            let arrival = Arrival {
                existing,
                rename: existing == Existing::Skip,
                windows: existing == Existing::Replace,
                no_programs: existing == Existing::KeepBoth,
            };
            store.set_arrival(record.id, &arrival).unwrap();
            drop(store);
            store = home.open();
            assert_eq!(store.arrival(record.id).unwrap(), arrival);
        }
    }
}
