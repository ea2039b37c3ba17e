use std::collections::BTreeMap;
use std::io::Stdout;

use model::{Digest, Entry, EntryKind};
use transfer_proto::{
    ChunkName, FinishEntry, HeldPage, ReceiverInput, ReceiverOutput, SinkFailure, StoreChunk,
    TransferDigest,
};
use vfs::stdout::StdoutSink;

use crate::hashing::chunk_digest;
use crate::transfer::Reporter;

/// One file on its way to standard output: nothing is kept, nothing can be resumed.
pub(super) struct Pipe {
    sink: StdoutSink<Stdout>,
    entry: Option<Entry>,
    waiting: BTreeMap<u32, ChunkName>,
    finished: Option<(u64, Digest)>,
}

impl Pipe {
    pub(super) fn new() -> Self {
        Self {
            sink: StdoutSink::new(std::io::stdout()),
            entry: None,
            waiting: BTreeMap::new(),
            finished: None,
        }
    }

    pub(super) fn path(&self) -> String {
        let path = self.entry.as_ref().map(|entry| entry.path.to_string());
        path.unwrap_or_default()
    }

    pub(super) fn work(
        &mut self,
        output: ReceiverOutput,
        inputs: &mut Vec<ReceiverInput>,
        reporter: &Reporter,
    ) {
        match output {
            ReceiverOutput::StorePage { page, entries, .. } => {
                inputs.push(self.store_page(page, entries));
            }
            ReceiverOutput::CompareChunk(chunk) => inputs.push(ReceiverInput::ChunkCompared {
                name: chunk.name,
                same: false,
            }),
            ReceiverOutput::StoreChunk(chunk) => self.store_chunk(&chunk, inputs),
            ReceiverOutput::FinishEntry(finish) => inputs.push(self.finish(&finish)),
            ReceiverOutput::Commit => inputs.push(self.commit(reporter)),
            ReceiverOutput::ReviseEntry(_)
            | ReceiverOutput::DropEntry { .. }
            | ReceiverOutput::ClosePage { .. }
            | ReceiverOutput::Discard
            | ReceiverOutput::Send(_)
            | ReceiverOutput::Prompt(_)
            | ReceiverOutput::Event(_)
            | ReceiverOutput::Stalled
            | ReceiverOutput::Violation(_)
            | ReceiverOutput::Finished(_) => {}
        }
    }

    fn store_page(&mut self, page: u32, mut entries: Vec<Entry>) -> ReceiverInput {
        let is_one_file = page == 0
            && entries.len() == 1
            && !matches!(entries.first().map(|e| e.kind), Some(EntryKind::Directory));
        if !is_one_file {
            return ReceiverInput::PageRefused { page, entry: 0 };
        }
        self.entry = entries.pop();
        ReceiverInput::PageStored {
            page,
            held: HeldPage::default(),
        }
    }

    fn store_chunk(&mut self, chunk: &StoreChunk, inputs: &mut Vec<ReceiverInput>) {
        let name = chunk.name;
        if chunk_digest(&chunk.data) != chunk.digest {
            inputs.push(ReceiverInput::ChunkCorrupt { name });
            return;
        }
        self.waiting.insert(name.chunk, name);
        match self
            .sink
            .write_chunk(name.chunk, chunk.offset, &chunk.data, &chunk.digest)
        {
            Ok(written) => {
                let names = written
                    .iter()
                    .filter_map(|chunk| self.waiting.remove(chunk));
                inputs.extend(names.map(|name| ReceiverInput::ChunkStored { name }));
            }
            Err(error) => {
                tracing::warn!(%error, "standard output takes no more");
                inputs.push(ReceiverInput::WriteFailed {
                    name,
                    failure: SinkFailure::Unwritable,
                });
            }
        }
    }

    fn finish(&mut self, finish: &FinishEntry) -> ReceiverInput {
        let entry = finish.entry;
        match self.sink.finish(finish.size_bytes) {
            Ok(digest) => {
                self.finished = Some((finish.size_bytes, digest));
                ReceiverInput::EntryFinished { entry }
            }
            Err(error) => {
                tracing::warn!(%error, "standard output takes no more");
                ReceiverInput::FinishFailed {
                    entry,
                    failure: SinkFailure::Unwritable,
                }
            }
        }
    }

    fn commit(&self, reporter: &Reporter) -> ReceiverInput {
        let mut digest = TransferDigest::new();
        if let (Some(entry), Some((size_bytes, file))) = (&self.entry, &self.finished) {
            digest.push(&entry.path, entry.kind, *size_bytes, file);
        }
        let digest = digest.finish();
        match reporter.keep_completed(digest) {
            Ok(()) => ReceiverInput::Committed { digest },
            Err(error) => {
                tracing::warn!(%error, "the end could not be noted");
                ReceiverInput::CommitFailed {
                    failure: SinkFailure::Unwritable,
                }
            }
        }
    }
}
