//! Folders to send from and to, and the engine's part between them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use model::{Digest, Entry, EntryKind, Name, RelPath, TransferId, chunk_count, chunk_span};
use tempfile::TempDir;
use vfs::sink::{Committed, FinalState, PageHave, Placement, Sink, Staging};
use vfs::source::Source;
use vfs::space::Reserve;

pub(crate) const TRANSFER: TransferId = TransferId([7; 16]);
pub(crate) const HOME: &str = ".wherry-07070707.partial";

/// A folder to send from and one to receive into.
pub(crate) struct Pair {
    _dir: TempDir,
    pub(crate) from: PathBuf,
    pub(crate) to: PathBuf,
}

impl Pair {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        fs::create_dir(&from).unwrap();
        fs::create_dir(&to).unwrap();
        Self {
            _dir: dir,
            from,
            to,
        }
    }

    /// Writes a file below the folder to send from.
    pub(crate) fn put(&self, path: &str, content: &[u8]) -> &Self {
        let path = self.from.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// What is to be sent: everything at the top of the folder.
    pub(crate) fn source(&self) -> Source {
        let tops = fs::read_dir(&self.from).unwrap();
        let tops: Vec<PathBuf> = tops.map(|top| top.unwrap().path()).collect();
        Source::open(&tops).unwrap()
    }

    pub(crate) fn sink(&self) -> Sink {
        Sink::open(&self.to, false)
            .unwrap()
            .with_reserve(Reserve::Bytes(0))
    }

    pub(crate) fn stage(&self) -> Staging {
        self.sink().stage(TRANSFER).unwrap()
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.to.join(HOME)
    }

    /// Asserts that both folders hold the same, and nothing else is left.
    pub(crate) fn assert_same(&self) {
        assert_eq!(snapshot(&self.to), snapshot(&self.from));
    }
}

/// The scan of `source`, in pages of `size` entries.
pub(crate) fn pages(source: &Source, size: usize) -> Vec<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut keep = |entry| {
        entries.push(entry);
        Ok(())
    };
    source
        .scan(&mut keep, &mut |skipped| panic!("{skipped:?}"))
        .unwrap();
    entries.chunks(size).map(<[Entry]>::to_vec).collect()
}

/// Sends whatever `staging` does not have, and finishes every entry; returns how many chunks were sent.
pub(crate) fn fill(source: &mut Source, pages: &[Vec<Entry>], staging: &mut Staging) -> u64 {
    let mut sent = 0;
    for (number, page) in pages.iter().enumerate() {
        let have = staging
            .add_page(u32::try_from(number).unwrap(), page)
            .unwrap();
        for (index, entry) in (have.first_entry..).zip(page) {
            if !have.finished.contains_key(&index) {
                sent += send_missing(source, staging, (index, entry), &have);
                staging.finish_entry(index, &final_state(entry)).unwrap();
            }
        }
    }
    sent
}

pub(crate) fn send_missing(
    source: &mut Source,
    staging: &mut Staging,
    (index, entry): (u32, &Entry),
    have: &PageHave,
) -> u64 {
    let mut sent = 0;
    for chunk in 0..chunk_count(entry.size_bytes()) {
        let had = have.chunks.get(&index);
        if !had.is_some_and(|set| set.contains(chunk)) {
            send_chunk(source, staging, (index, entry), chunk);
            sent += 1;
        }
    }
    sent
}

pub(crate) fn send_chunk(
    source: &mut Source,
    staging: &mut Staging,
    (index, entry): (u32, &Entry),
    chunk: u64,
) {
    let (offset, length) = chunk_span(entry.size_bytes(), chunk).unwrap();
    let file = source.open_entry(&entry.path).unwrap();
    let data = file.read_chunk(offset, length).unwrap();
    assert_eq!(data.before, data.after);
    let digest = hashing::chunk_digest(&data.bytes);
    let chunk = u32::try_from(chunk).unwrap();
    staging
        .write_chunk(index, chunk, offset, &data.bytes, &digest)
        .unwrap();
}

pub(crate) fn final_state(entry: &Entry) -> FinalState {
    let executable = match entry.kind {
        EntryKind::File { executable, .. } => executable,
        EntryKind::Directory | EntryKind::Stream => false,
    };
    FinalState {
        version: 0,
        size_bytes: entry.size_bytes(),
        modified: entry.modified,
        executable,
    }
}

/// Commits and returns what was recorded and what was told.
pub(crate) fn commit(mut staging: Staging) -> (Vec<Placement>, Committed) {
    let mut intents = Vec::new();
    let committed = staging
        .commit(&mut |batch| {
            intents.extend_from_slice(batch);
            Ok(())
        })
        .unwrap();
    (intents, committed)
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn path(text: &str) -> RelPath {
    RelPath::new(text.split('/').map(name).collect()).unwrap()
}

pub(crate) fn file(text: &str, size_bytes: u64) -> Entry {
    Entry {
        path: path(text),
        kind: EntryKind::File {
            size_bytes,
            executable: false,
        },
        modified: None,
    }
}

pub(crate) fn folder(text: &str) -> Entry {
    Entry {
        path: path(text),
        kind: EntryKind::Directory,
        modified: None,
    }
}

/// What a node is, for comparison.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Node {
    content: Option<Digest>,
    mode: u32,
    modified: SystemTime,
}

/// Everything below `root`, by relative path.
pub(crate) fn snapshot(root: &Path) -> BTreeMap<PathBuf, Node> {
    let mut nodes = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let data = fs::symlink_metadata(&path).unwrap();
            assert!(data.is_file() || data.is_dir(), "{path:?}");
            let node = Node {
                content: data
                    .is_file()
                    .then(|| Digest::of(&fs::read(&path).unwrap())),
                mode: mode_of(&data),
                modified: data.modified().unwrap(),
            };
            nodes.insert(path.strip_prefix(root).unwrap().to_path_buf(), node);
            if data.is_dir() {
                folders.push(path);
            }
        }
    }
    nodes
}

/// The rights of a file or folder, where they are bits.
#[cfg(unix)]
pub(crate) fn mode_of(data: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    data.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
pub(crate) fn mode_of(_: &fs::Metadata) -> u32 {
    0
}

/// Gives a file or folder its rights, where they are bits.
#[cfg(unix)]
pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
pub(crate) fn set_mode(_: &Path, _: u32) {}

/// Makes a file or folder that old: so many seconds after 1970.
pub(crate) fn set_age(path: &Path, age: std::time::Duration) {
    let times = fs::FileTimes::new().set_modified(UNIX_EPOCH + age);
    let mut options = fs::File::options();
    options.read(true);
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt as _;
        // FILE_WRITE_ATTRIBUTES, and FILE_FLAG_BACKUP_SEMANTICS without which only files are opened.
        options.access_mode(0x100).custom_flags(0x0200_0000);
    }
    options.open(path).unwrap().set_times(times).unwrap();
}

/// The names at the top of a folder, sorted.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
