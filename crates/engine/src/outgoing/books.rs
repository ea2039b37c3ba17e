use std::collections::BTreeMap;
use std::path::Path;

use hashing::PlainSum;
use model::{Digest, Entry, EntryKind, EntryVersion, FileDigest, TransferId};
use transfer_proto::{ListedFile, ReadChunk, ReceiptContent, ReceiptLine};
use vfs::ledger::{SentChunk, SentLedger, SentOutcome};
use vfs::manifest::ManifestFile;

use super::reader::{ListNames, ReadSource};
use crate::receipts::{ListError, ListWriter, Listed, whole_file};

/// What a sender writes down while it reads, to know afterwards what it sent.
pub(super) struct Books {
    /// `None` once it could not be written: files are read again for the list then.
    ledger: Option<SentLedger>,
    /// Plain sums of the files that are being read, in order so far.
    sums: Option<BTreeMap<u32, Sum>>,
}

/// A chunk that was just read.
pub(super) struct Taken<'a> {
    pub(super) chunk: &'a ReadChunk,
    pub(super) data: &'a [u8],
    pub(super) digest: Digest,
    /// `None` for a stream.
    pub(super) version: Option<EntryVersion>,
}

struct Sum {
    end: u64,
    version: Option<EntryVersion>,
    plain: PlainSum,
}

impl Books {
    /// Opens the books in a transfer's spool.
    pub(super) fn open(spool: &Path, transfer: TransferId) -> Self {
        let ledger = SentLedger::open(&spool.join(LEDGER_FILE), transfer);
        if let Err(error) = &ledger {
            tracing::warn!(%error, "what is sent cannot be written down");
        }
        Self {
            ledger: ledger.ok(),
            sums: None,
        }
    }

    /// Takes the plain SHA-256 of every file from now on.
    pub(super) fn take_sums(&mut self) {
        self.sums.get_or_insert_default();
    }

    pub(super) fn note(&mut self, taken: &Taken<'_>) {
        let chunk = SentChunk {
            index: taken.chunk.chunk,
            offset: taken.chunk.offset,
            length: u32::try_from(taken.data.len()).unwrap_or(u32::MAX),
            digest: taken.digest,
        };
        let entry = taken.chunk.entry;
        let version = taken.version.as_ref();
        self.write(|ledger| ledger.note_chunk(entry, &chunk, version));
        if let Some(sum) = self.sum(taken) {
            self.write(|ledger| ledger.note_sum(entry, sum));
        }
    }

    /// A stream is over.
    pub(super) fn note_end(&mut self, entry: u32) {
        let sum = self.sums.as_mut().and_then(|sums| sums.remove(&entry));
        if let Some(sum) = sum {
            self.write(|ledger| ledger.note_sum(entry, sum.plain.finish()));
        }
    }

    pub(super) fn note_dropped(&mut self, entry: u32) {
        self.write(|ledger| ledger.note_dropped(entry));
    }

    pub(super) fn note_kept(&mut self, entry: u32) {
        self.write(|ledger| ledger.note_kept(entry));
    }

    /// Whether an entry was given up, also in an earlier run.
    pub(super) fn is_dropped(&self, entry: u32) -> bool {
        let ledger = self.ledger.as_ref();
        ledger.is_some_and(|ledger| ledger.is_dropped(entry))
    }

    /// Writes the list of everything that was sent.
    pub(super) fn list(
        &self,
        (path, names): (&Path, ListNames),
        manifest: &ManifestFile,
        source: &mut ReadSource,
    ) -> Result<Listed, ListError> {
        let mut writer = ListWriter::create(path)?;
        for page in 0..manifest.pages() {
            let entries = manifest
                .page(page)
                .map_err(|error| ListError::Unreadable(error.to_string()))?;
            let first = manifest.first_entry(page).unwrap_or(0);
            let end = first.saturating_add(u32::try_from(entries.len()).unwrap_or(u32::MAX));
            let outcomes = self.outcomes(&(first..end))?;
            for (entry, outcome) in entries.into_iter().zip(outcomes) {
                if let Some(content) = self.content(&entry, outcome, source)? {
                    let path = match names {
                        ListNames::AsSent => entry.path,
                        ListNames::AsOnWindows => vfs::sink::windows_path(&entry.path),
                    };
                    writer.push(&ReceiptLine { path, content })?;
                }
            }
        }
        Ok(writer.finish(manifest.entries())?)
    }

    fn outcomes(&self, entries: &std::ops::Range<u32>) -> Result<Vec<SentOutcome>, ListError> {
        match &self.ledger {
            Some(ledger) => ledger
                .outcomes(entries)
                .map_err(|error| ListError::Unreadable(error.to_string())),
            None => Ok(entries.clone().map(|_| SentOutcome::Unknown).collect()),
        }
    }

    fn content(
        &self,
        entry: &Entry,
        outcome: SentOutcome,
        source: &mut ReadSource,
    ) -> Result<Option<ReceiptContent>, ListError> {
        if entry.kind == EntryKind::Directory {
            return Ok(Some(ReceiptContent::Folder));
        }
        let file = match outcome {
            SentOutcome::Dropped => return Ok(None),
            SentOutcome::Unknown if entry.kind != EntryKind::Stream && entry.size_bytes() == 0 => {
                empty()
            }
            SentOutcome::Unknown => read_again(entry, source)?,
            SentOutcome::File {
                size_bytes,
                digest,
                sha256,
            } => ListedFile {
                size_bytes,
                digest,
                sha256,
            },
        };
        let file = self.with_sum(file, entry, source);
        Ok(Some(match entry.kind {
            EntryKind::Stream => ReceiptContent::Stream(file),
            EntryKind::File { .. } | EntryKind::Directory => ReceiptContent::File(file),
        }))
    }

    /// Reads a file again if its sum is wanted and was not taken, as after a restart.
    fn with_sum(&self, file: ListedFile, entry: &Entry, source: &mut ReadSource) -> ListedFile {
        if self.sums.is_none() {
            return ListedFile {
                sha256: None,
                ..file
            };
        }
        if file.sha256.is_some() {
            return file;
        }
        match read_again(entry, source) {
            Ok(again) if again.digest == file.digest => again,
            Ok(_) | Err(_) => file,
        }
    }

    fn sum(&mut self, taken: &Taken<'_>) -> Option<Digest> {
        let sums = self.sums.as_mut()?;
        let entry = taken.chunk.entry;
        if taken.chunk.offset == 0 {
            while sums.len() >= SUMS {
                sums.pop_first();
            }
            let sum = Sum {
                end: 0,
                version: taken.version,
                plain: PlainSum::default(),
            };
            sums.insert(entry, sum);
        }
        let sum = sums.get_mut(&entry)?;
        if sum.version != taken.version || sum.end != taken.chunk.offset {
            // Read once more, or not in order: the list reads the file again if it must.
            return None;
        }
        sum.plain.update(taken.data);
        sum.end += taken.data.len() as u64;
        let is_whole = taken
            .version
            .is_some_and(|version| version.size_bytes == sum.end);
        if !is_whole {
            return None;
        }
        sums.remove(&entry).map(|sum| sum.plain.finish())
    }

    fn write(&mut self, note: impl FnOnce(&mut SentLedger) -> std::io::Result<()>) {
        if let Some(ledger) = &mut self.ledger
            && let Err(error) = note(ledger)
        {
            tracing::warn!(%error, "what is sent cannot be written down any more");
            self.ledger = None;
        }
    }
}

fn empty() -> ListedFile {
    ListedFile {
        size_bytes: 0,
        digest: FileDigest::new(0).finish(),
        sha256: Some(Digest::of(&[])),
    }
}

fn read_again(entry: &Entry, source: &mut ReadSource) -> Result<ListedFile, ListError> {
    let ReadSource::Files(source) = source else {
        return Err(ListError::Unknown);
    };
    source.close_entry(&entry.path);
    let opened = source.open_entry(&entry.path);
    let whole = opened.and_then(|file| whole_file(&file));
    let whole = whole.map_err(|error| ListError::Unreadable(error.to_string()))?;
    Ok(ListedFile {
        size_bytes: whole.size_bytes,
        digest: whole.digest,
        sha256: Some(whole.sha256),
    })
}

/// Its name in the spool.
const LEDGER_FILE: &str = "sent";
/// Files whose sums are taken at once: the reader has a few of them open.
const SUMS: usize = 64;
