use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What faces may ask about this device and its person's other devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum IdentityCommand {
    /// Reply: `Identity`.
    Show,
    /// Show a code for a further device of this person. Reply: `Done`; `DeviceReady` ends it.
    AddDevice,
    /// Become a further device of the person whose device shows `code`. Reply: `Done`; `DeviceReady`
    /// ends it.
    Join {
        /// Like `7-lunar-basil`.
        code: String,
    },
    /// Reply: `Devices`.
    Devices,
    /// Take another device of this person out for good. Reply: `Done`.
    Revoke {
        /// Its name or id.
        device: String,
    },
    /// Write this identity and its contacts into a new file. Reply: `Done`.
    Export {
        /// An absolute path.
        #[cfg_attr(test, ts(type = "string"))]
        file: PathBuf,
        /// Opens the file again.
        passphrase: Passphrase,
    },
    /// Become the identity in a file; this home must have no contacts. Reply: `Identity`.
    Import {
        /// An absolute path.
        #[cfg_attr(test, ts(type = "string"))]
        file: PathBuf,
        /// What it was exported with.
        passphrase: Passphrase,
    },
    /// Become a new device: new keys, no contacts, nothing unfinished. Reply: `Identity`.
    Renew,
}

/// What a person protects a file with; never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(transparent)]
pub struct Passphrase(pub String);

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}
