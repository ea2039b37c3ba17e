use std::collections::{BTreeMap, BTreeSet};

use model::{Digest, Timestamp, wire};
use serde::{Deserialize, Serialize};
use sync_proto::{FileState, FolderPath, State};
use vfs::shared_folder::FileStat;

/// What lay on the disk when it was looked at last, so that only what changed is hashed.
#[derive(Debug, Default)]
pub(in crate::folders) struct Seen {
    items: BTreeMap<FolderPath, Item>,
    by_digest: BTreeMap<Digest, BTreeSet<FolderPath>>,
}

/// What lay at one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Directory,
    File {
        stat: FileStat,
        digest: Digest,
        /// It was hashed so soon after its last change that a further one may show the same times.
        is_young: bool,
    },
}

/// A file as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    size_bytes: u64,
    modified: Timestamp,
    changed: Timestamp,
    file_number: u64,
    executable: bool,
    digest: Digest,
}

impl Item {
    pub(super) fn state(&self) -> State {
        match self {
            Self::Directory => State::Directory,
            Self::File { stat, digest, .. } => State::File(FileState {
                size_bytes: stat.size_bytes,
                modified: stat.modified,
                executable: stat.executable,
                digest: *digest,
            }),
        }
    }

    /// What is kept of it; a young file is hashed again after a restart.
    pub(super) fn encode(&self) -> Option<Vec<u8>> {
        let kept = match self {
            Self::Directory => None,
            Self::File { is_young: true, .. } => return None,
            Self::File { stat, digest, .. } => Some(Kept {
                size_bytes: stat.size_bytes,
                modified: stat.modified,
                changed: stat.changed,
                file_number: stat.file_number,
                executable: stat.executable,
                digest: *digest,
            }),
        };
        Some(wire::encode(&kept))
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let kept: Option<Kept> = wire::decode(bytes, bytes.len()).ok()?;
        Some(match kept {
            None => Self::Directory,
            Some(kept) => Self::File {
                stat: FileStat {
                    size_bytes: kept.size_bytes,
                    modified: kept.modified,
                    changed: kept.changed,
                    file_number: kept.file_number,
                    executable: kept.executable,
                },
                digest: kept.digest,
                is_young: false,
            },
        })
    }
}

impl Seen {
    /// Takes what was kept, as far as the index agrees: what it was not told is told again.
    pub(in crate::folders) fn load(
        kept: Vec<(String, Vec<u8>)>,
        on_disk: impl Fn(&FolderPath) -> State,
    ) -> Self {
        let mut seen = Self::default();
        for (path, bytes) in kept {
            let path = FolderPath::parse(&path).ok();
            let (Some(path), Some(item)) = (path, Item::decode(&bytes)) else {
                continue;
            };
            if item.state().is_same(&on_disk(&path)) {
                seen.insert(path, item);
            }
        }
        seen
    }

    pub(super) fn item(&self, path: &FolderPath) -> Option<&Item> {
        self.items.get(path)
    }

    pub(super) fn insert(&mut self, path: FolderPath, item: Item) {
        self.remove(&path);
        if let Item::File { digest, .. } = item {
            self.by_digest
                .entry(digest)
                .or_default()
                .insert(path.clone());
        }
        self.items.insert(path, item);
    }

    pub(super) fn remove(&mut self, path: &FolderPath) -> bool {
        let removed = self.items.remove(path);
        if let Some(Item::File { digest, .. }) = removed
            && let Some(same) = self.by_digest.get_mut(&digest)
        {
            same.remove(path);
            if same.is_empty() {
                self.by_digest.remove(&digest);
            }
        }
        removed.is_some()
    }

    /// Everything at and below `path`, the deepest last.
    pub(super) fn tree(&self, path: &FolderPath) -> Vec<FolderPath> {
        let near = self.items.range::<FolderPath, _>(path..);
        let near = near.take_while(|(it, _)| it.as_str().starts_with(path.as_str()));
        near.filter(|(it, _)| *it == path || it.is_below(path))
            .map(|(it, _)| it.clone())
            .collect()
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &FolderPath> {
        self.items.keys()
    }

    /// Where files of this content lie.
    pub(super) fn holding(&self, file: &Digest) -> impl Iterator<Item = &FolderPath> {
        self.by_digest.get(file).into_iter().flatten()
    }
}
