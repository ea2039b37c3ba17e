use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use model::limits::{
    CHUNK_BYTES, CORRUPT_CHUNKS_PER_FILE, CORRUPT_CHUNKS_PER_SESSION, MANIFEST_ENTRIES,
    MANIFEST_PAGE_ENTRIES, OPEN_PAGES, STALLS_TO_PAUSE, TEXT_BYTES,
};
use model::{Digest, DisplayName, Entry, EntryKind, Name, RelPath, Timestamp};

use super::*;
use crate::{
    ChunkDigest, ChunkName, DeclineReason, EntryRevision, GROWTH_BYTES, GoneReason, Page, Summary,
    ToReceiver, TransferKind, UNCONFIRMED_CHUNKS,
};

mod hostile;
mod ordinary;
mod preflight;

/// A receiver whose driver is the test.
struct Bench {
    receiver: Receiver,
    now: Instant,
    summary: Summary,
    pages: u32,
}

struct Counter(u8);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0 += 1;
        bytes.fill(self.0);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place a test starts its clock"
)]
fn epoch() -> Instant {
    Instant::now()
}

fn entry(name: &str, kind: EntryKind) -> Entry {
    Entry {
        path: RelPath::of_name(Name::parse(name).unwrap()),
        kind,
        modified: Some(Timestamp {
            seconds: 5,
            nanoseconds: 6,
        }),
    }
}

fn file(name: &str, size_bytes: u64) -> Entry {
    entry(
        name,
        EntryKind::File {
            size_bytes,
            executable: false,
        },
    )
}

fn chunk(entry: u32, chunk: u32) -> ChunkName {
    ChunkName {
        entry,
        version: 0,
        chunk,
    }
}

impl Bench {
    /// A receiver that knows nothing of what will be announced.
    fn of(entries: u64, pages: u32, bytes: u64) -> Self {
        let now = epoch();
        let config = ReceiverConfig {
            transfer: TransferId([1; 16]),
            start: ReceiverStart::New,
            entropy: Box::new(Counter(0)),
            tuning: Tuning::default(),
        };
        Self {
            receiver: Receiver::new(config, now),
            now,
            summary: Summary {
                name: DisplayName::new("things"),
                entries,
                files: entries,
                bytes,
                stream: false,
                kind: TransferKind::Files,
            },
            pages,
        }
    }

    /// A receiver that accepted and stored one page of `entries`.
    fn with(entries: Vec<Entry>) -> Self {
        let bytes = entries.iter().map(Entry::size_bytes).sum();
        let mut bench = Self::of(entries.len() as u64, 1, bytes);
        bench.accept();
        bench.page(0, 0, entries);
        bench.tell(ReceiverInput::PageStored {
            page: 0,
            held: HeldPage::default(),
        });
        bench
    }

    fn tell(&mut self, input: ReceiverInput) -> Vec<ReceiverOutput> {
        self.receiver.handle_input(input, self.now);
        std::iter::from_fn(|| self.receiver.poll_output()).collect()
    }

    fn hear(&mut self, message: ToReceiver) -> Vec<ReceiverOutput> {
        self.tell(ReceiverInput::MessageReceived(TransferMessage::ToReceiver(
            message,
        )))
    }

    fn offer(&mut self) -> Vec<ReceiverOutput> {
        self.hear(ToReceiver::Offer(Offer {
            summary: self.summary.clone(),
            pages: self.pages,
            resume: false,
            checksums: false,
        }))
    }

    fn accept(&mut self) {
        self.tell(ReceiverInput::SessionUp);
        self.offer();
        self.tell(ReceiverInput::Accept);
    }

    fn page(&mut self, page: u32, first_entry: u32, entries: Vec<Entry>) -> Vec<ReceiverOutput> {
        self.hear(ToReceiver::Page(Page {
            page,
            first_entry,
            entries,
        }))
    }

    /// One record in one message.
    fn data(&mut self, name: ChunkName, offset: u32, bytes: &[u8]) -> Vec<ReceiverOutput> {
        let token = self.receiver.token().unwrap_or(0);
        self.tell(ReceiverInput::BulkReceived(message(
            token, 0, name, offset, bytes,
        )))
    }

    fn digest(&mut self, name: ChunkName, bytes: &[u8]) -> Vec<ReceiverOutput> {
        self.hear(ToReceiver::Digests(vec![digest(name, bytes)]))
    }

    /// Sends a small chunk whole and lets the driver answer.
    fn store(&mut self, name: ChunkName, bytes: &[u8]) -> Vec<ReceiverOutput> {
        self.digest(name, bytes);
        self.data(name, 0, bytes);
        self.tell(ReceiverInput::ChunkStored { name })
    }
}

fn digest(name: ChunkName, bytes: &[u8]) -> ChunkDigest {
    ChunkDigest {
        name,
        length: u32::try_from(bytes.len()).unwrap(),
        digest: Digest::of(bytes),
    }
}

fn message(token: u64, round: u16, name: ChunkName, offset: u32, bytes: &[u8]) -> Bytes {
    let mut message = BytesMut::new();
    message.put_u64(token);
    message.put_u16(round);
    message.put_u32(name.entry);
    message.put_u8(name.version);
    message.put_u32(name.chunk);
    message.put_u32(offset);
    message.put_u32(u32::try_from(bytes.len()).unwrap());
    message.put_slice(bytes);
    message.freeze()
}

fn violation(outputs: &[ReceiverOutput]) -> Option<ReceiverViolation> {
    outputs.iter().find_map(|output| {
        let ReceiverOutput::Violation(violation) = output else {
            return None;
        };
        Some(*violation)
    })
}

fn said(outputs: &[ReceiverOutput]) -> Vec<&ToSender> {
    let outputs = outputs.iter();
    outputs
        .filter_map(|output| {
            let ReceiverOutput::Send(TransferMessage::ToSender(message)) = output else {
                return None;
            };
            Some(message)
        })
        .collect()
}
