use model::ContactId;
use rusqlite::OptionalExtension;

use crate::columns::integer;
use crate::seal::SealLabel;
use crate::{Store, StoreError};

impl Store {
    /// Keeps something that a device must be told, until [`Store::drop_notice`].
    pub fn queue_notice(&mut self, to: ContactId, body: &[u8]) -> Result<(), StoreError> {
        let sealed = self.key.seal(NOTICE, body, &mut self.entropy);
        self.connection.execute(
            "INSERT INTO notices (contact, sealed) VALUES (?1, ?2)",
            (to.0, sealed),
        )?;
        Ok(())
    }

    /// The oldest notices for a device with their numbers, at most `limit`.
    pub fn notices(&self, to: ContactId, limit: u32) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT number, sealed FROM notices WHERE contact = ?1 ORDER BY number LIMIT ?2",
        )?;
        let mut rows = statement.query((to.0, limit))?;
        let mut notices = Vec::new();
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(0)?;
            let sealed: Vec<u8> = row.get(1)?;
            let damaged = |_| StoreError::Damaged { what: "a notice" };
            let body = self.key.open(NOTICE, &sealed).map_err(damaged)?;
            notices.push((number.cast_unsigned(), body.to_vec()));
        }
        Ok(notices)
    }

    /// Forgets a notice that was taken; returns whether there was one of this number for this device.
    pub fn drop_notice(&mut self, to: ContactId, number: u64) -> Result<bool, StoreError> {
        let dropped = self.connection.execute(
            "DELETE FROM notices WHERE contact = ?1 AND number = ?2",
            (to.0, integer(number)),
        )?;
        if dropped > 0 {
            self.erase_log()?;
        }
        Ok(dropped > 0)
    }

    /// Whether a device has still to be told something.
    pub fn has_notices(&self, to: ContactId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM notices WHERE contact = ?1";
        let found: Option<i64> = self
            .connection
            .query_row(sql, [to.0], |row| row.get(0))
            .optional()?;
        Ok(found.is_some())
    }
}

const NOTICE: SealLabel<'static> = SealLabel {
    purpose: "notice",
    owner: &[],
};
