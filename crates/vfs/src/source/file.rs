use std::fs::File;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::{EntryVersion, Timestamp};

use super::ReadFailure;
use crate::failpoint::{self, Point};
use crate::platform::{self, NodeKind, Stat};

/// An open file to send. Clones share it, and several threads may read at once.
#[derive(Debug, Clone)]
pub struct SourceFile {
    file: Arc<File>,
}

/// What a file is at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceAttributes {
    /// Tells this content from the next.
    pub version: EntryVersion,
    /// Whether its owner may execute it.
    pub executable: bool,
}

/// Bytes of a file, and which version it was before and after they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkData {
    /// Fewer than asked for only if the file ends earlier: see `before.size_bytes`.
    pub bytes: Vec<u8>,
    /// The version when the reading began.
    pub before: EntryVersion,
    /// The version when it was done; a difference means that the bytes may be a mixture.
    pub after: EntryVersion,
}

impl SourceFile {
    pub(super) fn new(file: File) -> Result<Self, ReadFailure> {
        regular(platform::stat(&file)?)?;
        platform::expect_sequential(&file);
        Ok(Self {
            file: Arc::new(file),
        })
    }

    /// The version it has now.
    pub fn version(&self) -> Result<EntryVersion, ReadFailure> {
        Ok(self.attributes()?.version)
    }

    /// What it is now.
    pub fn attributes(&self) -> Result<SourceAttributes, ReadFailure> {
        let stat = regular(platform::stat(&self.file)?)?;
        Ok(SourceAttributes {
            version: version_of(&stat),
            executable: stat.executable,
        })
    }

    /// Reads up to `length` bytes at `offset`.
    ///
    /// May wait for some milliseconds if the file was changed in this very moment: the next change must
    /// get another time than the last for the versions to differ.
    pub fn read_chunk(&self, offset: u64, length: u32) -> Result<ChunkData, ReadFailure> {
        failpoint::pass(Point::Read);
        let before = self.settled_version()?;
        let bytes = platform::read_chunk(&self.file, offset, length)?;
        let after = self.version()?;
        let there = before.size_bytes.saturating_sub(offset).min(length.into());
        if before == after && (bytes.len() as u64) < there {
            return Err(ReadFailure::Truncated);
        }
        Ok(ChunkData {
            bytes,
            before,
            after,
        })
    }

    fn settled_version(&self) -> Result<EntryVersion, ReadFailure> {
        let version = self.version()?;
        if !changed_just_now(version.modified) {
            return Ok(version);
        }
        thread::sleep(CLOCK_TICK);
        self.version()
    }
}

fn regular(stat: Stat) -> Result<Stat, ReadFailure> {
    match stat.kind {
        NodeKind::File => Ok(stat),
        NodeKind::Folder => Err(ReadFailure::BecameFolder),
        NodeKind::Link | NodeKind::Special => Err(ReadFailure::NotAFile),
    }
}

pub(super) fn version_of(stat: &Stat) -> EntryVersion {
    EntryVersion {
        size_bytes: stat.size_bytes,
        modified: stat.modified,
        file_number: stat.file_number,
    }
}

fn changed_just_now(modified: Timestamp) -> bool {
    let Ok(seconds) = u64::try_from(modified.seconds) else {
        return false;
    };
    let then = UNIX_EPOCH + Duration::new(seconds, modified.nanoseconds.min(999_999_999));
    SystemTime::now()
        .duration_since(then)
        .is_ok_and(|age| age < CLOCK_TICK)
}

/// File times advance in steps of up to 10 ms (a kernel that ticks 100 times a second).
const CLOCK_TICK: Duration = Duration::from_millis(11);
