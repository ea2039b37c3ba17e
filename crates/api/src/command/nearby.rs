use serde::{Deserialize, Serialize};

/// What faces may ask about who else is on the local network. Reply to each: `Done`.
///
/// Nothing of it needs a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum NearbyCommand {
    /// Ask those who show themselves what they are called, and tell this face who is there until it looks away.
    Look,
    /// Ask nobody any more on behalf of this face.
    LookAway,
    /// Tell everybody on the local network what this device is called, for `model::limits::LAN_EVERYONE_TIME`,
    /// until this face hides it or leaves. Whoever sees it may ask to pair; this face is shown the six words.
    Show,
    /// Tell strangers nothing any more.
    Hide,
    /// Pair with somebody who shows itself. Both people compare six words.
    Tap {
        /// The `id` of a [`crate::NearbyView`].
        id: String,
    },
}
