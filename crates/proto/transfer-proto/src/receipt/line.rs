use model::limits::RECEIPT_LINE_BYTES;
use model::wire;
use model::{Digest, EntryKind, RelPath};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Contents;
use crate::TransferDigest;

/// One file or folder of a receipt's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptLine {
    /// Where it lay below what was sent.
    pub path: RelPath,
    /// What it held.
    pub content: ReceiptContent,
}

/// What an entry of a receipt's list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReceiptContent {
    /// A folder.
    Folder,
    /// A file.
    File(ListedFile),
    /// What came through standard input.
    Stream(ListedFile),
}

/// A file of a receipt's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedFile {
    /// Its size.
    pub size_bytes: u64,
    /// Its [`model::FileDigest`].
    pub digest: Digest,
    /// The plain SHA-256 of its bytes, if it was asked for.
    pub sha256: Option<Digest>,
}

/// Why bytes are no line of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a line of the receipt's list is malformed or was altered")]
pub struct LineError;

impl ReceiptLine {
    /// Writes it, at most [`RECEIPT_LINE_BYTES`] long.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads one; there is one way to write it.
    pub fn decode(bytes: &[u8]) -> Result<Self, LineError> {
        let line: Self = wire::decode(bytes, RECEIPT_LINE_BYTES).map_err(|_| LineError)?;
        if line.encode() == bytes {
            Ok(line)
        } else {
            Err(LineError)
        }
    }

    /// The same line without a plain SHA-256.
    #[must_use]
    pub fn without_sum(mut self) -> Self {
        match &mut self.content {
            ReceiptContent::Folder => {}
            ReceiptContent::File(file) | ReceiptContent::Stream(file) => file.sha256 = None,
        }
        self
    }

    /// The file in it, unless it is a folder.
    pub fn file(&self) -> Option<&ListedFile> {
        match &self.content {
            ReceiptContent::Folder => None,
            ReceiptContent::File(file) | ReceiptContent::Stream(file) => Some(file),
        }
    }
}

/// Adds up a list, line by line.
#[derive(Debug, Clone)]
pub struct Listing {
    entries: u64,
    files: u64,
    bytes: u64,
    digest: TransferDigest,
    /// `None` once a file without a sum was listed.
    sums: Option<Sha256>,
}

impl Default for Listing {
    fn default() -> Self {
        Self {
            entries: 0,
            files: 0,
            bytes: 0,
            digest: TransferDigest::new(),
            sums: Some(Sha256::new()),
        }
    }
}

impl Listing {
    /// Adds the next line.
    pub fn push(&mut self, line: &ReceiptLine) {
        self.entries += 1;
        let (kind, file) = match &line.content {
            ReceiptContent::Folder => (EntryKind::Directory, None),
            ReceiptContent::File(file) => (file_kind(file.size_bytes), Some(file)),
            ReceiptContent::Stream(file) => (EntryKind::Stream, Some(file)),
        };
        let Some(file) = file else {
            self.digest.push(&line.path, kind, 0, &Digest::of(&[]));
            return;
        };
        self.files += 1;
        self.bytes = self.bytes.saturating_add(file.size_bytes);
        self.digest
            .push(&line.path, kind, file.size_bytes, &file.digest);
        match (&mut self.sums, file.sha256) {
            (Some(sums), Some(sum)) => sums.update(sum.0),
            (_, None) => self.sums = None,
            (None, Some(_)) => {}
        }
    }

    /// How many lines it has so far.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Ends the list. It has sums if every file in it has one and there is a file.
    pub fn finish(self, skipped: u64) -> Contents {
        let sums = self.sums.filter(|_| self.files > 0);
        Contents {
            entries: self.entries,
            files: self.files,
            bytes: self.bytes,
            skipped,
            digest: self.digest.finish(),
            sums: sums.map(|sums| Digest(sums.finalize().into())),
        }
    }
}

fn file_kind(size_bytes: u64) -> EntryKind {
    EntryKind::File {
        size_bytes,
        executable: false,
    }
}
