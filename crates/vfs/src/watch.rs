//! Hints that something below a folder changed. They may be late, doubled, or missing: whoever gets one looks itself.

use std::path::Path;

use model::{Name, RelPath};
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{Config, Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::shared_folder::OWN_STORAGE;

/// What may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// Something at this path, or below it. `settled`: whoever wrote it closed or renamed it.
    Path {
        /// Where.
        path: RelPath,
        /// Whether it is probably complete.
        settled: bool,
    },
    /// Anything: hints were lost.
    Everything,
}

/// Why there are no hints, or not of everything. What changes is still found by looking.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The system watches no more folders.
    #[error(
        "the system watches no more folders: changes are found within a minute only; raise fs.inotify.max_user_watches (and max_user_instances), for example: sudo sysctl fs.inotify.max_user_watches=1048576"
    )]
    TooMany,
    /// The system refused.
    #[error(
        "the folder cannot be watched: changes are found within a minute only; the system says: {0}"
    )]
    Refused(String),
}

/// Watches until it is dropped.
#[derive(Debug)]
pub struct Watch {
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Watches everything below `root`; `hear` is called on a thread of its own and must not wait.
    pub fn start(
        root: &Path,
        mut hear: impl FnMut(Hint) + Send + 'static,
    ) -> Result<Self, WatchError> {
        let root = root
            .canonicalize()
            .map_err(|error| WatchError::Refused(error.to_string()))?;
        let below = root.clone();
        let handler = move |event: notify::Result<Event>| match event {
            Ok(event) => hear_event(&below, &event, &mut hear),
            Err(_) => hear(Hint::Everything),
        };
        let mut watcher = RecommendedWatcher::new(handler, Config::default()).map_err(told)?;
        watcher
            .watch(&root, RecursiveMode::Recursive)
            .map_err(told)?;
        Ok(Self { _watcher: watcher })
    }
}

fn hear_event(root: &Path, event: &Event, hear: &mut impl FnMut(Hint)) {
    if event.need_rescan() {
        hear(Hint::Everything);
        return;
    }
    let settled = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Remove(_)
        | EventKind::Modify(ModifyKind::Name(_) | ModifyKind::Metadata(_)) => true,
        EventKind::Access(_) => return,
        EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) | EventKind::Other => false,
    };
    for path in &event.paths {
        match rel_path(root, path) {
            Place::Below(path) => hear(Hint::Path { path, settled }),
            Place::Own => {}
            Place::Unclear => hear(Hint::Everything),
        }
    }
}

enum Place {
    Below(RelPath),
    /// In the own storage, or a name that is never shared.
    Own,
    /// The folder itself.
    Unclear,
}

fn rel_path(root: &Path, path: &Path) -> Place {
    let Ok(below) = path.strip_prefix(root) else {
        return Place::Unclear;
    };
    let mut names = Vec::new();
    for step in below.components() {
        let name = step.as_os_str().to_str().map(Name::parse);
        let Some(Ok(name)) = name else {
            return Place::Own;
        };
        names.push(name);
    }
    match names.first() {
        None => Place::Unclear,
        Some(top) if top.collision_key() == OWN_STORAGE => Place::Own,
        Some(_) => RelPath::new(names).map_or(Place::Own, Place::Below),
    }
}

fn told(error: notify::Error) -> WatchError {
    match error.kind {
        notify::ErrorKind::MaxFilesWatch => WatchError::TooMany,
        notify::ErrorKind::Io(source) if source.raw_os_error() == Some(NO_MORE_INSTANCES) => {
            WatchError::TooMany
        }
        notify::ErrorKind::Generic(_)
        | notify::ErrorKind::Io(_)
        | notify::ErrorKind::PathNotFound
        | notify::ErrorKind::WatchNotFound
        | notify::ErrorKind::InvalidConfig(_) => WatchError::Refused(error.to_string()),
    }
}

/// `EMFILE`: what the system says when this user has too many watchers.
const NO_MORE_INSTANCES: i32 = 24;
