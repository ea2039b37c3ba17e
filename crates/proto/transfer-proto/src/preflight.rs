//! What each side finds before any data moves, told to the other one so that people can decide.

use model::{DisplayName, Existing, Name};
use serde::{Deserialize, Serialize};

/// What a sender leaves out of its offer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// At most [`model::limits::PREFLIGHT_NAMED`] of them.
    pub named: Vec<LeftOutEntry>,
    /// How many more there are.
    pub more: u64,
}

/// One thing that is not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOutEntry {
    /// Where it lies, cut where it is too long to be shown.
    pub path: DisplayName,
    /// Why it is not sent.
    pub reason: LeftOutReason,
}

/// Why something is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeftOutReason {
    /// A link: links are never followed.
    Link,
    /// Neither file nor folder.
    Special,
    /// The name cannot travel.
    Name,
    /// Some systems take its name for that of its neighbour.
    Clash,
    /// The name or the path is too long.
    TooLong,
    /// It cannot be read.
    Unreadable,
    /// It disappeared while it was listed.
    Gone,
}

/// What a receiver finds when it hears of a page, before it says that data may come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// The page.
    pub page: u32,
    /// How much space is missing for everything announced; 0 if there is enough, or if it is not known.
    pub missing_bytes: u64,
    /// At most [`model::limits::PREFLIGHT_NAMED`] of them.
    pub named: Vec<Finding>,
    /// How many more there are.
    pub more: u64,
}

impl Findings {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.missing_bytes == 0 && self.named.is_empty() && self.more == 0
    }
}

/// One entry that arrives otherwise than it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its index in the manifest.
    pub entry: u32,
    /// What about it.
    pub kind: FindingKind,
}

/// What happens to an entry that arrives otherwise than it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FindingKind {
    /// The receiving system cannot hold its name: this is what it gets there.
    Renamed(Name),
    /// Its name is taken there, and this becomes of the two.
    Taken(Existing),
}
