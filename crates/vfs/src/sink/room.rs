use std::io;
use std::sync::Arc;

use crate::platform::Dir;
use crate::space::Reserve;

/// Keeps the reserve free: asks the disk once per some megabytes instead of once per chunk.
#[derive(Debug)]
pub(super) struct Room {
    root: Arc<Dir>,
    reserve: Reserve,
    granted_bytes: u64,
}

impl Room {
    pub(super) fn new(root: Arc<Dir>, reserve: Reserve) -> Self {
        Self {
            root,
            reserve,
            granted_bytes: 0,
        }
    }

    /// Takes room for `bytes`; returns whether there is enough.
    pub(super) fn take(&mut self, bytes: u64) -> io::Result<bool> {
        if self.granted_bytes < bytes {
            let spare = self.root.free_space()?.spare_bytes(self.reserve);
            self.granted_bytes = spare.min(GRANT_BYTES);
        }
        let Some(left) = self.granted_bytes.checked_sub(bytes) else {
            return Ok(false);
        };
        self.granted_bytes = left;
        Ok(true)
    }
}

const GRANT_BYTES: u64 = 16 * 1024 * 1024;
