//! Named points at which a test may have the process killed, as if by `kill -9`.
//!
//! With the cargo feature `failpoints`, `WHERRY_FAILPOINT="write:3"` kills the process at its third passing
//! of [`Point::Write`] (`write` alone means the first); `write:3:stop` stops it instead, until somebody continues it.
//! Without the feature, passing costs nothing.

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

/// Kills or stops the process if the environment asks for it here.
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

    /// What is to happen at the `count`th passing of a point.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct Armed {
        point: Point,
        count: u32,
        fate: Fate,
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Fate {
        Kill,
        Stop,
    }

    /// Kills or stops the process if the environment asks for it here.
    pub fn pass(point: Point) {
        let Some(armed) = *ARMED else {
            return;
        };
        if armed.point == point && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == armed.count {
            match armed.fate {
                Fate::Kill => crate::platform::kill_self(),
                Fate::Stop => crate::platform::stop_self(),
            }
        }
    }

    static PASSED: AtomicU32 = AtomicU32::new(0);
    static ARMED: LazyLock<Option<Armed>> =
        LazyLock::new(|| parse(&std::env::var("WHERRY_FAILPOINT").ok()?));

    fn parse(text: &str) -> Option<Armed> {
        let (text, fate) = match text.strip_suffix(":stop") {
            Some(rest) => (rest, Fate::Stop),
            None => (text, Fate::Kill),
        };
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
        let count = count.parse().ok()?;
        Some(Armed { point, count, fate })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_failpoint_is_a_name_a_count_and_perhaps_a_stop() {
            let armed = |point, count, fate| Some(Armed { point, count, fate });
            assert_eq!(parse("write:3"), armed(Point::Write, 3, Fate::Kill));
            assert_eq!(parse("rename"), armed(Point::Rename, 1, Fate::Kill));
            assert_eq!(parse("rename:stop"), armed(Point::Rename, 1, Fate::Stop));
            assert_eq!(parse("write:2:stop"), armed(Point::Write, 2, Fate::Stop));
            assert_eq!(parse("elsewhere:1"), None);
            assert_eq!(parse("write:often"), None);
            assert_eq!(parse("write:3:wait"), None);
        }
    }
}
