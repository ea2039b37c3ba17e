use serde::{Deserialize, Serialize};

/// What a link says, to be shown before anything is done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LinkView {
    /// What it is for, or `None` where the text does not say.
    pub aim: Option<LinkAim>,
    /// The code.
    pub code: String,
    /// The server that the code counts at, or `None` for the one in force.
    pub server: Option<String>,
    /// The server in force here, if any.
    pub server_in_force: Option<String>,
    /// Whether these two differ: then a person decides first.
    pub is_other_server: bool,
}

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum LinkAim {
    /// Receiving what is sent under the code.
    Receive,
    /// Becoming contacts.
    Pair,
}
