//! Named points at which a test may have the process killed, as if by `kill -9`.
//!
//! With the cargo feature `failpoints`, `WHERRY_FAILPOINT="write:3"` kills the process at its third passing
//! of [`Point::Write`] (`write` alone means the first). Without the feature, passing costs nothing.

/// A place in the life of a transfer where a crash is worth a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// An entry was found, before it is handed on.
    Scan,
    /// Before a chunk is read.
    Read,
    /// A chunk is in its file, but not in the journal.
    Write,
    /// Every file is finished, nothing is flushed to the disk.
    Persist,
    /// The commit has begun, and no intent is recorded.
    Commit,
    /// Passed twice per top-level entry: before the rename, when its intent is recorded, and after it.
    Rename,
    /// The transfer is committed and not yet reported as complete.
    Complete,
    /// What is to lie in a shared folder is prepared, and not there.
    FolderPrepare,
    /// It is there, and what it replaced is neither kept nor removed.
    FolderExchange,
    /// The disk of a shared folder changed, and its index does not say so.
    FolderKeep,
    /// A chunk of a file for a shared folder is about to be written.
    FolderChunk,
    /// The index of a shared folder is written, and nobody was told.
    FolderTell,
}

/// Kills the process if the environment asks for it here.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn pass(_point: Point) {}

#[cfg(feature = "failpoints")]
pub use armed::pass;

#[cfg(feature = "failpoints")]
mod armed {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::Point;

    /// Kills the process if the environment asks for it here.
    pub fn pass(point: Point) {
        let Some((armed, count)) = *ARMED else {
            return;
        };
        if armed == point && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == count {
            crate::platform::kill_self();
        }
    }

    static PASSED: AtomicU32 = AtomicU32::new(0);
    static ARMED: LazyLock<Option<(Point, u32)>> =
        LazyLock::new(|| parse(&std::env::var("WHERRY_FAILPOINT").ok()?));

    fn parse(text: &str) -> Option<(Point, u32)> {
        let (name, count) = text.split_once(':').unwrap_or((text, "1"));
        let point = match name {
            "scan" => Point::Scan,
            "read" => Point::Read,
            "write" => Point::Write,
            "persist" => Point::Persist,
            "commit" => Point::Commit,
            "rename" => Point::Rename,
            "complete" => Point::Complete,
            "folder-prepare" => Point::FolderPrepare,
            "folder-exchange" => Point::FolderExchange,
            "folder-keep" => Point::FolderKeep,
            "folder-chunk" => Point::FolderChunk,
            "folder-tell" => Point::FolderTell,
            _ => return None,
        };
        Some((point, count.parse().ok()?))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_failpoint_is_a_name_and_a_count() {
            assert_eq!(parse("write:3"), Some((Point::Write, 3)));
            assert_eq!(parse("rename"), Some((Point::Rename, 1)));
            assert_eq!(parse("elsewhere:1"), None);
            assert_eq!(parse("write:often"), None);
        }
    }
}
