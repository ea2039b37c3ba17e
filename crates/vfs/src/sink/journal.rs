//! What is stored, in records of 64 bytes that are only ever appended.
//!
//! Numbers are big-endian; `checksum` is the CRC-32 of the 60 bytes before it:
//!
//! ```text
//! 0 kind  1 version  2 flags  3 zero  4 entry u32  8 chunk u32 ‖ length u32, or seconds i64
//! 16 offset or size u64  24 nanoseconds u32  28 digest [32]  60 checksum [4]
//! ```
//!
//! The first record that is torn or damaged ends the journal: what it and its followers told is done again.

use std::fs::File;
use std::io;
use std::ops::Range;

use model::{Digest, Timestamp, TransferId};

use super::crc::crc32;
use crate::platform::{read_chunk, write_at};

/// The state in which a file was finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FinalState {
    /// Which version of the source it is.
    pub version: u8,
    /// Its size.
    pub size_bytes: u64,
    /// When the source was last changed, if known.
    pub modified: Option<Timestamp>,
    /// Whether its owner may execute it.
    pub executable: bool,
}

/// One line of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record {
    /// The first: whose journal this is.
    Start(TransferId),
    /// A chunk is in its file.
    Chunk { entry: u32, chunk: ChunkAt },
    /// A file is whole.
    Finished {
        entry: u32,
        state: FinalState,
        digest: Digest,
    },
    /// A file that was whole is not any more.
    Reopened { entry: u32 },
    /// The sender gave a file up.
    Dropped { entry: u32 },
    /// Everything is on the disk; the renames begin.
    Committing,
    /// In the ledger of a sender: what follows of this entry is read from this version of its file.
    Reading { entry: u32, state: FinalState },
    /// In the ledger of a sender: the plain SHA-256 of the version that was just read.
    Summed { entry: u32, digest: Digest },
    /// In the ledger of a sender: the receiver had this entry already, in an earlier version.
    Kept { entry: u32 },
}

/// Where a chunk lies, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChunkAt {
    pub(crate) index: u32,
    pub(crate) offset: u64,
    pub(crate) length: u32,
    pub(crate) digest: Digest,
}

/// An append-only file of records.
///
/// In memory are the latest records and, per 1,024 records, which entries they speak of.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    spans: Vec<Range<u32>>,
    tail: Vec<u8>,
}

impl Journal {
    /// Opens the journal in `file`, starting it if it is empty or was never begun; tells every record to
    /// `visit`. Returns `None` if it is that of another transfer.
    pub(crate) fn open(
        file: File,
        transfer: TransferId,
        visit: &mut dyn FnMut(&Record),
    ) -> io::Result<Option<Self>> {
        let mut journal = Self {
            file,
            spans: Vec::new(),
            tail: Vec::new(),
        };
        match journal.load(visit)? {
            Some(Record::Start(other)) if other != transfer => return Ok(None),
            Some(Record::Start(_)) => {}
            Some(
                Record::Chunk { .. }
                | Record::Finished { .. }
                | Record::Reopened { .. }
                | Record::Dropped { .. }
                | Record::Committing
                | Record::Reading { .. }
                | Record::Summed { .. }
                | Record::Kept { .. },
            )
            | None => journal.restart(transfer)?,
        }
        Ok(Some(journal))
    }

    /// Whose journal is in `file`, if it was begun.
    pub(super) fn owner(file: &File) -> io::Result<Option<TransferId>> {
        match Record::decode(&read_chunk(file, 0, 64)?) {
            Some(Record::Start(transfer)) => Ok(Some(transfer)),
            Some(
                Record::Chunk { .. }
                | Record::Finished { .. }
                | Record::Reopened { .. }
                | Record::Dropped { .. }
                | Record::Committing
                | Record::Reading { .. }
                | Record::Summed { .. }
                | Record::Kept { .. },
            )
            | None => Ok(None),
        }
    }

    /// Forgets everything.
    pub(super) fn restart(&mut self, transfer: TransferId) -> io::Result<()> {
        self.file.set_len(0)?;
        self.spans.clear();
        self.tail.clear();
        self.append(&Record::Start(transfer)).map(|_| ())
    }

    /// Adds a record and returns its number. A failed attempt leaves nothing behind.
    pub(crate) fn append(&mut self, record: &Record) -> io::Result<u32> {
        let number = self.count()?;
        let bytes = record.encode();
        write_at(&self.file, &bytes, u64::from(number) * RECORD_BYTES as u64)?;
        self.remember(record, &bytes);
        Ok(number)
    }

    /// Reads the record `number` again.
    pub(crate) fn read(&self, number: u32) -> io::Result<Record> {
        let count = self.count()?;
        let in_tail = u32::try_from(self.tail.len() / RECORD_BYTES).map_err(io::Error::other)?;
        let from_tail = number.checked_sub(count - in_tail);
        let at = from_tail.and_then(|place| usize::try_from(place).ok());
        let record = match at {
            Some(place) => self
                .tail
                .get(place * RECORD_BYTES..(place + 1) * RECORD_BYTES)
                .and_then(Record::decode),
            None => {
                let offset = u64::from(number) * RECORD_BYTES as u64;
                Record::decode(&read_chunk(&self.file, offset, 64)?)
            }
        };
        record.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// Tells the records that speak of `entries` to `visit`, with their numbers, oldest first.
    pub(crate) fn visit(
        &self,
        entries: &Range<u32>,
        visit: &mut dyn FnMut(u32, Record),
    ) -> io::Result<()> {
        let mut first = 0u32;
        for span in &self.spans {
            if span.start < entries.end && entries.start < span.end {
                self.visit_block(first, entries, visit)?;
            }
            first += BLOCK_RECORDS;
        }
        Ok(())
    }

    /// Puts everything on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn visit_block(
        &self,
        first: u32,
        entries: &Range<u32>,
        visit: &mut dyn FnMut(u32, Record),
    ) -> io::Result<()> {
        let block = self.block(first)?;
        for (number, bytes) in (first..).zip(block.chunks_exact(RECORD_BYTES)) {
            let record = Record::decode(bytes).ok_or(io::ErrorKind::InvalidData)?;
            if record.entry().is_some_and(|entry| entries.contains(&entry)) {
                visit(number, record);
            }
        }
        Ok(())
    }

    fn load(&mut self, visit: &mut dyn FnMut(&Record)) -> io::Result<Option<Record>> {
        let mut head = None;
        'blocks: loop {
            let first = self.count()?;
            let block = self.block(first)?;
            for bytes in block.chunks(RECORD_BYTES) {
                let Some(record) = Record::decode(bytes) else {
                    break 'blocks;
                };
                head.get_or_insert(record);
                self.remember(&record, bytes);
                visit(&record);
            }
            if block.len() < BLOCK_BYTES {
                break;
            }
        }
        self.file
            .set_len(u64::from(self.count()?) * RECORD_BYTES as u64)?;
        Ok(head)
    }

    fn block(&self, first: u32) -> io::Result<Vec<u8>> {
        let length = u32::try_from(BLOCK_BYTES).map_err(io::Error::other)?;
        read_chunk(&self.file, u64::from(first) * RECORD_BYTES as u64, length)
    }

    fn count(&self) -> io::Result<u32> {
        let full = self.spans.len().saturating_sub(1) as u64 * u64::from(BLOCK_RECORDS);
        let count = full + (self.tail.len() / RECORD_BYTES) as u64;
        u32::try_from(count).map_err(io::Error::other)
    }

    fn remember(&mut self, record: &Record, bytes: &[u8]) {
        if self.spans.is_empty() || self.tail.len() == BLOCK_BYTES {
            self.tail.clear();
            self.spans.push(0..0);
        }
        self.tail.extend(bytes);
        if let (Some(entry), Some(span)) = (record.entry(), self.spans.last_mut()) {
            let first = if span.end == 0 { entry } else { span.start };
            *span = first.min(entry)..span.end.max(entry.saturating_add(1));
        }
    }
}

impl Drop for Journal {
    /// Gives the lock back at once: a process that is being started may still hold a copy of the file.
    fn drop(&mut self) {
        let _closing_unlocks_too = self.file.unlock();
    }
}

impl Record {
    /// The entry it speaks of.
    pub(crate) fn entry(&self) -> Option<u32> {
        match *self {
            Self::Chunk { entry, .. }
            | Self::Finished { entry, .. }
            | Self::Reopened { entry }
            | Self::Dropped { entry }
            | Self::Reading { entry, .. }
            | Self::Summed { entry, .. }
            | Self::Kept { entry } => Some(entry),
            Self::Start(_) | Self::Committing => None,
        }
    }

    fn encode(&self) -> [u8; RECORD_BYTES] {
        let mut bytes = [0; RECORD_BYTES];
        bytes[4..8].copy_from_slice(&self.entry().unwrap_or(0).to_be_bytes());
        bytes[0] = match self {
            Self::Start(transfer) => {
                bytes[1] = FORMAT;
                bytes[28..44].copy_from_slice(&transfer.0);
                1
            }
            Self::Chunk { chunk, .. } => {
                bytes[8..12].copy_from_slice(&chunk.index.to_be_bytes());
                bytes[12..16].copy_from_slice(&chunk.length.to_be_bytes());
                bytes[16..24].copy_from_slice(&chunk.offset.to_be_bytes());
                bytes[28..60].copy_from_slice(&chunk.digest.0);
                2
            }
            Self::Finished { state, digest, .. } => {
                encode_state(state, &mut bytes);
                bytes[28..60].copy_from_slice(&digest.0);
                3
            }
            Self::Reopened { .. } => 4,
            Self::Dropped { .. } => 5,
            Self::Committing => 6,
            Self::Reading { state, .. } => {
                encode_state(state, &mut bytes);
                7
            }
            Self::Summed { digest, .. } => {
                bytes[28..60].copy_from_slice(&digest.0);
                8
            }
            Self::Kept { .. } => 9,
        };
        let checksum = crc32(&bytes[..60]);
        bytes[60..].copy_from_slice(&checksum.to_be_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; RECORD_BYTES] = bytes.try_into().ok()?;
        if crc32(&bytes[..60]) != u32::from_be_bytes(part(bytes, 60)) {
            return None;
        }
        let entry = u32::from_be_bytes(part(bytes, 4));
        let digest = Digest(part(bytes, 28));
        match bytes[0] {
            1 if bytes[1] == FORMAT => Some(Self::Start(TransferId(part(bytes, 28)))),
            2 => {
                let chunk = ChunkAt {
                    index: u32::from_be_bytes(part(bytes, 8)),
                    length: u32::from_be_bytes(part(bytes, 12)),
                    offset: u64::from_be_bytes(part(bytes, 16)),
                    digest,
                };
                Some(Self::Chunk { entry, chunk })
            }
            3 => Some(Self::Finished {
                entry,
                state: decode_state(bytes),
                digest,
            }),
            4 => Some(Self::Reopened { entry }),
            5 => Some(Self::Dropped { entry }),
            6 => Some(Self::Committing),
            7 => Some(Self::Reading {
                entry,
                state: decode_state(bytes),
            }),
            8 => Some(Self::Summed { entry, digest }),
            9 => Some(Self::Kept { entry }),
            _ => None,
        }
    }
}

fn encode_state(state: &FinalState, bytes: &mut [u8; RECORD_BYTES]) {
    bytes[1] = state.version;
    bytes[2] = u8::from(state.executable) * EXECUTABLE;
    bytes[16..24].copy_from_slice(&state.size_bytes.to_be_bytes());
    if let Some(time) = state.modified {
        bytes[2] |= HAS_TIME;
        bytes[8..16].copy_from_slice(&time.seconds.to_be_bytes());
        bytes[24..28].copy_from_slice(&time.nanoseconds.to_be_bytes());
    }
}

fn decode_state(bytes: &[u8; RECORD_BYTES]) -> FinalState {
    let modified = Timestamp {
        seconds: i64::from_be_bytes(part(bytes, 8)),
        nanoseconds: u32::from_be_bytes(part(bytes, 24)),
    };
    FinalState {
        version: bytes[1],
        size_bytes: u64::from_be_bytes(part(bytes, 16)),
        modified: (bytes[2] & HAS_TIME != 0).then_some(modified),
        executable: bytes[2] & EXECUTABLE != 0,
    }
}

fn part<const N: usize>(bytes: &[u8; RECORD_BYTES], start: usize) -> [u8; N] {
    std::array::from_fn(|index| bytes[start + index])
}

const RECORD_BYTES: usize = 64;
const BLOCK_RECORDS: u32 = 1_024;
const BLOCK_BYTES: usize = RECORD_BYTES * 1_024;
const FORMAT: u8 = 1;
const EXECUTABLE: u8 = 1;
const HAS_TIME: u8 = 2;

#[cfg(test)]
mod tests;
