//! The receiver's disk.

use std::collections::{BTreeMap, BTreeSet};

use model::{ChunkSet, Digest, Entry, EntryKind, FileDigest, chunk_count, chunk_span};
use transfer_proto::*;

use crate::world::World;

/// What survives a restart of the receiver.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    pub(crate) accepted: bool,
    pub(crate) pages: BTreeMap<u32, (u32, Vec<Entry>)>,
    pub(crate) chunks: BTreeMap<(u32, u32), Vec<u8>>,
    pub(crate) revised: BTreeSet<u32>,
    pub(crate) finished: BTreeMap<u32, Vec<u8>>,
    pub(crate) dropped: BTreeSet<u32>,
    pub(crate) is_full: bool,
    /// Whether versions are not kept, so that everything held is of an uncertain one.
    pub(crate) is_forgetful: bool,
    pub(crate) commits: u32,
    pub(crate) completion: Option<Completion>,
    pub(crate) discarded: bool,
}

impl World {
    /// The complete pages are told only sometimes, as a driver may leave them out.
    pub(crate) fn resume_state(&mut self) -> ResumeState {
        let tells = self.chance.one_in(2);
        let disk = &self.disk;
        let complete = disk.pages.iter().filter_map(|(page, (first, entries))| {
            let mut done = CompletePage {
                page: *page,
                entries: u32::try_from(entries.len()).unwrap(),
                bytes: 0,
                files: 0,
                skipped: 0,
            };
            for (index, entry) in (*first..).zip(entries) {
                match disk.finished.get(&index) {
                    Some(content) => {
                        done.bytes += content.len() as u64;
                        done.files += u32::from(entry.kind != EntryKind::Directory);
                    }
                    None if disk.dropped.contains(&index) => done.skipped += 1,
                    None => return None,
                }
            }
            Some(done)
        });
        ResumeState {
            summary: self.summary.clone(),
            pages: self.pages(),
            complete_pages: if tells {
                complete.collect()
            } else {
                Vec::new()
            },
        }
    }

    pub(crate) fn do_job(&mut self, job: ReceiverOutput) -> Option<ReceiverInput> {
        let failure = SinkFailure::DiskFull;
        let is_full = self.disk.is_full;
        Some(match job {
            ReceiverOutput::Prompt(summary) => {
                assert!(summary == self.summary || self.network.is_hostile);
                self.disk.accepted = true;
                ReceiverInput::Accept
            }
            ReceiverOutput::StorePage { page, .. } if is_full => {
                ReceiverInput::PageFailed { page, failure }
            }
            ReceiverOutput::StorePage {
                page,
                first_entry,
                entries,
            } => {
                let told = (first_entry, entries);
                let known = self.disk.pages.entry(page).or_insert(told.clone());
                if *known != told {
                    assert!(self.network.is_hostile, "a page is told the same twice");
                    let entry = first_entry;
                    return Some(ReceiverInput::PageRefused { page, entry });
                }
                let held = self.held(page);
                ReceiverInput::PageStored { page, held }
            }
            ReceiverOutput::ReviseEntry(revision) => {
                self.disk.revised.insert(revision.entry);
                return None;
            }
            ReceiverOutput::CompareChunk(digest) => {
                let name = digest.name;
                let stored = self.disk.chunks.get(&(name.entry, name.chunk));
                ReceiverInput::ChunkCompared {
                    name,
                    same: stored.is_some_and(|stored| Digest::of(stored) == digest.digest),
                }
            }
            ReceiverOutput::StoreChunk(store) => self.store(store),
            ReceiverOutput::FinishEntry(finish) if is_full => ReceiverInput::FinishFailed {
                entry: finish.entry,
                failure,
            },
            ReceiverOutput::FinishEntry(finish) => self.finish(&finish),
            ReceiverOutput::DropEntry { entry } => {
                assert!(self.disk.dropped.insert(entry) || self.disk.accepted);
                self.disk.chunks.retain(|(owner, _), _| *owner != entry);
                return None;
            }
            ReceiverOutput::Commit if is_full => ReceiverInput::CommitFailed { failure },
            ReceiverOutput::Commit => {
                self.disk.commits += 1;
                let digest = self.transfer_digest();
                self.disk.completion = Some(Completion {
                    digest,
                    skipped: self.receiver.entries_skipped(),
                });
                ReceiverInput::Committed { digest }
            }
            other @ (ReceiverOutput::Send(_)
            | ReceiverOutput::ClosePage { .. }
            | ReceiverOutput::Discard
            | ReceiverOutput::Event(_)
            | ReceiverOutput::LeftOut(_)
            | ReceiverOutput::Stalled
            | ReceiverOutput::Violation(_)
            | ReceiverOutput::Finished(_)) => panic!("{other:?} is no job"),
        })
    }

    fn store(&mut self, store: StoreChunk) -> ReceiverInput {
        let name = store.name;
        let key = (name.entry, name.chunk);
        let twin = |job: &ReceiverOutput| matches!(job, ReceiverOutput::StoreChunk(other) if (other.name.entry, other.name.chunk) == key);
        assert!(
            !self.receiver_jobs.iter().any(twin),
            "never two writes of one place"
        );
        if self.disk.is_full {
            let failure = SinkFailure::DiskFull;
            return ReceiverInput::WriteFailed { name, failure };
        }
        if Digest::of(&store.data) != store.digest {
            return ReceiverInput::ChunkCorrupt { name };
        }
        assert_eq!(store.offset, u64::from(name.chunk) * (1 << 20));
        self.disk.chunks.insert(key, store.data.to_vec());
        ReceiverInput::ChunkStored { name }
    }

    fn finish(&mut self, finish: &FinishEntry) -> ReceiverInput {
        let entry = finish.entry;
        let mut content = Vec::new();
        for chunk in 0..chunk_count(finish.size_bytes) {
            let chunk = u32::try_from(chunk).unwrap();
            let stored = &self.disk.chunks[&(entry, chunk)];
            let length = chunk_span(finish.size_bytes, u64::from(chunk)).unwrap().1;
            if stored.len() != length as usize {
                assert!(self.network.is_hostile, "chunks tile the file");
                let failure = SinkFailure::Unwritable;
                return ReceiverInput::FinishFailed { entry, failure };
            }
            content.extend_from_slice(stored);
        }
        self.disk.chunks.retain(|(owner, _), _| *owner != entry);
        let before = self.disk.finished.insert(entry, content);
        assert!(
            before.is_none() || before.as_deref() == Some(&[]),
            "an entry is finished once"
        );
        ReceiverInput::EntryFinished { entry }
    }

    fn held(&self, page: u32) -> HeldPage {
        let (first, entries) = &self.disk.pages[&page];
        let mut held = HeldPage::default();
        for (index, entry) in (*first..).zip(entries) {
            if self.disk.finished.contains_key(&index) {
                held.finished.insert(u64::from(index));
            } else if self.disk.dropped.contains(&index) {
                held.dropped.insert(u64::from(index));
            } else {
                let mut chunks = ChunkSet::new();
                let stored = self.disk.chunks.range((index, 0)..=(index, u32::MAX));
                stored.for_each(|((_, chunk), _)| {
                    chunks.insert(u64::from(*chunk));
                });
                if !chunks.is_empty() {
                    held.partial.push(HeldEntry {
                        revision: EntryRevision {
                            entry: index,
                            version: 0,
                            size_bytes: entry.size_bytes(),
                            modified: entry.modified,
                        },
                        chunks,
                        mixed: self.disk.is_forgetful || self.disk.revised.contains(&index),
                    });
                }
            }
        }
        held
    }

    fn transfer_digest(&self) -> Digest {
        let mut digest = TransferDigest::new();
        for (first, entries) in self.disk.pages.values() {
            for (index, entry) in (*first..).zip(entries) {
                let Some(content) = self.disk.finished.get(&index) else {
                    continue;
                };
                let mut file = FileDigest::new(content.len() as u64);
                for chunk in content.chunks(1 << 20) {
                    file.push(chunk.len() as u64, &Digest::of(chunk));
                }
                digest.push(
                    &entry.path,
                    entry.kind,
                    content.len() as u64,
                    &file.finish(),
                );
            }
        }
        digest.finish()
    }

    /// Checks what is on the receiver's disk against the sources.
    pub(crate) fn check_result(&self) {
        assert_eq!(self.tally.violations, Vec::<String>::new());
        assert_eq!(self.disk.commits, 1, "committed exactly once");
        let Some(SenderOutcome::Completed(completion)) = self.tally.outcome else {
            panic!("the sender ended with {:?}", self.tally.outcome);
        };
        assert_eq!(Some(completion), self.disk.completion);
        for (index, source) in (0..).zip(&self.sources) {
            let Some(content) = self.disk.finished.get(&index) else {
                assert!(
                    self.disk.dropped.contains(&index),
                    "entry {index} is missing"
                );
                continue;
            };
            let is_version = source.history.contains(content);
            assert!(is_version, "entry {index} is one version, not a mixture");
        }
    }
}
