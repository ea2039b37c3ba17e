use std::path::PathBuf;

use model::{Existing, TransferId};
use serde::{Deserialize, Serialize};

use crate::event::as_text;

/// What faces may ask about receiving.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum ReceiveCommand {
    /// Receive what is sent under `code`. Picks up an unfinished one. Reply: `Done`, or `Transfer` when
    /// an earlier run of it is known.
    ByCode {
        /// Like `7-lunar-basil`.
        code: String,
        /// Where it goes.
        destination: Destination,
        /// Accept without asking.
        accept: bool,
        /// What else is wanted.
        #[serde(default)]
        wishes: Wishes,
    },
    /// Where offers from contacts go, and whether without asking, until this client leaves.
    FromContacts {
        /// Where it goes.
        destination: Destination,
        /// Accept without asking.
        accept: bool,
        /// What else is wanted.
        #[serde(default)]
        wishes: Wishes,
    },
    /// Answer an offer.
    Answer {
        /// The offered transfer.
        #[serde(with = "as_text")]
        #[cfg_attr(test, ts(type = "string"))]
        transfer: TransferId,
        /// Where it goes, or `None` to decline.
        destination: Option<Destination>,
        /// What else is wanted.
        #[serde(default)]
        wishes: Wishes,
    },
}

/// What a receiver may want besides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct Wishes {
    /// Keep a text as a file in the folder, instead of only showing it.
    pub keep_texts: bool,
    /// Take the plain SHA-256 of every file.
    pub checksums: bool,
    /// What becomes of names that are taken; `None` for what the settings say.
    #[cfg_attr(test, ts(type = "Existing | null"))]
    pub existing: Option<Existing>,
}

/// Where received things go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Into this folder, absolute; made if it is missing.
    Folder(#[cfg_attr(test, ts(type = "string"))] PathBuf),
    /// To the standard output of the owner's own process; takes exactly one file.
    StandardOutput,
}
