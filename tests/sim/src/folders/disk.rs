//! A disk in memory, with the manners of those that fold case or write accents in their own way.

use std::collections::BTreeMap;

use model::Timestamp;
use sync_proto::{FileState, FolderPath, Keep, Outcome, Source, State, Task};

use super::ledger::{Content, Ledger};

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    Directory,
    File {
        content: Content,
        modified: Timestamp,
        executable: bool,
    },
}

/// Which names a disk takes for the same, and how it writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manners {
    /// As they are.
    Exact,
    /// Case does not matter, and is kept.
    Folding,
    /// Case does not matter, and accents are taken apart.
    Decomposing,
}

/// The files of one device. Items are found by what the disk takes for the same.
#[derive(Debug)]
pub(crate) struct Disk {
    pub(crate) manners: Manners,
    items: BTreeMap<String, (FolderPath, Item)>,
    /// What was replaced or deleted by others.
    pub(crate) versions: Vec<Content>,
}

impl Disk {
    pub(crate) fn new(manners: Manners) -> Self {
        Self {
            manners,
            items: BTreeMap::new(),
            versions: Vec::new(),
        }
    }

    fn key(&self, path: &FolderPath) -> String {
        match self.manners {
            Manners::Exact => path.as_str().to_owned(),
            Manners::Folding | Manners::Decomposing => path.collision_key(),
        }
    }

    fn written(&self, path: &FolderPath) -> FolderPath {
        match self.manners {
            Manners::Exact | Manners::Folding => path.clone(),
            Manners::Decomposing => {
                let text = path.as_str().replace('é', "e\u{301}");
                FolderPath::parse(&text).expect("it was a path before")
            }
        }
    }

    /// What lies at `path`, however it is spelled.
    pub(crate) fn item(&self, path: &FolderPath) -> Option<Item> {
        let (_, item) = self.items.get(&self.key(path))?;
        Some(*item)
    }

    /// What a listing shows, folders first.
    pub(crate) fn listing(&self) -> Vec<(FolderPath, Item)> {
        let mut listing: Vec<_> = self.items.values().cloned().collect();
        listing.sort_by(|a, b| a.0.cmp(&b.0));
        listing
    }

    pub(crate) fn put(&mut self, path: &FolderPath, item: Item) {
        let key = self.key(path);
        // A disk that folds keeps the name a file had before.
        let name = match self.items.get(&key) {
            Some((name, _)) => name.clone(),
            None => self.written(path),
        };
        self.items.insert(key, (name, item));
    }

    pub(crate) fn take(&mut self, path: &FolderPath) -> Option<Item> {
        let key = self.key(path);
        self.items.remove(&key).map(|(_, item)| item)
    }

    pub(crate) fn has_children(&self, path: &FolderPath) -> bool {
        let folder = self.key(path) + "/";
        self.items.keys().any(|key| key.starts_with(&folder))
    }

    /// Everything at and below `path`, the deepest first.
    pub(crate) fn tree(&self, path: &FolderPath) -> Vec<FolderPath> {
        let key = self.key(path);
        let folder = format!("{key}/");
        let items = self.items.iter().rev();
        let items = items.filter(|(it, _)| **it == key || it.starts_with(&folder));
        items.map(|(_, (name, _))| name.clone()).collect()
    }

    pub(crate) fn contents(&self) -> impl Iterator<Item = Content> + '_ {
        let files = self.items.values().filter_map(|(_, item)| match item {
            Item::File { content, .. } => Some(*content),
            Item::Directory => None,
        });
        files.chain(self.versions.iter().copied())
    }

    /// What a scan says of `path` as it is spelled.
    pub(crate) fn found(&self, path: &FolderPath, ledger: &Ledger) -> State {
        let named = self.items.get(&self.key(path));
        let is_it = |name: &FolderPath| match self.manners {
            Manners::Exact => true,
            Manners::Folding => name == path,
            Manners::Decomposing => name.composed() == path.composed(),
        };
        match named.filter(|(name, _)| is_it(name)) {
            Some((_, item)) => state_of(*item, ledger),
            None => State::Deleted,
        }
    }

    /// Does a task as a careful driver does: wholly or not at all, and only if nobody changed anything meanwhile.
    pub(crate) fn apply(
        &mut self,
        task: &Task,
        staged: Option<Content>,
        ledger: &Ledger,
    ) -> Outcome {
        let path = &task.path;
        let source = match &task.deed {
            sync_proto::Deed::Place { source, .. } => Some(source),
            sync_proto::Deed::Remove | sync_proto::Deed::MakeDirectory => None,
        };
        if !self.found(path, ledger).is_same(&task.expected) {
            return Outcome::Stale;
        }
        let moved = match source {
            Some(Source::Move(from)) => Some(from),
            Some(Source::Staged | Source::Copy(_) | Source::Here | Source::Version) | None => None,
        };
        let other = self.items.get(&self.key(path)).map(|(name, _)| name);
        let takes = other.is_some_and(|other| self.written(path) != *other);
        if takes
            && task.expected == State::Deleted
            && moved.is_none_or(|it| self.key(it) != self.key(path))
        {
            return Outcome::Unholdable;
        }
        if let Some(folder) = path.parent()
            && self.item(&folder) != Some(Item::Directory)
        {
            return Outcome::Stale;
        }
        if task.expected == State::Directory && self.has_children(path) {
            let stays = task.deed == sync_proto::Deed::MakeDirectory;
            return if stays {
                Outcome::Done
            } else {
                Outcome::NotEmpty
            };
        }
        let Ok(item) = self.item_of(task, staged, ledger) else {
            return Outcome::Stale;
        };
        if let Keep::Copy(copy) = &task.keep
            && self.item(copy).is_some()
        {
            return Outcome::Stale;
        }
        if let Some(from) = moved {
            self.take(from);
        }
        self.clear(task);
        if let Some(item) = item {
            self.put(path, item);
        }
        Outcome::Done
    }

    /// Moves away what lies there, so that nothing is lost.
    fn clear(&mut self, task: &Task) {
        let Some(old) = self.take(&task.path) else {
            return;
        };
        let Item::File { content, .. } = old else {
            return;
        };
        match &task.keep {
            Keep::Copy(copy) => self.put(copy, old),
            Keep::Version => self.versions.push(content),
            Keep::Nothing => {}
        }
    }

    /// What a task places, or an error if its source is not what it was.
    fn item_of(
        &self,
        task: &Task,
        staged: Option<Content>,
        ledger: &Ledger,
    ) -> Result<Option<Item>, ()> {
        let (file, source) = match &task.deed {
            sync_proto::Deed::Remove => return Ok(None),
            sync_proto::Deed::MakeDirectory => return Ok(Some(Item::Directory)),
            sync_proto::Deed::Place { file, source } => (file, source),
        };
        let content = match source {
            Source::Staged => staged,
            Source::Here => self.content_at(&task.path),
            Source::Move(from) | Source::Copy(from) => self.content_at(from),
            Source::Version => ledger.named(&file.digest),
        };
        let content = content.filter(|content| ledger.digest(*content) == file.digest);
        let content = content.ok_or(())?;
        Ok(Some(Item::File {
            content,
            modified: file.modified,
            executable: file.executable,
        }))
    }

    fn content_at(&self, path: &FolderPath) -> Option<Content> {
        match self.item(path)? {
            Item::File { content, .. } => Some(content),
            Item::Directory => None,
        }
    }
}

pub(crate) fn state_of(item: Item, ledger: &Ledger) -> State {
    match item {
        Item::Directory => State::Directory,
        Item::File {
            content,
            modified,
            executable,
        } => State::File(FileState {
            size_bytes: ledger.bytes(content).len() as u64,
            modified,
            executable,
            digest: ledger.digest(content),
        }),
    }
}
