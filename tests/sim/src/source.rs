use bytes::Bytes;
use model::{EntryVersion, Timestamp};
use testkit::{Seed, content};
use transfer_proto::{ReadChunk, SourceFailure};

/// A file of a sending device, with every version it ever had.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    versions: Vec<SourceVersion>,
    gone: bool,
    pub(crate) kind: SourceKind,
}

/// What kind of source it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceKind {
    File,
    Stream,
}

#[derive(Debug, Clone)]
struct SourceVersion {
    bytes: Bytes,
    stat: EntryVersion,
}

/// What reading a chunk brings.
#[derive(Debug)]
pub(crate) enum Reading {
    Chunk {
        data: Bytes,
        version: EntryVersion,
    },
    Changed {
        version: EntryVersion,
    },
    Failed(SourceFailure),
    Ended {
        size_bytes: u64,
        rest: Option<(Bytes, EntryVersion)>,
    },
}

impl SourceFile {
    pub(crate) fn new(kind: SourceKind, size: usize, seed: &mut Seed) -> Self {
        let mut file = Self {
            versions: Vec::new(),
            gone: false,
            kind,
        };
        file.write(size, seed);
        file
    }

    /// Gives the file a new content.
    pub(crate) fn write(&mut self, size: usize, seed: &mut Seed) {
        let bytes = content(seed.number(), size);
        self.push(bytes.into(), seed);
    }

    fn push(&mut self, bytes: Bytes, seed: &mut Seed) {
        let number = i64::try_from(self.versions.len()).expect("a run is short");
        self.versions.push(SourceVersion {
            stat: EntryVersion {
                size_bytes: bytes.len() as u64,
                modified: Timestamp {
                    seconds: 1_000 + number,
                    nanoseconds: 0,
                },
                file_number: seed.within(1..3),
            },
            bytes,
        });
    }

    /// Changes a few bytes, somewhere, and the size.
    pub(crate) fn edit(&mut self, size: usize, seed: &mut Seed) {
        let mut bytes = self.now().bytes.to_vec();
        let fresh = content(seed.number(), size.saturating_sub(bytes.len()));
        bytes.truncate(size);
        bytes.extend(fresh);
        if !bytes.is_empty() {
            let place = seed.below(bytes.len());
            bytes[place] ^= 1;
        }
        self.push(bytes.into(), seed);
    }

    pub(crate) fn remove(&mut self) {
        self.gone = true;
    }

    /// The number of the version it has now.
    pub(crate) fn version(&self) -> usize {
        self.versions.len() - 1
    }

    pub(crate) fn size_bytes(&self) -> u64 {
        self.now().stat.size_bytes
    }

    pub(crate) fn modified(&self) -> Timestamp {
        self.now().stat.modified
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.gone
    }

    /// Whether it ever changed.
    pub(crate) fn has_changed(&self) -> bool {
        self.versions.len() > 1
    }

    /// Whether some version had exactly this content and time.
    pub(crate) fn ever_was(&self, bytes: &[u8], modified: Option<Timestamp>) -> bool {
        (self.versions.iter()).any(|version| {
            version.bytes == bytes
                && (self.kind == SourceKind::Stream || Some(version.stat.modified) == modified)
        })
    }

    /// Ends a read that began when the file had the version `begun`.
    pub(crate) fn read(&self, request: &ReadChunk, begun: usize) -> Reading {
        if self.gone {
            return Reading::Failed(SourceFailure::Vanished);
        }
        let SourceVersion { bytes, stat } = self.now();
        let size = bytes.len();
        let start = size.min(usize::try_from(request.offset).expect("files are small"));
        let end = size.min(start + request.length as usize);
        let data = bytes.slice(start..end);
        let whole = data.len() == request.length as usize;
        match self.kind {
            SourceKind::Stream if !whole => Reading::Ended {
                size_bytes: size as u64,
                rest: (!data.is_empty()).then_some((data, *stat)),
            },
            SourceKind::File if !whole || begun != self.version() => {
                Reading::Changed { version: *stat }
            }
            SourceKind::File | SourceKind::Stream => Reading::Chunk {
                data,
                version: *stat,
            },
        }
    }

    fn now(&self) -> &SourceVersion {
        self.versions.last().expect("a file has a first version")
    }
}
