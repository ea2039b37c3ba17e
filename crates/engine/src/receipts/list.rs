use std::path::{Path, PathBuf};

use model::Name;
use transfer_proto::{Contents, Listing, ReceiptLine};
use vfs::records::{Overwrite, RecordWriter, RecordsError};

/// Where the list of a transfer goes, and what is in it.
#[derive(Debug, Clone)]
pub(crate) struct ListPlan {
    pub(crate) path: PathBuf,
    /// Whether it has the plain SHA-256 of every file.
    pub(crate) checksums: bool,
}

/// A list that is written.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) contents: Contents,
    /// The first outermost names.
    pub(crate) names: Vec<Name>,
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListError {
    /// Something that was sent is not known any more.
    #[error("what was sent is not known in whole any more")]
    Unknown,
    /// The disk refused.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The own list of entries or the ledger cannot be read.
    #[error("what was sent cannot be read back: {0}")]
    Unreadable(String),
}

/// Writes the list of what a transfer brought.
#[derive(Debug)]
pub(crate) struct ListWriter {
    writer: RecordWriter,
    listing: Listing,
    names: Vec<Name>,
}

impl ListWriter {
    pub(crate) fn create(path: &Path) -> Result<Self, RecordsError> {
        Ok(Self {
            writer: RecordWriter::create(path, Overwrite::Replace)?,
            listing: Listing::default(),
            names: Vec::new(),
        })
    }

    pub(crate) fn push(&mut self, line: &ReceiptLine) -> Result<(), RecordsError> {
        if let [name] = line.path.names()
            && self.names.len() < store::FIRST_NAMES
        {
            self.names.push(name.clone());
        }
        self.listing.push(line);
        self.writer.push(&line.encode())
    }

    /// Ends the list of a manifest of `announced` entries; those not in the list were left out.
    pub(crate) fn finish(self, announced: u64) -> Result<Listed, RecordsError> {
        self.writer.finish()?;
        let skipped = announced.saturating_sub(self.listing.entries());
        Ok(Listed {
            contents: self.listing.finish(skipped),
            names: self.names,
        })
    }
}
