use std::sync::Arc;

use bytes::Bytes;
use model::limits::{
    CHUNK_BYTES, CORRUPT_CHUNKS_PER_FILE, CORRUPT_CHUNKS_PER_SESSION, OPEN_PAGES, SOURCE_VERSIONS,
    STALLS_TO_PAUSE, UNCONFIRMED_BYTES,
};
use model::{
    ChunkSet, Digest, DisplayName, Entry, EntryKind, EntryVersion, Name, RelPath, Timestamp,
};

use super::*;
use crate::{
    Accept, ChunkName, Completion, DeclineReason, EntryHave, EntryRevision, GROWTH_BYTES,
    GoneReason, LeftOut, SourceFailure, Summary, TransferKind, Tuning,
};

mod flow;
mod hostile;
mod preflight;

/// A sender whose driver and receiver are the test.
struct Bench {
    sender: Sender,
    now: Instant,
    entries: Vec<Entry>,
    page_entries: usize,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place a test starts its clock"
)]
fn epoch() -> Instant {
    Instant::now()
}

fn moment(seconds: i64) -> Timestamp {
    Timestamp {
        seconds,
        nanoseconds: 0,
    }
}

fn file(name: &str, size_bytes: u64) -> Entry {
    Entry {
        path: RelPath::of_name(Name::parse(name).unwrap()),
        kind: EntryKind::File {
            size_bytes,
            executable: false,
        },
        modified: Some(moment(1)),
    }
}

fn version(size_bytes: u64, seconds: i64) -> EntryVersion {
    EntryVersion {
        size_bytes,
        modified: moment(seconds),
        file_number: 3,
    }
}

fn chunk(entry: u32, chunk: u32) -> ChunkName {
    ChunkName {
        entry,
        version: 0,
        chunk,
    }
}

fn nothing_of(page: u32) -> PageHave {
    PageHave {
        page,
        finished: ChunkSet::new(),
        partial: Vec::new(),
        refused: ChunkSet::new(),
    }
}

impl Bench {
    fn of(entries: Vec<Entry>, page_entries: usize) -> Self {
        let now = epoch();
        let summary = Summary {
            name: DisplayName::new("things"),
            entries: entries.len() as u64,
            files: entries.len() as u64,
            bytes: entries.iter().map(Entry::size_bytes).sum(),
            stream: false,
            kind: TransferKind::Files,
        };
        let pages = u32::try_from(entries.len().div_ceil(page_entries)).unwrap();
        let config = SenderConfig {
            transfer: TransferId([1; 16]),
            summary,
            pages,
            resume: false,
            left_out: LeftOut::default(),
            tuning: Tuning::default(),
        };
        Self {
            sender: Sender::new(config, now),
            now,
            entries,
            page_entries,
        }
    }

    /// A sender whose one page was accepted and stored; returns what it asks then.
    fn running(entries: Vec<Entry>) -> (Self, Vec<SenderOutput>) {
        let page_entries = entries.len();
        let mut bench = Self::of(entries, page_entries);
        bench.tell(SenderInput::SessionUp);
        bench.accept();
        let outputs = bench.hear(ToSender::PageStored(nothing_of(0)));
        (bench, outputs)
    }

    fn tell(&mut self, input: SenderInput) -> Vec<SenderOutput> {
        self.sender.handle_input(input, self.now);
        let mut outputs: Vec<SenderOutput> = Vec::new();
        while let Some(output) = self.sender.poll_output() {
            if let SenderOutput::ReadPage { page } = output {
                let from = page as usize * self.page_entries;
                let to = self.entries.len().min(from + self.page_entries);
                let entries = self.entries[from..to].to_vec();
                let input = SenderInput::PageRead { page, entries };
                self.sender.handle_input(input, self.now);
            } else {
                outputs.push(output);
            }
        }
        outputs
    }

    fn hear(&mut self, message: ToSender) -> Vec<SenderOutput> {
        self.tell(SenderInput::MessageReceived(TransferMessage::ToSender(
            message,
        )))
    }

    fn accept(&mut self) -> Vec<SenderOutput> {
        self.hear(ToSender::Accept(Accept {
            token: 7,
            ceiling_bytes: 100 + GROWTH_BYTES,
            window_bytes: UNCONFIRMED_BYTES,
            complete_pages: ChunkSet::new(),
            held_pages: ChunkSet::new(),
            checksums: false,
        }))
    }

    /// Answers reads with zeros of the version in the manifest.
    fn answer(&mut self, reads: &[ReadChunk]) -> Vec<SenderOutput> {
        let mut outputs = Vec::new();
        for read in reads {
            let size_bytes = self.entries[read.entry as usize].size_bytes();
            outputs.extend(self.answer_as(read, version(size_bytes, 1)));
        }
        outputs
    }

    fn answer_as(&mut self, read: &ReadChunk, version: EntryVersion) -> Vec<SenderOutput> {
        let data = Bytes::from(vec![0; read.length as usize]);
        self.tell(SenderInput::ChunkRead {
            ticket: read.ticket,
            digest: Digest::of(&data),
            data,
            version,
        })
    }
}

fn reads(outputs: &[SenderOutput]) -> Vec<ReadChunk> {
    let read = |output: &SenderOutput| {
        let SenderOutput::ReadChunk(read) = output else {
            return None;
        };
        Some(read.clone())
    };
    outputs.iter().filter_map(read).collect()
}

fn said(outputs: &[SenderOutput]) -> Vec<&ToReceiver> {
    let outputs = outputs.iter();
    outputs
        .filter_map(|output| {
            let SenderOutput::Send(TransferMessage::ToReceiver(message)) = output else {
                return None;
            };
            Some(message)
        })
        .collect()
}

fn bulk_bytes(outputs: &[SenderOutput]) -> usize {
    let bytes = |output: &SenderOutput| {
        let SenderOutput::SendBulk { message } = output else {
            return 0;
        };
        message.len()
    };
    outputs.iter().map(bytes).sum()
}

fn violation(outputs: &[SenderOutput]) -> Option<SenderViolation> {
    outputs.iter().find_map(|output| {
        let SenderOutput::Violation(violation) = output else {
            return None;
        };
        Some(*violation)
    })
}

fn outcome(outputs: &[SenderOutput]) -> Option<SenderOutcome> {
    outputs.iter().find_map(|output| {
        let SenderOutput::Finished(outcome) = output else {
            return None;
        };
        Some(*outcome)
    })
}
