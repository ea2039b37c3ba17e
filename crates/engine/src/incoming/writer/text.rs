use hashing::chunk_digest;
use model::limits::TEXT_BYTES;
use model::{Digest, Entry, EntryKind, FileDigest};
use transfer_proto::{
    FinishEntry, HeldPage, ListedFile, ReceiptContent, ReceiptLine, ReceiverInput, ReceiverOutput,
    StoreChunk,
};

use super::Context;
use crate::receipts::{ListWriter, Listed};
use crate::transfer::TransferReport;

/// A text on its way to whoever shows it: it is held in memory and touches no disk.
#[derive(Default)]
pub(super) struct Text {
    entry: Option<Entry>,
    text: String,
    digest: Option<Digest>,
}

impl Text {
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
            ReceiverOutput::StoreChunk(chunk) => inputs.push(self.store_chunk(&chunk)),
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
            && matches!(
                entries.as_slice(),
                [Entry {
                    kind: EntryKind::File { .. },
                    ..
                }]
            );
        if !is_one_file {
            return ReceiverInput::PageRefused { page, entry: 0 };
        }
        self.entry = entries.pop();
        ReceiverInput::PageStored {
            page,
            held: HeldPage::default(),
        }
    }

    /// A text is one chunk, so what is no text is seen at once.
    fn store_chunk(&mut self, chunk: &StoreChunk) -> ReceiverInput {
        let name = chunk.name;
        if chunk_digest(&chunk.data) != chunk.digest {
            return ReceiverInput::ChunkCorrupt { name };
        }
        let text = std::str::from_utf8(&chunk.data).ok();
        let Some(text) = text.filter(|text| text.len() <= TEXT_BYTES && chunk.offset == 0) else {
            tracing::warn!("what was announced as a text is none");
            return ReceiverInput::TextRefused;
        };
        text.clone_into(&mut self.text);
        self.digest = Some(chunk.digest);
        ReceiverInput::ChunkStored { name }
    }

    fn finish(&mut self, finish: &FinishEntry) -> ReceiverInput {
        let entry = finish.entry;
        if finish.size_bytes == self.text.len() as u64 {
            ReceiverInput::EntryFinished { entry }
        } else {
            ReceiverInput::TextRefused
        }
    }

    /// Shown first: a text that nobody saw must not count as received.
    fn commit(&self, context: &Context) -> ReceiverInput {
        let reporter = &context.reporter;
        let kept = self.list(context).map_err(std::io::Error::other);
        let kept = kept.and_then(|listed| {
            let digest = listed.contents.digest;
            reporter.tell_blocking(TransferReport::Listed(listed));
            reporter.tell_blocking(TransferReport::Text(self.text.clone()));
            reporter.keep_completed(digest).map(|()| digest)
        });
        match kept {
            Ok(digest) => ReceiverInput::Committed { digest },
            Err(error) => super::commit_failed(&error),
        }
    }

    fn list(&self, context: &Context) -> Result<Listed, vfs::records::RecordsError> {
        let size_bytes = self.text.len() as u64;
        let mut digest = FileDigest::new(size_bytes);
        if let Some(chunk) = &self.digest {
            digest.push(size_bytes, chunk);
        }
        let file = ListedFile {
            size_bytes,
            digest: digest.finish(),
            sha256: context
                .list
                .checksums
                .then(|| Digest::of(self.text.as_bytes())),
        };
        let mut writer = ListWriter::create(&context.list.path)?;
        if let Some(entry) = &self.entry {
            writer.push(&ReceiptLine {
                path: entry.path.clone(),
                content: ReceiptContent::File(file),
            })?;
        }
        writer.finish(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Name, RelPath};
    use transfer_proto::ChunkName;

    fn entry(kind: EntryKind) -> Entry {
        Entry {
            path: RelPath::of_name(Name::parse("text.txt").unwrap()),
            kind,
            modified: None,
        }
    }

    fn file(size_bytes: u64) -> Entry {
        entry(EntryKind::File {
            size_bytes,
            executable: false,
        })
    }

    fn chunk(data: &[u8], offset: u64) -> StoreChunk {
        StoreChunk {
            name: ChunkName {
                entry: 0,
                version: 0,
                chunk: 0,
            },
            offset,
            data: data.to_vec().into(),
            digest: chunk_digest(data),
        }
    }

    #[test]
    fn a_text_is_one_file_and_nothing_else() {
        for entries in [
            vec![],
            vec![entry(EntryKind::Directory)],
            vec![entry(EntryKind::Stream)],
            vec![file(1), file(1)],
        ] {
            let answer = Text::default().store_page(0, entries);
            assert!(matches!(answer, ReceiverInput::PageRefused { .. }));
        }
        let answer = Text::default().store_page(1, vec![file(1)]);
        assert!(matches!(answer, ReceiverInput::PageRefused { .. }));
        let answer = Text::default().store_page(0, vec![file(1)]);
        assert!(matches!(answer, ReceiverInput::PageStored { .. }));
    }

    #[test]
    fn what_is_no_text_is_refused_and_what_is_damaged_is_asked_for_again() {
        let too_long = vec![b'x'; TEXT_BYTES + 1];
        for (data, offset) in [(&b"\xFF\xFE"[..], 0), (&too_long, 0), (b"late", 1)] {
            let answer = Text::default().store_chunk(&chunk(data, offset));
            assert!(matches!(answer, ReceiverInput::TextRefused));
        }
        let mut damaged = chunk(b"word", 0);
        damaged.data = b"sword".to_vec().into();
        let answer = Text::default().store_chunk(&damaged);
        assert!(matches!(answer, ReceiverInput::ChunkCorrupt { .. }));
        let longest = vec![b'x'; TEXT_BYTES];
        let answer = Text::default().store_chunk(&chunk(&longest, 0));
        assert!(matches!(answer, ReceiverInput::ChunkStored { .. }));
    }

    #[test]
    fn a_text_that_is_shorter_than_it_said_is_refused() {
        let mut text = Text::default();
        text.store_chunk(&chunk(b"word", 0));
        let finish = |size_bytes| FinishEntry {
            entry: 0,
            version: 0,
            size_bytes,
            modified: None,
            executable: false,
        };
        let answer = text.finish(&finish(5));
        assert!(matches!(answer, ReceiverInput::TextRefused));
        let answer = text.finish(&finish(4));
        assert!(matches!(answer, ReceiverInput::EntryFinished { .. }));
    }
}
