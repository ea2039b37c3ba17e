use std::collections::BTreeMap;
use std::io::{self, Stdout, Write};

use hashing::{PlainSum, chunk_digest};
use model::{Digest, Entry, EntryKind};
use transfer_proto::{
    ChunkName, FinishEntry, HeldPage, ListedFile, ReceiptLine, ReceiverInput, ReceiverOutput,
    SinkFailure, StoreChunk,
};
use vfs::stdout::StdoutSink;

use super::{Context, listing};
use crate::receipts::{ListWriter, Listed};
use crate::transfer::TransferReport;

/// Standard output, summed up on the way.
struct Summed {
    stdout: Stdout,
    plain: Option<PlainSum>,
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stdout.write(bytes)?;
        if let Some(plain) = &mut self.plain {
            plain.update(&bytes[..written]);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }
}

/// One file on its way to standard output: nothing is kept, nothing can be resumed.
pub(super) struct Pipe {
    sink: StdoutSink<Summed>,
    entry: Option<Entry>,
    waiting: BTreeMap<u32, ChunkName>,
    finished: Option<(u64, Digest)>,
}

impl Pipe {
    pub(super) fn new() -> Self {
        Self {
            sink: StdoutSink::new(Summed {
                stdout: std::io::stdout(),
                plain: None,
            }),
            entry: None,
            waiting: BTreeMap::new(),
            finished: None,
        }
    }

    /// Takes the plain SHA-256 of what is written from now on.
    pub(super) fn take_sums(&mut self) {
        let plain = &mut self.sink.writer_mut().plain;
        plain.get_or_insert_default();
    }

    pub(super) fn path(&self) -> String {
        let path = self.entry.as_ref().map(|entry| entry.path.to_string());
        path.unwrap_or_default()
    }

    pub(super) fn work(
        &mut self,
        output: ReceiverOutput,
        inputs: &mut Vec<ReceiverInput>,
        context: &Context,
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
            ReceiverOutput::Commit => inputs.push(self.commit(context)),
            ReceiverOutput::ReviseEntry(_)
            | ReceiverOutput::DropEntry { .. }
            | ReceiverOutput::ClosePage { .. }
            | ReceiverOutput::Discard
            | ReceiverOutput::Send(_)
            | ReceiverOutput::Prompt(_)
            | ReceiverOutput::Event(_)
            | ReceiverOutput::LeftOut(_)
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

    fn commit(&mut self, context: &Context) -> ReceiverInput {
        let listed = self.list(context).map_err(std::io::Error::other);
        let kept = listed.and_then(|listed| {
            let digest = listed.contents.digest;
            context
                .reporter
                .tell_blocking(TransferReport::Listed(listed));
            context.reporter.keep_completed(digest).map(|()| digest)
        });
        match kept {
            Ok(digest) => ReceiverInput::Committed { digest },
            Err(error) => super::commit_failed(&error),
        }
    }

    fn list(&mut self, context: &Context) -> Result<Listed, vfs::records::RecordsError> {
        let mut writer = ListWriter::create(&context.list.path)?;
        if let (Some(entry), Some((size_bytes, digest))) = (&self.entry, self.finished) {
            let sum = self.sink.writer_mut().plain.clone().map(PlainSum::finish);
            let file = ListedFile {
                size_bytes,
                digest,
                sha256: sum.filter(|_| context.list.checksums),
            };
            writer.push(&ReceiptLine {
                path: entry.path.clone(),
                content: listing::content(entry.kind, file),
            })?;
        }
        writer.finish(1)
    }
}
