//! Chunks on their way from the disk: asked in order, answered in any.

use std::collections::{BTreeMap, BTreeSet};

use model::{Entry, EntryVersion};

use super::entry::Progress;
use super::line::{LoadedChunk, entry_range};
use super::{Phase, ReadChunk, Sender, SenderEvent, SenderOutput};
use crate::{ChunkName, GONE_VERSION, GoneReason, SourceFailure, ToReceiver};
use model::limits::SOURCE_VERSIONS;

/// What the driver was asked for, and what it must be asked for once more.
#[derive(Debug, Default)]
pub(super) struct Reads {
    by_ticket: BTreeMap<u64, Read>,
    tickets: BTreeMap<ChunkName, u64>,
    again: BTreeSet<ChunkName>,
    next_ticket: u64,
    /// Bytes asked for that are not in the window already.
    ahead_bytes: u64,
}

#[derive(Debug, Clone, Copy)]
struct Read {
    name: ChunkName,
    length: u32,
    /// Whether the chunk has its place in the window from an earlier sending.
    is_again: bool,
}

impl Reads {
    pub(super) fn is_empty(&self) -> bool {
        self.by_ticket.is_empty() && self.again.is_empty()
    }

    /// Forgets all requests; late answers will not be recognised.
    pub(super) fn clear(&mut self) {
        *self = Self {
            next_ticket: self.next_ticket,
            ..Self::default()
        };
    }

    pub(super) fn cancel(&mut self, name: &ChunkName) {
        self.again.remove(name);
        if let Some(ticket) = self.tickets.get(name) {
            self.finish(*ticket);
        }
    }

    fn cancel_entry(&mut self, entry: u32) {
        let asked = self
            .tickets
            .range(entry_range(entry))
            .map(|(name, _)| *name);
        let again = self.again.range(entry_range(entry)).copied();
        let names: Vec<ChunkName> = asked.chain(again).collect();
        for name in names {
            self.cancel(&name);
        }
    }

    fn contains(&self, name: &ChunkName) -> bool {
        self.tickets.contains_key(name)
    }

    fn begin(&mut self, read: Read) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.by_ticket.insert(ticket, read);
        self.tickets.insert(read.name, ticket);
        if !read.is_again {
            self.ahead_bytes += u64::from(read.length);
        }
        ticket
    }

    fn finish(&mut self, ticket: u64) -> Option<Read> {
        let read = self.by_ticket.remove(&ticket)?;
        self.tickets.remove(&read.name);
        if !read.is_again {
            self.ahead_bytes -= u64::from(read.length);
        }
        Some(read)
    }
}

impl Sender {
    /// Asks for lost chunks first, then ahead as far as memory goes.
    pub(super) fn request_reads(&mut self) {
        while let Some(name) = self.reads.again.pop_first() {
            let is_again = self.line.window.contains(&name);
            self.request(name, is_again);
        }
        while self.has_room_ahead() {
            let Some((entry, source)) = self.manifest.next_unread() else {
                return;
            };
            let Some(active) = source.activate() else {
                return;
            };
            let Some(chunk) = active.take_next() else {
                return;
            };
            let version = active.version;
            let name = ChunkName {
                entry,
                version,
                chunk,
            };
            self.request(name, false);
        }
    }

    /// Sends chunks once more, in a new round so that the receiver takes the pieces for what they are.
    pub(super) fn send_again(&mut self, names: &[ChunkName]) {
        for name in names {
            let is_current = self
                .manifest
                .entry_mut(name.entry)
                .and_then(|source| source.active())
                .is_some_and(|active| active.version == name.version);
            if is_current && !self.reads.contains(name) && !self.line.shelf.contains(name) {
                self.reads.again.insert(*name);
            }
        }
        if let Some(message) = self.line.outbox.begin_round() {
            self.send_bulk(message);
        }
    }

    pub(super) fn handle_page_read(&mut self, page: u32, entries: Vec<Entry>) {
        self.manifest.take_page(page, entries);
    }

    pub(super) fn handle_chunk_read(
        &mut self,
        ticket: u64,
        chunk: LoadedChunk,
        version: EntryVersion,
    ) {
        let Some(read) = self.reads.finish(ticket) else {
            return;
        };
        let name = read.name;
        let Some(source) = self.manifest.entry_mut(name.entry) else {
            return;
        };
        let is_stream = source.is_stream();
        let Some(active) = source.active_mut() else {
            return;
        };
        if !is_stream && !active.matches(&version) {
            self.revise(name.entry, version);
            return;
        }
        let is_whole = chunk.data.len() == read.length as usize;
        let is_tail =
            is_stream && !chunk.data.is_empty() && chunk.data.len() < read.length as usize;
        if !is_whole && !is_tail {
            self.give_up(name.entry, GoneReason::Unreadable);
            return;
        }
        if !is_stream {
            active.pinned = Some(version);
        }
        if read.is_again {
            self.line.shelf.put_again(name, chunk);
        } else if active.compare {
            self.send(ToReceiver::Compare(vec![chunk.named(name)]));
            self.line.shelf.put_asked(name, chunk);
        } else {
            self.line.shelf.put_fresh(name, chunk);
        }
    }

    pub(super) fn handle_source_changed(&mut self, ticket: u64, version: EntryVersion) {
        if let Some(read) = self.reads.finish(ticket) {
            self.revise(read.name.entry, version);
        }
    }

    pub(super) fn handle_read_failed(&mut self, ticket: u64, failure: SourceFailure) {
        if let Some(read) = self.reads.finish(ticket) {
            self.give_up(read.name.entry, failure.into());
        }
    }

    pub(super) fn handle_stream_ended(&mut self, entry: u32, size_bytes: u64) {
        let Some(source) = self
            .manifest
            .kept_entry_mut(entry)
            .filter(|source| source.is_stream())
        else {
            return;
        };
        let Some(active) = source.activate() else {
            return;
        };
        active.size_bytes = Some(size_bytes);
        let count = active.chunk_count();
        source.settle();
        let behind: Vec<ChunkName> = self
            .reads
            .tickets
            .range(entry_range(entry))
            .map(|(name, _)| *name)
            .filter(|name| u64::from(name.chunk) >= count)
            .collect();
        for name in behind {
            self.reads.cancel(&name);
        }
        if self.manifest.entry_mut(entry).is_some() {
            self.send(ToReceiver::StreamEnded { entry, size_bytes });
        }
    }

    /// Begins the next version of a file.
    pub(super) fn revise(&mut self, entry: u32, version: EntryVersion) {
        let Phase::Running { ceiling_bytes, .. } = self.phase else {
            return;
        };
        let total_bytes = self.totals().bytes;
        let Some(source) = self.manifest.entry_mut(entry) else {
            return;
        };
        let others_bytes = total_bytes.saturating_sub(source.current_bytes());
        let Some(active) = source.active_mut() else {
            return;
        };
        active.changes += 1;
        let number = active.version.saturating_add(1);
        if active.changes > SOURCE_VERSIONS || number == GONE_VERSION {
            self.give_up(entry, GoneReason::SourceKeepsChanging);
            return;
        }
        if others_bytes.saturating_add(version.size_bytes) > ceiling_bytes {
            self.give_up(entry, GoneReason::GrewTooMuch);
            return;
        }
        active.revise(number, version);
        let revision = active.revision(entry);
        source.settle();
        self.forget_reads(entry);
        self.manifest.rewind(entry);
        self.send(ToReceiver::EntryChanged(revision));
        self.tell(SenderEvent::EntryChanged { entry });
    }

    /// Leaves an entry out.
    pub(super) fn give_up(&mut self, entry: u32, reason: GoneReason) {
        let Some(source) = self.manifest.entry_mut(entry) else {
            return;
        };
        source.progress = Progress::Gone(reason);
        self.forget_reads(entry);
        self.send(ToReceiver::EntryGone { entry, reason });
        self.tell(SenderEvent::EntrySkipped { entry, reason });
    }

    /// Drops what was read; what was sent keeps its place in the window until the receiver lets go of it.
    pub(super) fn forget_reads(&mut self, entry: u32) {
        self.reads.cancel_entry(entry);
        self.line.shelf.remove_entry(entry);
    }

    fn has_room_ahead(&self) -> bool {
        let tuning = &self.config.tuning;
        let chunks = self.reads.by_ticket.len() + self.line.shelf.len();
        let bytes = self.reads.ahead_bytes + self.line.shelf.bytes();
        chunks < tuning.window_chunks && bytes < tuning.read_ahead_bytes
    }

    fn request(&mut self, name: ChunkName, is_again: bool) {
        let Some(source) = self.manifest.entry_mut(name.entry) else {
            return;
        };
        let path = source.path.clone();
        let Some(active) = source.active() else {
            return;
        };
        let Some((offset, length)) = active.span(u64::from(name.chunk)) else {
            return;
        };
        let expected = active.pinned;
        let ticket = self.reads.begin(Read {
            name,
            length,
            is_again,
        });
        self.outputs.push_back(SenderOutput::ReadChunk(ReadChunk {
            ticket,
            entry: name.entry,
            path,
            chunk: name.chunk,
            offset,
            length,
            expected,
        }));
    }
}
