//! What is between the disk and the receiver: chunks that were read, the window, and the messages being filled.

use std::collections::BTreeMap;
use std::time::Instant;

use bytes::Bytes;
use model::Digest;
use model::limits::CHUNK_BYTES;

use crate::bulk::{BulkHead, Packer};
use crate::tuning::{BATCH_BYTES, BATCH_NAMES, BATCH_TIME};
use crate::{ChunkDigest, ChunkName, Tuning};

/// Chunks that were read and wait: for the window, or for the receiver to say whether it lacks them.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Sent before and lost: they have their place in the window.
    again: BTreeMap<ChunkName, LoadedChunk>,
    fresh: BTreeMap<ChunkName, LoadedChunk>,
    asked: BTreeMap<ChunkName, LoadedChunk>,
    /// Bytes in `fresh` and `asked`.
    bytes: u64,
}

/// A chunk in memory.
#[derive(Debug)]
pub(super) struct LoadedChunk {
    pub(super) data: Bytes,
    pub(super) digest: Digest,
}

impl Shelf {
    pub(super) fn put_again(&mut self, name: ChunkName, chunk: LoadedChunk) {
        self.again.insert(name, chunk);
    }

    pub(super) fn put_fresh(&mut self, name: ChunkName, chunk: LoadedChunk) {
        self.bytes += chunk.data.len() as u64;
        self.fresh.insert(name, chunk);
    }

    pub(super) fn put_asked(&mut self, name: ChunkName, chunk: LoadedChunk) {
        self.bytes += chunk.data.len() as u64;
        self.asked.insert(name, chunk);
    }

    /// The receiver lacks a chunk it was asked about; returns whether it was asked about.
    pub(super) fn want(&mut self, name: &ChunkName) -> bool {
        let Some(chunk) = self.asked.remove(name) else {
            return false;
        };
        self.fresh.insert(*name, chunk);
        true
    }

    /// Takes the next chunk that the window has room for.
    pub(super) fn take_sendable(&mut self, window: &Window) -> Option<(ChunkName, LoadedChunk)> {
        if let Some(again) = self.again.pop_first() {
            return Some(again);
        }
        let first = self.fresh.first_entry()?;
        if !window.has_room(first.get().data.len() as u64) {
            return None;
        }
        let (name, chunk) = first.remove_entry();
        self.bytes -= chunk.data.len() as u64;
        Some((name, chunk))
    }

    pub(super) fn remove(&mut self, name: &ChunkName) {
        self.again.remove(name);
        for shelf in [&mut self.fresh, &mut self.asked] {
            if let Some(chunk) = shelf.remove(name) {
                self.bytes -= chunk.data.len() as u64;
            }
        }
    }

    pub(super) fn remove_entry(&mut self, entry: u32) {
        let range = entry_range(entry);
        let shelves = [&self.again, &self.fresh, &self.asked];
        let names: Vec<ChunkName> = shelves
            .into_iter()
            .flat_map(|shelf| shelf.range(range.clone()).map(|(name, _)| *name))
            .collect();
        for name in names {
            self.remove(&name);
        }
    }

    pub(super) fn contains(&self, name: &ChunkName) -> bool {
        self.again.contains_key(name)
            || self.fresh.contains_key(name)
            || self.asked.contains_key(name)
    }

    /// Bytes read ahead of the window.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Chunks read ahead of the window.
    pub(super) fn len(&self) -> usize {
        self.fresh.len() + self.asked.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0 && self.again.is_empty()
    }
}

/// Chunks that were sent and not confirmed.
#[derive(Debug)]
pub(super) struct Window {
    sent: BTreeMap<ChunkName, u32>,
    bytes: u64,
    limit_bytes: u64,
    limit_chunks: usize,
}

impl Window {
    pub(super) fn new(limit_bytes: u64, limit_chunks: usize) -> Self {
        Self {
            sent: BTreeMap::new(),
            bytes: 0,
            limit_bytes: limit_bytes.max(CHUNK_BYTES),
            limit_chunks,
        }
    }

    pub(super) fn has_room(&self, bytes: u64) -> bool {
        self.bytes + bytes <= self.limit_bytes && self.sent.len() < self.limit_chunks
    }

    pub(super) fn contains(&self, name: &ChunkName) -> bool {
        self.sent.contains_key(name)
    }

    pub(super) fn insert(&mut self, name: ChunkName, length: u32) {
        if self.sent.insert(name, length).is_none() {
            self.bytes += u64::from(length);
        }
    }

    pub(super) fn remove(&mut self, name: &ChunkName) {
        if let Some(length) = self.sent.remove(name) {
            self.bytes -= u64::from(length);
        }
    }

    /// Forgets the versions of an entry below `version`.
    pub(super) fn release(&mut self, entry: u32, version: u8) {
        let names: Vec<ChunkName> = self
            .sent
            .range(entry_range(entry))
            .map(|(name, _)| *name)
            .filter(|name| name.version < version)
            .collect();
        for name in names {
            self.remove(&name);
        }
    }

    /// Everything that was sent and not confirmed.
    pub(super) fn names(&self) -> impl Iterator<Item = ChunkName> + '_ {
        self.sent.keys().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }
}

/// The bulk message and the digests that are being filled.
#[derive(Debug)]
pub(super) struct Outbox {
    head: BulkHead,
    packer: Packer,
    digests: Vec<ChunkDigest>,
    /// Chunk bytes the digests stand for.
    digest_bytes: u64,
    /// Since when something waits here.
    since: Option<Instant>,
}

impl Outbox {
    pub(super) fn new(token: u64) -> Self {
        let head = BulkHead { token, round: 0 };
        Self {
            head,
            packer: Packer::new(head),
            digests: Vec::new(),
            digest_bytes: 0,
            since: None,
        }
    }

    /// Begins the next round under the same token; returns the message that was being filled.
    pub(super) fn begin_round(&mut self) -> Option<Bytes> {
        self.head.round = self.head.round.saturating_add(1);
        let message = self.packer.flush();
        self.packer = Packer::new(self.head);
        message
    }

    /// Adds a chunk; hands every full bulk message to `full`.
    pub(super) fn push(
        &mut self,
        name: ChunkName,
        chunk: &LoadedChunk,
        now: Instant,
        full: impl FnMut(Bytes),
    ) {
        self.packer.push(name, &chunk.data, full);
        self.digests.push(chunk.named(name));
        self.digest_bytes += chunk.data.len() as u64;
        self.since.get_or_insert(now);
    }

    /// Takes the digests if they are many, or stand for much.
    pub(super) fn take_full_digests(&mut self) -> Option<Vec<ChunkDigest>> {
        let is_full = self.digests.len() >= BATCH_NAMES || self.digest_bytes >= BATCH_BYTES;
        is_full.then(|| self.take_digests()).flatten()
    }

    pub(super) fn take_digests(&mut self) -> Option<Vec<ChunkDigest>> {
        self.digest_bytes = 0;
        let digests = std::mem::take(&mut self.digests);
        (!digests.is_empty()).then_some(digests)
    }

    pub(super) fn take_message(&mut self) -> Option<Bytes> {
        self.since = None;
        self.packer.flush()
    }

    /// When what waits is sent anyway.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.since.map(|since| since + BATCH_TIME)
    }
}

impl LoadedChunk {
    pub(super) fn named(&self, name: ChunkName) -> ChunkDigest {
        ChunkDigest {
            name,
            length: u32::try_from(self.data.len()).expect("a chunk is at most 1 MiB"),
            digest: self.digest,
        }
    }
}

/// The names of every chunk of every version of an entry.
pub(super) fn entry_range(entry: u32) -> std::ops::RangeInclusive<ChunkName> {
    let first = ChunkName {
        entry,
        version: 0,
        chunk: 0,
    };
    let last = ChunkName {
        entry,
        version: u8::MAX,
        chunk: u32::MAX,
    };
    first..=last
}

/// Everything between disk and receiver in one session.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) shelf: Shelf,
    pub(super) window: Window,
    pub(super) outbox: Outbox,
    /// Bulk bytes handed to the driver and not reported as sent.
    queued_bytes: u64,
    queue_limit_bytes: u64,
}

impl Line {
    /// An idle line under `token`, with the smaller of both windows.
    pub(super) fn new(token: u64, window_bytes: u64, tuning: &Tuning) -> Self {
        Self {
            shelf: Shelf::default(),
            window: Window::new(tuning.window_bytes.min(window_bytes), tuning.window_chunks),
            outbox: Outbox::new(token),
            queued_bytes: 0,
            queue_limit_bytes: tuning.queue_bytes.max(CHUNK_BYTES),
        }
    }

    /// Takes the next chunk that may be sent now.
    pub(super) fn take_sendable(&mut self) -> Option<(ChunkName, LoadedChunk)> {
        if self.queued_bytes >= self.queue_limit_bytes {
            return None;
        }
        self.shelf.take_sendable(&self.window)
    }

    pub(super) fn note_queued(&mut self, bytes: usize) {
        self.queued_bytes += bytes as u64;
    }

    pub(super) fn note_sent(&mut self, bytes: u64) {
        self.queued_bytes = self.queued_bytes.saturating_sub(bytes);
    }

    /// A connection is gone, and with it whatever was queued for it.
    pub(super) fn forget_queue(&mut self) {
        self.queued_bytes = 0;
    }

    pub(super) fn forget(&mut self, name: &ChunkName) {
        self.shelf.remove(name);
        self.window.remove(name);
    }
}
