#[cfg(feature = "keychain")]
pub(super) use available::{load, save};
#[cfg(not(feature = "keychain"))]
pub(super) use missing::{load, save};

/// The keychain of macOS, the credential manager of Windows, the secret service of a Linux session.
#[cfg(feature = "keychain")]
mod available {
    use data_encoding::HEXLOWER;
    use keyring::{Entry, Error};
    use zeroize::Zeroizing;

    use crate::seal::StoreKey;

    pub(in crate::store_key) fn save(name: &[u8; 16], key: &StoreKey) -> Result<(), String> {
        let entry = entry(name)?;
        entry
            .set_secret(key.as_bytes())
            .map_err(|error| error.to_string())
    }

    pub(in crate::store_key) fn load(name: &[u8; 16]) -> Result<Option<StoreKey>, String> {
        match entry(name)?.get_secret().map(Zeroizing::new) {
            Ok(bytes) => match StoreKey::from_slice(&bytes) {
                Some(key) => Ok(Some(key)),
                None => Err("its entry is not a key".to_owned()),
            },
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn entry(name: &[u8; 16]) -> Result<Entry, String> {
        let account = format!("store key {}", HEXLOWER.encode(name));
        Entry::new("wherry", &account).map_err(|error| error.to_string())
    }
}

/// A build for machines without a session.
#[cfg(not(feature = "keychain"))]
mod missing {
    use crate::seal::StoreKey;

    pub(in crate::store_key) fn save(_name: &[u8; 16], _key: &StoreKey) -> Result<(), String> {
        Err(REASON.to_owned())
    }

    pub(in crate::store_key) fn load(_name: &[u8; 16]) -> Result<Option<StoreKey>, String> {
        Err(REASON.to_owned())
    }

    const REASON: &str = "this program was built without keychain support";
}
