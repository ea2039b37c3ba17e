use std::time::Instant;

use model::limits::CHUNK_BYTES;

use crate::tuning::{BATCH_BYTES, BATCH_NAMES, BATCH_TIME};
use crate::{ChunkName, ToSender, Tuning};

/// What is to be told about chunks, gathered so that small files share a message.
#[derive(Debug)]
pub(super) struct Reports {
    stored: Vec<ChunkName>,
    wanted: Vec<ChunkName>,
    /// Chunk bytes in `stored`.
    bytes: u64,
    since: Option<Instant>,
    limit_bytes: u64,
}

impl Reports {
    pub(super) fn new(tuning: &Tuning) -> Self {
        let window_bytes = tuning.window_bytes.max(CHUNK_BYTES);
        Self {
            stored: Vec::new(),
            wanted: Vec::new(),
            bytes: 0,
            since: None,
            limit_bytes: BATCH_BYTES.min(window_bytes / 8),
        }
    }

    pub(super) fn clear(&mut self) {
        self.stored.clear();
        self.wanted.clear();
        self.bytes = 0;
        self.since = None;
    }

    pub(super) fn add_stored(&mut self, name: ChunkName, bytes: u64, now: Instant) {
        self.stored.push(name);
        self.bytes += bytes;
        self.since.get_or_insert(now);
    }

    pub(super) fn add_wanted(&mut self, name: ChunkName, now: Instant) {
        self.wanted.push(name);
        self.since.get_or_insert(now);
    }

    /// When what was gathered is told anyway.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.since.map(|since| since + BATCH_TIME)
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.stored.len() >= BATCH_NAMES
            || self.wanted.len() >= BATCH_NAMES
            || self.bytes >= self.limit_bytes
            || self.deadline().is_some_and(|deadline| now >= deadline)
    }

    /// Takes everything gathered, in messages of bounded size.
    pub(super) fn take(&mut self) -> Vec<ToSender> {
        self.bytes = 0;
        self.since = None;
        let stored = std::mem::take(&mut self.stored);
        let wanted = std::mem::take(&mut self.wanted);
        let stored = stored
            .chunks(MESSAGE_NAMES)
            .map(<[_]>::to_vec)
            .map(ToSender::ChunksStored);
        let wanted = wanted
            .chunks(MESSAGE_NAMES)
            .map(<[_]>::to_vec)
            .map(ToSender::ChunksWanted);
        stored.chain(wanted).collect()
    }
}

/// Names in one message at most: about 24 KiB.
const MESSAGE_NAMES: usize = 2_048;
