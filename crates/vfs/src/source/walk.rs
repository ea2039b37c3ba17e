use std::collections::HashSet;
use std::ffi::OsStr;
use std::hash::{BuildHasher, RandomState};
use std::io;

use model::limits::MANIFEST_ENTRIES;
use model::{DisplayName, Entry, EntryKind, Name, NameError, RelPath};

use super::Root;
use super::listing::Listing;
use crate::failpoint::{self, Point};
use crate::platform::{self, Dir, NodeKind, Stat};
use crate::sink::is_reserved;

/// Why a scan ended early.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// More than [`MANIFEST_ENTRIES`].
    #[error("there are more than {MANIFEST_ENTRIES} files and folders")]
    TooManyEntries,
    /// What the user named is no longer there, or may not be read.
    #[error("{name} cannot be read: {source}")]
    RootGone {
        /// Its name.
        name: DisplayName,
        /// What the system said.
        source: io::Error,
    },
    /// Whoever received the entries gave up.
    #[error("the list of files could not be kept: {0}")]
    Receiver(#[source] io::Error),
}

/// What a scan found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScanTotals {
    /// Files and folders.
    pub entries: u64,
    /// Files.
    pub files: u64,
    /// Their sizes.
    pub bytes: u64,
}

/// Something that is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Where it is, escaped for people to read.
    pub path: String,
    /// Why it is not sent.
    pub reason: SkipReason,
}

/// Why something is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SkipReason {
    /// A symbolic link, wherever it leads.
    #[error("links are not sent")]
    Link,
    /// A device, socket or pipe.
    #[error("devices, sockets and pipes are not sent")]
    Special,
    /// The name is no text.
    #[error("its name is not valid Unicode")]
    NotUnicode,
    /// A receiver would refuse the name.
    #[error("{0}")]
    Unportable(NameError),
    /// Another name in its folder differs only in case or in composed characters.
    #[error("some systems take its name for that of its neighbour")]
    Collision,
    /// Too deep or too long.
    #[error("its path is too deep or too long")]
    PathTooLong,
    /// The user may not read it.
    #[error("it may not be read")]
    Unreadable,
    /// It went away during the scan.
    #[error("it is gone")]
    Vanished,
    /// Where Wherry keeps what it is still receiving.
    #[error("it is a transfer that is not finished")]
    Staging,
}

/// One scan.
pub(super) struct Walk<'a> {
    found: &'a mut dyn FnMut(Entry) -> io::Result<()>,
    skipped: &'a mut dyn FnMut(Skipped),
    totals: ScanTotals,
    hasher: RandomState,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        found: &'a mut dyn FnMut(Entry) -> io::Result<()>,
        skipped: &'a mut dyn FnMut(Skipped),
    ) -> Self {
        Self {
            found,
            skipped,
            totals: ScanTotals::default(),
            hasher: RandomState::new(),
        }
    }

    pub(super) fn run(mut self, roots: &[Root]) -> Result<ScanTotals, ScanError> {
        for root in roots {
            self.root(root)?;
        }
        Ok(self.totals)
    }

    fn root(&mut self, root: &Root) -> Result<(), ScanError> {
        let gone = |source| ScanError::RootGone {
            name: DisplayName::new(root.name.as_str()),
            source,
        };
        let path = RelPath::of_name(root.name.clone());
        let stat = platform::ambient_stat(&root.path).map_err(gone)?;
        match stat.kind {
            NodeKind::File if !platform::may_read_ambient(&root.path) => {
                self.skip(path.to_string(), SkipReason::Unreadable)
            }
            NodeKind::File => self.file(path, &stat),
            NodeKind::Folder => {
                let dir = Dir::open_ambient(&root.path).map_err(gone)?;
                self.folder(&dir, path)
            }
            NodeKind::Link => self.skip(path.to_string(), SkipReason::Link),
            NodeKind::Special => self.skip(path.to_string(), SkipReason::Special),
        }
    }

    fn folder(&mut self, dir: &Dir, path: RelPath) -> Result<(), ScanError> {
        let read = dir
            .own_stat()
            .and_then(|stat| Ok((stat, Listing::read(dir, MANIFEST_ENTRIES)?)));
        let (stat, listing) = match read {
            Ok((stat, Some(listing))) => (stat, listing),
            Ok((_, None)) => return Err(ScanError::TooManyEntries),
            Err(error) => return self.skip(path.to_string(), reason_of(&error)),
        };
        self.find(Entry {
            path: path.clone(),
            kind: EntryKind::Directory,
            modified: Some(stat.modified),
        })?;
        let mut keys = HashSet::new();
        for text in listing.names() {
            match self.judge(text, &mut keys) {
                Ok(name) => self.child(dir, &path, name)?,
                Err(reason) => {
                    let shown = text.map_or_else(String::from_utf8_lossy, Into::into);
                    self.skip(format!("{path}/{}", DisplayName::new(&shown)), reason)?;
                }
            }
        }
        Ok(())
    }

    fn judge(
        &self,
        text: Result<&str, &[u8]>,
        keys: &mut HashSet<u64>,
    ) -> Result<Name, SkipReason> {
        let text = text.map_err(|_| SkipReason::NotUnicode)?;
        let name = Name::parse(text).map_err(SkipReason::Unportable)?;
        if is_reserved(&name) {
            return Err(SkipReason::Staging);
        }
        if !keys.insert(self.hasher.hash_one(name.collision_key())) {
            return Err(SkipReason::Collision);
        }
        Ok(name)
    }

    fn child(&mut self, dir: &Dir, parent: &RelPath, name: Name) -> Result<(), ScanError> {
        let shown = format!("{parent}/{}", DisplayName::new(name.as_str()));
        let Ok(path) = parent.join(name) else {
            return self.skip(shown, SkipReason::PathTooLong);
        };
        let text = path.file_name().as_str();
        let stat = match dir.stat(OsStr::new(text)) {
            Ok(stat) => stat,
            Err(error) => return self.skip(shown, reason_of(&error)),
        };
        match stat.kind {
            NodeKind::File if !dir.may_read(text) => self.skip(shown, SkipReason::Unreadable),
            NodeKind::File => self.file(path, &stat),
            NodeKind::Folder => match dir.open_dir(text) {
                Ok(below) => self.folder(&below, path),
                Err(error) => self.skip(shown, reason_of(&error)),
            },
            NodeKind::Link => self.skip(shown, SkipReason::Link),
            NodeKind::Special => self.skip(shown, SkipReason::Special),
        }
    }

    fn file(&mut self, path: RelPath, stat: &Stat) -> Result<(), ScanError> {
        self.totals.files += 1;
        self.totals.bytes = self.totals.bytes.saturating_add(stat.size_bytes);
        self.find(Entry {
            path,
            kind: EntryKind::File {
                size_bytes: stat.size_bytes,
                executable: stat.executable,
            },
            modified: Some(stat.modified),
        })
    }

    fn find(&mut self, entry: Entry) -> Result<(), ScanError> {
        failpoint::pass(Point::Scan);
        if self.totals.entries >= MANIFEST_ENTRIES {
            return Err(ScanError::TooManyEntries);
        }
        self.totals.entries += 1;
        (self.found)(entry).map_err(ScanError::Receiver)
    }

    fn skip(&mut self, path: String, reason: SkipReason) -> Result<(), ScanError> {
        (self.skipped)(Skipped { path, reason });
        Ok(())
    }
}

fn reason_of(error: &io::Error) -> SkipReason {
    if platform::is_link_refusal(error) {
        return SkipReason::Link;
    }
    let kind = error.kind();
    if kind == io::ErrorKind::NotFound || kind == io::ErrorKind::NotADirectory {
        return SkipReason::Vanished;
    }
    SkipReason::Unreadable
}
