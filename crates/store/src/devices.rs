use model::{ContactId, DeviceKeys, DisplayName, Entropy as _, PairChain, Timestamp, wire};
use rusqlite::OptionalExtension;

use crate::columns::nanoseconds;
use crate::contact::Contact;
use crate::contacts::{changed_one, free_name, name_key, seal_chain};
use crate::{ContactError, Store, StoreError};

/// Whose further device a new one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceOf {
    /// Of this home's own person.
    Us,
    /// Of a contact: [`Contact::person`].
    Person(ContactId),
}

/// A further device, as handed to [`Store::add_device`].
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// Its public keys.
    pub keys: DeviceKeys,
    /// What it is called.
    pub name: DisplayName,
    /// The secret shared with it.
    pub chain: PairChain,
    /// Whose it is.
    pub of: DeviceOf,
    /// When it became known.
    pub added_at: Timestamp,
}

impl Store {
    /// Adds a further device; `None` if the device is known already, to whomever it belongs.
    pub fn add_device(&mut self, new: NewDevice) -> Result<Option<Contact>, ContactError> {
        let device = new.keys.device_id();
        if self.find_device(&device)?.is_some() {
            return Ok(None);
        }
        let id = ContactId(self.entropy.draw());
        let sealed = seal_chain(&self.key, id, &new.chain, &mut self.entropy);
        let transaction = self.connection.transaction()?;
        let (name, key, person, own) = match new.of {
            DeviceOf::Us => {
                let name = free_name(&transaction, &new.name, None)?;
                let key = name_key(&name);
                (name, Some(key), None, true)
            }
            DeviceOf::Person(person) => (new.name.clone(), None, Some(person.0), false),
        };
        transaction.execute(
            "INSERT INTO contacts (id, name, name_key, device, keys, verified, sealed_chain,
                added_at, person, own, device_name)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?6, ?10)",
            (
                id.0,
                name.as_str(),
                key,
                device.0,
                wire::encode(&new.keys),
                own,
                sealed,
                nanoseconds(new.added_at),
                person,
                new.name.as_str(),
            ),
        )?;
        transaction.commit()?;
        self.erase_log()?;
        Ok(self.contact(id)?)
    }

    /// The devices of a contact, the first one first.
    pub fn devices_of(&self, person: ContactId) -> Result<Vec<Contact>, StoreError> {
        let tail = "WHERE contacts.id = ?1 OR contacts.person = ?1
            ORDER BY contacts.person IS NOT NULL, contacts.added_at, contacts.id";
        self.select_contacts(tail, [person.0])
    }

    /// The further devices of this home's own person.
    pub fn own_devices(&self) -> Result<Vec<Contact>, StoreError> {
        self.select_contacts("WHERE contacts.own = 1 ORDER BY contacts.name", ())
    }

    /// Lets the further device `id` take the place of its person's first one, which is forgotten with its
    /// secret. Transfers and notices of the first one go to it; its own row goes.
    pub fn promote_device(&mut self, id: ContactId) -> Result<(), ContactError> {
        let device = self.contact(id)?.ok_or(ContactError::Unknown)?;
        let first = device.person;
        if first == id {
            return Ok(());
        }
        let sealed = seal_chain(&self.key, first, &device.chain, &mut self.entropy);
        self.reservations.remove(&first);
        self.reservations.remove(&id);
        let transaction = self.connection.transaction()?;
        for sql in [
            "DELETE FROM notices WHERE contact = ?1",
            "DELETE FROM taken_envelopes WHERE contact = ?1",
        ] {
            transaction.execute(sql, [first.0])?;
        }
        for sql in [
            "UPDATE notices SET contact = ?1 WHERE contact = ?2",
            "UPDATE taken_envelopes SET contact = ?1 WHERE contact = ?2",
            "UPDATE transfers SET contact = ?1 WHERE contact = ?2",
            "UPDATE finished_transfers SET contact = ?1 WHERE contact = ?2",
        ] {
            transaction.execute(sql, (first.0, id.0))?;
        }
        let (reserved, incoming): (i64, i64) = transaction.query_row(
            "SELECT outgoing_reserved, last_incoming FROM contacts WHERE id = ?1",
            [id.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        transaction.execute("DELETE FROM contacts WHERE id = ?1", [id.0])?;
        let changed = transaction.execute(
            "UPDATE contacts SET device = ?2, keys = ?3, sealed_chain = ?4, device_name = ?5,
                outgoing_reserved = ?6, last_incoming = ?7 WHERE id = ?1",
            (
                first.0,
                device.device_id().0,
                wire::encode(&device.keys),
                sealed,
                device.device_name.as_str(),
                reserved,
                incoming,
            ),
        )?;
        changed_one(changed)?;
        transaction.commit()?;
        self.erase_log()?;
        Ok(())
    }

    /// Overwrites the secret shared with a device by one that nobody else has.
    pub fn cut_off_device(
        &mut self,
        id: ContactId,
        nobody: &PairChain,
    ) -> Result<(), ContactError> {
        let sealed = seal_chain(&self.key, id, nobody, &mut self.entropy);
        let sql = "UPDATE contacts SET sealed_chain = ?2 WHERE id = ?1";
        changed_one(self.connection.execute(sql, (id.0, sealed))?)?;
        self.erase_log()?;
        Ok(())
    }

    /// What a contact's devices signed last, if it ever said.
    pub fn roster(&self, person: ContactId) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT roster FROM contacts WHERE id = ?1";
        let row = self
            .connection
            .query_row(sql, [person.0], |row| row.get(0))
            .optional()?;
        Ok(row.flatten())
    }

    /// Keeps what a contact's devices signed.
    pub fn set_roster(&mut self, person: ContactId, roster: &[u8]) -> Result<(), ContactError> {
        let sql = "UPDATE contacts SET roster = ?2 WHERE id = ?1";
        changed_one(self.connection.execute(sql, (person.0, roster))?)
    }

    /// Keeps what a device is called.
    pub fn set_device_name_of(
        &mut self,
        id: ContactId,
        name: &DisplayName,
    ) -> Result<(), ContactError> {
        let sql = "UPDATE contacts SET device_name = ?2 WHERE id = ?1";
        changed_one(self.connection.execute(sql, (id.0, name.as_str()))?)
    }

    /// What the devices of this home's own person signed last; `None` while there is only this one.
    pub fn own_roster(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self
            .connection
            .query_row("SELECT roster FROM identity", [], |row| row.get(0))
            .optional()?;
        Ok(row.flatten())
    }

    /// Keeps what the devices of this home's own person signed.
    pub fn set_own_roster(&mut self, roster: &[u8]) -> Result<(), StoreError> {
        self.connection
            .execute("UPDATE identity SET roster = ?1", [roster])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
