use serde::{Deserialize, Serialize};

use crate::RelPath;
use crate::limits::CHUNK_BYTES;

/// A moment on the wall clock: seconds and nanoseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp {
    /// Whole seconds, negative before 1970.
    pub seconds: i64,
    /// 0 to 999,999,999.
    pub nanoseconds: u32,
}

/// One file or folder of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where it goes, below the receiver's folder.
    pub path: RelPath,
    /// What it is.
    pub kind: EntryKind,
    /// When it was last changed, if known (standard input has no time).
    pub modified: Option<Timestamp>,
}

impl Entry {
    /// The bytes it announces: 0 for folders and streams.
    pub fn size_bytes(&self) -> u64 {
        match self.kind {
            EntryKind::File { size_bytes, .. } => size_bytes,
            EntryKind::Directory | EntryKind::Stream => 0,
        }
    }
}

/// What an entry is. Links, devices and everything else do not exist on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryKind {
    /// A file whose size is known.
    File {
        /// Its size when it was scanned.
        size_bytes: u64,
        /// Whether its owner may execute it.
        executable: bool,
    },
    /// A folder; its contents are entries of their own.
    Directory,
    /// Bytes without a known end: standard input. The size is told at the end.
    Stream,
}

/// What tells one version of a source file from the next.
///
/// Compared before and after every read; any difference starts the file's next version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EntryVersion {
    /// Its size.
    pub size_bytes: u64,
    /// When its content was last changed.
    pub modified: Timestamp,
    /// The file system's number of it, 0 where there is none; a replaced file has another one.
    pub file_number: u64,
}

/// How many chunks a file of `size_bytes` has when cut at [`CHUNK_BYTES`]; an empty file has none.
pub fn chunk_count(size_bytes: u64) -> u64 {
    size_bytes.div_ceil(CHUNK_BYTES)
}

/// Where chunk `index` of a file of `size_bytes` lies, as `(offset, length)`, or `None` past the end.
pub fn chunk_span(size_bytes: u64, index: u64) -> Option<(u64, u32)> {
    let offset = index.checked_mul(CHUNK_BYTES)?;
    let left = size_bytes.checked_sub(offset).filter(|&left| left > 0)?;
    let length = u32::try_from(left.min(CHUNK_BYTES)).expect("a chunk is at most 1 MiB");
    Some((offset, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn chunks_tile_the_file(size in 0u64..(40 * CHUNK_BYTES)) {
            let mut end = 0;
            for index in 0..chunk_count(size) {
                let (offset, length) = chunk_span(size, index).unwrap();
                prop_assert_eq!(offset, end);
                prop_assert!(length > 0);
                let is_last = offset + u64::from(length) == size;
                prop_assert!(is_last || u64::from(length) == CHUNK_BYTES);
                prop_assert!(u64::from(length) <= CHUNK_BYTES);
                end = offset + u64::from(length);
            }
            prop_assert_eq!(end, size);
            prop_assert_eq!(chunk_span(size, chunk_count(size)), None);
        }
    }
}
