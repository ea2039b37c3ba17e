use std::ops::Range;

use model::limits::CHUNK_BYTES;
use model::{DisplayName, Entry, EntryKind, Name, RelPath, TransferId};
use testkit::Seed;
use transfer_proto::{Summary, TransferKind, Tuning};

use crate::source::{SourceFile, SourceKind};

/// What one transfer is to bring across.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) transfer: TransferId,
    /// The device that sends.
    pub(crate) from: usize,
    pub(crate) summary: Summary,
    pub(crate) entries: Vec<Entry>,
    /// The sources of `entries`; folders have none.
    pub(crate) sources: Vec<Option<SourceFile>>,
    pages: Vec<Range<usize>>,
    /// Whether the receiving person says yes.
    pub(crate) welcome: bool,
    pub(crate) tuning: Tuning,
}

impl Plan {
    /// Draws a transfer: mostly a few files, sometimes many, sometimes large ones. In a restless world
    /// there are few and large ones, so that they change while they are sent.
    pub(crate) fn draw(number: u8, restless: bool, seed: &mut Seed) -> Self {
        let mut plan = Self {
            transfer: TransferId([number; 16]),
            from: seed.below(2),
            summary: Summary {
                name: DisplayName::new(&format!("transfer {number}")),
                entries: 0,
                files: 0,
                bytes: 0,
                stream: false,
                kind: TransferKind::Files,
            },
            entries: Vec::new(),
            sources: Vec::new(),
            pages: Vec::new(),
            welcome: seed.chance(95),
            tuning: draw_tuning(seed),
        };
        let most = if restless {
            2
        } else {
            *seed.pick(&[3, 12, 40])
        };
        for number in 0..=seed.below(most) {
            let source = if restless {
                Some(draw_large(seed))
            } else {
                draw_source(!plan.summary.stream, seed)
            };
            plan.add_entry(number, source, seed);
        }
        plan.cut_pages(seed);
        plan
    }

    /// How many pages the manifest has.
    pub(crate) fn page_count(&self) -> u32 {
        u32::try_from(self.pages.len()).expect("a plan is small")
    }

    /// The entries of a page.
    pub(crate) fn page(&self, page: u32) -> Vec<Entry> {
        self.entries[self.pages[page as usize].clone()].to_vec()
    }

    /// The source of an entry.
    pub(crate) fn source(&self, entry: u32) -> Option<&SourceFile> {
        self.sources[entry as usize].as_ref()
    }

    fn add_entry(&mut self, number: usize, source: Option<SourceFile>, seed: &mut Seed) {
        let kind = match &source {
            None => EntryKind::Directory,
            Some(file) => match file.kind {
                SourceKind::Stream => EntryKind::Stream,
                SourceKind::File => EntryKind::File {
                    size_bytes: file.size_bytes(),
                    executable: seed.chance(10),
                },
            },
        };
        let entry = Entry {
            path: path(&format!("entry {number}")),
            kind,
            modified: match kind {
                EntryKind::File { .. } => source.as_ref().map(SourceFile::modified),
                EntryKind::Directory | EntryKind::Stream => None,
            },
        };
        self.summary.entries += 1;
        self.summary.files += u64::from(source.is_some());
        self.summary.bytes += entry.size_bytes();
        self.summary.stream |= kind == EntryKind::Stream;
        self.entries.push(entry);
        self.sources.push(source);
    }

    fn cut_pages(&mut self, seed: &mut Seed) {
        let longest = seed.within(1..12);
        let mut start = 0;
        while start < self.entries.len() {
            let length = usize::try_from(seed.within(1..longest + 1)).expect("a page is short");
            let end = self.entries.len().min(start + length);
            self.pages.push(start..end);
            start = end;
        }
    }
}

/// A file of several chunks.
fn draw_large(seed: &mut Seed) -> SourceFile {
    let chunk = usize::try_from(CHUNK_BYTES).expect("a chunk fits memory");
    SourceFile::new(SourceKind::File, chunk + seed.below(3 * chunk), seed)
}

/// A folder, a file, or a stream where there may be one: a transfer has at most one.
fn draw_source(may_stream: bool, seed: &mut Seed) -> Option<SourceFile> {
    let chunk = usize::try_from(CHUNK_BYTES).expect("a chunk fits memory");
    let (kind, size) = match seed.within(0..100) {
        0..10 => return None,
        10..18 => (SourceKind::File, 0),
        18..65 => (SourceKind::File, seed.below(2_000)),
        65..88 => (SourceKind::File, seed.below(200_000)),
        88..91 => (SourceKind::File, chunk),
        97.. if may_stream => (SourceKind::Stream, seed.below(2 * chunk)),
        _ => (SourceKind::File, seed.below(3 * chunk)),
    };
    Some(SourceFile::new(kind, size, seed))
}

/// The usual sizes, or smaller ones that make every bound bite.
fn draw_tuning(seed: &mut Seed) -> Tuning {
    let usual = Tuning::default();
    if seed.chance(50) {
        return usual;
    }
    Tuning {
        window_bytes: seed.within(1..4) * CHUNK_BYTES,
        window_chunks: usize::try_from(seed.within(1..20)).expect("less than 20"),
        read_ahead_bytes: seed.within(1..3) * CHUNK_BYTES,
        queue_bytes: seed.within(1..3) * CHUNK_BYTES,
        ..usual
    }
}

fn path(name: &str) -> RelPath {
    let name = Name::parse(name).expect("a plain name");
    RelPath::new(vec![name]).expect("a short path")
}
