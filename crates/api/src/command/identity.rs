use serde::{Deserialize, Serialize};

/// What faces may ask about this device and its person's other devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Become a new device: new keys, no contacts, nothing unfinished. Reply: `Identity`.
    Renew,
}
