use super::*;
use model::{
    Day, DeviceKeys, DeviceSecrets, DisplayName, PairChain, PairSecret, Timestamp, TransferId,
};

use crate::{
    ContactKind, NewContact, TransferDirection, TransferRecord, TransferState, TransferSummary,
};

/// Bytes that differ per seed and never repeat: a hashed counter is enough for tests.
pub(crate) struct TestEntropy(u64);

impl TestEntropy {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed << 32)
    }
}

impl Entropy for TestEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(32) {
            self.0 += 1;
            let digest = model::Digest::of(&self.0.to_be_bytes());
            part.copy_from_slice(&digest.0[..part.len()]);
        }
    }
}

/// A home that goes away with the test.
pub(crate) struct TestHome {
    folder: tempfile::TempDir,
    openings: u64,
}

impl TestHome {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            openings: 0,
        }
    }

    pub(crate) fn home(&self) -> Home {
        Home::open(&self.folder.path().join("home")).unwrap()
    }

    pub(crate) fn try_open(&mut self) -> Result<Store, OpenError> {
        self.openings += 1;
        let entropy = Box::new(TestEntropy::new(self.openings));
        Store::open(&self.home(), SecretPlace::File, entropy)
    }

    pub(crate) fn open(&mut self) -> Store {
        self.try_open().unwrap()
    }

    /// Whether any file of the home holds `bytes`.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        let entries = std::fs::read_dir(self.home().path()).unwrap();
        entries.into_iter().any(|entry| {
            let content = std::fs::read(entry.unwrap().path()).unwrap();
            content.windows(bytes.len()).any(|window| window == bytes)
        })
    }
}

/// A day in 2027; chains begin shortly before.
pub(crate) const PAIRED_ON: Day = Day(21_000);

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp {
        seconds,
        nanoseconds: 7,
    }
}

pub(crate) fn keys(seed: u8) -> DeviceKeys {
    DeviceSecrets::from_bytes(&[seed; 64]).public()
}

pub(crate) fn new_contact(name: &str, seed: u8) -> NewContact {
    NewContact {
        name: DisplayName::new(name),
        keys: keys(seed),
        chain: PairChain::start(&PairSecret([seed; 32]), PAIRED_ON),
        verified: false,
        kind: ContactKind::Contact,
        replaces: None,
        added_at: at(1_000),
    }
}

pub(crate) fn transfer(seed: u8) -> TransferRecord {
    TransferRecord {
        id: TransferId([seed; 16]),
        contact: ContactId([1; 16]),
        peer_name: DisplayName::new("Ana"),
        direction: TransferDirection::Receive { destination: None },
        state: TransferState::Offered,
        summary: TransferSummary {
            name: DisplayName::new("trip.mov"),
            entries: 1,
            files: 1,
            bytes: 5,
            stream: false,
            text: false,
        },
        token: None,
        created_at: at(2_000),
        finished_at: None,
        digest: None,
        resent_bytes: 0,
    }
}

#[test]
fn the_identity_is_made_once_and_never_lies_there_in_plain() {
    let mut home = TestHome::new();
    let first = home.open().identity().unwrap();
    let mut store = home.open();
    let again = store.identity().unwrap();
    assert_eq!(first.to_bytes(), again.to_bytes());
    let secret = first.to_bytes();
    for half in [&secret[..32], &secret[32..]] {
        assert!(!home.holds(half));
    }
    drop(store);
    assert!(!home.holds(&secret[..32]));
}

#[test]
fn two_homes_are_two_devices() {
    let mut ana = TestHome::new();
    let mut ben = TestHome::new();
    ben.openings = 10;
    let ana = ana.open().identity().unwrap();
    assert_ne!(ana.to_bytes(), ben.open().identity().unwrap().to_bytes());
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let mut home = TestHome::new();
    drop(home.open());
    raw(&home, "PRAGMA user_version = 99");
    let before = std::fs::read(home.home().database_path()).unwrap();
    let error = home.try_open().unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 99, .. }));
    assert!(error.to_string().contains("please update"), "{error}");
    assert_eq!(std::fs::read(home.home().database_path()).unwrap(), before);
}

#[test]
fn a_database_of_another_program_is_refused() {
    let mut home = TestHome::new();
    raw(&home, "CREATE TABLE songs (title TEXT)");
    assert!(matches!(home.try_open(), Err(OpenError::NotOurs)));

    let mut home = TestHome::new();
    std::fs::write(home.home().database_path(), [7; 4096]).unwrap();
    assert!(matches!(
        home.try_open(),
        Err(OpenError::Store(StoreError::Damaged { .. }))
    ));
}

#[test]
fn a_second_opening_is_refused_while_the_first_lasts() {
    let mut home = TestHome::new();
    let store = home.open();
    assert!(matches!(home.try_open(), Err(OpenError::InUse)));
    drop(store);
    home.open();
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_refused_with_what_to_run() {
    use std::os::unix::fs::PermissionsExt;

    let mut home = TestHome::new();
    drop(home.open());
    let path = home.home().path().join("secret.key");
    for mode in [0o640, 0o604, 0o660] {
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        let error = home.try_open().unwrap_err();
        assert!(matches!(&error, OpenError::KeyReadable { mode: found, .. } if *found == mode));
        let command = format!("chmod 600 {}", path.display());
        assert!(error.to_string().ends_with(&command), "{error}");
    }
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    home.open();
}

#[cfg(unix)]
#[test]
fn key_and_database_are_for_their_user_alone() {
    use std::os::unix::fs::PermissionsExt;

    let mut home = TestHome::new();
    let mut store = home.open();
    store.identity().unwrap();
    for name in ["secret.key", "wherry.db", "wherry.db-wal"] {
        let metadata = std::fs::metadata(home.home().path().join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
    assert!(!home.home().path().join("wherry.db-shm").exists());
}

#[test]
fn a_lost_key_is_never_replaced_silently() {
    let mut home = TestHome::new();
    home.open().identity().unwrap();
    std::fs::remove_file(home.home().path().join("secret.key")).unwrap();
    for _ in 0..2 {
        assert!(matches!(
            home.try_open(),
            Err(OpenError::KeyMissing {
                place: SecretPlace::File
            })
        ));
    }
}

#[test]
fn the_key_of_another_home_and_a_damaged_one_are_refused() {
    let mut home = TestHome::new();
    drop(home.open());
    for key in [&[b'0'; 64][..], b"", b"not hexadecimal", &[b'0'; 62]] {
        std::fs::write(home.home().path().join("secret.key"), key).unwrap();
        let error = home.try_open().unwrap_err();
        assert!(matches!(error, OpenError::KeyMismatch { .. }), "{error}");
    }
}

#[test]
fn a_key_from_before_a_crash_is_used_for_the_new_database() {
    let mut home = TestHome::new();
    let key = [b'a'; 64];
    let path = home.home().path().join("secret.key");
    crate::home::create_private_file(&path, &key).unwrap();
    home.open().identity().unwrap();
    assert_eq!(std::fs::read(path).unwrap(), key);
    home.open().identity().unwrap();
}

#[cfg(not(feature = "keychain"))]
#[test]
fn without_a_keychain_the_file_is_used_and_kept() {
    let home = TestHome::new();
    for asked in [SecretPlace::Keychain, SecretPlace::File] {
        let entropy = Box::new(TestEntropy::new(1));
        let store = Store::open(&home.home(), asked, entropy).unwrap();
        assert_eq!(store.secret_place(), SecretPlace::File);
    }
}

#[test]
fn every_change_waits_for_the_disk() {
    let mut home = TestHome::new();
    let store = home.open();
    let pragma = |name| -> String {
        let value: rusqlite::types::Value = store
            .connection
            .pragma_query_value(None, name, |row| row.get(0))
            .unwrap();
        format!("{value:?}")
    };
    assert_eq!(pragma("journal_mode"), r#"Text("wal")"#);
    assert_eq!(pragma("synchronous"), "Integer(2)");
    assert_eq!(pragma("secure_delete"), "Integer(1)");
    assert_eq!(pragma("foreign_keys"), "Integer(1)");
    assert_eq!(pragma("locking_mode"), r#"Text("exclusive")"#);
}

fn raw(home: &TestHome, sql: &str) {
    let connection = Connection::open(home.home().database_path()).unwrap();
    connection.execute_batch(sql).unwrap();
}
