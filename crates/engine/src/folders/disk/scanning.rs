//! What lies there, compared with what was seen last.

use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use api::FolderNote;
use sync_proto::{Chunker, FolderInput, FolderPath, IGNORE_FILE, Recipe, State};
use vfs::shared_folder::{FileStat, Found, TELLS_EXECUTABLE, Visited};

use super::seen::Item;
use super::{Disk, FolderTrouble, rel};
use crate::folders::books::kept_recipe;

/// How hashing a file went.
pub(super) enum Hashed {
    As(FileStat, Recipe),
    /// It changes, or cannot be read now.
    Later,
    /// It may not be read.
    Closed,
    Gone,
}

impl Disk {
    pub(super) fn follow_hints(&mut self) {
        let now = Instant::now();
        if self.hints.take_everything(now) {
            self.look_at_everything();
        }
        for path in self.hints.take(now) {
            self.look(&path, false);
            if matches!(self.seen.item(&path), Some(Item::Directory)) {
                self.look_below(&path);
            }
        }
    }

    /// Looks at everything: what is gone is told first, then what is there.
    pub(super) fn look_at_everything(&mut self) {
        self.hints
            .everything_after(Duration::from_secs(600), Instant::now());
        if !self.shared.is_there(&self.root) {
            self.report.ended = Some(FolderTrouble::Gone);
            return;
        }
        self.look_in(None);
        self.report.has_looked = true;
    }

    fn look_below(&mut self, folder: &FolderPath) {
        self.look_in(Some(folder));
    }

    fn look_in(&mut self, folder: Option<&FolderPath>) {
        let walk = match self.walk(folder) {
            Ok(walk) => walk,
            Err(error) => {
                self.report.ended = Some(error.into());
                return;
            }
        };
        let known: Vec<FolderPath> = match folder {
            Some(folder) => self.seen.tree(folder),
            None => self.seen.paths().cloned().collect(),
        };
        let is_closed = |path: &FolderPath| walk.closed.iter().any(|it| path.is_below(it));
        for path in known.iter().rev() {
            if !walk.there.contains(path) && Some(path) != folder && !is_closed(path) {
                self.look(path, false);
            }
        }
        if folder.is_none() {
            let count = walk.left_out.len();
            match walk.left_out.first().cloned() {
                Some(first) => self.note(FolderNote::LeftOut { count, first }),
                None => self.settle(|note| matches!(note, FolderNote::LeftOut { .. })),
            }
        }
        self.hints.look_at_all(walk.changed, Instant::now());
    }

    fn walk(&mut self, folder: Option<&FolderPath>) -> io::Result<Walk> {
        let mut walk = Walk::default();
        let (seen, rules) = (&self.seen, &self.rules);
        let from = folder.map(rel);
        self.shared.walk(from.as_ref(), &mut |visited| {
            match visited {
                Visited::Folder(path) => {
                    let Ok(path) = FolderPath::try_from(&path) else {
                        return false;
                    };
                    if rules.ignores(&path, true) {
                        return false;
                    }
                    if seen.item(&path) != Some(&Item::Directory) {
                        walk.changed.push(path.clone());
                    }
                    walk.there.insert(path);
                }
                Visited::File(path, stat) => {
                    let Ok(path) = FolderPath::try_from(&path) else {
                        return false;
                    };
                    if rules.ignores(&path, false) {
                        return false;
                    }
                    if !is_as_seen(seen.item(&path), &stat) {
                        walk.changed.push(path.clone());
                    }
                    walk.there.insert(path);
                }
                Visited::Skipped { path, .. } => walk.left_out.push(path),
                Visited::Closed(path) => {
                    walk.left_out.push(path.to_string());
                    walk.closed.extend(FolderPath::try_from(&path).ok());
                }
            }
            true
        })?;
        Ok(walk)
    }

    /// Looks at a path again and tells what is there, changed or not; sooner or later in any case, because the
    /// machine does nothing at this path before it knows.
    pub(super) fn look_again(&mut self, path: &FolderPath) {
        self.owed.insert(path.clone());
        self.look(path, true);
    }

    /// Looks at a path; tells what is there if that is new, or `always`.
    pub(super) fn look(&mut self, path: &FolderPath, always: bool) {
        let always = always || self.owed.contains(path);
        for folder in path.ancestors() {
            match self.shared.look(&rel(&folder)) {
                Ok(Found::Folder) => {
                    if self.rules.ignores(&folder, true) {
                        self.unseen(path);
                        return;
                    }
                    if self.seen.item(&folder) != Some(&Item::Directory) {
                        self.found(&folder, Item::Directory);
                    }
                }
                Ok(Found::Nothing | Found::File(_) | Found::Other) => {
                    if always || self.seen.item(&folder).is_some() {
                        self.look_at_it(&folder, always);
                    }
                    if always {
                        self.gone(path);
                    }
                    return;
                }
                Err(_) => {
                    // Nothing is known of what may not be read.
                    self.unseen(path);
                    return;
                }
            }
        }
        self.look_at_it(path, always);
    }

    fn look_at_it(&mut self, path: &FolderPath, always: bool) {
        let found = match self.shared.look(&rel(path)) {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!(%error, "a path of a folder cannot be looked at");
                self.unseen(path);
                return;
            }
        };
        match found {
            Found::Nothing | Found::Other => {
                if always || self.seen.item(path).is_some() {
                    self.gone(path);
                }
            }
            Found::Folder => {
                if self.rules.ignores(path, true) {
                    self.unseen(path);
                    return;
                }
                if self.seen.item(path) != Some(&Item::Directory) {
                    self.found(path, Item::Directory);
                    // What came with it may have come before anybody watched it.
                    let now = Instant::now();
                    self.hints.look_at(path.clone(), SECOND_LOOK, now);
                } else if always {
                    self.tell_found(path, State::Directory);
                }
            }
            Found::File(stat) => match self.rules.ignores(path, false) {
                true => self.unseen(path),
                false => self.look_at_file(path, &stat, always),
            },
        }
    }

    fn look_at_file(&mut self, path: &FolderPath, stat: &FileStat, always: bool) {
        let before = self.seen.item(path).copied();
        if is_as_seen(before.as_ref(), stat) {
            if let Some(item) = before.filter(|_| always) {
                self.found(path, item);
            }
            return;
        }
        let (stat, recipe) = match self.hash(path) {
            Hashed::As(stat, recipe) => (stat, recipe),
            Hashed::Later => {
                self.hints.look_at(path.clone(), CHANGING, Instant::now());
                return;
            }
            Hashed::Closed => {
                // Whoever opens it is heard of.
                self.unseen(path);
                return;
            }
            Hashed::Gone => {
                if always || before.is_some() {
                    self.gone(path);
                }
                return;
            }
        };
        let digest = recipe.digest();
        self.keep_recipe(digest, recipe);
        let is_young = is_young(&stat);
        if is_young {
            self.hints.look_at(path.clone(), YOUNG, Instant::now());
        }
        let item = Item::File {
            stat: as_told(stat, before.as_ref()),
            digest,
            is_young,
        };
        let is_news = before.is_none_or(|before| !before.state().is_same(&item.state()));
        if is_news || always {
            self.found(path, item);
            if path.as_str() == IGNORE_FILE {
                self.read_rules();
                self.hints.everything_after(Duration::ZERO, Instant::now());
            }
        } else {
            self.note_seen(path, Some(item));
        }
    }

    /// Reads a file and finds its chunks.
    pub(super) fn hash(&self, path: &FolderPath) -> Hashed {
        let hashed = self.try_hash(path);
        match hashed {
            Ok(Some((stat, recipe))) => Hashed::As(stat, recipe),
            Ok(None) => Hashed::Later,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Hashed::Gone,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Hashed::Closed,
            Err(error) => {
                tracing::debug!(%error, "a file of a folder cannot be read now");
                Hashed::Later
            }
        }
    }

    /// `None` if it changes while it is read.
    fn try_hash(&self, path: &FolderPath) -> io::Result<Option<(FileStat, Recipe)>> {
        let file = self.shared.open_file(&rel(path))?;
        let before = file.stat()?;
        let mut chunker = Chunker::new(before.size_bytes);
        let mut offset = 0;
        while offset < before.size_bytes {
            let left = before.size_bytes - offset;
            let length = u32::try_from(left.min(BLOCK)).unwrap_or(u32::MAX);
            let block = file.read(offset, length)?;
            if block.len() < length as usize {
                return Ok(None);
            }
            chunker.push(&block);
            offset += u64::from(length);
        }
        let is_same = file.stat()? == before;
        Ok(is_same.then(|| (before, chunker.finish())))
    }

    /// Notes what is there and tells it.
    fn found(&mut self, path: &FolderPath, item: Item) {
        if item != Item::Directory && self.seen.item(path) == Some(&Item::Directory) {
            for below in self.seen.tree(path) {
                self.note_seen(&below, None);
            }
        }
        self.note_seen(path, Some(item));
        self.tell_found(path, item.state());
    }

    fn tell_found(&mut self, path: &FolderPath, found: State) {
        self.owed.remove(path);
        let path = path.clone();
        self.input(FolderInput::Scanned { path, found });
    }

    /// Nothing can be said of what is there.
    fn unseen(&mut self, path: &FolderPath) {
        if self.owed.remove(path) {
            self.input(FolderInput::Unseen(path.clone()));
        }
    }

    /// Nothing is there, and nothing below.
    fn gone(&mut self, path: &FolderPath) {
        for path in self.seen.tree(path) {
            self.note_seen(&path, None);
        }
        if path.as_str() == IGNORE_FILE {
            self.read_rules();
        }
        self.tell_found(path, State::Deleted);
    }

    pub(super) fn note_seen(&mut self, path: &FolderPath, item: Option<Item>) {
        let kept = item.and_then(|item| item.encode());
        self.report.seen.push((path.as_str().to_owned(), kept));
        match item {
            Some(item) => self.seen.insert(path.clone(), item),
            None => drop(self.seen.remove(path)),
        }
    }

    pub(super) fn keep_recipe(&mut self, digest: model::Digest, recipe: Recipe) {
        if recipe.chunks().len() > 1 {
            self.report.recipes.push((digest, kept_recipe(&recipe)));
            self.remember_recipe(digest, recipe.into());
        }
    }
}

#[derive(Default)]
struct Walk {
    there: BTreeSet<FolderPath>,
    changed: Vec<FolderPath>,
    closed: Vec<FolderPath>,
    left_out: Vec<String>,
}

/// Whether a file needs no second look.
pub(super) fn is_as_seen(seen: Option<&Item>, stat: &FileStat) -> bool {
    match seen {
        Some(Item::File {
            stat: before,
            is_young: false,
            ..
        }) => *before == as_told(*stat, seen),
        Some(Item::File { .. } | Item::Directory) | None => false,
    }
}

/// The file as others are told of it: who may execute it stays as it was where the system does not tell.
pub(super) fn as_told(mut stat: FileStat, before: Option<&Item>) -> FileStat {
    if !TELLS_EXECUTABLE {
        stat.executable = matches!(before, Some(Item::File { stat, .. }) if stat.executable);
    }
    stat
}

/// Whether it changed so shortly ago that a further change may show the same time.
pub(super) fn is_young(stat: &FileStat) -> bool {
    let since = |time: model::Timestamp| {
        let seconds = u64::try_from(time.seconds).unwrap_or(0);
        let time = UNIX_EPOCH + Duration::new(seconds, time.nanoseconds);
        SystemTime::now().duration_since(time).ok()
    };
    let ages = [since(stat.modified), since(stat.changed)];
    ages.iter().any(|age| age.is_none_or(|age| age < COARSE))
}

/// Read at once.
const BLOCK: u64 = 1024 * 1024;
/// Systems note times about this coarsely, and some more so.
pub(super) const COARSE: Duration = Duration::from_millis(30);
/// When a young file is looked at again.
const YOUNG: Duration = Duration::from_millis(60);
/// When a file that changes while it is read is looked at again.
const CHANGING: Duration = Duration::from_millis(200);
/// When a folder that came just now is looked at again.
const SECOND_LOOK: Duration = Duration::from_millis(300);
