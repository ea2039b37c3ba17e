//! The list of what a transfer holds, in pages on disk.
//!
//! A file of frames, one per page: `length u32 ‖ entries u32 ‖ checksum [32] ‖ payload`, numbers big-endian.
//! The payload is the wire form of `Vec<Entry>`, the checksum SHA-256 over page number, both numbers and
//! payload. A frame of length 0 says that the list is whole. A torn frame at the end, left by a crash, is
//! cut off when the file is opened. Memory follows the number of pages, not of entries.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use model::limits::{MANIFEST_ENTRIES, MANIFEST_PAGE_BYTES, MANIFEST_PAGE_ENTRIES};
use model::{Digest, Entry, EntryKind, wire};

use crate::platform::{self, read_chunk, write_at};

/// Why a manifest could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// More than [`MANIFEST_ENTRIES`].
    #[error("there are more than {MANIFEST_ENTRIES} entries")]
    TooManyEntries,
    /// A page beyond [`MANIFEST_PAGE_BYTES`].
    #[error("a page of the list is too long")]
    PageTooLong,
    /// A page without entries.
    #[error("a page of the list is empty")]
    EmptyPage,
    /// The list is whole already.
    #[error("the list is complete already")]
    Sealed,
    /// A page past the last.
    #[error("there is no such page")]
    NoSuchPage,
    /// A page that was whole when the file was opened is not any more.
    #[error("the stored list is damaged")]
    Damaged,
    /// The file is something else.
    #[error("the file is no list of entries")]
    NotAManifest,
    /// The disk is full; what was written before is intact.
    #[error("the disk is full")]
    NoSpace,
    /// The file system refused.
    #[error("the stored list could not be accessed: {0}")]
    Io(#[source] io::Error),
}

impl From<io::Error> for ManifestError {
    fn from(error: io::Error) -> Self {
        if platform::is_out_of_space(&error) {
            Self::NoSpace
        } else {
            Self::Io(error)
        }
    }
}

/// A manifest in a file.
#[derive(Debug)]
pub struct ManifestFile {
    file: File,
    pages: Vec<PageAt>,
    end: u64,
    totals: Totals,
    sealed: bool,
    pending: Pending,
}

impl ManifestFile {
    /// Makes a new one; fails if `path` exists. Only its owner may read it.
    pub fn create(path: &Path) -> Result<Self, ManifestError> {
        let mut options = File::options();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Self::start(options.open(path)?)
    }

    /// Opens one that exists and cuts off what a crash left torn.
    pub fn open(path: &Path) -> Result<Self, ManifestError> {
        Self::load(File::options().read(true).write(true).open(path)?)
    }

    /// Removes one, if it exists.
    pub fn remove(path: &Path) -> Result<(), ManifestError> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Reads one entry by its index in the whole list.
    pub fn entry(&self, index: u32) -> Result<Entry, ManifestError> {
        let pages = (0..self.pages()).rev();
        let firsts = pages.filter_map(|page| Some((page, self.first_entry(page)?)));
        let mut candidates = firsts.filter(|&(_, first)| first <= index);
        let (page, first) = candidates.next().ok_or(ManifestError::NoSuchPage)?;
        let place = usize::try_from(index - first).map_err(|_| ManifestError::NoSuchPage)?;
        let entry = self.page(page)?.into_iter().nth(place);
        entry.ok_or(ManifestError::NoSuchPage)
    }

    /// Adds one entry; a page is written whenever it is full.
    pub fn push(&mut self, entry: Entry) -> Result<(), ManifestError> {
        let bytes = wire::encode(&entry).len();
        let full = self.pending.entries.len() >= MANIFEST_PAGE_ENTRIES;
        if full || self.pending.bytes + bytes > MANIFEST_PAGE_BYTES - COUNT_BYTES {
            self.write_pending()?;
        }
        if self.entries() + self.pending.entries.len() as u64 >= MANIFEST_ENTRIES {
            return Err(ManifestError::TooManyEntries);
        }
        self.pending.bytes += bytes;
        self.pending.entries.push(entry);
        Ok(())
    }

    /// Writes what [`ManifestFile::push`] still held and marks the list as whole.
    pub fn seal(&mut self) -> Result<(), ManifestError> {
        self.write_pending()?;
        if !self.sealed {
            write_at(&self.file, &self.frame(&[], 0), self.end)?;
            self.sealed = true;
        }
        Ok(())
    }

    /// Whether the list is whole: false after a crash in the middle of it.
    pub fn is_sealed(&self) -> bool {
        self.sealed
    }

    /// Adds a given page and returns its number.
    pub fn append(&mut self, page: &[Entry]) -> Result<u32, ManifestError> {
        if self.sealed {
            return Err(ManifestError::Sealed);
        }
        if page.is_empty() {
            return Err(ManifestError::EmptyPage);
        }
        if self.entries() + page.len() as u64 > MANIFEST_ENTRIES {
            return Err(ManifestError::TooManyEntries);
        }
        let payload = wire::encode(&page);
        if payload.len() > MANIFEST_PAGE_BYTES {
            return Err(ManifestError::PageTooLong);
        }
        let frame = self.frame(&payload, short(page.len()));
        write_at(&self.file, &frame, self.end)?;
        self.admit(page, frame.len() as u64);
        Ok(self.pages() - 1)
    }

    /// Reads page `page`.
    pub fn page(&self, page: u32) -> Result<Vec<Entry>, ManifestError> {
        let index = usize::try_from(page).map_err(|_| ManifestError::NoSuchPage)?;
        let at = self.pages.get(index).ok_or(ManifestError::NoSuchPage)?;
        match read_frame(&self.file, at.offset, page)? {
            Some(Frame::Page { entries, .. }) => Ok(entries),
            Some(Frame::End) | None => Err(ManifestError::Damaged),
        }
    }

    /// Reads the entries in `range` by their index in the whole list; those that are not written are missing.
    pub fn entries_in(&self, range: &Range<u32>) -> Result<Vec<Entry>, ManifestError> {
        let before = self
            .pages
            .partition_point(|at| at.first_entry <= range.start);
        let mut entries = Vec::new();
        for page in short(before.saturating_sub(1))..self.pages() {
            let Some(first) = self.first_entry(page).filter(|&it| it < range.end) else {
                break;
            };
            let found = (first..).zip(self.page(page)?);
            entries.extend(
                found
                    .filter(|(index, _)| range.contains(index))
                    .map(|(_, entry)| entry),
            );
        }
        Ok(entries)
    }

    /// How many pages are written.
    pub fn pages(&self) -> u32 {
        short(self.pages.len())
    }

    /// How many entries the written pages hold.
    pub fn entries(&self) -> u64 {
        self.totals.entries
    }

    /// How many of them are files or streams.
    pub fn files(&self) -> u64 {
        self.totals.files
    }

    /// The bytes they announce.
    pub fn bytes(&self) -> u64 {
        self.totals.bytes
    }

    /// The index of the first entry of `page`.
    pub fn first_entry(&self, page: u32) -> Option<u32> {
        let index = usize::try_from(page).ok()?;
        self.pages.get(index).map(|at| at.first_entry)
    }

    /// Starts a list in an empty file.
    pub(crate) fn start(file: File) -> Result<Self, ManifestError> {
        write_at(&file, MAGIC, 0)?;
        Ok(Self {
            file,
            pages: Vec::new(),
            end: MAGIC.len() as u64,
            totals: Totals::default(),
            sealed: false,
            pending: Pending::default(),
        })
    }

    /// Goes on with the list in a file that holds one.
    pub(crate) fn load(file: File) -> Result<Self, ManifestError> {
        let head = read_chunk(&file, 0, short(MAGIC.len()))?;
        if head != MAGIC {
            return Err(ManifestError::NotAManifest);
        }
        let mut manifest = Self {
            file,
            pages: Vec::new(),
            end: MAGIC.len() as u64,
            totals: Totals::default(),
            sealed: false,
            pending: Pending::default(),
        };
        while let Some(frame) = read_frame(&manifest.file, manifest.end, manifest.pages())? {
            match frame {
                Frame::Page { entries, bytes } => manifest.admit(&entries, bytes),
                Frame::End => {
                    manifest.sealed = true;
                    break;
                }
            }
        }
        let end = manifest.end
            + if manifest.sealed {
                HEAD_BYTES as u64
            } else {
                0
            };
        manifest.file.set_len(end)?;
        Ok(manifest)
    }

    /// Puts everything on the disk.
    pub(crate) fn sync(&self) -> Result<(), ManifestError> {
        Ok(self.file.sync_data()?)
    }

    fn write_pending(&mut self) -> Result<(), ManifestError> {
        if self.pending.entries.is_empty() {
            return Ok(());
        }
        let pending = std::mem::take(&mut self.pending);
        match self.append(&pending.entries) {
            Ok(_) => Ok(()),
            Err(error) => {
                self.pending = pending;
                Err(error)
            }
        }
    }

    fn frame(&self, payload: &[u8], entries: u32) -> Vec<u8> {
        let mut frame = Vec::with_capacity(HEAD_BYTES + payload.len());
        frame.extend(short(payload.len()).to_be_bytes());
        frame.extend(entries.to_be_bytes());
        frame.extend(checksum(self.pages(), entries, payload).0);
        frame.extend(payload);
        frame
    }

    fn admit(&mut self, page: &[Entry], frame_bytes: u64) {
        self.pages.push(PageAt {
            offset: self.end,
            first_entry: u32::try_from(self.totals.entries)
                .expect("a manifest has at most a million entries"),
        });
        self.end += frame_bytes;
        self.totals.entries += page.len() as u64;
        for entry in page {
            match entry.kind {
                EntryKind::Directory => {}
                EntryKind::File { .. } | EntryKind::Stream => self.totals.files += 1,
            }
            self.totals.bytes = self.totals.bytes.saturating_add(entry.size_bytes());
        }
    }
}

#[derive(Debug)]
struct PageAt {
    offset: u64,
    first_entry: u32,
}

#[derive(Debug, Default)]
struct Totals {
    entries: u64,
    files: u64,
    bytes: u64,
}

#[derive(Debug, Default)]
struct Pending {
    entries: Vec<Entry>,
    bytes: usize,
}

enum Frame {
    Page { entries: Vec<Entry>, bytes: u64 },
    End,
}

/// Reads the frame at `offset`, or `None` if it is not whole and true.
fn read_frame(file: &File, offset: u64, page: u32) -> Result<Option<Frame>, ManifestError> {
    let head = read_chunk(file, offset, short(HEAD_BYTES))?;
    let Some((numbers, expected)) = head.split_at_checked(8) else {
        return Ok(None);
    };
    let (length, entries) = numbers.split_at(4);
    let (length, entries) = (number(length), number(entries));
    if expected.len() != 32 || length > short(MANIFEST_PAGE_BYTES) {
        return Ok(None);
    }
    let payload = read_chunk(file, offset + HEAD_BYTES as u64, length)?;
    if checksum(page, entries, &payload).0 != expected || short(payload.len()) != length {
        return Ok(None);
    }
    if length == 0 {
        return Ok(Some(Frame::End));
    }
    let bytes = (HEAD_BYTES + payload.len()) as u64;
    let page = wire::decode::<Vec<Entry>>(&payload, MANIFEST_PAGE_BYTES).ok();
    Ok(page
        .filter(|list| short(list.len()) == entries)
        .map(|entries| Frame::Page { entries, bytes }))
}

fn checksum(page: u32, entries: u32, payload: &[u8]) -> Digest {
    Digest::of_parts(&[&page.to_be_bytes(), &entries.to_be_bytes(), payload])
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |sum, &byte| sum << 8 | u32::from(byte))
}

fn short(length: usize) -> u32 {
    u32::try_from(length).expect("pages, entries and their bytes are bounded far below 2^32")
}

const MAGIC: &[u8] = b"wherry manifest 1\n";
const HEAD_BYTES: usize = 4 + 4 + 32;
/// What the number of entries takes at most at the start of a page's payload.
const COUNT_BYTES: usize = 5;

#[cfg(test)]
#[cfg(unix)]
mod tests;
