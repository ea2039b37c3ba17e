//! What a sender read and sent of every file, so that it knows afterwards what it sent.
//!
//! A journal like that of staged files ([`crate::sink`]): a line per chunk, written before the chunk goes out,
//! so that it survives a killed process. Memory follows the number of chunks of one page of the manifest.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use model::{ChunkSet, Digest, EntryVersion, FileDigest, Timestamp, TransferId};

use crate::lru::Lru;
use crate::sink::journal::{ChunkAt, FinalState, Journal, Record};

/// A chunk as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentChunk {
    /// Its index in the file.
    pub index: u32,
    /// Where it begins.
    pub offset: u64,
    /// How many bytes it has.
    pub length: u32,
    /// What they hash to.
    pub digest: Digest,
}

/// What became of one entry, as far as its sender knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentOutcome {
    /// No version was read from its beginning to its end.
    Unknown,
    /// It was given up.
    Dropped,
    /// It was read and sent in whole.
    File {
        /// Its size.
        size_bytes: u64,
        /// Its [`FileDigest`].
        digest: Digest,
        /// Its plain SHA-256, if it was taken while it was read.
        sha256: Option<Digest>,
    },
}

/// The ledger of one outgoing transfer.
#[derive(Debug)]
pub struct SentLedger {
    journal: Journal,
    /// The version of each file that was read lately.
    reading: Lru<u32, Stamp>,
    /// What was given up.
    dropped: ChunkSet,
}

type Stamp = (u64, Timestamp);

impl SentLedger {
    /// Opens the ledger at `path` with everything that survived, or starts it.
    pub fn open(path: &Path, transfer: TransferId) -> io::Result<Self> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut dropped = ChunkSet::new();
        let journal = Journal::open(options.open(path)?, transfer, &mut |record| match *record {
            Record::Dropped { entry } => {
                dropped.insert(entry.into());
            }
            Record::Kept { entry } => {
                dropped.remove(entry.into());
            }
            Record::Start(_)
            | Record::Chunk { .. }
            | Record::Reading { .. }
            | Record::Summed { .. }
            | Record::Finished { .. }
            | Record::Reopened { .. }
            | Record::Committing => {}
        })?;
        Ok(Self {
            journal: journal.ok_or(io::ErrorKind::InvalidData)?,
            reading: Lru::new(STAMPS),
            dropped,
        })
    }

    /// Notes a chunk; `version` is that of its file, `None` for a stream.
    pub fn note_chunk(
        &mut self,
        entry: u32,
        chunk: &SentChunk,
        version: Option<&EntryVersion>,
    ) -> io::Result<()> {
        if let Some(version) = version {
            self.note_version(entry, version)?;
        }
        let chunk = ChunkAt {
            index: chunk.index,
            offset: chunk.offset,
            length: chunk.length,
            digest: chunk.digest,
        };
        self.journal
            .append(&Record::Chunk { entry, chunk })
            .map(drop)
    }

    /// Notes the plain SHA-256 of the version that is being read.
    pub fn note_sum(&mut self, entry: u32, digest: Digest) -> io::Result<()> {
        self.journal
            .append(&Record::Summed { entry, digest })
            .map(drop)
    }

    /// Notes that an entry is given up.
    pub fn note_dropped(&mut self, entry: u32) -> io::Result<()> {
        self.dropped.insert(entry.into());
        self.journal.append(&Record::Dropped { entry }).map(drop)
    }

    /// Notes that the receiver had an entry already, in the version before it changed or vanished.
    pub fn note_kept(&mut self, entry: u32) -> io::Result<()> {
        self.dropped.remove(entry.into());
        self.journal.append(&Record::Kept { entry }).map(drop)
    }

    /// Whether an entry is given up.
    pub fn is_dropped(&self, entry: u32) -> bool {
        self.dropped.contains(entry.into())
    }

    /// Tells what became of `entries`, in their order.
    pub fn outcomes(&self, entries: &Range<u32>) -> io::Result<Vec<SentOutcome>> {
        let mut tracks: Vec<Track> = entries.clone().map(|_| Track::default()).collect();
        let mut failed = None;
        self.journal.visit(entries, &mut |number, record| {
            let place = record.entry().map(|entry| entry - entries.start);
            let place = place.and_then(|place| usize::try_from(place).ok());
            let Some(track) = place.and_then(|place| tracks.get_mut(place)) else {
                return;
            };
            if let Err(error) = track.note(&self.journal, number, record) {
                failed = Some(error);
            }
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        let ended = tracks.into_iter().map(|track| track.end(&self.journal));
        ended.collect()
    }

    fn note_version(&mut self, entry: u32, version: &EntryVersion) -> io::Result<()> {
        let stamp = (version.size_bytes, version.modified);
        let known = self.reading.find(|&other| other == entry);
        if known.is_some_and(|known| *known == stamp) {
            return Ok(());
        }
        let state = FinalState {
            version: 0,
            size_bytes: version.size_bytes,
            modified: Some(version.modified),
            executable: false,
        };
        self.journal.append(&Record::Reading { entry, state })?;
        self.reading.remove(&entry);
        self.reading.insert(entry, stamp);
        Ok(())
    }
}

/// What the ledger says of one entry.
#[derive(Debug, Default)]
struct Track {
    state: Option<FinalState>,
    /// Where the ledger speaks of each chunk of this version.
    chunks: BTreeMap<u32, u32>,
    sum: Option<Digest>,
    /// The version before, if it was whole.
    earlier: Option<SentOutcome>,
    dropped: bool,
    kept: bool,
}

impl Track {
    fn note(&mut self, journal: &Journal, number: u32, record: Record) -> io::Result<()> {
        match record {
            Record::Chunk { chunk, .. } => {
                self.chunks.insert(chunk.index, number);
            }
            Record::Reading { state, .. } if self.state != Some(state) => {
                if let Some(whole) = self.whole(journal)? {
                    self.earlier = Some(whole);
                }
                self.chunks.clear();
                self.sum = None;
                self.state = Some(state);
            }
            Record::Summed { digest, .. } => self.sum = Some(digest),
            Record::Dropped { .. } => self.dropped = true,
            Record::Kept { .. } => {
                self.dropped = false;
                self.kept = true;
            }
            Record::Start(_)
            | Record::Finished { .. }
            | Record::Reopened { .. }
            | Record::Committing
            | Record::Reading { .. } => {}
        }
        Ok(())
    }

    fn end(self, journal: &Journal) -> io::Result<SentOutcome> {
        if self.dropped {
            return Ok(SentOutcome::Dropped);
        }
        let latest = self.whole(journal)?;
        let found = match self.kept {
            true => self.earlier.or(latest),
            false => latest.or(self.earlier),
        };
        Ok(found.unwrap_or(SentOutcome::Unknown))
    }

    /// The version that is read now, if every chunk of it was.
    fn whole(&self, journal: &Journal) -> io::Result<Option<SentOutcome>> {
        let mut parts = Vec::with_capacity(self.chunks.len());
        let mut end = 0;
        for &number in self.chunks.values() {
            let Record::Chunk { chunk, .. } = journal.read(number)? else {
                return Err(io::ErrorKind::InvalidData.into());
            };
            if chunk.offset != end {
                return Ok(None);
            }
            end += u64::from(chunk.length);
            parts.push((chunk.length, chunk.digest));
        }
        let size_bytes = self.state.map_or(end, |state| state.size_bytes);
        if end != size_bytes || parts.is_empty() {
            return Ok(None);
        }
        let mut digest = FileDigest::new(size_bytes);
        for (length, chunk) in &parts {
            digest.push(u64::from(*length), chunk);
        }
        Ok(Some(SentOutcome::File {
            size_bytes,
            digest: digest.finish(),
            sha256: self.sum,
        }))
    }
}

/// Files whose version is remembered; of others it is noted once more.
const STAMPS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const TRANSFER: TransferId = TransferId([5; 16]);

    fn version(size_bytes: u64, seconds: i64) -> EntryVersion {
        EntryVersion {
            size_bytes,
            modified: Timestamp {
                seconds,
                nanoseconds: 0,
            },
            file_number: 1,
        }
    }

    fn chunk(index: u32, length: u32, fill: u8) -> SentChunk {
        SentChunk {
            index,
            offset: u64::from(index) * 10,
            length,
            digest: Digest([fill; 32]),
        }
    }

    fn file(parts: &[(u64, u8)], sha256: Option<Digest>) -> SentOutcome {
        let size_bytes = parts.iter().map(|(length, _)| length).sum();
        let mut digest = FileDigest::new(size_bytes);
        for &(length, fill) in parts {
            digest.push(length, &Digest([fill; 32]));
        }
        SentOutcome::File {
            size_bytes,
            digest: digest.finish(),
            sha256,
        }
    }

    #[test]
    fn what_was_read_before_a_restart_counts_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sent");
        let now = version(15, 1);
        let mut ledger = SentLedger::open(&path, TRANSFER).unwrap();
        ledger.note_chunk(7, &chunk(0, 10, 1), Some(&now)).unwrap();
        assert_eq!(ledger.outcomes(&(7..8)).unwrap(), [SentOutcome::Unknown]);
        drop(ledger);
        let mut ledger = SentLedger::open(&path, TRANSFER).unwrap();
        ledger.note_chunk(7, &chunk(1, 5, 2), Some(&now)).unwrap();
        ledger.note_sum(7, Digest([9; 32])).unwrap();
        ledger.note_dropped(6).unwrap();
        ledger.note_dropped(5).unwrap();
        ledger.note_kept(5).unwrap();
        drop(ledger);
        let ledger = SentLedger::open(&path, TRANSFER).unwrap();
        assert_eq!(
            [5, 6, 7].map(|it| ledger.is_dropped(it)),
            [false, true, false]
        );
        let outcomes = ledger.outcomes(&(6..8)).unwrap();
        let whole = file(&[(10, 1), (5, 2)], Some(Digest([9; 32])));
        assert_eq!(outcomes, [SentOutcome::Dropped, whole]);
    }

    #[test]
    fn a_file_that_changed_counts_in_its_last_whole_version() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = SentLedger::open(&folder.path().join("sent"), TRANSFER).unwrap();
        let (old, new) = (version(20, 1), version(10, 2));
        for index in 0..2 {
            ledger
                .note_chunk(0, &chunk(index, 10, 1), Some(&old))
                .unwrap();
        }
        let before = file(&[(10, 1), (10, 1)], None);
        assert_eq!(ledger.outcomes(&(0..1)).unwrap(), [before]);
        ledger.note_chunk(0, &chunk(0, 10, 2), Some(&new)).unwrap();
        let after = file(&[(10, 2)], None);
        assert_eq!(ledger.outcomes(&(0..1)).unwrap(), [after]);
        ledger.note_kept(0).unwrap();
        assert_eq!(ledger.outcomes(&(0..1)).unwrap(), [before]);
    }

    #[test]
    fn a_stream_is_as_long_as_what_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = SentLedger::open(&folder.path().join("sent"), TRANSFER).unwrap();
        ledger.note_chunk(0, &chunk(0, 10, 1), None).unwrap();
        ledger.note_chunk(0, &chunk(1, 3, 2), None).unwrap();
        assert_eq!(
            ledger.outcomes(&(0..1)).unwrap(),
            [file(&[(10, 1), (3, 2)], None)]
        );
    }
}
