use std::path::PathBuf;
use std::time::Duration;

use model::limits::{FOLDER_INVITATIONS, FOLDERS};
use model::{ContactId, DisplayName, FolderId, Timestamp};
use rusqlite::{OptionalExtension, Row};

use crate::columns::{integer, nanoseconds, path_bytes, path_of_bytes, unsigned};
use crate::contacts::name_key;
use crate::{Store, StoreError};

/// A shared folder of this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderRecord {
    /// The folder.
    pub folder: FolderId,
    /// What this device's person calls it; unique among folders, in any case.
    pub name: DisplayName,
    /// Where it lies.
    pub place: PathBuf,
    /// Who belongs to it, encoded and signed.
    pub roster: Vec<u8>,
    /// Which way changes go.
    pub direction: FolderDirection,
    /// Whether it stands still.
    pub paused: bool,
    /// How long versions are kept, `None` for the default.
    pub version_time: Option<Duration>,
}

/// Which way changes of a folder go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderDirection {
    /// Both ways.
    Both,
    /// From here to the others only.
    SendOnly,
    /// From the others to here only.
    ReceiveOnly,
}

/// A folder that a contact asks this device to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderInvitation {
    /// The folder.
    pub folder: FolderId,
    /// Who asks.
    pub contact: ContactId,
    /// What they call it.
    pub name: DisplayName,
    /// Who belongs to it, encoded and signed.
    pub roster: Vec<u8>,
    /// When it came.
    pub invited: Timestamp,
}

/// Why a folder cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is none of this name or id.
    #[error("this folder does not exist")]
    Unknown,
    /// Another folder has this name.
    #[error("another folder has this name")]
    NameTaken,
    /// It is there already.
    #[error("this folder is shared already")]
    AlreadyKnown,
    /// There are [`FOLDERS`] already.
    #[error("there are too many folders")]
    TooMany,
    /// The database cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for FolderError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// All folders, by name.
    pub fn folders(&self) -> Result<Vec<FolderRecord>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM folders ORDER BY name_key");
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map([], |row| Ok(record(row)))?;
        rows.map(|row| row?.map_err(StoreError::from)?.ok_or(DAMAGED))
            .collect()
    }

    /// The folder `id`.
    pub fn folder(&self, id: FolderId) -> Result<Option<FolderRecord>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM folders WHERE folder = ?1");
        let found = self
            .connection
            .query_row(&sql, [id.0], |row| Ok(record(row)))
            .optional()?;
        found
            .map(|row| row.map_err(StoreError::from)?.ok_or(DAMAGED))
            .transpose()
    }

    /// Remembers a folder; an invitation to it is forgotten.
    pub fn add_folder(&mut self, folder: &FolderRecord) -> Result<(), FolderError> {
        let transaction = self.connection.transaction()?;
        let count: u32 =
            transaction.query_row("SELECT count(*) FROM folders", [], |row| row.get(0))?;
        if count as usize >= FOLDERS {
            return Err(FolderError::TooMany);
        }
        let same = |column: &str| format!("SELECT count(*) FROM folders WHERE {column} = ?1");
        let known: u32 =
            transaction.query_row(&same("folder"), [folder.folder.0], |row| row.get(0))?;
        if known > 0 {
            return Err(FolderError::AlreadyKnown);
        }
        let key = name_key(&folder.name);
        let named: u32 = transaction.query_row(&same("name_key"), [&key], |row| row.get(0))?;
        if named > 0 {
            return Err(FolderError::NameTaken);
        }
        transaction.execute(
            "INSERT INTO folders (folder, name, name_key, place, roster, direction, paused, version_s)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (
                folder.folder.0,
                folder.name.as_str(),
                key,
                path_bytes(&folder.place),
                &folder.roster,
                direction_number(folder.direction),
                folder.paused,
                folder.version_time.map(|time| integer(time.as_secs())),
            ),
        )?;
        transaction.execute(
            "DELETE FROM folder_invitations WHERE folder = ?1",
            [folder.folder.0],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Keeps who belongs to a folder.
    pub fn set_folder_roster(&mut self, id: FolderId, roster: &[u8]) -> Result<(), FolderError> {
        self.change_folder(id, "roster", roster)
    }

    /// Notes whether a folder stands still.
    pub fn set_folder_paused(&mut self, id: FolderId, paused: bool) -> Result<(), FolderError> {
        self.change_folder(id, "paused", paused)
    }

    /// Notes which way changes go.
    pub fn set_folder_direction(
        &mut self,
        id: FolderId,
        direction: FolderDirection,
    ) -> Result<(), FolderError> {
        self.change_folder(id, "direction", direction_number(direction))
    }

    /// Forgets a folder; nothing of it on the disk changes.
    pub fn remove_folder(&mut self, id: FolderId) -> Result<(), FolderError> {
        let sql = "DELETE FROM folders WHERE folder = ?1";
        match self.connection.execute(sql, [id.0])? {
            0 => Err(FolderError::Unknown),
            _ => Ok(()),
        }
    }

    /// All invitations, the oldest first.
    pub fn folder_invitations(&self) -> Result<Vec<FolderInvitation>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT folder, contact, name, roster, invited FROM folder_invitations ORDER BY invited",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(FolderInvitation {
                folder: FolderId(row.get(0)?),
                contact: ContactId(row.get(1)?),
                name: DisplayName::new(&row.get::<_, String>(2)?),
                roster: row.get(3)?,
                invited: crate::columns::timestamp(row.get(4)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Remembers an invitation; the oldest beyond [`FOLDER_INVITATIONS`] makes room. Whether it is new.
    pub fn add_folder_invitation(
        &mut self,
        invitation: &FolderInvitation,
    ) -> Result<bool, StoreError> {
        let transaction = self.connection.transaction()?;
        let known: u32 = transaction.query_row(
            "SELECT count(*) FROM folder_invitations WHERE folder = ?1",
            [invitation.folder.0],
            |row| row.get(0),
        )?;
        transaction.execute(
            "INSERT INTO folder_invitations (folder, contact, name, roster, invited) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (folder) DO UPDATE SET contact = ?2, name = ?3, roster = ?4",
            (
                invitation.folder.0,
                invitation.contact.0,
                invitation.name.as_str(),
                &invitation.roster,
                nanoseconds(invitation.invited),
            ),
        )?;
        transaction.execute(
            "DELETE FROM folder_invitations WHERE folder NOT IN
             (SELECT folder FROM folder_invitations ORDER BY invited DESC LIMIT ?1)",
            [i64::try_from(FOLDER_INVITATIONS).unwrap_or(i64::MAX)],
        )?;
        transaction.commit()?;
        Ok(known == 0)
    }

    /// Forgets an invitation; whether there was one.
    pub fn remove_folder_invitation(&mut self, id: FolderId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM folder_invitations WHERE folder = ?1";
        Ok(self.connection.execute(sql, [id.0])? > 0)
    }

    fn change_folder(
        &mut self,
        id: FolderId,
        column: &str,
        value: impl rusqlite::ToSql,
    ) -> Result<(), FolderError> {
        let sql = format!("UPDATE folders SET {column} = ?2 WHERE folder = ?1");
        match self.connection.execute(&sql, (id.0, value))? {
            0 => Err(FolderError::Unknown),
            _ => Ok(()),
        }
    }
}

/// `None` if what stands there was not written by this program.
fn record(row: &Row<'_>) -> Result<Option<FolderRecord>, rusqlite::Error> {
    let version_s: Option<i64> = row.get(6)?;
    let place = path_of_bytes(row.get(2)?);
    let direction = match row.get(4)? {
        0 => Some(FolderDirection::Both),
        1 => Some(FolderDirection::SendOnly),
        2 => Some(FolderDirection::ReceiveOnly),
        _ => None,
    };
    let (Some(place), Some(direction)) = (place, direction) else {
        return Ok(None);
    };
    Ok(Some(FolderRecord {
        folder: FolderId(row.get(0)?),
        name: DisplayName::new(&row.get::<_, String>(1)?),
        place,
        roster: row.get(3)?,
        direction,
        paused: row.get(5)?,
        version_time: version_s.map(|seconds| Duration::from_secs(unsigned(seconds))),
    }))
}

fn direction_number(direction: FolderDirection) -> i64 {
    match direction {
        FolderDirection::Both => 0,
        FolderDirection::SendOnly => 1,
        FolderDirection::ReceiveOnly => 2,
    }
}

const COLUMNS: &str = "folder, name, place, roster, direction, paused, version_s";
const DAMAGED: StoreError = StoreError::Damaged { what: "a folder" };

#[cfg(test)]
mod tests;
