use super::Sender;

/// How far an entry is, as its sender knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryStanding {
    /// Nothing of it was read, as far as was seen in this run.
    Waiting,
    /// Some of it was read, or is confirmed.
    Moving,
    /// The receiver said that it needs nothing more of it.
    Done,
    /// It was given up in this run.
    LeftOut,
}

impl Sender {
    /// Tells how far an entry is, by its index in the manifest.
    pub fn standing(&self, entry: u32) -> EntryStanding {
        self.manifest.standing(entry)
    }
}
