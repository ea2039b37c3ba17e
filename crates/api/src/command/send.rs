use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What faces may ask about sending. Reply to each: `Transfer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum SendCommand {
    /// Send to a contact, now or when it appears. Picks up an unfinished send of the same sources.
    ToContact {
        /// A contact's name or id.
        contact: String,
        /// What to send.
        sources: SendSources,
    },
    /// Send to whoever says the code. Picks up an unfinished send of the same sources.
    ByCode {
        /// What to send.
        sources: SendSources,
    },
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendSources {
    /// Files and folders, absolute paths.
    Paths(Vec<PathBuf>),
    /// The standard input of the owner's own process.
    StandardInput {
        /// The name it gets at the receiver.
        name: String,
    },
}
