use serde::{Deserialize, Serialize};

/// What faces may ask about groups: names for several contacts. Reply, unless said otherwise: `Done`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum GroupCommand {
    /// Reply: `Groups`.
    List,
    /// Make a group.
    Create {
        /// Its name; neither a group nor a contact may have it.
        group: String,
        /// Names or ids of contacts.
        members: Vec<String>,
    },
    /// Give a group another name.
    Rename {
        /// The group.
        group: String,
        /// The new name.
        name: String,
    },
    /// Forget a group; its members stay contacts.
    Remove {
        /// The group.
        group: String,
    },
    /// Put contacts into a group.
    Add {
        /// The group.
        group: String,
        /// Names or ids of contacts.
        members: Vec<String>,
    },
    /// Take contacts out of a group.
    Drop {
        /// The group.
        group: String,
        /// Names or ids of contacts.
        members: Vec<String>,
    },
}
