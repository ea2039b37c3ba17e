//! How much a disk still holds, and how much of it is left alone.

use std::io;
use std::path::Path;

use model::limits::{DISK_RESERVE_BYTES, DISK_RESERVE_PERCENT};

use crate::platform::Dir;

/// What stays free whatever is received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reserve {
    /// The larger of [`DISK_RESERVE_BYTES`] and [`DISK_RESERVE_PERCENT`] of the disk.
    #[default]
    Standard,
    /// So many bytes.
    Bytes(u64),
}

/// The room on the file system of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeSpace {
    /// What this user may still write.
    pub available_bytes: u64,
    /// The size of the file system.
    pub total_bytes: u64,
}

impl FreeSpace {
    /// What may be written while `reserve` stays free.
    pub fn spare_bytes(&self, reserve: Reserve) -> u64 {
        let reserved = match reserve {
            Reserve::Standard => {
                DISK_RESERVE_BYTES.max(self.total_bytes / 100 * DISK_RESERVE_PERCENT)
            }
            Reserve::Bytes(bytes) => bytes,
        };
        self.available_bytes.saturating_sub(reserved)
    }
}

/// Asks for the room on the file system of the folder `path`.
pub fn free_space(path: &Path) -> io::Result<FreeSpace> {
    Dir::open_ambient(path)?.free_space()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn a_gibibyte_or_a_twentieth_stays_free_unless_told_otherwise() {
        let space = |available_bytes, total_bytes| FreeSpace {
            available_bytes,
            total_bytes,
        };
        assert_eq!(
            space(5 * GIB, 10 * GIB).spare_bytes(Reserve::Standard),
            4 * GIB
        );
        let large = space(50 * GIB, 1_000 * GIB).spare_bytes(Reserve::Standard);
        assert!(large < GIB / 100, "{large}");
        assert_eq!(space(GIB / 2, 10 * GIB).spare_bytes(Reserve::Standard), 0);
        assert_eq!(space(7, 10).spare_bytes(Reserve::Bytes(3)), 4);
    }

    #[test]
    fn a_real_folder_has_room() {
        let space = free_space(&std::env::temp_dir()).unwrap();
        assert!(space.total_bytes >= space.available_bytes);
        assert!(space.total_bytes > 0);
    }
}
