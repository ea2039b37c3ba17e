//! What a device knows of the files of one shared folder: a database of its own, which may be lost and is then built anew.

use std::path::Path;

use model::{Digest, FolderId};
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::columns::{integer, unsigned};
use crate::home::create_private_if_missing;
use crate::{Home, HomeError, StoreError};

/// The database of one folder. Records are bytes that its user makes and reads.
#[derive(Debug)]
pub struct FolderIndex {
    connection: Connection,
}

/// What is kept together: all of it, or nothing.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct IndexChanges {
    /// What is known of paths.
    pub slots: Vec<(String, Vec<u8>)>,
    /// How far the indexes of members are known.
    pub cursors: Vec<(u8, Vec<u8>)>,
    /// What lies on the disk, `None` for nothing.
    pub seen: Vec<(String, Option<Vec<u8>>)>,
    /// The chunks of files.
    pub recipes: Vec<(Digest, Vec<u8>)>,
}

impl IndexChanges {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
            && self.cursors.is_empty()
            && self.seen.is_empty()
            && self.recipes.is_empty()
    }
}

/// Everything but the chunks of files.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct IndexContents {
    /// What is known of paths.
    pub slots: Vec<(String, Vec<u8>)>,
    /// How far the indexes of members are known.
    pub cursors: Vec<(u8, Vec<u8>)>,
    /// What lay on the disk.
    pub seen: Vec<(String, Vec<u8>)>,
}

/// Why the index of a folder cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum FolderIndexError {
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system refused.
    #[error("the index of a folder cannot be made: {0}")]
    Io(#[from] std::io::Error),
}

impl From<rusqlite::Error> for FolderIndexError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl FolderIndex {
    /// Opens the index of `folder`; one that is damaged is put aside, and an empty one takes its place.
    pub fn open(home: &Home, folder: FolderId) -> Result<Self, FolderIndexError> {
        let path = home.folder_index_path(folder)?;
        match connect(&path) {
            Err(FolderIndexError::Store(StoreError::Damaged { .. })) => {
                // What the log holds is of the old file.
                std::fs::remove_file(path.with_extension("db-wal")).ok();
                std::fs::rename(&path, path.with_extension("damaged"))?;
                connect(&path)
            }
            opened => opened,
        }
        .map(|connection| Self { connection })
    }

    /// Removes the index of a folder.
    pub fn remove(home: &Home, folder: FolderId) -> Result<(), FolderIndexError> {
        let path = home.folder_index_path(folder)?;
        for ending in ["db", "db-wal", "db-shm", "damaged"] {
            match std::fs::remove_file(path.with_extension(ending)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error.into());
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// The number that names this index; `fresh` becomes it if there is none.
    pub fn number(&mut self, fresh: u64) -> Result<u64, StoreError> {
        self.connection.execute(
            "INSERT INTO facts (fact, value) VALUES ('number', ?1) ON CONFLICT DO NOTHING",
            [integer(fresh)],
        )?;
        let sql = "SELECT value FROM facts WHERE fact = 'number'";
        Ok(unsigned(
            self.connection.query_row(sql, [], |row| row.get(0))?,
        ))
    }

    /// Reads everything but the chunks of files.
    pub fn contents(&self) -> Result<IndexContents, StoreError> {
        Ok(IndexContents {
            slots: self.pairs("SELECT path, slot FROM slots")?,
            cursors: self.pairs("SELECT seat, cursor FROM cursors")?,
            seen: self.pairs("SELECT path, stat FROM seen")?,
        })
    }

    /// Keeps changes durably.
    pub fn keep(&mut self, changes: &IndexChanges) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        {
            let mut slot =
                transaction.prepare_cached("INSERT OR REPLACE INTO slots VALUES (?1, ?2)")?;
            for (path, bytes) in &changes.slots {
                slot.execute((path, bytes))?;
            }
            let mut cursor =
                transaction.prepare_cached("INSERT OR REPLACE INTO cursors VALUES (?1, ?2)")?;
            for (seat, bytes) in &changes.cursors {
                cursor.execute((seat, bytes))?;
            }
            let mut seen =
                transaction.prepare_cached("INSERT OR REPLACE INTO seen VALUES (?1, ?2)")?;
            let mut gone = transaction.prepare_cached("DELETE FROM seen WHERE path = ?1")?;
            for (path, bytes) in &changes.seen {
                match bytes {
                    Some(bytes) => seen.execute((path, bytes))?,
                    None => gone.execute([path])?,
                };
            }
            let mut recipe =
                transaction.prepare_cached("INSERT OR REPLACE INTO recipes VALUES (?1, ?2)")?;
            for (digest, bytes) in &changes.recipes {
                recipe.execute((digest.0, bytes))?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// The chunks of a file, if they were kept.
    pub fn recipe(&self, file: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT chunks FROM recipes WHERE file = ?1";
        let found = self.connection.query_row(sql, [file.0], |row| row.get(0));
        Ok(found.optional()?)
    }

    /// Forgets the chunks of files that are not `wanted`.
    pub fn forget_recipes(&mut self, wanted: impl Fn(&Digest) -> bool) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        let files: Vec<[u8; 32]> = transaction
            .prepare("SELECT file FROM recipes")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for file in files {
            if !wanted(&Digest(file)) {
                transaction.execute("DELETE FROM recipes WHERE file = ?1", [file])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn pairs<K: rusqlite::types::FromSql>(
        &self,
        sql: &str,
    ) -> Result<Vec<(K, Vec<u8>)>, StoreError> {
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn connect(path: &Path) -> Result<Connection, FolderIndexError> {
    create_private_if_missing(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch(PRAGMAS)?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

/// As for the home's database, but for `secure_delete`: names of files only.
const PRAGMAS: &str = "
    PRAGMA busy_timeout = 0;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
";

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS facts (fact TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS slots (path TEXT NOT NULL PRIMARY KEY, slot BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS cursors (seat INTEGER NOT NULL PRIMARY KEY, cursor BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS seen (path TEXT NOT NULL PRIMARY KEY, stat BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS recipes (file BLOB NOT NULL PRIMARY KEY, chunks BLOB NOT NULL) STRICT;
";

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: FolderId = FolderId([3; 16]);

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(&folder.path().join("home")).unwrap();
        (folder, home)
    }

    #[test]
    fn what_is_kept_is_there_after_the_next_start() {
        let (_folder, home) = home();
        let mut index = FolderIndex::open(&home, FOLDER).unwrap();
        assert_eq!(index.number(7).unwrap(), 7);
        let file = Digest([4; 32]);
        let changes = IndexChanges {
            slots: vec![("a".into(), vec![1]), ("b".into(), vec![2])],
            cursors: vec![(3, vec![4])],
            seen: vec![("a".into(), Some(vec![5])), ("b".into(), Some(vec![6]))],
            recipes: vec![(file, vec![8; 100]), (Digest([5; 32]), vec![9])],
        };
        index.keep(&changes).unwrap();
        let gone = IndexChanges {
            seen: vec![("b".into(), None)],
            ..IndexChanges::default()
        };
        index.keep(&gone).unwrap();
        drop(index);
        let mut index = FolderIndex::open(&home, FOLDER).unwrap();
        assert_eq!(index.number(8).unwrap(), 7);
        let contents = index.contents().unwrap();
        assert_eq!(contents.slots, changes.slots);
        assert_eq!(contents.cursors, changes.cursors);
        assert_eq!(contents.seen, [("a".to_owned(), vec![5])]);
        index.forget_recipes(|it| *it == file).unwrap();
        assert_eq!(index.recipe(&file).unwrap(), Some(vec![8; 100]));
        assert_eq!(index.recipe(&Digest([5; 32])).unwrap(), None);
    }

    #[test]
    fn a_damaged_index_is_put_aside_and_begun_anew_under_another_number() {
        let (_folder, home) = home();
        let mut index = FolderIndex::open(&home, FOLDER).unwrap();
        index.number(7).unwrap();
        drop(index);
        let path = home.folder_index_path(FOLDER).unwrap();
        std::fs::write(&path, vec![b'x'; 10_000]).unwrap();
        let mut index = FolderIndex::open(&home, FOLDER).unwrap();
        assert_eq!(index.number(8).unwrap(), 8);
        drop(index);
        FolderIndex::remove(&home, FOLDER).unwrap();
        assert!(!path.exists());
    }
}
