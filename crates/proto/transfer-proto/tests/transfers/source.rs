//! The sender's disk.

use bytes::Bytes;
use model::{Digest, Entry, EntryKind, EntryVersion, Name, RelPath, Timestamp};
use transfer_proto::{ReadChunk, SenderInput, SenderOutput, SourceFailure};

use crate::chance::Chance;
use crate::world::World;

/// One source on the sender's disk.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) entry: Entry,
    pub(crate) content: Vec<u8>,
    pub(crate) stamp: i64,
    pub(crate) is_gone: bool,
    /// Every content it ever had.
    pub(crate) history: Vec<Vec<u8>>,
}

pub(crate) fn path(text: &str) -> RelPath {
    RelPath::new(
        text.split('/')
            .map(|name| Name::parse(name).unwrap())
            .collect(),
    )
    .unwrap()
}

pub(crate) fn file(name: &str, content: Vec<u8>) -> Source {
    Source {
        entry: Entry {
            path: path(name),
            kind: EntryKind::File {
                size_bytes: content.len() as u64,
                executable: name.len().is_multiple_of(2),
            },
            modified: Some(stamp(1)),
        },
        history: vec![content.clone()],
        content,
        stamp: 1,
        is_gone: false,
    }
}

pub(crate) fn folder(name: &str) -> Source {
    let mut source = file(name, Vec::new());
    source.entry.kind = EntryKind::Directory;
    source
}

pub(crate) fn stream(name: &str, content: Vec<u8>) -> Source {
    let mut source = file(name, content);
    source.entry.kind = EntryKind::Stream;
    source.entry.modified = None;
    source
}

fn stamp(seconds: i64) -> Timestamp {
    Timestamp {
        seconds,
        nanoseconds: 0,
    }
}

pub(crate) fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        bytes.extend_from_slice(&chance.next().to_be_bytes());
    }
    bytes.truncate(length);
    bytes
}

impl World {
    pub(crate) fn do_sender_job(&mut self) -> bool {
        if self.sender_jobs.is_empty() {
            return false;
        }
        let place = self.chance.below(self.sender_jobs.len());
        match self.sender_jobs.swap_remove(place) {
            SenderOutput::ReadPage { page } => {
                let from = page as usize * self.page_entries;
                let to = self.sources.len().min(from + self.page_entries);
                let entries = self.sources[from..to]
                    .iter()
                    .map(|source| source.entry.clone())
                    .collect();
                self.tell_sender(SenderInput::PageRead { page, entries });
            }
            SenderOutput::ReadChunk(read) => {
                let input = self.read(&read);
                self.tell_sender(input);
            }
            other @ (SenderOutput::Send(_)
            | SenderOutput::SendBulk { .. }
            | SenderOutput::Event(_)
            | SenderOutput::Findings(_)
            | SenderOutput::Stalled
            | SenderOutput::Violation(_)
            | SenderOutput::Finished(_)) => panic!("{other:?} is no job"),
        }
        true
    }

    fn read(&mut self, read: &ReadChunk) -> SenderInput {
        let ticket = read.ticket;
        let source = &self.sources[read.entry as usize];
        assert_eq!(*read.path, source.entry.path);
        if source.is_gone {
            return SenderInput::ReadFailed {
                ticket,
                failure: SourceFailure::Vanished,
            };
        }
        let version = EntryVersion {
            size_bytes: source.content.len() as u64,
            modified: stamp(source.stamp),
            file_number: 9,
        };
        let start = source
            .content
            .len()
            .min(usize::try_from(read.offset).unwrap());
        let end = source.content.len().min(start + read.length as usize);
        if source.entry.kind == EntryKind::Stream && start == end {
            return SenderInput::StreamEnded {
                entry: read.entry,
                size_bytes: source.content.len() as u64,
            };
        }
        let is_torn = read.expected.is_some_and(|expected| expected != version);
        if is_torn && self.chance.one_in(2) {
            return SenderInput::SourceChanged { ticket, version };
        }
        let data = Bytes::copy_from_slice(&source.content[start..end]);
        SenderInput::ChunkRead {
            ticket,
            digest: Digest::of(&data),
            data,
            version,
        }
    }
}
