use model::{DisplayName, TransferId};
use serde::{Deserialize, Serialize};

use crate::event;

/// What a face that was not there missed: how it stands with the server, and what the pairings that it
/// began wait for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StatusView {
    /// The line to the server.
    pub server: ServerState,
    /// The code that waits for a new contact.
    pub issued_code: Option<IssuedCode>,
    /// The words that wait to be compared.
    pub comparison: Option<Comparison>,
    /// The codes under which transfers wait for whoever says them.
    pub send_codes: Vec<SendCode>,
    /// For how long everybody on the local network may know what this device is called; 0 is nobody.
    pub visible_s: u64,
    /// What others enter as their server, while this device is one.
    #[serde(default)]
    pub hosting: Vec<String>,
}

/// How it stands with the signaling server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ServerState {
    /// Nobody asked for it yet, or none is known.
    None,
    /// It is being met.
    Connecting,
    /// It answers.
    Ready,
    /// It is out of reach.
    Lost {
        /// When it is tried again.
        retry_in_s: u64,
    },
    /// It refused this device for good.
    Refused,
}

/// A code to say to the other person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct IssuedCode {
    /// Like `7-lunar-basil`.
    pub code: String,
    /// How long it can still be used.
    pub expires_in_s: u64,
    /// The same as a link that carries the server too.
    pub link: Option<String>,
}

/// Six words that both devices show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Comparison {
    /// Joined by spaces.
    pub words: String,
    /// What the other device calls itself.
    #[cfg_attr(test, ts(type = "string"))]
    pub peer: DisplayName,
}

/// The code of a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SendCode {
    /// The transfer.
    #[serde(with = "event::as_text")]
    #[cfg_attr(test, ts(type = "string"))]
    pub transfer: TransferId,
    /// What to say.
    #[serde(flatten)]
    pub issued: IssuedCode,
}
