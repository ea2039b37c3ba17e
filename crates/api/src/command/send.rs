use std::num::NonZeroU64;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What faces may ask about sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum SendCommand {
    /// Send to people, to each now or when they appear. Picks up unfinished sends of the same sources.
    ///
    /// Reply: `Sent`.
    ToContacts {
        /// Names of contacts and groups, or ids of contacts; nobody is sent to twice.
        recipients: Vec<String>,
        /// What to send.
        sources: SendSources,
        /// How to send it.
        options: SendOptions,
    },
    /// Send to whoever says the code. Picks up an unfinished send of the same sources. Reply: `Transfer`.
    ByCode {
        /// What to send.
        sources: SendSources,
        /// How to send it.
        options: SendOptions,
    },
}

/// How something is sent; the default is what most sends want.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SendOptions {
    /// Take the plain SHA-256 of every file.
    #[serde(default)]
    pub checksums: bool,
    /// The name of one of the contact's devices, or `None` for whichever is there first.
    #[serde(default)]
    pub device: Option<String>,
    /// Which transfers go first.
    #[serde(default)]
    pub priority: Priority,
    /// The most bytes a second.
    #[serde(default)]
    #[cfg_attr(test, ts(type = "number | null"))]
    pub limit_bytes_per_s: Option<NonZeroU64>,
    /// What to do if something will not arrive as it lies here.
    #[serde(default)]
    pub on_problem: OnProblem,
}

/// What to do if something cannot be sent, or arrives otherwise than it lies here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum OnProblem {
    /// Tell it and send the rest.
    #[default]
    GoOn,
    /// Tell it and wait: `Resume` goes on, `Cancel` ends it.
    Ask,
    /// Tell it and send nothing.
    Stop,
}

/// Which transfers go first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Before everything else.
    High,
    /// What nobody said anything about.
    #[default]
    Normal,
    /// When nothing else waits.
    Low,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SendSources {
    /// Files and folders, absolute paths.
    Paths(#[cfg_attr(test, ts(type = "string[]"))] Vec<PathBuf>),
    /// A text of at most 64 KiB, to be shown.
    Text(String),
    /// The standard input of the owner's own process.
    StandardInput {
        /// The name it gets at the receiver.
        name: String,
    },
}
