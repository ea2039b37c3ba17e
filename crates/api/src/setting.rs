use serde::{Deserialize, Serialize};

/// One setting: its value, where that comes from, and what could be there instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SettingView {
    /// The key, the same in commands and in files.
    pub key: String,
    /// The value in force, or `None` where the default is no fixed value.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: SettingSource,
    /// Whether a policy holds it: nothing else can change it.
    pub locked: bool,
    /// What holds while nobody sets it, in words.
    pub default: String,
    /// What it may be, in words.
    pub allowed: String,
    /// What it is for, as a sentence.
    pub about: String,
    /// The environment variable that sets it.
    pub environment: String,
    /// The flag that sets it, without dashes.
    pub flag: Option<String>,
}

/// Where a setting's value comes from; what stands first wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SettingSource {
    /// The policy file of whoever looks after this machine.
    Policy,
    /// A flag of the command.
    Flag,
    /// An environment variable.
    Environment,
    /// The settings file in the home.
    File,
    /// The program itself.
    Default,
}

/// Something in a settings file, the policy, the environment or a flag that cannot stay as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SettingProblem {
    /// The key as it is written there, or `None` if the whole file is meant.
    pub key: Option<String>,
    /// What is wrong and what is allowed, as a sentence.
    pub message: String,
    /// Whether the device stays offline until it is put right; else it is only told.
    pub blocks: bool,
}
