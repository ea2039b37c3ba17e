use model::{Digest, EntryKind, RelPath, wire};
use sha2::{Digest as _, Sha256};

/// The digest of a whole transfer: SHA-256 over its entries in manifest order.
///
/// Per entry that was not skipped: `wire::encode(path) ‖ kind ‖ size ‖ file digest`, where `kind` is one
/// byte (0 file, 1 folder, 2 stream), `size` is the final size (u64, big-endian, 0 for folders) and the
/// file digest is [`model::FileDigest`] of the final chunks (that of an empty file for folders).
#[derive(Debug, Clone, Default)]
pub struct TransferDigest {
    hasher: Sha256,
}

impl TransferDigest {
    /// Starts with no entry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next entry.
    pub fn push(&mut self, path: &RelPath, kind: EntryKind, size_bytes: u64, file: &Digest) {
        let tag: u8 = match kind {
            EntryKind::File { .. } => 0,
            EntryKind::Directory => 1,
            EntryKind::Stream => 2,
        };
        self.hasher.update(wire::encode(path));
        self.hasher.update([tag]);
        self.hasher.update(size_bytes.to_be_bytes());
        self.hasher.update(file.0);
    }

    /// Ends the transfer.
    pub fn finish(self) -> Digest {
        Digest(self.hasher.finalize().into())
    }
}
