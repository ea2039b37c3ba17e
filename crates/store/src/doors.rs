use std::net::SocketAddr;

use model::ContactId;
use rusqlite::OptionalExtension as _;

use crate::{Store, StoreError};

impl Store {
    /// Notes where a contact's door on a local network is; nothing of a contact that is gone.
    pub fn set_door(&mut self, id: ContactId, door: SocketAddr) -> Result<(), StoreError> {
        let sql = "UPDATE contacts SET door = ?2 WHERE id = ?1 AND door IS NOT ?2";
        self.connection.execute(sql, (id.0, door.to_string()))?;
        Ok(())
    }

    /// Where it was the last time.
    pub fn door(&self, id: ContactId) -> Result<Option<SocketAddr>, StoreError> {
        let sql = "SELECT door FROM contacts WHERE id = ?1";
        let door = self.connection.query_row(sql, [id.0], |row| row.get(0));
        let door: Option<String> = door.optional()?.flatten();
        // What cannot be read is no address: there will be another one.
        Ok(door.and_then(|door| door.parse().ok()))
    }
}

#[cfg(test)]
mod tests {
    use crate::store::tests::{TestHome, new_contact};

    #[test]
    fn a_door_is_kept_across_a_restart_and_gone_with_its_contact() {
        let mut home = TestHome::new();
        let mut store = home.open();
        let id = store.add_contact(new_contact("Ana", 1)).unwrap().id;
        assert_eq!(store.door(id).unwrap(), None);
        for door in ["192.168.1.10:7421", "[fd00::10]:7422"] {
            let door = door.parse().unwrap();
            store.set_door(id, door).unwrap();
            drop(store);
            store = home.open();
            assert_eq!(store.door(id).unwrap(), Some(door));
        }
        store.remove_contact(id).unwrap();
        store.set_door(id, "10.0.0.1:1".parse().unwrap()).unwrap();
        assert_eq!(store.door(id).unwrap(), None);
    }
}
