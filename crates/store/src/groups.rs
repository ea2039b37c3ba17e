use model::{ContactId, DisplayName};
use rusqlite::{OptionalExtension, Transaction};

use crate::contacts::name_key;
use crate::{Store, StoreError};

/// A name for several contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What people call it; unique among groups and contacts, in any case.
    pub name: DisplayName,
    /// Who is in it, by name.
    pub members: Vec<ContactId>,
}

/// Why a group cannot be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// There is none of this name.
    #[error("this group does not exist")]
    Unknown,
    /// A group or a contact has this name.
    #[error("this name is taken")]
    NameTaken,
    /// There are [`GROUPS`] already.
    #[error("there are too many groups")]
    TooMany,
    /// The database cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for GroupError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// All groups, by name.
    pub fn groups(&self) -> Result<Vec<Group>, StoreError> {
        let mut names = self
            .connection
            .prepare("SELECT id, name FROM contact_groups ORDER BY name_key")?;
        let found: Vec<(i64, String)> = names
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        found
            .into_iter()
            .map(|(id, name)| self.read_group(id, &name))
            .collect()
    }

    /// The group called `name`, in any case.
    pub fn group(&self, name: &str) -> Result<Option<Group>, StoreError> {
        let sql = "SELECT id, name FROM contact_groups WHERE name_key = ?1";
        let found: Option<(i64, String)> = self
            .connection
            .query_row(sql, [key(name)], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        found
            .map(|(id, name)| self.read_group(id, &name))
            .transpose()
    }

    /// Makes a group without members.
    pub fn add_group(&mut self, name: &DisplayName) -> Result<(), GroupError> {
        let transaction = self.connection.transaction()?;
        let groups: u32 =
            transaction.query_row("SELECT count(*) FROM contact_groups", [], |row| row.get(0))?;
        if groups >= GROUPS {
            return Err(GroupError::TooMany);
        }
        check_free(&transaction, name)?;
        transaction.execute(
            "INSERT INTO contact_groups (name, name_key) VALUES (?1, ?2)",
            (name.as_str(), name_key(name)),
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Gives a group another name.
    pub fn rename_group(&mut self, from: &str, to: &DisplayName) -> Result<(), GroupError> {
        let transaction = self.connection.transaction()?;
        if name_key(to) != key(from) {
            check_free(&transaction, to)?;
        }
        let changed = transaction.execute(
            "UPDATE contact_groups SET name = ?2, name_key = ?3 WHERE name_key = ?1",
            (key(from), to.as_str(), name_key(to)),
        )?;
        if changed == 0 {
            return Err(GroupError::Unknown);
        }
        transaction.commit()?;
        Ok(())
    }

    /// Forgets a group; its members stay contacts.
    pub fn remove_group(&mut self, name: &str) -> Result<(), GroupError> {
        let sql = "DELETE FROM contact_groups WHERE name_key = ?1";
        match self.connection.execute(sql, [key(name)])? {
            0 => Err(GroupError::Unknown),
            _ => Ok(()),
        }
    }

    /// Puts a contact into a group; one that is in it stays.
    pub fn add_group_member(&mut self, name: &str, contact: ContactId) -> Result<(), GroupError> {
        let changed = self.connection.execute(
            "INSERT INTO group_members (group_id, contact)
             SELECT id, ?2 FROM contact_groups WHERE name_key = ?1
             ON CONFLICT (group_id, contact) DO UPDATE SET contact = excluded.contact",
            (key(name), contact.0),
        )?;
        match changed {
            0 => Err(GroupError::Unknown),
            _ => Ok(()),
        }
    }

    /// Takes a contact out of a group.
    pub fn remove_group_member(
        &mut self,
        name: &str,
        contact: ContactId,
    ) -> Result<(), GroupError> {
        if self.group(name)?.is_none() {
            return Err(GroupError::Unknown);
        }
        self.connection.execute(
            "DELETE FROM group_members WHERE contact = ?2 AND group_id =
                 (SELECT id FROM contact_groups WHERE name_key = ?1)",
            (key(name), contact.0),
        )?;
        Ok(())
    }

    fn read_group(&self, id: i64, name: &str) -> Result<Group, StoreError> {
        let mut members = self.connection.prepare(
            "SELECT contacts.id FROM group_members JOIN contacts ON contacts.id = contact
             WHERE group_id = ?1 ORDER BY contacts.name, contacts.id",
        )?;
        let members = members
            .query_map([id], |row| row.get(0).map(ContactId))?
            .collect::<Result<_, _>>()?;
        Ok(Group {
            name: DisplayName::new(name),
            members,
        })
    }
}

/// A group and a contact of the same name could not be told apart in a command.
fn check_free(transaction: &Transaction<'_>, name: &DisplayName) -> Result<(), GroupError> {
    let taken: bool = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM contact_groups WHERE name_key = ?1)
             OR EXISTS (SELECT 1 FROM contacts WHERE name_key = ?1)",
        [name_key(name)],
        |row| row.get(0),
    )?;
    match taken {
        true => Err(GroupError::NameTaken),
        false => Ok(()),
    }
}

fn key(name: &str) -> String {
    name_key(&DisplayName::new(name))
}

/// More groups than anybody keeps apart.
pub const GROUPS: u32 = 256;

#[cfg(test)]
mod tests;
