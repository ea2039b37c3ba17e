use model::limits::REMEMBERED_ENVELOPES;
use model::{ContactId, Digest};
use rusqlite::OptionalExtension;

use crate::columns::{integer, unsigned};
use crate::contacts::changed_one;
use crate::{ContactError, Store};

impl Store {
    /// Notes that the envelope `counter` with this body was taken, and forgets those long before it; a
    /// counter that is not above the last one changes nothing.
    pub fn take_envelope(
        &mut self,
        id: ContactId,
        counter: u64,
        digest: &Digest,
    ) -> Result<(), ContactError> {
        if counter <= self.last_incoming_counter(id)? {
            return Ok(());
        }
        let transaction = self.connection.transaction()?;
        let sql = "UPDATE contacts SET last_incoming = ?2 WHERE id = ?1";
        changed_one(transaction.execute(sql, (id.0, integer(counter)))?)?;
        transaction.execute(
            "INSERT OR REPLACE INTO taken_envelopes (contact, counter, digest) VALUES (?1, ?2, ?3)",
            (id.0, integer(counter), digest.0),
        )?;
        transaction.execute(
            "DELETE FROM taken_envelopes WHERE contact = ?1 AND counter NOT IN
                (SELECT counter FROM taken_envelopes WHERE contact = ?1
                 ORDER BY counter DESC LIMIT ?2)",
            (id.0, integer(REMEMBERED_ENVELOPES)),
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Whether exactly this envelope was taken before, as far as that is remembered.
    pub fn took_envelope(
        &self,
        id: ContactId,
        counter: u64,
        digest: &Digest,
    ) -> Result<bool, ContactError> {
        let sql = "SELECT digest FROM taken_envelopes WHERE contact = ?1 AND counter = ?2";
        let taken: Option<[u8; 32]> = self
            .connection
            .query_row(sql, (id.0, integer(counter)), |row| row.get(0))
            .optional()?;
        Ok(taken == Some(digest.0))
    }

    /// Makes the next outgoing counter greater than `counter`; returns whether it had not been given out.
    ///
    /// A contact that took an envelope `counter` which this home never made has heard a copy of it.
    pub fn skip_outgoing_counter(
        &mut self,
        id: ContactId,
        counter: u64,
    ) -> Result<bool, ContactError> {
        if counter > LARGEST_COUNTER {
            return Ok(false);
        }
        let given = match self.reservations.get(&id) {
            Some(reservation) => reservation.last_given(),
            None => {
                let sql = "SELECT outgoing_reserved FROM contacts WHERE id = ?1";
                let reserved: Option<i64> = self
                    .connection
                    .query_row(sql, [id.0], |row| row.get(0))
                    .optional()?;
                reserved.map(unsigned).ok_or(ContactError::Unknown)?
            }
        };
        if counter <= given {
            return Ok(false);
        }
        let sql =
            "UPDATE contacts SET outgoing_reserved = max(outgoing_reserved, ?2) WHERE id = ?1";
        changed_one(self.connection.execute(sql, (id.0, integer(counter)))?)?;
        self.reservations.remove(&id);
        Ok(true)
    }
}

/// A contact that claims more only wants to use the counters up.
const LARGEST_COUNTER: u64 = 1 << 48;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{TestHome, new_contact};

    #[test]
    fn as_many_envelopes_are_remembered_as_the_limit_says() {
        let mut home = TestHome::new();
        let mut store = home.open();
        let id = store.add_contact(new_contact("Ana", 1)).unwrap().id;
        let digest = |counter: u64| Digest::of(&counter.to_be_bytes());
        for counter in 1..=REMEMBERED_ENVELOPES + 1 {
            store.take_envelope(id, counter, &digest(counter)).unwrap();
        }
        assert_eq!(
            store.last_incoming_counter(id).unwrap(),
            REMEMBERED_ENVELOPES + 1
        );
        assert!(!store.took_envelope(id, 1, &digest(1)).unwrap());
        assert!(store.took_envelope(id, 2, &digest(2)).unwrap());
        assert!(!store.took_envelope(id, 2, &digest(3)).unwrap());
    }

    #[test]
    fn counters_that_a_copy_gave_out_are_skipped_and_noticed() {
        let mut home = TestHome::new();
        let mut store = home.open();
        let id = store.add_contact(new_contact("Ana", 1)).unwrap().id;
        let given = store.next_outgoing_counter(id).unwrap();
        assert!(!store.skip_outgoing_counter(id, given).unwrap());
        assert!(store.skip_outgoing_counter(id, given + 1).unwrap());
        assert!(store.next_outgoing_counter(id).unwrap() > given + 1);
        assert!(store.skip_outgoing_counter(id, 1_000_000).unwrap());
        assert!(!store.skip_outgoing_counter(id, 1_000_000).unwrap());
        assert!(store.next_outgoing_counter(id).unwrap() > 1_000_000);
        assert!(!store.skip_outgoing_counter(id, u64::MAX).unwrap());
    }
}
