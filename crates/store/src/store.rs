use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use model::{ContactId, Entropy};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::StoreError;
use crate::counters::Reservation;
use crate::home::{Home, create_private_if_missing};
use crate::schema;
use crate::seal::StoreKey;
use crate::store_key::{self, SecretPlace};

/// Everything a device remembers. One owner; every call is one transaction.
pub struct Store {
    pub(crate) connection: Connection,
    pub(crate) key: StoreKey,
    pub(crate) entropy: Box<dyn Entropy>,
    pub(crate) reservations: BTreeMap<ContactId, Reservation>,
    place: SecretPlace,
}

/// Why a home's database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A newer program has changed it.
    #[error(
        "this home was used by a newer version of Wherry (format {found}, this one knows {known}); please update"
    )]
    Newer {
        /// The database's schema version.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
    /// Another program's database lies in its place.
    #[error("the file wherry.db in this home is not Wherry's database")]
    NotOurs,
    /// Another process has it open, without owning the home's lock.
    #[error("the database of this home is in use by another process")]
    InUse,
    /// The key file must be taken for known to others.
    #[error("{} can be read by other users (mode {mode:03o}); run: chmod 600 {}", path.display(), path.display())]
    KeyReadable {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The secrets cannot be read without the key, and a new one would not open them.
    #[error("the key of this home is missing from {}", shown(*place))]
    KeyMissing {
        /// Where it should be.
        place: SecretPlace,
    },
    /// A key is there, of another home or damaged.
    #[error("the key in {} does not belong to this home", shown(*place))]
    KeyMismatch {
        /// Where it lies.
        place: SecretPlace,
    },
    /// The keychain that holds the key does not answer.
    #[error("the keychain cannot be used: {0}")]
    Keychain(String),
    /// The system refused.
    #[error("{} cannot be used: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The database cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            Some(_) | None => Self::Store(error.into()),
        }
    }
}

fn shown(place: SecretPlace) -> &'static str {
    match place {
        SecretPlace::File => "the file secret.key in it",
        SecretPlace::Keychain => "the keychain",
    }
}

impl Store {
    /// Opens the database of `home`, creating it at first and bringing an older one up to date.
    ///
    /// `asked` is where a new home keeps its key; an existing one keeps its own place. Without a
    /// keychain the file is used: [`Store::secret_place`] tells. The caller holds the home's lock.
    pub fn open(
        home: &Home,
        asked: SecretPlace,
        mut entropy: Box<dyn Entropy>,
    ) -> Result<Self, OpenError> {
        let mut connection = connect(&home.database_path())?;
        schema::migrate(&mut connection)?;
        let (key, place) = store_key::load_or_create(&connection, home, asked, &mut entropy)?;
        Ok(Self {
            connection,
            key,
            entropy,
            reservations: BTreeMap::new(),
            place,
        })
    }

    /// Where the key of this home lies.
    pub fn secret_place(&self) -> SecretPlace {
        self.place
    }

    /// Empties the write-ahead log, which still holds what was just overwritten in the database.
    pub(crate) fn erase_log(&self) -> Result<(), StoreError> {
        let busy: i64 =
            self.connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        debug_assert_eq!(busy, 0, "nobody else has the database open");
        Ok(())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store(…)")
    }
}

fn connect(path: &Path) -> Result<Connection, OpenError> {
    create_private_if_missing(path).map_err(|source| OpenError::Io {
        path: path.to_owned(),
        source,
    })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch(PRAGMAS)?;
    Ok(connection)
}

/// Exclusive locking comes first: then WAL needs no shared memory.
const PRAGMAS: &str = "
    PRAGMA busy_timeout = 0;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
";

#[cfg(test)]
pub(crate) mod tests;
