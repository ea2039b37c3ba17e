use model::{ContactId, FolderPattern, ReceiveRule};
use rusqlite::{OptionalExtension as _, Row};

use crate::arrivals::{existing_number, existing_of};
use crate::columns::{integer, unsigned};
use crate::{Store, StoreError};

impl Store {
    /// What was said for a contact, or for everybody; nothing if nobody said anything.
    pub fn receive_rule(&self, of: Option<ContactId>) -> Result<ReceiveRule, StoreError> {
        let sql = "SELECT accept, ceiling_bytes, executables, folder, existing FROM receive_rules
             WHERE coalesce(contact, x'') = ?1";
        let found = self
            .connection
            .query_row(sql, [key(of)], |row| Ok(read(row)))
            .optional()?;
        found.unwrap_or_else(|| Ok(ReceiveRule::default()))
    }

    /// The contacts for whom something was said, by name.
    pub fn ruled_contacts(&self) -> Result<Vec<ContactId>, StoreError> {
        let mut rows = self.connection.prepare(
            "SELECT contacts.id FROM receive_rules JOIN contacts ON contacts.id = contact
             ORDER BY contacts.name, contacts.id",
        )?;
        let contacts = rows.query_map([], |row| row.get(0).map(ContactId))?;
        Ok(contacts.collect::<Result<_, _>>()?)
    }

    /// Says something for a contact, or for everybody, in the place of all that was said before.
    ///
    /// A rule that leaves everything open is none.
    pub fn set_receive_rule(
        &mut self,
        of: Option<ContactId>,
        rule: &ReceiveRule,
    ) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        let sql = "DELETE FROM receive_rules WHERE coalesce(contact, x'') = ?1";
        transaction.execute(sql, [key(of)])?;
        if *rule != ReceiveRule::default() {
            transaction.execute(
                "INSERT INTO receive_rules
                     (contact, accept, ceiling_bytes, executables, folder, existing)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (
                    of.map(|contact| contact.0),
                    rule.accept,
                    rule.ceiling_bytes.map(integer),
                    rule.executables,
                    rule.into.as_ref().map(ToString::to_string),
                    rule.existing.map(existing_number),
                ),
            )?;
        }
        transaction.commit()?;
        Ok(())
    }
}

fn key(of: Option<ContactId>) -> Vec<u8> {
    of.map(|contact| contact.0.to_vec()).unwrap_or_default()
}

fn read(row: &Row<'_>) -> Result<ReceiveRule, StoreError> {
    let ceiling: Option<i64> = row.get(1)?;
    let folder: Option<String> = row.get(3)?;
    let existing: Option<i64> = row.get(4)?;
    let folder: Option<FolderPattern> =
        folder
            .map(|folder| folder.parse())
            .transpose()
            .map_err(|_| StoreError::Damaged {
                what: "the folder of a rule",
            })?;
    Ok(ReceiveRule {
        accept: row.get(0)?,
        ceiling_bytes: ceiling.map(unsigned),
        executables: row.get(2)?,
        into: folder,
        existing: existing.map(existing_of).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{TestHome, new_contact};
    use model::Existing;

    fn full() -> ReceiveRule {
        ReceiveRule {
            accept: Some(true),
            ceiling_bytes: Some(u64::MAX),
            executables: Some(false),
            into: Some("{sender}/{year}".parse().unwrap()),
            existing: Some(Existing::Replace),
        }
    }

    #[test]
    fn rules_survive_a_restart_and_are_replaced_and_cleared_each_for_itself() {
        let mut home = TestHome::new();
        let mut store = home.open();
        let zoe = store.add_contact(new_contact("Zoe", 1)).unwrap().id;
        let ana = store.add_contact(new_contact("Ana", 2)).unwrap().id;
        let off = ReceiveRule {
            accept: Some(false),
            ..ReceiveRule::default()
        };
        store.set_receive_rule(Some(zoe), &off).unwrap();
        store.set_receive_rule(Some(zoe), &full()).unwrap();
        store.set_receive_rule(Some(ana), &off).unwrap();
        store.set_receive_rule(None, &full()).unwrap();
        store.set_receive_rule(None, &off).unwrap();
        drop(store);
        let mut store = home.open();
        assert_eq!(store.receive_rule(Some(zoe)).unwrap(), full());
        assert_eq!(store.receive_rule(Some(ana)).unwrap(), off);
        assert_eq!(store.receive_rule(None).unwrap(), off);
        assert_eq!(store.ruled_contacts().unwrap(), [ana, zoe]);

        let none = ReceiveRule::default();
        store.set_receive_rule(Some(ana), &none).unwrap();
        assert_eq!(store.receive_rule(Some(ana)).unwrap(), none);
        assert_eq!(store.ruled_contacts().unwrap(), [zoe]);
    }

    #[test]
    fn a_removed_contact_takes_its_rule_along() {
        let mut home = TestHome::new();
        let mut store = home.open();
        let ana = store.add_contact(new_contact("Ana", 1)).unwrap().id;
        store.set_receive_rule(Some(ana), &full()).unwrap();
        store.set_receive_rule(None, &full()).unwrap();
        store.remove_contact(ana).unwrap();
        assert_eq!(
            store.receive_rule(Some(ana)).unwrap(),
            ReceiveRule::default()
        );
        assert_eq!(store.receive_rule(None).unwrap(), full());
    }
}
