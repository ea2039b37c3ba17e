use serde::{Deserialize, Serialize};

/// What faces may ask about this device and its person's other devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum IdentityCommand {
    /// Reply: `Identity`.
    Show,
    /// Become a new device: new keys, no contacts, nothing unfinished. Reply: `Identity`.
    Renew,
}
