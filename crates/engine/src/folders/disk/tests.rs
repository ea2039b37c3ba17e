#![expect(
    clippy::disallowed_methods,
    reason = "the test is the person who works in the folder"
)]

use std::fs;
use std::path::PathBuf;

use model::{FolderId, Timestamp};
use store::Home;
use sync_proto::{Deed, FileState, Keep, Outcome, Source, State};
use tempfile::TempDir;

use super::*;

/// The disk of one folder; the test is the machine.
struct Scene {
    disk: Disk,
    root: PathBuf,
    _folder: TempDir,
}

impl Scene {
    fn set() -> Self {
        let folder = TempDir::new().expect("a folder");
        let root = folder.path().join("shared");
        fs::create_dir(&root).expect("a folder");
        let home = Home::open(&folder.path().join("home")).expect("a home");
        let id = FolderId([7; 16]);
        let (books, _, _) = Books::open(&home, id, 1).expect("an index");
        let disk = Disk::new(DiskStart {
            shared: SharedFolder::found(&root, id).expect("a shared folder"),
            root: root.clone(),
            seen: Seen::default(),
            books,
            version_time: Duration::from_secs(1_000_000),
            wanted: Vec::new(),
        });
        Self {
            disk,
            root,
            _folder: folder,
        }
    }

    fn apply(&mut self, task: Task) -> Outcome {
        self.disk.report = DiskReport::default();
        self.disk.apply_all(&mut vec![task]);
        let inputs = self.disk.report.inputs.iter();
        let mut outcomes = inputs.filter_map(|input| {
            if let FolderInput::Applied { outcome, .. } = input {
                Some(*outcome)
            } else {
                None
            }
        });
        outcomes.next().expect("it is answered")
    }

    fn says_nothing_of(&self, path: &FolderPath) -> bool {
        let mut inputs = self.disk.report.inputs.iter();
        inputs.any(|input| matches!(input, FolderInput::Unseen(it) if it == path))
    }
}

fn path(text: &str) -> FolderPath {
    FolderPath::parse(text).expect("a path")
}

fn file(content: &[u8]) -> FileState {
    FileState {
        size_bytes: content.len() as u64,
        modified: Timestamp {
            seconds: 1_777_816_920,
            nanoseconds: 0,
        },
        executable: false,
        digest: Recipe::of(content).digest(),
    }
}

/// What was fetched is to lie at `text`, where nothing is.
fn placing(text: &str, content: &[u8]) -> Task {
    Task {
        path: path(text),
        expected: State::Deleted,
        keep: Keep::Nothing,
        deed: Deed::Place {
            file: file(content),
            source: Source::Staged,
        },
    }
}

#[tokio::test]
async fn what_was_fetched_is_still_there_when_a_change_was_refused() {
    let mut scene = Scene::set();
    scene.disk.store(file(b"ben").digest, 0, 0, b"ben");
    fs::write(scene.root.join("a"), "by a person").expect("a file");
    assert_eq!(scene.apply(placing("a", b"ben")), Outcome::Stale);
    fs::remove_file(scene.root.join("a")).expect("it is there");
    assert_eq!(scene.apply(placing("a", b"ben")), Outcome::Done);
    assert_eq!(fs::read(scene.root.join("a")).expect("a file"), b"ben");
    // Wanted at another path too.
    assert_eq!(scene.apply(placing("b", b"ben")), Outcome::Done);
}

#[tokio::test]
async fn what_was_fetched_and_is_gone_is_told_as_lost() {
    let mut scene = Scene::set();
    scene.disk.store(file(b"ben").digest, 0, 0, b"ben");
    scene
        .disk
        .shared
        .unstage(&file(b"ben").digest)
        .expect("it is there");
    assert_eq!(scene.apply(placing("a", b"ben")), Outcome::Lost);
    assert_eq!(scene.apply(placing("a", b"never")), Outcome::Lost);
    // What a person made of a copy is no copy any more.
    scene.disk.store(file(b"ben").digest, 0, 0, b"ben");
    scene.disk.unstage(&file(b"ben").digest);
    scene.disk.store(file(b"ben").digest, 0, 0, b"ben");
    assert_eq!(scene.apply(placing("a", b"ben")), Outcome::Done);
    fs::write(scene.root.join("a"), "by a person").expect("a file");
    assert_eq!(scene.apply(placing("b", b"ben")), Outcome::Lost);
}

#[tokio::test]
async fn a_look_at_what_is_not_shared_is_answered_too() {
    let mut scene = Scene::set();
    fs::write(scene.root.join(".wherryignore"), "*.log\nbuild/\n").expect("a file");
    fs::create_dir(scene.root.join("build")).expect("a folder");
    fs::write(scene.root.join("build/x"), "x").expect("a file");
    fs::write(scene.root.join("a.log"), "x").expect("a file");
    scene.disk.read_rules();
    for ignored in ["a.log", "build", "build/x"] {
        scene.disk.report = DiskReport::default();
        scene.disk.look_again(&path(ignored));
        assert!(scene.says_nothing_of(&path(ignored)), "{ignored}");
        assert!(scene.disk.owed.is_empty());
    }
}
