//! An identity on its way to another home: everything that makes this device who it is, under a passphrase.
//!
//! The file is `magic ‖ salt (16) ‖ nonce (24) ‖ ciphertext`. The key is Argon2id of the passphrase with the
//! salt (64 MiB, 3 passes, 1 lane; RFC 9106 §4), the cipher XChaCha20-Poly1305 with the magic as
//! associated data. There are no parameters in the file: a hostile one cannot ask for more work.

use std::io;
use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use model::limits::IDENTITY_FILE_BYTES;
use model::{
    ContactId, DeviceKeys, DeviceSecrets, DisplayName, Entropy as _, PairChain, RelayWish, wire,
};
use rusqlite::Transaction;
use zeroize::Zeroizing;

use crate::contacts::{name_key, seal_chain};
use crate::home::{PrivateFileError, create_new_private_file, read_private_file};
use crate::{Store, StoreError};

/// Why an identity cannot be exported or imported.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The file exists already, and nothing is overwritten.
    #[error("this file exists already")]
    Exists,
    /// There is no such file, or it is none of these.
    #[error("this is no exported identity")]
    NotAnIdentity,
    /// The passphrase is another one, or the file was changed.
    #[error("the passphrase does not open this file")]
    WrongPassphrase,
    /// The home is somebody already.
    #[error("this home has contacts of its own: import into a new one")]
    NotEmpty,
    /// The file can be read by others.
    #[error("the file can be read by other users; run: chmod 600 on it")]
    Readable,
    /// The system refused.
    #[error("the file cannot be used: {0}")]
    Io(#[source] io::Error),
    /// The database cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for MoveError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Id, person, whether it is our own, what the device is called.
type Whose = ([u8; 16], Option<[u8; 16]>, bool, String);
/// Name, verified, blocked, muted, changed keys, relays.
type Marks = (String, bool, bool, bool, bool, Option<RelayWish>);
/// Keys, chain, when it was added.
type Secrets = (DeviceKeys, PairChain, i64);
/// The last counters reserved and taken, and the roster.
type Progress = (i64, i64, Option<Vec<u8>>);
type Row = (Whose, Marks, Secrets, Progress);
/// The device's secrets in two halves, its roster, contacts, and notices that wait.
type Everything = (
    [[u8; 32]; 2],
    Option<Vec<u8>>,
    Vec<Row>,
    Vec<([u8; 16], Vec<u8>)>,
);

impl Store {
    /// Writes the identity, its contacts and what they must be told into a new file of this user alone.
    pub fn export_identity(&mut self, path: &Path, passphrase: &str) -> Result<(), MoveError> {
        let plain = Zeroizing::new(wire::encode(&self.everything()?));
        let file = seal(&plain, passphrase, self.entropy.draw(), self.entropy.draw());
        match create_new_private_file(path, &file) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(MoveError::Exists),
            written => written.map_err(MoveError::Io),
        }
    }

    /// Becomes the identity in a file. The home must be nobody's: no contacts.
    pub fn import_identity(
        &mut self,
        path: &Path,
        passphrase: &str,
    ) -> Result<DeviceSecrets, MoveError> {
        if !self.contacts()?.is_empty() {
            return Err(MoveError::NotEmpty);
        }
        let plain = open(&read(path)?, passphrase)?;
        let everything: Everything =
            wire::decode(&plain, plain.len()).map_err(|_| MoveError::NotAnIdentity)?;
        self.become_all(everything)?;
        self.erase_log()?;
        Ok(self.identity()?)
    }

    fn everything(&mut self) -> Result<Everything, MoveError> {
        let secrets = Zeroizing::new(self.identity()?.to_bytes());
        let mut halves = [[0; 32]; 2];
        halves[0].copy_from_slice(&secrets[..32]);
        halves[1].copy_from_slice(&secrets[32..]);
        let mut rows = Vec::new();
        let mut notices = Vec::new();
        for contact in self.contacts()? {
            if let crate::ContactKind::CodeSession(_) = contact.kind {
                continue;
            }
            let further = contact.person != contact.id;
            let sql = "SELECT outgoing_reserved, last_incoming, roster, own, added_at, name
                FROM contacts WHERE id = ?1";
            let (progress, own, added_at, name) =
                self.connection.query_row(sql, [contact.id.0], |row| {
                    let progress = (row.get(0)?, row.get(1)?, row.get(2)?);
                    Ok((progress, row.get(3)?, row.get(4)?, row.get::<_, String>(5)?))
                })?;
            let person = further.then_some(contact.person.0);
            let device_name = contact.device_name.as_str().to_owned();
            let marks = (
                name,
                contact.verified,
                contact.blocked,
                contact.muted,
                contact.key_changed,
                self.relay_wish(contact.id)?,
            );
            rows.push((
                (contact.id.0, person, own, device_name),
                marks,
                (contact.keys, contact.chain.clone(), added_at),
                progress,
            ));
            for (_, body) in self.notices(contact.id, u32::MAX)? {
                notices.push((contact.id.0, body));
            }
        }
        rows.sort_by_key(|row: &Row| row.0.1.is_some());
        Ok((halves, self.own_roster()?, rows, notices))
    }

    fn become_all(&mut self, everything: Everything) -> Result<(), MoveError> {
        let (halves, roster, rows, notices) = everything;
        let secrets = Zeroizing::new(halves.concat());
        let sealed_identity = self.seal_identity(&secrets);
        let sealed: Vec<Vec<u8>> = rows
            .iter()
            .map(|row| seal_chain(&self.key, ContactId(row.0.0), &row.2.1, &mut self.entropy))
            .collect();
        self.reservations.clear();
        let transaction = self.connection.transaction()?;
        transaction.execute("DELETE FROM identity", [])?;
        transaction.execute(
            "INSERT INTO identity (only_row, sealed_secrets, roster) VALUES (1, ?1, ?2)",
            (sealed_identity, roster),
        )?;
        for (row, sealed) in rows.iter().zip(&sealed) {
            insert(&transaction, row, sealed)?;
        }
        transaction.commit()?;
        for (contact, body) in notices {
            self.queue_notice(ContactId(contact), &body)?;
        }
        Ok(())
    }
}

fn insert(transaction: &Transaction<'_>, row: &Row, sealed: &[u8]) -> Result<(), MoveError> {
    let (whose, marks, secrets, progress) = row;
    let key = whose
        .1
        .is_none()
        .then(|| name_key(&DisplayName::new(&marks.0)));
    transaction.execute(
        "INSERT INTO contacts (id, person, own, device_name, name, name_key, verified, blocked, muted,
            key_changed, device, keys, sealed_chain, added_at, relay)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        (
            whose.0,
            whose.1,
            whose.2,
            &whose.3,
            &marks.0,
            key,
            marks.1,
            marks.2,
            marks.3,
            marks.4,
            secrets.0.device_id().0,
            wire::encode(&secrets.0),
            sealed,
            secrets.2,
            marks.5.map(|wish| wish.to_string()),
        ),
    )?;
    transaction.execute(
        "UPDATE contacts SET outgoing_reserved = ?2, last_incoming = ?3, roster = ?4 WHERE id = ?1",
        (whose.0, progress.0, progress.1, &progress.2),
    )?;
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, MoveError> {
    let longest = usize::try_from(IDENTITY_FILE_BYTES).unwrap_or(usize::MAX);
    match read_private_file(path, IDENTITY_FILE_BYTES + 1) {
        Ok(Some(bytes)) if bytes.len() <= longest => Ok(bytes),
        Ok(Some(_) | None) => Err(MoveError::NotAnIdentity),
        Err(PrivateFileError::Readable { .. }) => Err(MoveError::Readable),
        Err(PrivateFileError::Io { source }) => Err(MoveError::Io(source)),
    }
}

fn seal(
    plain: &[u8],
    passphrase: &str,
    salt: [u8; SALT_BYTES],
    nonce: [u8; NONCE_BYTES],
) -> Vec<u8> {
    let payload = Payload {
        msg: plain,
        aad: MAGIC,
    };
    let sealed = cipher(passphrase, &salt)
        .encrypt(XNonce::from_slice(&nonce), payload)
        .expect("a home's content is far below the cipher's limit");
    [MAGIC, &salt, &nonce, &sealed].concat()
}

/// Opens a file's content: takes any bytes.
fn open(file: &[u8], passphrase: &str) -> Result<Zeroizing<Vec<u8>>, MoveError> {
    let rest = file.strip_prefix(MAGIC).ok_or(MoveError::NotAnIdentity)?;
    let (salt, rest) = rest
        .split_at_checked(SALT_BYTES)
        .ok_or(MoveError::NotAnIdentity)?;
    let (nonce, sealed) = rest
        .split_at_checked(NONCE_BYTES)
        .ok_or(MoveError::NotAnIdentity)?;
    let payload = Payload {
        msg: sealed,
        aad: MAGIC,
    };
    cipher(passphrase, salt)
        .decrypt(XNonce::from_slice(nonce), payload)
        .map(Zeroizing::new)
        .map_err(|_| MoveError::WrongPassphrase)
}

fn cipher(passphrase: &str, salt: &[u8]) -> XChaCha20Poly1305 {
    let params =
        Params::new(MEMORY_KIB, PASSES, 1, Some(32)).expect("the parameters are constants");
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice())
        .expect("salt and key have the right lengths");
    XChaCha20Poly1305::new(key.as_slice().into())
}

/// The first bytes of every exported identity; another layout would have another number.
const MAGIC: &[u8] = b"wherry identity 1\n";
const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;
/// What a guess costs (RFC 9106 §4, second recommendation).
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::create_private_file;
    use crate::store::tests::{TestHome, new_contact};
    use model::PairSecret;

    #[test]
    fn an_identity_moves_with_its_contacts_and_counters_and_only_with_its_passphrase() {
        let (mut old, mut new) = (TestHome::new(), TestHome::new());
        let mut store = old.open();
        let own = store.identity().unwrap().device_id();
        let mia = store.add_contact(new_contact("Mia", 1)).unwrap();
        let chain = PairChain::start(&PairSecret([2; 32]), crate::store::tests::PAIRED_ON);
        let further = crate::NewDevice {
            keys: crate::store::tests::keys(2),
            name: DisplayName::new("phone"),
            chain,
            of: crate::DeviceOf::Person(mia.id),
            added_at: mia.added_at,
        };
        store.add_device(further).unwrap();
        store.set_roster(mia.id, b"signed").unwrap();
        store.queue_notice(mia.id, b"waits").unwrap();
        let given = store.next_outgoing_counter(mia.id).unwrap();
        let file = old.home().path().join("moved");
        store.export_identity(&file, "correct horse").unwrap();
        let again = store.export_identity(&file, "correct horse");
        assert!(matches!(again, Err(MoveError::Exists)));

        let mut target = new.open();
        let wrong = target.import_identity(&file, "battery staple");
        assert!(matches!(wrong, Err(MoveError::WrongPassphrase)));
        let moved = target.import_identity(&file, "correct horse").unwrap();
        assert_eq!(moved.device_id(), own);
        assert_eq!(target.contacts().unwrap(), store.contacts().unwrap());
        assert_eq!(target.roster(mia.id).unwrap().unwrap(), b"signed");
        assert_eq!(target.notices(mia.id, 9).unwrap().len(), 1);
        assert!(target.next_outgoing_counter(mia.id).unwrap() > given);
        let twice = target.import_identity(&file, "correct horse");
        assert!(matches!(twice, Err(MoveError::NotEmpty)));
    }

    #[test]
    fn any_other_file_is_no_identity() {
        let mut home = TestHome::new();
        let mut store = home.open();
        let file = home.home().path().join("other");
        let missing = store.import_identity(&file, "x");
        assert!(matches!(missing, Err(MoveError::NotAnIdentity)));
        for bytes in [b"".as_slice(), b"wherry identity 2\n", MAGIC] {
            create_private_file(&file, bytes).unwrap();
            let refused = store.import_identity(&file, "x");
            assert!(matches!(refused, Err(MoveError::NotAnIdentity)));
        }
    }

    #[test]
    fn a_file_beyond_the_limit_is_not_read() {
        let home = TestHome::new();
        let file = home.home().path().join("long");
        create_private_file(&file, MAGIC).unwrap();
        let long = std::fs::OpenOptions::new().write(true).open(&file).unwrap();
        long.set_len(IDENTITY_FILE_BYTES + 1).unwrap();
        assert!(read(&file).is_err());
    }
}
