use std::time::Duration;

use model::limits;

/// The sizes a transfer is driven with; the defaults are the protocol's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuning {
    /// Chunk bytes sent and not yet confirmed; never less than one chunk.
    pub window_bytes: u64,
    /// Chunks sent and not yet confirmed: bounds what tiny files cost.
    pub window_chunks: usize,
    /// Chunk bytes read ahead of the window by a sender.
    pub read_ahead_bytes: u64,
    /// Bulk bytes handed out by a sender and not yet reported by [`crate::SenderInput::BulkSent`].
    pub queue_bytes: u64,
    /// Time without a confirmed chunk, and without data that leaves, after which the connection is made anew.
    pub stall_time: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            window_bytes: limits::UNCONFIRMED_BYTES,
            window_chunks: UNCONFIRMED_CHUNKS,
            read_ahead_bytes: READ_AHEAD_BYTES,
            queue_bytes: limits::UNCONFIRMED_BYTES,
            stall_time: limits::STALL_TIME,
        }
    }
}

/// Chunks sent and not yet confirmed: at 20 ms this is 200,000 tiny files per second.
pub const UNCONFIRMED_CHUNKS: usize = 4_096;
/// Two chunks being read and hashed while others travel keep a disk and a core busy; four hide a slow one.
pub const READ_AHEAD_BYTES: u64 = 4 * limits::CHUNK_BYTES;
/// Names in one message of digests, confirmations or wishes: 10,000 small files cost 80 of each.
pub(crate) const BATCH_NAMES: usize = 128;
/// Chunk bytes after which such a message is sent anyway, so that large chunks are confirmed at once.
pub(crate) const BATCH_BYTES: u64 = 512 * 1024;
/// How long a message that is not full waits for more: well below a round trip that anybody notices.
pub(crate) const BATCH_TIME: Duration = Duration::from_millis(5);
/// What a transfer may announce or reach: an exbibyte, far from where sums of sizes overflow.
pub(crate) const TRANSFER_BYTES: u64 = 1 << 60;
/// What a file may hold: as much as chunk indices of 32 bits reach.
pub(crate) const FILE_BYTES: u64 = limits::CHUNK_BYTES << 32;
/// What files may grow while they are sent, beyond a quarter of what was announced.
pub const GROWTH_BYTES: u64 = 64 * 1024 * 1024;
