use serde::{Deserialize, Serialize};

use crate::{Command, CommandError, Event, Reply};

/// One line from an attached process to the owner of the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Request {
    /// Chosen by the client, repeated in the response.
    pub request: u64,
    /// What it asks.
    #[serde(flatten)]
    pub command: Command,
}

/// One line from the owner to an attached process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// The answer to a request.
    Answer {
        /// Which one.
        request: u64,
        /// What came of it.
        result: Result<Reply, CommandError>,
    },
    /// Something happened.
    Event(Event),
}
