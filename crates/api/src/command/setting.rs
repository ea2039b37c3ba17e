use serde::{Deserialize, Serialize};

/// What faces may ask about settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum SettingCommand {
    /// Reply: `Settings`.
    List,
    /// Read the policy and the settings file again. Reply: `Done`.
    Reload,
    /// Use a value for as long as this process owns the home, as a flag would; only its own face may. Reply: `Done`.
    UseForNow {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// Change a setting, or return to its default. Reply: `Done`.
    Change {
        /// The key.
        key: String,
        /// The value, or `None` for the default.
        value: Option<String>,
    },
}
