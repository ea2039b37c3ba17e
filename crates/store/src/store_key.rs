use std::path::Path;

use data_encoding::HEXLOWER;
use model::Entropy;
use rusqlite::{Connection, OptionalExtension};
use zeroize::Zeroizing;

use crate::StoreError;
use crate::home::{Home, PrivateFileError, create_private_file, read_private_file};
use crate::seal::{KEY_BYTES, SealLabel, StoreKey};
use crate::store::OpenError;

mod keychain;

/// Where the store key lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretPlace {
    /// A file in the home that only its user can read.
    File,
    /// The operating system's keychain.
    Keychain,
}

/// Loads the key of this database, or makes one for a new database.
///
/// A new key is safe in its place before the database says so: a crash in between leaves a key that
/// belongs to nothing, never sealed values without their key.
pub(crate) fn load_or_create(
    connection: &Connection,
    home: &Home,
    asked: SecretPlace,
    entropy: &mut impl Entropy,
) -> Result<(StoreKey, SecretPlace), OpenError> {
    let file = home.path().join("secret.key");
    let Some(record) = Record::load(connection)? else {
        return create(connection, &file, asked, entropy);
    };
    let place = record.place;
    let key = match place {
        SecretPlace::File => load_file(&file)?,
        SecretPlace::Keychain => keychain::load(&record.name).map_err(OpenError::Keychain)?,
    };
    let key = key.ok_or(OpenError::KeyMissing { place })?;
    match key.open(PROOF, &record.proof) {
        Ok(_) => Ok((key, place)),
        Err(_) => Err(OpenError::KeyMismatch { place }),
    }
}

fn create(
    connection: &Connection,
    file: &Path,
    asked: SecretPlace,
    entropy: &mut impl Entropy,
) -> Result<(StoreKey, SecretPlace), OpenError> {
    let name: [u8; 16] = entropy.draw();
    let (key, place) = match asked {
        SecretPlace::File => (load_or_create_file(file, entropy)?, SecretPlace::File),
        SecretPlace::Keychain => {
            let key = StoreKey::generate(entropy);
            match keychain::save(&name, &key) {
                Ok(()) => (key, SecretPlace::Keychain),
                Err(_) => (load_or_create_file(file, entropy)?, SecretPlace::File),
            }
        }
    };
    let proof = key.seal(PROOF, &[], entropy);
    let record = Record { name, place, proof };
    record.save(connection)?;
    Ok((key, place))
}

fn load_or_create_file(path: &Path, entropy: &mut impl Entropy) -> Result<StoreKey, OpenError> {
    if let Some(key) = load_file(path)? {
        return Ok(key);
    }
    let key = StoreKey::generate(entropy);
    let text = Zeroizing::new(HEXLOWER.encode(key.as_bytes()));
    create_private_file(path, text.as_bytes()).map_err(|source| OpenError::Io {
        path: path.to_owned(),
        source,
    })?;
    Ok(key)
}

fn load_file(path: &Path) -> Result<Option<StoreKey>, OpenError> {
    let text = match read_private_file(path, KEY_FILE_BYTES) {
        Ok(Some(text)) => Zeroizing::new(text),
        Ok(None) => return Ok(None),
        Err(PrivateFileError::Readable { path, mode }) => {
            return Err(OpenError::KeyReadable { path, mode });
        }
        Err(PrivateFileError::Io { source }) => {
            let path = path.to_owned();
            return Err(OpenError::Io { path, source });
        }
    };
    let bytes = HEXLOWER.decode(text.trim_ascii()).map(Zeroizing::new).ok();
    match bytes.and_then(|bytes| StoreKey::from_slice(&bytes)) {
        Some(key) => Ok(Some(key)),
        None => Err(OpenError::KeyMismatch {
            place: SecretPlace::File,
        }),
    }
}

/// What the database knows of its key: where it is, and whether a key is the right one.
struct Record {
    name: [u8; 16],
    place: SecretPlace,
    proof: Vec<u8>,
}

impl Record {
    fn load(connection: &Connection) -> Result<Option<Self>, StoreError> {
        let row = connection
            .query_row("SELECT name, place, proof FROM store_key", [], |row| {
                Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get(2)?))
            })
            .optional()?;
        let Some((name, place, proof)) = row else {
            return Ok(None);
        };
        let place = match place {
            0 => SecretPlace::File,
            1 => SecretPlace::Keychain,
            _ => {
                return Err(StoreError::Damaged {
                    what: "the key's place",
                });
            }
        };
        Ok(Some(Self { name, place, proof }))
    }

    fn save(&self, connection: &Connection) -> Result<(), StoreError> {
        let place = match self.place {
            SecretPlace::File => 0,
            SecretPlace::Keychain => 1,
        };
        connection.execute(
            "INSERT INTO store_key (only_row, name, place, proof) VALUES (1, ?1, ?2, ?3)",
            (self.name, place, &self.proof),
        )?;
        Ok(())
    }
}

const PROOF: SealLabel<'static> = SealLabel {
    purpose: "key proof",
    owner: &[],
};

/// The key in hexadecimal, and room for line ends that an editor added.
const KEY_FILE_BYTES: u64 = 2 * KEY_BYTES as u64 + 16;
