use model::{ContactId, Timestamp};
use rusqlite::OptionalExtension as _;

use crate::columns::{nanoseconds, timestamp};
use crate::{Store, StoreError};

/// What is remembered of when something happened with a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moments {
    /// When its device was heard of last.
    pub seen_at: Option<Timestamp>,
    /// When the people compared words last.
    pub verified_at: Option<Timestamp>,
}

impl Store {
    /// Notes that a contact's device was there just now; nothing happens for a contact that is gone.
    pub fn note_seen(&mut self, id: ContactId, at: Timestamp) -> Result<(), StoreError> {
        self.note_moment(
            "INSERT INTO contact_moments (contact, seen_at)
             SELECT id, ?2 FROM contacts WHERE id = ?1
             ON CONFLICT (contact) DO UPDATE SET seen_at = excluded.seen_at",
            id,
            at,
        )
    }

    /// Notes that words were compared just now; nothing happens for a contact that is gone.
    pub fn note_verified(&mut self, id: ContactId, at: Timestamp) -> Result<(), StoreError> {
        self.note_moment(
            "INSERT INTO contact_moments (contact, verified_at)
             SELECT id, ?2 FROM contacts WHERE id = ?1
             ON CONFLICT (contact) DO UPDATE SET verified_at = excluded.verified_at",
            id,
            at,
        )
    }

    /// What is remembered of a contact.
    pub fn moments(&self, id: ContactId) -> Result<Moments, StoreError> {
        let sql = "SELECT seen_at, verified_at FROM contact_moments WHERE contact = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement
            .query_row([id.0], |row| {
                let moment = |column| -> rusqlite::Result<Option<Timestamp>> {
                    Ok(row.get::<_, Option<i64>>(column)?.map(timestamp))
                };
                Ok(Moments {
                    seen_at: moment(0)?,
                    verified_at: moment(1)?,
                })
            })
            .optional()?;
        Ok(found.unwrap_or_default())
    }

    fn note_moment(&mut self, sql: &str, id: ContactId, at: Timestamp) -> Result<(), StoreError> {
        self.connection.execute(sql, (id.0, nanoseconds(at)))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{TestHome, new_contact};

    fn at(seconds: i64) -> Timestamp {
        Timestamp {
            seconds,
            nanoseconds: 0,
        }
    }

    #[test]
    fn the_newest_moments_survive_a_restart_and_go_with_the_contact() {
        let mut home = TestHome::new();
        let mut store = home.open();
        let ana = store.add_contact(new_contact("Ana", 1)).unwrap().id;
        assert_eq!(store.moments(ana).unwrap(), Moments::default());
        store.note_seen(ana, at(10)).unwrap();
        store.note_verified(ana, at(15)).unwrap();
        store.note_seen(ana, at(20)).unwrap();
        drop(store);
        let mut store = home.open();
        let kept = Moments {
            seen_at: Some(at(20)),
            verified_at: Some(at(15)),
        };
        assert_eq!(store.moments(ana).unwrap(), kept);
        store.remove_contact(ana).unwrap();
        store.note_seen(ana, at(30)).unwrap();
        assert_eq!(store.moments(ana).unwrap(), Moments::default());
    }
}
