use std::path::PathBuf;

use api::EntryState;
use bytes::Bytes;
use hashing::chunk_digest;
use model::{EntryVersion, Timestamp};
use tokio::sync::{mpsc, oneshot};
use transfer_proto::{EntryStanding, ReadChunk, SenderInput, SourceFailure};
use vfs::failpoint::{self, Point};
use vfs::manifest::ManifestFile;
use vfs::source::{ReadFailure, Source};
use vfs::stream::RereadStream;

use super::books::{Books, Taken};
use crate::entries::{self, EntriesQuery};
use crate::receipts::{ListError, Listed};

/// The thread that reads and hashes for one transfer; it owns the manifest and the sources.
#[derive(Debug)]
pub(super) struct Reader {
    jobs: mpsc::Sender<ReadJob>,
}

#[derive(Debug)]
pub(super) enum ReadJob {
    Page(u32),
    Chunk(ReadChunk),
    /// Take the plain SHA-256 of every file from now on.
    TakeSums,
    /// An entry is given up.
    NoteDropped(u32),
    /// The receiver had an entry already.
    NoteKept(u32),
    /// Write the list of everything that was sent.
    List {
        path: PathBuf,
        names: ListNames,
        listed: oneshot::Sender<Result<Listed, ListError>>,
    },
    PathOf {
        entry: u32,
        path: oneshot::Sender<String>,
    },
    /// Tell a part of what is sent.
    Entries {
        query: EntriesQuery,
        /// How far each of them is, as the machine knows.
        standings: Vec<EntryStanding>,
    },
}

/// Under which names a list has what was sent: those that it has at the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListNames {
    AsSent,
    /// A receiver that cannot hold every name gave some of them another one, always the same.
    AsOnWindows,
}

/// Where bytes come from.
pub(super) enum ReadSource {
    Files(Source),
    Stream(RereadStream<std::io::Stdin>),
    Text(Bytes),
}

impl Reader {
    /// Starts the thread; it ends when the reader is dropped.
    pub(super) fn start(
        source: ReadSource,
        manifest: ManifestFile,
        books: Books,
    ) -> (Self, mpsc::Receiver<SenderInput>) {
        let (jobs, queue) = mpsc::channel(JOBS);
        let (results, done) = mpsc::channel(RESULTS);
        let work = Work {
            source,
            manifest,
            books,
        };
        tokio::task::spawn_blocking(move || work.run(queue, &results));
        (Self { jobs }, done)
    }

    /// Asks for something; the answer comes as an input of the machine.
    pub(super) async fn ask(&self, job: ReadJob) {
        // The thread ends only with this reader.
        self.jobs.send(job).await.ok();
    }

    /// Writes the list of everything that was sent to `path`.
    pub(super) async fn list(&self, path: PathBuf, names: ListNames) -> Result<Listed, ListError> {
        let (listed, answer) = oneshot::channel();
        let job = ReadJob::List {
            path,
            names,
            listed,
        };
        self.ask(job).await;
        answer.await.unwrap_or(Err(ListError::Unknown))
    }

    /// The path of an entry, escaped for people.
    pub(super) async fn path_of(&self, entry: u32) -> String {
        let (path, answer) = oneshot::channel();
        self.ask(ReadJob::PathOf { entry, path }).await;
        answer.await.unwrap_or_default()
    }
}

struct Work {
    source: ReadSource,
    manifest: ManifestFile,
    books: Books,
}

impl Work {
    fn run(mut self, mut queue: mpsc::Receiver<ReadJob>, results: &mpsc::Sender<SenderInput>) {
        while let Some(job) = queue.blocking_recv() {
            let result = match job {
                ReadJob::Page(page) => Some(self.page(page)),
                ReadJob::Chunk(chunk) => self.chunk(&chunk),
                ReadJob::TakeSums => {
                    self.books.take_sums();
                    None
                }
                ReadJob::NoteDropped(entry) => {
                    self.books.note_dropped(entry);
                    None
                }
                ReadJob::NoteKept(entry) => {
                    self.books.note_kept(entry);
                    None
                }
                ReadJob::List {
                    path,
                    names,
                    listed,
                } => {
                    let to = (path.as_path(), names);
                    let list = self.books.list(to, &self.manifest, &mut self.source);
                    listed.send(list).ok();
                    None
                }
                ReadJob::Entries { query, standings } => {
                    self.tell_entries(query, &standings);
                    None
                }
                ReadJob::PathOf { entry, path } => {
                    // Whoever asked may be gone.
                    path.send(self.path_of(entry)).ok();
                    None
                }
            };
            if let Some(result) = result
                && results.blocking_send(result).is_err()
            {
                return;
            }
        }
    }

    fn page(&self, page: u32) -> SenderInput {
        match self.manifest.page(page) {
            Ok(entries) => SenderInput::PageRead { page, entries },
            Err(error) => {
                tracing::warn!(%error, "a page of the manifest cannot be read");
                SenderInput::PageLost { page }
            }
        }
    }

    fn path_of(&self, entry: u32) -> String {
        let found = self.manifest.entry(entry);
        found
            .map(|entry| entry.path.to_string())
            .unwrap_or_default()
    }

    fn tell_entries(&self, query: EntriesQuery, standings: &[EntryStanding]) {
        match self.manifest.entries_in(query.range()) {
            Ok(found) => {
                let known = query.range().clone().zip(standings).zip(&found);
                let views = known.map(|((index, standing), entry)| {
                    let state = match self.books.is_dropped(index) {
                        true => EntryState::LeftOut,
                        false => entry_state(*standing),
                    };
                    entries::view(entry, state)
                });
                let views: Vec<_> = views.collect();
                query.answer(views);
            }
            Err(error) => tracing::warn!(%error, "what is sent cannot be listed"),
        }
    }

    fn chunk(&mut self, chunk: &ReadChunk) -> Option<SenderInput> {
        failpoint::pass(Point::Read);
        let read = match &mut self.source {
            ReadSource::Files(source) => Some(file_chunk(source, chunk)),
            ReadSource::Stream(stream) => stream_chunk(stream, chunk),
            ReadSource::Text(text) => Some(text_chunk(text, chunk)),
        };
        self.write_down(chunk, read.as_ref());
        read
    }

    /// Before a chunk goes out: what was sent is known even if this process is killed then.
    fn write_down(&mut self, chunk: &ReadChunk, read: Option<&SenderInput>) {
        if let Some(SenderInput::ChunkRead {
            data,
            digest,
            version,
            ..
        }) = read
        {
            let is_stream = matches!(self.source, ReadSource::Stream(_));
            self.books.note(&Taken {
                chunk,
                data,
                digest: *digest,
                version: (!is_stream).then_some(*version),
            });
        }
        if let Some(SenderInput::StreamEnded { entry, .. }) = read {
            self.books.note_end(*entry);
        }
    }
}

fn entry_state(standing: EntryStanding) -> EntryState {
    match standing {
        EntryStanding::Waiting => EntryState::Waiting,
        EntryStanding::Moving => EntryState::Moving,
        EntryStanding::Done => EntryState::Done,
        EntryStanding::LeftOut => EntryState::LeftOut,
    }
}

fn file_chunk(source: &mut Source, chunk: &ReadChunk) -> SenderInput {
    let ticket = chunk.ticket;
    let opened = source.open_entry(&chunk.path);
    let file = match opened {
        Ok(file) => file,
        Err(failure) => return failed(ticket, &failure),
    };
    match file.read_chunk(chunk.offset, chunk.length) {
        Ok(read) => {
            let complete = u32::try_from(read.bytes.len()).is_ok_and(|read| read == chunk.length);
            if read.before != read.after || (!complete && chunk.expected == Some(read.after)) {
                let version = read.after;
                return SenderInput::SourceChanged { ticket, version };
            }
            chunk_read(ticket, read.bytes.into(), read.after)
        }
        Err(ReadFailure::Truncated) => match file.version() {
            Ok(version) => SenderInput::SourceChanged { ticket, version },
            Err(failure) => failed(ticket, &failure),
        },
        Err(failure) => failed(ticket, &failure),
    }
}

fn text_chunk(text: &Bytes, chunk: &ReadChunk) -> SenderInput {
    let start = usize::try_from(chunk.offset).unwrap_or(usize::MAX);
    let rest = text.slice(start.min(text.len())..);
    let length = usize::try_from(chunk.length).unwrap_or(usize::MAX);
    let version = EntryVersion {
        size_bytes: text.len() as u64,
        ..STREAM_VERSION
    };
    chunk_read(chunk.ticket, rest.slice(..length.min(rest.len())), version)
}

fn stream_chunk(
    stream: &mut RereadStream<std::io::Stdin>,
    chunk: &ReadChunk,
) -> Option<SenderInput> {
    match stream.read_chunk(chunk.chunk.into()) {
        Ok(bytes) if bytes.is_empty() => Some(SenderInput::StreamEnded {
            entry: chunk.entry,
            size_bytes: stream.size_bytes(),
        }),
        Ok(bytes) => Some(chunk_read(chunk.ticket, bytes.into(), STREAM_VERSION)),
        Err(error) => {
            tracing::warn!(%error, "standard input cannot be read");
            Some(SenderInput::ReadFailed {
                ticket: chunk.ticket,
                failure: SourceFailure::Unreadable,
            })
        }
    }
}

fn chunk_read(ticket: u64, data: Bytes, version: EntryVersion) -> SenderInput {
    let digest = chunk_digest(&data);
    SenderInput::ChunkRead {
        ticket,
        data,
        digest,
        version,
    }
}

fn failed(ticket: u64, failure: &ReadFailure) -> SenderInput {
    let failure = match failure {
        ReadFailure::Gone => SourceFailure::Vanished,
        ReadFailure::BecameFolder | ReadFailure::NotAFile => SourceFailure::NotAFile,
        ReadFailure::Unreadable | ReadFailure::Truncated | ReadFailure::Io(_) => {
            SourceFailure::Unreadable
        }
    };
    SenderInput::ReadFailed { ticket, failure }
}

/// A stream has one version only.
const STREAM_VERSION: EntryVersion = EntryVersion {
    size_bytes: 0,
    modified: Timestamp {
        seconds: 0,
        nanoseconds: 0,
    },
    file_number: 0,
};
/// Reads asked for and not begun: more than the machine ever asks, so that asking never waits.
const JOBS: usize = 16_384;
/// Results the transfer has not taken yet: more than it ever asks for, so that nobody waits for the other.
const RESULTS: usize = 16_384;
